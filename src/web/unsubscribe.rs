//! The page of the link in an announcement: opening it asks, the button does it. Mail programs post to
//! the same address by themselves when their reader presses their own button (RFC 8058); scanners, which
//! open every link, change nothing.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use handlebars::html_escape;

use super::page::page;
use crate::runner::{RunError, Runner, Subscriber};

/// What the page says, in one language.
struct Words {
    ask: &'static str,
    done: &'static str,
    unknown: &'static str,
    failed: &'static str,
    failed_body: &'static str,
    unknown_body: &'static str,
    button: &'static str,
    asks: fn(&str, &str) -> String,
    did: fn(&str, &str) -> String,
}

const DANISH: Words = Words {
    ask: "Vil du framelde dig?",
    done: "Du er frameldt",
    unknown: "Linket virker ikke",
    failed: "Det lykkedes ikke",
    failed_body: "<p>Vi kunne ikke gemme det lige nu. Prøv igen om lidt.</p>",
    unknown_body: "<p>Linket er ikke helt, eller mailen er slettet hos os. Svar på mailen, så framelder vi dig.</p>",
    button: "Frameld mig",
    asks: |address, title| {
        format!(
            "<p>Så sender vi ikke flere nyheder om <strong>{title}</strong> til <strong>{address}</strong>.</p>\n\
             <p>Mails om kandidater, som du selv har ansvar for, får du stadig.</p>"
        )
    },
    did: |address, title| {
        format!(
            "<p>Vi sender ikke flere nyheder om <strong>{title}</strong> til <strong>{address}</strong>.</p>\n\
             <p>Var det en fejl? Så svar på mailen, og skriv, at du gerne vil have dem igen.</p>"
        )
    },
};

const ENGLISH: Words = Words {
    ask: "Do you want to unsubscribe?",
    done: "You are unsubscribed",
    unknown: "This link does not work",
    failed: "That did not work",
    failed_body: "<p>We could not save it just now. Please try again in a moment.</p>",
    unknown_body: "<p>The link is not complete, or we have deleted the mail. Reply to the mail, and we will unsubscribe you.</p>",
    button: "Unsubscribe me",
    asks: |address, title| {
        format!(
            "<p>Then we send no more news about <strong>{title}</strong> to <strong>{address}</strong>.</p>\n\
             <p>You still get mail about candidates whom you are responsible for.</p>"
        )
    },
    did: |address, title| {
        format!(
            "<p>We send no more news about <strong>{title}</strong> to <strong>{address}</strong>.</p>\n\
             <p>Was it a mistake? Reply to the mail and tell us that you want them again.</p>"
        )
    },
};

/// Asks. Changes nothing.
pub(super) async fn ask(State(runner): State<Runner>, Path(token): Path<String>) -> Response {
    match runner.subscriber(&token).await {
        Ok(Some(subscriber)) => {
            let (language, words) = spoken(&subscriber);
            let asks = told(words.asks, &subscriber);
            let form = format!(
                "<form method=\"post\"><button type=\"submit\">{}</button></form>",
                words.button
            );
            page(
                language,
                StatusCode::OK,
                words.ask,
                &format!("{asks}\n{form}"),
            )
        }
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

/// Unsubscribes, however often.
pub(super) async fn take(State(runner): State<Runner>, Path(token): Path<String>) -> Response {
    let taken = async {
        let Some(subscriber) = runner.subscriber(&token).await? else {
            return Ok(None);
        };
        runner.unsubscribe(&subscriber).await?;
        Ok::<_, RunError>(Some(subscriber))
    };
    match taken.await {
        Ok(Some(subscriber)) => {
            let (language, words) = spoken(&subscriber);
            page(
                language,
                StatusCode::OK,
                words.done,
                &told(words.did, &subscriber),
            )
        }
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

fn spoken(subscriber: &Subscriber) -> (&'static str, &'static Words) {
    match subscriber.language.as_str() {
        "en" => ("en", &ENGLISH),
        _ => ("da", &DANISH),
    }
}

fn told(words: fn(&str, &str) -> String, subscriber: &Subscriber) -> String {
    words(
        &html_escape(&subscriber.address),
        &html_escape(&subscriber.title),
    )
}

fn unknown() -> Response {
    page(
        "da",
        StatusCode::NOT_FOUND,
        DANISH.unknown,
        DANISH.unknown_body,
    )
}

fn failed(error: &RunError) -> Response {
    tracing::error!(%error, "somebody could not be unsubscribed");
    page(
        "da",
        StatusCode::SERVICE_UNAVAILABLE,
        DANISH.failed,
        DANISH.failed_body,
    )
}
