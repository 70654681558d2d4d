//! Somebody's data as such: what there is about them, that it is given out, kept for legal reasons, written to a journal,
//! or erased.

mod erase;
mod export;
mod journal;
mod mask;
mod pack;
mod told;
mod waiting;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use self::erase::{EraseAsked, ErasePlan};
pub use self::export::Export;
pub use self::journal::{Journal, JournalDone};
use super::cells::refuse_cpr;
use super::received::ZONE;
use super::{Desk, DeskError, Wrong, words};
use crate::engine::input::News;
use crate::runner::context::Context;
use crate::runner::serve::instant;
use crate::store::{Act, KeptNews, PersonAct, PersonRow, SubjectKind};

/// As long as a reason may be.
const REASON_CHARS_MAX: usize = 500;

/// What there is about somebody, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonShown {
    /// Their name.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
    /// Where they belong.
    pub organisation: Option<String>,
    /// Their data are kept for legal reasons.
    pub kept: Option<KeptShown>,
    /// When they were erased, local.
    pub erased: Option<DateTime>,
    /// Their cases, the oldest first.
    pub cases: Vec<PersonCase>,
    /// What was done with their data as such, the oldest first.
    pub acts: Vec<ActShown>,
}

/// Why somebody's data are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptShown {
    /// Since when, local.
    pub since: DateTime,
    /// Who wants it. Danish.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
}

/// One of somebody's cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonCase {
    /// Its id.
    pub id: String,
    /// The hold's title.
    pub hold: String,
    /// The workflow's title.
    pub workflow: String,
    /// The state's title.
    pub state: String,
    /// How it ended. Danish.
    pub ended: Option<&'static str>,
    /// Nothing in it names them any more.
    pub anonymised: bool,
    /// Its journal was written out with all of its history.
    pub journaled: bool,
}

