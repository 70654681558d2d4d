//! *Hold*: a board with a column per state and a card per candidate; what the hold itself waits for.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::runner::desk::{Board, InputKind, Visitor};
use crate::web::answer::Page;
use crate::web::door::{Door, Screen};

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/hold/{id}",
    may: Some(May::ReadFigures),
    answers: || get(show),
}];

/// The page.
#[derive(Template)]
#[template(path = "hold/page.html")]
struct Hold<'a> {
    page: &'a Page,
    board: Board,
    key: String,
}

async fn show(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::of(&visitor, &headers);
    match door.desk_of(&visitor).board(&id, Some(&visitor)).await {
        Ok(board) => page.show(&Hold {
            page: &page,
            board,
            key: fields::fresh_key(),
        }),
        Err(error) => page.refused(&error),
    }
}
