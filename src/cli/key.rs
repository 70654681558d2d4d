//! `tovholder key`: the keys that confidential words are sealed by.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::live::Live;
use super::text::{Table, wrap};
use super::{Answer, Common, Failure};
use crate::config::{NoKeys, Place};
use crate::seal::{BadKeys, Keys, fresh_key};
use crate::store::{SealedBy, Store, StoreError, Turning};

const EXAMPLES: &str = "\
Notes, files and text facts are sealed by a key that is not in the database:
who has a copy of the database and not the key reads none of them. Choices,
days, numbers and yes or no are not sealed, since guards and plans go by them.

The keys are in a file that TOVHOLDER_KEY_FILE or --key-file names, one on each
line and the newest first, which only the service's own user can read; or in
TOVHOLDER_KEY. Keep a copy of it, and not beside the copies of the database: if
the key is lost, nobody can read what it has sealed.

From one key to the next, while the service runs:
  1. tovholder key new --to FILE     the new one stands first, the old one stays
  2. restart every `tovholder serve`, so that each knows both
  3. tovholder key rotate
  4. take the old one out of the file, when `tovholder key show` says so

Examples:
  tovholder key new --to /etc/tovholder/key
  TOVHOLDER_KEY_FILE=/etc/tovholder/key tovholder key show
  TOVHOLDER_KEY_FILE=/etc/tovholder/key tovholder key rotate";

/// The keys that notes, files and text facts are sealed by.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a key. It is printed, or put first in a file.
    New {
        /// The file; it is made, or gets the key in front of those in it.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Which keys there are, by their ids, and how much each seals; never a key.
    Show,
    /// Seal everything by the first key, while the service runs. Ended in the middle, it goes on when it is run again.
    Rotate,
    /// A key is lost: go on without all that it has sealed. It says what that is; --apply does it.
    GiveUp {
        /// The key's id, as it is told when the database cannot be opened.
        id: String,
        /// Do it: nobody will ever read it again.
        #[arg(long)]
        apply: bool,
    },
}

impl KeyArgs {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        match &self.what {
            What::New { to } => new(to.as_deref()),
            What::Show => show(common).await,
            What::Rotate => rotate(common).await,
            What::GiveUp { id, apply } => give_up(common, id, *apply).await,
        }
    }
}

fn new(to: Option<&Path>) -> Result<Answer, Failure> {
    let key = fresh_key();
    let id = id_of(&key);
    let line = format!("{key}  # {id}\n");
    let Some(file) = to else {
        return Ok(Answer::new(line, &json!({"id": id, "key": key})));
    };
    let others = put_first(file, &line).map_err(|error| {
        Failure::new(
            format!("Nøglefilen {} kan ikke skrives: {error}.", file.display()),
            "Angiv en anden med --to, i en mappe, der findes.",
        )
    })?;
    let next = if others {
        "Den bruges ikke endnu: start alle tjenester igen, og kør så tovholder key rotate."
    } else {
        "Den bruges, når TOVHOLDER_KEY_FILE eller --key-file nævner filen. Gem en kopi af den et andet sted end \
         databasens kopier: uden nøglen kan ingen læse det, den har forseglet."
    };
    let text = format!(
        "Nøglen {id} står først i {}.\n{}",
        file.display(),
        wrap("", next)
    );
    let json = json!({"id": id, "file": file.display().to_string()});
    Ok(Answer::new(text, &json))
}

fn id_of(key: &str) -> String {
    let keys: Keys = key.parse().unwrap_or_default();
    keys.first().unwrap_or_default().to_owned()
}

/// Puts a line in front of a file that only its owner reads, whole or not at all; answers whether anything was in it.
fn put_first(file: &Path, line: &str) -> std::io::Result<bool> {
    let before = match fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        before => before?,
    };
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut new = options.open(&beside)?;
    let written = new
        .write_all(format!("{line}{before}").as_bytes())
        .and_then(|()| new.sync_all())
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // It holds a key that nobody was told of.
        drop(fs::remove_file(&beside));
    }
    written.map(|()| !before.trim().is_empty())
}

/// What stands where.
struct Standing {
    given: Vec<String>,
    in_use: Option<String>,
    by: Vec<SealedBy>,
}

impl Standing {
    async fn of(store: &Store, given: &Keys) -> Result<Self, StoreError> {
        Ok(Self {
            given: given.ids().map(str::to_owned).collect(),
            in_use: store.seal_key().await?,
            by: store.sealed_by().await?,
        })
    }

    /// How many values a key seals, or none.
    fn count(&self, key: Option<&str>) -> i64 {
        let by = self.by.iter().filter(|by| by.key.as_deref() == key);
        by.map(|by| by.texts + by.notes + by.documents + by.lists)
            .sum()
    }

    /// How many are not sealed by the key in use. Lists are not counted: they are gone within the hour.
    fn left(&self) -> i64 {
        let others = self.by.iter().filter(|by| by.key != self.in_use);
        others.map(|by| by.texts + by.notes + by.documents).sum()
    }

