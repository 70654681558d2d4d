//! *Hold*: a board with a column per state and a card per candidate; what the hold itself waits for.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::runner::desk::{Board, InputKind};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};

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

async fn show(caller: Caller, Path(id): Path<String>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    page.answer(desk.board(&id, Some(&visitor)).await, |board| Hold {
        page: &page,
        board,
        key: fields::fresh_key(),
    })
}
