//! What the demo plays: the shipped Holstebro workflow with two holds of invented people.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, date};

use crate::cli::Failure;
use crate::definition;
use crate::definition::model::{FactRef, Workflow};
use crate::definition::value::Value;
use crate::engine::input::{Given, Input, TaskAct};
use crate::message::TemplateSource;
use crate::runner::People;
use crate::runner::assumed::ToldWhat;
use crate::runner::cast::{Cast, HoldGiven, Player, Said, Saying};

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

const WORKFLOW: &str = "workflows/holstebro-introforloeb.yaml";
const TEMPLATES: &str = "email-templates/";
/// First days and numbers of candidates.
const HOLDS: [(&str, Date, usize); 2] = [
    ("Hold 1", date(2026, 2, 2), 12),
    ("Hold 2", date(2026, 2, 16), 10),
];
const JOBCENTRES: [&str; 3] = ["Nordby", "Storådal", "Vestermose"];
const HOSTS: [&str; 2] = [
    "gyda.ravnsoe@boegely.example",
    "palle.mosegren@aahaven.example",
];

/// The two holds.
pub(super) fn casts() -> Result<Vec<Cast>, Failure> {
    let yaml = SHIPPED
        .iter()
        .find(|(path, _)| *path == WORKFLOW)
        .map(|(_, text)| *text);
    let workflow = yaml.and_then(|yaml| definition::read(WORKFLOW, yaml).workflow);
    let (Some(yaml), Some(workflow)) = (yaml, workflow) else {
        return Err(Failure::new(
            format!("{WORKFLOW} er ikke bygget ind, eller den har fejl."),
            "Byg programmet igen.",
        ));
    };
    let (workflow, templates) = (Arc::new(workflow), templates());
    let mut first = 0;
    let casts = HOLDS.iter().map(|(title, start, count)| {
        let numbers = first..first + count;
        first += count;
        cast(
            yaml,
            &workflow,
            &templates,
            title,
            *start,
            players(numbers, *start),
        )
    });
    Ok(casts.collect())
}

fn templates() -> TemplateSource {
    let files = SHIPPED.iter().filter_map(|(path, text)| {
        let name = path.strip_prefix(TEMPLATES)?;
        Some((name.to_owned(), (*text).to_owned()))
    });
    TemplateSource {
        files: files.collect(),
    }
}

fn cast(
    yaml: &str,
    workflow: &Arc<Workflow>,
    templates: &TemplateSource,
    title: &str,
    start: Date,
    players: Vec<Player>,
) -> Cast {
    Cast {
        file: Path::new(WORKFLOW).display().to_string(),
        yaml: yaml.to_owned(),
        templates: templates.clone(),
        workflow: workflow.clone(),
        title: title.to_owned(),
        dates: BTreeMap::from([("start".into(), start)]),
        players,
        said: said(workflow, start),
        only_said: false,
        begins_at: None,
        given: HoldGiven::default(),
        next: None,
    }
}

/// Candidates of three jobcentres who go to two care homes.
fn players(numbers: std::ops::Range<usize>, start: Date) -> Vec<Player> {
    let all = Cast::sample_players(numbers.end, start);
    let with_people = |(number, player): (usize, Player)| {
        let jobcentre = JOBCENTRES[number % JOBCENTRES.len()];
        let host = format!(
            "jobcenter-{}.example",
            jobcentre.to_lowercase().replace('å', "aa")
        );
        let consultant = format!("job.konsulent@{host}");
        let roles = [
            ("job_consultant", consultant),
            ("internship_host", HOSTS[number % HOSTS.len()].to_owned()),
        ];
        let roles = roles
            .into_iter()
            .map(|(role, address)| (role.into(), vec![address]))
            .collect();
        Player {
            organisation: Some(format!("Jobcenter {jobcentre}")),
            roles,
            ..player
        }
    };
    all.into_iter()
        .enumerate()
        .skip(numbers.start)
        .map(with_people)
        .collect()
}

/// Not everything goes as planned: one is not admitted, one is ill for a day, one stops, one says no.
fn said(workflow: &Workflow, start: Date) -> Vec<Said> {
    let day = |days: i64, hour: i8| -> DateTime {
        start
            .saturating_add(jiff::Span::new().days(days))
            .at(hour, 10, 0, 0)
    };
    let fact = |name: &str| FactRef {
        cohort: false,
        name: name.into(),
    };
    let yes = |yes: bool| Given {
        value: Value::YesNo(yes),
        text: None,
    };
    let reason = Given {
        value: Value::Written,
        text: Some("Er flyttet".into()),
    };
    let fire = |event: &str, set: BTreeMap<FactRef, Given>| Input::Fire {
        event: event.into(),
        set,
        override_reason: None,
        another: true,
    };
    let outcome = BTreeMap::from([(fact("offered"), yes(true)), (fact("accepted"), yes(false))]);
    let done = Input::Task {
        task: "outcome".into(),
        act: TaskAct::Done,
        set: outcome,
        assign: People::new(),
    };
    let told = [
        (7, day(-17, 9), fire("decline", BTreeMap::new())),
        (2, day(8, 9), fire("absence", BTreeMap::new())),
        (
            4,
            day(16, 10),
            fire("withdraw", BTreeMap::from([(fact("leave_reason"), reason)])),
        ),
        (8, day(44, 13), done),
    ];
    let said = told.into_iter().map(|(player, at, input)| Said {
        whom: Saying::Player(player),
        at: Some(workflow.calendar.instant(at)),
        what: ToldWhat::Input(input),
        step: None,
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_compiled_in() {
        let casts = casts().expect("two holds");
        let players: Vec<usize> = casts.iter().map(|cast| cast.players.len()).collect();
        assert_eq!(players, [12, 10]);
        assert!(
            casts[0]
                .templates
                .files
                .contains_key("da/holstebro-welcome/subject.hbs")
        );
        let names: std::collections::BTreeSet<&str> = casts
            .iter()
            .flat_map(|cast| &cast.players)
            .map(|player| player.name.as_str())
            .collect();
        assert_eq!(names.len(), 22);
    }
}
