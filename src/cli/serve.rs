//! `tovholder serve`: the service. It runs what is due and sends the mail, until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Answer, Common, Failure, files, log, pace, provider, supervised, traces};
use crate::clock::Clock;
use crate::config::{Backups, BadMail, Hooks, Intake, Mail, Oidc, Place, Texts, Web};
use crate::fetch::Inbox;
use crate::runner::desk::Wrong;
use crate::runner::{Mailer, Runner, serve, serve_and_take_in};
use crate::seal::Keys;
use crate::store::{ServeLock, Store, Throttle};
use crate::web::{self, Pages};

const EXAMPLES: &str = "\
Mail leaves in one of two ways; without either the service does not start:
  --smtp smtps://user:password@mail.example    to a mail server
  --mail-dir mails                             into a folder, one .eml file each

The service ends with exit code 0 on SIGTERM or Ctrl-C, when what is on the
wire has been answered; a second Ctrl-C ends it at once. One process serves
a file; any number serve one PostgreSQL database, on as many machines, and
share the work. The other commands may be used beside them.

A database that was put back from a copy does not know what has been sent
since: then unsent mail is held until somebody lets it go (`outbox release`).
That is noticed, unless the whole disk was put back; then say `tovholder
outbox stop` before the service starts.

--clock plays the installation by a clock of its own. It is kept in the
database, so that all commands and the next start go by it; `--clock real`
ends it.

TOVHOLDER_LOG says how much is told on stderr: info (as usual), debug, warn.
With TOVHOLDER_LOG_FORMAT=json each line is an object, for programs.
OTEL_EXPORTER_OTLP_ENDPOINT names a collector for traces (OpenTelemetry), in a
build with the feature otel.

Started by systemd with a socket (LISTEN_FDS) it answers pages there, so that
a restart refuses nobody; it says when it is ready, and feeds its watchdog.

Examples:
  TOVHOLDER_MAIL_FROM=\"SOSU-indgangen <post@college.example>\" \\
  TOVHOLDER_SMTP=smtps://user:password@mail.example tovholder serve
  tovholder serve --mail-from post@college.example --mail-dir mails \\
      --clock 2026-02-02T08:00 --speed 1d/s";

/// The service: run what is due, send the mail.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Begin at this local time instead of now, or `real` to go by the machine's clock again.
    #[arg(long, value_name = "MOMENT")]
    clock: Option<String>,
    /// How fast that clock runs, such as 1d/s, 6h/s or 90min/s.
    #[arg(long, value_name = "SPEED", value_parser = pace::rate)]
    speed: Option<f64>,
    #[command(flatten)]
    mail: Mail,
    #[command(flatten)]
    intake: Intake,
    #[command(flatten)]
    web: Web,
    #[command(flatten)]
    oidc: Oidc,
    #[command(flatten)]
    hooks: Hooks,
    #[command(flatten)]
    backups: Backups,
    #[command(flatten)]
    texts: Texts,
}

/// Where it is answered.
struct Doors {
    pages: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

impl Serve {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let leaving = traces::begin("info,tokio_cron_scheduler=warn")?;
        let served = self.served(common).await;
        leaving.end().await;
        served
    }

    async fn served(&self, common: &Common) -> Result<Answer, Failure> {
        let channel = self.mail.channel().map_err(no_way_out)?;
        let mut settings = self.mail.settings()?;
        self.intake.apply(&mut settings)?;
        settings.hooks = self.hooks.rules()?;
        self.backups.apply(&common.database, &mut settings)?;
        let inbox = self.intake.inbox()?;
        let throttles = self.mail.throttles()?;
        if let Some(folder) = &self.mail.mail_dir {
            std::fs::create_dir_all(folder).map_err(|error| {
                let message = format!("Mailmappen {} kan ikke laves: {error}.", folder.display());
                Failure::new(
                    message,
                    "Angiv en anden med --mail-dir eller TOVHOLDER_MAIL_DIR.",
                )
            })?;
        }
        let database = &common.database;
        // Any number of processes may serve one PostgreSQL database.
        let _lock = database.file().map(lock).transpose()?;
        let store = common.open().await?;
        if let Some(throttles) = throttles {
            let throttles = throttles.into_iter().map(|(domain, per_minute)| Throttle {
                domain,
                per_minute: per_minute.into(),
            });
            store.set_throttles(throttles.collect()).await?;
        }
        let clock = self.clock(&store).await?;
        let stopped = stopped()?;
        let (options, doors) = (self.options()?, self.doors().await?);
        self.tell(
            database,
            &clock,
            inbox.as_ref(),
            &key_of(&store, &common.keys()?).await?,
        )?;
        settings.installed = Arc::new(files::installed(&self.texts));
        let runner = Runner::new(store, clock, settings);
        let mailer = Mailer::new(runner.clone(), channel);
        let answering = answer(doors, &Pages::new(runner.clone(), options), &stopped);
        supervised::ready();
        tokio::spawn(supervised::watchdog(runner.clone(), stopped.clone()));
        match &inbox {
            Some(inbox) => serve_and_take_in(&runner, &mailer, stopped, inbox).await?,
            None => serve::serve(&runner, &mailer, stopped).await?,
        }
        // What was asked last has been answered then.
        answering.join_all().await;
        tracing::info!("stopped");
        Ok(Answer::silent())
    }

