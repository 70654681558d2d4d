//! *Kandidat*: the whole story on one page, and what can be done.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::runner::desk::{CaseShown, InputKind, Looked, status_words};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/sager/{id}",
    may: Some(May::ReadCases),
    answers: || get(show),
}];

/// The page.
#[derive(Template)]
#[template(path = "case/page.html")]
struct Story<'a> {
    page: &'a Page,
    case: CaseShown,
    key: String,
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
    })
}
