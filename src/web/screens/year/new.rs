//! A new hold: as an old one was, or of a workflow; with what it would get in the way of, before it is made.

use askama::Template;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use jiff::civil::Date;

use super::super::fields;
use crate::runner::desk::{
    CohortAsked, CohortLike, CohortLine, CohortNew, CohortProposed, DateAsked, Desk, DeskError,
    Field, InputKind, RoleAsked, WorkflowLine,
};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// What is to be chosen first.
#[derive(Template)]
#[template(path = "year/from.html")]
struct From<'a> {
    page: &'a Page,
    holds: Vec<CohortLine>,
    /// The old hold that is meant.
    like: String,
    workflows: Vec<WorkflowLine>,
    wrongs: Vec<String>,
}

/// The new hold.
#[derive(Template)]
#[template(path = "year/new.html")]
struct New<'a> {
    page: &'a Page,
    asked: CohortAsked,
    /// The id and title of the old hold.
    like: Option<(String, String)>,
    title: String,
    dates: Vec<(DateAsked, String)>,
    roles: Vec<(RoleAsked, String)>,
    facts: Vec<Field>,
    /// What came of taking it from an old one.
    taken: Vec<String>,
    proposed: Option<CohortProposed>,
    wrongs: Vec<String>,
}

impl New<'_> {
    /// As a person would have typed it.
    fn typed(&self) -> CohortNew {
        let given = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
            let given = pairs.filter(|(_, value)| !value.is_empty());
            given
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        let dates = self
            .dates
            .iter()
            .map(|(date, value)| (&*date.name, &**value));
        let roles = self
            .roles
            .iter()
            .map(|(role, value)| (&*role.name, &**value));
        let facts = self.facts.iter().map(|fact| (&*fact.name, &*fact.known));
        CohortNew {
            title: self.title.clone(),
            dates: given(&mut { dates }),
            roles: given(&mut { roles }),
            set: given(&mut { facts }),
            id: None,
        }
    }

    /// What a field is called that an option of a command stands for.
    fn title_of(&self, name: &str) -> Option<String> {
        let dates = self.dates.iter().map(|(date, _)| (&date.name, &date.title));
        let roles = self.roles.iter().map(|(role, _)| (&role.name, &role.title));
        let facts = self.facts.iter().map(|fact| (&fact.name, &fact.title));
        let mut all = dates.chain(roles).chain(facts);
        let found = all.find(|(known, _)| *known == name);
        match name {
            "title" => Some("Titel".to_owned()),
            _ => found.map(|(_, title)| title.clone()),
        }
    }

    /// What is wrong, in the words of this page.
    fn say(&mut self, error: &DeskError) {
        self.wrongs = words::of_error(error, &|name| self.title_of(name));
    }
}

pub(super) async fn open(Caller { page, desk, .. }: Caller, uri: Uri) -> Response {
    let query = Form::query(&uri);
    let (like, workflow) = (query.given("som"), query.given("forloeb"));
    let begun = match (like, query.given("start"), workflow) {
        (Some(like), Some(start), _) => match start.parse() {
            Ok(start) => as_old(&page, &desk, like, start, query.given("titel")).await,
            Err(_) => {
                Err(crate::runner::desk::Wrong::new(format!("»{start}« er ikke en dag.")).into())
            }
        },
        (None, _, Some(workflow)) => empty(&page, &desk, workflow).await,
        (like, ..) => return choose(&page, &desk, like.unwrap_or_default(), Vec::new()).await,
    };
    match (begun, like) {
        (Ok(new), _) => page.show(&new),
        (Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. })), Some(like)) => {
            let wrongs = words::of_error(&error, &|_| Some("Første dag".to_owned()));
            choose(&page, &desk, like, wrongs).await
        }
        (Err(error), _) => page.refused(&error),
    }
}

