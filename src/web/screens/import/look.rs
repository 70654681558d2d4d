//! A list before it is taken in: which column is what, what becomes of each line, and what a person has to say.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::runner::desk::{
    Asked, DeskError, Heading, How, ImportedCandidates, Incoming, IncomingRow, Sheet, What, Wrong,
};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// Lines that are shown at once; those with something to say come first.
const SHOWN_MAX: usize = 300;
/// The choice that leaves a column out.
const LEFT_OUT: &str = "-";

/// The list.
#[derive(Template)]
#[template(path = "import/look.html")]
struct Look<'a> {
    page: &'a Page,
    key: &'a str,
    name: String,
    sheet: String,
    wrongs: Vec<String>,
    /// Nothing when it cannot be read at all.
    incoming: Option<Incoming>,
    /// What a column may be.
    columns: Vec<String>,
    asked: Asked,
    /// The hash that is given back, with a word for each row as long as they are few.
    seen: String,
    without_wrong: bool,
}

impl Look<'_> {
    /// The lines that are shown: all, or first those that are wrong.
    fn rows(&self) -> Vec<&IncomingRow> {
        let rows = self.incoming.iter().flat_map(|incoming| &incoming.rows);
        let mut rows: Vec<&IncomingRow> = rows.collect();
        if rows.len() > SHOWN_MAX {
            rows.sort_by_key(|row| (row.what != What::Wrong, row.line));
            rows.truncate(SHOWN_MAX);
        }
        rows
    }

    /// Lines that are not shown.
    fn more(&self) -> usize {
        let all = self.incoming.as_ref().map_or(0, |one| one.rows.len());
        all.saturating_sub(SHOWN_MAX)
    }

    /// Whether a person is asked who a line is, or has said so.
    fn asks(&self, row: &IncomingRow) -> bool {
        let said = [&self.asked.same, &self.asked.another];
        let is_asked = |wrong: &Wrong| {
            let help = wrong.help.as_deref().unwrap_or_default();
            help.contains("--same") || help.contains("--another")
        };
        said.iter().any(|lines| lines.contains(&row.line)) || row.problems.iter().any(is_asked)
    }

    fn is_same(&self, row: &IncomingRow) -> bool {
        self.asked.same.contains(&row.line)
    }

    fn is_another(&self, row: &IncomingRow) -> bool {
        self.asked.another.contains(&row.line)
    }

    /// How many would be taken in.
    fn takes(&self) -> usize {
        let counts = self.incoming.as_ref().map(|incoming| incoming.counts);
        counts.map_or(0, |counts| counts.new + counts.known)
    }
}

pub(super) async fn show(caller: Caller, Path(key): Path<String>) -> Response {
    let looked = look(&caller, &key, &Form::default()).await;
    caller.page.answer(looked, |look| look)
}

pub(super) async fn act(caller: Caller, Path(key): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let looked = match look(&caller, &key, &form).await {
        Ok(looked) => looked,
        Err(error) => return caller.page.refused(&error),
    };
    match form.get("do") {
        "take" => take(&caller, looked, &form).await,
        "drop" => {
            let done = caller.desk.forget_list(&caller.visitor, &key).await;
            caller.page.back("/import", &done, |()| {
                "Listen er kasseret. Intet er taget ind.".to_owned()
            })
        }
        _ => caller.page.show(&looked),
    }
}

/// Takes in what was seen, or shows the list again with why not.
async fn take(caller: &Caller, mut looked: Look<'_>, form: &Form) -> Response {
    let Caller {
        page,
        desk,
        visitor,
    } = caller;
    let (Some(incoming), Ok((hold, _, bytes))) =
        (&looked.incoming, desk.kept_list(visitor, looked.key).await)
    else {
        return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &looked);
    };
    let Ok(sheet) = read(bytes, &looked.sheet).await else {
        return page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &looked);
    };
    let by = format!("account {}", visitor.id);
    // A list that nobody has seen is not taken in.
    let seen = form.given("seen").unwrap_or("-");
    let taken = desk.take_in(
        &hold,
        &sheet,
        &looked.asked,
        Some(seen),
        looked.without_wrong,
        &by,
    );
    match taken.await {
        Ok(done) => {
            let back = format!("/hold/{}", incoming.cohort);
            let done = desk.forget_list(visitor, looked.key).await.map(|()| done);
            page.back(&back, &done, taken_in)
        }
        Err(error @ DeskError::Wrong(_)) => {
            looked.wrongs = words::of_error(&error, &|_| None);
            page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &looked)
        }
        Err(error) => page.refused(&error),
    }
}

