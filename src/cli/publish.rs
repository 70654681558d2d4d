//! `tovholder publish`: a workflow's file as a version that holds can follow.

use std::path::Path;

use clap::Args;

use super::text::wrap;
use super::{Answer, Common, Failure, files};
use crate::config::Texts;
use crate::definition;
use crate::runner::desk::{Files, unusable};
use crate::runner::rehearsal::Stage;

const EXAMPLES: &str = "\
The file is checked and frozen with its templates. New holds follow the version
that was published last; holds that are under way stay on theirs until somebody
moves them with `tovholder migrate`. The same content is the same version.

Examples:
  tovholder publish holstebro-introforloeb
  tovholder versions holstebro-introforloeb
  tovholder diff holstebro-introforloeb@1 holstebro-introforloeb@2";

/// Publish a workflow's file with its templates, as a version that holds can follow.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Publish {
    /// The workflow: its id or its file.
    workflow: String,
    #[command(flatten)]
    texts: Texts,
}

/// How many errors the text has, and its mails.
fn errors(files: &Files, templates: &Path) -> usize {
    let read = definition::read(&files.name, &files.yaml);
    let mut stage = Stage::new(templates, files.templates.clone());
    let mut problems = read.problems.clone();
    problems.extend(stage.with_workflow(&files.name, &files.yaml, &read));
    problems.iter().filter(|one| one.is_error()).count()
}

impl Publish {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let files = files::to_publish(&self.texts, &self.workflow)?;
        let errors = errors(&files, &self.texts.templates);
        if errors > 0 {
            let wrong = unusable(&files.name, errors);
            return Err(Failure::from(wrong.help(format!(
                "Intet er udgivet. Se dem med: tovholder check {}",
                files.name
            ))));
        }
        let desk = common.desk_or_new().await?;
        let id = desk.publish(&files).await?;
        let version = desk.version_line(id).await?;
        let text = wrap(
            "",
            &format!(
                "{}@{} er udgivet {}.",
                version.workflow,
                version.number,
                version.published.strftime("%-d.%-m.%Y kl. %-H.%M")
            ),
        );
        Ok(Answer::new(text, &version))
    }
}
