//! Somebody is erased because they or somebody for them wants it: first what it comes to, then it is done. Their cases go
//! as time would have taken them; what they counted for stays.

use serde::Serialize;

use super::super::{Desk, DeskError, Wrong};
use super::named;
use crate::engine::frame::Frame;
use crate::engine::input::Input;
use crate::engine::plan::{Keeps, keeps};
use crate::engine::subject::Kind;
use crate::runner::advance::operator;
use crate::runner::context::Context;
use crate::store::{Erased, PersonErase, PersonRow};

/// What is to be erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EraseAsked {
    /// Also cases that are under way, which end with it.
    pub running: bool,
    /// Do it; else only say what it comes to.
    pub apply: bool,
}

/// What an erasure comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasePlan {
    /// Whom it is about.
    pub name: String,
    /// Cases whose words go.
    pub cases: usize,
    /// Of these, those that are under way, and end with it.
    pub running: usize,
    /// What goes, by what it is, in Danish, with how many there are.
    pub goes: Vec<(&'static str, usize)>,
    /// Events of the history, which stay, without anybody's name.
    pub events: usize,
    /// Mails that left by a mail server, and are out of reach.
    pub sent: usize,
    /// What is in the way, and what to do about it.
    pub hindrances: Vec<Wrong>,
    /// It has been done.
    pub done: bool,
}

/// What is counted: the word for it, its table, and a column that is not empty in a row that counts.
const COUNTED: [(&str, &str, &str); 6] = [
    ("tekster", "texts", "name"),
    ("notater", "notes", "id"),
    ("filer", "documents", "id"),
    ("mails", "outbox", "told"),
    ("modtagne mails", "received", "text"),
    ("oplysninger fra lister", "import_cases", "was"),
];

impl Desk {
    /// Says what erasing somebody comes to, and does it if that is asked for and nothing is in the way.
    pub async fn erase_person(
        &self,
        typed: &str,
        asked: EraseAsked,
        by: &str,
    ) -> Result<ErasePlan, DeskError> {
        let person = self.person(typed).await?;
        let rows = self.runner().store().cases_of_person(person.id).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut contexts = self.runner().contexts(&ids).await?;
        contexts.retain(|context| !context.subject.anonymised);
        let mut plan = self.counted(&person, &contexts).await?;
        if person.erased.is_some() && contexts.is_empty() {
            plan.hindrances
                .push(Wrong::new("Personen er allerede slettet."));
            return Ok(plan);
        }
        plan.hindrances = self.hindrances(&person, &contexts, asked).await?;
        if !asked.apply || !plan.hindrances.is_empty() {
            return Ok(plan);
        }
        for context in &contexts {
            self.forget(context, asked.running, by).await?;
        }
        let erase = PersonErase {
            person_id: person.id,
            by: by.to_owned(),
            at: self.runner().now().as_microsecond(),
        };
        match self.runner().store().erase_person(erase).await? {
            Erased::Done => plan.done = true,
            // Somebody has done something meanwhile: it is read and told anew.
            Erased::Kept | Erased::HasCases => return Err(DeskError::MovedOn),
        }
        Ok(plan)
    }

    /// Erases a case.
    async fn forget(&self, context: &Context, running: bool, by: &str) -> Result<(), DeskError> {
        let input = Input::Anonymise { running };
        let done = self
            .runner()
            .input(context.row.id, &input, &operator(by), None)
            .await;
        match done {
            Ok(_) => Ok(()),
            Err(crate::runner::RunError::Refused(_)) => Err(DeskError::MovedOn),
            Err(error) => Err(error.into()),
        }
    }

    async fn counted(
        &self,
        person: &PersonRow,
        contexts: &[Context],
    ) -> Result<ErasePlan, DeskError> {
        let about = self.runner().store().about_person(person.id).await?;
        let count = |table: &str, column: &str| {
            let rows = about.get(table).and_then(|rows| rows.as_array());
            rows.map_or(0, |rows| {
                rows.iter().filter(|row| !row[column].is_null()).count()
            })
        };
        let goes = COUNTED.map(|(what, table, column)| (what, count(table, column)));
        let sent = about.get("outbox").and_then(|rows| rows.as_array());
        let sent = sent.map_or(0, |rows| {
            rows.iter().filter(|row| row["status"] == "sent").count()
        });
        Ok(ErasePlan {
            name: named(person),
            cases: contexts.len(),
            running: contexts
                .iter()
                .filter(|context| is_running(context))
                .count(),
            goes: goes.into_iter().filter(|(_, count)| *count > 0).collect(),
            events: count("events", "seq"),
            sent,
            ..ErasePlan::default()
        })
    }

    /// All that is in the way at once.
    async fn hindrances(
        &self,
        person: &PersonRow,
        contexts: &[Context],
        asked: EraseAsked,
    ) -> Result<Vec<Wrong>, DeskError> {
        let mut all = Vec::new();
        if let Some(kept) = self.kept_shown(person.id).await? {
            let since = kept.since.strftime("%-d.%-m.%Y");
            let what = format!(
                "Oplysningerne bevares af retlige grunde siden {since}: {}.",
                kept.reason
            );
            let help = "Gælder det ikke mere: tovholder person hold PERSON --release";
            all.push(Wrong::new(what).help(help));
        }
        for context in contexts {
            let hold = context.cohort.as_ref();
            let hold = hold
                .and_then(|hold| hold.row.subject.title.clone())
                .unwrap_or_default();
            if is_running(context) && !asked.running {
                let what = format!("Forløbet på {hold} er i gang.");
                let help = "Afslut det først, eller slet det undervejs med --running.";
                all.push(Wrong::new(what).help(help));
            }
            if keeps(&Frame::new(&context.view(), &context.subject)) == Some(Keeps::Journal) {
                let what = format!(
                    "Journalen for forløbet på {hold} er ikke gemt med alt, hvad der er sket."
                );
                let help = format!(
                    "Gem den: tovholder journal {} --out MAPPE",
                    context.row.public_id
                );
                all.push(Wrong::new(what).help(help));
            }
        }
        all.extend(self.works_here(person).await?);
        Ok(all)
    }

    /// Somebody who works here is not erased while they do.
    async fn works_here(&self, person: &PersonRow) -> Result<Vec<Wrong>, DeskError> {
        let store = self.runner().store();
        let mut all = Vec::new();
        let accounts = store.accounts().await?;
        let open = |account: &&crate::store::Account| {
            account.person_id == person.id && account.closed_at.is_none()
        };
        if let Some(account) = accounts.iter().find(open) {
            let what = format!("{} har en åben konto.", person.name);
            let help = format!("Luk den først: tovholder account close {}", account.login);
            all.push(Wrong::new(what).help(help));
        }
        let served = store.served_by(person.id).await?;
        let contexts = self.runner().contexts(&served).await?;
        let fills = |context: &&Context| {
            let seats = context.subject.people.values();
            context.subject.ended.is_none() && seats.flatten().any(|id| *id == person.id)
        };
        let (mut cases, mut holds) = (0, 0);
        for context in contexts.iter().filter(fills) {
            match context.subject.kind {
                Kind::Case => cases += 1,
                Kind::Cohort | Kind::Workflow => holds += 1,
            }
        }
        if cases + holds > 0 {
            let what = format!(
                "{} har en rolle i {cases} sager og på {holds} hold og forløb, som er i gang.",
                person.name
            );
            all.push(Wrong::new(what).help("Giv rollerne til en anden først."));
        }
        Ok(all)
    }
}

fn is_running(context: &Context) -> bool {
    context.subject.ended.is_none()
}
