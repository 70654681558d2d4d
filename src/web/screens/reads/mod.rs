//! *Læselog*: who has read about whom, for whoever keeps accounts.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;

use crate::access::May;
use crate::runner::desk::{AccountLine, Reads, ReadsAsked};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: "/laeselog",
    may: Some(May::KeepAccounts),
    answers: || get(list),
}];

/// The list.
#[derive(Template)]
#[template(path = "reads/page.html")]
struct List<'a> {
    page: &'a Page,
    reads: Reads,
    accounts: Vec<AccountLine>,
    of: &'a str,
    by: &'a str,
    /// The query of the next page.
    older: Option<String>,
}

async fn list(caller: Caller, uri: Uri) -> Response {
    let Caller { page, desk, .. } = caller;
    let query = Form::query(&uri);
    let given = |name: &str| query.given(name).map(ToOwned::to_owned);
    let asked = ReadsAsked {
        of: given("sag"),
        by: given("konto"),
        before: query.given("foer").and_then(|line| line.parse().ok()),
    };
    let accounts = match desk.accounts().await {
        Ok(accounts) => accounts,
        Err(error) => return page.refused(&error),
    };
    page.answer(desk.reads(&asked).await, |reads| {
        let older = reads.next.map(|line| {
            let mut older = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in [("sag", &asked.of), ("konto", &asked.by)] {
                older.extend_pairs(value.iter().map(|value| (name, value)));
            }
            older.append_pair("foer", &line.to_string()).finish()
        });
        List {
            page: &page,
            reads,
            accounts,
            of: asked.of.as_deref().unwrap_or_default(),
            by: asked.by.as_deref().unwrap_or_default(),
            older,
        }
    })
}
