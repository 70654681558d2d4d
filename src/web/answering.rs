//! The page of a link by which the reader of a mail answers it: opening it says what the button does, the button does
//! it. It shows no more than the mail did.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use handlebars::html_escape;

use super::page::page;
use crate::runner::{Answering, RunError, Runner, Stands};

/// A page: its status, its heading and what is on it.
type Told = (StatusCode, String, String);

/// Says what the button does. Changes nothing.
pub(super) async fn ask(State(runner): State<Runner>, Path(token): Path<String>) -> Response {
    shown(runner.asked_by_link(&token).await)
}

/// Does it, once.
pub(super) async fn take(State(runner): State<Runner>, Path(token): Path<String>) -> Response {
    shown(runner.answer_by_link(&token).await)
}

fn shown(answering: Result<Option<Answering>, RunError>) -> Response {
    let (language, (status, title, body)) = match answering {
        Ok(Some(one)) if one.language == "en" => ("en", english(&one)),
        Ok(Some(one)) => ("da", danish(&one)),
        Ok(None) => (
            "da",
            (
                StatusCode::NOT_FOUND,
                "Linket virker ikke".to_owned(),
                "<p>Linket er ikke helt, eller mailen er slettet hos os. Svar på mailen i stedet.</p>".to_owned(),
            ),
        ),
        Err(error) => {
            tracing::error!(%error, "an answer by a link could not be taken");
            (
                "da",
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Det lykkedes ikke".to_owned(),
                    "<p>Vi kunne ikke gemme det lige nu. Prøv igen om lidt.</p>".to_owned(),
                ),
            )
        }
    };
    page(language, status, &title, &body)
}

fn danish(one: &Answering) -> Told {
    let (title, who) = (html_escape(&one.title), html_escape(&one.first_name));
    let workflow = html_escape(&one.workflow);
    match one.stands {
        Stands::Open => {
            let whom = if one.is_own {
                format!("Hej {who}. Når du trykker på knappen, noterer vi")
            } else {
                format!("Når du trykker på knappen, noterer vi om {who}")
            };
            let body = format!(
                "<p>{whom} på <strong>{workflow}</strong>: »{title}«.</p>\n{}",
                button(&title)
            );
            (StatusCode::OK, title, body)
        }
        Stands::Used => (
            StatusCode::OK,
            "Tak, det er noteret".to_owned(),
            format!("<p>»{title}« er noteret. Var det en fejl? Så svar på mailen.</p>"),
        ),
        Stands::Expired => (
            StatusCode::GONE,
            "Linket er udløbet".to_owned(),
            "<p>Der er ikke sket noget. Svar på mailen i stedet.</p>".to_owned(),
        ),
        Stands::Overtaken => (
            StatusCode::CONFLICT,
            "Det kan ikke svares her længere".to_owned(),
            "<p>Der er ikke sket noget, for forløbet er gået videre. Svar på mailen i stedet.</p>"
                .to_owned(),
        ),
    }
}

fn english(one: &Answering) -> Told {
    let (title, who) = (html_escape(&one.title), html_escape(&one.first_name));
    let workflow = html_escape(&one.workflow);
    match one.stands {
        Stands::Open => {
            let whom = if one.is_own {
                format!("Hello {who}. When you press the button, we record")
            } else {
                format!("When you press the button, we record about {who}")
            };
            let body = format!(
                "<p>{whom} on <strong>{workflow}</strong>: “{title}”.</p>\n{}",
                button(&title)
            );
            (StatusCode::OK, title, body)
        }
        Stands::Used => (
            StatusCode::OK,
            "Thank you, it is recorded".to_owned(),
            format!("<p>“{title}” is recorded. Was it a mistake? Reply to the mail.</p>"),
        ),
        Stands::Expired => (
            StatusCode::GONE,
            "This link has expired".to_owned(),
            "<p>Nothing has happened. Reply to the mail instead.</p>".to_owned(),
        ),
        Stands::Overtaken => (
            StatusCode::CONFLICT,
            "This cannot be answered here any more".to_owned(),
            "<p>Nothing has happened, since things have moved on. Reply to the mail instead.</p>"
                .to_owned(),
        ),
    }
}

fn button(title: &str) -> String {
    format!("<form method=\"post\"><button type=\"submit\">{title}</button></form>")
}
