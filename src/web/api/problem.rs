//! Why a program did not get what it asked for: RFC 9457, with a stable code and Danish words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::runner::RunError;
use crate::runner::desk::{DeskError, Possible, Wrong};

/// What every problem's `type` begins with.
const TYPE: &str = "urn:tovholder:problem:";

/// What can be the matter. The words never change; programs may go by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Unauthenticated,
    RoleForbids,
    ScopeForbids,
    NotFound,
    NotAllowedHere,
    BadRequest,
    Refused,
    MovedOn,
    TooLarge,
    WrongMedia,
    Invalid,
    KeyReused,
    TooOften,
    Broken,
    Busy,
}

/// Code, status, title.
const TABLE: [(Code, &str, StatusCode, &str); 15] = [
    (
        Code::Unauthenticated,
        "unauthenticated",
        StatusCode::UNAUTHORIZED,
        "Ingen gyldig nøgle",
    ),
    (
        Code::RoleForbids,
        "role-forbids",
        StatusCode::FORBIDDEN,
        "Rollen har ikke adgang",
    ),
    (
        Code::ScopeForbids,
        "scope-forbids",
        StatusCode::FORBIDDEN,
        "Nøglen må det ikke",
    ),
    (
        Code::NotFound,
        "not-found",
        StatusCode::NOT_FOUND,
        "Det findes ikke",
    ),
    (
        Code::NotAllowedHere,
        "method-not-allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "Det kan ikke gøres her",
    ),
    (
        Code::BadRequest,
        "bad-request",
        StatusCode::BAD_REQUEST,
        "Forespørgslen kan ikke læses",
    ),
    (
        Code::Refused,
        "refused",
        StatusCode::CONFLICT,
        "Det er ikke muligt nu",
    ),
    (
        Code::MovedOn,
        "moved-on",
        StatusCode::PRECONDITION_FAILED,
        "Det er ændret imens",
    ),
    (
        Code::TooLarge,
        "too-large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "Det er for meget",
    ),
    (
        Code::WrongMedia,
        "wrong-media-type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Det er ikke JSON",
    ),
    (
        Code::Invalid,
        "invalid",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Noget er forkert",
    ),
    (
        Code::KeyReused,
        "key-reused",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Nøglen er brugt til noget andet",
    ),
    (
        Code::TooOften,
        "too-often",
        StatusCode::TOO_MANY_REQUESTS,
        "Der bliver spurgt for tit",
    ),
    (
        Code::Broken,
        "broken",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Det lykkedes ikke",
    ),
    (
        Code::Busy,
        "busy",
        StatusCode::SERVICE_UNAVAILABLE,
        "Prøv igen om lidt",
    ),
];

/// Why nothing was done (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Shown {
    /// What is the matter, as an address that is only a name.
    #[serde(rename = "type")]
    kind: String,
    /// The last part of `type`, for programs.
    code: &'static str,
    /// In a few words. Danish.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time, and what to do. Danish.
    detail: String,
    /// All that is wrong with what was given, each with its place.
    problems: Vec<Wrong>,
    /// What is possible now, when something else was not.
    possible: Vec<Possible>,
}

/// Why nothing was done.
#[derive(Debug)]
pub(super) struct Problem {
    code: Code,
    detail: String,
    problems: Vec<Wrong>,
    possible: Vec<Possible>,
}

