//! The loop that takes connections. axum's own would do, but for three things: somebody who never finishes a request's
//! head would hold a connection for ever, one that was taken a moment before the end would be closed unanswered, and
//! the end would wait for whoever listens to a live page.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Response, header};
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::clock::Stopwatch;

/// How long somebody may take to say what they want, and how long an idle connection is kept: longer than proxies keep
/// theirs, so that it is not closed just when it is used again.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// More connections at once wait to be taken.
const CONNECTIONS_MAX: usize = 4_096;
/// After a connection could not be taken, as when no more files may be open.
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How long what is being answered may still take when the service ends.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// How long a connection that was taken before the end may be silent before it asks.
const SPEAKS_WITHIN: Duration = Duration::from_secs(1);
/// How often it is looked whether everything has been answered.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// How many requests are being answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<AtomicUsize>);

/// One that is being answered, until this goes.
struct Turn(Busy);

impl Busy {
    fn begin(&self) -> Turn {
        self.0.fetch_add(1, Ordering::SeqCst);
        Turn(self.clone())
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A body that is being answered until its end. One that has no end, a live page's, is not waited for.
struct Held {
    body: Body,
    turn: Option<Turn>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.turn = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Takes connections until told to stop. Whoever was taken is answered, within [`ENDS_WITHIN`]; whoever comes later
/// waits in the socket, if somebody else holds it as well, and is refused otherwise.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    busy: Busy,
    mut stop: watch::Receiver<bool>,
) {
    let mut open = JoinSet::new();
    let (halt, halted) = watch::channel(false);
    loop {
        let taken = tokio::select! {
            biased;
            // Whoever could tell is gone: then it is time to stop, too.
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            taken = listener.accept(), if open.len() < CONNECTIONS_MAX => taken,
        };
        match taken {
            Ok((stream, peer)) => {
                let peer = Peer(peer.ip().to_canonical());
                open.spawn(answer(
                    stream,
                    peer,
                    router.clone(),
                    busy.clone(),
                    halted.clone(),
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
    drop(listener);
    let _ = halt.send(true);
    finish(&mut open, &busy).await;
}

/// Waits for what is being answered.
async fn finish(open: &mut JoinSet<()>, busy: &Busy) {
    let ended = Stopwatch::start();
    while !open.is_empty() {
        let is_answered = busy.count() == 0 && ended.elapsed() > SPEAKS_WITHIN;
        if is_answered || ended.elapsed() > ENDS_WITHIN {
            break;
        }
        tokio::select! {
            _ = open.join_next() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
    if busy.count() > 0 {
        tracing::warn!(
            requests = busy.count(),
            "stopped before everybody was answered"
        );
    }
}

/// Answers what comes over one connection.
async fn answer(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    busy: Busy,
    mut halted: watch::Receiver<bool>,
) {
    // Without this, each small write waits for the other side's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let inner = TowerToHyperService::new(router);
    let asked = Arc::new(Notify::new());
    let asks = asked.clone();
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        asks.notify_one();
        let turn = busy.begin();
        let answering = hyper::service::Service::call(&inner, request);
        async move { answering.await.map(|response| held(response, turn)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // What is wrong with a connection is its other end's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = halted.changed() => {
            // One on which nothing has come yet would be closed at once, though somebody may have been about to ask.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = asked.notified() => {}
                () = tokio::time::sleep(SPEAKS_WITHIN) => {}
            }
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn held(response: Response<Body>, turn: Turn) -> Response<Held> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_endless = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    response.map(|body| Held {
        turn: (!is_endless && !body.is_end_stream()).then_some(turn),
        body,
    })
}
