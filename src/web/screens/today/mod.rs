//! *I dag*: what waits for whoever has logged in, over all holds, the most urgent first.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use super::fields;
use crate::access::May;
use crate::runner::desk::{Duties, InputKind, LateBackup, Looked, Waits};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen, wanted};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 2] = [
    Screen {
        path: "/",
        may: Some(May::ReadFigures),
        answers: || get(show),
    },
    Screen {
        path: "/handling/{id}",
        may: Some(May::Act),
        answers: || post(act),
    },
];

/// The page.
#[derive(Template)]
#[template(path = "today/page.html")]
struct Today<'a> {
    page: &'a Page,
    duties: Duties,
    late: usize,
    waits: Vec<Waits>,
    /// For whoever runs the installation.
    late_backup: Option<LateBackup>,
    key: String,
}

async fn show(caller: Caller) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    if !visitor.may(May::ReadCases) {
        return crate::web::door::see("/hold");
    }
    let page = page.following(&desk, &Looked::Today).await;
    let duties = match desk.duties(Some(&visitor)).await {
        Ok(duties) => duties,
        Err(error) => return page.refused(&error),
    };
    let waits = if visitor.may(May::SteerMail) {
        desk.today().await
    } else {
        Ok(Vec::new())
    };
    let hooks = if visitor.may(May::KeepAccounts) {
        desk.hooks_that_wait().await
    } else {
        Ok(Vec::new())
    };
    let late_backup = (desk.late_backup()).filter(|_| visitor.may(May::KeepAccounts));
    let waits = waits.and_then(|waits| Ok([waits, hooks?].concat()));
    page.answer(waits, |waits| Today {
        page: &page,
        late: duties.first.iter().filter(|duty| duty.late > 0).count(),
        duties,
        waits,
        late_backup,
        key: fields::fresh_key(),
    })
}

async fn act(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let back = wanted(form.given("back"));
    fields::act(&caller, &form, &id, back).await
}
