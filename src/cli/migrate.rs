//! `tovholder migrate`: a hold goes on by another version of its workflow.

use std::fmt::Write as _;

use clap::{ArgGroup, Args};

use super::text::{Table, wrap};
use super::{Answer, Common, Failure, pair};
use crate::runner::change::{DayMoved, MailMoved, When};
use crate::runner::desk::{BringsShown, MoveAsked, MoveDone, MovePlan};

const EXAMPLES: &str = "\
Without --apply nothing is changed: what the new version brings is told, case by
case. --apply takes the plan's code, and does exactly what was read, to the whole
hold or not at all. It can be undone until something has followed from it.

A state that is gone needs `was:` in the new file, or --map with where its cases
go.

Examples:
  tovholder migrate \"Hold 1\"
  tovholder migrate \"Hold 1\" --to 2 --map praktik_2=internship_2
  tovholder migrate \"Hold 1\" --apply 3f2a9c1b
  tovholder migrate odense-for-forloeb
  tovholder migrate \"Hold 1\" --undo
  tovholder migrate \"Hold 1\" --list";

/// Let a hold go on by another version of its workflow: see what it brings, then do exactly that.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("what").args(["plan", "apply", "undo", "list"]))]
pub(super) struct Migrate {
    /// The hold: its id, the beginning of it, or its title. Or a workflow's id, for what it says over all its holds.
    hold: String,
    /// The version: its number, or WORKFLOW@NUMBER; otherwise the one that was published last.
    #[arg(long, value_name = "VERSION", default_value = "")]
    to: String,
    /// Where the cases of a state go; may be repeated.
    #[arg(long = "map", value_name = "STATE=STATE", value_parser = pair)]
    states: Vec<(String, String)>,
    /// A date that the hold has not had; may be repeated.
    #[arg(long = "date", value_name = "NAME=DATE", value_parser = pair)]
    dates: Vec<(String, String)>,
    /// Only tell what it brings; that is so without anything else, too.
    #[arg(long)]
    plan: bool,
    /// Do what was read: the plan's code, at least its first eight characters.
    #[arg(long, value_name = "CODE")]
    apply: Option<String>,
    /// Take the newest move back.
    #[arg(long)]
    undo: bool,
    /// Tell which moves there have been.
    #[arg(long)]
    list: bool,
}

impl Migrate {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let asked = MoveAsked {
            to: self.to.clone(),
            states: self.states.clone(),
            dates: self.dates.clone(),
        };
        if self.undo {
            let done = desk.undo_move(&self.hold, "cli").await?;
            let text = format!("{} følger igen {}.", done.title, done.on);
            return Ok(Answer::new(wrap("", &text), &done));
        }
        if self.list {
            return self.list(&desk).await;
        }
        if let Some(code) = &self.apply {
            let done = desk.make_move(&self.hold, &asked, code, "cli").await?;
            return Ok(Answer::new(done_text(&done), &done));
        }
        let plan = desk.plan_move(&self.hold, &asked).await?;
        let text = self.plan_text(&plan);
        let mut answer = Answer::new(text, &plan);
        answer.has_problems = !plan.can_be;
        Ok(answer)
    }

    async fn list(&self, desk: &crate::runner::desk::Desk) -> Result<Answer, Failure> {
        let moves = desk.moves_of_hold(&self.hold).await?;
        if moves.is_empty() {
            return Ok(Answer::new(
                "Holdet har ikke skiftet version.\n".to_owned(),
                &moves,
            ));
        }
        let mut table = Table::titled(&["Hvornår", "Fra", "Til", "Af", "Fortrudt"]).whole(0);
        for one in &moves {
            let undone = one
                .undone
                .as_ref()
                .map(|(at, by)| format!("{} ({by})", at.strftime("%-d.%-m.%Y")));
            table.row([
                one.at.strftime("%-d.%-m.%Y kl. %-H.%M").to_string(),
                number(&one.from),
                number(&one.to),
                one.by.clone(),
                undone.unwrap_or_default(),
            ]);
        }
        Ok(Answer::new(table.text(0), &moves))
    }

    fn plan_text(&self, plan: &MovePlan) -> String {
        let mut text = wrap("", &format!("{}: {} → {}", plan.title, plan.from, plan.to));
        text.push_str("\nForskellen\n");
        for change in &plan.changes {
            text.push_str(&wrap("  ", &change.to_string()));
        }
        text.push('\n');
        text.push_str(&brings_text(&plan.brings));
        let code: String = plan.hash.chars().take(12).collect();
        let how = if plan.can_be {
            format!(
                "Gør præcis det med: tovholder migrate \"{}\"{} --apply {code}",
                self.hold,
                self.options()
            )
        } else {
            "Det kan ikke gøres, før det, der står ovenfor, er ordnet.".to_owned()
        };
        text.push('\n');
        text.push_str(&wrap("", &how));
        text
    }

    fn options(&self) -> String {
        let mut all = String::new();
        if !self.to.is_empty() {
            let _ = write!(all, " --to {}", self.to);
        }
        for (from, to) in &self.states {
            let _ = write!(all, " --map {from}={to}");
        }
        for (name, day) in &self.dates {
            let _ = write!(all, " --date {name}={day}");
        }
        all
    }
}