impl Problem {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            problems: Vec::new(),
            possible: Vec::new(),
        }
    }

    /// What is not there, or not for whoever asks: the words are the same.
    pub(super) fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "Adressen er skrevet forkert, eller det, den viser, er ikke dit eller findes ikke mere.",
        )
    }

    /// There is no answer for so many seconds.
    pub(super) fn too_often(seconds: i64) -> Self {
        let words =
            format!("Der bliver spurgt for tit herfra. Vent {seconds} sekunder, og prøv igen.");
        Self::new(Code::TooOften, words)
    }

    /// Something is wrong with what was given.
    pub(super) fn invalid(wrongs: Vec<Wrong>) -> Self {
        let problems: Vec<Wrong> = wrongs.into_iter().map(in_json).collect();
        let detail: Vec<&str> = problems
            .iter()
            .map(|wrong| wrong.message.as_str())
            .collect();
        Self {
            detail: detail.join(" "),
            problems,
            ..Self::new(Code::Invalid, "")
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Wrong(wrongs) => Self::invalid(wrongs),
            DeskError::Refused {
                words, possible, ..
            } => Self {
                possible,
                ..Self::new(Code::Refused, words)
            },
            DeskError::MovedOn => Self::new(Code::MovedOn, error.to_string()),
            DeskError::Run(RunError::Store(error)) if error.is_hold_full() => {
                Self::new(Code::Refused, "Holdet er fyldt: alle pladser er taget.")
            }
            DeskError::Run(error) => {
                let is_busy = match &error {
                    RunError::Contended(_) => true,
                    RunError::Store(error) => error.is_busy(),
                    _ => false,
                };
                tracing::error!(%error, "a request failed");
                if is_busy {
                    Self::new(
                        Code::Busy,
                        "Andre arbejder med det samme. Prøv igen om lidt.",
                    )
                } else {
                    Self::new(
                        Code::Broken,
                        "Det lykkedes ikke lige nu. Prøv igen om lidt.",
                    )
                }
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let row = TABLE.iter().find(|(code, ..)| *code == self.code);
        let (_, code, status, title) = row.copied().unwrap_or(TABLE[13]);
        let shown = Shown {
            kind: format!("{TYPE}{code}"),
            code,
            title,
            status: status.as_u16(),
            detail: self.detail,
            problems: self.problems,
            possible: self.possible,
        };
        let mut response = (status, Json(shown)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let asks = HeaderValue::from_static("Bearer realm=\"tovholder\"");
            headers.insert(header::WWW_AUTHENTICATE, asks);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// Options of commands and columns of lists, as the field of a request that they are.
const FIELDS: [(&str, &str); 14] = [
    ("--url", "url"),
    ("--event", "events"),
    ("--set", "set"),
    ("--date", "dates"),
    ("--role", "roles"),
    ("--title", "title"),
    ("--at", "at"),
    ("--place", "place"),
    ("--override-reason", "override_reason"),
    ("--assign", "assign"),
    ("--absent", "absent"),
    ("navn", "name"),
    ("telefon", "phone"),
    ("foedselsdato", "born"),
];

/// A complaint about an option or a column, as one about a field.
fn in_json(mut wrong: Wrong) -> Wrong {
    let Some(column) = wrong.column.take() else {
        return wrong;
    };
    let prefixed = [("fakta:", "facts"), ("rolle:", "roles")];
    let named = prefixed.iter().find_map(|(prefix, field)| {
        let name = column.strip_prefix(prefix)?;
        Some(format!("{field}.{name}"))
    });
    let (option, name) = column.split_once(' ').unwrap_or((&column, ""));
    let field = FIELDS.iter().find(|(known, _)| *known == option);
    wrong.column = named.or_else(|| match field {
        Some((_, field)) if name.is_empty() => Some((*field).to_owned()),
        Some((_, field)) => Some(format!("{field}.{name}")),
        None => Some(column.clone()),
    });
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_once() {
        for (at, (code, word, status, _)) in TABLE.iter().enumerate() {
            let same = |(other, row): (usize, &(Code, &str, StatusCode, &str))| {
                other != at && (row.0 == *code || row.1 == *word)
            };
            assert!(!TABLE.iter().enumerate().any(same), "{word}");
            assert!(status.is_client_error() || status.is_server_error());
        }
        let broken = TABLE.iter().position(|(code, ..)| *code == Code::Broken);
        assert_eq!(
            broken,
            Some(13),
            "what a code that is not there is answered as"
        );
    }

    #[test]
    fn what_is_wrong_stands_in_a_field() {
        for (column, field) in [
            ("--set track", "set.track"),
            ("--date start", "dates.start"),
            ("fakta:track", "facts.track"),
            ("navn", "name"),
            ("email", "email"),
            ("--at", "at"),
        ] {
            let told = in_json(Wrong::new("x").column(column));
            assert_eq!(told.column.as_deref(), Some(field));
        }
    }
}
