//! What every page is answered with, and who asks for it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use tokio::sync::{Semaphore, watch};

use super::answer::Page;
use super::limits::{Counted, Kind, Limits, too_often};
use super::live::FOLLOWED_MAX;
use super::{Options, cookie};
use crate::access::May;
use crate::clock::Clock;
use crate::runner::Runner;
use crate::runner::desk::{Desk, Visitor};

/// Passwords are looked at one at a time on each of so many processors: they cost memory and time.
const PASSWORDS_MAX: usize = 2;

/// What every page is answered with.
#[derive(Clone, Debug)]
pub(super) struct Door {
    desk: Desk,
    /// Cookies are for HTTPS only.
    pub(super) is_secure: bool,
    passwords: Arc<Semaphore>,
    /// Pages that may be followed.
    pub(super) followed: Arc<Semaphore>,
    /// Becomes true when it is time to end.
    pub(super) stop: watch::Receiver<bool>,
    /// How often somebody may ask.
    pub(super) limits: Arc<Limits>,
    /// What people call the other login, when there is one.
    pub(super) other_login: Option<String>,
    /// Somebody else whose accounts are believed.
    #[cfg(feature = "oidc")]
    pub(super) provider: Option<Arc<crate::oidc::Provider>>,
}

/// Where a page stands, and who may open it; nobody named is everybody who has logged in.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    /// As axum writes it.
    pub(super) path: &'static str,
    /// What somebody must be allowed to; `None` is for whoever comes.
    pub(super) may: Option<May>,
    /// How it answers.
    pub(super) answers: fn() -> axum::routing::MethodRouter<Door>,
}

/// Who asks for a page of those who have logged in, with what answers them.
pub(super) struct Caller {
    pub(super) page: Page,
    /// The desk as they see it.
    pub(super) desk: Desk,
    pub(super) visitor: Visitor,
}

impl FromRequestParts<Door> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        // The guard has put them there; a page without a guard has no visitor.
        let Some(visitor) = parts.extensions.get::<Visitor>().cloned() else {
            return Err(Page::nobody(&parts.headers).not_found());
        };
        let desk = door.desk_of(&visitor);
        let page = Page::of(&visitor, &parts.headers).with_stops(&desk);
        Ok(Self {
            page: page.await,
            desk,
            visitor,
        })
    }
}

impl Door {
    pub(super) fn new(runner: Runner, options: Options, stop: watch::Receiver<bool>) -> Self {
        let other_login = options.other_login();
        let base = runner.settings().base_url.as_deref();
        Self {
            is_secure: base.is_some_and(|base| base.starts_with("https://")),
            desk: Desk::new(runner),
            passwords: Arc::new(Semaphore::new(PASSWORDS_MAX)),
            followed: Arc::new(Semaphore::new(FOLLOWED_MAX)),
            stop,
            // Sessions and locks go by the machine's time, and so does this.
            limits: Arc::new(Limits::new(Clock::Real, options.proxies)),
            other_login,
            #[cfg(feature = "oidc")]
            provider: options.provider,
        }
    }

    /// The desk of whoever comes to log in.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The desk as somebody sees it who has logged in.
    pub(super) fn desk_of(&self, visitor: &Visitor) -> Desk {
        self.desk.of(visitor)
    }

    /// One of the few who may have a password looked at now.
    pub(super) async fn password_turn(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.passwords.clone().acquire_owned().await.ok()
    }

    /// Who holds the cookie of a session.
    pub(super) async fn visitor(&self, headers: &HeaderMap) -> Option<Visitor> {
        let held = cookie::read(headers, cookie::session(self.is_secure))?;
        match self.desk.visitor(held).await {
            Ok(visitor) => visitor,
            Err(error) => {
                tracing::error!(%error, "a session cannot be looked up");
                None
            }
        }
    }
}

/// Lets in who has logged in and may; the page finds them among what comes with the request.
pub(super) async fn guard(
    State((door, may)): State<(Door, May)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(visitor) = door.visitor(request.headers()).await else {
        if request.method() != Method::GET {
            return Page::nobody(request.headers()).failed(
                StatusCode::UNAUTHORIZED,
                "Du er logget ud. Log ind, og prøv igen.",
                "You are logged out. Log in and try again.",
            );
        }
        let to: String =
            url::form_urlencoded::byte_serialize(request.uri().path().as_bytes()).collect();
        return Redirect::to(&format!("/log-ind?til={to}")).into_response();
    };
    if !visitor.may(may) {
        return Page::of(&visitor, request.headers()).failed(
            StatusCode::FORBIDDEN,
            "Din rolle har ikke adgang til den side.",
            "Your role has no access to this page.",
        );
    }
    if request.extensions().get::<Counted>().is_some()
        && let Err(seconds) = door
            .limits
            .take(Kind::Account, visitor.account.unsigned_abs().into())
    {
        return too_often(&request, seconds);
    }
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// The path that somebody wanted before they were asked to log in: one of ours, or the first page.
pub(super) fn wanted(path: Option<&str>) -> &str {
    // `//host` and `/\host` are another server's.
    let ours = |path: &&str| {
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.contains(['\r', '\n'])
    };
    path.filter(ours).unwrap_or("/")
}

/// The same as a header, which may not hold everything.
pub(super) fn see(path: &str) -> Response {
    let location = header::HeaderValue::from_str(path)
        .unwrap_or_else(|_| header::HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
