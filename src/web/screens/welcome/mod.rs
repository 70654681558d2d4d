//! The page of the link by which somebody chooses a password. Opening it uses nothing up.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;

use crate::access::PASSWORD_CHARS_MIN;
use crate::runner::desk::{DeskError, Visitor};
use crate::web::answer::Page;
use crate::web::door::{Door, Screen};
use crate::web::form::Form;
use crate::web::words;

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/velkommen/{link}",
    may: None,
    answers: || get(ask).post(choose),
}];

/// The form.
#[derive(Template)]
#[template(path = "welcome/page.html")]
struct Welcome<'a> {
    page: &'a Page,
    visitor: &'a Visitor,
    chars_min: usize,
    wrong: Option<String>,
}

async fn ask(State(door): State<Door>, Path(link): Path<String>, headers: HeaderMap) -> Response {
    answer(&door, &link, &headers, None).await
}

async fn choose(
    State(door): State<Door>,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let page = Page::nobody(&headers);
    let password = form.raw("password");
    if password != form.raw("again") {
        let words = page.say(
            "De to adgangskoder er ikke ens.",
            "The two passwords differ.",
        );
        return answer(&door, &link, &headers, Some(words.to_owned())).await;
    }
    let turn = door.password_turn().await;
    let chosen = door.desk().choose_password(&link, password).await;
    drop(turn);
    match chosen {
        Ok(true) => page.back("/log-ind", &Ok(()), |()| {
            page.say(
                "Adgangskoden er gemt. Log ind med den.",
                "The password is saved. Log in with it.",
            )
            .to_owned()
        }),
        Ok(false) => gone(&page),
        Err(error @ DeskError::Wrong(_)) => {
            answer(&door, &link, &headers, Some(words::plain(&error))).await
        }
        Err(error) => page.refused(&error),
    }
}

async fn answer(door: &Door, link: &str, headers: &HeaderMap, wrong: Option<String>) -> Response {
    let page = Page::nobody(headers);
    let visitor = match door.desk().welcomed(link).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return gone(&page),
        Err(error) => return page.refused(&error),
    };
    let status = if wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page.show_as(
        status,
        &Welcome {
            page: &page,
            visitor: &visitor,
            chars_min: PASSWORD_CHARS_MIN,
            wrong,
        },
    )
}

fn gone(page: &Page) -> Response {
    page.failed(
        StatusCode::GONE,
        "Linket er brugt eller for gammelt. Bed jeres administrator om et nyt.",
        "The link has been used or is too old. Ask your administrator for a new one.",
    )
}