    /// Where pages and figures are answered: a socket that is handed over comes before an address.
    async fn doors(&self) -> Result<Doors, Failure> {
        let held = supervised::socket().and_then(|held| held.map(web::take_over).transpose());
        let held = held.map_err(|error| {
            let message = format!("Den socket, som tjenesten har fået, kan ikke bruges: {error}.");
            Failure::new(message, "Er den en TCP-socket, der lytter (ListenStream=)?")
        })?;
        Ok(Doors {
            pages: match (held, self.web.listen) {
                (Some(held), _) => Some(held),
                (None, Some(at)) => Some(bound(at, "--listen eller TOVHOLDER_LISTEN").await?),
                (None, None) => None,
            },
            metrics: match self.web.metrics_listen {
                Some(at) => {
                    Some(bound(at, "--metrics-listen eller TOVHOLDER_METRICS_LISTEN").await?)
                }
                None => None,
            },
        })
    }

    /// What was decided about the pages.
    fn options(&self) -> Result<web::Options, Failure> {
        #[cfg(not(feature = "oidc"))]
        provider::refuse(&self.oidc)?;
        Ok(web::Options {
            proxies: self.web.trusted_proxy.clone(),
            #[cfg(feature = "oidc")]
            provider: provider::provider(&self.oidc, self.mail.base_url.as_deref())?
                .map(std::sync::Arc::new),
        })
    }

    /// The clock that was asked for, else the one the database lives by.
    async fn clock(&self, store: &Store) -> Result<Clock, Failure> {
        if self.clock.as_deref() == Some("real") {
            store.set_clock(None).await?;
            return Ok(Clock::Real);
        }
        match pace::both(self.clock.as_deref(), self.speed)? {
            Some((at, rate)) => Ok(serve::set_clock(store, at, rate).await?),
            None => Ok(serve::clock_of(store).await?),
        }
    }

    /// What is served, by which clock, and where mail goes.
    fn tell(
        &self,
        database: &Place,
        clock: &Clock,
        inbox: Option<&Inbox>,
        key: &str,
    ) -> Result<(), Failure> {
        let time = match clock {
            Clock::Scaled(scale) => {
                let at = pace::local(clock.now())?.strftime("%-d.%-m.%Y kl. %-H.%M");
                format!("sit eget: {at}, {}", pace::words(scale.rate))
            }
            Clock::Shared(_) => "databasens".to_owned(),
            Clock::Real | Clock::Manual(_) => "maskinens".to_owned(),
        };
        let mail = match &self.mail.mail_dir {
            Some(folder) => format!("filer i {}", folder.display()),
            None => server(self.mail.smtp.as_deref().unwrap_or_default()),
        };
        let back = inbox.map_or_else(String::new, |inbox| format!("  Svar      {inbox}\n"));
        let pages = self.web.listen.map_or_else(String::new, |at| {
            let known = self
                .mail
                .base_url
                .as_deref()
                .unwrap_or("TOVHOLDER_BASE_URL er ikke sat");
            format!("  Sider     {at} ({known})\n")
        });
        if log::is_for_people() {
            super::live::say(&format!(
                "tovholder kører. Stop med Ctrl-C.\n  Database  {database}\n  Mail      {mail}\n{back}  Ur        {time}\n{pages}  Nøgle     {key}\n"
            ));
        }
        tracing::info!(%database, mail, clock = time, "serving");
        Ok(())
    }
}

