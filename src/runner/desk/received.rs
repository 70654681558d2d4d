//! What has come in, as people see it: bounces, answers, words of people.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::mails::refused;
use super::{Desk, DeskError, Wrong};
use crate::message::Mailbox;
use crate::store::{AddressRow, ReceivedFilter, ReceivedRow};

/// Who has seen to something, in the store's words.
const BY: &str = "cli";

/// A report of a mail that may still arrive.
const DELAYED: &str = "delayed";

/// Where the clock of a mail goes that belongs to no workflow.
pub(super) const ZONE: &str = "Europe/Copenhagen";

/// A received mail in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedLine {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub at: Timestamp,
    /// The same, local.
    pub local: DateTime,
    /// `bounce`, `automatic`, `answer` or `human`.
    pub kind: String,
    /// What it is, in Danish.
    pub what: String,
    /// Whom it is from, or of a bounce whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The candidate or hold that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The mail of ours that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<i64>,
    /// The same under a heading that says that it came back.
    #[serde(skip)]
    pub(super) why: String,
    /// It waits for a person.
    pub is_open: bool,
}

/// A received mail with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedText {
    /// As in a list.
    #[serde(flatten)]
    pub line: ReceivedLine,
    /// What a person wrote.
    pub text: Option<String>,
    /// A server's words.
    pub words: Option<String>,
    /// What became of it.
    pub note: Option<String>,
}

/// Why a mail came back: "adressen findes ikke (5.1.1)".
fn why_back(row: &ReceivedRow) -> String {
    let code = row.code.as_deref();
    let why = code.and_then(refused::of_code);
    let why = why.unwrap_or_else(|| "den kunne ikke afleveres".to_owned());
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    format!("{why}{code}")
}

/// The same under a heading that says already that it came back.
pub(super) fn back_words(row: &ReceivedRow) -> String {
    let is_plain = row.kind == "bounce" && row.detail.as_deref() != Some(DELAYED);
    if is_plain {
        why_back(row)
    } else {
        what_words(row)
    }
}

/// "kom retur: adressen findes ikke (5.1.1)".
pub(super) fn what_words(row: &ReceivedRow) -> String {
    let detail = row.detail.as_deref().unwrap_or_default();
    match (row.kind.as_str(), detail) {
        ("bounce", detail) => {
            let word = if detail == DELAYED {
                "er forsinket"
            } else {
                "kom retur"
            };
            format!("{word}: {}", why_back(row))
        }
        ("answer", "accepted") => "kommer til mødet".to_owned(),
        ("answer", "declined") => "har meldt afbud til mødet".to_owned(),
        ("answer", _) => "kommer måske til mødet".to_owned(),
        ("automatic", "away") => "automatisk svar: er der ikke".to_owned(),
        ("automatic", "challenge") => "automatisk svar: vil have en bekræftelse".to_owned(),
        ("automatic", "ticket") => "automatisk svar: en kvittering".to_owned(),
        ("automatic", "list") => "fra en mailliste".to_owned(),
        ("automatic", "receipt") => "kvittering: leveret eller læst".to_owned(),
        ("automatic", "complaint") => "klage: mailen er meldt som uønsket".to_owned(),
        ("automatic", _) => "automatisk mail".to_owned(),
        _ => "har skrevet".to_owned(),
    }
}

impl Desk {
    /// What has come in, the newest first; of a case or hold, or all.
    pub async fn received(
        &self,
        of: Option<&str>,
        open: bool,
        limit: i64,
    ) -> Result<Vec<ReceivedLine>, DeskError> {
        let subject = match of {
            Some(typed) => Some(self.any(typed).await?.row.id),
            None => None,
        };
        let filter = ReceivedFilter {
            open,
            subject,
            limit,
        };
        let rows = self.runner().store().received(self.sees, &filter).await?;
        self.received_lines(&rows).await
    }

    /// One, with what it says.
    pub async fn received_text(&self, id: i64) -> Result<ReceivedText, DeskError> {
        let row = self.runner().store().received_row(id).await?;
        let row = row.ok_or_else(|| none_such(id))?;
        let mut lines = self.received_lines(std::slice::from_ref(&row)).await?;
        Ok(ReceivedText {
            line: lines.pop().ok_or_else(|| none_such(id))?,
            text: row.text,
            words: row.words,
            note: row.note,
        })
    }

