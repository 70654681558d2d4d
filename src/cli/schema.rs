//! `tovholder schema`: the language of workflow files as JSON Schema, for editors.

use clap::Args;

use super::{Answer, Failure};
use crate::definition;

const EXAMPLES: &str = "\
Examples:
  tovholder schema > workflows/workflow.schema.json
A workflow file names it in its first line, for editors with a YAML language
server:
  # yaml-language-server: $schema=./workflow.schema.json";

/// The language of workflow files as JSON Schema, for editors.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Schema {}

impl Schema {
    pub fn run() -> Result<Answer, Failure> {
        let schema = definition::schema();
        let text = serde_json::to_string_pretty(&schema)
            .map_err(|error| Failure::new(error.to_string(), "This is a fault of the program."))?;
        Ok(Answer::new(text + "\n", &schema))
    }
}
