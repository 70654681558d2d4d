//! *Årshjul*: the year as a wheel, and as a list by week with every hold's phases, closed days and clashes.

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::access::May;
use crate::picture::wheel;
use crate::runner::desk::{DeskError, WeekLineKind, Year};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};

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

async fn this(caller: Caller) -> Response {
    let year = caller.desk.this_year();
    show(caller, year).await
}

async fn of(caller: Caller, Path(year): Path<String>) -> Response {
    match year.parse() {
        Ok(year) => show(caller, year).await,
        Err(_) => caller.page.not_found(),
    }
}

async fn show(Caller { page, desk, .. }: Caller, year: i16) -> Response {
    page.answer(desk.year(year).await, |year| Shown { page: &page, year })
}

/// The wheel is a picture of its own: its style may not stand in a page.
async fn drawn(Caller { page, desk, .. }: Caller, Path(year): Path<String>) -> Response {
    let year: Result<Year, DeskError> = match year.parse() {
        Ok(year) => desk.year(year).await,
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
