//! *Forløb*: workflows as charts, with their versions and the holds that follow them; for who publishes, the text in an
//! editor with what the checker says, and a hold of it played beside it.

mod edit;

use askama::Template;
use axum::extract::Path;
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::access::May;
use crate::picture;
use crate::runner::desk::{Diff, WorkflowLine, WorkflowShown};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 6] = [
    Screen {
        path: "/forloeb",
        may: Some(May::ReadCases),
        answers: || get(list),
    },
    Screen {
        path: "/forloeb/{workflow}",
        may: Some(May::ReadCases),
        answers: || get(show),
    },
    Screen {
        path: "/forloeb/{workflow}/billede.svg",
        may: Some(May::ReadCases),
        answers: || get(drawn),
    },
    Screen {
        path: "/forloeb/{workflow}/forskel",
        may: Some(May::ReadCases),
        answers: || get(compare),
    },
    Screen {
        path: "/forloeb/{workflow}/ret",
        may: Some(May::Publish),
        answers: || get(edit::open).post(edit::act),
    },
    Screen {
        path: "/forloeb/{workflow}/tjek",
        may: Some(May::Publish),
        answers: || post(edit::check),
    },
];

/// The list.
#[derive(Template)]
#[template(path = "workflow/list.html")]
struct Listed<'a> {
    page: &'a Page,
    lines: Vec<WorkflowLine>,
}

/// A workflow.
#[derive(Template)]
#[template(path = "workflow/page.html")]
struct Shown<'a> {
    page: &'a Page,
    shown: WorkflowShown,
}

/// What is different between two versions.
#[derive(Template)]
#[template(path = "workflow/diff.html")]
struct Compared<'a> {
    page: &'a Page,
    workflow: String,
    diff: Diff,
}

async fn list(Caller { page, desk, .. }: Caller) -> Response {
    page.answer(desk.workflows().await, |lines| Listed {
        page: &page,
        lines,
    })
}

async fn show(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    page.answer(desk.workflow(&id).await, |shown| Shown {
        page: &page,
        shown,
    })
}

async fn compare(Caller { page, desk, .. }: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let form = Form::query(&uri);
    let named = |field: &str| format!("{id}@{}", form.get(field));
    let diff = desk.diff(&named("fra"), &named("til")).await;
    page.answer(diff, |diff| Compared {
        page: &page,
        workflow: id,
        diff,
    })
}

/// The chart is a picture of its own: its style may not stand in a page.
async fn drawn(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    match desk.workflow(&id).await {
        Ok(shown) => {
            let kind = [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
            (kind, picture::svg(&shown.workflow)).into_response()
        }
        Err(error) => page.refused(&error),
    }
}
