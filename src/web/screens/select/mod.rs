//! *Udvælgelse*: many candidates are answered at once; what comes of it, and each mail, is read before it is done.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::runner::desk::{Chosen, DeskError, Foreseen, Foretold, InputKind, Selection, Wrong};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;
use crate::web::words;

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/hold/{id}/udvaelgelse",
    may: Some(May::Act),
    answers: || get(show).post(act),
}];

/// Those who wait for an answer.
#[derive(Template)]
#[template(path = "select/page.html")]
struct Select<'a> {
    page: &'a Page,
    all: Selection,
    wrong: Option<String>,
    /// What was chosen already.
    given: &'a Form,
}

impl Select<'_> {
    /// Whether an answer was chosen for a candidate; no answer is chosen as long as nothing was said.
    fn is_chosen(&self, id: &str, event: &str) -> bool {
        self.given.get(&format!("svar.{id}")) == event
    }
}

/// What would come of it.
#[derive(Template)]
#[template(path = "select/look.html")]
struct Look<'a> {
    page: &'a Page,
    seen: Foreseen,
    state: &'a str,
    chosen: &'a [Chosen],
}

impl Look<'_> {
    /// Answers that can be given.
    fn possible(&self) -> usize {
        let answers = self.seen.answers.iter();
        answers.filter(|one| one.wrongs.is_empty()).count()
    }
}

async fn show(caller: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let asked = Form::query(&uri);
    asking(&caller, &id, &asked, None).await
}

/// The page with what was chosen so far.
async fn asking(caller: &Caller, id: &str, given: &Form, wrong: Option<String>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let mut all = match desk.selection(id, given.given("i"), visitor).await {
        Ok(all) => all,
        Err(error) => return page.refused(&error),
    };
    for one in &mut all.candidates {
        for field in &mut one.fields {
            let name = format!("set.{}.{}", one.id, field.name);
            if given.has(&name) {
                given.get(&name).clone_into(&mut field.known);
            }
        }
    }
    let status = if wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let shown = Select {
        page,
        all,
        wrong,
        given,
    };
    page.show_as(status, &shown)
}

async fn act(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let chosen = chosen(&form);
    let Caller {
        page,
        desk,
        visitor,
    } = &caller;
    match form.get("trin") {
        "ret" => asking(&caller, &id, &form, None).await,
        "udfoer" => {
            let done = desk.answer_all(&id, &chosen, visitor).await;
            let done = done.and_then(|all| told(page, &all));
            page.back(&format!("/hold/{id}/udvaelgelse"), &done, Clone::clone)
        }
        _ => match desk.foresee(&id, &chosen, visitor).await {
            Ok(seen) => page.show(&Look {
                page,
                seen,
                state: form.get("i"),
                chosen: &chosen,
            }),
            Err(error @ DeskError::Wrong(_)) if chosen.is_empty() => {
                asking(&caller, &id, &form, Some(words::plain(&error))).await
            }
            Err(error) => page.refused(&error),
        },
    }
}

/// The candidates for whom an answer was chosen, each with what it asks for.
fn chosen(form: &Form) -> Vec<Chosen> {
    let answered = form.below("svar.");
    answered
        .map(|(of, event)| Chosen {
            of: of.to_owned(),
            event: event.to_owned(),
            set: (form.below(&format!("set.{of}.")))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            seq: form.get(&format!("set-{of}")).parse().unwrap_or_default(),
        })
        .collect()
}

/// How many have been answered, and by name who has not and why.
fn told(page: &Page, all: &[Foretold]) -> Result<String, DeskError> {
    let done = all.iter().filter(|one| one.wrongs.is_empty()).count();
    let words = match (done, page.is_english) {
        (1, false) => "1 kandidat har fået svar.".to_owned(),
        (done, false) => format!("{done} kandidater har fået svar."),
        (1, true) => "1 candidate has been answered.".to_owned(),
        (done, true) => format!("{done} candidates have been answered."),
    };
    let refused = all.iter().flat_map(|one| {
        let wrongs = one.wrongs.iter().cloned();
        wrongs.map(|wrong| wrong.about(&one.name))
    });
    let refused: Vec<Wrong> = refused.collect();
    if refused.is_empty() {
        return Ok(words);
    }
    Err(DeskError::Wrong(
        [vec![Wrong::new(words)], refused].concat(),
    ))
}
