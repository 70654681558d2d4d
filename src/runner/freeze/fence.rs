//! What a decision about a mail was made from.

use std::collections::BTreeSet;

use super::read::Read;
use crate::message::{MailParts, Mailbox};
use crate::mutant::{self, Mutant};
use crate::runner::context::Context;
use crate::store::{Fence, OutboxRow};

/// What the mail is made from, so that the store can tell whether it still is so.
pub(super) fn fence(row: &OutboxRow, read: &Read) -> Fence {
    let mut fence = Fence {
        id: row.id,
        attempt: row.attempt,
        wished: read.wish(row).map_or(0, |wish| wish.rev),
        ..Fence::default()
    };
    let items = read
        .items
        .get(&row.id)
        .into_iter()
        .flatten()
        .map(|item| item.subject_id);
    let subjects: BTreeSet<i64> = std::iter::once(row.subject_id).chain(items).collect();
    for id in subjects {
        let Some(context) = read.contexts.get(&id) else {
            continue;
        };
        fence.seqs.push((id, context.row.seq));
        if let Some(hold) = &context.cohort {
            fence
                .broadcasts
                .push((hold.row.subject.id, hold.row.subject.broadcast));
        }
    }
    fence.seqs.extend(
        read.members
            .get(&row.id)
            .into_iter()
            .flatten()
            .map(|(member, _)| (member.id, member.seq)),
    );
    let counted = read.digests.get(&row.id).map(|beside| &beside.counted);
    fence.seqs.extend(counted.into_iter().flatten());
    if mutant::is(Mutant::RenderInStep) {
        fence.seqs.clear();
        fence.broadcasts.clear();
    }
    fence.broadcasts.sort_unstable();
    fence.broadcasts.dedup();
    fence
}

/// The same for a mail that leaves; of an announcement, also that nobody whom it goes to has unsubscribed.
pub(super) fn leaving(row: &OutboxRow, read: &Read, context: &Context, parts: &MailParts) -> Fence {
    let mut fence = fence(row, read);
    if parts.list_unsubscribe.is_some() {
        fence.announced = announced_to(row, context, &parts.to);
    }
    fence
}

/// Whom an announcement goes to, as the suppression list knows them: those it is written to now, and those whom
/// the bytes of an earlier attempt would go to.
pub(super) fn announced_to(
    row: &OutboxRow,
    context: &Context,
    to: &[Mailbox],
) -> Vec<(String, String)> {
    let before = row.address.iter().flat_map(|address| address.split(", "));
    let addresses: BTreeSet<String> = (to.iter().map(Mailbox::address))
        .chain(before)
        .map(str::to_lowercase)
        .collect();
    let workflow = &context.version.workflow.id;
    let pairs = addresses.into_iter();
    pairs
        .map(|address| (workflow.to_string(), address))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use jiff::civil::date;

    use crate::clock::Clock;
    use crate::message::TemplateSource;
    use crate::runner::cast::{Cast, HoldGiven};
    use crate::runner::freeze::Prepared;
    use crate::runner::{Runner, Settings, Subscriber};
    use crate::store::Store;

    const YAML: &str = "workflow: it
title: Det
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {network: {title: Netværket, per: workflow}}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    news: {template: news, to: network, every: friday at 12:00, from: 2 weeks before cohort.start, until: cohort.start, announcement: yes}
    task: {template: news, to: network, every: friday at 12:00, from: 2 weeks before cohort.start, until: cohort.start}
candidate:
  states:
    here: {title: Her, until: cohort.start, then: out}
    out: {title: Ude, final: neutral}
";

    fn cast() -> Cast {
        let read = crate::definition::read("it.yaml", YAML);
        let workflow = Arc::new(read.workflow.expect("it is right"));
        let files = [
            ("subject.hbs", "Nyt"),
            ("body.txt.hbs", "Nyt."),
            ("body.html.hbs", "<p>Nyt.</p>"),
        ];
        let files = files.map(|(name, text)| (format!("da/news/{name}"), text.to_owned()));
        let start = date(2026, 2, 2);
        Cast {
            file: "it.yaml".into(),
            yaml: YAML.into(),
            templates: TemplateSource {
                files: files.into(),
            },
            begins_at: Some(workflow.calendar.instant(date(2026, 1, 19).at(10, 0, 0, 0))),
            workflow,
            title: "Hold 1".into(),
            dates: BTreeMap::from([("start".into(), start)]),
            players: Cast::sample_players(1, start),
            said: Vec::new(),
            only_said: true,
            given: HoldGiven::default(),
            next: None,
        }
    }

    /// Somebody unsubscribes after it was decided that they are written to, and before the mail leaves.
    #[tokio::test]
    async fn who_unsubscribes_while_it_is_decided_gets_no_announcement() {
        let cast = cast();
        let from = "post@college.example".parse().expect("a mailbox");
        let store = Store::open_in_memory().await.expect("a store");
        let clock = Clock::manual(cast.begins());
        let runner = Runner::new(store.clone(), clock, Settings::new(from, "x"));
        cast.set(&runner).await.expect("a stage");
        let noon = date(2026, 1, 23).at(12, 0, 0, 0);
        runner.clock().move_to(cast.workflow.calendar.instant(noon));
        let now = runner.now();
        runner.work(now).await.expect("it works");
        let micros = now.as_microsecond();
        let rows = store.ready(micros, 9).await.expect("mail");
        let is_news = |id: i64| {
            let row = rows.iter().find(|row| row.id == id);
            row.is_some_and(|row| row.occurrence.starts_with("message.news@"))
        };
        let decided = runner.prepare(&rows, now).await.expect("decided");
        let freezes: Vec<_> = (decided.into_iter())
            .filter_map(|prepared| match prepared {
                Prepared::Send(both) => Some(both.freeze),
                _ => None,
            })
            .collect();
        assert_eq!(freezes.len(), 2, "both are to leave");
        let unsubscribed = runner
            .unsubscribe(&Subscriber {
                address: freezes[0].address.to_uppercase(),
                workflow: "it".into(),
                title: String::new(),
                language: "da".into(),
            })
            .await;
        assert!(unsubscribed.expect("stored"));
        let begun = store.begin_sending(freezes, micros).await.expect("begun");
        assert!(matches!(begun[..], [id] if !is_news(id)), "{begun:?}");
        let again = store.ready(micros, 9).await.expect("mail");
        let again = runner.prepare(&again, now).await.expect("decided");
        assert!(
            matches!(&again[..], [Prepared::Cancel(cancel)] if cancel.reason == "unsubscribed"),
            "it is decided anew, and cancelled"
        );
    }
}
