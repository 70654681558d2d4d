//! Accounts for whoever keeps them, and one's own: the second factor.

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;
use axum::routing::get;

use crate::access::{May, Role, Second};
use crate::runner::desk::{AccountAsked, AccountLine, Visitor};
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;
use crate::web::words;

pub(super) const SCREENS: [Screen; 2] = [
    Screen {
        path: "/konti",
        may: Some(May::KeepAccounts),
        answers: || get(list).post(change),
    },
    Screen {
        path: "/mig",
        may: Some(May::ReadFigures),
        answers: || get(mine).post(second),
    },
];

/// The list.
#[derive(Template)]
#[template(path = "accounts/page.html")]
struct List<'a> {
    page: &'a Page,
    accounts: Vec<AccountLine>,
    /// A link that was just made: shown once.
    link: Option<(String, String)>,
    wrong: Option<String>,
}

/// One's own.
#[derive(Template)]
#[template(path = "accounts/mine.html")]
struct Mine<'a> {
    page: &'a Page,
    visitor: &'a Visitor,
    key: String,
    link: String,
    secret: String,
    wrong: bool,
}

async fn list(caller: Caller) -> Response {
    shown(&caller, None, None).await
}

async fn change(caller: Caller, body: Bytes) -> Response {
    let form = Form::read(&body);
    let (page, desk) = (&caller.page, &caller.desk);
    let email = form.get("email");
    let given = |name: &str| form.given(name).map(ToOwned::to_owned);
    let made = match form.get("act") {
        "open" => {
            let asked = AccountAsked {
                email: email.to_owned(),
                role: form.get("role").to_owned(),
                name: given("name"),
                organisation: given("organisation"),
            };
            desk.open_account(&asked).await
        }
        "link" => desk.new_link(email).await,
        "close" => {
            let done = desk.close_account(email).await;
            return page.back("/konti", &done, |line| format!("{} er lukket.", line.login));
        }
        "second" => {
            let done = desk.drop_second(email).await;
            return page.back("/konti", &done, |line| {
                format!("{} logger nu ind uden kode fra telefonen.", line.login)
            });
        }
        _ => return page.not_found(),
    };
    match made {
        Ok((line, secret)) => {
            let base = desk
                .runner()
                .settings()
                .base_url
                .clone()
                .unwrap_or_default();
            let link = format!("{}/velkommen/{}", base.trim_end_matches('/'), secret.text());
            shown(&caller, Some((line.login, link)), None).await
        }
        Err(error) => shown(&caller, None, Some(words::plain(&error))).await,
    }
}

async fn shown(
    Caller { page, desk, .. }: &Caller,
    link: Option<(String, String)>,
    wrong: Option<String>,
) -> Response {
    page.answer(desk.accounts().await, |accounts| List {
        page,
        accounts,
        link,
        wrong,
    })
}

async fn mine(caller: Caller) -> Response {
    own(&caller, &Second::fresh(), false)
}

async fn second(caller: Caller, body: Bytes) -> Response {
    let form = Form::read(&body);
    let Caller {
        page,
        desk,
        visitor,
    } = &caller;
    let Some(second) = Second::typed_as(form.get("secret")) else {
        return page.not_found();
    };
    match desk.begin_second(visitor, &second, form.get("code")).await {
        Ok(true) => page.back("/mig", &Ok(()), |()| {
            page.say(
                "Fra nu af bliver du også spurgt om en kode fra telefonen.",
                "From now on you are asked for a code from the phone as well.",
            )
            .to_owned()
        }),
        Ok(false) => own(&caller, &second, true),
        Err(error) => page.refused(&error),
    }
}

fn own(caller: &Caller, second: &Second, wrong: bool) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let settings = desk.runner().settings();
    let issuer = match settings.organisation.as_str() {
        "" => "tovholder",
        known => known,
    };
    page.show(&Mine {
        page,
        visitor,
        key: second.typed(),
        link: second.link(issuer, &visitor.login),
        secret: second.typed(),
        wrong,
    })
}
