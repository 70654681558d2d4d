//! `tovholder outbox stop`, `start` and `stops`: mail is stopped, and let go again.

use clap::Args;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure};
use crate::runner::desk::{StopAsked, StopEnds, StopLine, Stopped, WhyCount};

/// What is stopped, or let go; nothing at all is everything.
#[derive(Args, Debug)]
pub(super) struct What {
    /// Only mail of this workflow.
    #[arg(long, value_name = "WORKFLOW")]
    workflow: Option<String>,
    /// Only mail of this hold and its candidates.
    #[arg(long, value_name = "HOLD")]
    cohort: Option<String>,
    /// Only this: the key of a message, a task or a meeting.
    #[arg(long, value_name = "KEY")]
    message: Option<String>,
}

impl What {
    fn asked(&self) -> StopAsked {
        StopAsked {
            workflow: self.workflow.clone(),
            cohort: self.cohort.clone(),
            message: self.message.clone(),
        }
    }

    pub async fn stop(&self, common: &Common, reason: &str) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let stopped = desk.stop_mail(&self.asked(), reason, "cli").await?;
        Ok(Answer::new(stopped_text(&stopped), &stopped))
    }

    pub async fn start(&self, common: &Common, dry_run: bool) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let stop = desk.stop_of(&self.asked()).await?;
        let ends = if dry_run {
            desk.would_let_go(stop.id).await?
        } else {
            desk.let_mail_go(stop.id, "cli").await?
        };
        Ok(Answer::new(ends_text(&ends), &ends))
    }
}

/// What is stopped, or was.
pub(super) async fn list(common: &Common, ended: bool) -> Result<Answer, Failure> {
    let desk = common.desk().await?;
    let stops = if ended {
        desk.ended_stops().await?
    } else {
        desk.stops().await?
    };
    let text = match (stops.is_empty(), ended) {
        (true, false) => "Intet er standset.\n".to_owned(),
        (true, true) => "Intet har været standset.\n".to_owned(),
        (false, _) => table(&stops),
    };
    Ok(Answer::new(text, &stops))
}

fn table(stops: &[StopLine]) -> String {
    let mut table = Table::titled(&["Hvad", "Siden", "Til", "Af", "Venter", "Hvorfor"])
        .whole(1)
        .whole(2)
        .right(4);
    for stop in stops {
        let at = |at: jiff::civil::DateTime| at.strftime("%d.%m.%Y %H.%M").to_string();
        table.row([
            stop.what.clone(),
            at(stop.local),
            stop.ended_local.map(at).unwrap_or_default(),
            stop.by.clone(),
            stop.waits.to_string(),
            stop.reason.clone(),
        ]);
    }
    table.text(0)
}

/// What is stopped, below a list of mail.
pub(super) fn standing_text(stops: &[StopLine]) -> String {
    let mut text = String::new();
    for stop in stops {
        let since = stop.local.strftime("%-d.%-m.%Y kl. %-H.%M");
        let said = format!(
            "Standset siden {since} af {}: {}, fordi: {}. {}.",
            stop.by,
            stop.what,
            stop.reason,
            mails(stop.waits, "venter")
        );
        text.push('\n');
        text.push_str(&wrap("", &said));
        text.push_str(&format!("  {}\n", stop.command()));
    }
    text
}

fn stopped_text(stopped: &Stopped) -> String {
    let stop = &stopped.stop;
    let mut text = if stopped.is_new {
        wrap(
            "",
            &format!("Standset: {}. {}.", stop.what, mails(stop.waits, "venter")),
        )
    } else {
        let since = stop.local.strftime("%-d.%-m.%Y kl. %-H.%M");
        let said = format!("Det er standset i forvejen, siden {since} af {}.", stop.by);
        wrap("", &said)
    };
    if stopped.on_its_way > 0 {
        let said = format!("{} og kan nå frem.", mails(stopped.on_its_way, "er på vej"));
        text.push_str(&wrap("", &said));
    }
    text.push_str("Lad det gå igen med:\n");
    text.push_str(&format!("  {}\n", stop.command()));
    text
}

fn ends_text(ends: &StopEnds) -> String {
    let what = &ends.stop.what;
    let mut text = if ends.is_done {
        wrap("", &format!("Ikke længere standset: {what}."))
    } else {
        wrap("", &format!("Hvis det sættes i gang nu: {what}."))
    };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    if ends.leaves > 0 {
        let leaves = mails(count(ends.leaves), "sendes, i det tempo de plejer");
        text.push_str(&wrap("  ", &format!("{leaves}.")));
    }
    if ends.late > 0 {
        let what = if ends.late_is_small {
            "er forsinket; så få giver tjenesten selv fri"
        } else {
            "er forsinket og holdes tilbage, til nogen giver partiet fri"
        };
        text.push_str(&wrap("  ", &format!("{}.", mails(count(ends.late), what))));
    }
    let because = |text: &mut String, all: &[WhyCount], what: &str| {
        for WhyCount { why, mails: number } in all {
            text.push_str(&wrap(
                "  ",
                &format!("{}: {why}.", mails(count(*number), what)),
            ));
        }
    };
    because(&mut text, &ends.dropped, "falder bort");
    because(&mut text, &ends.held, "kommer til at vente på nogen");
    if ends.still > 0 {
        let still = mails(
            count(ends.still),
            "venter stadig: de er også standset af andet",
        );
        text.push_str(&wrap("  ", &format!("{still}.")));
    }
    let waited = [
        ends.leaves,
        ends.late,
        ends.still,
        ends.dropped.len(),
        ends.held.len(),
    ];
    if waited.iter().all(|mails| *mails == 0) {
        text.push_str("  Ingen mails har ventet.\n");
    }
    if !ends.is_done {
        text.push_str("\nIntet er gjort: det var en prøve (--dry-run).\n");
    }
    text
}

fn mails(number: i64, what: &str) -> String {
    match number {
        0 => format!("Ingen mails {what}"),
        1 => format!("1 mail {what}"),
        many => format!("{many} mails {what}"),
    }
}
