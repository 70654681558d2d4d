//! Stops: mail of a message, a hold, a workflow, or all of it, that does not leave.

use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use super::asked::{Asked, Id, Nothing};
use super::caller::Caller;
use super::problem::Problem;
use crate::runner::desk::{DeskError, StopAsked, StopEnds, StopLine, Stopped};

/// What is to be stopped: that which is all of these; of nothing but a reason, everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StopNew {
    /// A workflow's id.
    workflow: Option<String>,
    /// A hold's id.
    #[schema(format = Uuid)]
    hold: Option<String>,
    /// The key of a message, a task or a meeting, or `task.KEY`.
    message: Option<String>,
    /// Why; it stands on every page as long as it lasts.
    #[schema(min_length = 1, max_length = 300)]
    reason: String,
}

/// What came of letting go.
#[derive(Serialize, ToSchema)]
pub(super) struct StopEnded {
    /// It was done by the same request before, and is not done again.
    repeated: bool,
    /// What it came to; none when it had ended before.
    ends: Option<StopEnds>,
}

/// What is stopped now, the oldest stop first
#[utoipa::path(
    get, path = "/stops", tag = "mails", operation_id = "listStops", responses((status = 200, body = Vec<StopLine>))
)]
pub(super) async fn list(Extension(caller): Extension<Caller>) -> Answer<Json<Vec<StopLine>>> {
    Ok(Json(caller.desk.stops().await?))
}

/// Stops mail, at once: none of it leaves that has not left; what is stopped already stays as it is
#[utoipa::path(
    post, path = "/stops", tag = "mails", operation_id = "stopMail",
    params(("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)),
    request_body = StopNew,
    responses((status = 200, body = Stopped))
)]
pub(super) async fn stop(
    Extension(caller): Extension<Caller>,
    asked: Asked<StopNew>,
) -> Answer<Json<Stopped>> {
    // A stop of the same stands once: to ask again is to be told of it.
    caller.begin(&asked).await?;
    if let Some(hold) = &asked.body.hold {
        caller.known(hold, false).await?;
    }
    let what = StopAsked {
        workflow: asked.body.workflow.clone(),
        cohort: asked.body.hold.clone(),
        message: asked.body.message.clone(),
    };
    let by = caller.from();
    let stopped = caller
        .desk
        .stop_mail(&what, &asked.body.reason, &by)
        .await?;
    caller.done(&asked).await?;
    Ok(Json(stopped))
}

/// What it would come to if a stop ended now
#[utoipa::path(
    get, path = "/stops/{id}", tag = "mails", operation_id = "showStop",
    params(("id" = i64, Path, description = "The stop's number.")),
    responses((status = 200, body = StopEnds))
)]
pub(super) async fn show(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Answer<Json<StopEnds>> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok(Json(caller.desk.would_let_go(id).await.map_err(missing)?))
}

/// Ends a stop: what is late is held, what is of no use falls away, the rest leaves
#[utoipa::path(
    post, path = "/stops/{id}/end", tag = "mails", operation_id = "endStop",
    params(
        ("id" = i64, Path, description = "The stop's number."),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = StopEnded))
)]
pub(super) async fn end(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<StopEnded>> {
    let id: i64 = id.parse().map_err(|_| Problem::not_found())?;
    if caller.begin(&asked).await? {
        return Ok(Json(StopEnded {
            repeated: true,
            ends: None,
        }));
    }
    let ends = caller.desk.let_mail_go(id, &caller.from()).await;
    let ends = ends.map_err(missing)?;
    caller.done(&asked).await?;
    Ok(Json(StopEnded {
        repeated: false,
        ends: Some(ends),
    }))
}

/// A stop that is not there, or has ended.
fn missing(error: DeskError) -> Problem {
    match error {
        DeskError::Wrong(_) => Problem::not_found(),
        error => error.into(),
    }
}
