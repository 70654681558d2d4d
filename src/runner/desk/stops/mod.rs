//! Stopping mail, and letting it go again: all of it, that of a workflow, of a hold, of a name in a workflow, or of what
//! is all of these. Who, when and why stays as history.

mod asked;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use self::asked::checked;
use super::words::here;
use super::{Desk, DeskError, Wrong};
use crate::runner::LettingGo;
use crate::runner::context::Context;
use crate::runner::reason::reason_words;
use crate::store::{Scope, Stop};

/// So many stops that have ended are told of.
const ENDED_MAX: i64 = 100;

/// What somebody wants to stop, or to let go; nothing at all is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopAsked {
    /// A workflow's id.
    pub workflow: Option<String>,
    /// A hold, by id or title.
    pub cohort: Option<String>,
    /// The key of a message, task or meeting; where it is several of them, `task.KEY`.
    pub message: Option<String>,
}

/// A stop, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StopLine {
    /// Its number.
    pub id: i64,
    /// What is stopped. Danish.
    pub what: String,
    /// The workflow's id, if only one is stopped.
    pub workflow: Option<String>,
    /// The hold's id likewise.
    pub hold: Option<String>,
    /// And its title.
    pub hold_title: Option<String>,
    /// `message.KEY`, `task.KEY` or `meeting.KEY` likewise.
    pub message: Option<String>,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// The same, local.
    #[schema(value_type = String)]
    pub local: DateTime,
    /// Who did it.
    pub by: String,
    /// How much mail waits whose time has come.
    pub waits: i64,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The same, local.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub ended_local: Option<DateTime>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}

impl StopLine {
    /// What is typed to let go what it keeps back.
    #[must_use]
    pub fn command(&self) -> String {
        let mut command = "tovholder outbox start".to_owned();
        let options = [
            ("workflow", &self.workflow),
            ("cohort", &self.hold_title),
            ("message", &self.message),
        ];
        for (option, value) in options {
            if let Some(value) = value {
                let quote = if value.contains(' ') { "\"" } else { "" };
                command.push_str(&format!(" --{option} {quote}{value}{quote}"));
            }
        }
        command
    }
}

/// What came of stopping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Stopped {
    /// The stop.
    pub stop: StopLine,
    /// It did not stand before.
    pub is_new: bool,
    /// So much was on its way already, and may arrive.
    pub on_its_way: i64,
}

/// What letting go comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StopEnds {
    /// The stop.
    pub stop: StopLine,
    /// It has ended; else this is what it would come to.
    pub is_done: bool,
    /// So much leaves, at the pace at which mail does.
    pub leaves: usize,
    /// So much is held as late.
    pub late: usize,
    /// What is held as late is so little that the service lets it go by itself.
    pub late_is_small: bool,
    /// What falls away, by why. Danish.
    pub dropped: Vec<WhyCount>,
    /// What will wait for a person, by why. Danish.
    pub held: Vec<WhyCount>,
    /// So much goes on waiting, since something else stops it too.
    pub still: usize,
}

/// How much mail there is of a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WhyCount {
    /// Why. Danish.
    pub why: String,
    /// How much.
    pub mails: usize,
}

impl Desk {
    /// Stops mail. When this answers, none of it leaves that has not left.
    ///
    /// # Errors
    /// What is wrong with what is asked for; the reason has to be there, and must not look like a CPR number.
    pub async fn stop_mail(
        &self,
        asked: &StopAsked,
        reason: &str,
        by: &str,
    ) -> Result<Stopped, DeskError> {
        let scope = self.scope(asked).await?;
        let reason = checked(reason)?;
        let now = self.runner().now().as_microsecond();
        let store = self.runner().store();
        let begun = store.stop(scope, &reason, by, now).await?;
        self.runner().notify();
        Ok(Stopped {
            stop: self.stop(begun.id).await?,
            is_new: begun.is_new,
            on_its_way: begun.on_wire,
        })
    }

