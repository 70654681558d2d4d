//! The style and the script of all pages: in the program, under addresses that change with what is in them, so that
//! browsers keep them for good.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::access::hash_of;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const EDITOR: &str = include_str!("editor.js");

static STYLE_AT: LazyLock<String> =
    LazyLock::new(|| format!("/style.css?v={}", &hash_of(STYLE)[..12]));
static SCRIPT_AT: LazyLock<String> =
    LazyLock::new(|| format!("/script.js?v={}", &hash_of(SCRIPT)[..12]));

static EDITOR_AT: LazyLock<String> =
    LazyLock::new(|| format!("/editor.js?v={}", &hash_of(EDITOR)[..12]));

/// Where the style is.
pub(super) fn style() -> &'static str {
    &STYLE_AT
}

/// Where the script is.
pub(super) fn script() -> &'static str {
    &SCRIPT_AT
}

/// Where the script of the editor is, which only its page has.
pub(super) fn editor() -> &'static str {
    &EDITOR_AT
}

pub(super) async fn give_style() -> Response {
    kept("text/css; charset=utf-8", STYLE)
}

pub(super) async fn give_script() -> Response {
    kept("text/javascript; charset=utf-8", SCRIPT)
}

pub(super) async fn give_editor() -> Response {
    kept("text/javascript; charset=utf-8", EDITOR)
}

fn kept(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, text).into_response()
}
