//! One's own keys for programs, and one's own calendars: what there is, new ones that are shown once, and revoking.

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;
use axum::routing::get;

use crate::access::{May, Scope};
use crate::runner::desk::{DeskError, TokenAsked, TokenLine};
use crate::store::TokenKind;
use crate::web::answer::Page;
use crate::web::door::{Caller, Screen};
use crate::web::form::Form;
use crate::web::words;

const AT: &str = "/mig/noegler";

pub(super) const SCREENS: [Screen; 1] = [Screen {
    path: AT,
    may: Some(May::ReadFigures),
    answers: || get(list).post(change),
}];

/// The page.
#[derive(Template)]
#[template(path = "keys/page.html")]
struct Keys<'a> {
    page: &'a Page,
    tokens: Vec<TokenLine>,
    calendars: Vec<TokenLine>,
    /// What was just made: shown once.
    fresh: Option<Fresh>,
    wrongs: Vec<String>,
}

/// A key, or a calendar's address, that was just made.
struct Fresh {
    is_calendar: bool,
    title: String,
    text: String,
}

impl Keys<'_> {
    /// What a scope is called.
    fn scope(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::Read => self.page.say("læse", "read"),
            Scope::Act => self
                .page
                .say("sige, hvad der er sket", "say what has happened"),
            Scope::Mail => self.page.say("styre mails", "steer mail"),
            Scope::Manage => self
                .page
                .say("oprette hold og kandidater", "make cohorts and candidates"),
        }
    }
}

async fn list(caller: Caller) -> Response {
    shown(&caller, None, Vec::new()).await
}

async fn change(caller: Caller, body: Bytes) -> Response {
    let form = Form::read(&body);
    let made = match form.get("act") {
        "token" => new_token(&caller, &form).await,
        "calendar" => new_calendar(&caller, &form).await,
        "revoke-token" => return revoke(&caller, TokenKind::Api, form.get("id")).await,
        "revoke-calendar" => return revoke(&caller, TokenKind::Calendar, form.get("id")).await,
        _ => return caller.page.not_found(),
    };
    match made {
        Ok(fresh) => shown(&caller, Some(fresh), Vec::new()).await,
        Err(error @ DeskError::Wrong(_)) => {
            let titled = |name: &str| {
                let page = &caller.page;
                let title = match name {
                    "title" => page.say("Hvad er den til?", "What is it for?"),
                    "days" => {
                        page.say("Hvor mange dage gælder den?", "How many days does it last?")
                    }
                    _ => page.say("Må", "May"),
                };
                Some(title.to_owned())
            };
            shown(&caller, None, words::of_error(&error, &titled)).await
        }
        Err(error) => caller.page.refused(&error),
    }
}

async fn new_token(Caller { desk, visitor, .. }: &Caller, form: &Form) -> Result<Fresh, DeskError> {
    let asked = TokenAsked {
        email: visitor.login.clone(),
        title: form.get("title").to_owned(),
        scopes: form.all("scope").map(str::to_owned).collect(),
        days: form.get("days").parse().unwrap_or_default(),
    };
    let (line, text) = desk.new_token(&asked).await?;
    Ok(Fresh {
        is_calendar: false,
        title: line.title,
        text,
    })
}

async fn new_calendar(
    Caller { desk, visitor, .. }: &Caller,
    form: &Form,
) -> Result<Fresh, DeskError> {
    let made = desk.new_calendar(&visitor.login, form.get("title"), None);
    let (line, secret) = made.await?;
    let base = desk.runner().settings().base_url.clone();
    let base = base.unwrap_or_default();
    Ok(Fresh {
        is_calendar: true,
        title: line.title,
        text: format!(
            "{}/kalender/{}.ics",
            base.trim_end_matches('/'),
            secret.text()
        ),
    })
}

/// Only one's own is there to be revoked, by its whole id.
async fn revoke(caller: &Caller, kind: TokenKind, id: &str) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let own = match desk.tokens(kind, Some(visitor.account)).await {
        Ok(own) => own,
        Err(error) => return page.refused(&error),
    };
    if !own.iter().any(|line| line.id == id) {
        return page.not_found();
    }
    let revoked = desk.revoke_token(kind, id, Some(visitor.account)).await;
    page.back(AT, &revoked, |_| {
        page.say(
            "Den er tilbagekaldt og virker ikke mere.",
            "It is revoked and no longer works.",
        )
        .to_owned()
    })
}

async fn shown(caller: &Caller, fresh: Option<Fresh>, wrongs: Vec<String>) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let own = async |kind| desk.tokens(kind, Some(visitor.account)).await;
    let both = match own(TokenKind::Api).await {
        Ok(tokens) => (own(TokenKind::Calendar).await).map(|calendars| (tokens, calendars)),
        Err(error) => Err(error),
    };
    page.answer(both, |(tokens, calendars)| Keys {
        page,
        tokens,
        calendars,
        fresh,
        wrongs,
    })
}
