//! `tovholder import`: candidates onto a hold, looked at first, and taken back.

use std::path::{Path, PathBuf};

use clap::Args;

use super::text::{Table, wrap};
use super::{Answer, Common, Failure, pair, people};
use crate::runner::desk::{
    Asked, Desk, Heading, How, ImportedCandidates, Incoming, IncomingRow, Undone, What, Wrong, xlsx,
};

const EXAMPLES: &str = "\
A list is an Excel workbook (.xlsx), CSV as Danish Excel saves it, or rows that
were copied in Excel and are pasted: `-` reads what comes in. The first line is
the titles. navn (or fornavn and efternavn) and email are needed:

  Navn;E-mail;Tlf.;Fødselsdato;Jobcenter;Jobkonsulent;Spor

Titles are known by many names, roles and facts also by the workflow's titles
or as rolle:ROLE and fakta:FACT. --dry-run shows what each column is taken for
and what becomes of each line: new, known before, there already, or wrong.
All that is wrong is said at once, and then nothing of the list is taken.

Examples:
  tovholder import kandidater.xlsx --cohort \"Hold 1\" --dry-run
  tovholder import kandidater.xlsx --cohort \"Hold 1\" \\
      --column \"Tlf. nr. dag=telefon\" --leave-out \"Bemærkning\"
  tovholder import kandidater.xlsx --cohort \"Hold 1\" --hash 5d41402abc4b2a76
  tovholder import --template liste.xlsx --cohort \"Hold 1\"
  tovholder import --list
  tovholder import --undo 7";

/// Take candidates from a list onto a hold, or take an import back; nothing of a list when any line is wrong.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that a person types or does not"
)]
pub(super) struct Import {
    /// The list; `-` is what comes in.
    #[arg(required_unless_present_any = ["list", "undo", "template"])]
    file: Option<PathBuf>,
    /// The hold: its id, the beginning of it, or its title.
    #[arg(long, value_name = "HOLD", required_unless_present_any = ["list", "undo"])]
    cohort: Option<String>,
    /// Only show what would be done.
    #[arg(long)]
    dry_run: bool,
    /// The sheet of a workbook that the list stands on.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// What a column is, such as "Tlf. nr.=telefon".
    #[arg(long, value_name = "TITLE=COLUMN", value_parser = pair)]
    column: Vec<(String, String)>,
    /// A column that is left out.
    #[arg(long, value_name = "TITLE")]
    leave_out: Vec<String>,
    /// A line with somebody who is known, although not all agrees.
    #[arg(long, value_name = "LINE")]
    same: Vec<u64>,
    /// A line with somebody else than who is known.
    #[arg(long, value_name = "LINE")]
    another: Vec<u64>,
    /// Take in the lines that are right, without those that are wrong.
    #[arg(long)]
    without_wrong: bool,
    /// Do what this preview showed, or nothing.
    #[arg(long, value_name = "HASH", conflicts_with = "dry_run")]
    hash: Option<String>,
    /// Write an empty list for the hold, with all its titles (.xlsx).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "undo", "list"], requires = "cohort")]
    template: Option<PathBuf>,
    /// Show the imports there have been; of one hold with --cohort.
    #[arg(long, conflicts_with_all = ["file", "undo"])]
    list: bool,
    /// Take back an import, as long as nothing has come of it.
    #[arg(long, value_name = "NUMBER", conflicts_with = "file")]
    undo: Option<i64>,
    /// Take back those whom it is possible for.
    #[arg(long, requires = "undo")]
    the_rest: bool,
}

/// Who takes in and back: whoever has the machine.
const BY: &str = "cli";

