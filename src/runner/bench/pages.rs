//! What pages are measured on: many holds with cases that all have something open, and an account.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

use super::stage::{candidate, settings, start, templates};
use crate::clock::Clock;
use crate::runner::desk::{AccountAsked, Desk, DeskError};
use crate::runner::versions::publish;
use crate::runner::{RunError, Runner};
use crate::store::{Copies, NewOrganisation, Scratch, Sees};

/// As many jobcentres as JRS recruits for.
const JOBCENTRES: usize = 17;
/// So many holds begin on one day, all other days alike.
const HOLDS_A_DAY: usize = 4;

const WORKFLOW: &str = r"
workflow: sider
title: Forløb til sider
language: da
time_zone: Europe/Copenhagen
holidays: none
hours: 00:00-24:00
roles:
  coordinator:    {title: Tovholder, per: cohort}
  job_consultant: {title: Jobkonsulent, per: candidate}
cohort: {title: Hold, dates: {start: {title: Start}}}
candidate:
  title: Kandidat
  facts:
    note: {title: Ønsker, type: text, max: 200}
  states:
    invited:
      title: Inviteret
      until: cohort.start
      then: course
      tasks:
        call: {title: Ring til kandidaten, by: job_consultant, due: 5 workdays before cohort.start}
      messages: {invited: {template: begun, to: candidate, when: entered}}
      events: {decline: {title: Siger nej, then: declined}}
    course:
      title: Forløb
      messages: {begun: {template: begun, to: candidate, when: entered}}
      tasks:
        talk: {title: Hold samtale, by: coordinator, due: 10 workdays after entered}
      events: {absence: {title: Fravær}, finish: {title: Slut, then: finished}}
    declined: {title: Sagde nej, final: neutral}
    finished: {title: Slut, final: success}
targets: {done: {title: Færdige, reached: finished, at_least: 100}}
";

/// What a browser needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PagesStage {
    /// A hold's id.
    pub hold: String,
    /// A case's id.
    pub case: String,
    /// Who logs in.
    pub login: String,
    /// With what.
    pub password: String,
}

/// Fills an empty database: holds that begin one after the other, so that there is mail all the time.
pub(super) async fn fill(
    database: &Scratch,
    holds: usize,
    cases: usize,
) -> Result<PagesStage, RunError> {
    let store = database.open().await?;
    let opening = Clock::manual(start()? - SignedDuration::from_hours(24 * 20));
    let runner = Runner::new(store.clone(), opening, settings()?);
    let version = publish(
        &store,
        "sider.yaml",
        WORKFLOW,
        "sider",
        &templates(),
        runner.now(),
    )
    .await?;
    let jobcentres = jobcentres(&runner).await?;
    let mut stage = None;
    for number in 0..holds {
        let days = i64::try_from(number / HOLDS_A_DAY).unwrap_or_default();
        let first = jiff::civil::date(2026, 2, 2).saturating_add(Span::new().days(days));
        let dates = BTreeMap::from([("start".into(), first)]);
        let title = format!("Hold {}", number + 1);
        let none = BTreeMap::new();
        let hold = runner
            .open_cohort(version, &title, dates, BTreeMap::new(), &none)
            .await?;
        let mut one = candidate();
        one.organisation_id = jobcentres.get(number % JOBCENTRES).copied();
        let opened = runner.open_cases(hold.id, &[one]).await?;
        let case = opened.first().map(|case| case.id);
        let case = case.ok_or_else(|| RunError::Inconsistent("no case was opened".into()))?;
        runner.work(runner.now()).await?;
        let copies = Copies {
            of: case,
            count: i64::try_from(cases / holds).unwrap_or(i64::MAX) - 1,
            apart: 0,
            history: true,
        };
        store.copy_case(copies).await?;
        if stage.is_none() {
            stage = Some((hold.id, case));
        }
    }
    let (hold, case) = stage.ok_or_else(|| RunError::Inconsistent("no hold".into()))?;
    let (login, password) = account(&runner).await.map_err(|error| failed(&error))?;
    let rows = store.load(&[hold, case]).await?.subjects;
    let id_of = |id: i64| {
        let row = rows.iter().find(|row| row.id == id);
        row.map(|row| row.public_id.clone()).unwrap_or_default()
    };
    debug_assert_eq!(
        store.subjects_of(Sees::All, hold).await?.len(),
        cases / holds
    );
    store.settle_down().await?;
    store.close().await?;
    Ok(PagesStage {
        hold: id_of(hold),
        case: id_of(case),
        login,
        password,
    })
}

async fn jobcentres(runner: &Runner) -> Result<Vec<i64>, RunError> {
    let mut ids = Vec::with_capacity(JOBCENTRES);
    for number in 1..=JOBCENTRES {
        let one = NewOrganisation {
            name: format!("Jobcenter {number}"),
            kind: "jobcenter".to_owned(),
            email: None,
        };
        ids.push(runner.store().upsert_organisation(one).await?);
    }
    Ok(ids)
}

/// An account that may open every page.
async fn account(runner: &Runner) -> Result<(String, String), DeskError> {
    let desk = Desk::new(runner.clone());
    let login = "maaler@eksempel.example".to_owned();
    let asked = AccountAsked {
        email: login.clone(),
        role: "admin".to_owned(),
        name: Some("Måler".to_owned()),
        organisation: None,
    };
    let (_, link) = desk.open_account(&asked).await?;
    let password = link.text();
    desk.choose_password(&link.text(), &password).await?;
    Ok((login, password))
}

fn failed(error: &DeskError) -> RunError {
    RunError::Inconsistent(error.to_string())
}
