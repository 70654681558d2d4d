//! What must be true after every fault.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tovholder::engine::event::{Event, Fate};
use tovholder::engine::subject::{Kind, Subject};
use tovholder::store::{EventRow, OutboxRow, Status, Store};

use super::stage::{Names, Rows, is_over, outbox, rows};
use crate::support::smtp::SmtpServer;

/// A service has been through something, and is idle now: nothing is lost, nothing doubled, every
/// history gives its snapshot, no case is stuck. Answers the mails.
pub async fn check(
    store: &Store,
    server: &SmtpServer,
    planned: &Rows,
    names: &Names,
) -> Vec<OutboxRow> {
    let outbox = outbox(store).await;
    let said = check_histories(store, names).await;
    check_rows(planned, &rows(&outbox, names), said);
    check_fates(&outbox, server);
    check_idle(store).await;
    outbox
}

/// The Message-ID of a row.
pub fn message_id(row: &OutboxRow) -> String {
    format!("<{}@kommune.example>", row.public_id)
}

/// The Message-ID under which a row left: what was merged went with the first, whose attempt it names.
pub fn message_id_of(row: &OutboxRow, outbox: &[OutboxRow]) -> String {
    let of_id = |id| outbox.iter().find(|row| row.id == id).expect("the first");
    let first = row.merged_into.map_or(row, of_id);
    let is_merged = outbox.iter().any(|row| row.merged_into == Some(first.id));
    if is_merged {
        format!("<{}+{}@kommune.example>", first.attempt, first.public_id)
    } else {
        message_id(row)
    }
}

/// Those of unknown fate.
pub fn unknown(outbox: &[OutboxRow]) -> Vec<&OutboxRow> {
    let is_unknown = |row: &&OutboxRow| row.status == Status::Unknown;
    outbox.iter().filter(is_unknown).collect()
}

/// Of whom, and which declaration in which visit: what a recurrence's slots have in common.
type Series = (String, String);

/// What histories say was not sent because nobody worked at its time.
#[derive(Default)]
pub struct Unsent {
    /// How many slots of a series went with a newer one.
    left_out: BTreeMap<Series, u32>,
    /// Of whom, and which declaration's moment had passed, such as a meeting's.
    missed: Vec<(String, String)>,
    /// Of whom, and which occurrence was decided when there was nobody left whom it would be about: all cases
    /// had ended. A hold speaks of its open cases, as they are when it comes to it.
    nobody: BTreeSet<(String, String)>,
}

/// Every planned mail has exactly one row, there are no others, and none stands for two. The slots of
/// a recurrence that fell together while nobody worked, and meetings that were over, are the only
/// exception, and history has to say of each that it was so.
pub fn check_rows(planned: &Rows, found: &Rows, mut unsent: Unsent) {
    let twice: Vec<_> = found.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "more than one row: {twice:?}");
    let extra: Vec<_> = found
        .keys()
        .filter(|key| !planned.contains_key(*key))
        .collect();
    assert!(
        extra.is_empty(),
        "{} nobody planned: {extra:?}",
        extra.len()
    );
    // A slot is left out once, however many seats it has.
    let missing: BTreeSet<(&String, &String)> = planned
        .keys()
        .filter(|key| !found.contains_key(*key))
        .map(|(who, occurrence, _)| (who, occurrence))
        .collect();
    let mut lost = Vec::new();
    for (who, occurrence) in missing {
        let (series, slot) = occurrence.rsplit_once('.').expect("an ordinal");
        let said = unsent.left_out.get_mut(&(who.clone(), series.to_owned()));
        if let Some(said) = said.filter(|said| slot.contains('-') && **said > 0) {
            *said -= 1;
            continue;
        }
        let is_it = |(of, declaration): &(String, String)| {
            of == who && occurrence.starts_with(declaration.as_str())
        };
        match unsent.missed.iter().position(is_it) {
            Some(said) => drop(unsent.missed.swap_remove(said)),
            None => lost.push((who, occurrence)),
        }
    }
    lost.retain(|(who, what): &(&String, &String)| {
        let nobody = &unsent.nobody;
        !nobody.contains(&((*who).clone(), (*what).clone()))
    });
    assert!(lost.is_empty(), "{} lost: {lost:?}", lost.len());
    unsent.left_out.retain(|_, said| *said > 0);
    let left_out = unsent.left_out;
    assert!(left_out.is_empty(), "left out and sent: {left_out:?}");
}

