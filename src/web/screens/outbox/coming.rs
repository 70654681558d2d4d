//! What leaves in the next two weeks: over all holds, of one hold as each mail will read, and one mail with what can
//! be wished of it.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use crate::access::May;
use crate::runner::desk::{
    AHEAD_DAYS, ComingAsked, ComingFirst, ComingMail, DeskError, Early, Wanted, Wording,
    status_words,
};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// Over all holds.
#[derive(Template)]
#[template(path = "outbox/coming.html")]
struct First<'a> {
    page: &'a Page,
    coming: ComingFirst,
}

/// Of a hold.
#[derive(Template)]
#[template(path = "outbox/hold.html")]
struct OfHold<'a> {
    page: &'a Page,
    hold: String,
    mails: Vec<ComingMail>,
}

/// One mail.
#[derive(Template)]
#[template(path = "outbox/one.html")]
struct One<'a> {
    page: &'a Page,
    asked: ComingAsked,
    mail: ComingMail,
    /// What was written, if it was refused.
    typed: Option<(String, String)>,
    wrong: Option<String>,
}

/// One mail, sent now.
#[derive(Template)]
#[template(path = "outbox/early.html")]
struct Now<'a> {
    page: &'a Page,
    asked: ComingAsked,
    early: Early,
}

pub(super) async fn first(Caller { page, desk, .. }: Caller) -> Response {
    page.answer(desk.coming_first().await, |coming| First {
        page: &page,
        coming,
    })
}

pub(super) async fn of_hold(
    Caller { page, desk, .. }: Caller,
    Path(hold): Path<String>,
) -> Response {
    page.answer(desk.coming(&hold).await, |mails| OfHold {
        page: &page,
        hold,
        mails,
    })
}

pub(super) async fn one(
    Caller { page, desk, .. }: Caller,
    Path(hold): Path<String>,
    uri: Uri,
) -> Response {
    let asked = asked(hold, &Form::query(&uri));
    page.answer(desk.coming_mail(&asked).await, |mail| One {
        page: &page,
        asked,
        mail,
        typed: None,
        wrong: None,
    })
}

pub(super) async fn wish(caller: Caller, Path(hold): Path<String>, body: Bytes) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let form = Form::read(&body);
    let asked = asked(hold, &form);
    if !visitor.may(May::SteerMail) {
        return page.not_found();
    }
    let typed = (form.get("emne").to_owned(), form.get("tekst").to_owned());
    let wanted = match form.get("act") {
        "vent" => Wanted::Hold,
        "send" => Wanted::Go,
        "skabelon" => Wanted::Template,
        "ret" => Wanted::Words {
            subject: typed.0.clone(),
            text: typed.1.clone(),
        },
        _ => return page.not_found(),
    };
    let rev = form.get("rev").parse().unwrap_or_default();
    let is_text = matches!(wanted, Wanted::Words { .. });
    let done = desk.wish(Some(&visitor), &asked, wanted, rev).await;
    match (done, desk.coming_mail(&asked).await) {
        // What was typed is not lost.
        (Err(DeskError::Wrong(wrongs)), Ok(mail)) if is_text => page.show_as(
            StatusCode::UNPROCESSABLE_ENTITY,
            &One {
                page: &page,
                asked,
                mail,
                typed: Some(typed),
                wrong: Some(words::plain(&DeskError::Wrong(wrongs))),
            },
        ),
        (done, _) => page.back(&address(&asked), &done, |mail| {
            let words = match (mail.is_held, mail.words == Wording::Edited) {
                (true, _) => (
                    "Mailen venter, til du lader den gå.",
                    "The mail waits until you let it go.",
                ),
                (false, true) => ("Den sendes med dine ord.", "It leaves with your words."),
                (false, false) => ("Den sendes som planlagt.", "It leaves as planned."),
            };
            page.say(words.0, words.1).to_owned()
        }),
    }
}

/// How a mail would read that is sent now.
pub(super) async fn look_early(
    Caller { page, desk, .. }: Caller,
    Path(hold): Path<String>,
    uri: Uri,
) -> Response {
    let asked = asked(hold, &Form::query(&uri));
    match desk.foresee_early(&asked).await {
        Ok(early) => page.show(&Now {
            page: &page,
            asked,
            early,
        }),
        refused => page.back(&address(&asked), &refused, |_| String::new()),
    }
}

pub(super) async fn send_early(caller: Caller, Path(hold): Path<String>, body: Bytes) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let form = Form::read(&body);
    let asked = asked(hold, &form);
    let read = (
        form.get("seq").parse().unwrap_or_default(),
        form.get("says"),
    );
    let done = desk.send_early(&visitor, &asked, read).await;
    let path = match &done {
        Ok(_) => format!("/udbakke/kommer/{}", asked.hold),
        Err(_) => address(&asked),
    };
    page.back(&path, &done, |mails| {
        let leaves = mails.iter().map(|mail| {
            let at = mail.local.strftime("%-d.%-m.%Y kl. %-H.%M");
            format!("{}: {}, {at}", mail.to, status_words(mail.status))
        });
        let leaves: Vec<String> = leaves.collect();
        let words = page.say("Mailen sendes før tid.", "The mail leaves before its time.");
        format!("{words} {}.", leaves.join("; "))
    })
}

fn asked(hold: String, form: &Form) -> ComingAsked {
    ComingAsked {
        hold,
        of: form.get("af").to_owned(),
        occurrence: form.get("hvad").to_owned(),
        seat: form.get("til").to_owned(),
    }
}

/// Where a mail is that has not left.
pub(super) fn address(asked: &ComingAsked) -> String {
    place(asked, "mail")
}

/// Where it is seen as it would leave now.
fn address_early(asked: &ComingAsked) -> String {
    place(asked, "nu")
}

fn place(asked: &ComingAsked, what: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("af", &asked.of);
    query.append_pair("hvad", &asked.occurrence);
    query.append_pair("til", &asked.seat);
    format!("/udbakke/kommer/{}/{what}?{}", asked.hold, query.finish())
}

fn address_of(hold: &str, mail: &ComingMail) -> String {
    address(&ComingAsked {
        hold: hold.to_owned(),
        of: mail.of.clone(),
        occurrence: mail.line.occurrence.clone(),
        seat: mail.seat.clone(),
    })
}