    /// Somebody has seen to it.
    pub async fn received_done(&self, id: i64) -> Result<ReceivedText, DeskError> {
        let now = self.runner().now().as_microsecond();
        let store = self.runner().store();
        if !store.handle_received(id, BY, now).await? {
            store.received_row(id).await?.ok_or_else(|| none_such(id))?;
            return Err(Wrong::new(format!("Nr. {id} venter ikke på nogen."))
                .help("Se det, der gør, med: tovholder received list --open")
                .into());
        }
        self.received_text(id).await
    }

    /// Addresses that take no mail.
    pub async fn bad_addresses(&self) -> Result<Vec<AddressRow>, DeskError> {
        Ok(self.runner().store().addresses().await?)
    }

    /// The address works after all: mail that was held for it leaves.
    pub async fn address_works(&self, address: &str) -> Result<(), DeskError> {
        let now = self.runner().now().as_microsecond();
        if !self
            .runner()
            .store()
            .clear_address(address, BY, now)
            .await?
        {
            let wrong = Wrong::new(format!("Der holdes ikke mail tilbage for »{address}«."));
            return Err(wrong
                .help("Se adresserne med: tovholder received addresses")
                .into());
        }
        self.runner().notify();
        Ok(())
    }

    /// Whoever had an address has another one; answers how many people and organisations it was.
    pub async fn change_address(&self, old: &str, new: &str) -> Result<u64, DeskError> {
        Mailbox::parse("", new).map_err(|error| {
            Wrong::new(format!("»{new}« er ikke en mailadresse: {error}."))
                .help("Skriv den som navn@sted.dk.")
        })?;
        let now = self.runner().now().as_microsecond();
        let store = self.runner().store();
        if let Some(other) = store.person_by_email(new).await? {
            let wrong = Wrong::new(format!("»{new}« er allerede adressen på {}.", other.name));
            return Err(wrong.help("Er det den rigtige?").into());
        }
        let changed = store.change_address(old, new, BY, now).await?;
        if changed == 0 {
            let wrong = Wrong::new(format!("Ingen har adressen »{old}«."));
            return Err(wrong.help("Er den skrevet rigtigt?").into());
        }
        self.runner().notify();
        Ok(changed)
    }

    pub(super) async fn received_lines(
        &self,
        rows: &[ReceivedRow],
    ) -> Result<Vec<ReceivedLine>, DeskError> {
        let ids: Vec<i64> = rows.iter().filter_map(|row| row.subject_id).collect();
        let subjects = self.runner().store().load(&ids).await?.subjects;
        let people: Vec<i64> = subjects.iter().filter_map(|row| row.person_id).collect();
        let people = self.runner().store().people(&people).await?;
        let names: HashMap<i64, String> = subjects
            .into_iter()
            .filter_map(|row| {
                let person = row.person_id.and_then(|id| people.get(&id));
                let name = person.map(|person| person.name.clone()).or(row.title)?;
                (!name.is_empty()).then_some((row.id, name))
            })
            .collect();
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        Ok(rows
            .iter()
            .map(|row| {
                let at = Timestamp::from_microsecond(row.at).unwrap_or_default();
                let who = match row.kind.as_str() {
                    "bounce" => row.recipient.clone(),
                    _ => row.from_address.clone(),
                };
                ReceivedLine {
                    id: row.id,
                    at,
                    local: at.to_zoned(zone.clone()).datetime(),
                    kind: row.kind.clone(),
                    what: what_words(row),
                    who,
                    subject: row.subject_line.clone(),
                    case: row.subject_id.and_then(|id| names.get(&id).cloned()),
                    mail: row.outbox_id,
                    why: back_words(row),
                    is_open: row.handled_at.is_none(),
                }
            })
            .collect())
    }
}

fn none_such(id: i64) -> Wrong {
    Wrong::new(format!("Der er ikke kommet noget med nr. {id}."))
        .help("Se, hvad der er kommet, med: tovholder received list")
}
