//! Pages: what a browser opens. Nothing is changed by opening one.
//!
//! [`bind`] takes the address, [`Pages`] answer until told to stop. Every screen is a room below `screens/` with one
//! line in its table: where it stands, and who may open it. Whoever has logged in sees what their desk gives them,
//! which asks the database for no other rows. A form that another site sends is refused (`Sec-Fetch-Site`, `Origin`).

mod accept;
mod answer;
mod answering;
mod api;
mod assets;
mod cookie;
mod door;
mod feed;
mod file;
mod form;
mod limits;
mod live;
mod metrics;
mod page;
mod screens;
mod unsubscribe;
mod watch;
mod words;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch::{Receiver, Sender};
use tower_http::csrf::CsrfLayer;

use self::accept::{Busy, accept};
use self::answer::Page;
use self::door::{Door, guard};
use self::limits::limited;
use self::watch::{Watch, watched};
use crate::access::May;
use crate::runner::Runner;
use crate::runner::desk::Desk;

pub use self::api::openapi;
pub use self::screens::addresses;

/// More than any form of ours is, in bytes.
const BODY_MAX: usize = 1 << 20;
/// A list is forgotten so long after its hour at most.
const FORGET_EVERY: Duration = Duration::from_mins(10);
/// Two years: what browsers ask before they hold a host to HTTPS for good.
const HTTPS_ONLY: &str = "max-age=63072000";

/// What a page may fetch and do; a file that is given away says that it may do nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const HEADERS: [(HeaderName, &str); 4] = [
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Takes an address to answer at.
pub async fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(at).await
}

/// Answers at a socket that somebody else holds as well, so that nobody is refused while this process is replaced.
pub fn take_over(held: std::net::TcpListener) -> io::Result<TcpListener> {
    held.set_nonblocking(true)?;
    TcpListener::from_std(held)
}

/// Lists whose hour has passed are forgotten, also when nobody gives another.
async fn forget_lists(desk: Desk, mut stop: Receiver<bool>) {
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

/// What an installation decides about its pages.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Proxies that are believed when they say who asks, and what a request is a part of.
    pub proxies: Vec<IpAddr>,
    /// Somebody else whose accounts are believed.
    #[cfg(feature = "oidc")]
    pub provider: Option<std::sync::Arc<crate::oidc::Provider>>,
}

impl Options {
    /// Behind proxies that are believed when they say who asks.
    #[must_use]
    pub fn behind(mut self, proxies: Vec<IpAddr>) -> Self {
        self.proxies = proxies;
        self
    }

    /// What people call the other login.
    #[cfg(feature = "oidc")]
    fn other_login(&self) -> Option<String> {
        let provider = self.provider.as_ref();
        provider.map(|provider| provider.name().to_owned())
    }

    /// This build has none.
    #[cfg(not(feature = "oidc"))]
    fn other_login(&self) -> Option<String> {
        let Self { proxies: _ } = self;
        None
    }
}

/// The pages, and what watches them.
#[derive(Clone, Debug)]
pub struct Pages {
    router: Router,
    watch: Watch,
    /// Tells pages that are followed that it is time to end.
    ending: Arc<Sender<bool>>,
}

impl Pages {
    /// The pages of an installation.
    #[must_use]
    pub fn new(runner: Runner, options: Options) -> Self {
        let watch = Watch::new(runner.clone(), options.proxies.clone());
        let ending = Arc::new(Sender::new(false));
        let door = Door::new(runner.clone(), options, ending.subscribe());
        Self {
            router: router(runner, door, &watch),
            watch,
            ending,
        }
    }

    /// Answers until told to stop; what is being answered is finished first.
    pub async fn serve(&self, listener: TcpListener, stop: Receiver<bool>) {
        let mut stopped = stop.clone();
        let ends = async {
            // Whoever could tell is gone: then it is time to stop, too.
            let _ = stopped.wait_for(|stop| *stop).await;
            self.ending.send_replace(true);
        };
        let forgetting = forget_lists(self.watch.desk(), stop.clone());
        let serving = accept(listener, self.router.clone(), self.watch.busy(), stop);
        tokio::join!(serving, forgetting, ends);
    }

    /// Answers with figures, at an address that is not for everybody.
    pub async fn serve_metrics(&self, listener: TcpListener, stop: Receiver<bool>) {
        // Whoever reads figures keeps nobody waiting at the end.
        let router = watch::metrics(self.watch.clone());
        accept(listener, router, Busy::default(), stop).await;
    }
}

/// Answers pages with nothing decided, until told to stop.
pub async fn serve(listener: TcpListener, runner: Runner, stop: Receiver<bool>) {
    Pages::new(runner, Options::default())
        .serve(listener, stop)
        .await;
}

fn router(runner: Runner, door: Door, watch: &Watch) -> Router {
    let links = Router::new()
        .route(
            "/afmeld/{token}",
            get(unsubscribe::ask).post(unsubscribe::take),
        )
        .route("/svar/{token}", get(answering::ask).post(answering::take))
        .with_state(runner);
    let feeds = Router::new()
        .route(feed::AT, get(feed::give))
        .with_state(door.clone());
    let mut pages = Router::new()
        .route("/style.css", get(assets::give_style))
        .route("/script.js", get(assets::give_script))
        .route("/editor.js", get(assets::give_editor));
    let follow =
        get(live::follow).layer(from_fn_with_state((door.clone(), May::ReadFigures), guard));
    pages = pages.route("/nyt", follow);
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
        .merge(feeds)
        .merge(watch::health(watch.clone()))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CsrfLayer::new())
        // Programs show a token at every request, which no other site can make a browser do.
        .merge(api::router(&door))
        .layer(from_fn_with_state(door.clone(), limited))
        .layer(from_fn_with_state(door, guarded))
        .layer(from_fn_with_state(watch.clone(), watched))
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
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(POLICY);
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
