//! What a program sends: a body that is read to the letter, the key that makes it count once, and what it was decided
//! from.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::problem::{Code, Problem};
use crate::access::hash_of;
use crate::runner::desk::{Known, Visitor, Wrong};
use crate::web::door::Door;

/// More than anything that is asked for, in bytes.
pub(super) const BODY_MAX: usize = 256 * 1024;
/// Longer than any key that a program makes up.
const KEY_MAX: usize = 255;

/// Something to be done.
#[derive(Debug)]
pub(super) struct Asked<T> {
    pub(super) body: T,
    /// The `Idempotency-Key`.
    pub(super) key: String,
    /// A hash of all that is asked for.
    pub(super) request: String,
    /// The `If-Match`.
    matches: Option<String>,
}

/// There is nothing to say besides.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The part of a path in braces; one that cannot be read names nothing that is there.
pub(super) struct Id(pub(super) String);

/// The query, of which every part is known.
pub(super) struct Narrowed<T>(pub(super) T);

impl<T> Asked<T> {
    /// What makes it count once, for good: other for every account, key and request.
    pub(super) fn once(&self, visitor: &Visitor) -> String {
        hash_of(&format!("{} {} {}", visitor.id, self.request, self.key))
    }

    /// How many events it was decided from; none when it was not said. -1, which nothing has, when nothing that was
    /// said is what it has.
    pub(super) fn expects(&self, known: &Known) -> Option<i64> {
        let matches = self.matches.as_deref()?;
        if matches.trim() == "*" {
            return None;
        }
        let tags: Vec<i64> = matches.split(',').filter_map(seq_of).collect();
        match tags.as_slice() {
            [one] => Some(*one),
            several if several.contains(&known.seq) => Some(known.seq),
            _ => Some(-1),
        }
    }
}

/// The tag of something that has so many events.
pub(super) fn tag_of(seq: i64) -> String {
    format!("\"{seq}\"")
}

/// An id that follows from what was asked for.
pub(super) fn id_of(once: &str) -> String {
    let mut bytes = [0; 16];
    for (at, byte) in bytes.iter_mut().enumerate() {
        let pair = once.get(at * 2..at * 2 + 2).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    let id = uuid::Builder::from_bytes(bytes).with_version(uuid::Version::Custom);
    id.with_variant(uuid::Variant::RFC4122)
        .into_uuid()
        .to_string()
}

fn seq_of(tag: &str) -> Option<i64> {
    let tag = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    tag.parse().ok()
}

impl<T: DeserializeOwned> FromRequest<Door> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = key_of(&parts.headers)?;
        let matches = parts.headers.get(header::IF_MATCH);
        let matches = matches.map(|value| value.to_str().unwrap_or_default().to_owned());
        let bytes = bytes_of(&parts, body, door).await?;
        let said = format!("{} {}\n", parts.method, parts.uri.path());
        let request = hash_of(&(said + &String::from_utf8_lossy(&bytes)));
        Ok(Self {
            body: read(&parts.headers, &bytes)?,
            key,
            request,
            matches,
        })
    }
}

async fn bytes_of(parts: &Parts, body: Body, door: &Door) -> Result<Bytes, Problem> {
    let request = Request::from_parts(parts.clone(), body);
    Bytes::from_request(request, door).await.map_err(|_| {
        let words = format!("En forespørgsel er højst {} kB.", BODY_MAX / 1024);
        Problem::new(Code::TooLarge, words)
    })
}

fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get("idempotency-key");
    let key = key.and_then(|value| value.to_str().ok()).map(str::trim);
    let key = key.filter(|key| !key.is_empty() && key.len() <= KEY_MAX);
    key.map(str::to_owned).ok_or_else(|| {
        let words = "Giv en Idempotency-Key: et tilfældigt navn for det, der skal ske, som er det samme, når der prøves igen.";
        Problem::new(Code::BadRequest, words)
    })
}

/// Reads a body; one that is not there says nothing.
fn read<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, Problem> {
    let mut value = Value::Object(serde_json::Map::new());
    if !bytes.is_empty() {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let words = "Send JSON med Content-Type: application/json.";
            return Err(Problem::new(Code::WrongMedia, words));
        }
        value = serde_json::from_slice(bytes).map_err(|error| {
            Problem::new(Code::BadRequest, format!("Det er ikke JSON: {error}."))
        })?;
    }
    if !is_text(&value) {
        let wrong = Wrong::new("Der er tegn i teksten, som ikke er skrift.");
        return Err(Problem::invalid(vec![wrong.help("Fjern styretegn.")]));
    }
    serde_json::from_value(value).map_err(|error| {
        Problem::invalid(vec![Wrong::new(format!("Felterne passer ikke: {error}."))])
    })
}

/// Whether no text in it has characters that nobody writes, which databases do not take either.
fn is_text(value: &Value) -> bool {
    let is_plain = |text: &str| {
        let mut controls = text.chars().filter(|c| c.is_control());
        controls.all(|c| matches!(c, '\n' | '\r' | '\t'))
    };
    match value {
        Value::String(text) => is_plain(text),
        Value::Array(items) => items.iter().all(is_text),
        Value::Object(fields) => {
            (fields.iter()).all(|(name, value)| is_plain(name) && is_text(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

impl FromRequestParts<Door> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, door).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_| Problem::not_found())
    }
}

impl<T: DeserializeOwned> FromRequestParts<Door> for Narrowed<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, door).await;
        let query = query.map_err(|bad| {
            Problem::new(
                Code::BadRequest,
                format!("Adressens del efter ? kan ikke læses: {bad}."),
            )
        })?;
        Ok(Self(query.0))
    }
}
