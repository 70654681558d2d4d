//! The HTTP API under `/api/v1`, for other programs: one table of operations, from which the router and the document
//! (`OpenAPI` 3.1) are both made.
//!
//! An operation asks the desk, as a page does, and answers with JSON. A new one is a function with its path above it and
//! a line in [`table`], which says what somebody must be allowed to.

mod acts;
mod asked;
mod caller;
mod candidates;
mod cases;
mod document;
mod holds;
mod hooks;
mod mails;
mod me;
mod numbers;
mod page;
mod problem;
mod stops;
mod workflows;
mod years;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::document::{base, open};
use self::problem::{Code, Problem};
use super::door::Door;
use crate::access::May;

/// Where it stands.
pub(super) const AT: &str = "/api/v1";
/// Below which only programs ask.
pub(super) const BELOW: &str = "/api/";

/// What an operation answers.
type Answer<T> = Result<T, Problem>;

/// All operations. A new one is a line here.
fn table(door: Option<&Door>) -> OpenApiRouter<Door> {
    OpenApiRouter::with_openapi(base())
        .routes(open(door, May::ReadFigures, routes!(me::show)))
        .routes(open(door, May::ReadFigures, routes!(workflows::list)))
        .routes(open(door, May::ReadFigures, routes!(workflows::show)))
        .routes(open(door, May::ReadFigures, routes!(holds::list)))
        .routes(open(door, May::RunHolds, routes!(holds::create)))
        .routes(open(door, May::ReadFigures, routes!(holds::show)))
        .routes(open(door, May::Act, routes!(acts::of_hold)))
        .routes(open(door, May::RunHolds, routes!(candidates::take_in)))
        .routes(open(door, May::ReadCases, routes!(cases::list)))
        .routes(open(door, May::ReadCases, routes!(cases::show)))
        .routes(open(door, May::ReadCases, routes!(cases::duties)))
        .routes(open(door, May::Act, routes!(acts::of_case)))
        .routes(open(door, May::ReadMail, routes!(mails::list)))
        .routes(open(door, May::ReadMail, routes!(mails::show)))
        .routes(open(door, May::SteerMail, routes!(mails::release)))
        .routes(open(door, May::SteerMail, routes!(mails::retry)))
        .routes(open(door, May::SteerMail, routes!(mails::seen)))
        .routes(open(door, May::ReadMail, routes!(stops::list)))
        .routes(open(door, May::SteerMail, routes!(stops::stop)))
        .routes(open(door, May::SteerMail, routes!(stops::show)))
        .routes(open(door, May::SteerMail, routes!(stops::end)))
        .routes(open(door, May::KeepAccounts, routes!(hooks::list)))
        .routes(open(door, May::KeepAccounts, routes!(hooks::create)))
        .routes(open(door, May::KeepAccounts, routes!(hooks::revoke)))
        .routes(open(door, May::KeepAccounts, routes!(hooks::retry)))
        .routes(open(door, May::ReadFigures, routes!(years::show)))
        .routes(open(door, May::ReadFigures, routes!(numbers::show)))
        .routes(open(door, May::ReadCases, routes!(numbers::cases)))
}

/// The operations, below [`AT`], and the document that says what they are.
pub(super) fn router(door: &Door) -> Router {
    let (operations, document) = table(Some(door)).split_for_parts();
    let document: Bytes = serde_json::to_vec(&document).unwrap_or_default().into();
    let document = get(async move || ([(header::CONTENT_TYPE, "application/json")], document));
    let operations = operations
        .route("/openapi.json", document)
        .method_not_allowed_fallback(async || {
            Problem::new(Code::NotAllowedHere, "Det kan ikke gøres på den adresse.")
        })
        .fallback(async || Problem::not_found())
        .layer(DefaultBodyLimit::max(asked::BODY_MAX))
        .with_state(door.clone());
    Router::new().nest(AT, operations)
}

/// Why a program gets no answer for so many seconds.
pub(super) fn too_often(seconds: i64) -> Response {
    Problem::too_often(seconds).into_response()
}

/// The document of the API, as JSON: `OpenAPI` 3.1, made from the table of its operations.
///
/// ```
/// let document = tovholder::web::openapi();
/// assert_eq!(document["openapi"], "3.1.0");
/// assert!(document["paths"]["/cases/{id}"]["get"]["security"].is_array());
/// ```
#[must_use]
pub fn openapi() -> serde_json::Value {
    serde_json::to_value(table(None).split_for_parts().1).unwrap_or_default()
}

/// Something with the tag that says how many events it has.
fn tagged<T: Serialize>(seq: i64, body: T) -> Response {
    let mut response = Json(body).into_response();
    if let Ok(tag) = HeaderValue::from_str(&asked::tag_of(seq)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
