//! `tovholder test`: plays the scenarios of workflows, and says what they do not cover.

mod coverage;
mod play;
mod shown;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use self::play::{Part, Tested};
use super::files::{self, Found, HBS, YAML};
use super::{Answer, Failure};
use crate::config::Texts;
use crate::definition::model::Workflow;
use crate::definition::{self, report};
use crate::message::TemplateSource;
use crate::runner::desk::nearest;

const EXAMPLES: &str = "\
Each scenario is played on the real engine with a clock of its own; nothing is
sent. What did not go as the scenario says is shown with the line of its step
and with what happened around it. Below each file stands how many of its
transitions and messages the scenarios went through; the variants of a file
count together.

Examples:
  tovholder test                                   all workflows
  tovholder test workflows/odense-for-forloeb.yaml
  tovholder test jrs-bliv-klar-til-sosu --scenario to_gf2
  tovholder test --min-coverage 100                less is an error

Exit code 0: all as it should be. 1: a scenario is not met, or a file covers
less than --min-coverage.";

/// Plays the scenarios of workflows: which are met, and what they do not cover.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// Workflow files, folders of them, or ids; without any, all workflows.
    files: Vec<String>,
    /// Only scenarios of this name; may be repeated. Coverage is not counted then.
    #[arg(long = "scenario", value_name = "NAME")]
    scenarios: Vec<String>,
    /// Less than so many percent of transitions or messages covered is an error.
    #[arg(long, value_name = "PERCENT", conflicts_with = "scenarios", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    #[command(flatten)]
    texts: Texts,
}

/// A file with its workflows, ready to be played.
struct ToTest {
    file: String,
    yaml: String,
    workflows: Vec<Arc<Workflow>>,
}

impl Test {
    pub async fn run(&self) -> Result<Answer, Failure> {
        let files = self.read()?;
        self.known_scenarios(&files)?;
        let templates = self.templates()?;
        let wanted = |name: &str| {
            self.scenarios.is_empty() || self.scenarios.iter().any(|wanted| wanted == name)
        };
        let parts = files.iter().enumerate().flat_map(|(file, to_test)| {
            let workflows = to_test.workflows.iter();
            workflows.flat_map(move |workflow| {
                let scenarios = 0..workflow.scenarios.len();
                scenarios.map(move |scenario| Part {
                    file,
                    workflow: workflow.clone(),
                    scenario,
                })
            })
        });
        let parts: Vec<Part> = parts.filter(|part| wanted(&part.scenario().name)).collect();
        let tested = play::all(&files, &templates, parts, self.scenarios.is_empty()).await?;
        Ok(self.answer(&tested))
    }

    fn answer(&self, tested: &[Tested]) -> Answer {
        let is_short = |one: &Tested| {
            let coverage = one.coverage.as_ref();
            coverage.is_some_and(|coverage| coverage.is_below(self.min_coverage.unwrap_or(0)))
        };
        let unmet = tested.iter().any(|one| !one.is_met());
        Answer {
            has_problems: unmet || tested.iter().any(is_short),
            ..Answer::new(shown::text(tested, self.min_coverage), &tested)
        }
    }

    /// The files asked for; one with errors cannot be played.
    fn read(&self) -> Result<Vec<ToTest>, Failure> {
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        let folder = self.texts.workflows.display().to_string();
        let asked = if self.files.is_empty() {
            std::slice::from_ref(&folder)
        } else {
            &self.files
        };
        for typed in asked {
            let path = Path::new(typed);
            if path.exists() {
                let found = Found::below(path, &YAML);
                refuse(&found.problems, &found.texts)?;
                texts.extend(found.texts);
            } else {
                let found = files::to_publish(&self.texts, typed)?;
                texts.insert(PathBuf::from(found.name), found.yaml);
            }
        }
        let mut problems = Vec::new();
        let mut files = Vec::with_capacity(texts.len());
        for (path, yaml) in &texts {
            let file = path.display().to_string();
            let read = definition::read(&file, yaml);
            let workflows: Vec<_> = read.workflows().cloned().map(Arc::new).collect();
            if workflows.is_empty() {
                problems.extend(read.problems);
            }
            files.push(ToTest {
                file,
                yaml: yaml.clone(),
                workflows,
            });
        }
        refuse(&problems, &texts)?;
        Ok(files)
    }

    fn templates(&self) -> Result<TemplateSource, Failure> {
        let found = Found::below(&self.texts.templates, &HBS);
        refuse(&found.problems, &found.texts)?;
        Ok(files::templates_in(&self.texts.templates, &found))
    }

    fn known_scenarios(&self, files: &[ToTest]) -> Result<(), Failure> {
        let workflows = files.iter().flat_map(|file| &file.workflows);
        let known: Vec<&str> = workflows
            .flat_map(|workflow| &workflow.scenarios)
            .map(|scenario| &*scenario.name)
            .collect();
        let unknown = self
            .scenarios
            .iter()
            .find(|name| !known.contains(&name.as_str()));
        let Some(name) = unknown else {
            return Ok(());
        };
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("Mente du »{near}«?"),
            None if known.is_empty() => "Der er ingen scenarier i det, der skal prøves.".to_owned(),
            None => format!("Der er {}.", known.join(", ")),
        };
        let message = format!("Der er intet scenarie »{name}«.");
        Err(Failure::new(message, help))
    }
}

fn refuse(
    problems: &[definition::Problem],
    texts: &BTreeMap<PathBuf, String>,
) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let source = |file: &str| texts.get(Path::new(file)).cloned();
    let text = report(problems, &source, false);
    Err(Failure::of_problems(problems, text))
}
