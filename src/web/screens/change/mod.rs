//! *Ændringer*: a hold goes on by another version, its days or a candidate's are changed, a candidate goes on at another
//! hold, a step is taken back. Each is a page that says what would come of it, with a button that does exactly that; if something else would come of it by
//! now, nothing is done and the page says so.

mod days;
mod transfer;
mod undo;
mod version;

use axum::http::StatusCode;
use axum::routing::{get, post};

use super::{fields, report};
use crate::access::May;
use crate::runner::desk::DeskError;
use crate::web::answer::Page;
use crate::web::door::Screen;
use crate::web::words;

pub(super) const SCREENS: [Screen; 6] = [
    Screen {
        path: "/hold/{id}/version",
        may: Some(May::RunHolds),
        answers: || get(version::look).post(version::make),
    },
    Screen {
        path: "/hold/{id}/version/fortryd",
        may: Some(May::RunHolds),
        answers: || post(version::undo),
    },
    Screen {
        path: "/hold/{id}/dage",
        may: Some(May::RunHolds),
        answers: || get(days::of_hold).post(days::change_hold),
    },
    Screen {
        path: "/sager/{id}/dage",
        may: Some(May::RunHolds),
        answers: || get(days::of_case).post(days::change_case),
    },
    Screen {
        path: "/sager/{id}/hold",
        may: Some(May::RunHolds),
        answers: || get(transfer::look).post(transfer::make),
    },
    Screen {
        path: "/sager/{id}/fortryd",
        may: Some(May::Act),
        answers: || get(undo::look).post(undo::undo),
    },
];

/// What is said of what was not done, above the page as it is now, and the status it is said with.
fn not_done(page: &Page, error: &DeskError) -> (StatusCode, Page) {
    let (status, said) = match error {
        DeskError::MovedOn => (
            StatusCode::CONFLICT,
            page.say(
                "Der er sket noget, siden du så, hvad det fører til, så intet er gjort. Her er det, som det er nu.",
                "Something has happened since you saw what would come of it, so nothing is done. This is how it is now.",
            )
            .to_owned(),
        ),
        error => (StatusCode::UNPROCESSABLE_ENTITY, words::plain(error)),
    };
    let page = Page {
        said: Some((true, said)),
        ..page.clone()
    };
    (status, page)
}
