//! `tovholder outbox`: what leaves when, what it says, and steering it by hand.

use std::fmt::Write as _;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;

use super::fire::fired_text;
use super::text::{Table, visible_lines, wrap};
use super::{Answer, Common, Failure, stops};
use crate::runner::desk::{MailLine, MailText, MailsAsked, Wrong, status_words};
use crate::store::Status;

const STATUSES: [Status; 8] = [
    Status::Queued,
    Status::Held,
    Status::Sending,
    Status::Retry,
    Status::Sent,
    Status::Failed,
    Status::Unknown,
    Status::Cancelled,
];

const EXAMPLES: &str = "\
Statuses:
  queued     leaves when its time comes
  held       waits for a person: late after an outage, or something is missing
  sending    is on its way right now
  retry      the mail server refused it for now; it is tried again
  sent       the mail server has it
  failed     the mail server refused it for good
  unknown    the connection broke at the end: it may have arrived or not
  cancelled  it was no longer wanted when it was about to leave

Examples:
  tovholder outbox list --status held
  tovholder outbox list --cohort \"Hold 1\"
  tovholder outbox show 12
  tovholder outbox retry 12                 what failed, with the same Message-ID
  tovholder outbox seen 12                  somebody wrote or called instead
  tovholder outbox release 13               what is held or unknown
  tovholder outbox drop 13                  what is held, and is not to be sent
  tovholder outbox now 15                   what is queued, before its time
  tovholder outbox now anna.birkmose@post.example welcome
                                            what is planned and not queued yet
  tovholder outbox again 14 17              what was sent for a date that moved
  tovholder outbox stop --reason \"Forkert dato i skabelonen\"
                                            nothing leaves until `outbox start`
  tovholder outbox stop --cohort \"Hold 1\" --message welcome --reason \"…\"
  tovholder outbox start --cohort \"Hold 1\" --message welcome --dry-run
  tovholder outbox stops                    what is stopped, by whom and why
  tovholder outbox release --lot 1767603600000000";

