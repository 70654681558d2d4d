//! Comparing what a scenario expects with what is.

use std::collections::BTreeMap;

use super::told::{Told, Whom};
use super::{Act, Assumed};
use crate::definition::model::{Expect, FactRef, Finish, Name, Waits, Whose, Workflow};
use crate::engine::effect::Intent;
use crate::engine::event::{Event, Fate};
use crate::engine::plan::THEN;
use crate::engine::subject::{Ending, Mark, Subject};
use crate::engine::why::facts_words;
use crate::runner::context::Context;
use crate::runner::{RunError, Runner};
use crate::store::{OutboxFilter, Sees, Status};

/// What was expected and what was found, in words; only where they differ.
type Differences = Vec<(String, String)>;

impl Runner {
    pub(super) async fn expect(
        &self,
        act: &Act,
        told: &Told,
        expect: &Expect,
        assumed: &Assumed,
    ) -> Result<Differences, RunError> {
        let context = self.context(act.subject).await?;
        let mut differ = of_case(&context, expect);
        if let (Some(moved), Whom::Subject(first)) = (expect.moved, told.whom) {
            let has_moved = first != act.subject;
            compare(&mut differ, moved, has_moved, |moved| {
                let word = if moved { "fortsat" } else { "ikke fortsat" };
                format!("{word} på næste hold")
            });
        }
        if let Some(free) = expect.free_places {
            let found = self.free_places(&context, assumed).await?;
            compare(&mut differ, free, found, |free| {
                format!("{free} ledige pladser")
            });
        }
        self.things(&context, expect, assumed, &mut differ).await?;
        if let Some(held) = expect.held {
            let found = self.mails_held(assumed).await?;
            compare(&mut differ, held, found, |held| {
                format!("{held} mails, der ikke kunne sendes")
            });
        }
        if !expect.mails.is_empty() {
            let sent = self.mails_sent(&context, assumed).await?;
            for (template, expected) in &expect.mails {
                let found = sent.get(template).copied().unwrap_or(0);
                if found != *expected {
                    let expected = format!("{expected} mails af {template}");
                    differ.push((expected, found.to_string()));
                }
            }
        }
        for message in &expect.missed {
            if !self.is_missed(message, assumed).await? {
                let expected = format!("at {message} var for sent ude");
                differ.push((expected, "det ikke".to_owned()));
            }
        }
        Ok(differ)
    }

    /// Tasks and meetings of the candidate, of the hold, and of the next hold.
    async fn things(
        &self,
        context: &Context,
        expect: &Expect,
        assumed: &Assumed,
        differ: &mut Differences,
    ) -> Result<(), RunError> {
        let is_open: fn(&Subject, &str) -> bool = |subject, task| {
            let log = subject.tasks.get(task);
            log.is_some_and(|log| !log.open.is_empty())
        };
        let is_booked: fn(&Subject, &str) -> bool = |subject, meeting| {
            let log = subject.meetings.get(meeting);
            log.is_some_and(|log| !log.open.is_empty())
        };
        let asked = [
            (&expect.open, true, is_open, ("åben opgave", "den lukket")),
            (
                &expect.not_open,
                false,
                is_open,
                ("ingen åben opgave", "den åben"),
            ),
            (
                &expect.booked,
                true,
                is_booked,
                ("booket møde", "intet møde"),
            ),
            (
                &expect.not_booked,
                false,
                is_booked,
                ("intet booket møde", "et møde"),
            ),
        ];
        for (things, wanted, is, (expected, found)) in asked {
            for (whose, name) in things {
                let subject = match whose {
                    Whose::Candidate => context.subject.clone(),
                    Whose::Hold => self.context(assumed.hold).await?.subject,
                    Whose::NextHold => match assumed.next_hold {
                        Some(next) => self.context(next).await?.subject,
                        None => context.subject.clone(),
                    },
                };
                if is(&subject, name) != wanted {
                    differ.push((format!("{expected}: {name}"), found.to_owned()));
                }
            }
        }
        Ok(())
    }

    async fn free_places(&self, context: &Context, assumed: &Assumed) -> Result<u32, RunError> {
        let hold = context.cohort_id().unwrap_or(assumed.hold);
        let loaded = self.store().load(&[hold]).await?;
        let taken = loaded.cohorts.get(&hold).map_or(0, |row| row.places_taken);
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        let places = context.version.workflow.cohort.places.unwrap_or(0);
        Ok(places.saturating_sub(taken))
    }

