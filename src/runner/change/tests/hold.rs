//! A hold by chance, moved to an edited workflow.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::drawn::Drawn;
use crate::clock::Clock;
use crate::definition::model::Trigger;
use crate::engine::NewCase;
use crate::engine::frame::Frame;
use crate::engine::input::{Input, TaskAct};
use crate::message::{Mailbox, TemplateSource};
use crate::runner::advance::operator;
use crate::runner::change::seen::{Leaves, Seen, see};
use crate::runner::change::{Approved, Change, Migrated, Move, Turned, compare, seqs_of};
use crate::runner::opening::Candidate;
use crate::runner::world::dice::Dice;
use crate::runner::{People, RunError, Runner, Settings, versions};
use crate::store::{NewOrganisation, PersonImport, PersonRef, Store};

/// How far each is played.
pub const DAYS: i64 = 100;
const CASES: usize = 3;

/// What came of a seed.
#[derive(Debug)]
pub enum Played {
    /// It is no workflow, or no other.
    Nothing,
    /// Somebody could not go along, and nobody did.
    Refused,
    /// It makes no difference.
    Unchanged,
    /// What was foretold is what was.
    Done {
        /// How many mails then left.
        mails: usize,
        /// And it was as before when it was undone.
        undone: bool,
    },
    /// It is not.
    Broken(String),
}

pub async fn play(seed: u64) -> Played {
    let mut dice = Dice::new(seed);
    let drawn = Drawn::new(&mut dice);
    let (edited, goes) = drawn.edited(&mut dice);
    match Box::pin(try_play(&mut dice, &drawn, &edited, &goes)).await {
        Ok(played) => played,
        Err(error) => Played::Broken(format!("{error}\n{}\n{}", drawn.text(), edited.text())),
    }
}

async fn try_play(
    dice: &mut Dice,
    drawn: &Drawn,
    edited: &Drawn,
    goes: &[(String, String)],
) -> Result<Played, RunError> {
    let texts = [drawn.text(), edited.text()];
    let Some(Begun {
        runner,
        versions,
        hold,
    }) = begun(dice, &texts).await?
    else {
        return Ok(Played::Nothing);
    };
    let (old, new) = (versions[0], versions[1]);
    if old == new {
        return Ok(Played::Nothing);
    }
    let to = Move {
        to: new,
        states: (goes.iter())
            .map(|(from, to)| (from.as_str().into(), to.as_str().into()))
            .collect(),
        dates: BTreeMap::new(),
    };
    runner.work(runner.now()).await?;
    let before = runner.seen_ahead(hold, None, DAYS).await?;
    let change = Change::Version(to.clone());
    let after = runner.seen_ahead(hold, Some(&change), DAYS).await?;
    let brings = compare::compare(&before, &after);
    let approved = Approved {
        plan: brings.hash()?,
        by: "test".to_owned(),
        seqs: seqs_of(&runner.hold_with_cases(hold).await?),
    };
    let was = snapshots(&runner, hold).await?;
    let done = runner.migrate_hold(hold, &to, &approved).await?;
    let can_be = brings.hindered().next().is_none();
    let broken = |why: String| {
        Ok(Played::Broken(format!(
            "{why}\n{}\n{}",
            drawn.text(),
            edited.text()
        )))
    };
    match (done, can_be) {
        (Turned::Hindered(_), false) => {
            return if snapshots(&runner, hold).await? == was {
                Ok(Played::Refused)
            } else {
                broken("a move that was refused has moved something".to_owned())
            };
        }
        (Turned::Done(_), true) => {}
        (done, _) => return broken(format!("{done:?} where {can_be} was said")),
    }
    let mut undone = false;
    if dice.once_in(4) {
        undone = runner.unmigrate_hold(hold, "test").await? == Migrated::Undone(old);
        if undone {
            if snapshots(&runner, hold).await? != was {
                return broken("it is not as it was before".to_owned());
            }
            let again = runner.seen_ahead(hold, None, DAYS).await?;
            if let Some(why) = differs(&before, &again) {
                return broken(format!("undone, and yet {why}"));
            }
            // That places came and went is news to the hold.
            runner.work(runner.now()).await?;
            let seqs = seqs_of(&runner.hold_with_cases(hold).await?);
            let approved = Approved { seqs, ..approved };
            if !matches!(
                runner.migrate_hold(hold, &to, &approved).await?,
                Turned::Done(_)
            ) {
                return broken("it could not be made again".to_owned());
            }
        }
    }
    let play = runner.in_earnest();
    let real = see(&play, hold, BTreeMap::new(), DAYS).await?;
    if let Some(why) = differs(&after, &real) {
        return broken(why);
    }
    if let Some(why) = Box::pin(ends(&runner, hold)).await? {
        return broken(why);
    }
    let mails = real.leaves.values().map(Vec::len).sum();
    Ok(
        if brings.subjects.iter().all(super::super::Of::is_unchanged) && !undone {
            Played::Unchanged
        } else {
            Played::Done { mails, undone }
        },
    )
}

