//! What an operator sees of requests: a line for each in the log, with an id that the answer carries as well, and
//! figures. Neither says whose page it was: the route is named as the program names it, never as it was asked for,
//! since an address may hold a secret.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::sync::Mutex;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::accept::{Busy, Peer};
use super::metrics::{CONTENT_TYPE, Metrics};
use crate::clock::Stopwatch;
use crate::runner::Runner;
use crate::runner::desk::{Desk, Health};
use crate::traces;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Whoever asks again within this gets the same answer, so that asking costs the database nothing.
const HEALTH_KEPT: Duration = Duration::from_secs(1);
/// Where machines ask how the service is; each time a line would drown all others.
const HEALTH: &str = "/health/";

/// Who watches.
#[derive(Clone, Debug)]
pub(super) struct Watch(Arc<Watching>);

#[derive(Debug)]
struct Watching {
    desk: Desk,
    /// Whose word is taken on what a request is a part of.
    proxies: Vec<IpAddr>,
    metrics: Metrics,
    busy: Busy,
    health: Mutex<Option<(Stopwatch, Health)>>,
}

impl Watch {
    pub(super) fn new(runner: Runner, proxies: Vec<IpAddr>) -> Self {
        Self(Arc::new(Watching {
            desk: Desk::new(runner),
            proxies,
            metrics: Metrics::new(),
            busy: Busy::default(),
            health: Mutex::default(),
        }))
    }

    pub(super) fn busy(&self) -> Busy {
        self.0.busy.clone()
    }

    pub(super) fn desk(&self) -> Desk {
        self.0.desk.clone()
    }

    /// As an operator's collector sees a request. What machines ask each second would drown all others there, too.
    fn traced(&self, request: &Request, method: &'static str, route: &str, id: &str) -> Span {
        if route.starts_with(HEALTH) {
            return Span::none();
        }
        let trace = traces::request(method, route, id);
        let peer = request.extensions().get::<Peer>();
        if peer.is_some_and(|Peer(peer)| self.0.proxies.contains(peer)) {
            traces::follow(&trace, request.headers());
        }
        trace
    }

    async fn health(&self) -> Health {
        let mut known = self.0.health.lock().await;
        if let Some((since, health)) = &*known
            && since.elapsed() < HEALTH_KEPT
        {
            return *health;
        }
        let health = self.0.desk.health().await;
        *known = Some((Stopwatch::start(), health));
        health
    }
}

/// Where machines ask how the service is. Nobody has to log in for it, and it names nobody.
pub(super) fn health(watch: Watch) -> Router {
    Router::new()
        .route(
            "/health/live",
            get(async || json(&serde_json::json!({"live": true}))),
        )
        .route("/health/ready", get(ready))
        .with_state(watch)
}

/// The figures, for an address of their own.
pub(super) fn metrics(watch: Watch) -> Router {
    Router::new()
        .route("/metrics", get(figures))
        .with_state(watch.clone())
        .merge(health(watch))
}

async fn ready(State(watch): State<Watch>) -> Response {
    let health = watch.health().await;
    let status = if health.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let told = serde_json::json!({"ready": health.is_ready(), "parts": health});
    (status, json(&told)).into_response()
}

fn json(told: &serde_json::Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        told.to_string(),
    )
        .into_response()
}

async fn figures(State(watch): State<Watch>) -> Response {
    let Watching {
        desk,
        metrics,
        busy,
        ..
    } = &*watch.0;
    let text = metrics.text(desk, watch.health().await, busy.count()).await;
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}

/// Tells of a request when it has been answered.
pub(super) async fn watched(State(watch): State<Watch>, request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let method = named(request.method());
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id);
    let trace = watch.traced(&request, method, &route, &id);
    let since = Stopwatch::start();
    let answering = next.run(request).instrument(span.clone());
    let mut response = answering.instrument(trace.clone()).await;
    let (took, status) = (since.elapsed(), response.status().as_u16());
    watch.0.metrics.answered(method, &route, status, took);
    traces::answered(&trace, status);
    let ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| {
        if route.starts_with(HEALTH) {
            tracing::debug!(method, route, status, ms, "answered");
        } else {
            tracing::info!(method, route, status, ms, "answered");
        }
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A method by name; what somebody has made up is no label.
fn named(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = KNOWN.into_iter().find(|known| method == *known);
    found.unwrap_or("other")
}
