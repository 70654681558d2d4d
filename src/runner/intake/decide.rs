//! What is kept of a mail that has come in, and what follows from it: decided from what was read, and nothing
//! else.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::Found;
use crate::intake::{Incoming, Kind, Returned, Weight};
use crate::runner::Runner;
use crate::store::ReceivedNew;

/// So many mails to an address that come back for now, with no success between, within so long, are for a
/// person to look at.
const SOFT_MAX: i64 = 3;
const SOFT_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is to be kept of a mail, and what follows from it.
pub(super) fn decide(
    mail: &Incoming,
    found: &Found,
    key: String,
    now: Timestamp,
    runner: &Runner,
) -> ReceivedNew {
    let subject_id = found.context.as_ref().map(|context| context.row.id);
    let about = ReceivedNew {
        outbox_id: found.row.as_ref().map(|row| row.id),
        subject_id,
        ..ReceivedNew::default()
    };
    match &mail.kind {
        Kind::Bounce(all) => came_back(mail, all, found, &about, key, now),
        Kind::Automatic(why) => ReceivedNew {
            detail: Some(why.word().to_owned()),
            outbox_id: about.outbox_id,
            subject_id,
            // A program's words are nobody's; whose program it was is not asked either.
            from_address: None,
            subject_line: None,
            ..kept(mail, key, "automatic", now)
        },
        Kind::Human { text } => {
            let forward = found
                .context
                .as_ref()
                .and_then(|context| runner.forward(context, &key, found.person));
            ReceivedNew {
                outbox_id: about.outbox_id,
                subject_id,
                person_id: found.person,
                text: Some(text.clone()),
                note: forward.as_ref().map(|_| "sendt videre".to_owned()),
                is_open: true,
                forward,
                ..kept(mail, key, "human", now)
            }
        }
        Kind::Answer(_) | Kind::Own => kept(mail, key, "automatic", now),
    }
}

/// A report: of several recipients the worst is kept. An address is only marked when it is the one that we
/// wrote to, and when it is ours that came back: a report can be made up.
fn came_back(
    mail: &Incoming,
    all: &[Returned],
    found: &Found,
    about: &ReceivedNew,
    key: String,
    now: Timestamp,
) -> ReceivedNew {
    let written_to = found.row.as_ref().and_then(|row| row.address.as_deref());
    let is_ours = |one: &Returned| {
        let recipient = one.recipient.as_deref().unwrap_or_default();
        let mut addresses = written_to.unwrap_or_default().split(", ");
        addresses.any(|known| known.to_lowercase() == recipient)
    };
    let worst = all.iter().max_by_key(|one| (is_ours(one), one.weight));
    let Some(worst) = worst else {
        return kept(mail, key, "bounce", now);
    };
    // What a forwarding leads to is another's address: ours has somebody behind it.
    let is_certain = is_ours(worst) && worst.forwarded_to.is_none();
    let weight = match worst.weight {
        Weight::Hard if !is_certain => Weight::Soft,
        weight => weight,
    };
    let recipient = worst.recipient.clone().or_else(|| {
        let only = written_to.filter(|address| !address.contains(", "));
        only.map(str::to_lowercase)
    });
    let is_hard = weight == Weight::Hard;
    let since = (now - SOFT_WITHIN).as_microsecond();
    ReceivedNew {
        detail: Some(weight.word().to_owned()),
        code: worst.status.clone(),
        words: Some(worst.words.clone()).filter(|words| !words.is_empty()),
        person_id: found.row.as_ref().and_then(|row| row.person_id),
        marks: is_hard.then(|| worst.status.clone().unwrap_or_else(|| "-".into())),
        opens_after: (weight == Weight::Soft).then_some((since, SOFT_MAX)),
        is_open: is_hard,
        recipient,
        outbox_id: about.outbox_id,
        subject_id: about.subject_id,
        ..kept(mail, key, "bounce", now)
    }
}

/// What is kept of every mail.
pub(super) fn kept(mail: &Incoming, key: String, kind: &str, now: Timestamp) -> ReceivedNew {
    ReceivedNew {
        key,
        at: now.as_microsecond(),
        kind: kind.to_owned(),
        from_address: mail.from.clone(),
        subject_line: Some(mail.subject.clone()).filter(|subject| !subject.is_empty()),
        ..ReceivedNew::default()
    }
}

/// The same for the same mail, however often and by whatever way it comes: of what it says, not of the lines that
/// servers add.
pub(super) fn key(mail: &Incoming) -> String {
    let mut hash = Sha256::new();
    let parts = [
        mail.message_id.clone().unwrap_or_default(),
        mail.from.clone().unwrap_or_default(),
        mail.at.map_or_else(String::new, |at| at.to_string()),
        mail.subject.clone(),
        format!("{:?}", mail.kind),
    ];
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
