//! What mail is stopped: since when, by whom and why; stopping it, and letting it go after a look at what that comes to.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use crate::access::May;
use crate::runner::desk::{DeskError, StopAsked, StopEnds, StopLine, Visitor};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// Where it stands.
const AT: &str = "/udbakke/standset";

/// What is stopped, and was.
#[derive(Template)]
#[template(path = "outbox/stops.html")]
struct Stops<'a> {
    page: &'a Page,
    ended: Vec<StopLine>,
    choices: Choices,
    /// What was typed, if it was refused, or what a link names.
    typed: StopAsked,
    reason: String,
    wrong: Option<String>,
}

/// What there is to stop.
#[derive(Default)]
struct Choices {
    /// Ids and titles.
    workflows: Vec<(String, String)>,
    holds: Vec<(String, String)>,
    messages: Vec<String>,
}

/// What it comes to to let it go.
#[derive(Template)]
#[template(path = "outbox/let_go.html")]
struct LetGo<'a> {
    page: &'a Page,
    ends: StopEnds,
}

pub(super) async fn show(caller: Caller, uri: Uri) -> Response {
    let typed = asked(&Form::query(&uri));
    answer(&caller, StatusCode::OK, typed, String::new(), None).await
}

pub(super) async fn stop(caller: Caller, body: Bytes) -> Response {
    if !caller.visitor.may(May::SteerMail) {
        return caller.page.not_found();
    }
    let form = Form::read(&body);
    let (typed, reason) = (asked(&form), form.get("hvorfor").to_owned());
    let done = caller
        .desk
        .stop_mail(&typed, &reason, &by(&caller.visitor))
        .await;
    if let Err(DeskError::Wrong(_)) = &done
        && let Err(error) = &done
    {
        // What was typed is not lost.
        let wrong = Some(words::plain(error));
        return answer(
            &caller,
            StatusCode::UNPROCESSABLE_ENTITY,
            typed,
            reason,
            wrong,
        )
        .await;
    }
    let page = &caller.page;
    page.back(AT, &done, |done| {
        let mut said = if done.is_new {
            let what = page.stopped(&done.stop);
            format!("{}: {what}.", page.say("Standset", "Stopped"))
        } else {
            let words = page.say("Det er standset i forvejen.", "It is stopped already.");
            words.to_owned()
        };
        if done.on_its_way > 0 {
            let words = page.say("er på vej og kan nå frem.", "on the way may arrive.");
            said.push_str(&format!(" {} {words}", done.on_its_way));
        }
        said
    })
}

/// What it would come to to let it go.
pub(super) async fn look(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else {
        return page.not_found();
    };
    page.answer(desk.would_let_go(id).await, |ends| LetGo {
        page: &page,
        ends,
    })
}

pub(super) async fn let_go(caller: Caller, Path(id): Path<String>, _body: Bytes) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let Ok(id) = id.parse() else {
        return page.not_found();
    };
    let done = desk.let_mail_go(id, &by(&visitor)).await;
    page.back(AT, &done, |ends| {
        let counted = [
            (ends.leaves, page.say("sendes", "leave")),
            (ends.late, page.say("er forsinket", "are late")),
            (
                ends.dropped.iter().map(|one| one.mails).sum(),
                page.say("falder bort", "fall away"),
            ),
            (
                ends.still,
                page.say("er stadig standset", "are still stopped"),
            ),
        ];
        let counted = counted
            .iter()
            .map(|(mails, what)| format!("{mails} {what}"));
        let what = page.stopped(&ends.stop);
        let begins = page.say("Ikke længere standset", "No longer stopped");
        format!(
            "{begins}: {what}. {}.",
            counted.collect::<Vec<_>>().join(", ")
        )
    })
}

async fn answer(
    caller: &Caller,
    status: StatusCode,
    typed: StopAsked,
    reason: String,
    wrong: Option<String>,
) -> Response {
    let Caller { page, desk, .. } = caller;
    let read = async {
        let choices = if page.steers_mail() {
            choices(desk).await?
        } else {
            Choices::default()
        };
        Ok::<_, DeskError>((desk.ended_stops().await?, choices))
    };
    match read.await {
        Ok((ended, choices)) => page.show_as(
            status,
            &Stops {
                page,
                ended,
                choices,
                typed,
                reason,
                wrong,
            },
        ),
        Err(error) => page.refused(&error),
    }
}

async fn choices(desk: &crate::runner::desk::Desk) -> Result<Choices, DeskError> {
    let workflows = desk.workflows().await?;
    let holds = desk.cohorts().await?;
    Ok(Choices {
        workflows: (workflows.into_iter())
            .map(|one| (one.id, one.title))
            .collect(),
        holds: (holds.into_iter().filter(|hold| !hold.is_cancelled))
            .map(|hold| (hold.id, hold.title))
            .collect(),
        messages: desk.stoppable().await?,
    })
}

fn asked(form: &Form) -> StopAsked {
    let given = |name: &str| form.given(name).map(str::to_owned);
    StopAsked {
        workflow: given("forloeb"),
        cohort: given("hold"),
        message: given("mail"),
    }
}

/// As histories say who did it.
fn by(visitor: &Visitor) -> String {
    format!("account {}", visitor.id)
}
