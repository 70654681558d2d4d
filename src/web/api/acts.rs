//! Saying what has happened: in a case, or on a hold.

use std::collections::BTreeMap;

use axum::Extension;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Id};
use super::caller::Caller;
use super::problem::{Code, Problem};
use super::{Answer, tagged};
use crate::access::May;
use crate::runner::desk::{Fire, Known, Possible, Wrong};

/// What has happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    /// An event that the workflow declares, `TASK.done`, `MEETING.booked` and so on, or `facts`; as in `deeds`.
    event: String,
    /// Facts, by their keys.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Mail addresses of people who are known, by the role they get; for roles that act for others.
    #[serde(default)]
    assign: BTreeMap<String, Vec<String>>,
    /// When a meeting begins, local: `2027-03-12T13:00`.
    at: Option<String>,
    /// Where a meeting is.
    #[schema(max_length = 500)]
    place: Option<String>,
    /// Why a condition that is not met is passed.
    #[schema(max_length = 500)]
    override_reason: Option<String>,
    /// It is another one than what was recorded earlier that day.
    #[serde(default)]
    another: bool,
    /// Ids of cases that did not come to a hold's meeting.
    #[serde(default)]
    absent: Vec<String>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// The case's or hold's id.
    id: String,
    /// It was done by the same request before, and is not done again.
    repeated: bool,
    /// What happened, in order. Danish.
    events: Vec<String>,
    /// The key of the state that a case is in now.
    state: Option<String>,
    /// What is possible now.
    possible: Vec<Possible>,
}

/// Says what has happened in a case
#[utoipa::path(
    post, path = "/cases/{id}/acts", tag = "cases", operation_id = "actOnCase",
    params(
        ("id" = String, Path, description = "The case's id.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that it was decided from.")
    ),
    request_body = Act,
    responses((status = 200, body = Done, headers(("ETag" = String, description = "How many events it has."))))
)]
pub(super) async fn of_case(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Act>,
) -> Answer<Response> {
    act(&caller, &id, true, &asked).await
}

/// Says what has happened on a hold
#[utoipa::path(
    post, path = "/holds/{id}/acts", tag = "holds", operation_id = "actOnHold",
    params(
        ("id" = String, Path, description = "The hold's id.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that it was decided from.")
    ),
    request_body = Act,
    responses((status = 200, body = Done, headers(("ETag" = String, description = "How many events it has."))))
)]
pub(super) async fn of_hold(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Act>,
) -> Answer<Response> {
    act(&caller, &id, false, &asked).await
}

async fn act(caller: &Caller, id: &str, is_case: bool, asked: &Asked<Act>) -> Answer<Response> {
    let known = caller.known(id, is_case).await?;
    let acts_for_others = caller.visitor().may(May::ActForOthers);
    // To say that an address is not known would tell of those that are.
    if !acts_for_others && !asked.body.assign.is_empty() {
        let words = "Rollen kan ikke give andre en rolle.";
        return Err(Problem::new(Code::RoleForbids, words));
    }
    caller.begin(asked).await?;
    let said = asked.body.to_fire(caller, asked, &known)?;
    let done = Box::pin(caller.desk.fire_as(caller.visitor(), &said)).await?;
    caller.done(asked).await?;
    let seq = caller.known(id, is_case).await?.seq;
    Ok(tagged(
        seq,
        Done {
            id: done.id,
            repeated: done.repeated,
            events: done.events,
            state: done.state.map(|(key, _)| key),
            possible: done.possible,
        },
    ))
}

impl Act {
    fn to_fire(&self, caller: &Caller, asked: &Asked<Self>, known: &Known) -> Answer<Fire> {
        let at = self.at.as_deref().map(str::parse).transpose();
        let at = at.map_err(|_| {
            let wrong = Wrong::new("Det er ikke en dag og et klokkeslæt.").column("at");
            Problem::invalid(vec![wrong.help("Skriv fx 2027-03-12T13:00.")])
        })?;
        let assign = self.assign.iter();
        Ok(Fire {
            of: known.id.clone(),
            event: self.event.clone(),
            set: (self.set.iter())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            role: caller.visitor().acts_as().map(str::to_owned),
            from: Some(caller.from()),
            override_reason: self.override_reason.clone(),
            another: self.another,
            at,
            place: self.place.clone(),
            assign: assign
                .map(|(role, emails)| (role.clone(), emails.join(",")))
                .collect(),
            absent: self.absent.clone(),
            key: Some(asked.once(caller.visitor())),
            expect: asked.expects(known),
        })
    }
}
