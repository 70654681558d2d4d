//! Who a token stands for.

use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;

/// Who asks, and what they may.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The account's id, as histories name it.
    id: String,
    /// The person's name.
    name: String,
    /// The role.
    role: &'static str,
    /// What the token may do of what the role may.
    scopes: Vec<&'static str>,
}

/// Who the token stands for
#[utoipa::path(get, path = "/me", tag = "tokens", operation_id = "showMe", responses((status = 200, body = Me)))]
pub(super) async fn show(Extension(caller): Extension<Caller>) -> Json<Me> {
    let visitor = caller.visitor();
    Json(Me {
        id: visitor.id.clone(),
        name: visitor.name.clone(),
        role: visitor.role.as_str(),
        scopes: (caller.bearer.scopes.iter())
            .map(|scope| scope.as_str())
            .collect(),
    })
}
