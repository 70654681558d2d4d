//! What is around every page: who has logged in, the language, what was said last, and how it fails.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::cookie;
use super::door::see;
use super::words;
use crate::access::May;
use crate::runner::RunError;
use crate::runner::desk::{Desk, DeskError, Looked, StopLine, Visitor};

/// What was said last is shown for so many seconds at most, if the browser comes back late.
const SAID_SECONDS: u32 = 60;
/// More than a sentence or two is cut.
const SAID_BYTES_MAX: usize = 1_500;

/// What is around a page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Danish when it is false.
    pub(super) is_english: bool,
    /// Who has logged in.
    pub(super) visitor: Option<Visitor>,
    /// What was said last, and whether it is a refusal.
    pub(super) said: Option<(bool, String)>,
    /// What the page looks at, and how that was when it was read: it follows that.
    pub(super) live: Option<(String, String)>,
    /// What mail is stopped, for whoever may read mail.
    pub(super) stops: Vec<StopLine>,
}

/// A page that is only a sentence.
#[derive(Template)]
#[template(path = "failed.html")]
struct Failed<'a> {
    page: &'a Page,
    title: &'a str,
    words: &'a str,
    helps: Vec<String>,
}

impl Page {
    /// For whoever comes.
    pub(super) fn nobody(headers: &HeaderMap) -> Self {
        Self {
            is_english: cookie::read(headers, cookie::LANGUAGE) == Some("en"),
            visitor: None,
            said: cookie::read(headers, cookie::SAID).and_then(said),
            live: None,
            stops: Vec::new(),
        }
    }

    /// For somebody who has logged in.
    pub(super) fn of(visitor: &Visitor, headers: &HeaderMap) -> Self {
        Self {
            visitor: Some(visitor.clone()),
            ..Self::nobody(headers)
        }
    }

    /// The same page, which says what mail is stopped to whoever may read mail. One that cannot be asked for it is a
    /// page all the same.
    pub(super) async fn with_stops(mut self, desk: &Desk) -> Self {
        if self.reads_mail() {
            match desk.stops().await {
                Ok(stops) => self.stops = stops,
                Err(error) => tracing::error!(%error, "it cannot be said what is stopped"),
            }
        }
        self
    }

    /// The same page, which follows what it looks at. It is asked before anything is read for the page, so that
    /// nothing is missed in between; a page that cannot be followed is one that is not.
    pub(super) async fn following(mut self, desk: &Desk, looked: &Looked) -> Self {
        if let Ok(pulse) = desk.pulse(looked).await {
            self.live = Some((looked.to_string(), pulse));
        }
        self
    }

    /// What is said, in the language that was asked for.
    pub(super) fn say<'w>(&self, danish: &'w str, english: &'w str) -> &'w str {
        if self.is_english { english } else { danish }
    }

    /// What a stop stops.
    pub(super) fn stopped(&self, stop: &StopLine) -> String {
        words::stopped(stop, self.is_english)
    }

