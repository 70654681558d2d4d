//! *Kandidat*: the whole story on one page, and what can be done.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::runner::desk::{CaseShown, InputKind, Visitor, status_words};
use crate::web::answer::Page;
use crate::web::door::{Door, Screen};

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

async fn show(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::of(&visitor, &headers);
    match door.desk_of(&visitor).case_shown(&id, Some(&visitor)).await {
        Ok(case) => page.show(&Story {
            page: &page,
            case,
            key: fields::fresh_key(),
        }),
        Err(error) => page.refused(&error),
    }
}
