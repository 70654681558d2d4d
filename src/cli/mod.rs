//! The commands: what a person types, what they read, and the exit code.
//!
//! One file per command. A command parses, asks the [`Desk`] (or reads files), and answers with text
//! for people and JSON for programs; it never writes a case and never sends a mail. Exit codes:
//! 0 done, 1 problems were found or the input was refused, 2 the command was not understood.

mod account;
mod agenda;
mod answer;
mod backup;
mod bench;
mod calendar;
mod check;
mod cohort;
mod demo;
mod dkim;
mod feed;
mod files;
mod fire;
mod folder;
mod foresee;
mod graph;
mod grid;
mod hook;
mod import;
mod intake;
mod journal;
mod key;
mod like;
mod live;
mod log;
mod lsp;
mod mail;
mod migrate;
mod numbers;
mod openapi;
mod outbox;
mod pace;
mod people;
mod person;
mod provider;
mod publish;
mod received;
mod reference;
mod restore;
mod schema;
mod serve;
mod simulate;
mod stops;
mod supervised;
mod suppressed;
mod test;
mod text;
mod today;
mod token;
mod traces;
mod undo;
mod verified;
mod versions;
mod why;
mod year;

use std::process::ExitCode;
use std::sync::OnceLock;

use clap::{Parser, Subcommand};

pub use self::answer::{Answer, Failure, Format};
use crate::calendar::capital;
use crate::config::{BadPlace, Database, Place, SealKeys};
use crate::message::Mailbox;
use crate::runner::desk::Desk;
use crate::runner::serve::clock_of;
use crate::runner::{Runner, Settings};
use crate::seal::Keys;
use crate::store::Store;

const EXAMPLES: &str = "\
The main job, from nothing:
  tovholder check
  tovholder people import examples/organisationer-og-medarbejdere.csv
  tovholder cohort create holstebro-introforloeb --title \"Hold 1\" \\
      --date start=2027-02-01
  tovholder import examples/holstebro-kandidater.csv --cohort \"Hold 1\"
  tovholder agenda \"Hold 1\"
  tovholder fire anna.birkmose@post.example accept --set wage_scheme=voksenelev
  tovholder outbox list

A hold is named by its id, the beginning of its id, or its title; a candidate
by id or e-mail address. Exit codes: 0 done, 1 problems found or refused, 2 the
command was not understood.";

/// Holds every candidate's course into care work: workflows in YAML, a state machine per candidate,
/// mails on the right workday.
#[derive(Debug, Parser)]
#[command(name = "tovholder", version, about, after_help = EXAMPLES, max_term_width = 80, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: SealKeys,
    /// Text for people or JSON for programs.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
    Graph(graph::Graph),
    Calendar(calendar::YearCalendar),
    Lsp(lsp::Lsp),
    Simulate(Box<simulate::Simulate>),
    Test(test::Test),
    Serve(Box<serve::Serve>),
    Demo(demo::Demo),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Account(account::Account),
    Token(token::TokenArgs),
    Feed(feed::Feed),
    Hook(hook::HookArgs),
    Key(key::KeyArgs),
    People(people::People),
    Person(person::Person),
    Journal(journal::JournalArgs),
    Cohort(cohort::Cohort),
    Import(import::Import),
    Fire(fire::FireArgs),
    Undo(undo::UndoArgs),
    Publish(publish::Publish),
    Versions(versions::Versions),
    Diff(versions::DiffOf),
    Migrate(migrate::Migrate),
    Foresee(foresee::Foresee),
    Agenda(agenda::AgendaArgs),
    Numbers(numbers::NumbersOf),
    Why(why::Why),
    Year(year::YearOf),
    Outbox(outbox::Outbox),
    Today(today::Today),
    Received(received::Received),
    Intake(Box<intake::IntakeOnce>),
    Suppressed(suppressed::Suppressed),
    Mail(mail::MailArgs),
    Bench(bench::Bench),
    Schema(schema::Schema),
    Openapi(openapi::Openapi),
    Reference(reference::Reference),
}

/// What all commands share.
#[derive(Debug)]
pub(crate) struct Common {
    database: Place,
    keys: SealKeys,
    opened: OnceLock<Store>,
}

/// Runs the command that was typed.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let common = Common {
        database: cli.database.place,
        keys: cli.keys,
        opened: OnceLock::new(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return answer::tell(
                Err(Failure::new(
                    error.to_string(),
                    "The machine is out of threads.",
                )),
                cli.format,
            );
        }
    };
    let outcome = runtime.block_on(async {
        // The futures of all commands lie in this one.
        let outcome = Box::pin(cli.command.run(&common)).await;
        common.close().await;
        outcome
    });
    answer::tell(outcome, cli.format)
}