/// What a change brings, to be read.
pub(super) fn brings_text(brings: &BringsShown) -> String {
    let cases = |count: usize| match count {
        1 => "1 sag".to_owned(),
        many => format!("{many} sager"),
    };
    let said = brings.counts.said().into_iter();
    let said: Vec<String> = said
        .map(|(verdict, count)| format!("{}: {}", cases(count), verdict.da()))
        .collect();
    let mut text = if brings.over_all {
        String::new()
    } else if brings.counts.cases == 0 {
        "Holdet har ingen sager.\n".to_owned()
    } else {
        wrap(
            "",
            &format!("{}. {}.", cases(brings.counts.cases), said.join("; ")),
        )
    };
    for group in &brings.groups {
        if group.is_unchanged() && group.is_hold {
            continue;
        }
        let names: Vec<&str> = group.of.iter().map(|(_, name)| name.as_str()).collect();
        let verdicts: Vec<&str> = group.verdicts.iter().map(|verdict| verdict.da()).collect();
        text.push('\n');
        let whose = if brings.over_all {
            "På tværs af holdene".to_owned()
        } else if group.is_hold {
            "Holdet selv".to_owned()
        } else if let Some(hold) = &group.on {
            format!("{}, på {hold}", names.join(", "))
        } else {
            names.join(", ")
        };
        text.push_str(&wrap("", &format!("{whose} · {}", verdicts.join(", "))));
        if let Some(why) = &group.hindered {
            text.push_str(&wrap("  ! ", why));
        }
        if let Some((before, after)) = &group.state {
            text.push_str(&wrap("  ", &format!("»{before}« → »{after}«")));
        }
        for day in &group.days {
            text.push_str(&wrap("  ", &day_text(day)));
        }
        for mails in group.alike() {
            text.push_str(&wrap("  ", &mails_text(mails)));
        }
        for one in &group.impossible {
            text.push_str(&wrap("  ! ", one));
        }
    }
    text
}

fn day_text(day: &DayMoved) -> String {
    let what = &day.what;
    match (&day.before, &day.after) {
        (Some(before), Some(after)) => format!("{what}: {before} → {after}"),
        (None, Some(after)) => format!("{what}: {after}, kommer til"),
        (Some(before), None) => format!("{what}: {before}, bortfalder"),
        (None, None) => what.clone(),
    }
}

/// Of several only the first and the last are told.
fn mails_text(mails: &[MailMoved]) -> String {
    match mails {
        [] => String::new(),
        [one] => mail_text(one),
        [first, .., last] => format!(
            "{}. I alt {} gange, sidst {}",
            mail_text(first),
            mails.len(),
            last.after
                .or(last.before)
                .as_ref()
                .map_or_else(String::new, When::da)
        ),
    }
}

fn mail_text(mail: &MailMoved) -> String {
    let what = format!("Mail »{}« til {}", mail.subject, mail.to);
    let moved = match (&mail.before, &mail.after) {
        (Some(before), Some(after)) if before == after => after.da(),
        (Some(before), Some(after)) => format!("{} → {}", before.da(), after.da()),
        (None, Some(after)) if mail.repeats => {
            format!("{}, er sendt før og ville blive sendt igen", after.da())
        }
        (None, Some(after)) => format!("{}, kommer til", after.da()),
        (Some(before), None) => format!("{}, bortfalder", before.da()),
        (None, None) => String::new(),
    };
    let words = if mail.reads_otherwise {
        ", med andre ord"
    } else {
        ""
    };
    let calendar = match mail.in_calendar() {
        "" => String::new(),
        words => format!(" ({words})"),
    };
    format!("{what}: {moved}{words}{calendar}")
}

/// The number of `WORKFLOW@NUMBER`; the workflow is the hold's.
fn number(version: &str) -> String {
    let number = version
        .rsplit_once('@')
        .map_or(version, |(_, number)| number);
    format!("version {number}")
}

fn done_text(done: &MoveDone) -> String {
    let cases = match done.cases {
        1 => "1 sag".to_owned(),
        many => format!("{many} sager"),
    };
    let text = format!(
        "{} følger nu {}, og {cases} er fulgt med.",
        done.title, done.on
    );
    let undo = format!(
        "Det kan fortrydes, til noget er sket: tovholder migrate \"{}\" --undo",
        done.title
    );
    wrap("", &text) + &wrap("", &undo)
}