/// By which key what is confidential is sealed, or that it is not.
async fn key_of(store: &Store, given: &Keys) -> Result<String, Failure> {
    let key = store.seal_key().await?;
    match &key {
        Some(key) => tracing::info!(key, "notes, files and text facts are sealed"),
        None => tracing::info!(
            "notes, files and text facts stand in the database as they were written: there is no key; see `tovholder key`"
        ),
    }
    if let (Some(key), Some(first)) = (&key, given.first())
        && key != first
    {
        tracing::warn!(
            first,
            "the first key is not the one in use; see `tovholder key rotate`"
        );
        return Ok(format!(
            "{key}, og {first} står først (se tovholder key rotate)"
        ));
    }
    Ok(key.unwrap_or_else(|| "ingen: fortroligt står ukrypteret (se tovholder key)".to_owned()))
}

/// A server's address without what is secret in it.
fn server(address: &str) -> String {
    let Ok(url) = url::Url::parse(address) else {
        return "SMTP".to_owned();
    };
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!(
        "{}://{}{port}",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )
}

/// Answers at the doors until told to stop.
fn answer(doors: Doors, pages: &Pages, stopped: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut answering = JoinSet::new();
    if let Some(door) = doors.metrics {
        let (pages, stopped) = (pages.clone(), stopped.clone());
        answering.spawn(async move { pages.serve_metrics(door, stopped).await });
    }
    if let Some(door) = doors.pages {
        let (pages, stopped) = (pages.clone(), stopped.clone());
        answering.spawn(async move { pages.serve(door, stopped).await });
    }
    answering
}

async fn bound(at: SocketAddr, with: &str) -> Result<TcpListener, Failure> {
    web::bind(at).await.map_err(|error| {
        Failure::new(
            format!("Der kan ikke svares på {at}: {error}."),
            format!("Er adressen ledig og maskinens egen? Angiv en anden med {with}."),
        )
    })
}

fn no_way_out(error: BadMail) -> Failure {
    if !matches!(error, BadMail::NoWayOut) {
        return Failure::from(error);
    }
    Failure::new(
        "Tjenesten starter ikke: der er ingen vej ud for mails, og de må ikke blive væk i stilhed.",
        "Angiv en mailserver med --smtp eller TOVHOLDER_SMTP, fx smtps://bruger:kode@mail.example, eller en mappe, som \
         de skrives i, med --mail-dir eller TOVHOLDER_MAIL_DIR.",
    )
}

/// The right to serve a database, which one process has.
pub(super) fn lock(database: &Path) -> Result<ServeLock, Failure> {
    Store::lock_for_serving(database).map_err(|error| {
        if error.is_already_served() {
            let wrong = Wrong::new(format!(
                "Databasen {} har allerede en tjeneste, der kører.",
                database.display()
            ));
            return wrong
                .help("Stop den først, eller angiv en anden database med --database.")
                .into();
        }
        Failure::from(error)
    })
}

/// Becomes true when the process is told to stop. A Ctrl-C after that ends it at once; another
/// SIGTERM does not, because some supervisors send it to the process and to its group.
///
/// It listens from the moment this returns, so it is asked before anybody is told that it runs.
pub(super) fn stopped() -> Result<watch::Receiver<bool>, Failure> {
    let mut signals = Signals::listen().map_err(|error| {
        let message = format!("Signaler kan ikke modtages: {error}.");
        Failure::new(message, "Prøv igen.")
    })?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping: what is on the wire is finished first");
        supervised::stopping();
        if stop.send(true).is_err() {
            return;
        }
        signals.interrupt().await;
        tracing::warn!("stopped at once; mail on the wire is unknown until it has been looked at");
        std::process::exit(130);
    });
    Ok(stopped)
}

/// SIGTERM and Ctrl-C.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    async fn interrupt(&mut self) {
        self.interrupt.recv().await;
    }
}

/// Ctrl-C.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }

    async fn interrupt(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_told() {
        for (address, expect) in [
            ("smtps://bo:hemmelig@mail.example", "smtps://mail.example"),
            (
                "smtp://bo:hemmelig@mail.example:2525?tls=none",
                "smtp://mail.example:2525",
            ),
        ] {
            assert_eq!(server(address), expect);
        }
    }
}