    /// Keys that were given and are of no use any more.
    fn idle(&self) -> Vec<&str> {
        let all = self.given.iter().map(String::as_str);
        let first = self.given.first().map(String::as_str);
        all.filter(|id| first != Some(id) && self.in_use.as_deref() != Some(id))
            .filter(|id| self.count(Some(id)) == 0)
            .collect()
    }

    fn table(&self) -> String {
        if self.by.is_empty() && self.given.is_empty() {
            return String::new();
        }
        let mut table = Table::titled(&["Nøgle", "Tekster", "Noter", "Filer", "Lister", ""]);
        for column in 1..5 {
            table = table.right(column);
        }
        let unused = (self.given.iter())
            .filter(|id| !self.by.iter().any(|by| by.key.as_ref() == Some(id)))
            .map(|id| (Some(id.clone()), [0; 4]));
        let counted = (self.by.iter())
            .map(|by| (by.key.clone(), [by.texts, by.notes, by.documents, by.lists]));
        for (key, counts) in unused.chain(counted) {
            let word = match &key {
                None => "",
                in_use if *in_use == self.in_use => "i brug",
                Some(_) if counts == [0; 4] => "forsegler intet",
                Some(_) => "den gamle",
            };
            let name = key.unwrap_or_else(|| "ukrypteret".to_owned());
            let counts = counts.map(|count| count.to_string());
            table.row([name].into_iter().chain(counts).chain([word.to_owned()]));
        }
        table.text(0)
    }

    /// What is to be done, if anything.
    fn advice(&self) -> String {
        let Some(in_use) = &self.in_use else {
            return wrap(
                "",
                "Intet forsegles: der er ingen nøgle. Lav en med tovholder key new --to FIL.",
            );
        };
        let first = self.given.first().unwrap_or(in_use);
        let mut advice = if first != in_use {
            let say = format!(
                "Nøglen {first} står først, og {in_use} er i brug. Kør tovholder key rotate, når alle tjenester er startet \
                 igen."
            );
            wrap("", &say)
        } else if self.left() > 0 {
            let say = format!(
                "{} er ikke forseglet med nøglen i brug. Kør tovholder key rotate.",
                values(self.left())
            );
            wrap("", &say)
        } else {
            String::new()
        };
        advice.push_str(&self.idle_in_words());
        advice
    }

    /// Which keys need not be given any more.
    fn idle_in_words(&self) -> String {
        let say = |id: &str| {
            let say = format!(
                "Nøglen {id} forsegler intet mere og kan tages ud af filen. Kopier af databasen fra dengang kræver den: gem \
                 den, så længe de gemmes."
            );
            wrap("", &say)
        };
        self.idle().into_iter().map(say).collect()
    }
}

fn values(count: i64) -> String {
    if count == 1 {
        "1 værdi".to_owned()
    } else {
        format!("{count} værdier")
    }
}

async fn show(common: &Common) -> Result<Answer, Failure> {
    let store = common.open().await?;
    let standing = Standing::of(&store, &common.keys()?).await?;
    let json = json!({
        "in_use": standing.in_use,
        "given": standing.given,
        "keys": standing.by.iter().map(|by| json!({
            "id": by.key, "texts": by.texts, "notes": by.notes, "documents": by.documents, "lists": by.lists,
        })).collect::<Vec<_>>(),
    });
    let text = format!("{}{}", standing.table(), standing.advice());
    Ok(Answer::new(text, &json))
}

async fn rotate(common: &Common) -> Result<Answer, Failure> {
    let keys = common.keys()?;
    let Some(first) = keys.first() else {
        return Err(Failure::new(
            "Der er ingen nøgle at forsegle med.",
            "Lav en med tovholder key new --to FIL, og nævn filen med --key-file eller TOVHOLDER_KEY_FILE.",
        ));
    };
    let store = common.open().await?;
    store.turn_key().await?;
    let all = Standing::of(&store, &keys).await?.left();
    let (mut turning, mut live) = (Turning::default(), Live::begin());
    while !turning.is_done() {
        turning = store.seal_anew(turning).await?;
        if live.is_terminal() {
            live.draw(&format!("{} af {} forseglet på ny", turning.sealed, all));
        }
    }
    let still = store.forget_keys().await?;
    let is_written = store.write_anew().await?;
    let mut answer = turned(first, &turning, &still, is_written);
    let standing = Standing::of(&store, &keys).await?;
    answer.text.push_str(&standing.idle_in_words());
    Ok(answer)
}

