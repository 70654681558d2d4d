//! How often somebody may ask. Each address, and each account, has an allowance that fills up again by itself; what it
//! takes is refused until there is some (429, with how long that is). Passwords have their own lock-out beside this.
//!
//! What an office of 200 behind one address does is far below: 15 pages a minute each, and all of them logged in within
//! five minutes. Requests from this machine itself are not counted: they are the operator's, or a proxy's of which
//! nobody has said that it tells the truth about who asks.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::accept::Peer;
use super::answer::Page;
use super::api;
use super::door::Door;
use crate::clock::Clock;

/// Where the nearest proxy says who asked.
const FORWARDED: &str = "x-forwarded-for";
/// So many allowances are remembered that are not full. Whoever comes then is not counted: somebody who has so many
/// addresses is not kept out by counting.
const REMEMBERED_MAX: usize = 20_000;
/// Those that are full again are forgotten this often at most, µs.
const SWEEP_EVERY: i64 = 1_000_000;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// An address asks for anything.
    Ask,
    /// An address wants to log in.
    Enter,
    /// An address asks for a secret link that there is not.
    Guess,
    /// Somebody who has logged in asks for a page.
    Account,
}

impl Kind {
    /// How many at once, and how long until there is one more, µs.
    fn allowance(self) -> (i64, i64) {
        match self {
            Self::Ask => (1_200, 20_000),
            Self::Enter => (60, 2_000_000),
            Self::Guess => (30, 10_000_000),
            Self::Account => (300, 100_000),
        }
    }
}

/// Whom a request is counted for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted;

/// Allowances that are not full.
#[derive(Debug)]
pub(super) struct Limits {
    clock: Clock,
    proxies: Vec<IpAddr>,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    /// When each is full again, µs.
    full_at: HashMap<(Kind, u128), i64>,
    swept_at: i64,
}

impl Limits {
    /// By a clock, behind proxies that are believed when they say who asks.
    pub(super) fn new(clock: Clock, proxies: Vec<IpAddr>) -> Self {
        Self {
            clock,
            proxies,
            used: Mutex::default(),
        }
    }

    /// Takes one; else how many seconds there is none.
    pub(super) fn take(&self, kind: Kind, of: u128) -> Result<(), i64> {
        self.look(kind, of, true)
    }

    /// Whether there is one.
    fn has(&self, kind: Kind, of: u128) -> Result<(), i64> {
        self.look(kind, of, false)
    }

    fn look(&self, kind: Kind, of: u128, takes: bool) -> Result<(), i64> {
        let now = self.clock.now().as_microsecond();
        let (most, each) = kind.allowance();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let known = used.full_at.get(&(kind, of)).copied();
        // A clock that was set back keeps nobody out for longer than the whole allowance takes.
        let full_at = known.unwrap_or(now).clamp(now, now + most * each);
        let wait = full_at + each - (now + most * each);
        if wait > 0 {
            return Err(wait.div_euclid(1_000_000) + 1);
        }
        if takes && (known.is_some() || used.has_room(now)) {
            used.full_at.insert((kind, of), full_at + each);
        }
        Ok(())
    }

    /// Who asks, when that is counted.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let asks = if self.proxies.contains(&peer) {
            self.forwarded(headers).unwrap_or(peer)
        } else {
            peer
        };
        (!asks.is_loopback()).then_some(asks)
    }

    /// Each proxy adds whom it was asked by at the end; what stands before the first that is not one of ours may be
    /// made up.
    fn forwarded(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let all = headers.get_all(FORWARDED).iter();
        let lines: Vec<&str> = all.map(|line| line.to_str().unwrap_or_default()).collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        hops.find_map(|hop| match read(hop.trim()) {
            Some(known) if self.proxies.contains(&known) => None,
            asked => Some(asked),
        })?
    }
}

impl Used {
    fn has_room(&mut self, now: i64) -> bool {
        if self.full_at.len() >= REMEMBERED_MAX && now - self.swept_at >= SWEEP_EVERY {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = now;
        }
        self.full_at.len() < REMEMBERED_MAX
    }
}

/// An address, which some proxies write with a port.
fn read(hop: &str) -> Option<IpAddr> {
    let alone = hop.parse().ok();
    let address = alone.or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

/// A household has 2^64 addresses of the newer kind.
fn key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => u128::from(u32::from(four)),
        IpAddr::V6(six) => u128::from(six) >> 64 << 64,
    }
}

/// Lets through what an address may ask for.
pub(super) async fn limited(
    State(door): State<Door>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let address = peer.and_then(|peer| door.limits.address(peer, request.headers()));
    let Some(of) = address.map(key) else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(Counted);
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or("", MatchedPath::as_str);
    let guesses = ["{token}", "{link}", "{secret}"]
        .iter()
        .any(|part| route.contains(part));
    let enters =
        route.starts_with("/log-ind/") || route == "/log-ind" && request.method() == Method::POST;
    let limits = &door.limits;
    let may = limits
        .take(Kind::Ask, of)
        .and_then(|()| {
            if enters {
                limits.take(Kind::Enter, of)
            } else {
                Ok(())
            }
        })
        .and_then(|()| {
            if guesses {
                limits.has(Kind::Guess, of)
            } else {
                Ok(())
            }
        });
    if let Err(seconds) = may {
        return too_often(&request, seconds);
    }
    let response = next.run(request).await;
    if guesses && matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE) {
        // The next one is refused.
        let _ = limits.take(Kind::Guess, of);
    }
    response
}

