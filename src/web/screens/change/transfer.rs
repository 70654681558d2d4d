//! A candidate goes on at another hold.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use super::{not_done, report};
use crate::runner::desk::{Consequences, DeskError, TransferShown};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// The page; with what would come of it when a hold is chosen.
#[derive(Template)]
#[template(path = "change/transfer.html")]
struct TransferPage<'a> {
    page: &'a Page,
    shown: TransferShown,
    asked: Asked,
    read: Option<Consequences>,
    /// Why there is nothing to read.
    wrongs: Vec<String>,
}

/// What is asked for, as it was given.
struct Asked {
    /// The hold's id.
    to: String,
    /// The key of a state; none is the one they are in.
    state: Option<String>,
}

impl Asked {
    fn of(form: &Form) -> Self {
        Self {
            to: form.get("til").to_owned(),
            state: form.given("fase").map(ToOwned::to_owned),
        }
    }
}

impl TransferPage<'_> {
    /// The title of the hold that was chosen.
    fn to(&self) -> &str {
        let chosen = self.shown.holds.iter().find(|hold| hold.0 == self.asked.to);
        chosen.map_or("", |hold| &hold.1)
    }

    fn is_state(&self, key: &str) -> bool {
        self.asked.state.as_deref() == Some(key)
    }
}

pub(super) async fn look(caller: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let asked = Asked::of(&Form::query(&uri));
    shown(&caller, &id, asked, StatusCode::OK, &caller.page).await
}

pub(super) async fn make(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = &caller;
    let form = Form::read(&body);
    let (asked, hash) = (Asked::of(&form), form.get("rapport"));
    let done = desk.transfer_as(visitor, &id, &asked.to, asked.state.as_deref(), hash);
    match Box::pin(done).await {
        Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. } | DeskError::MovedOn)) => {
            let (status, page) = not_done(page, &error);
            shown(&caller, &id, asked, status, &page).await
        }
        done => {
            let there = done.as_ref().map_or(&id, |done| &done.id);
            page.back(&format!("/sager/{there}"), &done, |done| {
                let goes_on = page.say("fortsætter på", "goes on at");
                format!("{} {goes_on} {}: »{}«.", done.name, done.hold, done.state)
            })
        }
    }
}

async fn shown(
    caller: &Caller,
    id: &str,
    asked: Asked,
    status: StatusCode,
    page: &Page,
) -> Response {
    let shown = match caller.desk.transfer_shown(id).await {
        Ok(shown) => shown,
        Err(error) => return page.refused(&error),
    };
    let read = if asked.to.is_empty() {
        Ok(None)
    } else {
        let read = (caller.desk).if_transferred(&shown.id, &asked.to, asked.state.as_deref());
        Box::pin(read).await.map(Some)
    };
    let (status, read, wrongs) = match read {
        Ok(read) => (status, read, Vec::new()),
        Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. })) => {
            // Above the page it is said already, if it was to be done.
            let is_said = status != StatusCode::OK;
            let wrongs = words::of_error(&error, &words::titled);
            let wrongs = if is_said { Vec::new() } else { wrongs };
            (StatusCode::UNPROCESSABLE_ENTITY, None, wrongs)
        }
        Err(error) => return page.refused(&error),
    };
    page.show_as(
        status,
        &TransferPage {
            page,
            shown,
            asked,
            read,
            wrongs,
        },
    )
}
