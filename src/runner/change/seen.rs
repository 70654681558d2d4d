//! A hold and its cases as they stand and will go, on a copy that may be played to its end.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Hindered, When};
use crate::calendar::capital;
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::frame::Frame;
use crate::engine::plan::{What, misplaced, plan};
use crate::engine::renamed::Renamed;
use crate::engine::subject::{Ending, Kind};
use crate::engine::why::what_words;
use crate::message::Mail;
use crate::runner::RunError;
use crate::runner::ahead::{Coming, Play};
use crate::runner::context::Context;
use crate::runner::desk::{ending_words, misplaced_words, part_of};
use crate::store::{OutboxFilter, OutboxRow, Sees, Status};

/// So many cases are read at a time.
const AT_ONCE: i64 = 200;

/// A hold, played ahead.
pub(super) struct Seen {
    /// The hold and its cases, by row id.
    pub subjects: BTreeMap<i64, Standing>,
    /// What leaves, by whose it is.
    pub leaves: HashMap<i64, Vec<Leaves>>,
}

/// A case or hold before it is played.
pub(super) struct Standing {
    pub id: String,
    pub is_case: bool,
    pub state: String,
    /// What falls on which days, in order; the same thing several times over is told by its place among them.
    pub days: Vec<(String, String)>,
    /// Tasks whose day has passed, and meetings that stand outside their days.
    pub impossible: Vec<String>,
    pub called: Renamed,
    pub kind: Kind,
    /// It has begun by the change, at another hold.
    pub begun: Option<Begun>,
    pub hindered: Option<Hindered>,
    /// What has been said, may have been, or is on its way; by occurrence and seat.
    pub said: Vec<(String, String)>,
}

/// Where a case has begun by a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// The hold's title.
    pub hold: String,
    /// Row id of the candidate.
    #[serde(skip)]
    pub person: i64,
}

/// A mail that leaves.
#[derive(Clone, Debug)]
pub(super) struct Leaves {
    pub at: When,
    pub occurrence: String,
    pub seat: String,
    pub subject: String,
    /// Hash of what it says.
    pub words: [u8; 32],
    /// What it does in its recipient's calendar.
    pub calendar: Option<MeetingWord>,
}

/// Looks at everybody, and then plays.
pub(super) async fn see(
    play: &Play,
    hold: i64,
    mut hindered: BTreeMap<i64, Hindered>,
    ahead_days: i64,
) -> Result<Seen, RunError> {
    let runner = play.runner();
    let now = runner.now();
    let until = now + SignedDuration::from_hours(24 * ahead_days);
    let mut subjects = BTreeMap::new();
    let mut calendars = HashMap::new();
    let own = members(play, hold).await?;
    let begun = begun_elsewhere(play, &own).await?;
    let begun = begun.into_iter().map(|(context, at)| (context, Some(at)));
    for (context, begun) in own.into_iter().map(|own| (own, None)).chain(begun) {
        let calendar = context.version.workflow.calendar.clone();
        calendars.insert(context.row.id, calendar);
        let mut standing = standing(&context, now, until);
        standing.hindered = hindered.remove(&context.row.id);
        standing.said = said(play, context.row.id).await?;
        standing.begun = begun;
        subjects.insert(context.row.id, standing);
    }
    let mut leaves: HashMap<i64, Vec<Leaves>> = HashMap::new();
    for Coming { at, row, mail } in play.until(until).await? {
        let Some(calendar) = calendars.get(&row.subject_id) else {
            continue;
        };
        let words = words_of(&mail);
        let leaves_at = Leaves {
            at: if at <= now {
                When::AtOnce
            } else {
                When::At(calendar.local(at))
            },
            calendar: meeting_word(&row),
            occurrence: row.occurrence,
            seat: row.seat,
            subject: mail.subject,
            words,
        };
        leaves.entry(row.subject_id).or_default().push(leaves_at);
    }
    Ok(Seen { subjects, leaves })
}

/// The hold's cases, and the hold itself.
pub(super) async fn members(play: &Play, hold: i64) -> Result<Vec<Context>, RunError> {
    play.runner().hold_with_cases(hold).await
}

/// Cases that have begun at other holds by what happened here: a copy of a hold has no others of theirs. Each is known by
/// its candidate, since its ids are the copy's own.
async fn begun_elsewhere(play: &Play, here: &[Context]) -> Result<Vec<(Context, Begun)>, RunError> {
    let Some(own) = here.last().filter(|own| own.subject.kind == Kind::Cohort) else {
        return Ok(Vec::new());
    };
    let runner = play.runner();
    let known = here.iter().map(|one| one.row.id).max().unwrap_or_default();
    let store = runner.store();
    let rows = store.members(None, &own.row.workflow, &[], known, i64::MAX);
    let ids: Vec<i64> = rows.await?.iter().map(|row| row.id).collect();
    let mut all = Vec::new();
    for mut context in runner.contexts(&ids).await? {
        let elsewhere = context.row.cohort_id.filter(|id| *id != own.row.id);
        let (Some(hold), Some(person)) = (elsewhere, context.row.person_id) else {
            continue;
        };
        let mut theirs = here.iter().rev();
        let Some(of) = theirs.find(|one| one.row.person_id == Some(person)) else {
            continue;
        };
        context.row.public_id.clone_from(&of.row.public_id);
        let hold = runner.context(hold).await?.row.title.unwrap_or_default();
        all.push((context, Begun { hold, person }));
    }
    Ok(all)
}

