//! The last step of a candidate, taken back.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::{fields, not_done, report};
use crate::runner::desk::{DeskError, UndoShown};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;

/// What would come of it.
#[derive(Template)]
#[template(path = "change/undo.html")]
struct Undo<'a> {
    page: &'a Page,
    shown: UndoShown,
}

pub(super) async fn look(caller: Caller, Path(id): Path<String>) -> Response {
    shown(&caller, &id, StatusCode::OK, &caller.page).await
}

pub(super) async fn undo(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let seq = form.get("seen").parse().unwrap_or_default();
    let done = caller.desk.undo_as(&caller.visitor, &id, seq).await;
    match &done {
        Err(error @ DeskError::MovedOn) => {
            let (status, page) = not_done(&caller.page, error);
            shown(&caller, &id, status, &page).await
        }
        _ => {
            let back = format!("/sager/{id}");
            caller.page.back(&back, &done, fields::done_words)
        }
    }
}

/// The page; where nothing can be taken back, the candidate's with why.
async fn shown(caller: &Caller, id: &str, status: StatusCode, page: &Page) -> Response {
    match caller.desk.undo_shown(&caller.visitor, id).await {
        Ok(shown) => page.show_as(status, &Undo { page, shown }),
        refused => page.back(&format!("/sager/{id}"), &refused, |_| String::new()),
    }
}
