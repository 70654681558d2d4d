//! Hooks: other programs that are told what happens.

use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use super::asked::{Asked, Id, Nothing, id_of};
use super::caller::Caller;
use super::problem::Problem;
use crate::runner::desk::{HookAsked, HookLine};

/// A hook to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HookNew {
    /// Where the program is: https.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
    /// What it is told, such as `case.moved`; none is everything.
    #[serde(default)]
    events: Vec<String>,
}

/// A hook that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct HookMade {
    /// It was made by the same request before.
    repeated: bool,
    /// What its messages are signed with: `whsec_` and base64. It is shown to nobody later.
    secret: String,
    /// The hook.
    hook: HookLine,
}

/// A hook that something was done with.
#[derive(Serialize, ToSchema)]
pub(super) struct HookDone {
    /// It was done by the same request before, and is not done again.
    repeated: bool,
    /// How it goes now.
    hook: HookLine,
}

/// Hooks in the order in which they were made, and how each of them goes
#[utoipa::path(
    get, path = "/hooks", tag = "hooks", operation_id = "listHooks", responses((status = 200, body = Vec<HookLine>))
)]
pub(super) async fn list(Extension(caller): Extension<Caller>) -> Answer<Json<Vec<HookLine>>> {
    Ok(Json(caller.desk.hooks().await?))
}

/// Has a program told what happens from now on
#[utoipa::path(
    post, path = "/hooks", tag = "hooks", operation_id = "createHook",
    params(("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)),
    request_body = HookNew,
    responses((status = 201, body = HookMade))
)]
pub(super) async fn create(
    Extension(caller): Extension<Caller>,
    asked: Asked<HookNew>,
) -> Answer<(StatusCode, Json<HookMade>)> {
    caller.begin(&asked).await?;
    let desk = &caller.desk;
    let id = id_of(&asked.once(caller.visitor()));
    let new = HookAsked {
        url: asked.body.url.clone(),
        title: asked.body.title.clone(),
        events: asked.body.events.clone(),
        id: Some(id.clone()),
    };
    let made = match desk.hook(&id).await? {
        Some(_) => None,
        None => {
            let rules = &desk.runner().settings().hooks;
            match desk.new_hook(&new, rules, &caller.from()).await {
                Ok(made) => Some(made),
                // The same request, sent twice at once: the other one has made it.
                Err(_) if desk.hook(&id).await?.is_some() => None,
                Err(error) => return Err(error.into()),
            }
        }
    };
    caller.done(&asked).await?;
    let (repeated, (hook, secret)) = match made {
        Some(made) => (false, made),
        // Whoever asks again by the same key has lost the answer.
        None => {
            let (hook, row) = desk.hook(&id).await?.ok_or_else(Problem::not_found)?;
            (true, (hook, desk.hook_secret(row).await?))
        }
    };
    let body = HookMade {
        repeated,
        secret,
        hook,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Tells a program nothing any more
#[utoipa::path(
    post, path = "/hooks/{id}/revoke", tag = "hooks", operation_id = "revokeHook",
    params(
        ("id" = String, Path, description = "The hook's id.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = HookDone))
)]
pub(super) async fn revoke(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<HookDone>> {
    let hook = there(&caller, &id).await?;
    if caller.begin(&asked).await? {
        let repeated = true;
        return Ok(Json(HookDone { repeated, hook }));
    }
    done(&caller, &asked, caller.desk.revoke_hook(&hook.id).await?).await
}

/// Tries again, once, what was given up
#[utoipa::path(
    post, path = "/hooks/{id}/retry", tag = "hooks", operation_id = "retryHook",
    params(
        ("id" = String, Path, description = "The hook's id.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    responses((status = 200, body = HookDone))
)]
pub(super) async fn retry(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Nothing>,
) -> Answer<Json<HookDone>> {
    let hook = there(&caller, &id).await?;
    if caller.begin(&asked).await? {
        let repeated = true;
        return Ok(Json(HookDone { repeated, hook }));
    }
    done(&caller, &asked, caller.desk.retry_hook(&hook.id).await?).await
}

/// A hook by its whole id.
async fn there(caller: &Caller, id: &str) -> Answer<HookLine> {
    let found = caller.desk.hook(id).await?;
    let (hook, _) = found
        .filter(|(hook, _)| hook.id == id)
        .ok_or_else(Problem::not_found)?;
    Ok(hook)
}

async fn done(
    caller: &Caller,
    asked: &Asked<Nothing>,
    hook: Option<HookLine>,
) -> Answer<Json<HookDone>> {
    let hook = hook.ok_or_else(Problem::not_found)?;
    caller.done(asked).await?;
    let repeated = false;
    Ok(Json(HookDone { repeated, hook }))
}
