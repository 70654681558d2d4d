//! A hold goes on by another version of its workflow: the plan is read, and exactly that is done.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use super::{not_done, report};
use crate::runner::desk::{DeskError, MoveAsked, MoveLine, MovePlan, VersionLine};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// The versions, the plan of one of them, and the moves there have been.
#[derive(Template)]
#[template(path = "change/version.html")]
struct VersionPage<'a> {
    page: &'a Page,
    /// Id and title.
    hold: (String, String),
    /// The newest first.
    versions: Vec<VersionLine>,
    moves: Vec<MoveLine>,
    asked: MoveAsked,
    plan: Option<MovePlan>,
    /// Why there is no plan.
    wrongs: Vec<String>,
}

impl VersionPage<'_> {
    fn follows(&self, version: &VersionLine) -> bool {
        version.holds.iter().any(|(id, _)| *id == self.hold.0)
    }

    fn is_asked(&self, version: &VersionLine) -> bool {
        self.asked.to == version.number.to_string()
    }

    /// The newest version that the hold does not follow.
    fn newest(&self) -> Option<&VersionLine> {
        self.versions.iter().find(|version| !self.follows(version))
    }
}

/// What was given under a name.
fn given<'a>(all: &'a [(String, String)], name: &str) -> &'a str {
    let found = all.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

pub(super) async fn look(caller: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let asked = asked(&Form::query(&uri));
    shown(&caller, &id, asked, StatusCode::OK, &caller.page).await
}

pub(super) async fn make(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let asked = asked(&form);
    let (desk, visitor) = (&caller.desk, &caller.visitor);
    let done = desk
        .make_move_as(visitor, &id, &asked, form.get("plan"))
        .await;
    match &done {
        Err(error @ (DeskError::Wrong(_) | DeskError::MovedOn)) => {
            let (_, page) = not_done(&caller.page, error);
            shown(&caller, &id, asked, StatusCode::CONFLICT, &page).await
        }
        _ => caller.page.back(&address(&id), &done, |done| {
            let cases = match (done.cases, caller.page.is_english) {
                (1, false) => "1 kandidat er fulgt med".to_owned(),
                (many, false) => format!("{many} kandidater er fulgt med"),
                (1, true) => "1 candidate came along".to_owned(),
                (many, true) => format!("{many} candidates came along"),
            };
            let follows = caller
                .page
                .say("Holdet følger nu", "The cohort now follows");
            format!("{follows} {}. {cases}.", done.on)
        }),
    }
}

pub(super) async fn undo(caller: Caller, Path(id): Path<String>) -> Response {
    let done = caller.desk.undo_move_as(&caller.visitor, &id).await;
    caller.page.back(&address(&id), &done, |done| {
        let follows = caller.page.say(
            "Skiftet er fortrudt. Holdet følger igen",
            "The move is taken back. The cohort follows again",
        );
        format!("{follows} {}.", done.on)
    })
}

/// The page; with a plan when a version is chosen.
async fn shown(
    caller: &Caller,
    id: &str,
    asked: MoveAsked,
    status: StatusCode,
    page: &Page,
) -> Response {
    let built = read(caller, id, asked, page).await;
    match built {
        Ok(versions) => {
            let is_refused = status == StatusCode::OK && !versions.wrongs.is_empty();
            let status = if is_refused {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                status
            };
            page.show_as(status, &versions)
        }
        Err(error) => page.refused(&error),
    }
}

async fn read<'p>(
    Caller { desk, .. }: &Caller,
    id: &str,
    asked: MoveAsked,
    page: &'p Page,
) -> Result<VersionPage<'p>, DeskError> {
    let hold = desk.cohort_title(id).await?;
    let versions = desk.versions_for(&hold.0).await?;
    let (mut plan, mut wrongs) = (None, Vec::new());
    if !asked.to.is_empty() {
        match desk.plan_move(&hold.0, &asked).await {
            Ok(read) => plan = Some(read),
            Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. })) => {
                wrongs = words::of_error(&error, &words::titled);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(VersionPage {
        page,
        versions,
        moves: desk.moves_of_hold(&hold.0).await?,
        hold,
        asked,
        plan,
        wrongs,
    })
}

fn asked(form: &Form) -> MoveAsked {
    let below = |prefix: &str| {
        let all = form.below(prefix);
        all.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    MoveAsked {
        to: form.get("til").to_owned(),
        states: below("fase."),
        dates: below("dato."),
    }
}

fn address(id: &str) -> String {
    format!("/hold/{id}/version")
}
