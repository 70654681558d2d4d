//! The days of a hold or of a candidate: other dates, pauses, the end of a hold.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use jiff::civil::Date;

use super::{fields, not_done, report};
use crate::runner::desk::{
    BringsShown, DaysAsked, DaysShown, DeskError, MailLine, Wrong, read_date,
};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// The page; with what would come of it when something is asked for.
#[derive(Template)]
#[template(path = "change/days.html")]
struct DaysPage<'a> {
    page: &'a Page,
    days: DaysShown,
    asked: Asked,
    read: Option<Read>,
    /// Why there is nothing to read.
    wrongs: Vec<String>,
}

/// What is asked for, as it was given.
#[derive(Clone, Debug, Default)]
struct Asked {
    what: String,
    first: String,
    last: String,
    dates: Vec<(String, String)>,
}

/// What would come of it.
struct Read {
    hash: String,
    brings: BringsShown,
    /// Title, before, after.
    moved: Vec<(String, Date, Date)>,
    /// What is allowed, but seldom meant; meetings that stand outside their days then.
    notes: Vec<String>,
    /// Mails that were sent for the old dates.
    sent: Vec<MailLine>,
}

/// What is asked for, understood.
enum Change {
    Dates,
    Days(DaysAsked),
}

impl DaysPage<'_> {
    /// The address that it stands at.
    fn back(&self) -> String {
        back(&self.days.id, self.days.is_hold)
    }

    /// What stands in the field of a date: what was given, or the day it is.
    fn day(&self, name: &str, day: Option<&Date>) -> String {
        let given = (self.asked.dates.iter()).find(|(known, _)| known == name);
        let known = || day.map_or_else(String::new, ToString::to_string);
        given.map_or_else(known, |(_, given)| given.clone())
    }

    /// What would be done, as the button says it.
    fn button(&self) -> &str {
        match self.asked.what.as_str() {
            "datoer" => self.page.say("Flyt datoerne", "Move the dates"),
            "pause" => self.page.say("Hold pause", "Pause"),
            "ophaev" => self.page.say("Ophæv pausen", "Lift the pause"),
            _ => self.page.say("Aflys holdet", "Cancel the cohort"),
        }
    }
}

impl Asked {
    fn of(form: &Form) -> Self {
        let dates = form.below("dato.");
        Self {
            what: form.get("hvad").to_owned(),
            first: form.get("fra").to_owned(),
            last: form.get("til").to_owned(),
            dates: dates
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// None when nothing is asked for.
    fn change(&self) -> Result<Option<Change>, DeskError> {
        let day = |given: &str, option: &str| -> Result<Date, Wrong> {
            read_date(given).map_err(|wrong| wrong.column(option.to_owned()))
        };
        Ok(match self.what.as_str() {
            "datoer" => Some(Change::Dates),
            "pause" => {
                let (first, last) = (day(&self.first, "Fra")?, day(&self.last, "Til og med")?);
                Some(Change::Days(DaysAsked::Pause(first, last)))
            }
            "ophaev" => Some(Change::Days(DaysAsked::Unpause(day(&self.first, "Fra")?))),
            "aflys" => Some(Change::Days(DaysAsked::Cancel)),
            _ => None,
        })
    }
}

pub(super) async fn of_hold(caller: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let asked = Asked::of(&Form::query(&uri));
    shown(&caller, (&id, true), asked, StatusCode::OK, &caller.page).await
}

pub(super) async fn of_case(caller: Caller, Path(id): Path<String>, uri: Uri) -> Response {
    let asked = Asked::of(&Form::query(&uri));
    shown(&caller, (&id, false), asked, StatusCode::OK, &caller.page).await
}

pub(super) async fn change_hold(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    change(&caller, (&id, true), &Form::read(&body)).await
}

pub(super) async fn change_case(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    change(&caller, (&id, false), &Form::read(&body)).await
}

async fn change(caller: &Caller, (id, is_hold): (&str, bool), form: &Form) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let (asked, hash) = (Asked::of(form), form.get("rapport"));
    let days = match of(caller, (id, is_hold)).await {
        Ok(days) => days,
        Err(response) => return response,
    };
    let done = match asked.change() {
        Ok(Some(Change::Dates)) => {
            let done = desk.move_dates_as(visitor, &days.id, &asked.dates, hash);
            Box::pin(done).await.map(|moved| {
                let words = page.say("Datoerne er flyttet.", "The dates are moved.");
                format!("{}: {words}", moved.title)
            })
        }
        Ok(Some(Change::Days(what))) => {
            let done = desk.do_days_as(visitor, &days.id, what, hash);
            Box::pin(done).await.map(|fired| fields::done_words(&fired))
        }
        Ok(None) => return page.not_found(),
        Err(error) => Err(error),
    };
    match done {
        Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. } | DeskError::MovedOn)) => {
            let (status, page) = not_done(page, &error);
            shown(caller, (id, is_hold), asked, status, &page).await
        }
        done => page.back(&back(&days.id, is_hold), &done, Clone::clone),
    }
}

/// Whose days they are: a hold's stand at another address than a candidate's.
async fn of(caller: &Caller, (id, is_hold): (&str, bool)) -> Result<DaysShown, Response> {
    match caller.desk.days_shown(id).await {
        Ok(days) if days.is_hold == is_hold => Ok(days),
        Ok(_) => Err(caller.page.not_found()),
        Err(error) => Err(caller.page.refused(&error)),
    }
}

async fn shown(
    caller: &Caller,
    (id, is_hold): (&str, bool),
    asked: Asked,
    status: StatusCode,
    page: &Page,
) -> Response {
    let days = match of(caller, (id, is_hold)).await {
        Ok(days) => days,
        Err(response) => return response,
    };
    let (read, wrongs) = match read(caller, &days.id, &asked).await {
        Ok(read) => (read, Vec::new()),
        // Above the page it is said already, if it was to be done.
        Err(DeskError::Wrong(_) | DeskError::Refused { .. }) if status != StatusCode::OK => {
            (None, Vec::new())
        }
        Err(error @ (DeskError::Wrong(_) | DeskError::Refused { .. })) => {
            (None, words::of_error(&error, &words::titled))
        }
        Err(error) => return page.refused(&error),
    };
    let status = if wrongs.is_empty() {
        status
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page.show_as(
        status,
        &DaysPage {
            page,
            days,
            asked,
            read,
            wrongs,
        },
    )
}

async fn read(caller: &Caller, id: &str, asked: &Asked) -> Result<Option<Read>, DeskError> {
    let read = match asked.change()? {
        None => return Ok(None),
        Some(Change::Dates) => {
            let moved = caller.desk.move_dates(id, &asked.dates, true);
            let mut moved = Box::pin(moved).await?;
            moved.notes.append(&mut moved.misplaced);
            moved.brings.zip(moved.hash).map(|(brings, hash)| Read {
                hash,
                brings,
                moved: moved.dates,
                notes: moved.notes,
                sent: moved.sent,
            })
        }
        Some(Change::Days(days)) => {
            let comes = Box::pin(caller.desk.if_days(id, days)).await?;
            Some(Read {
                hash: comes.hash,
                brings: comes.brings,
                moved: Vec::new(),
                notes: Vec::new(),
                sent: Vec::new(),
            })
        }
    };
    Ok(read)
}

fn back(id: &str, is_hold: bool) -> String {
    let room = if is_hold { "hold" } else { "sager" };
    format!("/{room}/{id}")
}
