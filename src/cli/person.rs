//! `tovholder person`: somebody's data as such: shown, given out, kept for legal reasons, erased.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure, folder};
use crate::channel::{Channel, FileChannel};
use crate::runner::Mailer;
use crate::runner::desk::{Desk, EraseAsked, ErasePlan, PersonShown};

/// Who has done it, where nobody has logged in.
const BY: &str = "cli";

const EXAMPLES: &str = "\
A person is named by name as it is written, by e-mail address, or by the id of a
case of theirs. What is done here is written down, and told by `person show`.

Examples:
  tovholder person show \"Anna Birkmose\"
  tovholder person export anna.birkmose@post.example --out indsigt.zip
  tovholder person hold anna.birkmose@post.example --reason \"Klagesag 26/123\"
  tovholder person hold anna.birkmose@post.example --release
  tovholder person erase anna.birkmose@post.example
  tovholder person erase anna.birkmose@post.example --apply";

/// Somebody's data as such: see them, give them out, keep them for legal reasons, erase them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Person {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What there is about somebody, in short.
    Show {
        /// Who.
        person: String,
    },
    /// Everything that is stored about somebody, as one archive (.zip) that they can read.
    Export {
        /// Who.
        person: String,
        /// The archive; without it a name is made of theirs and the day.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Name colleagues, instead of saying what they are to the case.
        #[arg(long)]
        with_staff: bool,
    },
    /// Keep somebody's data for legal reasons: nothing is erased until they are released.
    Hold {
        /// Who.
        person: String,
        /// Why.
        #[arg(long, required_unless_present = "release", conflicts_with = "release")]
        reason: Option<String>,
        /// They are kept no longer: what time would have erased goes.
        #[arg(long)]
        release: bool,
    },
    /// Erase somebody: first it is told what goes, what stays, and what is in the way.
    Erase {
        /// Who.
        person: String,
        /// Do it.
        #[arg(long)]
        apply: bool,
        /// Also cases that are under way: they end with it.
        #[arg(long)]
        running: bool,
        /// The folder that mail is written into, where that is so; `TOVHOLDER_MAIL_DIR`. Their mails are removed from it
        /// at once; otherwise the service does so.
        #[arg(
            long,
            env = "TOVHOLDER_MAIL_DIR",
            value_name = "FOLDER",
            hide_env = true
        )]
        mail_dir: Option<PathBuf>,
    },
}

impl Person {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        match &self.what {
            What::Show { person } => {
                let shown = desk.person_shown(person).await?;
                Ok(Answer::new(shown_text(&shown), &shown))
            }
            What::Export {
                person,
                out,
                with_staff,
            } => export(&desk, person, out.clone(), *with_staff).await,
            What::Hold {
                person,
                reason: Some(reason),
                ..
            } => {
                let name = desk.keep_person(person, reason, BY).await?;
                let text =
                    format!("{name} bevares af retlige grunde: intet slettes, før det ophæves.");
                Ok(Answer::new(
                    wrap("", &text),
                    &json!({"name": name, "kept": true}),
                ))
            }
            What::Hold { person, .. } => {
                let name = desk.release_person(person, BY).await?;
                let text = format!("{name} bevares ikke længere af retlige grunde.");
                Ok(Answer::new(
                    wrap("", &text),
                    &json!({"name": name, "kept": false}),
                ))
            }
            What::Erase {
                person,
                apply,
                running,
                mail_dir,
            } => {
                let asked = EraseAsked {
                    running: *running,
                    apply: *apply,
                };
                erase(&desk, person, asked, mail_dir.clone()).await
            }
        }
    }
}

async fn export(
    desk: &Desk,
    person: &str,
    out: Option<PathBuf>,
    with_staff: bool,
) -> Result<Answer, Failure> {
    let export = desk.export_person(person, with_staff, BY).await?;
    let out = out.unwrap_or_else(|| PathBuf::from(&export.file));
    folder::write(&out, &export.bytes)?;
    let text = format!(
        "Alt om {} er i {}: {} filer. Se notater og filer igennem for andres navne, før det udleveres.",
        export.name,
        out.display(),
        export.files
    );
    let json = json!({"name": export.name, "file": out, "files": export.files});
    Ok(Answer::new(wrap("", &text), &json))
}

async fn erase(
    desk: &Desk,
    person: &str,
    asked: EraseAsked,
    mail_dir: Option<PathBuf>,
) -> Result<Answer, Failure> {
    let plan = desk.erase_person(person, asked, BY).await?;
    let mut text = plan_text(&plan);
    if plan.done {
        let is_folder = mail_dir.is_some();
        let is_clean = shred(desk, mail_dir).await?;
        text.push_str(&wrap(
            "",
            after(is_folder, is_clean, desk.runner().store().is_shared()),
        ));
    } else if plan.hindrances.is_empty() {
        text.push_str("\nIntet er slettet endnu. Gør det med --apply.\n");
    }
    let mut answer = Answer::new(text, &plan);
    answer.has_problems = !plan.hindrances.is_empty();
    Ok(answer)
}

