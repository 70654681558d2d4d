//! Holds: lists, one as a board, and a new one.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Id, Narrowed, id_of};
use super::caller::Caller;
use super::page::{Page, bad_cursor, behind, limit_of};
use super::problem::Problem;
use super::{AT, Answer, tagged};
use crate::runner::desk::{
    AgendaItem, Board, CohortLine, CohortNew, Column, Deed, DeskError, Known, Reached, Wrong,
};

/// Which holds.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Of this workflow.
    workflow: Option<String>,
    /// How many on a page; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// What the page before called `next`.
    cursor: Option<String>,
}

/// A title and a date.
#[derive(Serialize, ToSchema)]
pub(super) struct Dated {
    /// Danish.
    title: String,
    /// ISO.
    #[schema(format = Date)]
    date: String,
}

/// A role and who has it.
#[derive(Serialize, ToSchema)]
pub(super) struct Seat {
    /// The role's title.
    pub(super) role: String,
    /// Names.
    pub(super) names: Vec<String>,
}

/// A hold as a board.
#[derive(Serialize, ToSchema)]
pub(super) struct Hold {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// The workflow's title.
    workflow: String,
    /// How far it has come: `planned`, `running`, `ended` or `cancelled`.
    stage: String,
    /// Its own dates.
    dates: Vec<Dated>,
    /// How many places there are; none: no limit.
    places: Option<u32>,
    /// How many of them are taken by candidates who are seen.
    places_taken: usize,
    /// The people of its roles and of the workflow's.
    people: Vec<Seat>,
    /// The states, in the order of the workflow, with the candidates who are seen.
    columns: Vec<Column>,
    /// Counts to reach.
    targets: Vec<Reached>,
    /// What happens next.
    next: Vec<AgendaItem>,
    /// What can be done with the hold itself.
    deeds: Vec<Deed>,
}

/// A hold to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldNew {
    /// The workflow's id; the newest version of it is followed.
    workflow: String,
    /// What people call it.
    #[schema(max_length = 200)]
    title: String,
    /// Every date that the workflow declares, ISO, by its key.
    dates: BTreeMap<String, String>,
    /// Mail addresses of people who are known, by the role's key.
    #[serde(default)]
    roles: BTreeMap<String, Vec<String>>,
    /// What is known of the hold, by the fact's key.
    #[serde(default)]
    facts: BTreeMap<String, String>,
}

/// Something that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// Its id.
    pub(super) id: String,
    /// It was made by the same request before.
    pub(super) repeated: bool,
}

/// Holds by workflow and first day
#[utoipa::path(
    get, path = "/holds", tag = "holds", operation_id = "listHolds", params(Which),
    responses((status = 200, body = Page<CohortLine>))
)]
pub(super) async fn list(
    Extension(caller): Extension<Caller>,
    Narrowed(which): Narrowed<Which>,
) -> Answer<Json<Page<CohortLine>>> {
    let limit = limit_of(which.limit)?;
    let after = behind(which.cursor.as_deref())?;
    let page = (caller.desk).cohort_page(which.workflow.as_deref(), after.as_deref(), limit);
    let (lines, is_more) = page.await?.ok_or_else(bad_cursor)?;
    Ok(Json(Page::new(lines, is_more, |line| line.id.clone())))
}

/// A hold as a board
#[utoipa::path(
    get, path = "/holds/{id}", tag = "holds", operation_id = "showHold",
    params(("id" = String, Path, description = "The hold's id.", format = Uuid)),
    responses((status = 200, body = Hold, headers(("ETag" = String, description = "How many events it has."))))
)]
pub(super) async fn show(Extension(caller): Extension<Caller>, Id(id): Id) -> Answer<Response> {
    let known = caller.known(&id, false).await?;
    let board = caller.desk.board(&known.id, Some(caller.visitor())).await?;
    Ok(tagged(known.seq, Hold::from(board)))
}

/// Makes a hold
#[utoipa::path(
    post, path = "/holds", tag = "holds", operation_id = "createHold",
    params(("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)),
    request_body = HoldNew,
    responses((status = 201, body = Made, headers(
        ("Location" = String, description = "Where it is."), ("ETag" = String, description = "How many events it has.")
    )))
)]
pub(super) async fn create(
    Extension(caller): Extension<Caller>,
    asked: Asked<HoldNew>,
) -> Answer<Response> {
    caller.begin(&asked).await?;
    let id = id_of(&asked.once(caller.visitor()));
    if let Some(known) = caller.desk.known(&id).await? {
        return Ok(made(&known, true));
    }
    let Some((version, _)) = caller.desk.catalogued(&asked.body.workflow).await? else {
        let wrong = Wrong::new(format!("Der er intet workflow »{}«.", asked.body.workflow));
        return Err(Problem::invalid(vec![wrong.column("workflow")]));
    };
    let new = asked.body.to_new(id.clone());
    let created = caller.desk.create_cohort(version, &new);
    let repeated = match created.await {
        Ok(_) => false,
        // The same request, sent twice at once: the other one has made it.
        Err(DeskError::Run(_)) if caller.desk.known(&id).await?.is_some() => true,
        Err(error) => return Err(error.into()),
    };
    caller.done(&asked).await?;
    let known = caller.known(&id, false).await?;
    Ok(made(&known, repeated))
}

/// The answer to whoever has made something.
pub(super) fn made(known: &Known, repeated: bool) -> Response {
    let kind = if known.is_case { "cases" } else { "holds" };
    let at = format!("{AT}/{kind}/{}", known.id);
    let body = Made {
        id: known.id.clone(),
        repeated,
    };
    let mut response = (StatusCode::CREATED, tagged(known.seq, body)).into_response();
    if let Ok(at) = HeaderValue::from_str(&at) {
        response.headers_mut().insert(header::LOCATION, at);
    }
    response
}

impl HoldNew {
    fn to_new(&self, id: String) -> CohortNew {
        let pairs = |map: &BTreeMap<String, String>| {
            let pairs = map
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()));
            pairs.collect()
        };
        CohortNew {
            title: self.title.clone(),
            dates: pairs(&self.dates),
            roles: (self.roles.iter())
                .map(|(role, emails)| (role.clone(), emails.join(",")))
                .collect(),
            set: pairs(&self.facts),
            id: Some(id),
        }
    }
}

impl From<Board> for Hold {
    fn from(board: Board) -> Self {
        let hold = board.hold;
        let stage = serde_json::to_value(hold.stage).unwrap_or_default();
        let seats = hold.people.into_iter();
        let dates = hold.dates.into_iter().map(|(title, date)| Dated {
            title,
            date: date.to_string(),
        });
        Self {
            id: hold.id,
            title: hold.title,
            workflow: hold.workflow,
            stage: stage.as_str().unwrap_or_default().to_owned(),
            dates: dates.collect(),
            places: hold.places,
            places_taken: hold.places_taken,
            people: seats.map(|(role, names)| Seat { role, names }).collect(),
            columns: board.columns,
            targets: hold.targets,
            next: hold.next.items,
            deeds: board.deeds,
        }
    }
}
