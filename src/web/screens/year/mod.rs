//! *Årshjul*: the year as a wheel, and as a list by week with every hold's phases, closed days and clashes;
//! how far each hold's plan has come, and what moves it on.

mod new;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use super::fields;
use crate::access::May;
use crate::picture::wheel;
use crate::runner::desk::{Deed, DeskError, InputKind, WeekLineKind, Year, YearHold, YearStage};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};

pub(super) const SCREENS: [Screen; 4] = [
    Screen {
        path: "/aarshjul",
        may: Some(May::ReadFigures),
        answers: || get(this),
    },
    Screen {
        path: "/aarshjul/nyt",
        may: Some(May::RunHolds),
        answers: || get(new::open).post(new::act),
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
    /// By hold: what moves its plan on.
    adoption: BTreeMap<String, Vec<Deed>>,
    key: String,
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

async fn show(
    Caller {
        page,
        desk,
        visitor,
    }: Caller,
    year: i16,
) -> Response {
    let shown = async {
        let year = desk.year(year).await?;
        let mut adoption = BTreeMap::new();
        let waits = |hold: &&YearHold| matches!(hold.stage, YearStage::Draft | YearStage::Proposed);
        let waits = year
            .holds
            .iter()
            .filter(waits)
            .filter(|_| page.runs_holds());
        for hold in waits {
            let deeds = desk.adoption(&hold.id, &visitor).await?;
            adoption.insert(hold.id.clone(), deeds);
        }
        Ok(Shown {
            page: &page,
            year,
            adoption,
            key: fields::fresh_key(),
        })
    };
    page.answer(shown.await, |shown| shown)
}

/// The steps of a plan that somebody adopts, with the one it is at; none where nobody does.
fn steps(page: &Page, hold: &YearHold) -> Vec<(&'static str, bool)> {
    let at = match hold.stage {
        YearStage::Draft => 0,
        YearStage::Proposed => 1,
        YearStage::Adopted => 2,
        YearStage::Running => 3,
        YearStage::Planned | YearStage::Ended | YearStage::Cancelled => return Vec::new(),
    };
    let words = if page.is_english {
        ["draft", "to be adopted", "adopted", "running"]
    } else {
        ["udkast", "til vedtagelse", "vedtaget", "i gang"]
    };
    let all = words.into_iter().enumerate();
    all.map(|(step, words)| (words, step == at)).collect()
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
