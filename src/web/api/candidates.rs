//! Taking in a candidate.

use std::collections::BTreeMap;

use axum::Extension;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Answer;
use super::asked::{Asked, Id};
use super::caller::Caller;
use super::holds::{Made, made};
use crate::runner::desk::CandidateNew;

/// A candidate to be taken in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Candidate {
    /// In full.
    #[schema(max_length = 200)]
    name: String,
    /// Mail address.
    #[schema(format = Email)]
    email: String,
    /// Telephone.
    phone: Option<String>,
    /// Day of birth, ISO.
    #[schema(format = Date)]
    born: Option<String>,
    /// The jobcentre's name, as it is known.
    jobcentre: Option<String>,
    /// What is known, by the fact's key.
    #[serde(default)]
    facts: BTreeMap<String, String>,
    /// Mail addresses of people who are known, by the role's key.
    #[serde(default)]
    roles: BTreeMap<String, Vec<String>>,
    /// Where somebody like that is known: true says that it is the same person, false that it is another one.
    is_same_person: Option<bool>,
}

/// Takes a candidate onto a hold
#[utoipa::path(
    post, path = "/holds/{id}/cases", tag = "cases", operation_id = "createCase",
    params(
        ("id" = String, Path, description = "The hold's id.", format = Uuid),
        ("Idempotency-Key" = String, Header, description = "Makes it count once.", min_length = 1, max_length = 255)
    ),
    request_body = Candidate,
    responses((status = 201, body = Made, headers(
        ("Location" = String, description = "Where the case is."), ("ETag" = String, description = "How many events it has.")
    )))
)]
pub(super) async fn take_in(
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    asked: Asked<Candidate>,
) -> Answer<Response> {
    let hold = caller.known(&id, false).await?;
    caller.begin(&asked).await?;
    let once = asked.once(caller.visitor());
    let (new, by) = (asked.body.to_new(), caller.from());
    let taken = Box::pin(caller.desk.take_in_one(&hold, &new, &once, &by));
    let (case, repeated) = taken.await?;
    caller.done(&asked).await?;
    Ok(made(&caller.known(&case, true).await?, repeated))
}

impl Candidate {
    fn to_new(&self) -> CandidateNew {
        let facts = self.facts.iter();
        let roles = self.roles.iter();
        CandidateNew {
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            born: self.born.clone(),
            jobcentre: self.jobcentre.clone(),
            facts: facts
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            roles: roles
                .map(|(role, emails)| (role.clone(), emails.join(",")))
                .collect(),
            is_same: self.is_same_person,
        }
    }
}
