//! Advancing subjects: step in memory, write everything set-wise, try again what was overtaken.

use super::context::Context;
use super::queue::{Lines, Turn};
use super::{RunError, Runner};
use crate::engine::effect::Effect;
use crate::engine::event::Event;
use crate::engine::input::{Actor, Input, News, Refusal};
use crate::engine::subject::Subject;
use crate::engine::{Asks, Step, step};
use crate::mutant::{self, Mutant};
use crate::store::{Committed, Write};
use crate::traces;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use tracing::{Instrument as _, Span};

/// How often an input is tried that others overtake.
pub(super) const TRIES_MAX: usize = 20;

/// How many subjects the first batch has when many are due; each following one has four times as
/// many, up to the setting's number, so that the first of a burst do not wait for the rest.
const FIRST_BATCH: i64 = 32;

/// How many batches are being stored while the next is stepped: so many that neither the database nor
/// this process waits for the other. What [`Look`](crate::store::Look) claims allows for it.
const STORING_MAX: usize = 2;

/// How many batches are read and stepped on other threads while those before are stored: one waits
/// for what it reads while the other is computed.
const STEPPING_MAX: usize = 2;

/// After so many failures a subject is stuck and shown.
const FAULT_BACK_OFF_SECONDS: i64 = 30;

/// What came of an input.
#[derive(Clone, Debug)]
pub struct Done {
    /// The subject's row id.
    pub subject_id: i64,
    /// Its snapshot after the input.
    pub subject: Subject,
    /// What happened, in order, with what was due before it.
    pub events: Vec<(Timestamp, Event)>,
    /// The input had been taken before: nothing has happened now.
    pub repeated: bool,
}

/// Several steps of one subject, to be committed as one.
pub(super) struct Advance {
    pub subject: Subject,
    pub events: Vec<(Timestamp, Event, Actor)>,
    pub effects: Vec<Effect>,
    pub next_due: Option<Timestamp>,
    pub asks: Asks,
    pub inbox_done: Vec<i64>,
}

/// A batch that is ready to be stored, or why it is not.
struct Stepped {
    ids: Vec<i64>,
    writes: Result<Vec<Write>, RunError>,
}

impl Stepped {
    /// How many get on. What is left for later does not count, so that nobody goes round for it.
    fn found(&self) -> usize {
        (self.writes.as_ref()).map_or(self.ids.len(), Vec::len)
    }
}

/// A batch that is being stored.
type Store = Pin<Box<dyn Future<Output = Result<(), RunError>> + Send>>;

/// Batches that are being stored.
#[derive(Default)]
struct Storing {
    under_way: Vec<Store>,
}

impl Storing {
    fn add(&mut self, batch: Store) {
        self.under_way.push(batch);
    }

    /// Does other work beside them.
    async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, RunError> {
        let mut work = std::pin::pin!(work);
        poll_fn(|cx| match self.poll(cx) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) => {
                own_work();
                work.as_mut().poll(cx).map(Ok)
            }
        })
        .await
    }

    /// Waits until no more than so many are under way.
    async fn until(&mut self, most: usize) -> Result<(), RunError> {
        poll_fn(|cx| match self.poll(cx) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) if self.under_way.len() <= most => Poll::Ready(Ok(())),
            Ok(()) => Poll::Pending,
        })
        .await
    }

    /// Gets on with all of them; the first that fails is what is heard of.
    fn poll(&mut self, cx: &mut std::task::Context<'_>) -> Result<(), RunError> {
        let mut failed = Ok(());
        self.under_way
            .retain_mut(|batch| match batch.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(stored) => {
                    failed = std::mem::replace(&mut failed, Ok(())).and(stored);
                    false
                }
            });
        failed
    }
}

/// Work that a thread of its own does: to step a batch takes many milliseconds without a pause, in which
/// those that talk with the database would wait. What nobody waits for any more has only read.
#[cfg(not(test))]
fn aside<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Pin<Box<dyn Future<Output = T> + Send>> {
    let runtime = tokio::runtime::Handle::current();
    let task = tokio::task::spawn_blocking(move || runtime.block_on(work));
    Box::pin(async move {
        match task.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The process ends, and this with it.
            Err(Err(_)) => std::future::pending().await,
        }
    })
}

/// In the simulated world a batch that is stepped or stored beside others is a task of its node.
#[cfg(test)]
use crate::store::gate::{aside, own_work};

#[cfg(not(test))]
fn own_work() {}

