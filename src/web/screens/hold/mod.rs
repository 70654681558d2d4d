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
use crate::runner::desk::{Attendance, Board, Came, CameAsked, CardMove, InputKind, Looked};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 5] = [
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
    Screen {
        path: "/hold/{id}/moede/{moede}",
        may: Some(May::Act),
        answers: || get(who_came).post(record_came),
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

/// Who came to a meeting of the hold.
#[derive(Template)]
#[template(path = "hold/came.html")]
struct Met<'a> {
    page: &'a Page,
    list: Came,
    key: String,
}

async fn who_came(caller: Caller, Path((id, meeting)): Path<(String, String)>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let list = desk.came_of(&id, &meeting, &visitor).await;
    page.answer(list, |list| Met {
        page: &page,
        list,
        key: fields::fresh_key(),
    })
}

async fn record_came(
    caller: Caller,
    Path((id, meeting)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let asked = CameAsked {
        hold: &id,
        meeting: &meeting,
        listed: form.all("ventet").collect(),
        came: form.all("kom").collect(),
        seq: form.given("seen").and_then(|seq| seq.parse().ok()),
        key: form.given("key").map(ToOwned::to_owned),
    };
    let done = caller.desk.record_came(&asked, &caller.visitor).await;
    let back = match &done {
        Ok(_) => format!("/hold/{id}"),
        Err(_) => format!("/hold/{id}/moede/{meeting}"),
    };
    caller.page.back(&back, &done, fields::done_words)
}