async fn look<'p>(
    Caller {
        page,
        desk,
        visitor,
    }: &'p Caller,
    key: &'p str,
    form: &Form,
) -> Result<Look<'p>, DeskError> {
    let (hold, name, bytes) = desk.kept_list(visitor, key).await?;
    let asked = asked(form);
    let mut looked = Look {
        page,
        key,
        name,
        sheet: form.get("sheet").to_owned(),
        wrongs: Vec::new(),
        incoming: None,
        columns: desk.list_columns(&hold).await?,
        asked,
        seen: String::new(),
        without_wrong: form.given("without_wrong").is_some(),
    };
    match read(bytes, &looked.sheet).await {
        Ok(sheet) => {
            let incoming = desk.incoming(&hold, &sheet, &looked.asked).await?;
            let problems = incoming.problems.iter();
            looked.wrongs = problems
                .map(|wrong| words::of_wrong(wrong, &|_| None))
                .collect();
            looked.seen = if incoming.rows.len() > SHOWN_MAX {
                incoming.hash.clone()
            } else {
                incoming.seen.clone()
            };
            looked.incoming = Some(incoming);
        }
        Err(wrongs) => looked.wrongs = words::of_error(&DeskError::Wrong(wrongs), &|_| None),
    }
    Ok(looked)
}

/// What a person has said of the list. A choice that was left as it was is none: then it would be theirs.
fn asked(form: &Form) -> Asked {
    let mut asked = Asked::default();
    for (title, column) in form.below("column.") {
        if column == LEFT_OUT {
            asked.leave_out.push(title.to_owned());
        } else {
            asked.columns.push((title.to_owned(), column.to_owned()));
        }
    }
    for (line, who) in form.below("row.") {
        let Ok(line) = line.parse() else { continue };
        match who {
            "same" => asked.same.push(line),
            "another" => asked.another.push(line),
            _ => {}
        }
    }
    asked
}

/// Beside what else is answered: a workbook takes a while.
async fn read(bytes: Vec<u8>, sheet: &str) -> Result<Sheet, Vec<Wrong>> {
    let sheet = Some(sheet.to_owned()).filter(|sheet| !sheet.is_empty());
    let read = tokio::task::spawn_blocking(move || Sheet::read_named(&bytes, sheet.as_deref()));
    read.await
        .unwrap_or_else(|_| Err(vec![Wrong::new("Listen kan ikke læses.")]))
}

fn taken_in(done: &ImportedCandidates) -> String {
    let who = match done.candidates.len() {
        1 => "1 kandidat".to_owned(),
        many => format!("{many} kandidater"),
    };
    let mut words = format!(
        "{who} er taget ind på »{}« og begynder i »{}«.",
        done.title, done.begins_in
    );
    for (many, why) in [
        (done.counts.skipped, "sprunget over"),
        (done.counts.wrong, "udeladt, fordi der er fejl i dem"),
    ] {
        if many > 0 {
            words += &format!(" {many} er {why}.");
        }
    }
    words + " Under Import kan det fortrydes."
}

/// What a column is taken for, as the choice that leaves it so.
fn as_it_is(page: &Page, heading: &Heading) -> String {
    match (heading.how, &heading.column) {
        (How::Exact | How::OtherName | How::Title, Some(column)) => column.clone(),
        _ => page.say("– vælg –", "– choose –").to_owned(),
    }
}

/// What a person has chosen for a column.
fn chosen(heading: &Heading) -> &str {
    match (heading.how, &heading.column) {
        (How::Told, Some(column)) => column,
        (How::LeftOut, _) => LEFT_OUT,
        _ => "",
    }
}

fn what(page: &Page, row: &IncomingRow) -> &'static str {
    let (danish, english) = match row.what {
        What::New => ("ny", "new"),
        What::Known => ("kendt", "known"),
        What::Skipped => ("springes over", "left out"),
        What::Wrong => ("fejl", "wrong"),
    };
    if page.is_english { english } else { danish }
}

fn cells(row: &IncomingRow) -> String {
    let told = row.cells.iter();
    let told = told.filter(|(column, _)| !["navn", "fornavn", "efternavn"].contains(&&**column));
    let told: Vec<&str> = told.map(|(_, cell)| cell.as_str()).collect();
    told.join(" · ")
}

fn problem(wrong: &Wrong) -> String {
    let of_column = Wrong {
        line: None,
        ..wrong.clone()
    };
    words::of_wrong(&of_column, &|_| None)
}