    /// How many mails of each template have left, without those about others who only take places.
    async fn mails_sent(
        &self,
        context: &Context,
        assumed: &Assumed,
    ) -> Result<BTreeMap<String, u32>, RunError> {
        let filter = OutboxFilter {
            before: None,
            status: Some(Status::Sent),
            cohort: None,
            subject: None,
            unseen: false,
            limit: 100_000,
        };
        let mut sent = BTreeMap::new();
        for row in self.store().outbox(Sees::All, &filter).await? {
            if assumed.others.contains(&row.subject_id) {
                continue;
            }
            let json = match row.group_key {
                Some(_) => self
                    .store()
                    .gather_items(row.id)
                    .await?
                    .first()
                    .map(|item| item.intent.clone()),
                None => Some(row.intent),
            };
            let intent: Option<Intent> = json.and_then(|json| serde_json::from_str(&json).ok());
            let used = intent.and_then(|intent| {
                let templates = &context.version.templates;
                intent
                    .templates
                    .into_iter()
                    .find(|name| templates.has(&context.version.workflow.language, name))
            });
            if let Some(template) = used {
                *sent.entry(template).or_insert(0) += 1;
            }
        }
        Ok(sent)
    }

    async fn mails_held(&self, assumed: &Assumed) -> Result<u32, RunError> {
        let filter = OutboxFilter {
            before: None,
            status: Some(Status::Held),
            cohort: None,
            subject: None,
            unseen: false,
            limit: 100_000,
        };
        let held = self.store().outbox(Sees::All, &filter).await?;
        let held = held
            .iter()
            .filter(|row| !assumed.others.contains(&row.subject_id));
        Ok(u32::try_from(held.count()).unwrap_or(u32::MAX))
    }

    async fn is_missed(&self, message: &Name, assumed: &Assumed) -> Result<bool, RunError> {
        let declaration = format!("message.{message}");
        for id in assumed.players() {
            for row in self.store().history(id).await? {
                if let Event::Decided(decision) = serde_json::from_str(&row.payload)?
                    && decision.declaration == declaration
                    && decision.fate == Fate::Missed
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn compare<T: PartialEq + Copy>(
    differ: &mut Differences,
    expected: T,
    found: T,
    words: impl Fn(T) -> String,
) {
    if expected != found {
        differ.push((words(expected), words(found)));
    }
}

/// What is seen of the case itself.
fn of_case(context: &Context, expect: &Expect) -> Differences {
    let workflow = &context.version.workflow;
    let mut differ = Vec::new();
    if let Some(state) = expect.state {
        let expected = &workflow.states[state.0].name;
        if context.subject.state.as_ref() != Some(expected) {
            let found = context.subject.state.as_deref().unwrap_or("-").to_owned();
            differ.push((format!("tilstand {expected}"), found));
        }
    }
    if let Some(place) = expect.place {
        compare(
            &mut differ,
            place,
            holds_place(workflow, &context.subject),
            |place| if place { "en plads" } else { "ingen plads" }.to_owned(),
        );
    }
    if let Some(ended) = expect.ended {
        let found = match context.subject.ended.as_ref().map(|ended| ended.how) {
            None => Finish::No,
            Some(Ending::Cancelled) => Finish::Cancelled,
            Some(_) => Finish::Yes,
        };
        compare(&mut differ, ended, found, |ended| {
            let words = match ended {
                Finish::No => "at forløbet er i gang",
                Finish::Yes => "at forløbet er slut",
                Finish::Cancelled => "at forløbet sluttede, da holdet blev aflyst",
            };
            words.to_owned()
        });
    }
    if let Some(waits) = &expect.waits {
        let found = waits_for(&context.subject);
        let met = match waits {
            Waits::No => found.is_empty(),
            Waits::Yes => !found.is_empty(),
            Waits::For(facts) => *facts == found,
        };
        if !met {
            let expected = match waits {
                Waits::No => "at kandidaten ikke venter".to_owned(),
                Waits::Yes => "at kandidaten venter".to_owned(),
                Waits::For(facts) => {
                    format!("at kandidaten venter på {}", facts_words(workflow, facts))
                }
            };
            let found = if found.is_empty() {
                "at den ikke gør".to_owned()
            } else {
                format!("at den venter på {}", facts_words(workflow, &found))
            };
            differ.push((expected, found));
        }
    }
    differ
}

fn holds_place(workflow: &Workflow, subject: &Subject) -> bool {
    let mut id = subject
        .state
        .as_ref()
        .filter(|_| subject.ended.is_none())
        .and_then(|state| workflow.state_ids.get(state).copied());
    while let Some(state) = id.map(|id| &workflow.states[id.0]) {
        if state.holds_place {
            return true;
        }
        id = state.parent;
    }
    false
}

/// What a move of the case waits for, in order.
fn waits_for(subject: &Subject) -> Vec<FactRef> {
    let marks = subject.marks.values().flatten();
    let moves = marks.filter(|(name, _)| *name == THEN || name.starts_with("event."));
    let mut facts: Vec<FactRef> = moves
        .filter_map(|(_, mark)| match mark {
            Mark::Waiting { facts, .. } => Some(facts.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    facts.sort();
    facts.dedup();
    facts
}