impl Import {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        if let Some(id) = self.undo {
            let done = desk.undo_import(id, self.the_rest, BY).await?;
            return Ok(Answer::new(undone(&done), &done));
        }
        if let (Some(file), Some(cohort)) = (&self.template, &self.cohort) {
            return template(&desk, cohort, file).await;
        }
        let (Some(file), Some(cohort)) = (&self.file, &self.cohort) else {
            return listed(&desk, self.cohort.as_deref()).await;
        };
        let sheet = people::sheet(file, self.sheet.as_deref())?;
        let asked = Asked {
            columns: self.column.clone(),
            leave_out: self.leave_out.clone(),
            same: self.same.clone(),
            another: self.another.clone(),
        };
        if self.dry_run {
            let incoming = desk.incoming(cohort, &sheet, &asked).await?;
            let mut answer = Answer::new(preview(&incoming, file, cohort), &incoming);
            answer.has_problems = has_problems(&incoming);
            return Ok(answer);
        }
        let seen = self.hash.as_deref();
        let taken = desk.take_in(cohort, &sheet, &asked, seen, self.without_wrong, BY);
        let done = taken.await?;
        Ok(Answer::new(taken_in(&done), &done))
    }
}

async fn template(desk: &Desk, cohort: &str, file: &Path) -> Result<Answer, Failure> {
    let table = desk.empty_list(cohort).await?;
    std::fs::write(file, xlsx::workbook(std::slice::from_ref(&table))).map_err(|error| {
        Failure::new(
            format!("{} kan ikke skrives: {error}.", file.display()),
            "Er stien rigtig?",
        )
    })?;
    let text = format!(
        "{} har {} kolonner; kun navn og e-mail skal udfyldes.\n",
        file.display(),
        table.titles.len()
    );
    Ok(Answer::new(text, &table.titles))
}

fn has_problems(incoming: &Incoming) -> bool {
    !incoming.problems.is_empty() || incoming.counts.wrong > 0
}

fn count(many: usize, one: &str, more: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { more })
}

fn taken_in(done: &ImportedCandidates) -> String {
    let who = count(done.candidates.len(), "kandidat", "kandidater");
    let mut text = wrap(
        "",
        &format!(
            "{who} er taget ind på »{}« og begynder i »{}«.",
            done.title, done.begins_in
        ),
    );
    let left = [
        (done.counts.skipped, "sprunget over: de er der allerede"),
        (done.counts.wrong, "udeladt: der er fejl i dem"),
    ];
    for (many, why) in left.into_iter().filter(|(many, _)| *many > 0) {
        text += &wrap("", &format!("{} er {why}.", count(many, "linje", "linjer")));
    }
    text += &format!(
        "Se, hvad der nu sker: tovholder agenda {}\nFortryd: tovholder import --undo {}\n",
        done.cohort, done.import
    );
    text
}

fn undone(done: &Undone) -> String {
    let who = count(done.taken_back.len(), "kandidat", "kandidater");
    let mut text = wrap(
        "",
        &format!(
            "{who} er taget tilbage fra »{}«: mails, der ventede, sendes ikke.",
            done.title
        ),
    );
    for one in &done.stay {
        text += &wrap("  ", &format!("{} bliver. {}", one.name, one.why));
    }
    text
}

async fn listed(desk: &Desk, cohort: Option<&str>) -> Result<Answer, Failure> {
    let lines = desk.imports(cohort).await?;
    if lines.is_empty() {
        return Ok(Answer::new("Der er ikke taget nogen lister ind.\n", &lines));
    }
    let mut table = Table::titled(&["nr.", "hvornår (UTC)", "hold", "kandidater", ""])
        .whole(0)
        .right(0)
        .right(3);
    for line in &lines {
        let state = if line.undone_at.is_some() {
            "taget tilbage"
        } else {
            ""
        };
        table.row([
            line.id.to_string(),
            line.at.strftime("%d-%m-%Y %H:%M").to_string(),
            line.title.clone(),
            line.candidates.to_string(),
            state.to_owned(),
        ]);
    }
    Ok(Answer::new(table.text(0), &lines))
}

