//! Candidates' cases: lists, one with its whole story, and what waits for whoever asks.

use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Id, Narrowed};
use super::caller::Caller;
use super::holds::Seat;
use super::page::{Page, bad_cursor, behind, limit_of};
use super::{Answer, tagged};
use crate::runner::desk::{
    AgendaItem, CaseLine, CaseShown, Deed, Duties, FactShown, Happened, MailLine, Waiting,
};

/// Which cases.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Of this hold.
    #[param(format = Uuid)]
    hold: Option<String>,
    /// How many on a page; 50 if nothing is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// What the page before called `next`.
    cursor: Option<String>,
}

/// An id and a title.
#[derive(Serialize, ToSchema)]
pub(super) struct Named {
    /// The id, or the key.
    id: String,
    /// What people read.
    title: String,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// The case's id.
    id: String,
    /// The candidate's name.
    name: String,
    /// The hold.
    hold: Named,
    /// The state it is in; null when it went on to another hold.
    state: Option<Named>,
    /// The jobcentre's name.
    organisation: Option<String>,
    /// It has ended.
    has_ended: bool,
}

/// A case with its whole story.
#[derive(Serialize, ToSchema)]
pub(super) struct Case {
    /// Its id.
    id: String,
    /// The candidate's name.
    name: String,
    /// Mail address.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Day of birth, ISO.
    #[schema(format = Date)]
    born: Option<String>,
    /// The jobcentre's name.
    organisation: Option<String>,
    /// The workflow's title.
    workflow: String,
    /// The hold.
    hold: Named,
    /// The state's title.
    state: String,
    /// The day it was entered, ISO.
    #[schema(format = Date)]
    since: Option<String>,
    /// How it ended. Danish.
    ended: Option<&'static str>,
    /// Who fills a role in it.
    people: Vec<Seat>,
    /// What is known.
    facts: Vec<FactShown>,
    /// What has happened, the newest first.
    past: Vec<Happened>,
    /// Mails, the newest first; empty for a role that reads none.
    mails: Vec<MailLine>,
    /// What comes, and why.
    coming: Vec<AgendaItem>,
    /// What waits for something to be recorded.
    waiting: Vec<Waiting>,
    /// What can be done.
    deeds: Vec<Deed>,
}

/// Cases in the order in which they came
#[utoipa::path(
    get, path = "/cases", tag = "cases", operation_id = "listCases", params(Which),
    responses((status = 200, body = Page<Line>))
)]
pub(super) async fn list(
    Extension(caller): Extension<Caller>,
    Narrowed(which): Narrowed<Which>,
) -> Answer<Json<Page<Line>>> {
    let limit = limit_of(which.limit)?;
    let hold = caller.named(which.hold.as_deref(), false).await?;
    let after = behind(which.cursor.as_deref())?;
    let after = caller.named(after.as_deref(), true).await;
    let after = after.map_err(|_| bad_cursor())?;
    let (lines, is_more) = (caller.desk)
        .case_page(hold.as_ref(), after.as_ref(), limit)
        .await?;
    let lines = lines.into_iter().map(Line::from).collect();
    Ok(Json(Page::new(lines, is_more, |line| line.id.clone())))
}

/// A case with its whole story
#[utoipa::path(
    get, path = "/cases/{id}", tag = "cases", operation_id = "showCase",
    params(("id" = String, Path, description = "The case's id.", format = Uuid)),
    responses((status = 200, body = Case, headers(("ETag" = String, description = "How many events it has."))))
)]
pub(super) async fn show(Extension(caller): Extension<Caller>, Id(id): Id) -> Answer<Response> {
    let known = caller.known(&id, true).await?;
    let shown = (caller.desk).case_shown(&known.id, Some(caller.visitor()));
    Ok(tagged(known.seq, Case::from(shown.await?)))
}

/// What waits for whoever asks, the most urgent first
#[utoipa::path(
    get, path = "/duties", tag = "cases", operation_id = "listDuties",
    responses((status = 200, body = Duties))
)]
pub(super) async fn duties(Extension(caller): Extension<Caller>) -> Answer<Json<Duties>> {
    Ok(Json(caller.desk.duties(Some(caller.visitor())).await?))
}

impl From<(String, String)> for Named {
    fn from((id, title): (String, String)) -> Self {
        Self { id, title }
    }
}

impl From<CaseLine> for Line {
    fn from(line: CaseLine) -> Self {
        Self {
            id: line.id,
            name: line.name,
            hold: line.hold.into(),
            state: line.state.map(Named::from),
            organisation: line.organisation,
            has_ended: line.has_ended,
        }
    }
}

impl From<CaseShown> for Case {
    fn from(case: CaseShown) -> Self {
        let people = case.people.into_iter();
        Self {
            id: case.id,
            name: case.name,
            email: case.email,
            phone: case.phone,
            born: case.born,
            organisation: case.organisation,
            workflow: case.workflow,
            hold: case.hold.into(),
            state: case.state,
            since: case.since.map(|day| day.to_string()),
            ended: case.ended,
            people: people.map(|(role, names)| Seat { role, names }).collect(),
            facts: case.facts,
            past: case.past,
            mails: case.mails,
            coming: case.coming.items,
            waiting: case.coming.waiting,
            deeds: case.deeds,
        }
    }
}
