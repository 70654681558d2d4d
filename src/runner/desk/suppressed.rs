//! Who wants no more announcements, as people see to it.

use jiff::Timestamp;
use serde::Serialize;

use super::{Desk, DeskError, Wrong, nearest};
use crate::message::Mailbox;
use crate::runner::serve::instant;

/// An address to which no announcements of a workflow go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// In small letters.
    pub address: String,
    /// The workflow's name.
    pub workflow: String,
    /// Since when, UTC.
    pub since: Timestamp,
}

impl Desk {
    /// All of them, by address.
    pub async fn suppressions(&self) -> Result<Vec<Suppressed>, DeskError> {
        let all = self.runner.store().suppressions().await?;
        let one = |row: crate::store::Suppression| Suppressed {
            since: instant(row.since),
            address: row.address,
            workflow: row.workflow,
        };
        Ok(all.into_iter().map(one).collect())
    }

    /// Lets no more announcements of a workflow go to an address. False when it was so before.
    pub async fn suppress(&self, workflow: &str, address: &str) -> Result<bool, DeskError> {
        let mailbox = Mailbox::parse("", address).map_err(|_| {
            Wrong::new(format!("»{address}« er ikke en mailadresse."))
                .help("Skriv den som kim@kommune.example.")
        })?;
        let versions = self.runner.store().versions().await?;
        let known: Vec<String> = versions
            .into_iter()
            .map(|version| version.workflow)
            .collect();
        if !known.iter().any(|name| name == workflow) {
            let wrong = Wrong::new(format!(
                "Der er intet forløb »{workflow}«, som har et hold."
            ));
            let near = nearest(workflow, known.iter().map(String::as_str));
            let help = near.map_or_else(
                || "Skriv forløbets navn, som det står i filen.".to_owned(),
                |near| format!("Mente du »{near}«?"),
            );
            return Err(wrong.help(help).into());
        }
        let now = self.runner.now().as_microsecond();
        let store = self.runner.store();
        Ok(store.suppress(workflow, mailbox.address(), now).await?)
    }

    /// Lets announcements go to an address again.
    pub async fn unsuppress(&self, workflow: Option<&str>, address: &str) -> Result<(), DeskError> {
        if self.runner.store().unsuppress(workflow, address).await? == 0 {
            let wrong = Wrong::new(format!("»{address}« er ikke frameldt."));
            return Err(wrong.help("Se alle med: tovholder suppressed list").into());
        }
        Ok(())
    }
}
