//! Effects as rows: news for other subjects, words, mail.

use jiff::Timestamp;

use super::context::Context;
use super::reason::Reason;
use super::{RunError, Runner};
use crate::engine::effect::{About, Effect, Intent, MeetingWord};
use crate::engine::input::News;
use crate::engine::subject::Subject;
use crate::store::{GatherNew, InboxNew, OutboxNew, Outcome, Status, TextNew};

pub(super) fn texts(effects: &[Effect], now: Timestamp) -> Vec<TextNew> {
    let text = |effect: &Effect| match effect {
        Effect::Text { fact, text } => Some(TextNew {
            name: fact.to_string(),
            text: text.clone(),
            at: now.as_microsecond(),
        }),
        _ => None,
    };
    effects.iter().filter_map(text).collect()
}

/// News for the hold of a case; the key is made unique per hold by the case's id.
pub(super) fn to_cohort(
    context: &Context,
    key: &str,
    news: &News,
    now: Timestamp,
) -> Result<Option<InboxNew>, RunError> {
    let Some(target) = context.row.cohort_id else {
        return Ok(None);
    };
    news_of(target, &context.row.public_id, key, news, now).map(Some)
}

/// News of a case for a hold.
pub(super) fn news_of(
    target: i64,
    case: &str,
    key: &str,
    news: &News,
    now: Timestamp,
) -> Result<InboxNew, RunError> {
    let key = format!("case {case}: {key}");
    Ok(InboxNew {
        target,
        key,
        at: now.as_microsecond(),
        payload: serde_json::to_string(news)?,
    })
}

/// News of a hold for its cases.
pub(super) fn to_cases(
    cases: &[i64],
    key: &str,
    news: &News,
    now: Timestamp,
) -> Result<Vec<InboxNew>, RunError> {
    let payload = serde_json::to_string(news)?;
    let row = |target: &i64| InboxNew {
        target: *target,
        key: key.to_owned(),
        at: now.as_microsecond(),
        payload: payload.clone(),
    };
    Ok(cases.iter().map(row).collect())
}

impl Runner {
    /// Queues mail: one row per seat. Mail that comes late enters `held` with its wake's lot.
    pub(super) async fn queue(
        &self,
        context: &Context,
        subject: &Subject,
        intent: &Intent,
        now: Timestamp,
        outcome: &mut Outcome,
    ) -> Result<(), RunError> {
        let mut seats = self.seats(context, subject, intent).await?;
        if is_invitation(intent) {
            // Several who come at once are looked at one after the other; each is invited once.
            let invited = |seat: &String| {
                let mut queued = outcome.outbox.iter();
                queued.any(|mail| mail.occurrence == intent.occurrence && mail.seat == *seat)
            };
            seats.retain(|seat| !invited(seat));
        }
        let json = serde_json::to_string(intent)?;
        let late = now.duration_since(intent.not_before) > self.late_after();
        for seat in seats {
            if let Some(close) = intent.gather_until {
                outcome.gather.push(GatherNew {
                    group_key: Self::group_key(context, subject, intent, &seat),
                    occurrence: intent.occurrence.clone(),
                    seat,
                    public_id: uuid::Uuid::now_v7().to_string(),
                    priority: priority(intent),
                    intent: json.clone(),
                    close_at: close.as_microsecond(),
                });
                continue;
            }
            outcome.outbox.push(OutboxNew {
                occurrence: intent.occurrence.clone(),
                seat,
                revision: i64::from(intent.revision),
                public_id: uuid::Uuid::now_v7().to_string(),
                method: method(intent).map(ToOwned::to_owned),
                status: if late { Status::Held } else { Status::Queued },
                reason: late.then(|| Reason::Late.stored()),
                priority: priority(intent),
                not_before: intent.not_before.as_microsecond(),
                late_lot: late.then(|| self.wake()),
                intent: json.clone(),
            });
        }
        Ok(())
    }

    /// One mail per recipient and template: the same people on the same hold.
    fn group_key(context: &Context, subject: &Subject, intent: &Intent, seat: &str) -> String {
        let hold = context.cohort_id().unwrap_or_default();
        let people = super::seats::holders(context, subject, seat);
        let people: Vec<String> = people.iter().map(ToString::to_string).collect();
        let (templates, language) = (
            &context.version.templates,
            &context.version.workflow.language,
        );
        let found = intent
            .templates
            .iter()
            .find(|name| templates.has(language, name));
        let what = found.map_or("", String::as_str);
        format!("{hold}/{what}/{seat}/{}", people.join("+"))
    }
}

fn is_invitation(intent: &Intent) -> bool {
    matches!(
        intent.about,
        About::Meeting {
            word: MeetingWord::Invited,
            ..
        }
    )
}

fn method(intent: &Intent) -> Option<&'static str> {
    match &intent.about {
        About::Meeting {
            word: MeetingWord::Invited | MeetingWord::Moved,
            ..
        } => Some("request"),
        About::Meeting {
            word: MeetingWord::Cancelled,
            ..
        } => Some("cancel"),
        _ => None,
    }
}

/// Lower leaves first: what is about a certain time, then what is about one case, then digests.
fn priority(intent: &Intent) -> i64 {
    match &intent.about {
        About::Meeting { .. } => 10,
        About::Message if !intent.cases_in.is_empty() => 40,
        About::Message
        | About::Booking
        | About::Reply
        | About::LateLot { .. }
        | About::Task { .. }
        | About::Overdue { .. } => 20,
    }
}