impl Runner {
    /// Advances subjects in one transaction. A batch that fails is halved until the culprit stands alone.
    pub(super) async fn batch(&self, ids: &[i64], now: Timestamp) -> Result<(), RunError> {
        let mut halves: Vec<Vec<i64>> = vec![ids.to_vec()];
        while let Some(part) = halves.pop() {
            match self.try_batch(&part, now).await {
                Ok(()) => {}
                Err(RunError::Store(error))
                    if error.is_storage()
                        || error.is_closed()
                        || error.is_busy()
                        || error.is_newer() =>
                {
                    return Err(RunError::Store(error));
                }
                Err(error) if part.len() == 1 || mutant::is(Mutant::NoHalving) => {
                    self.fault(part[0], &error.to_string()).await?;
                }
                Err(_) => {
                    let middle = part.len() / 2;
                    halves.push(part[middle..].to_vec());
                    halves.push(part[..middle].to_vec());
                }
            }
        }
        Ok(())
    }

    async fn try_batch(&self, ids: &[i64], now: Timestamp) -> Result<(), RunError> {
        let writes = self.stepped(ids, now).await?;
        self.store_steps(writes).await
    }

    /// Advances everything that is due, the longest due first: while batches are stored, in their order,
    /// the next are read and stepped. Answers how many were found due.
    pub(super) async fn drain(&self, now: Timestamp) -> Result<usize, RunError> {
        let mut look = self.store().look(now.as_microsecond());
        let (mut stepping, mut storing) = (VecDeque::new(), Storing::default());
        let (mut found, mut size, mut more) = (0, FIRST_BATCH, true);
        // Nothing keeps the first from being stored.
        let mut ahead = 1;
        // A look that finds nothing is no round.
        let mut round = Span::none();
        loop {
            while more && stepping.len() < ahead {
                let limit = size.min(self.settings().batch_max);
                size = limit * 4;
                let ids = storing.beside(look.next(limit)).await??;
                more = !ids.is_empty();
                if more {
                    if found == 0 && stepping.is_empty() {
                        round = traces::work();
                    }
                    stepping.push_back(self.clone().step_aside(ids, now));
                }
            }
            let Some(next) = stepping.pop_front() else {
                storing.until(0).await?;
                traces::counted(&round, "subjects.count", found);
                return Ok(found);
            };
            let next = storing.beside(next).await?;
            ahead = STEPPING_MAX;
            found += next.found();
            storing.add(self.clone().store_aside(next, now, &round));
            storing.until(STORING_MAX - 1).await?;
        }
    }

