//! What a mail says: of one case or hold, or of all that was gathered.

use super::intent_in;
use super::read::Read;
use super::secrets::tells_confidential;
use super::wanted::wanted;
use super::{No, unreadable};
use crate::engine::effect::{About, Intent};
use crate::engine::subject::Kind;
use crate::message::{cpr, danish_key};
use crate::runner::context::Context;
use crate::runner::data::{self, Known, Told};
use crate::runner::reason::Reason;
use crate::runner::seats::is_of_cases;
use crate::store::{GatherRow, OutboxRow};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// Of late mail so many holds are named.
const LATE_LISTED_MAX: usize = 20;

/// The names of mail about one subject.
pub(super) fn of_one(
    row: &OutboxRow,
    context: &Context,
    intent: &Intent,
    read: &Read,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Map<String, Json>, No> {
    let view = context.view();
    let subject = &context.subject;
    let mut data = match subject.kind {
        Kind::Case => data::case(context, subject, &view, intent, known),
        Kind::Cohort => data::hold(context, subject, &view),
        Kind::Workflow => Map::new(),
    };
    data.insert("event".into(), data::event(context, intent));
    data.extend(data::thing(context, subject, &view, intent, known));
    if subject.kind != Kind::Case {
        data.insert("candidate".into(), Json::Null);
    }
    if intent.about == About::Message && subject.kind != Kind::Case {
        let members = read.members.get(&row.id).map_or(&[][..], Vec::as_slice);
        let is_own = is_of_cases(context, &row.seat);
        if members.is_empty() && is_own {
            return Err(No::Cancel(Reason::NothingToSay));
        }
        let nobody_left = members.iter().all(|(_, subject)| subject.anonymised);
        if nobody_left && !members.is_empty() {
            return Err(No::Cancel(Reason::AllAnonymised));
        }
        let told = Told {
            members,
            is_own,
            holds: &read.holds,
            versions: &read.versions,
            beside: read.digests.get(&row.id),
            now,
        };
        data.extend(data::digest(context, intent, &told, known));
    }
    Ok(data)
}

/// What somebody wrote, for whoever it is passed on to. What must not stand in a mail is left out, and the mail
/// says where to read it.
pub(super) fn reply(
    row: &OutboxRow,
    context: &Context,
    read: &Read,
    known: &Known<'_>,
) -> Result<Json, No> {
    let reply = read.replies.get(&row.id);
    let Some((reply, text)) = reply.and_then(|reply| Some((reply, reply.text.as_ref()?))) else {
        return Err(No::Cancel(Reason::Erased));
    };
    let at = Timestamp::from_microsecond(reply.at).unwrap_or_default();
    let calendar = &context.version.workflow.calendar;
    let subject = reply.subject_line.clone().unwrap_or_default();
    let said = format!("{subject}\n{text}");
    let is_secret = cpr(&said).is_some() || tells_confidential(&said, context, known);
    Ok(json!({
        "from": reply.from_address,
        "at": calendar.local(at).strftime("%Y-%m-%dT%H:%M").to_string(),
        "subject": (!is_secret && !subject.is_empty()).then_some(subject),
        "text": (!is_secret).then_some(text),
        "number": reply.id,
    }))
}

/// What is late and waits for a person, for whoever runs the installation; nothing when it has been let go.
pub(super) fn late(row: &OutboxRow, lot: i64, context: &Context, read: &Read) -> Result<Json, No> {
    let holds = read.late.get(&row.id).map_or(&[][..], Vec::as_slice);
    let first = holds.iter().map(|of| of.first).min();
    let last = holds.iter().map(|of| of.last).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err(No::Cancel(Reason::LetGo));
    };
    let calendar = &context.version.workflow.calendar;
    let local = |at: i64| {
        let at = calendar.local(Timestamp::from_microsecond(at).unwrap_or_default());
        at.strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let listed = holds.iter().take(LATE_LISTED_MAX);
    let listed = listed.map(|of| json!({"title": of.title, "mails": of.mails}));
    Ok(json!({
        // As it is typed, without the points that a number has.
        "lot": lot.to_string(),
        "mails": holds.iter().map(|of| of.mails).sum::<i64>(),
        "first": local(first),
        "last": local(last),
        "holds": listed.collect::<Vec<Json>>(),
        "more": holds.len().saturating_sub(LATE_LISTED_MAX),
    }))
}

/// The title of what it is about, then the candidate's name, both in Danish order.
type Order = (Vec<u32>, Vec<u32>);

/// The items of gathered mail that are still wanted.
pub(super) fn gathered(
    items: &[GatherRow],
    read: &Read,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Map<String, Json>, No> {
    let mut list: Vec<(Order, Json)> = Vec::new();
    for item in items {
        let Some(context) = read.contexts.get(&item.subject_id) else {
            continue;
        };
        let intent = intent_in(context, &item.intent).map_err(unreadable)?;
        if wanted(context, &intent, now).is_err() {
            continue;
        }
        let view = context.view();
        let candidate = data::candidate(context, known);
        let hold = context
            .cohort
            .as_ref()
            .map_or(&context.row, |hold| &hold.row.subject);
        let mut one = data::thing(context, &context.subject, &view, &intent, known);
        // Like things stand together, and people in Danish order within them.
        let title = ["task", "meeting"]
            .iter()
            .find_map(|name| one.get(*name)?.get("title")?.as_str());
        let order = (
            danish_key(title.unwrap_or_default()),
            danish_key(candidate["name"].as_str().unwrap_or_default()),
        );
        one.insert("candidate".into(), candidate);
        one.insert(
            "cohort".into(),
            json!({"title": hold.title, "start": hold.starts_on}),
        );
        one.insert("event".into(), data::event(context, &intent));
        for name in ["task", "meeting", "window"] {
            one.entry(name).or_insert(Json::Null);
        }
        list.push((order, Json::Object(one)));
    }
    if list.is_empty() {
        return Err(No::Cancel(Reason::NoneWanted));
    }
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut data = Map::new();
    data.insert(
        "items".into(),
        Json::Array(list.into_iter().map(|(_, item)| item).collect()),
    );
    Ok(data)
}
