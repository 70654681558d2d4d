//! Pages: what a browser opens. Nothing is changed by opening one.
//!
//! [`bind`] takes the address, [`serve`] answers until told to stop. Every screen is a room below `screens/` with one
//! line in its table: where it stands, and who may open it. Whoever has logged in sees what their desk gives them,
//! which asks the database for no other rows. A form that another site sends is refused (`Sec-Fetch-Site`, `Origin`).

mod answer;
mod answering;
mod assets;
mod cookie;
mod door;
mod form;
mod page;
mod screens;
mod unsubscribe;
mod words;

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::csrf::CsrfLayer;

use self::answer::Page;
use self::door::{Door, guard};
use crate::runner::Runner;
use crate::runner::desk::Desk;

pub use self::screens::addresses;

/// More than any form of ours is, in bytes.
const BODY_MAX: usize = 1 << 20;
/// A list is forgotten so long after its hour at most.
const FORGET_EVERY: Duration = Duration::from_mins(10);
/// Two years: what browsers ask before they hold a host to HTTPS for good.
const HTTPS_ONLY: &str = "max-age=63072000";

const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
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
    let forgetting = forget_lists(Desk::new(runner.clone()), stop.clone());
    let serving = axum::serve(listener, router(runner)).with_graceful_shutdown(async move {
        // Whoever could tell is gone: then it is time to stop, too.
        let _ = stop.wait_for(|stop| *stop).await;
    });
    tokio::join!(serving.into_future(), forgetting).0
}

/// Lists whose hour has passed are forgotten, also when nobody gives another.
async fn forget_lists(desk: Desk, mut stop: watch::Receiver<bool>) {
    let stopped = async move { stop.wait_for(|stop| *stop).await.is_ok() };
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            () = tokio::time::sleep(FORGET_EVERY) => {}
        }
        if let Err(error) = desk.forget_lists().await {
            tracing::warn!(%error, "lists whose hour has passed cannot be forgotten");
        }
    }
}

fn router(runner: Runner) -> Router {
    let door = Door::new(runner.clone());
    let links = Router::new()
        .route(
            "/afmeld/{token}",
            get(unsubscribe::ask).post(unsubscribe::take),
        )
        .route("/svar/{token}", get(answering::ask).post(answering::take))
        .with_state(runner);
    let mut pages = Router::new()
        .route("/style.css", get(assets::give_style))
        .route("/script.js", get(assets::give_script))
        .route("/editor.js", get(assets::give_editor));
    for screen in screens::all() {
        let answers = (screen.answers)();
        pages = pages.route(
            screen.path,
            match screen.may {
                Some(may) => answers.layer(from_fn_with_state((door.clone(), may), guard)),
                None => answers,
            },
        );
    }
    pages
        .fallback(async |headers: HeaderMap| Page::nobody(&headers).not_found())
        .with_state(door.clone())
        .merge(links)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(door, guarded))
}

/// Every answer says that it may not be framed, kept or told on to others, since an address may be a secret.
async fn guarded(
    State(door): State<Door>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if door.is_secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HTTPS_ONLY),
        );
    }
    response
}
