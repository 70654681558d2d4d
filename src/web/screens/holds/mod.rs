//! The list of holds.

use askama::Template;
use axum::response::Response;
use axum::routing::get;

use crate::access::May;
use crate::runner::desk::CohortLine;
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/hold",
    may: Some(May::ReadFigures),
    answers: || get(show),
}];

/// The page.
#[derive(Template)]
#[template(path = "holds/page.html")]
struct Holds<'a> {
    page: &'a Page,
    holds: Vec<CohortLine>,
}

async fn show(Caller { page, desk, .. }: Caller) -> Response {
    page.answer(desk.cohorts().await, |mut holds| {
        holds.sort_by(|a, b| b.start.cmp(&a.start));
        Holds { page: &page, holds }
    })
}