/// Something that was done with somebody's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActShown {
    /// When, local.
    pub at: DateTime,
    /// Danish.
    pub what: String,
    /// Who did it. Danish.
    pub by: String,
    /// Why, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Desk {
    /// Somebody, by name, address, or the id of a case of theirs.
    pub(super) async fn person(&self, typed: &str) -> Result<PersonRow, DeskError> {
        let store = self.runner().store();
        let called = store.people_called(typed.trim()).await?;
        let mut found = store.people(&called).await?;
        match called.as_slice() {
            [one] => return found.remove(one).ok_or_else(|| nobody(typed)),
            [] => {}
            several => {
                let ways = several.iter().filter_map(|id| found.get(id));
                let ways: Vec<String> = ways
                    .map(|person| {
                        (person.email.clone()).unwrap_or_else(|| "uden e-mail".to_owned())
                    })
                    .collect();
                let wrong = Wrong::new(format!("Flere hedder »{typed}«: {}.", ways.join(", ")));
                let help = "Brug e-mailadressen, eller id'et på en af personens sager.";
                return Err(wrong.help(help).into());
            }
        }
        let case = match self.find(typed).await {
            Ok(row) if row.kind == SubjectKind::Case => row.person_id,
            Ok(_) => None,
            Err(DeskError::Wrong(_)) => return Err(nobody(typed)),
            Err(error) => return Err(error),
        };
        let person: Vec<i64> = case.into_iter().collect();
        let people = store.people(&person).await?;
        people.into_values().next().ok_or_else(|| nobody(typed))
    }

    /// What there is about somebody, in short.
    pub async fn person_shown(&self, typed: &str) -> Result<PersonShown, DeskError> {
        let person = self.person(typed).await?;
        let cases = self.runner().store().cases_of_person(person.id).await?;
        let ids: Vec<i64> = cases.iter().map(|row| row.id).collect();
        self.saw(&ids, "person").await?;
        let contexts = self.runner().contexts(&ids).await?;
        let shown = |context: &Context| {
            let (subject, workflow) = (&context.subject, &context.version.workflow);
            let hold = context.cohort.as_ref();
            PersonCase {
                id: context.row.public_id.clone(),
                hold: hold
                    .and_then(|hold| hold.row.subject.title.clone())
                    .unwrap_or_default(),
                workflow: workflow.title.clone(),
                state: (subject.state.as_ref())
                    .map_or_else(String::new, |state| words::state_title(workflow, state)),
                ended: subject
                    .ended
                    .as_ref()
                    .map(|ended| words::ending_words(ended.how)),
                anonymised: subject.anonymised,
                journaled: context.row.journaled == Some(context.row.seq),
            }
        };
        Ok(PersonShown {
            name: named(&person),
            email: person.email.clone(),
            phone: person.phone.clone(),
            born: person.born.clone(),
            organisation: person
                .organisation
                .as_ref()
                .map(|organisation| organisation.name.clone()),
            kept: self.kept_shown(person.id).await?,
            erased: person.erased.map(local),
            cases: contexts.iter().map(shown).collect(),
            acts: self.acts_shown(person.id).await?,
        })
    }

    /// Keeps somebody's data for legal reasons, from here on; answers their name.
    pub async fn keep_person(
        &self,
        typed: &str,
        reason: &str,
        by: &str,
    ) -> Result<String, DeskError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            let wrong = Wrong::new("Grunden skal stå på mellem 1 og 500 tegn.");
            return Err(wrong.column("--reason").into());
        }
        refuse_cpr(reason)?;
        let person = self.person(typed).await?;
        if person.erased.is_some() {
            return Err(Wrong::new("Personen er allerede slettet.").into());
        }
        let act = self.person_act(person.id, Act::Kept, by, Some(reason.to_owned()));
        self.change_kept(&person, act, "bevares allerede af retlige grunde")
            .await
    }

    /// Lets somebody's data go that were kept for legal reasons; answers their name.
    pub async fn release_person(&self, typed: &str, by: &str) -> Result<String, DeskError> {
        let person = self.person(typed).await?;
        let act = self.person_act(person.id, Act::Released, by, None);
        self.change_kept(&person, act, "bevares ikke af retlige grunde")
            .await
    }

    async fn change_kept(
        &self,
        person: &PersonRow,
        act: PersonAct,
        already: &str,
    ) -> Result<String, DeskError> {
        let store = self.runner().store();
        if !store.keep_person(act, news()?).await? {
            return Err(Wrong::new(format!("{} {already}.", named(person))).into());
        }
        self.runner().notify();
        Ok(named(person))
    }

    /// Why somebody's data are kept for legal reasons, if they are.
    pub(super) async fn kept_shown(&self, person: i64) -> Result<Option<KeptShown>, DeskError> {
        let store = self.runner().store();
        let Some(since) = store.kept_since(person).await? else {
            return Ok(None);
        };
        let acts = store.person_acts(person).await?;
        let kept = acts.iter().rev().find(|act| act.act == Act::Kept.as_str());
        Ok(Some(KeptShown {
            since: local(since),
            by: match kept {
                Some(act) => doer(&act.by_whom, &self.account_names().await?),
                None => String::new(),
            },
            reason: kept.and_then(|act| act.reason.clone()).unwrap_or_default(),
        }))
    }

    /// The same for whoever looks at a case; why is for those who read what is confidential.
    pub(super) async fn kept_of(
        &self,
        person: Option<i64>,
    ) -> Result<Option<KeptShown>, DeskError> {
        let kept = match person {
            Some(person) => self.kept_shown(person).await?,
            None => None,
        };
        Ok(kept.map(|kept| KeptShown {
            reason: if self.is_confided {
                kept.reason
            } else {
                String::new()
            },
            ..kept
        }))
    }

    async fn acts_shown(&self, person: i64) -> Result<Vec<ActShown>, DeskError> {
        let store = self.runner().store();
        let (acts, names) = (
            store.person_acts(person).await?,
            self.account_names().await?,
        );
        let shown = acts.into_iter().map(|act| ActShown {
            at: local(act.at),
            what: act_words(&act.act).to_owned(),
            by: doer(&act.by_whom, &names),
            reason: act.reason,
        });
        Ok(shown.collect())
    }

    fn person_act(&self, person: i64, act: Act, by: &str, reason: Option<String>) -> PersonAct {
        PersonAct {
            person_id: person,
            subject_id: None,
            at: self.runner().now().as_microsecond(),
            act,
            by: by.to_owned(),
            reason,
        }
    }
}

/// What makes a case plan anew.
fn news() -> Result<KeptNews, DeskError> {
    Ok(KeptNews(serde_json::to_string(&News::Kept)?))
}

fn nobody(typed: &str) -> DeskError {
    let wrong = Wrong::new(format!("Der er ingen person »{}«.", typed.trim()));
    let help = "Angiv navnet, som det er skrevet, e-mailadressen, eller id'et på en sag.";
    wrong.help(help).into()
}

/// A name, or what stands where it was.
fn named(person: &PersonRow) -> String {
    if person.erased.is_some() {
        "(slettet)".to_owned()
    } else {
        person.name.clone()
    }
}

/// An instant, µs UTC, as people here read it.
fn local(at: i64) -> DateTime {
    local_of(instant(at))
}

fn local_of(at: Timestamp) -> DateTime {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).datetime()
}

/// What was done with somebody's data. Danish.
fn act_words(act: &str) -> &str {
    match act {
        "exported" => "udleveret efter anmodning om indsigt",
        "journal" => "en sags journal er gemt",
        "kept" => "bevares af retlige grunde",
        "released" => "bevares ikke længere af retlige grunde",
        "erased" => "slettet",
        other => other,
    }
}

/// Who did something, as it was written down. Danish.
fn doer(by: &str, names: &HashMap<String, String>) -> String {
    match by.strip_prefix("account ") {
        Some(id) => names
            .get(id)
            .cloned()
            .unwrap_or_else(|| "en konto".to_owned()),
        None if by == "cli" => "kommandolinjen".to_owned(),
        None => by.to_owned(),
    }
}
