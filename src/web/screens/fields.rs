//! Deeds as forms: what was given goes to the desk as a person would have typed it.

use axum::response::Response;

use crate::runner::desk::{Fire, Fired, InputKind, Visitor};
use crate::web::door::Caller;
use crate::web::form::Form;

/// What a form says has happened.
pub(super) fn fire_of(form: &Form, of: &str, visitor: &Visitor) -> Fire {
    let given = |name: &str| form.given(name).map(ToOwned::to_owned);
    Fire {
        of: of.to_owned(),
        event: form.get("event").to_owned(),
        set: (form.below("set."))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        role: visitor.acts_as().map(ToOwned::to_owned),
        from: Some(format!("account {}", visitor.id)),
        override_reason: given("override"),
        another: form.given("another").is_some(),
        at: form.given("at").and_then(|at| at.parse().ok()),
        place: given("place"),
        assign: Vec::new(),
        absent: Vec::new(),
        key: given("key"),
        expect: form.given("seen").and_then(|seq| seq.parse().ok()),
    }
}

/// Does what a form says, and goes back to where it stood.
pub(super) async fn act(caller: &Caller, form: &Form, of: &str, back: &str) -> Response {
    let asked = fire_of(form, of, &caller.visitor);
    let done = caller.desk.fire_as(&caller.visitor, &asked).await;
    caller.page.back(back, &done, done_words)
}

/// What came of something that was done.
pub(super) fn done_words(fired: &Fired) -> String {
    let what = fired.events.join(". ");
    if fired.repeated {
        return format!("{}: det var allerede gjort.", fired.name);
    }
    if what.is_empty() {
        return format!("{}: noteret.", fired.name);
    }
    format!("{}: {what}.", fired.name)
}

/// The type of an input as HTML names it.
pub(super) fn html_type(input: InputKind) -> &'static str {
    match input {
        InputKind::Date => "date",
        InputKind::Moment => "datetime-local",
        InputKind::Choice | InputKind::Number | InputKind::Line | InputKind::Text => "text",
    }
}

/// The key of a form, or a fresh one if it has none.
pub(super) fn key_of(form: &Form) -> String {
    form.given("key").map_or_else(fresh_key, ToOwned::to_owned)
}

/// A key that makes a form count once, however often its button is pressed.
pub(super) fn fresh_key() -> String {
    crate::access::Secret::fresh().text()[..32].to_owned()
}