impl Command {
    async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Graph(graph) => graph.run(),
            Self::Calendar(calendar) => calendar.run(),
            Self::Lsp(lsp) => lsp.run(),
            Self::Simulate(simulate) => Box::pin(simulate.run(common)).await,
            Self::Test(test) => test.run().await,
            Self::Serve(serve) => serve.run(common).await,
            Self::Demo(demo) => demo.run(common).await,
            Self::Backup(backup) => backup.run(common).await,
            Self::Restore(restore) => restore.run(common).await,
            Self::Account(account) => account.run(common).await,
            Self::Token(token) => token.run(common).await,
            Self::Feed(feed) => feed.run(common).await,
            Self::Hook(hook) => hook.run(common).await,
            Self::Key(key) => key.run(common).await,
            Self::People(people) => people.run(common).await,
            Self::Person(person) => person.run(common).await,
            Self::Journal(journal) => journal.run(common).await,
            Self::Cohort(cohort) => cohort.run(common).await,
            Self::Import(import) => import.run(common).await,
            Self::Fire(fire) => fire.run(common).await,
            Self::Undo(undo) => undo.run(common).await,
            Self::Publish(publish) => publish.run(common).await,
            Self::Versions(versions) => versions.run(common).await,
            Self::Diff(diff) => diff.run(common).await,
            Self::Migrate(migrate) => migrate.run(common).await,
            Self::Foresee(foresee) => foresee.run(common).await,
            Self::Agenda(agenda) => agenda.run(common).await,
            Self::Numbers(numbers) => numbers.run(common).await,
            Self::Why(why) => why.run(common).await,
            Self::Year(year) => year.run(common).await,
            Self::Outbox(outbox) => outbox.run(common).await,
            Self::Today(today) => today.run(common).await,
            Self::Received(received) => received.run(common).await,
            Self::Intake(intake) => intake.run(common).await,
            Self::Suppressed(suppressed) => suppressed.run(common).await,
            Self::Mail(mail) => mail.run(),
            Self::Bench(bench) => bench.run(common).await,
            Self::Schema(_) => schema::Schema::run(),
            Self::Openapi(_) => openapi::Openapi::run(),
            Self::Reference(reference) => reference.run(),
        }
    }
}

impl Common {
    /// The desk of an installation that exists.
    async fn desk(&self) -> Result<Desk, Failure> {
        if self.database.file().is_some_and(|file| !file.exists()) {
            return Err(Failure::new(
                format!("Der er ingen database {}.", self.database),
                "Den laves af `tovholder people import` eller `tovholder cohort create`. Ligger den et andet sted, så angiv \
                 --database eller DATABASE_URL.",
            ));
        }
        self.desk_or_new().await
    }

    /// The desk of an installation; its database is made when there is none.
    async fn desk_or_new(&self) -> Result<Desk, Failure> {
        let store = self.open().await?;
        let clock = clock_of(&store).await?;
        Ok(Desk::new(Runner::new(store, clock, settings())))
    }

    /// Opens the database; it is made when there is none.
    async fn open(&self) -> Result<Store, Failure> {
        self.open_at(&self.database).await
    }

    /// The keys that were given.
    fn keys(&self) -> Result<Keys, Failure> {
        self.keys.keys().map_err(|why| key::no_keys(&why))
    }

    /// Opens the database with other keys than those that were given.
    async fn open_with(&self, keys: Keys) -> Result<Store, Failure> {
        self.opened_at(&self.database, keys).await
    }

    /// Opens a database that is not the one named by `--database`.
    async fn open_at(&self, database: &Place) -> Result<Store, Failure> {
        self.opened_at(database, self.keys()?).await
    }

    async fn opened_at(&self, database: &Place, keys: Keys) -> Result<Store, Failure> {
        let cannot = |error: crate::store::StoreError| {
            if let Some(failure) = key::cannot_unlock(database, &error) {
                return failure;
            }
            let help = match (error.is_newer(), error.is_storage()) {
                (true, _) => "En nyere udgave af tovholder har ændret den: brug den nyere.",
                _ if database.file().is_none() && !error.is_busy() => {
                    "Kører serveren, og er navn, bruger og kode rigtige? De står i --database eller DATABASE_URL: \
                     postgres://BRUGER:KODE@SERVER/NAVN."
                }
                (_, true) => "Er det en fil fra tovholder, og må den læses og skrives?",
                _ => "Prøv igen om lidt.",
            };
            Failure::new(
                format!("Databasen {database} kan ikke åbnes: {error}."),
                help,
            )
        };
        let opened = match database {
            Place::Sqlite(file) => Store::open_with(file, keys).await,
            Place::Postgres(url) => Store::connect_with(url, keys).await,
            Place::Nowhere(why) => return Err(nowhere(why)),
        };
        let store = opened.map_err(cannot)?;
        let _ = self.opened.set(store.clone());
        Ok(store)
    }

    /// Lets the database put its files in order.
    async fn close(&self) {
        if let Some(store) = self.opened.get()
            && let Err(error) = store.close().await
        {
            tracing::warn!(%error, "the database was not closed in order");
        }
    }
}

/// The settings of a process that sends nothing: no mail is ever rendered with this sender.
fn settings() -> Settings {
    let from =
        Mailbox::parse("Tovholder", "tovholder@localhost.invalid").expect("a well-formed address");
    Settings::new(from, "Tovholder")
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("write NAME=VALUE instead of {text:?}")),
    }
}

/// An address that is none.
fn nowhere(why: &BadPlace) -> Failure {
    Failure::new(
        format!("Databasen kan ikke bruges: {why}."),
        "Angiv en anden med --database eller DATABASE_URL.",
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_option_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn pairs_have_a_name() {
        assert_eq!(pair("a = b=c"), Ok(("a".into(), "b=c".into())));
        assert!(pair("a").is_err() && pair("=b").is_err());
    }
}
