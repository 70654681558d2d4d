//! Pages. Today the one that a link in an announcement opens; nothing is changed by opening it.
//!
//! [`bind`] takes the address, [`serve`] answers until told to stop. Every answer says that it may not be
//! framed, kept or told on to others, since an address may be a secret.

mod page;
mod unsubscribe;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::runner::Runner;

const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Takes an address to answer at.
pub async fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(at).await
}

/// Answers until told to stop; what is being answered is finished first.
pub async fn serve(
    listener: TcpListener,
    runner: Runner,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let stopped = async move {
        // Whoever could tell is gone: then it is time to stop, too.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, router(runner))
        .with_graceful_shutdown(stopped)
        .await
}

fn router(runner: Runner) -> Router {
    Router::new()
        .route(
            "/afmeld/{token}",
            get(unsubscribe::ask).post(unsubscribe::take),
        )
        .route("/style.css", get(page::style))
        .fallback(async || {
            page::page(
                "da",
                StatusCode::NOT_FOUND,
                "Siden findes ikke",
                page::NOT_FOUND,
            )
        })
        .layer(from_fn(guarded))
        .with_state(runner)
}

async fn guarded(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        let value = header::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}
