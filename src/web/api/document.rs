//! What the document says of every operation, whatever it is: who may, with which scope, and how it can fail. It is
//! filled in where an operation is put into the table, so that nobody can forget it.

use axum::middleware::from_fn_with_state;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Info, License, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::caller::guard;
use super::problem;
use crate::access::{May, Role, Scope};
use crate::runner::desk::{Possible, Wrong};
use crate::web::door::Door;

/// How an operation can fail: status, the name of the response, and what it means.
const FAILURES: [(u16, &str, &str); 12] = [
    (
        400,
        "BadRequest",
        "The request cannot be read: a query, a header or JSON that is none.",
    ),
    (
        401,
        "Unauthenticated",
        "There is no token, or it is none that is good.",
    ),
    (
        403,
        "Forbidden",
        "The account's role or the token's scopes do not allow it.",
    ),
    (
        404,
        "NotFound",
        "It is not there, or not for whoever asks; the answer is the same.",
    ),
    (
        409,
        "Refused",
        "It is not possible now; `possible` says what is.",
    ),
    (
        412,
        "MovedOn",
        "It has changed since the `ETag` that was given in `If-Match`.",
    ),
    (413, "TooLarge", "The body is too large."),
    (415, "WrongMediaType", "The body is not `application/json`."),
    (
        422,
        "Invalid",
        "Something is wrong with what was given; `problems` lists all of it. Or the `Idempotency-Key` was used for something else.",
    ),
    (
        429,
        "TooOften",
        "There were too many requests from here; try again after `Retry-After`.",
    ),
    (500, "Broken", "A fault of the service."),
    (
        503,
        "Busy",
        "Others are in the way; try again with the same `Idempotency-Key`.",
    ),
];

/// The document, without operations.
pub(super) fn base() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        components(schemas(problem::Shown, Wrong, Possible)),
        servers((url = "/api/v1"))
    )]
    struct Base;
    let mut document = Base::openapi();
    let mut info = Info::new("tovholder", env!("CARGO_PKG_VERSION"));
    info.description = Some(include_str!("about.md").to_owned());
    let mut license = License::new("MPL-2.0");
    license.identifier = Some("MPL-2.0".to_owned());
    info.license = Some(license);
    document.info = info;
    let components = document.components.get_or_insert_default();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("token", scheme);
    for (_, name, words) in FAILURES {
        let problem = Ref::from_schema_name(problem::Shown::name());
        let content = ContentBuilder::new().schema(Some(problem)).build();
        let response = ResponseBuilder::new()
            .description(words)
            .content("application/problem+json", content)
            .build();
        components
            .responses
            .insert(name.to_owned(), response.into());
    }
    document
}

/// An operation for those who may; without a door only what is said of it.
pub(super) fn open(
    door: Option<&Door>,
    may: May,
    (schemas, mut paths, router): UtoipaMethodRouter<Door>,
) -> UtoipaMethodRouter<Door> {
    for (path, item) in &mut paths.paths {
        for operation in operations(item) {
            complete(operation, path, may);
        }
    }
    let guarded = match door {
        Some(door) => router.route_layer(from_fn_with_state((door.clone(), may), guard)),
        None => router,
    };
    (schemas, paths, guarded)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

fn complete(operation: &mut Operation, path: &str, may: May) {
    let scope = Scope::of(may).as_str();
    operation.security = Some(vec![SecurityRequirement::new("token", [scope])]);
    let roles: Vec<&str> = (Role::ALL.into_iter())
        .filter(|role| role.may(may))
        .map(Role::as_str)
        .collect();
    let said = Extensions::builder().add("x-roles", roles).build();
    operation.extensions = Some(said);
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            "It went well.".clone_into(&mut response.description);
        }
    }
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: &ParameterIn| {
        let is = |known: &RefOr<Parameter>| matches!(known, RefOr::T(known) if known.parameter_in == *place);
        parameters.iter().any(is)
    };
    let does = has(&ParameterIn::Header);
    let fails = |status: u16| match status {
        400 | 422 => does || has(&ParameterIn::Query),
        // A year that nobody plans, a hold that narrows a list.
        404 => path.contains('{') || has(&ParameterIn::Query),
        409 | 412 | 413 | 415 => does,
        _ => true,
    };
    for (status, name, _) in FAILURES {
        if fails(status) {
            let response = RefOr::Ref(Ref::from_response_name(name));
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_string()).or_insert(response);
        }
    }
}
