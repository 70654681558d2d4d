//! What reaches the mail server.

use super::promise::{Broken, Checked, Rule, broken};
use super::seen::Seen;
use crate::message::Mail;

impl Seen {
    /// A mail is on the wire: the same bytes as at every attempt.
    pub(super) fn attempted(&mut self, mail: &Mail) -> Checked {
        let id = mail.message_id.clone();
        let before = self
            .attempted
            .entry(id)
            .or_insert_with(|| mail.bytes.clone());
        if *before == mail.bytes {
            return Ok(());
        }
        let what = format!("{} has other bytes than before", mail.message_id);
        Err(broken(Rule::Outcome, what))
    }

    /// The mail server has it.
    pub(super) fn accept(&mut self, mail: &Mail) -> Checked {
        let row = self.mails.values();
        let row = row
            .into_iter()
            .find(|row| mail.message_id.contains(&row.public_id));
        let row = row.ok_or_else(|| unknown(mail))?;
        let told = row.told.clone().unwrap_or_default();
        let stream = row.stream();
        if self
            .accepted
            .entry(stream.clone())
            .or_default()
            .insert(told)
        {
            return Ok(());
        }
        let what = format!("{stream:?} is told {:?} twice", mail.subject);
        Err(broken(Rule::ToldOnce, what))
    }
}

fn unknown(mail: &Mail) -> Broken {
    let what = format!("{} is no mail of the outbox", mail.message_id);
    broken(Rule::ToldOnce, what)
}
