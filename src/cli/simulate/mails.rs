//! `--mails FOLDER`: every mail as the file that would leave, and its bodies to look at.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::text::wrap;
use crate::runner::desk::part_of;
use crate::runner::simulate::{Report, SimulatedMail};

/// Writes them, and says so.
pub(super) fn write(folder: &Path, report: &Report) -> Result<String, Failure> {
    let shown = folder.display().to_string();
    let cannot = |error: std::io::Error| {
        Failure::new(
            format!("Der kan ikke skrives i {shown}: {error}."),
            "Angiv en anden mappe med --mails.",
        )
    };
    fs::create_dir_all(folder).map_err(cannot)?;
    let mut index = String::new();
    for (number, mail) in (1..).zip(&report.mails) {
        let name = name(number, mail);
        let write = |ending: &str, bytes: &[u8]| {
            fs::write(folder.join(format!("{name}.{ending}")), bytes).map_err(cannot)
        };
        write("eml", &mail.mail.bytes)?;
        for (ending, kind) in [("txt", "text/plain"), ("html", "text/html")] {
            if let Some(body) = part_of(&mail.mail.bytes, kind) {
                write(ending, body.as_bytes())?;
            }
        }
        let at = mail.at.strftime("%Y-%m-%d %H:%M");
        let _ = writeln!(
            index,
            "{name}.eml\n  {at}  {} til {}\n  {}",
            mail.role,
            mail.to.join(", "),
            mail.subject
        );
    }
    fs::write(folder.join("index.txt"), index).map_err(cannot)?;
    let many = report.mails.len();
    let told = format!(
        "{many} mails ligger i {shown}, hver som .eml, .txt og .html; oversigten er index.txt."
    );
    Ok(format!("\n{}", wrap("", &told)))
}

/// `012-2026-02-02T0900-holstebro-welcome`: in the order of time, also where files are sorted by name.
fn name(number: usize, mail: &SimulatedMail) -> String {
    format!(
        "{number:03}-{}-{}",
        mail.at.strftime("%Y-%m-%dT%H%M"),
        mail.template
    )
}
