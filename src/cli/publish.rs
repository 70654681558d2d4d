//! `tovholder publish`: a workflow's file as a version that holds can follow.

use clap::Args;

use super::text::wrap;
use super::{Answer, Common, Failure, files};
use crate::config::Texts;

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

impl Publish {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let files = files::to_publish(&self.texts, &self.workflow)?;
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
