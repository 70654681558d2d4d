//! A year of holds.

use axum::{Extension, Json};

use super::Answer;
use super::asked::Id;
use super::caller::Caller;
use super::problem::Problem;
use crate::runner::desk::{YEARS, Year};

/// A year: its holds with phases and meetings, closed days, and what does not go together
#[utoipa::path(
    get, path = "/years/{year}", tag = "years", operation_id = "showYear",
    params(("year" = i16, Path, description = "The year.", minimum = 2000, maximum = 2199)),
    responses((status = 200, body = Year))
)]
pub(super) async fn show(Extension(caller): Extension<Caller>, Id(year): Id) -> Answer<Json<Year>> {
    let year = year.parse().ok().filter(|year| YEARS.contains(year));
    let year = year.ok_or_else(Problem::not_found)?;
    Ok(Json(caller.desk.year(year).await?))
}
