//! *Årshjul*: the year as a wheel, and as a list by week with every hold's phases, closed days and clashes.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::access::May;
use crate::picture::wheel;
use crate::runner::desk::{Desk, DeskError, Visitor, WeekLineKind, Year};
use crate::web::answer::Page;
use crate::web::door::{Door, Screen};

pub(super) const SCREENS: [Screen; 3] = [
    Screen {
        path: "/aarshjul",
        may: Some(May::ReadFigures),
        answers: || get(this),
    },
    Screen {
        path: "/aarshjul/{year}",
        may: Some(May::ReadFigures),
        answers: || get(of),
    },
    Screen {
        path: "/aarshjul/{year}/hjul.svg",
        may: Some(May::ReadFigures),
        answers: || get(drawn),
    },
];

/// As wide as the column it stands in.
const WIDTH: i32 = 900;

/// The page.
#[derive(Template)]
#[template(path = "year/page.html")]
struct Shown<'a> {
    page: &'a Page,
    year: Year,
}

async fn this(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
) -> Response {
    let desk = door.desk_of(&visitor);
    show(&desk, &Page::of(&visitor, &headers), desk.this_year()).await
}

async fn of(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    Path(year): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::of(&visitor, &headers);
    match year.parse() {
        Ok(year) => show(&door.desk_of(&visitor), &page, year).await,
        Err(_) => page.not_found(),
    }
}

async fn show(desk: &Desk, page: &Page, year: i16) -> Response {
    match desk.year(year).await {
        Ok(year) => page.show(&Shown { page, year }),
        Err(error) => page.refused(&error),
    }
}

/// The wheel is a picture of its own: its style may not stand in a page.
async fn drawn(
    State(door): State<Door>,
    Extension(visitor): Extension<Visitor>,
    Path(year): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::of(&visitor, &headers);
    let year: Result<Year, DeskError> = match year.parse() {
        Ok(year) => door.desk_of(&visitor).year(year).await,
        Err(_) => return page.not_found(),
    };
    match year {
        Ok(year) => {
            let kind = [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
            (kind, wheel::svg(&year, WIDTH)).into_response()
        }
        Err(error) => page.refused(&error),
    }
}

/// What a line is, before its words: a shape as well as a class.
fn sign(kind: WeekLineKind) -> &'static str {
    match kind {
        WeekLineKind::Closed => "–",
        WeekLineKind::Clash => "▲",
        WeekLineKind::Begins => "▸",
        WeekLineKind::Ends => "◂",
        WeekLineKind::Date | WeekLineKind::Window | WeekLineKind::Meets => "·",
    }
}
