//! Mail: rendered, on its whole way from due to sent, and a digest over many cases.

use serde::{Deserialize, Serialize};

use super::hand::{by_hand, plain, until_there};
use super::machine::peak_mb;
use super::real;
use super::rendering::beside_handlebars;
use super::stage::{runner, start};
use crate::channel::{Channel, MemoryChannel, SmtpChannel};
use crate::clock::{Clock, Stopwatch};
use crate::message::Mail;
use crate::runner::freeze::Prepared;
use crate::runner::{Mailer, RunError, Runner};
use crate::store::{OutboxRow, Scratch, Status};

/// Mails rendered at a time.
const AT_ONCE: i64 = 64;

/// What rendering came to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rendered {
    /// Decided, rendered and frozen a second, on one core, with all that is read for it.
    pub rendered_per_second: f64,
    /// Rendered a second, a mail of the size that is shipped.
    pub templates_per_second: f64,
    /// The same texts with the same words by handlebars alone.
    pub handlebars_per_second: f64,
    /// The most memory, in MB.
    pub peak_mb: f64,
}

/// What the whole way of mail came to: due, step, rendered, handed over, marked.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Delivered {
    /// Mails handed over.
    pub mails: usize,
    /// So large is one, in bytes.
    pub bytes: usize,
    /// From due to `sent`, a second.
    pub per_second: f64,
    /// The same mail's bytes a second by a sender that knows nothing but bytes.
    pub raw_per_second: f64,
    /// The most memory, in MB.
    pub peak_mb: f64,
}

/// Queues a mail for each case and renders them; none leaves.
pub(super) async fn rendered(database: &Scratch) -> Result<Rendered, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    runner.work(start()?).await?;
    let cases = store.cases_after(0, i64::MAX).await?.len();
    let rows = store.ready(start()?.as_microsecond(), AT_ONCE).await?;
    let rendered_per_second = render(&runner, &rows, cases).await?;
    store.close().await?;
    let (templates_per_second, handlebars_per_second) = beside_handlebars(cases)?;
    Ok(Rendered {
        rendered_per_second,
        templates_per_second,
        handlebars_per_second,
        peak_mb: peak_mb(),
    })
}

/// Lets all cases become due, and hands over what follows: the work and the mail side by side, as a
/// service has them, until every row is `sent`.
pub(super) async fn deliver(database: &Scratch, port: u16) -> Result<Delivered, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    let cases = store.cases_after(0, i64::MAX).await?.len();
    until_there(port).await?;
    let channel = SmtpChannel::new(plain(port)?);
    let channel = channel.map_err(|error| RunError::Inconsistent(error.to_string()))?;
    let mailer = Mailer::new(runner.clone(), Channel::Smtp(channel));
    let begun = Stopwatch::start();
    let (_, mails) = tokio::try_join!(
        Box::pin(runner.work(runner.now())),
        Box::pin(all_sent(&runner, &mailer, cases))
    )?;
    let per_second = real(mails) / begun.elapsed().as_secs_f64();
    mailer.channel().close().await;
    let counts = store.outbox_counts().await?;
    if counts != [(Status::Sent, i64::try_from(cases).unwrap_or(i64::MAX))] {
        return Err(RunError::Inconsistent(format!("the outbox has {counts:?}")));
    }
    let row = store
        .outbox_row(crate::store::Sees::All, 1)
        .await?
        .and_then(|row| row.frozen);
    let mail: Mail = serde_json::from_slice(&row.unwrap_or_default())?;
    store.close().await?;
    Ok(Delivered {
        mails,
        bytes: mail.bytes.len(),
        per_second,
        raw_per_second: by_hand(port, false, &mail.bytes, mails).await?,
        peak_mb: peak_mb(),
    })
}

/// Sends until so many are sent, and answers how many were.
async fn all_sent(runner: &Runner, mailer: &Mailer, mails: usize) -> Result<usize, RunError> {
    let mut sent = 0;
    while sent < mails {
        let mailed = mailer.run_once().await?;
        sent += mailed.sent;
        if mailed.failed + mailed.waiting + mailed.cancelled > 0 {
            return Err(RunError::Inconsistent(format!("of the mail {mailed:?}")));
        }
        if !mailed.has_progressed() {
            runner.mail_is_queued().await;
        }
    }
    Ok(sent)
}

/// Decides, renders and freezes as many mails as there are cases.
async fn render(runner: &Runner, rows: &[OutboxRow], cases: usize) -> Result<f64, RunError> {
    let mut done = 0;
    let begun = Stopwatch::start();
    while done < cases.max(1) {
        for prepared in runner.prepare(rows, runner.now()).await? {
            let Prepared::Send(both) = prepared else {
                return Err(RunError::Inconsistent("a mail is not wanted".into()));
            };
            std::hint::black_box(both);
            done += 1;
        }
        if rows.is_empty() {
            return Err(RunError::Inconsistent("no mail was queued".into()));
        }
    }
    Ok(real(done) / begun.elapsed().as_secs_f64())
}

/// A digest over a hold.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Digested {
    /// To decide it, with its row in the outbox.
    pub decide_ms: f64,
    /// To read all cases, render it and freeze it.
    pub render_ms: f64,
    /// The mail's size.
    pub bytes: usize,
    /// The most memory, in MB.
    pub peak_mb: f64,
}

/// Decides and renders the digest of a hold.
pub(super) async fn digest(database: &Scratch) -> Result<Digested, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    let begun = Stopwatch::start();
    runner.work(start()?).await?;
    let decide_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let channel = MemoryChannel::new();
    let mailer = Mailer::new(runner, Channel::Memory(channel.clone()));
    let begun = Stopwatch::start();
    mailer.run_once().await?;
    let render_ms = begun.elapsed().as_secs_f64() * 1000.0;
    store.close().await?;
    let sent = channel.sent();
    let [mail] = &*sent else {
        return Err(RunError::Inconsistent(format!(
            "{} mails instead of one",
            sent.len()
        )));
    };
    Ok(Digested {
        decide_ms,
        render_ms,
        bytes: mail.bytes.len(),
        peak_mb: peak_mb(),
    })
}
