//! All that is stored about somebody, as one archive: pages that they can read, the rows themselves, mails and files.

use askama::Template;
use serde_json::Value as Json;

use super::super::{Desk, DeskError};
use super::mask::Mask;
use super::pack::{Pack, file_name};
use super::told::{CaseTold, MailTold, mail_told, when};
use super::{ActShown, local, local_of, named};
use crate::runner::RunError;
use crate::runner::desk::reads::page;
use crate::store::{Act, OfPeople, PersonRow, ReadsFilter, Sees, TABLES};

/// What is given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Whom it is about.
    pub name: String,
    /// What the archive may be called.
    pub file: String,
    /// How many files are in it.
    pub files: usize,
    /// The archive, zip.
    pub bytes: Vec<u8>,
}

#[derive(Template)]
#[template(path = "export.html")]
struct Page {
    name: String,
    at: String,
    masked: bool,
    email: Option<String>,
    phone: Option<String>,
    born: Option<String>,
    organisation: Option<String>,
    kept: Option<String>,
    cases: Vec<CaseTold>,
    other_mails: Vec<MailTold>,
    /// When, from whom, what.
    received: Vec<(String, String, String)>,
    /// When, who, where.
    reads: Vec<(String, String, String)>,
    acts: Vec<ActShown>,
}

impl ActShown {
    /// When it was, as people read it.
    fn when(&self) -> String {
        when(self.at)
    }
}

impl Desk {
    /// Puts together all that is stored about somebody. Colleagues are named by what they are to the case, unless they
    /// are to be named. That it was given out is written down.
    pub async fn export_person(
        &self,
        typed: &str,
        with_staff: bool,
        by: &str,
    ) -> Result<Export, DeskError> {
        let person = self.person(typed).await?;
        let store = self.runner().store();
        // Written down before it is shown, and therefore in it.
        store
            .note_act(self.person_act(person.id, Act::Exported, by, None))
            .await?;
        let rows = store.cases_of_person(person.id).await?;
        self.saw(&rows.iter().map(|row| row.id).collect::<Vec<_>>(), "export")
            .await?;
        let mask = if with_staff {
            None
        } else {
            Some(self.mask(person.id).await?)
        };
        let mut pack = Pack::default();
        let mut cases = Vec::new();
        for row in &rows {
            cases.push(
                self.case_told(&row.public_id, mask.as_ref(), "", &mut pack)
                    .await?,
            );
        }
        let known: Vec<i64> = (rows.iter())
            .flat_map(|row| [Some(row.id), row.cohort_id])
            .flatten()
            .collect();
        let mut other_mails = Vec::new();
        for mail in store.mails_of_person(person.id).await? {
            if !known.contains(&mail.subject_id) {
                other_mails.push(mail_told(&mail, String::new(), "", &mut pack));
            }
        }
        let about = self.data(&person, mask.as_ref()).await?;
        let page = self
            .export_page(&person, mask.as_ref(), cases, other_mails, &about)
            .await?;
        let html = page
            .render()
            .map_err(|error| RunError::Inconsistent(error.to_string()))?;
        let mut all = Pack::default();
        all.add("LAESMIG.txt", read_me(&page));
        all.add("index.html", html);
        for (table, rows) in &about {
            if rows.as_array().is_some_and(|rows| !rows.is_empty()) {
                all.json(format!("data/{table}.json"), rows)?;
            }
        }
        all.files.extend(pack.files);
        let day = local_of(self.runner().now()).date();
        let bytes = all
            .zipped()
            .map_err(|error| RunError::Inconsistent(error.to_string()))?;
        Ok(Export {
            file: format!("indsigt-{}-{day}.zip", file_name(&page.name)),
            name: page.name,
            files: all.files.len(),
            bytes,
        })
    }

    /// The rows, by table, as they may be given out.
    async fn data(
        &self,
        person: &PersonRow,
        mask: Option<&Mask>,
    ) -> Result<Vec<(&'static str, Json)>, DeskError> {
        let store = self.runner().store();
        let mut about = store.about_person(person.id).await?;
        let rows = store.cases_of_person(person.id).await?;
        let texts = store
            .texts(&rows.iter().map(|row| row.id).collect::<Vec<_>>())
            .await?;
        about.insert("texts", serde_json::to_value(texts)?);
        let mut notes = Vec::new();
        for row in &rows {
            for note in store.notes(Sees::All, row.id, None).await? {
                notes.push(serde_json::json!({
                    "id": note.id, "case_id": row.id, "at": note.at, "confidential": note.confidential,
                    "corrects": note.corrects, "struck_at": note.struck_at, "text": note.text,
                }));
            }
        }
        about.insert("notes", Json::Array(notes));
        for (table, rows) in &mut about {
            for row in rows.as_array_mut().into_iter().flatten() {
                readable(row, mask.filter(|_| *table != "notes" && *table != "texts"));
            }
        }
        Ok(about.into_iter().collect())
    }

