//! How far candidates have come: counts, and whom a count counts.

use axum::{Extension, Json};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Answer;
use super::asked::Narrowed;
use super::caller::Caller;
use super::page::{Page, bad_cursor, behind, limit_of};
use super::problem::Problem;
use crate::runner::desk::{CountFilter, Counted, CountedCase, Numbers, NumbersAsked, Wrong};

/// What is counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Of this workflow.
    workflow: Option<String>,
    /// Of this hold.
    #[param(format = Uuid)]
    hold: Option<String>,
    /// Of holds that begin on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Of holds that begin on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Whom a count counts: its `filter`, as it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    /// The workflow's id.
    workflow: String,
    /// `all`, `open`, `success`, `neutral`, `dropout`, `moved`, `cancelled`, `came:STATE` or `reached:STATE`.
    what: String,
    /// Of this hold.
    #[param(format = Uuid)]
    hold: Option<String>,
    /// Of holds that begin on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Of holds that begin on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Of this jobcentre, by its number in `filter`.
    jobcentre: Option<i64>,
    /// How many on a page; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// What the page before called `next`.
    cursor: Option<String>,
}

/// How many candidates have come how far
#[utoipa::path(
    get, path = "/numbers", tag = "numbers", operation_id = "showNumbers", params(Which),
    responses((status = 200, body = Vec<Numbers>))
)]
pub(super) async fn show(
    Extension(caller): Extension<Caller>,
    Narrowed(which): Narrowed<Which>,
) -> Answer<Json<Vec<Numbers>>> {
    let hold = caller.named(which.hold.as_deref(), false).await?;
    let asked = NumbersAsked {
        workflow: which.workflow,
        hold: hold.map(|hold| hold.id),
        from: which.from,
        to: which.to,
    };
    Ok(Json(caller.desk.numbers(&asked).await?))
}

/// Whom a count counts, in Danish order
#[utoipa::path(
    get, path = "/numbers/cases", tag = "numbers", operation_id = "listCounted", params(Whom),
    responses((status = 200, body = Page<CountedCase>))
)]
pub(super) async fn cases(
    Extension(caller): Extension<Caller>,
    Narrowed(whom): Narrowed<Whom>,
) -> Answer<Json<Page<CountedCase>>> {
    let limit = limit_of(whom.limit)?;
    let what: Counted = whom.what.parse().map_err(|_| {
        let wrong = Wrong::new(format!("»{}« er ikke en optælling.", whom.what)).column("what");
        Problem::invalid(vec![wrong])
    })?;
    let hold = caller.named(whom.hold.as_deref(), false).await?;
    let after = behind(whom.cursor.as_deref())?;
    let after = caller.named(after.as_deref(), true).await;
    let after = after.map_err(|_| bad_cursor())?;
    let filter = CountFilter {
        workflow: whom.workflow,
        hold: hold.map(|hold| hold.id),
        from: whom.from,
        to: whom.to,
        jobcentre: whom.jobcentre,
        what,
    };
    let after = after.map(|after| after.row.to_string());
    let found = caller
        .desk
        .candidates_of(&filter, (after.as_deref(), limit));
    let found = found.await?;
    let is_more = found.next.is_some();
    Ok(Json(Page::new(found.cases, is_more, |case| {
        case.id.clone()
    })))
}