impl crate::runner::Runner {
    /// A hold's cases in the order of their row ids, and the hold itself last.
    pub(in crate::runner) async fn hold_with_cases(
        &self,
        hold: i64,
    ) -> Result<Vec<Context>, RunError> {
        let own = self.context(hold).await?;
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let store = self.store();
            let workflow = &own.row.workflow;
            let rows = store
                .members(Some(hold), workflow, &[], after, AT_ONCE)
                .await?;
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let Some(last) = ids.last() else { break };
            after = *last;
            all.extend(self.contexts(&ids).await?);
        }
        all.push(own);
        Ok(all)
    }
}

/// What has been said of a subject, or may have been.
async fn said(play: &Play, subject: i64) -> Result<Vec<(String, String)>, RunError> {
    let filter = OutboxFilter {
        subject: Some(subject),
        limit: i64::MAX,
        ..OutboxFilter::default()
    };
    let rows = play.runner().store().outbox(Sees::All, &filter).await?;
    let has_left =
        |row: &OutboxRow| matches!(row.status, Status::Sent | Status::Sending | Status::Unknown);
    let said = rows.into_iter().filter(has_left);
    Ok(said.map(|row| (row.occurrence, row.seat)).collect())
}

fn standing(context: &Context, now: Timestamp, until: Timestamp) -> Standing {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let workflow = frame.workflow();
    let ended = context.subject.ended.as_ref().map(|ended| ended.how);
    // A final state has a title of its own.
    let has_title =
        |how: &Ending| matches!(how, Ending::Success | Ending::Neutral | Ending::Dropout);
    let state = match ended.filter(|how| !has_title(how)) {
        Some(how) if context.subject.kind == Kind::Case => Some(capital(ending_words(how))),
        _ => frame.atomic().map(|id| frame.state(id).title.clone()),
    };
    let (mut days, mut impossible) = (Vec::new(), Vec::new());
    let today = frame.calendar().local(now).date();
    let states = frame.open().into_iter().chain(frame.expected());
    for open in states.filter(|_| ended.is_none()) {
        let Some(id) = open
            .state
            .filter(|id| *id != crate::definition::model::StateId::ROOT)
        else {
            continue;
        };
        let last = open.end.and_then(|end| end.yesterday().ok());
        let last = last.map(|last| frame.calendar().workday_on_or_before(last));
        let first = open
            .day
            .map(|day| frame.calendar().workday_on_or_after(day));
        let between = [first, last].map(|day| day.map_or_else(|| "?".to_owned(), day_words));
        days.push((frame.state(id).title.clone(), between.join("–")));
    }
    for planned in plan(&frame, until) {
        let day = match &planned.what {
            What::Due(task, day) => {
                if *day < today {
                    impossible.push(format!("{}: frist {}", task.title, day_words(*day)));
                }
                *day
            }
            What::Meets(_, Some(start)) => frame.calendar().local(*start).date(),
            _ => continue,
        };
        days.push((what_words(workflow, &planned.what), day_words(day)));
    }
    for (name, log) in &context.subject.meetings {
        for booking in &log.open {
            let start = frame.calendar().local(booking.start);
            let start = start.strftime("%-d.%-m.%Y kl. %-H.%M").to_string();
            days.push((
                format!("Booket: {}", title_of(workflow, context, name)),
                start,
            ));
        }
    }
    for one in misplaced(&frame, now) {
        let (at, why) = misplaced_words(&frame, &one);
        impossible.push(format!("{}: {at}, {why}", one.meeting.title));
    }
    Standing {
        id: context.row.public_id.clone(),
        is_case: context.subject.kind == Kind::Case,
        state: state.unwrap_or_default(),
        days,
        impossible,
        called: context.subject.called.clone(),
        kind: context.subject.kind,
        begun: None,
        hindered: None,
        said: Vec::new(),
    }
}

fn title_of(
    workflow: &crate::definition::model::Workflow,
    context: &Context,
    name: &str,
) -> String {
    let scopes: Vec<&crate::definition::model::Scope> = match context.subject.kind {
        Kind::Case => workflow.states.iter().map(|state| &state.scope).collect(),
        Kind::Cohort => vec![&workflow.cohort.scope],
        Kind::Workflow => vec![&workflow.scope],
    };
    let mut meetings = scopes.into_iter().flat_map(|scope| &scope.meetings);
    let found = meetings.find(|meeting| *meeting.name == *name);
    found.map_or_else(|| name.to_owned(), |meeting| meeting.title.clone())
}

/// What a mail does in its recipient's calendar. One that others are gathered in does nothing there.
fn meeting_word(row: &OutboxRow) -> Option<MeetingWord> {
    let intent: Intent = serde_json::from_str(&row.intent).ok()?;
    match intent.about {
        About::Meeting { word, .. } => Some(word),
        _ => None,
    }
}

/// Hash of what a mail says.
pub(super) fn words_of(mail: &Mail) -> [u8; 32] {
    let mut words = Sha256::new();
    words.update(&mail.subject);
    words.update([0]);
    words.update(without_links(
        &part_of(&mail.bytes, "text/plain").unwrap_or_default(),
    ));
    words.finalize().into()
}

/// A link is signed for the mail that it stands in, and is no word.
fn without_links(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace);
    words.filter(|word| !word.contains("://")).collect()
}

fn day_words(day: Date) -> String {
    day.strftime("%-d.%-m.%Y").to_string()
}
