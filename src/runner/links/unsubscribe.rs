//! Links by which the reader of an announcement wants no more of them: made for one mail, signed with the
//! database's secret, and good for as long as the mail's row names an address.

use uuid::Uuid;

use super::signed::{self, ID_DIGITS};
use crate::definition::model::Message;
use crate::engine::effect::{About, Intent};
use crate::runner::context::Context;
use crate::runner::{RunError, Runner};

/// What its signatures are for, so that no other link is one of these.
const PURPOSE: &str = "unsubscribe";

/// Whom a link is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// The address that the mail went to.
    pub address: String,
    /// The workflow's name.
    pub workflow: String,
    /// What people call it.
    pub title: String,
    /// The language of its mail.
    pub language: String,
}

impl Runner {
    /// Whom a link's token is about; `None` when it is not one of ours, or its mail is erased.
    pub async fn subscriber(&self, token: &str) -> Result<Option<Subscriber>, RunError> {
        let Some(id) = read(&self.store().secret().await?, token) else {
            return Ok(None);
        };
        let Some(row) = self.store().outbox_by_public_id(&id).await? else {
            return Ok(None);
        };
        let (Some(address), Some(context)) = (
            row.address,
            self.contexts(&[row.subject_id]).await?.into_iter().next(),
        ) else {
            return Ok(None);
        };
        let workflow = &context.version.workflow;
        Ok(Some(Subscriber {
            address: address.to_lowercase(),
            workflow: workflow.id.to_string(),
            title: workflow.title.clone(),
            language: workflow.language.clone(),
        }))
    }

    /// Lets no more announcements of the workflow go to the address. False when it was so before.
    pub async fn unsubscribe(&self, subscriber: &Subscriber) -> Result<bool, RunError> {
        let now = self.now().as_microsecond();
        let (workflow, address) = (&subscriber.workflow, &subscriber.address);
        Ok(self.store().suppress(workflow, address, now).await?)
    }
}

/// Whether a mail is an announcement.
pub(in crate::runner) fn is_announcement(context: &Context, intent: &Intent) -> bool {
    let workflow = &context.version.workflow;
    let mut messages = (workflow.cohort.scope.messages.iter()).chain(&workflow.scope.messages);
    let is_it = |message: &&Message| *message.name == *intent.name;
    intent.about == About::Message
        && messages
            .find(is_it)
            .is_some_and(|message| message.announcement)
}

/// The page of a mail's link.
pub(in crate::runner) fn link(base: &str, secret: &str, id: &str) -> Option<String> {
    let id = Uuid::parse_str(id).ok()?.simple().to_string();
    let base = base.trim_end_matches('/');
    Some(format!(
        "{base}/afmeld/{id}{}",
        signed::signature(secret, PURPOSE, &id)
    ))
}

/// The mail that a token was made for.
fn read(secret: &str, token: &str) -> Option<String> {
    if !signed::is_hex(token) || token.len() != ID_DIGITS + signed::DIGITS {
        return None;
    }
    let (id, given) = token.split_at(ID_DIGITS);
    signed::is_ours(secret, PURPOSE, id, given)
        .then(|| Uuid::parse_str(id).ok().map(|id| id.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_mail_and_one_database() {
        let id = "0193a5f2-7b1c-7d3e-8f00-0123456789ab";
        let link = link("https://tov.example/", "a secret", id).expect("a link");
        let token = link
            .strip_prefix("https://tov.example/afmeld/")
            .expect("a page");
        assert_eq!(read("a secret", token).as_deref(), Some(id));
        assert_eq!(read("another", token), None);
        for at in 0..token.len() {
            let mut other = token.to_owned().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(read("a secret", &other), None, "{other}");
        }
        for other in ["", "æ", &token[1..], &token.to_uppercase()] {
            assert_eq!(read("a secret", other), None, "{other}");
        }
    }
}
