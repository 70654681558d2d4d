//! `tovholder openapi`: the HTTP API as `OpenAPI` 3.1, for whoever writes a program that uses it.

use clap::Args;

use super::{Answer, Failure};
use crate::web;

const EXAMPLES: &str = "\
The service answers the same document at /api/v1/openapi.json.

Examples:
  tovholder openapi > tovholder.openapi.json";

/// The description of the HTTP API, for programs that read one.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Openapi {}

impl Openapi {
    pub fn run() -> Result<Answer, Failure> {
        let document = web::openapi();
        let text = serde_json::to_string_pretty(&document)
            .map_err(|error| Failure::new(error.to_string(), "This is a fault of the program."))?;
        Ok(Answer::new(text + "\n", &document))
    }
}
