//! The frame of a page, its style, and the words of pages that are not there.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

pub(super) const NOT_FOUND: &str = "<p>Adressen er skrevet forkert, eller siden er flyttet.</p>";

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #767676; --act: #00527a; --on-act: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f2f2; --paper: #161616; --line: #949494; --act: #8cd0f5; --on-act: #10222d }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.125rem/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem }
button { font: inherit; font-weight: 600; padding: .75rem 1.25rem; border: 0; border-radius: .5rem;
  background: var(--act); color: var(--on-act); cursor: pointer }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px }
strong { overflow-wrap: anywhere }
";

/// The style of all pages.
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

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