pub(super) async fn act(Caller { page, desk, .. }: Caller, body: Bytes) -> Response {
    let form = Form::read(&body);
    let mut new = match empty(&page, &desk, form.get("forloeb")).await {
        Ok(new) => new,
        Err(error) => return page.refused(&error),
    };
    fill(&mut new, &form);
    let typed = new.typed();
    let proposed = match desk.propose_cohort(&new.asked.workflow, &typed).await {
        Ok(proposed) => proposed,
        Err(DeskError::Run(error)) => return page.refused(&DeskError::Run(error)),
        Err(error) => {
            new.say(&error);
            return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &new);
        }
    };
    let has_seen = proposed.clashes.is_empty() || proposed.seen == form.get("seen");
    new.proposed = Some(proposed);
    if form.get("do") != "create" {
        return page.show(&new);
    }
    if !has_seen {
        new.wrongs = vec![
            page.say(
                "Der er sammenstød, som du ikke har set. Se dem nederst, og opret så holdet.",
                "There are clashes that you have not seen. Look at them below, then create it.",
            )
            .to_owned(),
        ];
        return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &new);
    }
    let created = match desk.version_to_follow(&new.asked.workflow).await {
        Ok(version) => desk.create_cohort(version, &typed).await,
        Err(error) => Err(error),
    };
    match &created {
        Ok(hold) => page.back(&format!("/hold/{}", hold.id), &created, |hold| {
            format!("Holdet »{}« er oprettet.", hold.title)
        }),
        Err(error) => page.refused(error),
    }
}

async fn choose(page: &Page, desk: &Desk, like: &str, wrongs: Vec<String>) -> Response {
    let status = if wrongs.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let there = async { Ok::<_, DeskError>((desk.cohorts().await?, desk.workflows().await?)) };
    match there.await {
        Ok((mut holds, workflows)) => {
            holds.reverse();
            let from = From {
                page,
                holds,
                like: like.to_owned(),
                workflows,
                wrongs,
            };
            page.show_as(status, &from)
        }
        Err(error) => page.refused(&error),
    }
}

/// A hold of a workflow of which nothing is given yet.
async fn empty<'p>(page: &'p Page, desk: &Desk, workflow: &str) -> Result<New<'p>, DeskError> {
    let asked = desk.cohort_asked(workflow).await?;
    let dates = asked.dates.iter().cloned();
    let roles = asked.roles.iter().cloned();
    Ok(New {
        page,
        like: None,
        title: String::new(),
        dates: dates.map(|date| (date, String::new())).collect(),
        roles: roles.map(|role| (role.clone(), role.known)).collect(),
        facts: asked.facts.clone(),
        taken: Vec::new(),
        proposed: None,
        wrongs: Vec::new(),
        asked,
    })
}

/// A hold as an old one was, on other days.
async fn as_old<'p>(
    page: &'p Page,
    desk: &Desk,
    like: &str,
    start: Date,
    title: Option<&str>,
) -> Result<New<'p>, DeskError> {
    let like = desk.cohort_like(like, start, title).await?;
    let mut new = empty(page, desk, &like.workflow).await?;
    let CohortLike {
        of,
        of_title,
        title,
        dates,
        roles,
        facts,
        notes,
        clashes,
        ..
    } = like;
    for (date, value) in &mut new.dates {
        let found = dates.iter().find(|one| one.name == date.name);
        *value = found.map_or_else(String::new, |one| one.date.to_string());
    }
    for (role, value) in &mut new.roles {
        if let Some(one) = roles.iter().find(|one| one.name == role.name) {
            let emails: Vec<&str> = one.people.iter().map(|(_, email)| &**email).collect();
            *value = emails.join(", ");
        }
    }
    for fact in &mut new.facts {
        let found = facts.iter().find(|one| one.name == fact.name);
        fact.known = found.map_or_else(String::new, |one| as_given(fact, &one.value));
    }
    let moved = dates.iter().filter_map(|one| {
        let why = one.moved.as_ref()?;
        Some(format!("{}: {why}.", one.title))
    });
    new.taken = moved.collect();
    (new.title, new.like) = (title, Some((of, of_title)));
    new.proposed = Some(CohortProposed::new(notes, clashes));
    Ok(new)
}

/// A value as its field gives it: of a choice, the key.
fn as_given(field: &Field, value: &str) -> String {
    let is = |(key, title): &&(String, String)| title == value || key == value;
    let choice = field.choices.iter().find(is);
    choice.map_or_else(|| value.to_owned(), |(key, _)| key.clone())
}

/// What was given in the form.
fn fill(new: &mut New<'_>, form: &Form) {
    form.get("title").clone_into(&mut new.title);
    for (date, value) in &mut new.dates {
        form.get(&format!("date.{}", date.name)).clone_into(value);
    }
    for (role, value) in &mut new.roles {
        form.get(&format!("role.{}", role.name)).clone_into(value);
    }
    for fact in &mut new.facts {
        form.get(&format!("set.{}", fact.name))
            .clone_into(&mut fact.known);
    }
    if let Some(like) = form.given("som") {
        new.like = Some((like.to_owned(), form.get("som_titel").to_owned()));
    }
}
