//! Logging in by somebody else's account. Coming back begins a session by opening a page, as the protocol has it: what
//! keeps others from sending somebody there is what the browser holds since it left.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::get;

use crate::oidc::OidcError;
use crate::runner::desk::Entry;
use crate::web::answer::Page;
use crate::web::cookie;
use crate::web::door::{Door, Screen, see, wanted};
use crate::web::form::Form;

pub(super) const SCREENS: [Screen; 2] = [
    Screen {
        path: "/log-ind/andet",
        may: None,
        answers: || get(leave),
    },
    Screen {
        path: "/log-ind/andet/svar",
        may: None,
        answers: || get(come_back),
    },
];

/// How long somebody may take to log in elsewhere.
const AWAY_SECONDS: u32 = 600;

/// Goes to the provider.
async fn leave(State(door): State<Door>, headers: HeaderMap, uri: Uri) -> Response {
    let page = Page::nobody(&headers);
    let Some(provider) = &door.provider else {
        return page.not_found();
    };
    let begun = match provider.begin().await {
        Ok(begun) => begun,
        Err(error) => return failed(&page, &error),
    };
    let query = Form::query(&uri);
    let to: String =
        url::form_urlencoded::byte_serialize(wanted(query.given("til")).as_bytes()).collect();
    let text = format!("{}.{}.{}.{to}", begun.state, begun.nonce, begun.verifier);
    let held = match door.desk().seal(&text).await {
        Ok(held) => held,
        Err(error) => return page.refused(&error),
    };
    let mut response = see(&begun.url);
    let name = cookie::outside(door.is_secure);
    let cookie = cookie::set(name, Some(&held), Some(AWAY_SECONDS), door.is_secure);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// Comes back from the provider.
async fn come_back(State(door): State<Door>, headers: HeaderMap, uri: Uri) -> Response {
    let page = Page::nobody(&headers);
    let Some(provider) = &door.provider else {
        return page.not_found();
    };
    let name = cookie::outside(door.is_secure);
    let held = cookie::read(&headers, name).unwrap_or_default();
    let text = match door.desk().unseal(held, AWAY_SECONDS.into()).await {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => return page.refused(&error),
    };
    let mut parts = text.splitn(4, '.');
    let mut part = || parts.next().unwrap_or_default();
    let (state, nonce, verifier, to) = (part(), part(), part(), part());
    let query = Form::query(&uri);
    if state.is_empty() || query.get("state") != state || query.given("code").is_none() {
        return anew(&page);
    }
    let address = match provider.finish(query.get("code"), nonce, verifier).await {
        Ok(address) => address,
        Err(error) => return failed(&page, &error),
    };
    let entry = match door.desk().enter_verified(&address).await {
        Ok(entry) => entry,
        Err(error) => return page.refused(&error),
    };
    let Entry::In(secret) = entry else {
        return page.failed(
            StatusCode::FORBIDDEN,
            "Du er logget ind, men der er ingen konto her for din mailadresse. Bed jeres administrator om en.",
            "You are logged in, but there is no account here for your address. Ask your administrator for one.",
        );
    };
    let to = url::form_urlencoded::parse(to.as_bytes()).next();
    let to = to.map(|(path, _)| path.into_owned());
    let mut response = see(wanted(to.as_deref()));
    let session = cookie::session(door.is_secure);
    for cookie in [
        cookie::set(name, None, None, door.is_secure),
        cookie::set(session, Some(&secret.text()), None, door.is_secure),
    ] {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn anew(page: &Page) -> Response {
    page.failed(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Det lykkedes ikke at logge dig ind, eller det tog for lang tid. Begynd forfra på siden »Log ind«.",
        "You could not be logged in, or it took too long. Begin again on the page \"Log in\".",
    )
}

fn failed(page: &Page, error: &OidcError) -> Response {
    tracing::warn!(%error, "somebody could not be logged in by their other account");
    match error {
        OidcError::NoAddress => page.failed(
            StatusCode::FORBIDDEN,
            "Den konto har ingen bekræftet mailadresse, så vi ved ikke, hvem du er. Log ind med adgangskode.",
            "That account has no verified address, so we do not know who you are. Log in with a password.",
        ),
        OidcError::Token(_) => anew(page),
        OidcError::Address(_) | OidcError::Provider(_) => page.failed(
            StatusCode::BAD_GATEWAY,
            "Det andet login svarer ikke rigtigt lige nu. Prøv igen om lidt, eller log ind med adgangskode.",
            "The other login does not answer properly just now. Try again in a moment, or log in with a password.",
        ),
    }
}
