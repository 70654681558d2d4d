//! A list between the look at it and the taking in: kept for its owner, for an hour.
//!
//! A list names people who are nobody's candidates yet, so it is kept no longer than somebody looks at it. Kept by the
//! machine's time, as sessions are.

use super::{Column, keys};
use crate::access::Secret;
use crate::clock::Clock;
use crate::runner::desk::{Desk, DeskError, Visitor, Wrong};
use crate::store::ListRow;

/// µs.
const HOUR: i64 = 3_600 * 1_000_000;

impl Desk {
    /// Keeps a list that is to be looked at before it is taken onto a hold; answers what it is found by.
    ///
    /// # Errors
    /// When there is no such hold, or nothing in the list.
    pub async fn keep_list(
        &self,
        visitor: &Visitor,
        cohort: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<String, DeskError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            let wrong = Wrong::new("Der er ingen liste.");
            return Err(wrong
                .help("Sæt rækkerne ind fra Excel, eller vælg en fil.")
                .into());
        }
        let hold = self.cohort(cohort).await?;
        let key = Secret::fresh().text()[..32].to_owned();
        let now = now();
        let list = ListRow {
            key: key.clone(),
            account_id: visitor.account,
            cohort: hold.row.public_id,
            name: name.to_owned(),
            bytes,
            ends_at: now + HOUR,
        };
        self.runner().store().keep_list(list, now).await?;
        Ok(key)
    }

    /// A list that is kept: the hold's id, the file's name, and the file.
    ///
    /// # Errors
    /// When there is none for whoever asks, or its hour has passed.
    pub async fn kept_list(
        &self,
        visitor: &Visitor,
        key: &str,
    ) -> Result<(String, String, Vec<u8>), DeskError> {
        let store = self.runner().store();
        let found = store.list(key, visitor.account, now()).await?;
        let list = found.ok_or_else(|| Wrong::new("Listen er her ikke længere."))?;
        Ok((list.cohort, list.name, list.bytes))
    }

    /// Forgets a list that was taken in, or is not to be.
    pub async fn forget_list(&self, visitor: &Visitor, key: &str) -> Result<(), DeskError> {
        let store = self.runner().store();
        Ok(store.forget_list(key, visitor.account).await?)
    }

    /// Forgets the lists that nobody looks at any longer.
    pub async fn forget_lists(&self) -> Result<(), DeskError> {
        Ok(self.runner().store().forget_lists(now()).await?)
    }

    /// What the columns of a list for a hold may be.
    pub async fn list_columns(&self, cohort: &str) -> Result<Vec<String>, DeskError> {
        let hold = self.cohort(cohort).await?;
        let parts = [Column::First.key(), Column::Last.key()];
        let mut all = keys(&hold.version.workflow);
        all.splice(1..1, parts);
        Ok(all)
    }
}

fn now() -> i64 {
    Clock::Real.now().as_microsecond()
}
