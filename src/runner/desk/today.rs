//! What waits for a person, found in the rows that say so: nothing is stored as a task, so nothing is left over
//! when it has been settled in another way.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use super::{Desk, DeskError, MailLine, MailsAsked, ReceivedLine, StopLine};
use crate::store::Status;

/// More than anybody can settle in a day.
const LISTED_MAX: i64 = 200;

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// Since when.
    pub at: Timestamp,
    /// The same, local.
    pub local: DateTime,
    /// In a word or two, Danish.
    pub what: String,
    /// About what, Danish.
    pub about: String,
    /// The commands that settle it, one of which is to be typed.
    pub settle: Vec<String>,
}

impl Desk {
    /// What waits for a person, the newest first.
    pub async fn today(&self) -> Result<Vec<Waits>, DeskError> {
        let mut all = Vec::new();
        for status in [Status::Failed, Status::Unknown, Status::Held] {
            all.extend(self.mails_that_wait(status).await?);
        }
        for line in self.received(None, true, LISTED_MAX).await? {
            all.push(received(&line));
        }
        all.extend(self.lots_that_wait().await?);
        all.extend(self.stops().await?.iter().map(stopped));
        all.extend(self.journals_that_wait().await?);
        all.sort_by_key(|one| std::cmp::Reverse(one.at));
        Ok(all)
    }

    async fn mails_that_wait(&self, status: Status) -> Result<Vec<Waits>, DeskError> {
        let asked = MailsAsked {
            status: Some(status),
            unseen: true,
            limit: Some(LISTED_MAX),
            ..MailsAsked::default()
        };
        let mails = self.mails(&asked).await?;
        // What is merged is settled with the mail that it is merged into.
        let by_itself = |mail: &MailLine| mail.lot.is_none() && mail.merged_into.is_none();
        let of_none = mails.into_iter().filter(by_itself);
        Ok(of_none
            .map(|mail| {
                let (what, verbs): (_, &[&str]) = match status {
                    Status::Failed => ("Afvist", &["retry", "seen"]),
                    Status::Unknown => ("Uvis", &["release"]),
                    _ => ("Holdt tilbage", &["release"]),
                };
                let reason = mail
                    .reason
                    .map_or_else(String::new, |reason| format!(" ({reason})"));
                Waits {
                    at: mail.at,
                    local: mail.local,
                    what: what.to_owned(),
                    about: format!("mail {} til {}: {}{reason}", mail.id, mail.to, mail.about),
                    settle: (verbs.iter())
                        .map(|verb| format!("tovholder outbox {verb} {}", mail.id))
                        .collect(),
                }
            })
            .collect())
    }

    /// Hooks of which something was given up, for whoever keeps them.
    pub async fn hooks_that_wait(&self) -> Result<Vec<Waits>, DeskError> {
        let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").unwrap_or(jiff::tz::TimeZone::UTC);
        let hooks = self.hooks().await?.into_iter();
        Ok(hooks
            .filter_map(|hook| {
                let at = hook.failed_at?;
                let why = hook.answer.unwrap_or_default();
                Some(Waits {
                    at,
                    local: at.to_zoned(zone.clone()).datetime(),
                    what: "Ikke leveret".to_owned(),
                    about: format!("{} beskeder til {} ({why})", hook.failed, hook.title),
                    settle: vec![
                        format!("tovholder hook retry {}", hook.id),
                        format!("tovholder hook revoke {}", hook.id),
                    ],
                })
            })
            .collect())
    }

    async fn lots_that_wait(&self) -> Result<Vec<Waits>, DeskError> {
        let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").unwrap_or(jiff::tz::TimeZone::UTC);
        let lots = self.runner().store().lots().await?;
        Ok(lots
            .into_iter()
            .map(|lot| {
                let at = Timestamp::from_microsecond(lot.lot).unwrap_or_default();
                Waits {
                    at,
                    local: at.to_zoned(zone.clone()).datetime(),
                    what: "Holdt tilbage".to_owned(),
                    about: format!("{} forsinkede mails", lot.mails),
                    settle: vec![format!("tovholder outbox release --lot {}", lot.lot)],
                }
            })
            .collect())
    }
}

/// Mail that is stopped waits for whoever lets it go.
fn stopped(stop: &StopLine) -> Waits {
    Waits {
        at: stop.since,
        local: stop.local,
        what: "Standset".to_owned(),
        about: format!(
            "{} ({}, {}); {} venter",
            stop.what, stop.by, stop.reason, stop.waits
        ),
        settle: vec![stop.command()],
    }
}

fn received(line: &ReceivedLine) -> Waits {
    let who = line.who.clone().unwrap_or_else(|| "ukendt".to_owned());
    let done = format!("tovholder received done {}", line.id);
    let case = line
        .case
        .as_ref()
        .map_or_else(String::new, |case| format!(" · {case}"));
    let (what, about, settle) = match line.kind.as_str() {
        "bounce" => (
            "Kom retur",
            format!("{who}: {}{case}", line.why),
            vec![
                format!("tovholder people address {who} NY_ADRESSE"),
                format!("tovholder received works {who}"),
                done,
            ],
        ),
        "answer" => ("Afbud", format!("{who} {}{case}", line.what), vec![done]),
        _ => (
            "Svar",
            format!(
                "{who}: {}{case}",
                line.subject
                    .clone()
                    .unwrap_or_else(|| "uden emne".to_owned())
            ),
            vec![format!("tovholder received show {}", line.id), done],
        ),
    };
    Waits {
        at: line.at,
        local: line.local,
        what: what.to_owned(),
        about,
        settle,
    }
}