/// A hold of the first of some workflows that has been under way for a while.
pub struct Begun {
    pub runner: Runner,
    pub versions: Vec<i64>,
    pub hold: i64,
}

/// Begins one; none if a text is by chance no workflow.
pub async fn begun(dice: &mut Dice, texts: &[String]) -> Result<Option<Begun>, RunError> {
    for text in texts {
        let read = crate::definition::read("w.yaml", text);
        if read.called("w").is_none() {
            return Ok(None);
        }
    }
    let begins: Timestamp = "2026-01-12T08:00:00Z".parse().expect("an instant");
    let store = Store::open_in_memory().await?;
    store.carefree().await?;
    let from = Mailbox::parse("T", "t@change.example").expect("an address");
    let runner = Runner::new(store, Clock::manual(begins), Settings::new(from, "T"));
    let mut all = Vec::new();
    for text in texts {
        let store = runner.store();
        let version =
            versions::publish(store, "w.yaml", text, "w", &templates(), runner.now()).await?;
        all.push(version);
    }
    let hold = open(&runner, all[0]).await?;
    let days = dice.upto(110);
    for _ in 0..4 {
        let until = runner.now() + SignedDuration::from_hours(24 * (days / 4 + 1));
        runner.in_earnest().until(until).await?;
        runner.clock().move_to(until);
        act(&runner, hold, dice).await?;
    }
    Ok(Some(Begun {
        runner,
        versions: all,
        hold,
    }))
}

