//! `tovholder reference`: the reference of the language, a Markdown page per keyword.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Answer, Failure};
use crate::definition;

const EXAMPLES: &str = "\
Examples:
  tovholder reference
  tovholder reference /tmp/reference";

/// Writes the reference of the language, a page per keyword.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Reference {
    /// The folder that the pages are written to.
    #[arg(default_value = "docs/reference", value_name = "FOLDER")]
    folder: PathBuf,
}

impl Reference {
    pub fn run(&self) -> Result<Answer, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::new(
                format!("{}: {error}.", self.folder.display()),
                "Må mappen skrives?",
            )
        };
        fs::create_dir_all(&self.folder).map_err(cannot)?;
        let pages = definition::reference();
        for page in &pages {
            fs::write(self.folder.join(&page.file), &page.text).map_err(cannot)?;
        }
        let files: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
        let text = format!("{} sider i {}.\n", files.len(), self.folder.display());
        Ok(Answer::new(text, &json!({"files": files})))
    }
}