    /// The stop of precisely this.
    pub async fn stop_of(&self, asked: &StopAsked) -> Result<StopLine, DeskError> {
        let scope = self.scope(asked).await?;
        let stops = self.runner().store().stops().await?;
        if let Some(stop) = stops.iter().find(|stop| stop.scope == scope) {
            return self.stop(stop.id).await;
        }
        let wrong = Wrong::new("Det er der ingen standsning af.");
        let all: Vec<String> = (self.stops().await?.iter())
            .map(|stop| stop.what.clone())
            .collect();
        let help = match &all[..] {
            [] => "Intet er standset.".to_owned(),
            all => format!("Standset er {}.", all.join("; ")),
        };
        Err(wrong.help(help).into())
    }

    /// What is stopped now, the oldest first.
    pub async fn stops(&self) -> Result<Vec<StopLine>, DeskError> {
        let stops = self.runner().store().stops().await?;
        self.stop_lines(stops).await
    }

    /// What was stopped before, the newest first.
    pub async fn ended_stops(&self) -> Result<Vec<StopLine>, DeskError> {
        let stops = self.runner().store().ended_stops(ENDED_MAX).await?;
        self.stop_lines(stops).await
    }

    /// A stop that stands.
    pub async fn stop(&self, id: i64) -> Result<StopLine, DeskError> {
        let mut stops = self.runner().store().stops().await?;
        stops.retain(|stop| stop.id == id);
        let line = self.stop_lines(stops).await?.pop();
        line.ok_or_else(|| no_stop(id).into())
    }

    /// What it would come to if a stop ended now. Nothing is done.
    pub async fn would_let_go(&self, id: i64) -> Result<StopEnds, DeskError> {
        let stop = self.stop(id).await?;
        let going = self.runner().letting_go(id).await?;
        Ok(ends(stop, &going, false))
    }

    /// Ends a stop: what is late is held, what is of no use falls away, the rest leaves.
    pub async fn let_mail_go(&self, id: i64, by: &str) -> Result<StopEnds, DeskError> {
        let stop = self.stop(id).await?;
        let gone = self.runner().let_go(id, by).await?;
        let gone = gone.ok_or_else(|| no_stop(id))?;
        Ok(ends(stop, &gone, true))
    }

    /// Why each of these mails does not leave, by what stops it. Danish.
    pub(in crate::runner::desk) async fn stopped_words(
        &self,
        mails: &[i64],
    ) -> Result<BTreeMap<i64, String>, DeskError> {
        let stops = self.runner().store().stops().await?;
        if stops.is_empty() || mails.is_empty() {
            return Ok(BTreeMap::new());
        }
        let of = self.runner().store().stops_of(mails).await?;
        let lines = self.stop_lines(stops).await?;
        let words =
            |by: &BTreeSet<i64>| words_of(lines.iter().filter(|line| by.contains(&line.id)));
        Ok((of.iter())
            .filter_map(|(mail, by)| Some((*mail, words(by)?)))
            .collect())
    }

    /// What is stopped now, to ask of mail that is not in the outbox yet.
    pub(in crate::runner::desk) async fn stopping(&self) -> Result<Stopping, DeskError> {
        let stops = self.runner().store().stops().await?;
        let scopes = stops.iter().map(|stop| stop.scope.clone()).collect();
        Ok(Stopping {
            scopes,
            lines: self.stop_lines(stops).await?,
        })
    }

