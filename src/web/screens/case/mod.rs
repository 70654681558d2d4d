//! *Kandidat*: the whole story on one page, what can be done, and what people put beside it: notes and files.

mod files;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::fields;
use crate::access::May;
use crate::runner::desk::{
    AgendaItem, CaseShown, DeskError, DocumentAsked, DocumentKind, InputKind, Looked, Moment,
    NoteAsked, NoteShown, status_words,
};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;
use crate::web::words;

pub(super) use self::files::{UPLOAD_MAX, document_of, not_whole};

pub(super) const SCREENS: [Screen; 6] = [
    Screen {
        path: "/sager/{id}",
        may: Some(May::ReadCases),
        answers: || get(show),
    },
    Screen {
        path: "/sager/{id}/noter",
        may: Some(May::AddToCases),
        answers: || post(write),
    },
    Screen {
        path: "/sager/{id}/noter/{note}",
        may: Some(May::AddToCases),
        answers: || post(strike),
    },
    Screen {
        path: "/sager/{id}/filer",
        may: Some(May::AddToCases),
        answers: || post(files::put).layer(DefaultBodyLimit::max(UPLOAD_MAX)),
    },
    Screen {
        path: "/sager/{id}/filer/{file}",
        may: Some(May::ReadCases),
        answers: || get(files::give),
    },
    Screen {
        path: "/sager/{id}/filer/{file}/fjern",
        may: Some(May::AddToCases),
        answers: || post(files::remove),
    },
];

/// The page.
#[derive(Template)]
#[template(path = "case/page.html")]
struct Story<'a> {
    page: &'a Page,
    case: CaseShown,
    key: String,
    /// What was wrong with what was to be put beside it.
    wrongs: Vec<String>,
    /// The note that was not taken.
    typed: Option<NoteAsked>,
}

impl Story<'_> {
    /// What comes; when nothing does in the days that were looked at, the first thing after them.
    fn coming(&self) -> impl Iterator<Item = &AgendaItem> {
        let coming = &self.case.coming;
        coming.items.iter().chain(&coming.later)
    }

    /// What stands in the form of a new note, or of one instead of another, and whether it is confidential.
    fn typed<'s>(&'s self, instead: Option<&'s NoteShown>) -> (&'s str, bool) {
        let id = instead.map(|note| note.id);
        let typed = self.typed.as_ref().filter(|typed| typed.corrects == id);
        match (typed, instead) {
            (Some(typed), _) => (&typed.text, typed.is_confidential),
            (None, Some(note)) => (&note.text, note.is_confidential),
            (None, None) => ("", false),
        }
    }

    /// Whether that form stands open, since what was typed there was not taken.
    fn is_open(&self, instead: Option<&NoteShown>) -> bool {
        let id = instead.map(|note| note.id);
        (self.typed.as_ref()).is_some_and(|typed| typed.corrects == id)
    }
}

async fn show(caller: Caller, Path(id): Path<String>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let page = page.following(&desk, &Looked::Case(id.clone())).await;
    page.answer(desk.case_shown(&id, Some(&visitor)).await, |case| Story {
        page: &page,
        case,
        key: fields::fresh_key(),
        wrongs: Vec::new(),
        typed: None,
    })
}

async fn write(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let corrects = form.given("retter").map(str::parse).transpose();
    let Ok(corrects) = corrects else {
        return caller.page.not_found();
    };
    let asked = NoteAsked {
        text: form.get("tekst").to_owned(),
        is_confidential: form.given("fortrolig").is_some(),
        corrects,
        key: fields::key_of(&form),
    };
    let done = caller.desk.write_note(&caller.visitor, &id, &asked).await;
    let words = caller.page.say("Noten er skrevet.", "The note is written.");
    settled(&caller, &id, done, words, Some(asked)).await
}

async fn strike(caller: Caller, Path((id, note)): Path<(String, String)>) -> Response {
    let Ok(note) = note.parse() else {
        return caller.page.not_found();
    };
    let done = caller.desk.strike_note(&caller.visitor, &id, note).await;
    let words = (caller.page).say("Noten er streget ud.", "The note is struck out.");
    settled(&caller, &id, done, words, None).await
}

/// Back to the page, where it is said what was done; or the page with what was wrong and what was typed. Of a case that
/// is not there for them nothing is said.
async fn settled(
    caller: &Caller,
    id: &str,
    done: Result<(), DeskError>,
    words: &str,
    typed: Option<NoteAsked>,
) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let Err(error @ DeskError::Wrong(_)) = done else {
        return page.back(&format!("/sager/{id}"), &done, |()| words.to_owned());
    };
    let case = match desk.case_shown(id, Some(visitor)).await {
        Ok(case) => case,
        Err(error) => return page.refused(&error),
    };
    let shown = Story {
        page,
        case,
        key: fields::fresh_key(),
        wrongs: words::of_error(&error, &|_| None),
        typed,
    };
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// What a file is to a case.
fn kind_words(page: &Page, kind: DocumentKind) -> &'static str {
    let english = match kind {
        DocumentKind::Profile => "Profile",
        DocumentKind::Cv => "CV",
        DocumentKind::Other => "Other",
    };
    page.say(kind.title(), english)
}
