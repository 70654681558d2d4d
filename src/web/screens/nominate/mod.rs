//! *Indstil*: a job consultant nominates a candidate of the own jobcentre to a hold.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::access::May;
use crate::runner::desk::{DeskError, Newcomer, Nominee};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;
use crate::web::words;

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/hold/{id}/indstil",
    may: Some(May::Nominate),
    answers: || get(show).post(act),
}];

/// The form.
#[derive(Template)]
#[template(path = "nominate/page.html")]
struct Nominate<'a> {
    page: &'a Page,
    /// The hold: id and title.
    hold: (String, String),
    given: Nominee,
    wrongs: Vec<String>,
    /// Somebody who is known may be meant.
    asks: bool,
}

async fn show(caller: Caller, Path(id): Path<String>) -> Response {
    let hold = caller.desk.cohort_title(&id).await;
    caller.page.answer(hold, |hold| Nominate {
        page: &caller.page,
        hold,
        given: Nominee::default(),
        wrongs: Vec::new(),
        asks: false,
    })
}

async fn act(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let Caller {
        page,
        desk,
        visitor,
    } = &caller;
    let given = Nominee {
        name: form.get("navn").to_owned(),
        email: form.get("email").to_owned(),
        phone: form.get("telefon").to_owned(),
        born: form.get("foedt").to_owned(),
        is_known: form.given("hvem").map(|who| who == "same"),
    };
    let done = match desk.cohort_title(&id).await {
        Ok(hold) => match desk.nominate(&id, &given, visitor).await {
            Err(error @ DeskError::Wrong(_)) => {
                let wrongs = words::of_error(&error, &|_| None);
                let asks = given.is_known.is_some() || is_asked(&error);
                let shown = Nominate {
                    page,
                    hold,
                    given,
                    wrongs,
                    asks,
                };
                return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &shown);
            }
            done => done,
        },
        Err(error) => return page.refused(&error),
    };
    let back = match &done {
        Ok(newcomer) => format!("/sager/{}", newcomer.id),
        Err(_) => format!("/hold/{id}/indstil"),
    };
    page.back(&back, &done, |newcomer: &Newcomer| {
        let said = page.say("er indstillet", "is nominated");
        format!("{} {said}.", newcomer.name)
    })
}

/// Whether a person has to say who is meant.
fn is_asked(error: &DeskError) -> bool {
    let DeskError::Wrong(wrongs) = error else {
        return false;
    };
    let helps = wrongs.iter().filter_map(|wrong| wrong.help.as_deref());
    helps
        .into_iter()
        .any(|help| help.contains("--same") || help.contains("--another"))
}
