//! *Tal*: the funnel, the targets and the outcomes; each count opens its candidates. As a
//! workbook and as CSV, too.

use askama::Template;
use axum::http::{Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::access::May;
use crate::runner::desk::{
    COUNTS, Count, CountFilter, CountedCases, Numbers, NumbersAsked, table_of_numbers, xlsx,
};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 4] = [
    Screen {
        path: "/tal",
        may: Some(May::ReadFigures),
        answers: || get(show),
    },
    Screen {
        path: "/tal/tal.csv",
        may: Some(May::ReadFigures),
        answers: || get(csv),
    },
    Screen {
        path: "/tal/tal.xlsx",
        may: Some(May::ReadFigures),
        answers: || get(workbook),
    },
    Screen {
        path: "/tal/kandidater",
        may: Some(May::ReadCases),
        answers: || get(list),
    },
];

/// As many as are read on a page.
const LISTED: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "numbers/page.html")]
struct Shown<'a> {
    page: &'a Page,
    all: Vec<Numbers>,
}

/// Whom a count counts.
#[derive(Template)]
#[template(path = "numbers/cases.html")]
struct Counted<'a> {
    page: &'a Page,
    listed: CountedCases,
    filter: CountFilter,
    more: String,
}

async fn show(Caller { page, desk, .. }: Caller) -> Response {
    let all = desk.numbers(&NumbersAsked::default()).await;
    page.answer(all, |all| Shown { page: &page, all })
}

async fn csv(caller: Caller) -> Response {
    let kind = ("text/csv; charset=utf-8", "tal.csv");
    given(caller, kind, xlsx::csv).await
}

async fn workbook(caller: Caller) -> Response {
    given(caller, (xlsx::KIND, "tal.xlsx"), |table| {
        xlsx::workbook(std::slice::from_ref(table))
    })
    .await
}

/// The numbers as a file of a kind and a name.
async fn given(
    Caller { page, desk, .. }: Caller,
    (kind, name): (&'static str, &str),
    write: fn(&xlsx::Table) -> Vec<u8>,
) -> Response {
    match desk.numbers(&NumbersAsked::default()).await {
        Ok(all) => {
            let name = format!("attachment; filename=\"{name}\"");
            let headers = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, write(&table_of_numbers(&all))).into_response()
        }
        Err(error) => page.refused(&error),
    }
}

async fn list(Caller { page, desk, .. }: Caller, uri: Uri) -> Response {
    let query = Form::query(&uri);
    let Some(filter) = filter_of(&query) else {
        return page.not_found();
    };
    let asked = (query.given("efter"), LISTED);
    let listed = desk.candidates_of(&filter, asked).await;
    page.answer(listed, |listed| {
        let more = listed.next.as_ref().map(|next| {
            let after: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("{}&efter={after}", path_of(&filter))
        });
        Counted {
            page: &page,
            listed,
            filter,
            more: more.unwrap_or_default(),
        }
    })
}

/// Where the candidates of a count are.
fn path_of(filter: &CountFilter) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("forloeb", &filter.workflow);
    query.append_pair("hvad", &filter.what.to_string());
    if let Some(hold) = &filter.hold {
        query.append_pair("hold", hold);
    }
    if let Some(jobcentre) = filter.jobcentre {
        query.append_pair("jobcenter", &jobcentre.to_string());
    }
    format!("/tal/kandidater?{}", query.finish())
}

fn filter_of(query: &Form) -> Option<CountFilter> {
    let jobcentre = match query.given("jobcenter") {
        Some(id) => Some(id.parse().ok()?),
        None => None,
    };
    Some(CountFilter {
        workflow: query.given("forloeb")?.to_owned(),
        hold: query.given("hold").map(ToOwned::to_owned),
        from: None,
        to: None,
        jobcentre,
        what: query.given("hvad")?.parse().ok()?,
    })
}

/// How long a bar is, in whole percent of the first.
fn percent(count: &Count, of: &Count) -> u32 {
    (count.count * 100)
        .checked_div(of.count)
        .unwrap_or(0)
        .min(100)
}
