//! What reaches the mail server.

use super::promise::{Broken, Checked, Rule, broken, holds};
use super::seen::{MailSeen, Seen};
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

    /// The mail server has it, and with it what is merged into it.
    pub(super) fn accept(&mut self, mail: &Mail) -> Checked {
        let mut rows = self.mails.values();
        let row = rows.find(|row| mail.message_id.contains(&row.public_id));
        let id = row.ok_or_else(|| unknown(mail))?.id;
        let is_part = |row: &&MailSeen| row.id == id || row.merged_into == Some(id);
        let parts: Vec<MailSeen> = self.mails.values().filter(is_part).cloned().collect();
        let says = format!("{} beskeder til dig", parts.len());
        let as_many = parts.len() == 1 || mail.subject == says;
        holds(Rule::ToldOnce, as_many, || {
            format!("{:?} stands for {} mails", mail.subject, parts.len())
        })?;
        for row in parts {
            let stream = row.stream();
            let told = row.told.unwrap_or_default();
            let accepted = self.accepted.entry(stream.clone()).or_default();
            holds(Rule::ToldOnce, accepted.insert(told), || {
                format!("{stream:?} is told {:?} twice", mail.subject)
            })?;
        }
        Ok(())
    }
}

fn unknown(mail: &Mail) -> Broken {
    let what = format!("{} is no mail of the outbox", mail.message_id);
    broken(Rule::ToldOnce, what)
}
