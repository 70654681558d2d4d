//! *Udbakke*: mail that waits, has left, or needs somebody; one mail as it reads, and steering it.

use askama::Template;
mod coming;
mod stops;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};

use crate::access::May;
use crate::runner::desk::{Looked, MailLine, MailText, MailsAsked, status_words};
use crate::store::Status;
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 9] = [
    Screen {
        path: "/udbakke",
        may: Some(May::ReadMail),
        answers: || get(list),
    },
    Screen {
        path: "/udbakke/kommer",
        may: Some(May::ReadMail),
        answers: || get(coming::first),
    },
    Screen {
        path: "/udbakke/kommer/{id}",
        may: Some(May::ReadMail),
        answers: || get(coming::of_hold),
    },
    Screen {
        path: "/udbakke/kommer/{id}/mail",
        may: Some(May::ReadMail),
        answers: || get(coming::one).post(coming::wish),
    },
    Screen {
        path: "/udbakke/kommer/{id}/nu",
        may: Some(May::SteerMail),
        answers: || get(coming::look_early).post(coming::send_early),
    },
    Screen {
        path: "/udbakke/standset",
        may: Some(May::ReadMail),
        answers: || get(stops::show).post(stops::stop),
    },
    Screen {
        path: "/udbakke/standset/{id}",
        may: Some(May::SteerMail),
        answers: || get(stops::look).post(stops::let_go),
    },
    Screen {
        path: "/udbakke/{id}",
        may: Some(May::ReadMail),
        answers: || get(one),
    },
    Screen {
        path: "/udbakke/{id}/{act}",
        may: Some(May::SteerMail),
        answers: || post(steer),
    },
];

/// As many as anybody reads on a page.
const LISTED_MAX: i64 = 200;
/// Where mail can stand, in the order of a page.
const STANDS: [Status; 8] = [
    Status::Held,
    Status::Unknown,
    Status::Failed,
    Status::Queued,
    Status::Retry,
    Status::Sending,
    Status::Sent,
    Status::Cancelled,
];

/// The list.
#[derive(Template)]
#[template(path = "outbox/page.html")]
struct Outbox<'a> {
    page: &'a Page,
    mails: Vec<MailLine>,
    /// Of which the list is; empty is all.
    status: &'static str,
}

/// One mail.
#[derive(Template)]
#[template(path = "outbox/mail.html")]
struct One<'a> {
    page: &'a Page,
    mail: MailText,
}

async fn list(Caller { page, desk, .. }: Caller, uri: Uri) -> Response {
    let asked = Form::query(&uri).get("status").to_owned();
    let status = STANDS.into_iter().find(|status| status.as_str() == asked);
    let asked = MailsAsked {
        status,
        limit: Some(LISTED_MAX),
        ..MailsAsked::default()
    };
    let page = page.following(&desk, &Looked::Outbox).await;
    page.answer(desk.mails(&asked).await, |mails| Outbox {
        page: &page,
        mails,
        status: status.map_or("", Status::as_str),
    })
}

async fn one(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else {
        return page.not_found();
    };
    page.answer(desk.mail(id).await, |mail| One { page: &page, mail })
}

async fn steer(
    Caller { page, desk, .. }: Caller,
    Path((id, act)): Path<(String, String)>,
    _body: Bytes,
) -> Response {
    let Ok(id) = id.parse() else {
        return page.not_found();
    };
    let done = match act.as_str() {
        "nu" => desk.send_mail_now(id).await,
        "slip" => desk.release_mail(id).await,
        "igen" => desk.retry_mail(id).await,
        "set" => desk.seen_mail(id).await,
        _ => return page.not_found(),
    };
    let back = format!("/udbakke/{id}");
    page.back(&back, &done, |mail| {
        format!("Mail {}: {}.", mail.id, status_words(mail.status))
    })
}