    /// The language as HTML names it.
    pub(super) fn language(&self) -> &'static str {
        if self.is_english { "en" } else { "da" }
    }

    /// Whether whoever has logged in may.
    pub(super) fn may(&self, what: May) -> bool {
        self.visitor
            .as_ref()
            .is_some_and(|visitor| visitor.may(what))
    }

    pub(super) fn reads_cases(&self) -> bool {
        self.may(May::ReadCases)
    }

    pub(super) fn reads_mail(&self) -> bool {
        self.may(May::ReadMail)
    }

    pub(super) fn keeps_accounts(&self) -> bool {
        self.may(May::KeepAccounts)
    }

    pub(super) fn runs_holds(&self) -> bool {
        self.may(May::RunHolds)
    }

    pub(super) fn adds_to_cases(&self) -> bool {
        self.may(May::AddToCases)
    }

    pub(super) fn nominates(&self) -> bool {
        self.may(May::Nominate)
    }

    pub(super) fn publishes(&self) -> bool {
        self.may(May::Publish)
    }

    pub(super) fn steers_mail(&self) -> bool {
        self.may(May::SteerMail)
    }

    /// A page; what was said last is said now, and not again.
    pub(super) fn show(&self, template: &impl Template) -> Response {
        self.show_as(StatusCode::OK, template)
    }

    /// The page of what the desk answers, or why there is none.
    pub(super) fn answer<A, T: Template>(
        &self,
        answered: Result<A, DeskError>,
        template: impl FnOnce(A) -> T,
    ) -> Response {
        match answered {
            Ok(answer) => self.show(&template(answer)),
            Err(error) => self.refused(&error),
        }
    }

    /// A page with a status of its own.
    pub(super) fn show_as(&self, status: StatusCode, template: &impl Template) -> Response {
        let mut response = match template.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        };
        if self.said.is_some() {
            let forget = cookie::set(cookie::SAID, None, None, false);
            response.headers_mut().append(header::SET_COOKIE, forget);
        }
        response
    }

    /// A page that says why there is none.
    pub(super) fn failed(&self, status: StatusCode, danish: &str, english: &str) -> Response {
        self.show_as(
            status,
            &Failed {
                page: self,
                title: match status {
                    StatusCode::NOT_FOUND => self.say("Siden findes ikke", "Page not found"),
                    StatusCode::FORBIDDEN => self.say("Ingen adgang", "No access"),
                    StatusCode::UNAUTHORIZED => self.say("Du er logget ud", "Logged out"),
                    StatusCode::INTERNAL_SERVER_ERROR => {
                        self.say("Det lykkedes ikke", "That did not work")
                    }
                    _ => self.say("Det går ikke", "That does not work"),
                },
                words: self.say(danish, english),
                helps: Vec::new(),
            },
        )
    }

    /// A page that is not there: neither is what its address would name.
    pub(super) fn not_found(&self) -> Response {
        self.failed(
            StatusCode::NOT_FOUND,
            "Adressen er skrevet forkert, eller det, den viser, er ikke dit eller findes ikke mere.",
            "The address is wrong, or what it shows is not yours or no longer there.",
        )
    }

    /// Why a page cannot be shown.
    pub(super) fn refused(&self, error: &DeskError) -> Response {
        match error {
            DeskError::Wrong(_) => self.not_found(),
            DeskError::Refused { words, .. } => {
                self.failed(StatusCode::UNPROCESSABLE_ENTITY, words, words)
            }
            DeskError::MovedOn => self.failed(
                StatusCode::CONFLICT,
                &error.to_string(),
                "Somebody else has changed it since you saw it. Look at it again.",
            ),
            DeskError::Run(error) => self.broken(error),
        }
    }

    fn broken(&self, error: &RunError) -> Response {
        tracing::error!(%error, "a page failed");
        if error.is_sealed() {
            return self.failed(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Noget af det, der skulle stå her, er forseglet og kan ikke åbnes. Sig det til den, der driver tjenesten.",
                "Some of what belongs here is sealed and does not open. Tell whoever runs the service.",
            );
        }
        self.failed(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Det lykkedes ikke lige nu. Prøv igen om lidt.",
            "That did not work just now. Try again in a moment.",
        )
    }

    /// Back to a page, on which it is said what came of something that was done.
    pub(super) fn back<T>(
        &self,
        path: &str,
        done: &Result<T, DeskError>,
        words: impl FnOnce(&T) -> String,
    ) -> Response {
        let (is_wrong, words) = match done {
            Ok(done) => (false, words(done)),
            Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. } | DeskError::MovedOn)) => {
                (true, words::plain(error))
            }
            Err(DeskError::Run(error)) => return self.broken(error),
        };
        let mut response = see(path);
        let mut end = words.len().min(SAID_BYTES_MAX);
        while !words.is_char_boundary(end) {
            end -= 1;
        }
        let coded: String =
            url::form_urlencoded::byte_serialize(&words.as_bytes()[..end]).collect();
        let value = format!("{}{coded}", if is_wrong { '!' } else { '.' });
        let cookie = cookie::set(cookie::SAID, Some(&value), Some(SAID_SECONDS), false);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }
}

/// What was said last, as the cookie holds it.
fn said(value: &str) -> Option<(bool, String)> {
    let is_wrong = value.starts_with('!');
    let coded = value.get(1..)?;
    let mut decoded = url::form_urlencoded::parse(coded.as_bytes());
    let words = decoded.next()?.0.into_owned();
    Some((is_wrong, words))
}