/// What a list would bring, at 80 columns.
fn preview(incoming: &Incoming, file: &Path, cohort: &str) -> String {
    let counts = incoming.counts;
    let mut text = wrap(
        "",
        &format!(
            "Til »{}«, hvor de begynder i »{}«: {}, {}, {} springes over, {}.",
            incoming.title,
            incoming.begins_in,
            count(counts.new, "ny", "nye"),
            count(counts.known, "kendt", "kendte"),
            counts.skipped,
            count(counts.wrong, "linje med fejl", "linjer med fejl"),
        ),
    );
    for note in &incoming.notes {
        text += &wrap("  ", note);
    }
    text += "\nKolonner\n";
    text += &headings(&incoming.columns);
    for wrong in &incoming.problems {
        text += &complaint("  ! ", wrong);
    }
    if !incoming.rows.is_empty() {
        text += "\nLinjer\n";
        text += &rows(&incoming.rows);
    }
    text += "\n";
    text += &last_words(incoming, file, cohort);
    text
}

fn last_words(incoming: &Incoming, file: &Path, cohort: &str) -> String {
    let counts = incoming.counts;
    let takes = counts.new + counts.known;
    if !incoming.problems.is_empty() || takes == 0 && counts.wrong > 0 {
        return "Intet kan tages ind, før det er rettet. Intet er gemt (--dry-run).\n".to_owned();
    }
    if takes == 0 {
        return "Der er ingen at tage ind. Intet er gemt (--dry-run).\n".to_owned();
    }
    let command = format!(
        "  tovholder import {} --cohort \"{cohort}\" \\\n      --hash {}",
        file.display(),
        incoming.hash
    );
    if counts.wrong > 0 {
        return format!(
            "Ret fejlene, eller tag de andre linjer ind uden dem (med de samme valg):\n{command} --without-wrong\nIntet er gemt (--dry-run).\n"
        );
    }
    let who = count(takes, "kandidat", "kandidater");
    format!(
        "Listen er i orden: {who}. Intet er gemt (--dry-run). Tag netop det ind\n(med de samme valg):\n{command}\n"
    )
}

fn headings(columns: &[Heading]) -> String {
    let mut table = Table::plain();
    for heading in columns {
        let column = heading.column.clone().unwrap_or_default();
        let (column, how) = match heading.how {
            How::Exact => (column, ""),
            How::OtherName => (column, "et andet navn for det"),
            How::Title => (column, "forløbets ord for det"),
            How::Told => (column, "det har du sagt"),
            How::LeftOut => ("udelades".to_owned(), "det har du sagt"),
            How::Several => ("?".to_owned(), "kan være flere ting"),
            How::Near | How::Unknown => ("?".to_owned(), "kendes ikke"),
        };
        table.row([heading.title.clone(), column, how.to_owned()]);
    }
    table.text(2)
}

fn rows(rows: &[IncomingRow]) -> String {
    let mut table = Table::plain().whole(0).right(0).whole(1);
    for row in rows {
        let email = row.cells.iter().find(|(column, _)| column == "email");
        table.row([
            row.line.to_string(),
            what_words(row.what).to_owned(),
            row.name.clone(),
            email.map(|(_, email)| email.clone()).unwrap_or_default(),
        ]);
    }
    // Each line of the table is a row; what there is to say of it follows.
    let table = table.text(2);
    let mut text = String::new();
    for (line, row) in table.lines().zip(rows) {
        text += line;
        text.push('\n');
        if let Some(note) = &row.note {
            text += &wrap("      · ", note);
        }
        for wrong in &row.problems {
            let of_column = Wrong {
                line: None,
                ..wrong.clone()
            };
            text += &complaint("      ! ", &of_column);
        }
    }
    text
}

fn complaint(first: &str, wrong: &Wrong) -> String {
    let help = wrong.help.as_deref().unwrap_or_default();
    wrap(first, &format!("{}{} {help}", wrong.place(), wrong.message))
}

fn what_words(what: What) -> &'static str {
    match what {
        What::New => "ny",
        What::Known => "kendt",
        What::Skipped => "springes over",
        What::Wrong => "fejl",
    }
}
