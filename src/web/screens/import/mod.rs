//! *Import*: a list onto a hold. It is pasted or uploaded, looked at, and taken in exactly as it was seen; or taken back.

mod look;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::access::May;
use crate::runner::desk::{CohortLine, Desk, DeskError, ImportLine, Sheet, Undone, xlsx};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen, see};
use crate::web::file::{Unread, Upload};
use crate::web::form::Form;
use crate::web::words;

/// A list as large as can be read, with what is around it.
const UPLOAD_MAX: usize = Sheet::BYTES_MAX + (1 << 16);

pub(super) const SCREENS: [Screen; 4] = [
    Screen {
        path: "/import",
        may: Some(May::RunHolds),
        answers: || {
            get(begin)
                .post(upload)
                .layer(DefaultBodyLimit::max(UPLOAD_MAX))
        },
    },
    Screen {
        path: "/import/tom.xlsx",
        may: Some(May::RunHolds),
        answers: || get(empty),
    },
    Screen {
        path: "/import/tilbage",
        may: Some(May::RunHolds),
        answers: || post(undo),
    },
    Screen {
        path: "/import/{list}",
        may: Some(May::RunHolds),
        answers: || get(look::show).post(look::act),
    },
];

/// Where a list is given, and the lists that were taken in.
#[derive(Template)]
#[template(path = "import/page.html")]
struct Begin<'a> {
    page: &'a Page,
    holds: Vec<CohortLine>,
    /// The hold that is meant.
    hold: String,
    /// What was pasted.
    pasted: String,
    wrongs: Vec<String>,
    imports: Vec<ImportLine>,
}

/// What was given.
#[derive(Default)]
struct Given {
    hold: String,
    pasted: String,
}

async fn begin(Caller { page, desk, .. }: Caller, uri: Uri) -> Response {
    let hold = Form::query(&uri).get("hold").to_owned();
    let given = Given {
        hold,
        ..Given::default()
    };
    shown(&page, &desk, given, Vec::new()).await
}

async fn shown(page: &Page, desk: &Desk, given: Given, wrongs: Vec<String>) -> Response {
    let status = if wrongs.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    match there_is(desk).await {
        Ok((holds, imports)) => page.show_as(
            status,
            &Begin {
                page,
                holds,
                hold: given.hold,
                pasted: given.pasted,
                wrongs,
                imports,
            },
        ),
        Err(error) => page.refused(&error),
    }
}

/// The holds that candidates come to, and what was taken in.
async fn there_is(desk: &Desk) -> Result<(Vec<CohortLine>, Vec<ImportLine>), DeskError> {
    let mut holds = desk.cohorts().await?;
    holds.retain(|hold| hold.has_candidates && !hold.is_cancelled);
    Ok((holds, desk.imports(None).await?))
}

async fn upload(
    Caller {
        page,
        desk,
        visitor,
    }: Caller,
    request: Request,
) -> Response {
    let mut upload = match Upload::read(request, UPLOAD_MAX).await {
        Ok(upload) => upload,
        Err(unread) => {
            let wrong = match unread {
                Unread::TooLarge => "Listen er for stor: højst 20 MB kan tages ind på én gang.",
                Unread::Broken => "Listen kom ikke hel frem. Prøv igen.",
            };
            return shown(&page, &desk, Given::default(), vec![wrong.to_owned()]).await;
        }
    };
    let given = Given {
        hold: upload.form.get("hold").to_owned(),
        pasted: upload.form.raw("pasted").to_owned(),
    };
    let file = upload.file("file").filter(|file| !file.bytes.is_empty());
    let (name, bytes) = match file {
        Some(file) => (file.name, file.bytes),
        None => (
            page.say("indsat", "pasted").to_owned(),
            given.pasted.clone().into_bytes(),
        ),
    };
    match desk.keep_list(&visitor, &given.hold, &name, bytes).await {
        Ok(key) => see(&format!("/import/{key}")),
        Err(error @ DeskError::Wrong(_)) => {
            let wrongs = words::of_error(&error, &|_| None);
            shown(&page, &desk, given, wrongs).await
        }
        Err(error) => page.refused(&error),
    }
}

/// An empty list for a hold, to be filled in.
async fn empty(Caller { page, desk, .. }: Caller, uri: Uri) -> Response {
    match desk.empty_list(Form::query(&uri).get("hold")).await {
        Ok(table) => {
            let headers = [
                (header::CONTENT_TYPE, xlsx::KIND),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"kandidater.xlsx\"",
                ),
            ];
            (headers, xlsx::workbook(std::slice::from_ref(&table))).into_response()
        }
        Err(error) => page.refused(&error),
    }
}

async fn undo(
    Caller {
        page,
        desk,
        visitor,
    }: Caller,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let Ok(id) = form.get("import").parse() else {
        return page.not_found();
    };
    let by = format!("account {}", visitor.id);
    let done = desk
        .undo_import(id, form.given("rest").is_some(), &by)
        .await;
    match done {
        Err(error @ DeskError::Wrong(_)) => {
            let wrongs = words::of_error(&error, &|_| None);
            shown(&page, &desk, Given::default(), wrongs).await
        }
        done => page.back("/import", &done, taken_back),
    }
}

fn taken_back(done: &Undone) -> String {
    let who = match done.taken_back.len() {
        1 => "1 kandidat".to_owned(),
        many => format!("{many} kandidater"),
    };
    let mut words = format!(
        "{who} er taget tilbage fra »{}«. Mails, der ventede, sendes ikke.",
        done.title
    );
    for one in &done.stay {
        words += &format!(" {} bliver. {}", one.name, one.why);
    }
    words
}
