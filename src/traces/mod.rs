//! What leaves as traces when an operator has a collector (OpenTelemetry): the spans that are made here, and no others.
//!
//! They have numbers and the program's own words: a route as the program names it, a status, how many. Never an address
//! that was asked for, never what anybody is called or has written. No line of the log goes along, since servers' answers
//! in it may name somebody. Without the feature `otel` nobody listens, and a span costs next to nothing.

#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
mod export;

use axum::http::HeaderMap;
use tracing::Span;
use tracing::field::Empty;

#[cfg(feature = "otel")]
pub use self::export::{BadTraces, Layer, Traces, begin};

/// By this they are known, and kept out of the log.
pub(crate) const TARGET: &str = "traces";
/// The span that is only told as a part of another.
#[cfg(feature = "otel")]
const PART: &str = "transaction";

/// A request, by its method and route, and the id that its line in the log and its answer have.
pub(crate) fn request(method: &'static str, route: &str, id: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
    )
}

/// A request has been answered.
pub(crate) fn answered(request: &Span, status: u16) {
    request.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        request.record("otel.status_code", "ERROR");
    }
}

/// A round of work that was due; how many subjects is told by [`counted`].
pub(crate) fn work() -> Span {
    tracing::info_span!(target: TARGET, "work", subjects.count = Empty)
}

/// Mails that went onto the wire together, by how their exchanges ended.
pub(crate) fn mail(count: usize) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "mail",
        otel.kind = "client",
        mails.count = Empty,
        mails.sent = Empty,
        mails.retried = Empty,
        mails.failed = Empty,
        mails.unknown = Empty,
    );
    counted(&span, "mails.count", count);
    span
}

/// So many of a batch of mails ended this way.
pub(crate) fn mailed(batch: &Span, result: &str, count: usize) {
    if !batch.is_disabled() {
        counted(batch, &format!("mails.{result}"), count);
    }
}

/// A transaction, from its being asked for to its commit. Told as a part of a request or of a round of work only.
pub(crate) fn transaction() -> Span {
    tracing::info_span!(target: TARGET, "transaction")
}

/// How many of something a span had.
pub(crate) fn counted(span: &Span, what: &str, count: usize) {
    // Without a sign it would leave as text.
    span.record(what, i64::try_from(count).unwrap_or(i64::MAX));
}

/// Takes a request for a part of what its headers (`traceparent`) say. Whether they are believed has been asked before.
#[cfg(feature = "otel")]
pub(crate) fn follow(request: &Span, headers: &HeaderMap) {
    export::follow(request, headers);
}

/// Nobody listens.
#[cfg(not(feature = "otel"))]
pub(crate) fn follow(_: &Span, _: &HeaderMap) {}