    async fn stop_lines(&self, stops: Vec<Stop>) -> Result<Vec<StopLine>, DeskError> {
        if stops.is_empty() {
            return Ok(Vec::new());
        }
        let store = self.runner().store();
        let accounts = store.accounts().await?;
        let waits = store
            .stopped_by(self.runner().now().as_microsecond())
            .await?;
        let holds: BTreeSet<i64> = stops
            .iter()
            .filter_map(|stop| stop.scope.cohort_id)
            .collect();
        let holds: Vec<i64> = holds.into_iter().collect();
        let holds: HashMap<i64, Context> = (self.runner().contexts(&holds).await?.into_iter())
            .map(|context| (context.row.id, context))
            .collect();
        let name = |by: &str| {
            let account = by
                .strip_prefix("account ")
                .and_then(|id| accounts.iter().find(|account| account.public_id == id));
            account.map_or_else(|| by.to_owned(), |account| account.name.clone())
        };
        let mut lines = Vec::with_capacity(stops.len());
        for stop in stops {
            let hold = stop.scope.cohort_id.and_then(|id| holds.get(&id));
            let since = instant(stop.began_at);
            let ended = stop.ended_at.map(instant);
            lines.push(StopLine {
                id: stop.id,
                what: self.what(&stop.scope, hold).await?,
                hold: hold.map(|hold| hold.row.public_id.clone()),
                hold_title: hold.and_then(|hold| hold.row.title.clone()),
                reason: stop.reason,
                since,
                local: here(since),
                by: name(&stop.began_by),
                waits: waits.get(&stop.id).copied().unwrap_or_default(),
                ended,
                ended_local: ended.map(here),
                ended_by: stop.ended_by.as_deref().map(name),
                workflow: stop.scope.workflow,
                message: stop.scope.declaration,
            });
        }
        Ok(lines)
    }

    /// What is stopped, in Danish.
    async fn what(&self, scope: &Scope, hold: Option<&Context>) -> Result<String, DeskError> {
        let mut words = match scope
            .declaration
            .as_deref()
            .and_then(|one| one.split_once('.'))
        {
            None => "al mail".to_owned(),
            Some(("task", name)) => format!("mail om opgaven »{name}«"),
            Some(("meeting", name)) => format!("mail om mødet »{name}«"),
            Some((_, name)) => format!("mailen »{name}«"),
        };
        if let Some(title) = hold.and_then(|hold| hold.row.title.as_ref()) {
            words.push_str(&format!(" på »{title}«"));
        } else if let Some(workflow) = &scope.workflow {
            let newest = self.runner().store().latest_version(workflow).await?;
            let title = match newest {
                Some(row) => self.runner().version(row.id).await?.workflow.title.clone(),
                None => workflow.clone(),
            };
            words.push_str(&format!(" i »{title}«"));
        }
        Ok(words)
    }
}

/// What is stopped now.
pub(in crate::runner::desk) struct Stopping {
    scopes: Vec<Scope>,
    lines: Vec<StopLine>,
}

impl Stopping {
    /// Why such mail would not leave. Danish.
    pub fn words(&self, workflow: &str, hold: Option<i64>, occurrence: &str) -> Option<String> {
        let stops = self.scopes.iter().zip(&self.lines);
        words_of(
            stops
                .filter(|(scope, _)| scope.covers(workflow, hold, occurrence))
                .map(|(_, line)| line),
        )
    }
}

fn words_of<'l>(lines: impl Iterator<Item = &'l StopLine>) -> Option<String> {
    let words: Vec<String> = lines
        .map(|line| {
            let when = line.local.strftime("%-d.%-m.%Y kl. %-H.%M");
            format!("standset {when} af {}, fordi: {}", line.by, line.reason)
        })
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn ends(stop: StopLine, going: &LettingGo, is_done: bool) -> StopEnds {
    let counted = |by: &BTreeMap<String, usize>| {
        let why = |(reason, mails): (&String, &usize)| WhyCount {
            why: reason_words(reason),
            mails: *mails,
        };
        by.iter().map(why).collect()
    };
    StopEnds {
        stop,
        is_done,
        leaves: going.leaves,
        late: going.late,
        late_is_small: going.is_small,
        dropped: counted(&going.dropped),
        held: counted(&going.held),
        still: going.still,
    }
}

fn no_stop(id: i64) -> Wrong {
    Wrong::new(format!("Standsning {id} er der ikke, eller den er slut."))
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
