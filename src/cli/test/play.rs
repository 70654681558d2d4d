//! Plays scenarios, as many at a time as there are processors; none knows of another.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;

use jiff::civil::DateTime;
use serde::Serialize;
use tokio::task::JoinSet;

use super::ToTest;
use super::coverage::Coverage;
use crate::cli::live::Live;
use crate::cli::simulate::around;
use crate::cli::{Failure, settings};
use crate::definition::line_at;
use crate::definition::model::{Scenario, ScenarioStep, StepKind, Workflow};
use crate::message::TemplateSource;
use crate::runner::RunError;
use crate::runner::desk::{Files, cast_of};
use crate::runner::simulate::{Covered, HeldMail, Report, Simulation};

/// A scenario to be played.
#[derive(Clone)]
pub(super) struct Part {
    /// The file's place in the list.
    pub file: usize,
    pub workflow: Arc<Workflow>,
    /// Its place in the workflow's list.
    pub scenario: usize,
}

/// How the scenarios of a file went.
#[derive(Debug, Serialize)]
pub(super) struct Tested {
    pub file: String,
    /// The file's own workflow, then its variants.
    pub workflows: Vec<OfWorkflow>,
    /// Not counted when only some scenarios are played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// How the scenarios of a workflow went.
#[derive(Debug, Serialize)]
pub(super) struct OfWorkflow {
    pub workflow: String,
    pub title: String,
    pub scenarios: Vec<Played>,
}

/// How a scenario went.
#[derive(Debug, Serialize)]
pub(super) struct Played {
    pub scenario: String,
    pub title: String,
    /// What was expected and did not come true, and what could not be done.
    pub unmet: Vec<Difference>,
    /// What happened around the first of them.
    #[serde(skip)]
    pub timeline: String,
}

/// A step that did not go as the scenario says.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// The line of the step; of something that no step says, of the last one.
    pub line: usize,
    /// That line, as it is written.
    pub text: String,
    /// Local time.
    pub at: DateTime,
    /// What was expected; empty when something could not be done.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

impl Part {
    pub fn scenario(&self) -> &Scenario {
        &self.workflow.scenarios[self.scenario]
    }
}

impl Tested {
    pub fn is_met(&self) -> bool {
        let mut scenarios = self.workflows.iter().flat_map(|one| &one.scenarios);
        scenarios.all(|played| played.unmet.is_empty())
    }
}

/// Plays all of them; what comes of it stands in the order of the files.
pub(super) async fn all(
    files: &[ToTest],
    templates: &TemplateSource,
    parts: Vec<Part>,
    is_whole: bool,
) -> Result<Vec<Tested>, Failure> {
    let at_once = std::thread::available_parallelism().map_or(1, NonZero::get);
    let count = parts.len();
    let mut live = Live::begin();
    let mut waiting = parts.into_iter().enumerate();
    let mut playing = JoinSet::new();
    let mut came: BTreeMap<usize, (Part, Played, Covered)> = BTreeMap::new();
    loop {
        while playing.len() < at_once
            && let Some((number, part)) = waiting.next()
        {
            let file = &files[part.file];
            let files = Files {
                name: file.file.clone(),
                id: part.workflow.id.clone(),
                yaml: file.yaml.clone(),
                templates: templates.clone(),
            };
            playing.spawn(async move {
                let (played, covered) = one(&files, &part).await?;
                Ok::<_, RunError>((number, part, played, covered))
            });
        }
        let Some(next) = playing.join_next().await else {
            break;
        };
        let next = next.map_err(|error| {
            Failure::new(
                format!("Et scenarie gik i stykker: {error}."),
                "Det er en fejl i tovholder.",
            )
        })?;
        let (number, part, played, covered) = next?;
        came.insert(number, (part, played, covered));
        if live.is_terminal() {
            live.draw(&format!("{} af {count} scenarier", came.len()));
        }
    }
    if live.is_terminal() {
        live.draw("");
    }
    Ok(by_file(files, came.into_values().collect(), is_whole))
}

fn by_file(files: &[ToTest], came: Vec<(Part, Played, Covered)>, is_whole: bool) -> Vec<Tested> {
    let mut covered: Vec<Covered> = files.iter().map(|_| Covered::default()).collect();
    let mut tested: Vec<Tested> = files.iter().map(empty).collect();
    for (part, played, went) in came {
        covered[part.file].add(went);
        let mut workflows = tested[part.file].workflows.iter_mut();
        if let Some(one) = workflows.find(|one| *one.workflow == *part.workflow.id) {
            one.scenarios.push(played);
        }
    }
    if is_whole {
        for ((file, covered), tested) in files.iter().zip(&covered).zip(&mut tested) {
            tested.coverage = Coverage::of(file, covered);
        }
    } else {
        for tested in &mut tested {
            tested.workflows.retain(|one| !one.scenarios.is_empty());
        }
        tested.retain(|one| !one.workflows.is_empty());
    }
    tested
}

fn empty(file: &ToTest) -> Tested {
    let workflows = file.workflows.iter().map(|workflow| OfWorkflow {
        workflow: workflow.id.to_string(),
        title: workflow.title.clone(),
        scenarios: Vec::new(),
    });
    Tested {
        file: file.file.clone(),
        workflows: workflows.collect(),
        coverage: None,
    }
}

async fn one(files: &Files, part: &Part) -> Result<(Played, Covered), RunError> {
    let scenario = part.scenario();
    let mut cast = cast_of(files, &part.workflow);
    cast.follow(scenario);
    let mut simulation = Simulation::begin(&cast, settings()).await?;
    if let Some(last) = scenario.steps.last() {
        simulation.stop_after(last.at.date());
    }
    simulation.play(|_| {}).await?;
    let mut report = simulation.report().await?;
    // Those who only take a place do nothing that a scenario is about.
    let others = cast.players.iter().filter(|player| player.only_takes_place);
    let others: Vec<&str> = others.map(|player| player.name.as_str()).collect();
    let is_told = |who: &str| !others.contains(&who);
    report.entries.retain(|entry| is_told(&entry.who));
    report.mails.retain(|mail| is_told(&mail.who));
    report.held.retain(|held| is_told(&held.who));
    let differences = differences(files, part, &simulation, &report);
    let timeline = differences.first().map(|first| around(&report, first.at));
    let played = Played {
        scenario: scenario.name.to_string(),
        title: scenario.title.clone(),
        unmet: differences,
        timeline: timeline.unwrap_or_default(),
    };
    Ok((played, simulation.covered().await?))
}

/// What did not go as the steps say, and what went wrong besides.
fn differences(
    files: &Files,
    part: &Part,
    simulation: &Simulation,
    report: &Report,
) -> Vec<Difference> {
    let (workflow, steps) = (&part.workflow, &part.scenario().steps);
    let difference = |step: Option<usize>, at: DateTime, expected: &str, found: String| {
        // What no step says went wrong after the last step before it.
        let before = steps.iter().rposition(|step| step.at <= at).unwrap_or(0);
        let step = steps.get(step.unwrap_or(before));
        let line = step.map_or(1, |step| line_at(&files.yaml, step.span.start));
        let text = files.yaml.lines().nth(line - 1).unwrap_or_default();
        Difference {
            line,
            text: text.trim().to_owned(),
            at,
            expected: expected.to_owned(),
            found,
        }
    };
    let unmet = simulation.unmet().iter().map(|unmet| {
        let at = workflow.calendar.local(unmet.at);
        difference(unmet.step, at, &unmet.expected, unmet.found.clone())
    });
    let mut differences: Vec<Difference> = unmet.collect();
    differences.extend(report.stuck.iter().map(|entry| {
        let found = format!("fejl i tovholder: {}: {}", entry.who, entry.what);
        difference(None, entry.at, "", found)
    }));
    for (held, times) in unexpected(report, steps) {
        let words = format!(
            "mail til {} om {} kunne ikke sendes: {}",
            held.role, held.who, held.reason
        );
        let times = if times > 1 {
            format!("{times} gange: ")
        } else {
            String::new()
        };
        differences.push(difference(None, held.at, "", times + &words));
    }
    differences.sort_by_key(|difference| difference.at);
    differences
}

/// Mail that could not leave, and of which no step expects so much; the same only once, with how
/// often it happened.
fn unexpected<'r>(report: &'r Report, steps: &[ScenarioStep]) -> Vec<(&'r HeldMail, usize)> {
    let expected = steps.iter().filter_map(|step| match &step.what {
        StepKind::Expect(expect) => expect.held,
        _ => None,
    });
    let expected = expected.max().unwrap_or(0) as usize;
    let mut unexpected: Vec<(&HeldMail, usize)> = Vec::new();
    for held in report.held.iter().skip(expected) {
        let same = unexpected.iter_mut().find(|(known, _)| {
            (&known.role, &known.who, &known.reason) == (&held.role, &held.who, &held.reason)
        });
        match same {
            Some((_, times)) => *times += 1,
            None => unexpected.push((held, 1)),
        }
    }
    unexpected
}
