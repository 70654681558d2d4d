//! Somebody whose address another login has verified, and what their browser holds in between.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::entry::{IDLE, SECOND, now};
use super::{Desk, DeskError, Entry};
use crate::access::{Secret, hash_of};
use crate::store::{NO_CODE, Session};

impl Desk {
    /// Lets in whose address was verified elsewhere, by the account that there is for it; none is made. The second
    /// factor is the other login's affair.
    pub async fn enter_verified(&self, address: &str) -> Result<Entry, DeskError> {
        let store = self.runner().store();
        let Some(account) = store.account(address).await? else {
            return Ok(Entry::Wrong);
        };
        let (secret, at) = (Secret::fresh(), now());
        let session = Session {
            hash: hash_of(&secret.text()),
            is_welcome: false,
            account_id: account.id,
            at,
            ends_at: at + IDLE,
        };
        // An account that is closed gets no session.
        Ok(if store.begin_session(session, NO_CODE).await? {
            Entry::In(secret)
        } else {
            Entry::Wrong
        })
    }

    /// A text that a browser holds for a while, and brings back as it was.
    pub async fn seal(&self, text: &str) -> Result<String, DeskError> {
        let dated = format!("{}.{text}", now().div_euclid(SECOND));
        let seal = self.sealed(&dated).await?;
        let seal: String = (seal.finalize().into_bytes().iter())
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(format!("{seal}.{dated}"))
    }

    /// What was sealed no more than so many seconds ago.
    pub async fn unseal(&self, held: &str, seconds: i64) -> Result<Option<String>, DeskError> {
        let Some((seal, dated)) = held.split_once('.') else {
            return Ok(None);
        };
        let bytes = seal.as_bytes().chunks(2).map(|digits| {
            let digits = str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        let Some(bytes) = bytes.collect::<Option<Vec<u8>>>() else {
            return Ok(None);
        };
        // In a time that does not tell how much of it is right.
        if self.sealed(dated).await?.verify_slice(&bytes).is_err() {
            return Ok(None);
        }
        Ok(dated.split_once('.').and_then(|(at, text)| {
            let age = now().div_euclid(SECOND) - at.parse::<i64>().ok()?;
            (0..=seconds).contains(&age).then(|| text.to_owned())
        }))
    }

    async fn sealed(&self, dated: &str) -> Result<Hmac<Sha256>, DeskError> {
        let key = self.runner().store().secret().await?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(b"log-in:");
        mac.update(dated.as_bytes());
        Ok(mac)
    }
}