    /// Reads subjects and advances them in memory, beside other work.
    fn step_aside(
        self,
        ids: Vec<i64>,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Stepped> + Send>> {
        aside(async move {
            let writes = self.stepped(&ids, now).await;
            Stepped { ids, writes }
        })
    }

    /// Stores a batch beside other work, which it lets go on while it waits.
    fn store_aside(self, batch: Stepped, now: Timestamp, round: &Span) -> Store {
        let stored = async move { self.store_batch(batch, now).await };
        let stored = stored.instrument(round.clone());
        #[cfg(test)]
        return aside(stored);
        #[cfg(not(test))]
        Box::pin(stored)
    }

    /// Stores a batch that was stepped, or looks for what is wrong with it.
    async fn store_batch(&self, batch: Stepped, now: Timestamp) -> Result<(), RunError> {
        let stored = match batch.writes {
            Ok(writes) => self.store_steps(writes).await,
            Err(error) => Err(error),
        };
        if stored.is_err() {
            self.batch(&batch.ids, now).await?;
        }
        if mutant::is(Mutant::LotsPerBatch) {
            // As if nothing more were due.
            self.see_to_late_lots(Timestamp::MIN).await?;
        }
        self.inner
            .advanced
            .send_modify(|all| *all += batch.ids.len());
        self.inner.pulse.got_on();
        // Mail leaves while more work is due.
        self.inner.mail.notify_one();
        Ok(())
    }

    /// Reads subjects and advances them in memory; without those that come too soon, which stay due.
    async fn stepped(&self, ids: &[i64], now: Timestamp) -> Result<Vec<Write>, RunError> {
        let mut writes = Vec::with_capacity(ids.len());
        let mut lines = Lines::default();
        if !ids.is_empty() {
            for context in self.contexts(ids).await? {
                let turn = self.turn(&context, &mut lines, now).await?;
                let Turn::Now(advance, news_seen) = turn else {
                    continue;
                };
                if self.speaks_too_soon(&context, &advance, now).await? {
                    continue;
                }
                let mut write = self.write(&context, *advance, None, now).await?;
                write.news_seen = news_seen;
                writes.push(write);
            }
        }
        Ok(writes)
    }

    /// What was overtaken stays due, and is read again with a later batch.
    async fn store_steps(&self, writes: Vec<Write>) -> Result<(), RunError> {
        self.store()
            .commit(writes, self.now().as_microsecond())
            .await?;
        Ok(())
    }

    async fn fault(&self, subject: i64, text: &str) -> Result<(), RunError> {
        tracing::error!(subject, error = text, "a case cannot be advanced");
        let retry_at = self.now() + SignedDuration::from_secs(FAULT_BACK_OFF_SECONDS);
        self.store()
            .fault(subject, text.to_owned(), retry_at.as_microsecond())
            .await?;
        Ok(())
    }

    /// Takes an input from a person. With a key, the same input twice is taken once.
    pub async fn input(
        &self,
        subject_id: i64,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
    ) -> Result<Done, RunError> {
        self.input_to(subject_id, None, input, actor, key).await
    }

    /// The same to a case or hold as it was when it was looked at: with so many events. [`RunError::MovedOn`] when it
    /// has others by now. What was taken by the same key before is answered as that.
    pub async fn input_to(
        &self,
        subject_id: i64,
        expect: Option<i64>,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
    ) -> Result<Done, RunError> {
        let now = self.now();
        // What it holds in between is large, and most of the acts of the desk hold it in their turn.
        Box::pin(self.input_if(subject_id, expect, input, actor, key, now)).await
    }

    /// Takes an input that counts for an instant, for a simulation that runs by its own time.
    pub(super) async fn input_at(
        &self,
        subject_id: i64,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Done, RunError> {
        self.input_if(subject_id, None, input, actor, key, now)
            .await
    }

    async fn input_if(
        &self,
        subject_id: i64,
        expect: Option<i64>,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Done, RunError> {
        for _ in 0..TRIES_MAX {
            let context = self.context(subject_id).await?;
            // Asked after the case was read, and at every try: the same click may be on its way twice,
            // and whatever it brought comes either into this answer or into the fence of the commit.
            if let Some(key) = key
                && self.store().input_outcome(subject_id, key).await?.is_some()
            {
                // The case may have been read before the first of them was stored.
                return Ok(Done {
                    subject_id,
                    subject: self.context(subject_id).await?.subject,
                    events: Vec::new(),
                    repeated: true,
                });
            }
            // The commit is fenced by the sequence number that is compared here.
            if expect.is_some_and(|expect| expect != context.row.seq) {
                return Err(RunError::MovedOn);
            }
            let turn = self.turn_of_input(&context, (input, actor), now).await?;
            let Turn::Now(advance, news_seen) = turn else {
                // A place has come since the case was read.
                continue;
            };
            let subject = advance.subject.clone();
            let events = advance
                .events
                .iter()
                .map(|(at, event, _)| (*at, event.clone()))
                .collect();
            let mut write = self.write(&context, *advance, key, now).await?;
            write.news_seen = news_seen;
            let committed = self
                .store()
                .commit(vec![write], now.as_microsecond())
                .await?;
            match committed.first() {
                Some(Committed::Done) => {
                    self.notify();
                    return Ok(Done {
                        subject_id,
                        subject,
                        events,
                        repeated: false,
                    });
                }
                Some(Committed::HoldFull) => {
                    let places = context.version.workflow.cohort.places.unwrap_or_default();
                    return Err(Refusal::HoldFull { places }.into());
                }
                Some(Committed::Stale) | None => {}
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }
}

/// The operator at a command.
#[must_use]
pub fn operator(from: &str) -> Actor {
    Actor {
        role: None,
        from: from.to_owned(),
    }
}

/// News first, then the input; without either, what is due.
pub(super) fn advance(
    context: &Context,
    input: Option<(&Input, &Actor)>,
    now: Timestamp,
) -> Result<Advance, RunError> {
    let clock = Actor {
        role: None,
        from: "clock".into(),
    };
    let inbox = Actor {
        role: None,
        from: "hold".into(),
    };
    let mut advance = Advance {
        subject: context.subject.clone(),
        events: Vec::new(),
        effects: Vec::new(),
        next_due: None,
        asks: Asks::default(),
        inbox_done: Vec::new(),
    };
    for news in &context.inbox {
        let said: News = serde_json::from_str(&news.payload)?;
        match advance.one(context, &Input::News(said), &inbox, now) {
            Ok(()) => {}
            Err(RunError::Refused(refusal)) => {
                // The news was true when it was sent, but the case has gone on; it is taken in all the same.
                tracing::info!(subject = context.row.id, %refusal, "news without effect");
            }
            Err(error) => return Err(error),
        }
        advance.inbox_done.push(news.id);
    }
    let (input, actor) = input.unwrap_or((&Input::Tick, &clock));
    advance.one(context, input, actor, now)?;
    Ok(advance)
}

impl Advance {
    fn one(
        &mut self,
        context: &Context,
        input: &Input,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let view = context.view();
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            step(&view, &self.subject, input, actor, now)
        }));
        let Step {
            subject,
            events,
            effects,
            next_due,
            asks,
        } = stepped.map_err(|_| RunError::Inconsistent("the engine panicked".into()))??;
        self.subject = subject;
        self.events.extend(
            events
                .into_iter()
                .map(|(at, event)| (at, event, actor.clone())),
        );
        self.effects.extend(effects);
        self.next_due = next_due;
        self.asks = asks;
        Ok(())
    }
}
