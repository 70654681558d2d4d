//! *Indstil*: a job consultant nominates a candidate of the own jobcentre to a hold.

use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::case;
use crate::access::May;
use crate::runner::desk::{DeskError, DocumentAsked, DocumentKind, Newcomer, Nominee, Wrong};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::file::Upload;
use crate::web::form::Form;
use crate::web::words;

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/hold/{id}/indstil",
    may: Some(May::Nominate),
    answers: || {
        get(show)
            .post(act)
            .layer(DefaultBodyLimit::max(case::UPLOAD_MAX))
    },
}];

/// What may be given with somebody, by the field.
const FILES: [(&str, DocumentKind); 2] =
    [("profil", DocumentKind::Profile), ("cv", DocumentKind::Cv)];

/// The form.
#[derive(Template)]
#[template(path = "nominate/page.html")]
struct Nominate<'a> {
    page: &'a Page,
    /// The hold: id and title.
    hold: (String, String),
    given: Nominee,
    wrongs: Vec<String>,
    /// Somebody who is known may be meant.
    asks: bool,
}

async fn show(caller: Caller, Path(id): Path<String>) -> Response {
    let hold = caller.desk.cohort_title(&id).await;
    caller.page.answer(hold, |hold| Nominate {
        page: &caller.page,
        hold,
        given: Nominee::default(),
        wrongs: Vec::new(),
        asks: false,
    })
}

async fn act(caller: Caller, Path(id): Path<String>, request: Request) -> Response {
    let upload = Upload::read(request, DocumentAsked::BYTES_MAX).await;
    let (form, files) = match upload {
        Ok(mut upload) => {
            let files = files_of(&mut upload);
            (upload.form, files)
        }
        Err(unread) => (Form::default(), Err(vec![case::not_whole(unread)])),
    };
    let Caller { page, desk, .. } = &caller;
    let given = Nominee {
        name: form.get("navn").to_owned(),
        email: form.get("email").to_owned(),
        phone: form.get("telefon").to_owned(),
        born: form.get("foedt").to_owned(),
        is_known: form.given("hvem").map(|who| who == "same"),
    };
    let done = match desk.cohort_title(&id).await {
        Ok(hold) => match nominated(&caller, &id, &given, files).await {
            Err(error @ DeskError::Wrong(_)) => {
                let wrongs = words::of_error(&error, &|_| None);
                let asks = given.is_known.is_some() || is_asked(&error);
                let shown = Nominate {
                    page,
                    hold,
                    given,
                    wrongs,
                    asks,
                };
                return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &shown);
            }
            done => done,
        },
        Err(error) => return page.refused(&error),
    };
    let back = match &done {
        Ok(newcomer) => format!("/sager/{}", newcomer.id),
        Err(_) => format!("/hold/{id}/indstil"),
    };
    page.back(&back, &done, |newcomer: &Newcomer| {
        let said = page.say("er indstillet", "is nominated");
        format!("{} {said}.", newcomer.name)
    })
}

/// The files that were given, as far as they can be kept; none of them is as long as one cannot.
fn files_of(upload: &mut Upload) -> Result<Vec<DocumentAsked>, Vec<Wrong>> {
    let (mut files, mut wrongs) = (Vec::new(), Vec::new());
    for (field, kind) in FILES {
        let Some(file) = upload.file(field) else {
            continue;
        };
        let file = case::document_of(file, kind);
        match file.checked() {
            Ok(_) => files.push(file),
            Err(wrong) => wrongs.push(wrong.column(kind.title())),
        }
    }
    if wrongs.is_empty() {
        Ok(files)
    } else {
        Err(wrongs)
    }
}

/// Nominates somebody, and puts their files to the case.
async fn nominated(
    Caller { desk, visitor, .. }: &Caller,
    hold: &str,
    given: &Nominee,
    files: Result<Vec<DocumentAsked>, Vec<Wrong>>,
) -> Result<Newcomer, DeskError> {
    let files = files.map_err(DeskError::Wrong)?;
    let newcomer = desk.nominate(hold, given, visitor).await?;
    for file in files {
        desk.add_document(visitor, &newcomer.id, file).await?;
    }
    Ok(newcomer)
}

/// Whether a person has to say who is meant.
fn is_asked(error: &DeskError) -> bool {
    let DeskError::Wrong(wrongs) = error else {
        return false;
    };
    let helps = wrongs.iter().filter_map(|wrong| wrong.help.as_deref());
    helps
        .into_iter()
        .any(|help| help.contains("--same") || help.contains("--another"))
}
