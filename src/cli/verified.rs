//! What was found in a backup, how far it is, and why there is none: what `backup` and `restore` say alike.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::live::Live;
use super::text::{Table, wrap};
use super::{Failure, pace};
use crate::runner::backup::{BackupError, Fault, Faulty, Step, Unfit, Verified};
use crate::runner::desk::status_words;

/// How far it is, drawn where there is a terminal; elsewhere nothing is said.
pub(super) struct Shows {
    live: Live,
    drawn: bool,
}

impl Shows {
    pub(super) fn on(live: Live) -> Self {
        Self { live, drawn: false }
    }

    pub(super) fn step(&mut self, step: Step) {
        if !self.live.is_terminal() {
            return;
        }
        let text = match step {
            Step::Waits => "Venter på en anden backup …".to_owned(),
            Step::Copies(bytes, of) => {
                format!("Kopierer … {} af omkring {}", size(bytes), size(of))
            }
            Step::Looks => "Ser siderne efter …".to_owned(),
            Step::Folds(done, of) => format!("Læser historier … {done} af {of}"),
        };
        self.drawn = true;
        self.live.draw(&text);
    }

    /// What was drawn goes.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.drawn) {
            self.live.draw("");
        }
    }
}

/// All that was found, for whoever asks for it.
pub(super) fn found(name: &str, verified: &Verified) -> String {
    let mut text = wrap("", name);
    text.push_str(&summary(verified));
    if verified.older_by > 0 {
        text.push_str(&wrap(
            "",
            &format!(
                "Den er fra en ældre udgave af tovholder: når den tages i brug, ændres dens tabeller i {} trin.",
                verified.older_by
            ),
        ));
    }
    if !verified.holds.is_empty() {
        text.push_str("\nHold\n");
        let mut table = Table::plain().right(1);
        for hold in &verified.holds {
            let cases = match hold.cases {
                1 => "1 kandidat".to_owned(),
                cases => format!("{cases} kandidater"),
            };
            table.row([hold.title.clone(), cases]);
        }
        text.push_str(&table.text(2));
    }
    if !verified.mails.is_empty() {
        text.push_str("\nMails\n");
        let mut table = Table::plain().right(1);
        for (status, mails) in &verified.mails {
            table.row([status_words(*status).to_owned(), mails.to_string()]);
        }
        text.push_str(&table.text(2));
        if verified.late > 0 {
            text.push_str(&wrap(
                "  ",
                &format!(
                    "{} af dem i kø skulle være gået for mere end en time siden.",
                    verified.late
                ),
            ));
        }
    }
    text
}

/// Whether it is whole, in a line or two; what is wrong where something is.
pub(super) fn summary(verified: &Verified) -> String {
    if !verified.is_whole() {
        return wrong(verified);
    }
    let newest = verified
        .newest
        .map_or_else(|| "endnu ingen".to_owned(), moment);
    let histories = verified.histories;
    let mut text = wrap(
        "",
        &format!(
            "Den er hel: {histories} historier med {} begivenheder er læst efter og passer.",
            verified.events
        ),
    );
    text.push_str(&wrap(
        "",
        &format!("Den nyeste begivenhed er fra {newest}."),
    ));
    text
}

fn wrong(verified: &Verified) -> String {
    let mut text = String::from("Den er beskadiget.\n");
    if verified.checksum == Some(false) {
        text.push_str(&wrap(
            "  ",
            "Den er ikke, som den blev skrevet: kontrolsummen passer ikke. Har nogen åbnet den siden, så er det derfor; \
             fjern i så fald filen, der ender på .sha256, og se den efter igen.",
        ));
    }
    for line in verified.damage.iter().take(10) {
        text.push_str(&wrap("  ", line));
    }
    for faulty in &verified.faulty {
        text.push_str(&wrap("  ", &faulty_words(faulty)));
    }
    let more = verified.faulty_count - verified.faulty.len();
    if more > 0 {
        let _ = writeln!(text, "  … og {more} flere.");
    }
    text
}

fn faulty_words(faulty: &Faulty) -> String {
    let what = match &faulty.fault {
        Fault::Missing(number) => format!("begivenhed {number} mangler"),
        Fault::Unreadable(number) => format!("begivenhed {number} kan ikke læses"),
        Fault::NoSnapshot => "sagens stand kan ikke læses".to_owned(),
        Fault::OtherThanFolded => "sagens stand er ikke den, historien giver".to_owned(),
        Fault::NotDecided(mail) => format!("mailen {mail} er aldrig besluttet"),
        Fault::NoMail(mail) => format!("mailen {mail} er besluttet, men findes ikke"),
    };
    format!("{} ({}): {what}", faulty.id, faulty.name)
}