/// What came of it.
fn turned(first: &str, turning: &Turning, still: &[String], is_written: bool) -> Answer {
    let sealed = i64::try_from(turning.sealed).unwrap_or(i64::MAX);
    let mut text = format!("{} forseglet på ny med nøglen {first}.\n", values(sealed));
    let mut say = |words: String| text.push_str(&wrap("", &words));
    for broken in &turning.broken {
        say(format!("Kan ikke åbnes og er ladt, som den var: {broken}."));
    }
    if sealed > 0 {
        say("Kopier af databasen, der er taget før, er, som de var.".to_owned());
    }
    if !still.is_empty() {
        let why = if turning.broken.is_empty() {
            "lister, som nogen ser på, er væk inden for en time. Kør tovholder key rotate igen da"
        } else {
            "det, der ikke kan åbnes, er forseglet med den"
        };
        say(format!(
            "{} skal stadig være i filen: {why}.",
            still.join(" og ")
        ));
    }
    if !is_written {
        say("Det, der stod før, kan endnu findes i filen, fordi andre læste eller skrev. Kør tovholder key rotate igen.".to_owned());
    }
    let json = json!({
        "key": first, "sealed": turning.sealed, "broken": turning.broken, "still_needed": still, "written_anew": is_written,
    });
    Answer {
        has_problems: !turning.broken.is_empty(),
        ..Answer::new(text, &json)
    }
}

async fn give_up(common: &Common, id: &str, apply: bool) -> Result<Answer, Failure> {
    let keys = common.keys()?;
    if keys.has(id) {
        return Err(Failure::new(
            format!("Nøglen {id} er ikke tabt: den er givet."),
            "Skift til en anden med tovholder key rotate.",
        ));
    }
    let store = common.open_with(keys.without(id)).await?;
    let lost = store.sealed_by().await?.into_iter();
    let Some(lost) = lost.into_iter().find(|by| by.key.as_deref() == Some(id)) else {
        return Err(Failure::new(
            format!("Nøglen {id} har ikke forseglet noget i databasen."),
            "Se dem, der har, med tovholder key show.",
        ));
    };
    if apply {
        store.give_up(id, "nøglen er tabt").await?;
    }
    let what = format!(
        "tekster: {}, noter: {}, filer: {}",
        lost.texts, lost.notes, lost.documents
    );
    let words = if apply {
        format!("Det, som nøglen {id} havde forseglet, er væk ({what}). Resten er, som det var.")
    } else {
        format!(
            "Nøglen {id} har forseglet {what}. Uden den kan ingen læse det. Findes nøglen slet ikke mere, heller ikke i en \
             kopi, så fortsæt uden: tovholder key give-up {id} --apply"
        )
    };
    let json = json!({
        "id": id, "texts": lost.texts, "notes": lost.notes, "documents": lost.documents, "done": apply,
    });
    Ok(Answer::new(wrap("", &words), &json))
}

/// Why there are no keys to be had, in Danish.
pub(super) fn no_keys(why: &NoKeys) -> Failure {
    let make = "Lav en med tovholder key new --to FIL.";
    match why {
        NoKeys::Both => Failure::new(
            "Nøglerne er givet to gange: i TOVHOLDER_KEY og i en fil.",
            "Lad én af dem stå. En fil er bedst: TOVHOLDER_KEY_FILE.",
        ),
        NoKeys::Unreadable { path, error } => Failure::new(
            format!("Nøglefilen {} kan ikke læses: {error}.", path.display()),
            format!("Nævn den rigtige med --key-file eller TOVHOLDER_KEY_FILE. {make}"),
        ),
        NoKeys::Open(path) => Failure::new(
            format!(
                "Nøglefilen {} kan læses af alle på maskinen.",
                path.display()
            ),
            format!(
                "Luk den: chmod 600 {}. Kan nogen have set den, så skift til en ny nøgle med tovholder key rotate.",
                path.display()
            ),
        ),
        NoKeys::Bad { from, error } => Failure::new(
            format!("I {from} står der ikke nøgler: {}.", in_danish(*error)),
            make,
        ),
    }
}

fn in_danish(error: BadKeys) -> String {
    match error {
        BadKeys::None => "der er ingen".to_owned(),
        BadKeys::NotOne(at) => {
            format!("ord nummer {at} er ikke en nøgle på 44 tegn, som tovholder key new laver")
        }
    }
}

/// Why a database cannot be opened with these keys, in Danish.
pub(super) fn cannot_unlock(database: &Place, error: &StoreError) -> Option<Failure> {
    if let Some((lacking, given)) = error.lacking_keys() {
        let given = match given {
            [] => "der er ikke givet nogen nøgle".to_owned(),
            given => format!("kun {} er givet", given.join(", ")),
        };
        return Some(Failure::new(
            format!(
                "Fortrolige oplysninger i databasen {database} er forseglet med nøglen {}, og {given}.",
                lacking.join(" og ")
            ),
            "Læg den i den fil, som TOVHOLDER_KEY_FILE eller --key-file nævner, eller i TOVHOLDER_KEY. Er den tabt, kan \
             ingen læse det, og installationen kan gå videre uden: tovholder key give-up.",
        ));
    }
    error.is_broken_seal().then(|| {
        Failure::new(
            format!("Databasen {database} passer ikke til nøglen: {error}."),
            "Læg databasen tilbage fra en kopi.",
        )
    })
}
