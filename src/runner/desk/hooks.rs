//! Hooks: other programs that are told what happens. Made, listed, revoked, and tried again.

use jiff::Timestamp;
use serde::Serialize;

use super::entry::now;
use super::{Desk, DeskError, Wrong, cells};
use crate::access::Secret;
use crate::channel::{BadTarget, PostRules, hook_secret};
use crate::runner::HOOK_EVENTS;
use crate::runner::serve::instant;
use crate::store::{HookNew, HookRow};

/// The longest that a title may be, in characters.
const TITLE_MAX: usize = 100;
/// The longest that an address may be, in bytes.
const URL_MAX: usize = 2_000;

/// A hook to be made.
#[derive(Clone, Debug, Default)]
pub struct HookAsked {
    /// Where the program is.
    pub url: String,
    /// What it is for.
    pub title: String,
    /// What it is told, such as `case.moved`; none is everything.
    pub events: Vec<String>,
    /// Its id, where the same asked for twice is to be one; else it gets one.
    pub id: Option<String>,
}

/// A hook, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HookLine {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// Where the program is.
    pub url: String,
    /// What it is told.
    pub events: Vec<String>,
    /// Who made it.
    pub made_by: String,
    /// UTC.
    pub created: Timestamp,
    /// How much it is still to be told.
    pub waiting: i64,
    /// How much was given up, after so many attempts that it stays so until somebody says otherwise.
    pub failed: i64,
    /// When something was last given up, UTC.
    pub failed_at: Option<Timestamp>,
    /// What went wrong last, of what was given up or is to be tried again; English.
    pub answer: Option<String>,
    /// When it was last told something, UTC.
    pub delivered: Option<Timestamp>,
    /// UTC.
    pub revoked: Option<Timestamp>,
    /// `gone`: the program said so (410); `asked`: somebody did.
    pub revoked_why: Option<String>,
}

impl Desk {
    /// Makes a hook. What its messages are signed with is shown now, and to nobody later.
    pub async fn new_hook(
        &self,
        asked: &HookAsked,
        rules: &PostRules,
        made_by: &str,
    ) -> Result<(HookLine, String), DeskError> {
        let wrongs = wrongs_of(asked, rules);
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        let wants = |kind: &&str| asked.events.is_empty() || asked.events.iter().any(|e| e == kind);
        let kinds: Vec<&str> = HOOK_EVENTS.into_iter().filter(wants).collect();
        let id = asked.id.clone();
        let id = id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        let secret = Secret::fresh();
        let new = HookNew {
            public_id: id.clone(),
            title: asked.title.trim().to_owned(),
            url: asked.url.trim().to_owned(),
            kinds: format!(" {} ", kinds.join(" ")),
            secret: secret.bytes().to_vec(),
            made_by: made_by.to_owned(),
            at: now(),
        };
        self.runner().store().new_hook(new).await?;
        let kept = self.hook(&id).await?;
        let (line, _) = kept.ok_or_else(|| Wrong::new("Den blev ikke gemt. Prøv igen."))?;
        Ok((line, hook_secret(secret.bytes())))
    }

    /// All hooks in the order in which they were made, also those that are revoked.
    pub async fn hooks(&self) -> Result<Vec<HookLine>, DeskError> {
        let hooks = self.runner().store().hooks().await?;
        Ok(hooks.into_iter().map(line_of).collect())
    }

    /// The hook of an id, or of the only one that begins so, and its row id.
    pub async fn hook(&self, id: &str) -> Result<Option<(HookLine, i64)>, DeskError> {
        let mut named = self.runner().store().hooks().await?;
        named.retain(|hook| !id.is_empty() && hook.public_id.starts_with(id));
        Ok(match named.pop() {
            Some(hook) if named.is_empty() => {
                let row = hook.id;
                Some((line_of(hook), row))
            }
            _ => None,
        })
    }

    /// What the messages of a hook (row id) are signed with, for whoever has lost the answer to making it.
    pub async fn hook_secret(&self, row: i64) -> Result<String, DeskError> {
        let secret = self.runner().store().hook_secret(row).await?;
        Ok(hook_secret(&secret))
    }

    /// Revokes a hook: it is told nothing any more, and what it was still to be told is dropped. None when there is no
    /// such hook.
    pub async fn revoke_hook(&self, id: &str) -> Result<Option<HookLine>, DeskError> {
        let Some((_, row)) = self.hook(id).await? else {
            return Ok(None);
        };
        self.runner().store().revoke_hook(row, now()).await?;
        Ok(self.hook(id).await?.map(|(line, _)| line))
    }

    /// Tries again, once, what was given up of a hook. None when there is no such hook.
    pub async fn retry_hook(&self, id: &str) -> Result<Option<HookLine>, DeskError> {
        let Some((_, row)) = self.hook(id).await? else {
            return Ok(None);
        };
        let now = self.runner().now().as_microsecond();
        self.runner().store().retry_deliveries(row, now).await?;
        self.runner().notify();
        Ok(self.hook(id).await?.map(|(line, _)| line))
    }
}

fn wrongs_of(asked: &HookAsked, rules: &PostRules) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    if asked.url.len() > URL_MAX {
        wrongs.push(Wrong::new("Adressen er for lang.").column("--url"));
    } else if let Err(bad) = rules.check(asked.url.trim()) {
        wrongs.push(bad_target(bad).column("--url"));
    }
    let title = asked.title.trim();
    match title.chars().count() {
        0 => wrongs.push(
            Wrong::new("Det mangler, hvad den er til.")
                .help("Skriv fx --title \"Fagsystemet\".")
                .column("--title"),
        ),
        1..=TITLE_MAX => {
            wrongs.extend(
                cells::refuse_cpr(title)
                    .err()
                    .map(|wrong| wrong.column("--title")),
            );
        }
        _ => wrongs.push(
            Wrong::new(format!("Titlen er for lang: højst {TITLE_MAX} tegn.")).column("--title"),
        ),
    }
    let unknown = asked.events.iter();
    let unknown = unknown.filter(|event| !HOOK_EVENTS.contains(&event.as_str()));
    wrongs.extend(unknown.map(|event| {
        Wrong::new(format!("»{event}« er ikke noget, der kan fortælles."))
            .help(format!("Der er {}.", HOOK_EVENTS.join(", ")))
            .column("--event")
    }));
    wrongs
}

fn bad_target(bad: BadTarget) -> Wrong {
    match bad {
        BadTarget::Unreadable => Wrong::new("Det er ikke en adresse.")
            .help("Skriv den helt, fx https://fag.example/tovholder."),
        BadTarget::Clear => Wrong::new("Adressen skal begynde med https://."),
        BadTarget::Extras => Wrong::new("Der må ikke stå bruger, kode eller # i adressen."),
        BadTarget::Inside(ip) => Wrong::new(format!("{ip} er inde i jeres eget net.")).help(
            "Må tjenesten nå den, så skriv den i TOVHOLDER_HOOKS_INSIDE, også for tjenesten selv.",
        ),
    }
}

fn line_of(hook: HookRow) -> HookLine {
    HookLine {
        id: hook.public_id,
        title: hook.title,
        url: hook.url,
        events: hook.kinds.split_whitespace().map(str::to_owned).collect(),
        made_by: hook.made_by,
        created: instant(hook.created_at),
        waiting: hook.waiting,
        failed: hook.failed,
        failed_at: hook.failed_at.map(instant),
        answer: hook.answer,
        delivered: hook.delivered_at.map(instant),
        revoked: hook.revoked_at.map(instant),
        revoked_why: hook.revoked_why,
    }
}
