//! *Hold*: a board with a column per state and a card per candidate; what the hold itself waits for.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::fields;
use crate::access::May;
use crate::picture::phases;
use crate::runner::desk::{Attendance, Board, CardMove, InputKind, Looked};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 4] = [
    Screen {
        path: "/hold/{id}",
        may: Some(May::ReadFigures),
        answers: || get(show),
    },
    Screen {
        path: "/hold/{id}/faser.svg",
        may: Some(May::ReadFigures),
        answers: || get(phases),
    },
    Screen {
        path: "/hold/{id}/flyt",
        may: Some(May::Act),
        answers: || post(move_card),
    },
    Screen {
        path: "/hold/{id}/fremmoede",
        may: Some(May::Act),
        answers: || get(attendance).post(record),
    },
];

/// As wide as a page.
const WIDTH: i32 = 1000;

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
    let page = page.following(&desk, &Looked::Hold(id.clone())).await;
    page.answer(desk.board(&id, Some(&visitor)).await, |board| Hold {
        page: &page,
        board,
        key: fields::fresh_key(),
    })
}

/// The picture is one of its own: its style may not stand in a page.
async fn phases(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    match desk.phases_of(&id).await {
        Ok((hold, today)) => {
            let drawn = hold.and_then(|hold| phases::svg(&hold, today, WIDTH));
            let kind = [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
            drawn.map_or_else(|| page.not_found(), |svg| (kind, svg).into_response())
        }
        Err(error) => page.refused(&error),
    }
}

async fn move_card(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let asked = CardMove {
        of: form.get("sag").to_owned(),
        to: form.get("til").to_owned(),
        expect: form.given("set").and_then(|seq| seq.parse().ok()),
        key: form.given("key").map(ToOwned::to_owned),
    };
    let done = caller.desk.move_card(&caller.visitor, &asked).await;
    let back = format!("/hold/{id}#k-{}", asked.of);
    caller.page.back(&back, &done, fields::done_words)
}

/// Who did not come today.
#[derive(Template)]
#[template(path = "hold/attendance.html")]
struct Today<'a> {
    page: &'a Page,
    list: Attendance,
}

async fn attendance(caller: Caller, Path(id): Path<String>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    page.answer(desk.attendance_of(&id, &visitor).await, |list| Today {
        page: &page,
        list,
    })
}

async fn record(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let Ok(day) = form.get("dag").parse() else {
        return caller.page.not_found();
    };
    let absent: Vec<&str> = form.all("fravaer").collect();
    let Caller {
        page,
        desk,
        visitor,
    } = &caller;
    let done = desk.record_absence(&id, day, &absent, visitor).await;
    page.back(&format!("/hold/{id}/fremmoede"), &done, |new| match new {
        0 => page
            .say("Der var intet nyt at notere.", "Nothing new was recorded.")
            .to_owned(),
        1 => page.say("Noteret for 1.", "Recorded for 1.").to_owned(),
        new if page.is_english => format!("Recorded for {new}."),
        new => format!("Noteret for {new}."),
    })
}
