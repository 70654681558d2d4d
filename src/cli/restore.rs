//! `tovholder restore`: a backup is verified, and put back.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;

use super::live::Live;
use super::text::wrap;
use super::verified::{Shows, found, refused};
use super::{Answer, Common, Failure};
use crate::config::Place;
use crate::runner::backup::{BackupError, Restored, Verified, restore, verify, verify_server};

const EXAMPLES: &str = "\
--verify only reads: pages, tables, every history against its snapshot, every
mail against its decision. Exit code 1 when something is wrong. It takes the
address of a PostgreSQL database, too, into which a dump was read back.

Without it the backup is verified and then put in the place of the database
(--to, or --database). Stop the service first. A database in which something has
happened is replaced with --replace only, and kept beside under another name.

Nothing that may have been sent is sent again: all mail that was unsent in the
backup is held, and so is what is decided again of the time before. See it with
`tovholder outbox list --status held`; let it go with `outbox release`, or drop
it with `outbox drop`.

Examples:
  tovholder restore --verify /mnt/backup/tovholder-2027-02-01T020000.123Z.db
  tovholder restore /mnt/backup/tovholder-2027-02-01T020000.123Z.db --replace
  tovholder restore /mnt/backup/tovholder-2027-02-01T020000.123Z.db --to try.db";

const SERVER: &str = "\
En backup fra PostgreSQL lægges tilbage med dens egne programmer, i en ny, tom
database; stop tjenesten først:

  createdb ny
  pg_restore --no-owner --exit-on-error --dbname=ny tovholder.dump
  tovholder restore --verify postgres://…/ny

Når tjenesten starter på den nye, holder den alle mails tilbage, der ikke var
sendt i backuppen. Se docs/drift.md.
";

/// Verify a backup, and put it back.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct RestoreArgs {
    /// The backup.
    #[arg(value_name = "FILE|URL")]
    from: Place,
    /// Put it here instead of at --database.
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    to: Option<Place>,
    /// Only read it.
    #[arg(long)]
    verify: bool,
    /// Replace a database in which something has happened; it is kept beside.
    #[arg(long, conflicts_with = "verify")]
    replace: bool,
}

impl RestoreArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let mut shows = Shows::on(Live::begin());
        let outcome = if self.verify {
            self.only_verify(&mut shows).await
        } else {
            self.put_back(common, &mut shows).await
        };
        shows.end();
        outcome
    }

    async fn only_verify(&self, shows: &mut Shows) -> Result<Answer, Failure> {
        let mut told = |step| shows.step(step);
        let verified = match &self.from {
            Place::Sqlite(file) => verify(file, &mut told).await,
            Place::Postgres(url) => verify_server(url, &mut told).await,
            Place::Nowhere(why) => return Err(super::nowhere(why)),
        };
        let verified = verified.map_err(refused)?;
        let mut answer = Answer::new(found(&self.from.to_string(), &verified), &verified);
        answer.has_problems = !verified.is_whole();
        Ok(answer)
    }

    async fn put_back(&self, common: &Common, shows: &mut Shows) -> Result<Answer, Failure> {
        let (file, database) = match (&self.from, self.to.as_ref().unwrap_or(&common.database)) {
            (Place::Nowhere(why), _) | (_, Place::Nowhere(why)) => return Err(super::nowhere(why)),
            (Place::Sqlite(file), Place::Sqlite(database)) => (file, database),
            _ => return Err(Failure::usage(SERVER)),
        };
        let put = restore(file, database, self.replace, &mut |step| shows.step(step)).await;
        let restored = put.map_err(|error| match error {
            // What is wrong is told as by --verify.
            BackupError::Damaged { path, found } => damaged(&path, &found),
            error => refused(error),
        })?;
        Ok(Answer::new(restored_text(&restored), &restored))
    }
}

fn damaged(path: &Path, verified: &Verified) -> Failure {
    let text = found(&path.display().to_string(), verified);
    Failure::of(
        text + "\nDen er ikke lagt tilbage. Prøv en ældre backup.\n",
        verified,
    )
}

fn restored_text(restored: &Restored) -> String {
    let mut text = wrap(
        "",
        &format!(
            "Backuppen er lagt tilbage i {}.",
            restored.database.display()
        ),
    );
    if let Some(aside) = &restored.replaced {
        let aside = aside.display();
        text.push_str(&wrap("", "Den database, der lå der, er gemt her:"));
        let _ = writeln!(text, "  {aside}");
        text.push_str(&wrap(
            "",
            "Den ved, hvad der er sendt siden backuppen. Se det, før I giver mails fri:",
        ));
        let _ = write!(
            text,
            "  tovholder outbox list --status sent \\\n      --database {aside}\n"
        );
    }
    if let Some(newest) = restored.verified.newest {
        let newest = super::verified::moment(newest);
        text.push_str(&wrap(
            "",
            &format!("Alt, der er sket efter {newest}, er væk: skriv det ind igen."),
        ));
    }
    text.push_str(&wrap(
        "",
        "Hvem der er slettet siden, og konti og nøgler, der er lukket siden, er der igen: slet og luk dem igen.",
    ));
    text.push('\n');
    text.push_str(&mail_text(restored));
    text
}

fn mail_text(restored: &Restored) -> String {
    let mut text = match (restored.held, restored.lot) {
        (_, None) => "Ingen mails ventede på at blive sendt.\n".to_owned(),
        (held, Some(lot)) => {
            let held = if held == 1 {
                "1 mail holdes tilbage: det vides ikke, om den er sendt.".to_owned()
            } else {
                format!("{held} mails holdes tilbage: det vides ikke, om de er sendt.")
            };
            wrap("", &held)
                + &format!(
                    "  tovholder outbox list --status held       se dem\n  \
                     tovholder outbox release NR               giv en fri\n  \
                     tovholder outbox release --lot {lot}\n                                            \
                     giv alle fri\n  \
                     tovholder outbox drop NR                  lad en blive ude\n"
                )
        }
    };
    text.push_str(&wrap(
        "",
        "Også det, der skulle være sendt før nu og først bliver besluttet, når tjenesten kører, holdes tilbage. \
         Resten går som det plejer.",
    ));
    if !restored.mail_on {
        text.push_str(&wrap(
            "",
            "Udsendelsen er standset, som den var. Sæt den i gang igen med: tovholder outbox start",
        ));
    }
    text
}