/// Why it was not done, and what to do.
pub(super) fn refused(error: BackupError) -> Failure {
    if error.is_full() {
        return Failure::new(
            "Der er ikke plads på disken.",
            "Gør plads, eller brug en anden disk. Intet halvt er blevet liggende.",
        );
    }
    match error {
        BackupError::NoDatabase(path) => Failure::new(
            format!("Der er ingen database {}.", path.display()),
            "Angiv en anden med --database eller DATABASE_URL.",
        ),
        BackupError::NoFolder(path) => Failure::new(
            format!("Der er ingen mappe {}.", path.display()),
            "Er disken tilsluttet? Mappen laves ikke, så en backup ikke havner på en anden disk end den, I mener.",
        ),
        BackupError::Beside(path) => Failure::new(
            format!("{} er databasens egen mappe.", path.display()),
            "En backup ved siden af databasen går tabt med den: læg den på en anden disk.",
        ),
        BackupError::Exists(path) => Failure::new(
            format!("{} findes allerede.", path.display()),
            "Angiv et andet navn.",
        ),
        BackupError::File { path, error } => Failure::new(
            format!("{} kan ikke bruges: {error}.", path.display()),
            "Må den bruger, som kommandoen kører som, læse og skrive der?",
        ),
        BackupError::Unfit { path, why } => unfit(&path.display().to_string(), &why),
        BackupError::Damaged { path, found } => {
            let text = wrap("", &format!("{} er beskadiget:", path.display()));
            Failure::of(
                text + &wrong(&found)
                    + "Der er ikke lavet nogen backup. Læg en ældre tilbage med tovholder restore.\n",
                &found,
            )
        }
        BackupError::Served(path) => Failure::new(
            format!("Databasen {} har en tjeneste, der kører.", path.display()),
            "Stop den først.",
        ),
        BackupError::InUse(path) => Failure::new(
            format!("Et andet program har databasen {} åben.", path.display()),
            "Luk det, og prøv igen.",
        ),
        BackupError::Taken(path) => Failure::new(
            format!(
                "Der ligger allerede en database i {}, som er taget i brug.",
                path.display()
            ),
            "Skriv --replace for at erstatte den; den gemmes ved siden af. Eller læg backuppen et andet sted med --to.",
        ),
        BackupError::Store(error) => Failure::new(
            format!("Databasen kan ikke bruges: {error}."),
            "Er det en fil fra tovholder, og må den læses?",
        ),
    }
}

fn unfit(path: &str, why: &Unfit) -> Failure {
    let (what, help) = match why {
        Unfit::Missing => (
            "findes ikke.",
            "Er navnet rigtigt, og er disken tilsluttet?",
        ),
        Unfit::Folder => ("er en mappe.", "Angiv den backup i den, der skal bruges."),
        Unfit::Empty => ("er tom.", "Brug en anden backup."),
        Unfit::NoDatabase => (
            "er ikke en database.",
            "Angiv en fil, som tovholder backup har lavet.",
        ),
        Unfit::Unreadable => (
            "er beskadiget, så den ikke kan læses.",
            "Brug en ældre backup.",
        ),
        Unfit::Foreign => (
            "er en database fra et andet program.",
            "Angiv en fil, som tovholder backup har lavet.",
        ),
        Unfit::Newer => (
            "er fra en nyere udgave af tovholder.",
            "Brug den udgave eller en nyere til at lægge den tilbage.",
        ),
        Unfit::InUse => (
            "er en database i brug, ikke en backup: en del af det skrevne ligger i en fil ved siden af.",
            "Lav en backup af den med tovholder backup.",
        ),
    };
    Failure::new(format!("{path} {what}"), help)
}

/// "1.2.2027 kl. 8.00".
pub(super) fn moment(at: Timestamp) -> String {
    pace::local(at).map_or_else(
        |_| at.to_string(),
        |local| local.strftime("%-d.%-m.%Y kl. %-H.%M").to_string(),
    )
}

/// "1,4 MB".
pub(super) fn size(bytes: u64) -> String {
    let (whole, unit) = match bytes {
        0..1_000_000 => (bytes / 100, "kB"),
        1_000_000..1_000_000_000 => (bytes / 100_000, "MB"),
        _ => (bytes / 100_000_000, "GB"),
    };
    format!("{},{} {unit}", whole / 10, whole % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (bytes, expect) in [
            (0, "0,0 kB"),
            (4_096, "4,0 kB"),
            (1_450_000, "1,4 MB"),
            (999_999, "999,9 kB"),
            (12_300_000_000, "12,3 GB"),
        ] {
            assert_eq!(size(bytes), expect);
        }
    }
}
