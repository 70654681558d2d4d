//! Workflows as published.

use axum::{Extension, Json};

use super::Answer;
use super::asked::Id;
use super::caller::Caller;
use super::problem::Problem;
use crate::runner::desk::{CatalogueLine, CatalogueShown};

/// The workflows that are published
#[utoipa::path(
    get, path = "/workflows", tag = "workflows", operation_id = "listWorkflows",
    responses((status = 200, body = Vec<CatalogueLine>))
)]
pub(super) async fn list(Extension(caller): Extension<Caller>) -> Answer<Json<Vec<CatalogueLine>>> {
    Ok(Json(caller.desk.catalogue().await?))
}

/// A workflow: the dates, facts, roles and states of its newest version
#[utoipa::path(
    get, path = "/workflows/{id}", tag = "workflows", operation_id = "showWorkflow",
    params(("id" = String, Path, description = "The workflow's id.")),
    responses((status = 200, body = CatalogueShown))
)]
pub(super) async fn show(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Answer<Json<CatalogueShown>> {
    // What databases do not take is no id, either.
    let plain = Some(&id).filter(|id| !id.contains('\0'));
    let found = match plain {
        Some(id) => caller.desk.catalogued(id).await?,
        None => None,
    };
    let (_, shown) = found.ok_or_else(Problem::not_found)?;
    Ok(Json(shown))
}
