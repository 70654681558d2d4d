//! Which program asks, and what it may: a token in `Authorization: Bearer`, and nothing else. There are no cookies here,
//! so that no other site can make a browser ask.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::asked::Asked;
use super::problem::{Code, Problem};
use crate::access::{May, Scope};
use crate::runner::desk::{Bearer, Desk, Known, Visitor};
use crate::store;
use crate::web::door::Door;

/// Who asks, and the desk as they see it.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) desk: Desk,
    pub(super) bearer: Bearer,
}

/// Lets in who shows a good token, and may.
pub(super) async fn guard(
    State((door, may)): State<(Door, May)>,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION);
    let shown = shown.and_then(|value| value.to_str().ok());
    let token = shown.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let bearer = match token {
        None => None,
        Some(token) => match door.desk().bearer(token).await {
            Ok(bearer) => bearer,
            Err(error) => return Problem::from(error).into_response(),
        },
    };
    let Some(bearer) = bearer else {
        let words =
            "Vis en gyldig nøgle: Authorization: Bearer tov_… Den laves med: tovholder token new";
        return Problem::new(Code::Unauthenticated, words).into_response();
    };
    if !bearer.visitor.may(may) {
        let words = format!(
            "Rollen {} har ikke adgang til det.",
            bearer.visitor.role.title()
        );
        return Problem::new(Code::RoleForbids, words).into_response();
    }
    if !bearer.scopes.contains(&Scope::of(may)) {
        let words = format!(
            "Nøglen har ikke lov til »{}«. Lav en, der har.",
            Scope::of(may)
        );
        return Problem::new(Code::ScopeForbids, words).into_response();
    }
    let desk = door.desk_of(&bearer.visitor);
    request.extensions_mut().insert(Caller { desk, bearer });
    next.run(request).await
}

impl Caller {
    pub(super) fn visitor(&self) -> &Visitor {
        &self.bearer.visitor
    }

    /// A case or a hold that is there for whoever asks.
    pub(super) async fn known(&self, id: &str, is_case: bool) -> Result<Known, Problem> {
        let known = self.desk.known(id).await?;
        known
            .filter(|known| known.is_case == is_case)
            .ok_or_else(Problem::not_found)
    }

    /// The same where it only narrows a list or says where a page begins.
    pub(super) async fn named(
        &self,
        id: Option<&str>,
        is_case: bool,
    ) -> Result<Option<Known>, Problem> {
        match id {
            None => Ok(None),
            Some(id) => Ok(Some(self.known(id, is_case).await?)),
        }
    }

    /// Notes that something is asked for; whether it was done before.
    pub(super) async fn begin<T>(&self, asked: &Asked<T>) -> Result<bool, Problem> {
        let begun = self
            .desk
            .begin_request(self.visitor(), &asked.key, &asked.request);
        match begun.await? {
            store::Request::Open => Ok(false),
            store::Request::Done => Ok(true),
            store::Request::Another => Err(Problem::new(
                Code::KeyReused,
                "Den Idempotency-Key er brugt til noget andet. Giv hver ny forespørgsel sin egen.",
            )),
        }
    }

    /// Notes that it was done.
    pub(super) async fn done<T>(&self, asked: &Asked<T>) -> Result<(), Problem> {
        Ok(self.desk.end_request(self.visitor(), &asked.key).await?)
    }

    /// As histories and lists say who did it.
    pub(super) fn from(&self) -> String {
        format!("account {}", self.visitor().id)
    }
}
