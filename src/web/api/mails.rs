//! Mail: lists, one as it reads, and steering it.

use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asked::{Asked, Id, Narrowed, Nothing};
use super::caller::Caller;
use super::page::{Page, bad_cursor, behind, limit_of};
use super::problem::{Code, Problem};
use crate::runner::desk::{DeskError, MailLine, MailText, MailsAsked};
use crate::store::Status;

/// Which mails.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Where they stand.
    #[param(inline)]
    status: Option<Status>,
    /// Of this hold and its cases.
    #[param(format = Uuid)]
    hold: Option<String>,
    /// How many on a page; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// What the page before called `next`.
    cursor: Option<String>,
}

/// A mail that was steered.
#[derive(Serialize, ToSchema)]
pub(super) struct Steered {
    /// It was done by the same request before, and is not done again.
    repeated: bool,
    /// How it stands now.
    mail: MailLine,
}

/// What can be done with a mail.
#[derive(Clone, Copy)]
enum Steer {
    Release,
    Retry,
    Seen,
}

/// Mails, the newest first
#[utoipa::path(
    get, path = "/mails", tag = "mails", operation_id = "listMails", params(Which),
    responses((status = 200, body = Page<MailLine>))
)]
pub(super) async fn list(
    Extension(caller): Extension<Caller>,
    Narrowed(which): Narrowed<Which>,
) -> Answer<Json<Page<MailLine>>> {
    let limit = limit_of(which.limit)?;
    let hold = caller.named(which.hold.as_deref(), false).await?;
    let before = behind(which.cursor.as_deref())?;
    let before = before.map(|id| id.parse()).transpose();
    let asked = MailsAsked {
        status: which.status,
        cohort: hold.map(|hold| hold.id),
        before: before.map_err(|_| bad_cursor())?,
        limit: i64::try_from(limit + 1).ok(),
        ..MailsAsked::default()
    };
    let mut mails = caller.desk.mails(&asked).await?;
    let is_more = mails.len() > limit;
    mails.truncate(limit);
    Ok(Json(Page::new(mails, is_more, |mail| mail.id.to_string())))
}

/// A mail, as it reads
#[utoipa::path(
    get, path = "/mails/{id}", tag = "mails", operation_id = "showMail",
    params(("id" = i64, Path, description = "The mail's number.")),
    responses((status = 200, body = MailText))
)]
pub(super) async fn show(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Answer<Json<MailText>> {
    let id = there(&caller, &id).await?;
    Ok(Json(caller.desk.mail(id).await?))
}

/// Lets go what is held, or takes on that what is unknown may arrive twice
#[utoipa::path(
    post, path = "/mails/{id}/release", tag = "mails", operation_id = "releaseMail",
    params(
        ("id" = i64, Path, description = "The mail's number."),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = Steered))
)]
pub(super) async fn release(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<Steered>> {
    steer(&caller, &id, &asked, Steer::Release).await
}

/// Tries now what failed or waits for its next try
#[utoipa::path(
    post, path = "/mails/{id}/retry", tag = "mails", operation_id = "retryMail",
    params(
        ("id" = i64, Path, description = "The mail's number."),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = Steered))
)]
pub(super) async fn retry(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<Steered>> {
    steer(&caller, &id, &asked, Steer::Retry).await
}

/// Says that somebody has seen to a mail that was refused for good
#[utoipa::path(
    post, path = "/mails/{id}/seen", tag = "mails", operation_id = "seenMail",
    params(
        ("id" = i64, Path, description = "The mail's number."),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = Steered))
)]
pub(super) async fn seen(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<Steered>> {
    steer(&caller, &id, &asked, Steer::Seen).await
}

async fn steer(
    caller: &Caller,
    id: &str,
    asked: &Asked<Nothing>,
    how: Steer,
) -> Answer<Json<Steered>> {
    let id = there(caller, id).await?;
    let desk = &caller.desk;
    if caller.begin(asked).await? {
        let mail = desk.mail(id).await?.line;
        let repeated = true;
        return Ok(Json(Steered { repeated, mail }));
    }
    let done = match how {
        Steer::Release => desk.release_mail(id).await,
        Steer::Retry => desk.retry_mail(id).await,
        Steer::Seen => desk.seen_mail(id).await,
    };
    let mail = done.map_err(|error| match error {
        // It is there: so that is not what is wrong.
        DeskError::Wrong(_) => Problem::new(Code::Refused, error.to_string()),
        error => error.into(),
    })?;
    caller.done(asked).await?;
    let repeated = false;
    Ok(Json(Steered { repeated, mail }))
}

/// The number of a mail that is there for whoever asks.
async fn there(caller: &Caller, id: &str) -> Answer<i64> {
    let id: i64 = id.parse().map_err(|_| Problem::not_found())?;
    if caller.desk.is_mail_there(id).await? {
        Ok(id)
    } else {
        Err(Problem::not_found())
    }
}