/// Why there is no answer, for a person or for a program: whoever asks below `/api/` is one, whether or not there is
/// anything at that address.
pub(super) fn too_often<B>(request: &axum::http::Request<B>, seconds: i64) -> Response {
    let mut response = if request.uri().path().starts_with(api::BELOW) {
        api::too_often(seconds)
    } else {
        Page::nobody(request.headers()).failed(
            StatusCode::TOO_MANY_REQUESTS,
            &format!("Der bliver spurgt for tit herfra. Vent {seconds} sekunder, og prøv igen."),
            &format!(
                "There are too many requests from here. Wait {seconds} seconds and try again."
            ),
        )
    };
    let after = HeaderValue::from(seconds);
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn at(clock: &Clock, micros: i64) {
        clock.move_to(Timestamp::UNIX_EPOCH + SignedDuration::from_micros(micros));
    }

    #[test]
    fn an_allowance_is_used_up_and_fills_again_by_itself() {
        for kind in [Kind::Ask, Kind::Enter, Kind::Guess, Kind::Account] {
            let clock = Clock::manual(Timestamp::UNIX_EPOCH);
            let limits = Limits::new(clock.clone(), Vec::new());
            let (most, each) = kind.allowance();
            for taken in 0..most {
                assert_eq!(limits.take(kind, 1), Ok(()), "{kind:?} {taken}");
            }
            assert_eq!(limits.take(kind, 1), Err(each.div_euclid(1_000_000) + 1));
            assert_eq!(limits.take(kind, 2), Ok(()), "others have their own");
            at(&clock, each);
            assert_eq!(
                (limits.take(kind, 1), limits.take(kind, 1).is_err()),
                (Ok(()), true)
            );
            // Refusals use nothing up: after a while all of it is there again.
            at(&clock, each * (most + 2));
            assert!((0..most).all(|_| limits.take(kind, 1).is_ok()), "{kind:?}");
            assert!(limits.take(kind, 1).is_err());
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_when_it_is_full_again() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let limits = Limits::new(clock.clone(), Vec::new());
        let remembered = || limits.used.lock().expect("nobody fell").full_at.len();
        for of in 0..REMEMBERED_MAX as u128 + 10 {
            assert_eq!(limits.take(Kind::Enter, of), Ok(()));
        }
        assert_eq!(remembered(), REMEMBERED_MAX);
        at(&clock, 2 * SWEEP_EVERY);
        assert_eq!(limits.take(Kind::Enter, u128::MAX), Ok(()));
        assert_eq!(remembered(), 1);
    }

    #[tokio::test]
    async fn a_program_is_told_in_its_own_way_that_it_asks_too_often() {
        let (problem, page) = ("application/problem+json", "text/html; charset=utf-8");
        for (path, kind) in [
            ("/api/v1/holds/0193", problem),
            ("/api/v1/nothing/there", problem),
            ("/api/v2", problem),
            ("/api/", problem),
            ("/hold", page),
            ("/hold/api/v1", page),
            ("/apidae", page),
        ] {
            let asked = axum::http::Request::get(path).body(());
            let response = too_often(&asked.expect("a request"), 3);
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(response.headers()[header::RETRY_AFTER], "3");
            assert_eq!(response.headers()[header::CONTENT_TYPE], kind);
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
            let body = String::from_utf8_lossy(&body.expect("a body")).into_owned();
            assert_eq!(
                body.contains("urn:tovholder:problem:too-often"),
                kind == problem,
                "{path}"
            );
        }
    }

    #[test]
    fn who_asks_is_believed_only_of_a_proxy_that_was_named() {
        let proxies = ["127.0.0.1", "10.0.0.5"].map(|text| text.parse().expect("an address"));
        let behind = Limits::new(Clock::Real, proxies.to_vec());
        let open = Limits::new(Clock::Real, Vec::new());
        for (limits, peer, said, expect) in [
            (&behind, "127.0.0.1", "203.0.113.7", Some("203.0.113.7")),
            (
                &behind,
                "127.0.0.1",
                "198.51.100.1, 203.0.113.7, 10.0.0.5",
                Some("203.0.113.7"),
            ),
            (
                &behind,
                "127.0.0.1",
                "203.0.113.7:4711",
                Some("203.0.113.7"),
            ),
            (
                &behind,
                "127.0.0.1",
                "[2001:db8::1]:80",
                Some("2001:db8::1"),
            ),
            (&behind, "127.0.0.1", "", None),
            (
                &behind,
                "10.0.0.5",
                "198.51.100.1, nobody",
                Some("10.0.0.5"),
            ),
            (&behind, "203.0.113.9", "198.51.100.1", Some("203.0.113.9")),
            (&open, "203.0.113.9", "198.51.100.1", Some("203.0.113.9")),
            (&open, "127.0.0.1", "198.51.100.1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED, said.parse().expect("a value"));
            let asks = limits.address(peer.parse().expect("an address"), &headers);
            let expect = expect.map(|text| text.parse().expect("an address"));
            assert_eq!(asks, expect, "{peer} says {said}");
        }
        let near =
            ["2001:db8::1", "2001:db8::2"].map(|text| key(text.parse().expect("an address")));
        assert_eq!(near[0], near[1], "one household");
    }
}