    async fn export_page(
        &self,
        person: &PersonRow,
        mask: Option<&Mask>,
        cases: Vec<CaseTold>,
        other_mails: Vec<MailTold>,
        about: &[(&'static str, Json)],
    ) -> Result<Page, DeskError> {
        let masked = |mut text: String| {
            if let Some(mask) = mask {
                mask.text(&mut text);
            }
            text
        };
        let mut acts = self.acts_shown(person.id).await?;
        for act in &mut acts {
            act.by = masked(std::mem::take(&mut act.by));
        }
        let mut reads = Vec::new();
        let mut cases_of = Vec::new();
        for row in self.runner().store().cases_of_person(person.id).await? {
            cases_of.push(row.id);
            let filter = ReadsFilter {
                subject: Some(row.id),
                limit: i64::MAX,
                ..ReadsFilter::default()
            };
            for read in self.runner().store().reads(Sees::All, &filter).await? {
                reads.push((read.at, masked(read.reader), page(&read.what).to_owned()));
            }
        }
        reads.sort();
        let reads = reads
            .into_iter()
            .map(|(at, reader, page)| (when(local(at)), reader, page));
        let kept = self.kept_shown(person.id).await?;
        Ok(Page {
            name: named(person),
            at: when(local_of(self.runner().now())),
            masked: mask.is_some(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            born: person.born.clone(),
            organisation: person
                .organisation
                .as_ref()
                .map(|organisation| organisation.name.clone()),
            kept: kept.map(|kept| format!("{}: {}", when(kept.since), kept.reason)),
            cases,
            other_mails,
            received: received(about, &cases_of),
            reads: reads.collect(),
            acts,
        })
    }
}

/// Mail that has come in and stands in the story of none of these cases, from what was read of it.
fn received(about: &[(&'static str, Json)], cases: &[i64]) -> Vec<(String, String, String)> {
    let rows = about.iter().find(|(table, _)| *table == "received");
    let rows = rows
        .and_then(|(_, rows)| rows.as_array())
        .into_iter()
        .flatten();
    let text = |row: &Json, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let is_apart = |row: &&Json| match row["subject_id"].as_i64() {
        Some(of) => !cases.contains(&of),
        None => row["person_id"].is_null() || cases.is_empty(),
    };
    rows.filter(is_apart)
        .map(|row| {
            let said = ["text", "words", "note"].map(|name| text(row, name));
            let said: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
            (
                text(row, "at"),
                text(row, "subject_line"),
                said.join("\n\n"),
            )
        })
        .collect()
}

/// A row as people and their programs read it: instants in Danish time, stored JSON as JSON.
fn readable(value: &mut Json, mask: Option<&Mask>) {
    /// Greater than any number of ours that is no instant, µs: in 1973.
    const INSTANTS_FROM: i64 = 100_000_000_000_000;
    match value {
        Json::Number(number) => {
            if let Some(at) = number
                .as_i64()
                .filter(|at| *at > INSTANTS_FROM && *at < i64::MAX / 2)
            {
                *value = Json::String(local(at).strftime("%Y-%m-%d %H:%M:%S").to_string());
            }
        }
        Json::String(text) => {
            let is_json = text.starts_with('{') || text.starts_with('[');
            match is_json.then(|| serde_json::from_str::<Json>(text)) {
                Some(Ok(inner)) => {
                    *value = inner;
                    readable(value, mask);
                }
                _ => {
                    if let Some(mask) = mask {
                        mask.text(text);
                    }
                }
            }
        }
        Json::Array(values) => values.iter_mut().for_each(|value| readable(value, mask)),
        Json::Object(fields) => fields.values_mut().for_each(|value| readable(value, mask)),
        Json::Null | Json::Bool(_) => {}
    }
}

/// What an archive is, for whoever opens it.
fn read_me(page: &Page) -> String {
    let mut text = format!(
        "Oplysninger om {}\r\nUdskrevet {}\r\n\r\n\
         index.html   alt, hvad der er gemt, til at læse i en browser\r\n\
         data/        det samme som rækker i databasen (JSON, tider er danske)\r\n\
         mails/       mails, som de er sendt (åbnes af ethvert mailprogram)\r\n\
         filer/       filer, som er lagt på sagen\r\n\r\n",
        page.name, page.at
    );
    if page.masked {
        text.push_str("Medarbejdere står med deres rolle og ikke med navn.\r\n");
    }
    text.push_str(
        "Andres oplysninger er udeladt (databeskyttelsesforordningens artikel 15, stk. 4): mails, der også handler om \
         andre kandidater, er nævnt, men deres indhold er ikke med. Adgangskoder og nøgler er ikke med.\r\n\r\n\
         I data/ er disse tabeller ikke, fordi de ikke handler om nogen:\r\n",
    );
    for table in TABLES {
        if let OfPeople::Nobody(why) = table.holds {
            text.push_str(&format!("  {}: {why}\r\n", table.name));
        }
    }
    text
}
