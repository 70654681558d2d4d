//! Logging in and out, and the language.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};

use crate::runner::desk::Entry;
use crate::web::answer::Page;
use crate::web::cookie;
use crate::web::door::{Door, Screen, see, wanted};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 3] = [
    Screen {
        path: "/log-ind",
        may: None,
        answers: || get(ask).post(enter),
    },
    Screen {
        path: "/log-ud",
        may: None,
        answers: || post(leave),
    },
    Screen {
        path: "/sprog",
        may: None,
        answers: || post(speak),
    },
];

/// The form.
#[derive(Template)]
#[template(path = "login/page.html")]
struct Ask<'a> {
    page: &'a Page,
    login: &'a str,
    to: &'a str,
    /// What people call the other login, and the way to it.
    other: Option<(&'a str, String)>,
    wants_code: bool,
    wrong: Option<String>,
}

/// The other login, which leads on to the same page.
fn other<'d>(door: &'d Door, to: &str) -> Option<(&'d str, String)> {
    let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
    let name = door.other_login.as_deref()?;
    Some((name, format!("/log-ind/andet?til={to}")))
}

async fn ask(State(door): State<Door>, headers: HeaderMap, uri: Uri) -> Response {
    let query = Form::query(&uri);
    let page = Page::nobody(&headers);
    let to = wanted(query.given("til"));
    page.show(&Ask {
        page: &page,
        login: "",
        to,
        other: other(&door, to),
        wants_code: false,
        wrong: None,
    })
}

async fn enter(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::read(&body);
    let page = Page::nobody(&headers);
    let to = wanted(form.given("til"));
    let login = form.get("login");
    let turn = door.password_turn().await;
    let entry = door
        .desk()
        .enter(login, form.raw("password"), form.given("code"))
        .await;
    drop(turn);
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return page.refused(&error),
    };
    let (wants_code, wrong) = match entry {
        Entry::In(secret) => {
            let mut response = see(to);
            let held = secret.text();
            let name = cookie::session(door.is_secure);
            let cookie = cookie::set(name, Some(&held), None, door.is_secure);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            return response;
        }
        Entry::CodeWanted => (true, None),
        Entry::Wrong => {
            let words = page.say(
                "Mailadressen, adgangskoden eller koden er forkert.",
                "The address, the password or the code is wrong.",
            );
            (form.given("code").is_some(), Some(words.to_owned()))
        }
        Entry::Wait(seconds) => {
            let minutes = seconds.div_euclid(60) + 1;
            let words = if page.is_english {
                format!("Too many wrong tries. Wait {minutes} minutes.")
            } else {
                format!("For mange forkerte forsøg. Vent {minutes} minutter.")
            };
            (false, Some(words))
        }
    };
    let status = if wrong.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page.show_as(
        status,
        &Ask {
            page: &page,
            login,
            to,
            other: other(&door, to),
            wants_code,
            wrong,
        },
    )
}

async fn leave(State(door): State<Door>, headers: HeaderMap) -> Response {
    let name = cookie::session(door.is_secure);
    if let Some(held) = cookie::read(&headers, name)
        && let Err(error) = door.desk().leave(held).await
    {
        return Page::nobody(&headers).refused(&error);
    }
    let mut response = see("/log-ind");
    let forget = cookie::set(name, None, None, door.is_secure);
    response.headers_mut().append(header::SET_COOKIE, forget);
    response
}

async fn speak(headers: HeaderMap, body: Bytes) -> Response {
    let english = Form::read(&body).get("sprog") == "en";
    let from = headers
        .get(header::REFERER)
        .and_then(|from| from.to_str().ok());
    let path = from.and_then(|from| url::Url::parse(from).ok());
    let mut response = see(wanted(path.as_ref().map(url::Url::path)));
    let value = english.then_some("en");
    let cookie = cookie::set(cookie::LANGUAGE, value, None, false);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
