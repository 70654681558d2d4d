//! The frame of a page that a link in a mail opens.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

/// A page: its title is its heading; the body is markup.
pub(super) fn page(language: &str, status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, Html(page)).into_response()
}
