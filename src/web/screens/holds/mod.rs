//! The list of holds.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;

use crate::access::May;
use crate::runner::desk::{CohortLine, Visitor};
use crate::web::answer::Page;
use crate::web::door::{Door, Screen};

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

async fn show(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
) -> Response {
    let page = Page::of(&visitor, &headers);
    match door.desk_of(&visitor).cohorts().await {
        Ok(mut holds) => {
            holds.sort_by(|a, b| b.start.cmp(&a.start));
            page.show(&Holds { page: &page, holds })
        }
        Err(error) => page.refused(&error),
    }
}
