//! Calendars at secret addresses, for calendar programs: whoever knows the address reads it, and there is nobody's name
//! in it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use super::answer::Page;
use super::door::Door;

/// Where they stand.
pub(super) const AT: &str = "/kalender/{file}";

/// The calendar, or the page for what is not there.
pub(super) async fn give(
    State(door): State<Door>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = Page::nobody(&headers);
    let Some(secret) = file.strip_suffix(".ics") else {
        return page.not_found();
    };
    match door.desk().calendar(secret).await {
        Ok(Some(calendar)) => {
            let kind = "text/calendar; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], calendar).into_response()
        }
        Ok(None) => page.not_found(),
        Err(error) => page.refused(&error),
    }
}
