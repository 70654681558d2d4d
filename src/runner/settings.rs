//! What an installation decides: who sends, and how patient the runner is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::backup::Daily;
use crate::channel::PostRules;
use crate::message::{Logo, Mailbox, TemplateSource};

/// The files that people write, as they were when the process began: what can be published.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    /// The workflows without errors, by id; a file with variants stands under each of them.
    pub workflows: BTreeMap<String, InstalledWorkflow>,
    /// All templates.
    pub templates: TemplateSource,
}

/// A workflow that lies in a file.
#[derive(Clone, Debug, Default)]
pub struct InstalledWorkflow {
    /// The file's name.
    pub name: String,
    /// The workflow's title.
    pub title: String,
    /// The file's text.
    pub yaml: String,
}

/// Settings of a runner.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `From` of every mail.
    pub from: Mailbox,
    /// The sending organisation, as people know it.
    pub organisation: String,
    /// Its picture, at the top of every mail.
    pub logo: Option<Logo>,
    /// The host part of Message-IDs and invitation UIDs.
    pub mail_host: String,
    /// The address that reports about mail that could not be delivered go to, each with the mail's id in it;
    /// the sender's where there is none.
    pub bounces: Option<String>,
    /// What is there to be published from pages; commands read the files anew.
    pub installed: Arc<Installed>,
    /// Where the pages are, when there are any; mails link there.
    pub base_url: Option<String>,
    /// Where other programs may be that are told what happens.
    pub hooks: PostRules,
    /// The backups that the service makes, if it does.
    pub backups: Option<Box<Daily>>,
    /// Subjects per batch.
    pub batch_max: i64,
    /// Mail later than this enters `held` with its wake's lot; domain time.
    pub late_after: Duration,
    /// Who runs the installation, and is told when so much mail is late that it waits for a person.
    pub operator: Option<Mailbox>,
    /// A lot of late mail up to this size is let go by itself when its backlog is drained.
    pub lot_max: i64,
    /// An address is sent at most so many mails on a local day; 0 is as many as there are.
    pub recipient_max: i64,
    /// How often a mail that a server refuses for now is tried.
    pub attempts_max: i64,
    /// Which process this is, for rows that are `sending`.
    pub node: String,
}

impl Settings {
    /// Settings for an installation that sends from `from`.
    #[must_use]
    pub fn new(from: Mailbox, organisation: impl Into<String>) -> Self {
        let host = from
            .address()
            .rsplit('@')
            .next()
            .unwrap_or("tovholder.invalid")
            .to_owned();
        Self {
            from,
            organisation: organisation.into(),
            logo: None,
            mail_host: host,
            bounces: None,
            installed: Arc::default(),
            base_url: None,
            hooks: PostRules::default(),
            backups: None,
            batch_max: 512,
            late_after: Duration::from_hours(1),
            operator: None,
            lot_max: 50,
            recipient_max: 10,
            attempts_max: 12,
            node: uuid::Uuid::now_v7().to_string(),
        }
    }
}