/// Mails: when each leaves or left, to whom, what it says.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Outbox {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Mails, the newest first.
    List {
        /// Only those that stand so.
        #[arg(long, value_parser = statuses())]
        status: Option<Status>,
        /// Only those of a hold and its candidates.
        #[arg(long, value_name = "HOLD")]
        cohort: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// What a mail says.
    Show {
        /// Its number.
        id: i64,
        /// The message as it goes over the wire, headers and all.
        #[arg(long)]
        raw: bool,
    },
    /// Try again what failed or waits for its next try.
    Retry {
        /// Its number.
        id: i64,
    },
    /// Somebody has seen to what failed, in another way than by trying again: it leaves `tovholder today`.
    Seen {
        /// Its number.
        id: i64,
    },
    /// Let go what is held, or what is unknown and may then arrive twice.
    #[command(group(ArgGroup::new("which").required(true).args(["id", "lot"])))]
    Release {
        /// Its number.
        id: Option<i64>,
        /// A whole lot of late mail.
        #[arg(long)]
        lot: Option<i64>,
    },
    /// Send what is held not at all.
    #[command(group(ArgGroup::new("dropped").required(true).args(["id", "lot"])))]
    Drop {
        /// Its number.
        id: Option<i64>,
        /// A whole lot of late mail.
        #[arg(long)]
        lot: Option<i64>,
    },
    /// Send before its time what is queued, or what is planned; inside the send hours, and never again.
    Now {
        /// The number of what is queued; or a candidate, a hold, or a workflow's id.
        #[arg(value_name = "ID|CASE")]
        of: String,
        /// The message's key in the workflow, of what is planned.
        message: Option<String>,
    },
    /// Say what was sent again, with what is true now: at its new time, or at once.
    Again {
        /// Their numbers.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Let no mail leave, or none of this: at once, and also what is decided later.
    Stop {
        #[command(flatten)]
        what: stops::What,
        /// Why; it stands on every page until mail leaves again.
        #[arg(long)]
        reason: String,
    },
    /// Let go what was stopped: what is late is held, what is of no use falls away, the rest leaves.
    Start {
        #[command(flatten)]
        what: stops::What,
        /// Only tell what would leave, be held and fall away.
        #[arg(long)]
        dry_run: bool,
    },
    /// What is stopped, since when, by whom and why.
    Stops {
        /// What was stopped before instead.
        #[arg(long)]
        ended: bool,
    },
}

fn statuses() -> impl TypedValueParser<Value = Status> {
    let names = PossibleValuesParser::new(STATUSES.map(Status::as_str));
    names.try_map(|name| {
        STATUSES
            .into_iter()
            .find(|status| status.as_str() == name)
            .ok_or("no such status")
    })
}

impl Outbox {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::List {
                status,
                cohort,
                limit,
            } => {
                let asked = MailsAsked {
                    status: *status,
                    cohort: cohort.clone(),
                    limit: Some(*limit),
                    ..MailsAsked::default()
                };
                let mails = desk.mails(&asked).await?;
                let mut text = list(&mails, *limit);
                text.push_str(&stops::standing_text(&desk.stops().await?));
                Ok(Answer::new(text, &mails))
            }
            What::Show { id, raw } => {
                let mail = desk.mail(*id).await?;
                let text = match (&mail.raw, raw) {
                    (Some(message), true) => visible_lines(&message.replace("\r\n", "\n")),
                    _ => shown(&mail),
                };
                Ok(Answer::new(text, &mail))
            }
            What::Retry { id } => {
                let mail = desk.retry_mail(*id).await?;
                Ok(Answer::new(
                    format!(
                        "Mail {id} prøves igen, så snart tjenesten kører.\n{}",
                        mail_line(&mail)
                    ),
                    &mail,
                ))
            }
            What::Seen { id } => {
                let mail = desk.seen_mail(*id).await?;
                Ok(Answer::new(
                    format!(
                        "Mail {id} venter ikke længere på nogen.\n{}",
                        mail_line(&mail)
                    ),
                    &mail,
                ))
            }
            What::Release { id: Some(id), .. } => {
                let mail = desk.release_mail(*id).await?;
                Ok(Answer::new(
                    format!("Mail {id} er givet fri.\n{}", mail_line(&mail)),
                    &mail,
                ))
            }
            What::Release { id: None, lot } => {
                let lot = lot.unwrap_or_default();
                let released = desk.release_lot(lot).await?;
                Ok(Answer::new(
                    format!("{released} mails er givet fri.\n"),
                    &json!({"lot": lot, "released": released}),
                ))
            }
            What::Drop { id: Some(id), .. } => {
                let mail = desk.drop_mail(*id).await?;
                Ok(Answer::new(
                    format!("Mail {id} sendes ikke.\n{}", mail_line(&mail)),
                    &mail,
                ))
            }
            What::Drop { id: None, lot } => {
                let lot = lot.unwrap_or_default();
                let dropped = desk.drop_lot(lot).await?;
                Ok(Answer::new(
                    format!("{dropped} mails sendes ikke.\n"),
                    &json!({"lot": lot, "dropped": dropped}),
                ))
            }
            What::Now {
                of,
                message: Some(message),
            } => {
                let sent = desk.send_next_early(of, message).await?;
                Ok(Answer::new(fired_text(&sent), &sent))
            }
            What::Now { of, message: None } => {
                let id = of.parse().map_err(|_| {
                    let wrong = Wrong::new("Hvilken mail?").column("ID|CASE");
                    wrong.help("Giv nummeret på en mail i kø, eller også mailens nøgle i forløbet.")
                })?;
                let mail = desk.send_mail_now(id).await?;
                Ok(Answer::new(
                    format!("Mail {id} sendes nu.\n{}", mail_line(&mail)),
                    &mail,
                ))
            }
            What::Again { ids } => {
                let said = desk.say_again(ids).await?;
                let text: Vec<String> = said.iter().map(fired_text).collect();
                Ok(Answer::new(text.join("\n"), &said))
            }
            What::Stop { what, reason } => what.stop(common, reason).await,
            What::Start { what, dry_run } => what.start(common, *dry_run).await,
            What::Stops { ended } => stops::list(common, *ended).await,
        }
    }
}