/// Removes what no row holds: at once where the folder is known, and from the database's own file.
async fn shred(desk: &Desk, mail_dir: Option<PathBuf>) -> Result<bool, Failure> {
    let runner = desk.runner();
    Ok(match mail_dir {
        Some(folder) => {
            let channel = Channel::File(FileChannel::new(folder));
            Mailer::new(runner.clone(), channel).shred().await?
        }
        None => runner.store().scrub().await?,
    })
}

fn after(is_folder: bool, is_clean: bool, is_shared: bool) -> &'static str {
    match (is_shared, is_clean, is_folder) {
        (true, ..) => "PostgreSQL frigiver pladsen ved næste VACUUM; se vejledningen.",
        (false, true, true) => "Databasens fil er skrevet om, og mailene er fjernet fra mappen.",
        (false, true, false) => {
            "Databasens fil er skrevet om. Skrives mails i en mappe, fjerner tjenesten dem inden for et minut."
        }
        (false, false, _) => {
            "Databasens fil var i brug og er ikke skrevet om endnu; tjenesten gør det inden for et minut."
        }
    }
}

fn plan_text(plan: &ErasePlan) -> String {
    let (does, done) = if plan.done {
        ("Slettet", "er")
    } else {
        ("Slettes", "bliver")
    };
    let mut text = format!("{}\n\n{does}\n", plan.name);
    let cases = match (plan.cases, plan.running) {
        (1, 0) => "1 sag".to_owned(),
        (1, _) => "1 sag, som er i gang og slutter med det".to_owned(),
        (cases, 0) => format!("{cases} sager"),
        (cases, running) => format!("{cases} sager, heraf {running} i gang, som slutter med det"),
    };
    text.push_str(&wrap("  ", &cases));
    text.push_str(&wrap("  ", "navn, e-mail, telefon og fødselsdag"));
    for (what, count) in &plan.goes {
        text.push_str(&wrap("  ", &format!("{count} {what}")));
    }
    text.push_str("\nBliver\n");
    text.push_str(&wrap(
        "  ",
        &format!("tallene, og {} hændelser uden navn", plan.events),
    ));
    if plan.sent > 0 {
        let sent = format!(
            "{} mails, som er sendt, hos modtagerne; sikkerhedskopier, til de udløber",
            plan.sent
        );
        text.push_str(&wrap("  ", &sent));
    }
    if !plan.hindrances.is_empty() {
        text.push_str(&format!("\nDet {done} ikke gjort\n"));
        for wrong in &plan.hindrances {
            text.push_str(&wrap("  ! ", &wrong.message));
            let help = wrong.help.as_deref().unwrap_or_default();
            if !help.is_empty() {
                text.push_str(&wrap("    ", help));
            }
        }
    }
    text
}

fn shown_text(shown: &PersonShown) -> String {
    let mut text = format!("{}\n", shown.name);
    let own = [
        ("E-mail", &shown.email),
        ("Telefon", &shown.phone),
        ("Født", &shown.born),
        ("Hører til", &shown.organisation),
    ];
    for (title, value) in own {
        if let Some(value) = value {
            text.push_str(&wrap(&format!("  {title:<10}"), value));
        }
    }
    let day = |at: jiff::civil::DateTime| at.strftime("%-d.%-m.%Y").to_string();
    if let Some(kept) = &shown.kept {
        let since = format!("siden {} ({}): {}", day(kept.since), kept.by, kept.reason);
        text.push_str(&wrap("  Bevares af retlige grunde ", &since));
    }
    if let Some(erased) = shown.erased {
        text.push_str(&wrap("  Slettet   ", &day(erased)));
    }
    if !shown.cases.is_empty() {
        text.push('\n');
        let mut table = Table::titled(&["Sag", "Hold", "Fase", "Slut", "Journal"]).whole(0);
        for case in &shown.cases {
            let ended = if case.anonymised {
                "anonymiseret"
            } else {
                case.ended.unwrap_or_default()
            };
            table.row([
                case.id.chars().take(13).collect(),
                case.hold.clone(),
                case.state.clone(),
                ended.to_owned(),
                if case.journaled { "gemt" } else { "" }.to_owned(),
            ]);
        }
        text.push_str(&table.text(0));
    }
    if !shown.acts.is_empty() {
        text.push('\n');
        for act in &shown.acts {
            let reason = act
                .reason
                .as_ref()
                .map_or_else(String::new, |reason| format!(": {reason}"));
            let what = format!("{}{reason} ({})", act.what, act.by);
            text.push_str(&wrap(
                &format!("  {}  ", act.at.strftime("%d.%m.%Y %H.%M")),
                &what,
            ));
        }
    }
    text
}