/// Sent is accepted once, unknown at most once, cancelled never; and nothing else was accepted.
fn check_fates(outbox: &[OutboxRow], server: &SmtpServer) {
    let mut ids = BTreeSet::new();
    for row in outbox {
        let id = message_id_of(row, outbox);
        let arrivals = server.arrivals(&id);
        let what = format!("{} {:?} {:?}", row.occurrence, row.status, row.reason);
        match row.status {
            Status::Sent => assert_eq!(arrivals, 1, "sent and not accepted once: {what}"),
            Status::Unknown => assert!(arrivals <= 1, "accepted twice: {what}"),
            Status::Cancelled => assert_eq!(arrivals, 0, "accepted all the same: {what}"),
            _ => panic!("not at its end: {what}"),
        }
        ids.insert(id);
    }
    let strangers = server
        .accepted()
        .into_iter()
        .filter(|mail| !ids.contains(&mail.message_id))
        .count();
    assert_eq!(strangers, 0, "what was accepted is in the outbox");
}

/// Every history folds to its snapshot and is as long as its case says; each occurrence is decided
/// once. Answers what they say was not sent.
pub async fn check_histories(store: &Store, names: &Names) -> Unsent {
    let ids: Vec<i64> = names.keys().copied().collect();
    let loaded = store.load(&ids).await.expect("subjects");
    assert_eq!(loaded.subjects.len(), ids.len(), "all are there");
    let mut unsent = Unsent::default();
    // When each hold's mail was decided, and when each case had ended, as they were written down.
    let mut spoken = Vec::new();
    let mut ended = Vec::new();
    for row in loaded.subjects {
        let name = &names[&row.id];
        let history = store.history(row.id).await.expect("its history");
        let events: Vec<(Timestamp, Event)> = history.iter().map(read).collect();
        let folded =
            Subject::replay(events.iter().map(|(at, event)| (*at, event))).expect("it begins");
        let snapshot: Subject = serde_json::from_str(&row.snapshot).expect("a snapshot");
        assert_eq!(folded, snapshot, "{name}");
        assert_eq!(history.len(), usize::try_from(row.seq).expect("a count"));
        if folded.kind == Kind::Case {
            ended.push(end_written(&events, &history));
        }
        let mut queued = BTreeSet::new();
        for ((_, event), written) in events.iter().zip(&history) {
            let Event::Decided(decision) = event else {
                continue;
            };
            match decision.fate {
                Fate::Queued => {
                    let what = decision.occurrence.clone();
                    assert!(queued.insert(what.clone()), "{name}: decided twice: {what}");
                    if folded.kind == Kind::Cohort {
                        spoken.push((name.clone(), what, written.recorded_at));
                    }
                }
                Fate::Coalesced(older) => {
                    let (series, _) = decision.occurrence.rsplit_once('.').expect("an ordinal");
                    let key = (name.clone(), series.to_owned());
                    *unsent.left_out.entry(key).or_default() += older;
                }
                Fate::Missed => unsent
                    .missed
                    .push((name.clone(), decision.declaration.clone())),
                _ => {}
            }
        }
    }
    assert!(!ended.is_empty(), "a hold has cases");
    let over = |at: i64| ended.iter().all(|end| end.is_some_and(|end| end <= at));
    spoken.retain(|(_, _, at)| over(*at));
    let nobody = spoken.into_iter().map(|(who, what, _)| (who, what));
    unsent.nobody = nobody.collect();
    unsent
}

/// When the end of a case was written down.
fn end_written(events: &[(Timestamp, Event)], history: &[EventRow]) -> Option<i64> {
    let mut case: Option<Subject> = None;
    let end = events.iter().position(|(at, event)| {
        match &mut case {
            Some(case) => case.apply(*at, event),
            None => case = Subject::begin(*at, event),
        }
        case.as_ref().is_some_and(|case| case.ended.is_some())
    });
    end.map(|end| history[end].recorded_at)
}

fn read(event: &EventRow) -> (Timestamp, Event) {
    let at = Timestamp::from_microsecond(event.at).expect("an instant");
    (at, serde_json::from_str(&event.payload).expect("an event"))
}

/// Nothing is stuck or kept back, no case waits for something that has passed, no mail is open.
async fn check_idle(store: &Store) {
    let faulty = store.faulty(10).await.expect("subjects");
    let faults: Vec<_> = faulty.iter().map(|row| &row.fault_text).collect();
    assert!(faults.is_empty(), "kept back: {faults:?}");
    assert!(is_over(store).await.expect("a look"), "it stands still");
    assert_eq!(store.integrity_check().await.expect("a look"), [""; 0]);
}