fn list(mails: &[MailLine], limit: i64) -> String {
    if mails.is_empty() {
        return "Ingen mails.\n".to_owned();
    }
    let mut table = Table::titled(&["Nr.", "Status", "Tid", "Til", "Om"])
        .whole(0)
        .whole(1)
        .whole(2)
        .right(0);
    for mail in mails {
        let time = mail.local.strftime("%d.%m.%Y %H.%M").to_string();
        table.row([
            mail.id.to_string(),
            status_words(mail.status).to_owned(),
            time,
            mail.to.clone(),
            mail.about.clone(),
        ]);
    }
    let mut out = table.text(0);
    if i64::try_from(mails.len()) == Ok(limit) {
        let _ = write!(
            out,
            "\nKun de {limit} nyeste er vist; se flere med --limit.\n"
        );
    }
    let refused = mails
        .iter()
        .filter_map(|mail| Some((mail.id, mail.refused?)));
    for (at, (id, means)) in refused.enumerate() {
        if at == 0 {
            out.push('\n');
        }
        out.push_str(&wrap("  ", &format!("{id}: {means}")));
    }
    let merged = mails
        .iter()
        .filter_map(|mail| Some((mail.id, merged_words(mail)?)));
    for (at, (id, words)) in merged.enumerate() {
        if at == 0 {
            out.push('\n');
        }
        out.push_str(&wrap("  ", &format!("{id}: {words}")));
    }
    let lots: std::collections::BTreeSet<i64> = mails.iter().filter_map(|mail| mail.lot).collect();
    for lot in lots {
        let _ = write!(
            out,
            "\nForsinkede mails holdes tilbage. Giv dem fri med:\n  tovholder outbox release --lot {lot}\n"
        );
    }
    out
}

/// That it leaves, or left, within another.
fn merged_words(mail: &MailLine) -> Option<String> {
    let into = mail.merged_into?;
    let sent = if mail.status == Status::Sent {
        "sendt i"
    } else {
        "samlet i"
    };
    Some(format!("{sent} mail {into}"))
}

/// A mail in one or two lines, for lists that are about something else.
pub(super) fn mail_line(mail: &MailLine) -> String {
    let time = mail.local.strftime("%d.%m.%Y %H.%M");
    let mut out = wrap(
        "  ",
        &format!(
            "{} {} {time} til {}: {}",
            mail.id,
            status_words(mail.status),
            mail.to,
            mail.about
        ),
    );
    if let Some(reason) = &mail.reason {
        out.push_str(&wrap("      ", reason));
    }
    if let Some(words) = merged_words(mail) {
        out.push_str(&wrap("      ", &words));
    }
    out
}

fn shown(mail: &MailText) -> String {
    let line = &mail.line;
    let time = line.local.strftime("%d.%m.%Y kl. %H.%M");
    let mut out = wrap(
        "Mail    ",
        &format!("{} · {}, {time}", line.id, status_words(line.status)),
    );
    if let Some(words) = merged_words(line) {
        out.push_str(&wrap("Samlet  ", &words));
    }
    let reason = line.reason.as_ref().map(|reason| wrap("Årsag   ", reason));
    let answer = mail.answer.as_ref().map(|answer| wrap("Svar    ", answer));
    out.extend(reason.into_iter().chain(answer));
    for returned in &mail.returned {
        out.push_str(&wrap("Retur   ", returned));
    }
    out.push_str(&wrap("Til     ", &line.to));
    out.push_str(&wrap("Emne    ", &line.about));
    out.push_str(&wrap("Følger  ", &line.occurrence));
    out.push('\n');
    match &mail.text {
        Some(text) => out.push_str(&visible_lines(text)),
        None => out.push_str("Teksten skrives først, når mailen sendes.\n"),
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn it_is_told_in_which_mail_another_was_sent() {
        for (status, merged_into, told) in [
            (Status::Sent, Some(12), Some("sendt i mail 12")),
            (Status::Unknown, Some(12), Some("samlet i mail 12")),
            (Status::Sent, None, None),
        ] {
            let line = MailLine {
                id: 13,
                message_id: "0193".into(),
                status,
                reason: None,
                refused: None,
                at: Timestamp::UNIX_EPOCH,
                local: date(2027, 1, 4).at(15, 30, 0, 0),
                to: "anna@post.example".into(),
                about: "Velkommen".into(),
                occurrence: "message.welcome@waiting#1.1".into(),
                lot: None,
                attempts: 1,
                merged_into,
                is_stopped: false,
            };
            let listed = list(std::slice::from_ref(&line), 50);
            let one = mail_line(&line);
            let mail = MailText {
                line,
                coming: None,
                text: None,
                raw: None,
                answer: None,
                returned: Vec::new(),
            };
            for text in [listed, one, shown(&mail)] {
                match told {
                    Some(told) => assert!(text.contains(told), "{text}"),
                    None => assert!(!text.contains(" i mail"), "{text}"),
                }
            }
        }
    }
}