async fn open(runner: &Runner, version: i64) -> Result<i64, RunError> {
    let store = runner.store();
    let organisation = NewOrganisation {
        name: "J".into(),
        kind: "jobcenter".into(),
        email: Some("j@change.example".into()),
    };
    let organisation = store.upsert_organisation(organisation).await?;
    let coordinator = person(store, "t").await?;
    let consultant = person(store, "k").await?;
    runner.open_workflow(version, People::new()).await?;
    let people = People::from([("coordinator".into(), vec![coordinator])]);
    let start = "2026-03-02".parse().expect("a date");
    let dates = BTreeMap::from([("start".into(), start)]);
    let hold = runner
        .open_cohort(version, "H", dates, people, &BTreeMap::new())
        .await?;
    for at in 0..CASES {
        let candidate = person(store, &format!("c{at}")).await?;
        let people = People::from([("consultant".into(), vec![consultant])]);
        let candidate = Candidate {
            person: PersonRef::Id(candidate),
            born: None,
            organisation_id: Some(organisation),
            case: NewCase {
                people,
                ..NewCase::default()
            },
        };
        // A hold that is full from the start has fewer.
        match runner.open_cases(hold.id, &[candidate]).await {
            Ok(_) | Err(RunError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hold.id)
}

async fn person(store: &Store, name: &str) -> Result<i64, RunError> {
    let person = PersonImport {
        name: name.to_owned(),
        email: Some(format!("{name}@change.example")),
        ..PersonImport::default()
    };
    Ok(store.upsert_person(person).await?)
}

/// Somebody does something, if it is taken.
async fn act(runner: &Runner, hold: i64, dice: &mut Dice) -> Result<(), RunError> {
    let all = runner.hold_with_cases(hold).await?;
    for context in &all[..all.len() - 1] {
        if dice.once_in(2) {
            continue;
        }
        let mut inputs = possible(context);
        if inputs.is_empty() {
            continue;
        }
        let input = inputs.swap_remove(dice.below(inputs.len()));
        let done = runner
            .input(context.row.id, &input, &operator("test"), None)
            .await;
        match done {
            Ok(_) | Err(RunError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What people could do in a case.
pub fn possible(context: &crate::runner::context::Context) -> Vec<Input> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut inputs = Vec::new();
    if context.subject.ended.is_some() {
        return inputs;
    }
    for open in frame.open() {
        for event in &open.scope.events {
            if let Trigger::Named(name) = &event.trigger {
                inputs.push(Input::Fire {
                    event: name.clone(),
                    set: BTreeMap::new(),
                    override_reason: None,
                    another: true,
                });
            }
        }
        for task in &open.scope.tasks {
            inputs.push(Input::Task {
                task: task.name.clone(),
                act: TaskAct::Done,
                set: BTreeMap::new(),
                assign: BTreeMap::new(),
            });
        }
    }
    inputs
}

pub async fn snapshots(runner: &Runner, hold: i64) -> Result<Vec<(i64, String)>, RunError> {
    let all = runner.hold_with_cases(hold).await?;
    let mut snapshots = Vec::new();
    for context in all {
        let mut subject = context.subject.clone();
        // The move and its undoing are history too.
        subject.seq = 0;
        subject.last_at = Timestamp::UNIX_EPOCH;
        snapshots.push((context.row.version_id, serde_json::to_string(&subject)?));
    }
    Ok(snapshots)
}

/// Where two plays of the same hold differ.
pub fn differs(foretold: &Seen, real: &Seen) -> Option<String> {
    for (row, standing) in &foretold.subjects {
        let other = real.subjects.get(row)?;
        if (&standing.state, &standing.days) != (&other.state, &other.days) {
            return Some(format!(
                "{row} was to be {:?} {:?}, and is {:?} {:?}",
                standing.state, standing.days, other.state, other.days
            ));
        }
        let said = |seen: &Seen| {
            let none = Vec::new();
            let all = seen.leaves.get(row).unwrap_or(&none).iter();
            let mut all: Vec<String> = all.map(|mail: &Leaves| format!("{mail:?}")).collect();
            all.sort();
            all
        };
        let (foretold, real) = (said(foretold), said(real));
        if foretold != real {
            let only = |these: &[String], those: &[String]| {
                let only = these.iter().filter(|one| !those.contains(one));
                only.cloned().collect::<Vec<_>>().join("\n  ")
            };
            return Some(format!(
                "{row}: foretold and not so\n  {}\nso and not foretold\n  {}",
                only(&foretold, &real),
                only(&real, &foretold)
            ));
        }
    }
    None
}

/// Whoever does all that can be done comes to an end.
async fn ends(runner: &Runner, hold: i64) -> Result<Option<String>, RunError> {
    for _ in 0..40 {
        let until = runner.now() + SignedDuration::from_hours(24 * 30);
        runner.in_earnest().until(until).await?;
        runner.clock().move_to(until);
        let all = runner.hold_with_cases(hold).await?;
        let mut is_over = true;
        for context in &all[..all.len() - 1] {
            if context.subject.ended.is_some() {
                continue;
            }
            is_over = false;
            for input in possible(context) {
                // What leads nowhere is no help.
                let is_note = matches!(&input, Input::Fire { event, .. } if **event == *"note");
                if is_note {
                    continue;
                }
                let actor = operator("test");
                let done = runner.input(context.row.id, &input, &actor, None).await;
                match done {
                    Ok(_) | Err(RunError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if is_over {
            return Ok(None);
        }
    }
    let all = runner.hold_with_cases(hold).await?;
    let open: Vec<String> = (all[..all.len() - 1].iter())
        .filter(|one| one.subject.ended.is_none())
        .map(|one| format!("{:?} {:?}", one.subject.state, one.subject.marks))
        .collect();
    Ok(Some(format!("never comes to an end: {}", open.join("; "))))
}

fn templates() -> TemplateSource {
    let mut files = BTreeMap::new();
    for name in [
        "note",
        "task-reminder",
        "task-overdue",
        "meeting-invitation",
        "meeting-moved",
        "meeting-cancelled",
        "meeting-reminder",
        "booking-reminder",
    ] {
        let words = "Start {{long_date cohort.start}}";
        files.insert(format!("da/{name}/subject.hbs"), format!("{name} {words}"));
        files.insert(format!("da/{name}/body.txt.hbs"), words.to_owned());
        files.insert(
            format!("da/{name}/body.html.hbs"),
            format!("<p>{words}</p>"),
        );
    }
    TemplateSource { files }
}
