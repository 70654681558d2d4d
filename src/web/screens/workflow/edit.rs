//! The text of a workflow in an editor: checked, tried, kept and published. What cannot be done leaves the text as it was
//! written.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::runner::desk::{
    Checked, DateAsked, Desk, DeskError, Kept, Published, Tried, WorkflowText,
};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::form::Form;
use crate::web::words;

/// Candidates of a hold that is tried, when nobody says how many.
const CANDIDATES: &str = "3";

/// The editor.
#[derive(Template)]
#[template(path = "workflow/edit.html")]
struct Edit<'a> {
    page: &'a Page,
    /// As it is kept, or published.
    text: WorkflowText,
    /// As it is written.
    yaml: String,
    checked: Option<Checked>,
    /// Each with what was given for it.
    dates: Vec<(DateAsked, String)>,
    candidates: String,
    tried: Option<Tried>,
    /// What somebody else has made of it meanwhile.
    theirs: Option<WorkflowText>,
}

/// What the checker says, alone: for the script.
#[derive(Template)]
#[template(path = "workflow/problems.html")]
struct Problems<'a> {
    page: &'a Page,
    checked: Option<Checked>,
}

pub(super) async fn open(Caller { page, desk, .. }: Caller, Path(id): Path<String>) -> Response {
    let edit = begun(&page, &desk, &id, &Form::default()).await;
    page.answer(edit, |edit| edit)
}

pub(super) async fn check(
    Caller { page, desk, .. }: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let checked = desk.check_workflow(&id, &yaml_of(&Form::read(&body))).await;
    page.answer(checked, |checked| Problems {
        page: &page,
        checked: Some(checked),
    })
}

pub(super) async fn act(caller: Caller, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let edit = begun(&caller.page, &caller.desk, &id, &form).await;
    let edit = match edit {
        Ok(edit) => edit,
        Err(error) => return caller.page.refused(&error),
    };
    // A form without a text is none of ours.
    if !form.has("yaml") {
        return caller.page.not_found();
    }
    let done = match form.get("do") {
        "keep" => keep(&caller, &id, edit).await,
        "drop" => forget(&caller, &id, edit).await,
        "publish" => publish(&caller, &id, edit).await,
        "try" => try_it(&caller, &id, edit).await,
        _ => look(&caller, &id, edit).await,
    };
    done.unwrap_or_else(|error| caller.page.refused(&error))
}

type Done = Result<Response, DeskError>;

async fn look(Caller { page, desk, .. }: &Caller, id: &str, mut edit: Edit<'_>) -> Done {
    edit.checked = Some(desk.check_workflow(id, &edit.yaml).await?);
    Ok(page.show(&edit))
}

async fn keep(
    Caller {
        page,
        desk,
        visitor,
    }: &Caller,
    id: &str,
    edit: Edit<'_>,
) -> Done {
    match desk
        .keep_draft(visitor, id, &edit.yaml, edit.text.seq)
        .await?
    {
        Kept::Now(_) => Ok(page.back(&path_of(id), &Ok(()), |()| {
            "Kladden er gemt. Nye hold følger den først, når den er udgivet.".to_owned()
        })),
        Kept::Overtaken(theirs) => Ok(overtaken(page, edit, *theirs)),
    }
}

async fn forget(
    Caller {
        page,
        desk,
        visitor,
    }: &Caller,
    id: &str,
    edit: Edit<'_>,
) -> Done {
    match desk.drop_draft(visitor, id, edit.text.seq).await? {
        Kept::Now(_) => Ok(page.back(&path_of(id), &Ok(()), |()| {
            "Kladden er kasseret. Her står det, der er udgivet.".to_owned()
        })),
        Kept::Overtaken(theirs) => Ok(overtaken(page, edit, *theirs)),
    }
}

async fn publish(
    Caller {
        page,
        desk,
        visitor,
    }: &Caller,
    id: &str,
    mut edit: Edit<'_>,
) -> Done {
    let published = desk
        .publish_draft(visitor, id, &edit.yaml, edit.text.seq)
        .await;
    let words = match published {
        Ok(Published::New) => {
            "Udgivet. Nye hold følger denne version; de hold, der er, følger deres."
        }
        Ok(Published::AsBefore) => {
            "Teksten er den samme som i den sidste version. Der er intet nyt at udgive."
        }
        Ok(Published::Overtaken(theirs)) => return Ok(overtaken(page, edit, *theirs)),
        Err(DeskError::Wrong(wrongs)) => {
            edit.checked = Some(desk.check_workflow(id, &edit.yaml).await?);
            return Ok(said(page, edit, &DeskError::Wrong(wrongs)));
        }
        Err(error) => return Err(error),
    };
    Ok(page.back(&format!("/forloeb/{id}"), &Ok(()), |()| words.to_owned()))
}

async fn try_it(Caller { page, desk, .. }: &Caller, id: &str, mut edit: Edit<'_>) -> Done {
    let given: Vec<(String, String)> = (edit.dates.iter())
        .filter(|(_, given)| !given.is_empty())
        .map(|(date, given)| (date.name.clone(), given.clone()))
        .collect();
    let candidates = edit.candidates.parse().unwrap_or_default();
    match desk.try_workflow(id, &edit.yaml, &given, candidates).await {
        Ok(tried) => {
            edit.tried = Some(tried);
            Ok(page.show(&edit))
        }
        Err(DeskError::Wrong(wrongs)) => Ok(said(page, edit, &DeskError::Wrong(wrongs))),
        Err(error) => Err(error),
    }
}

/// The editor with what somebody wrote in it, or what there is to be changed.
async fn begun<'p>(
    page: &'p Page,
    desk: &Desk,
    id: &str,
    form: &Form,
) -> Result<Edit<'p>, DeskError> {
    let mut text = desk.workflow_text(id).await?;
    let yaml = if form.has("yaml") {
        yaml_of(form)
    } else {
        text.yaml.clone()
    };
    // It is the number of what somebody wrote from that counts, not of what stands there now.
    text.seq = form
        .given("seq")
        .and_then(|seq| seq.parse().ok())
        .unwrap_or(text.seq);
    let mut dates = Vec::new();
    for date in desk.dates_asked(id, &yaml).await? {
        let given = form
            .given(&format!("date.{}", date.name))
            .map(ToOwned::to_owned);
        let given = match given {
            None if date.name == "start" => desk.soon(id).await?.map(|day| day.to_string()),
            given => given,
        };
        dates.push((date, given.unwrap_or_default()));
    }
    Ok(Edit {
        page,
        text,
        yaml,
        checked: None,
        dates,
        candidates: form.given("candidates").unwrap_or(CANDIDATES).to_owned(),
        tried: None,
        theirs: None,
    })
}

/// The text as it was written, with the ends of lines that files have.
fn yaml_of(form: &Form) -> String {
    form.raw("yaml").replace("\r\n", "\n")
}

fn path_of(id: &str) -> String {
    format!("/forloeb/{id}/ret")
}

/// The editor again, with what somebody else has made of it meanwhile; what is kept next takes its place.
fn overtaken(page: &Page, mut edit: Edit<'_>, theirs: WorkflowText) -> Response {
    edit.text.seq = theirs.seq;
    edit.theirs = Some(theirs);
    page.show_as(StatusCode::CONFLICT, &edit)
}

/// The editor again, with why something was not done.
fn said(page: &Page, edit: Edit<'_>, error: &DeskError) -> Response {
    let page = Page {
        said: Some((true, words::plain(error))),
        ..page.clone()
    };
    let again = Edit {
        page: &page,
        ..edit
    };
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &again)
}
