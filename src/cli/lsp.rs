//! `tovholder lsp`: help with workflow files in the editor.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use lsp_server::Connection;
use serde_json::json;

use super::check;
use super::{Answer, Failure};
use crate::config::Texts;
use crate::definition::{Problem, Read};
use crate::lsp::{Outside, Template, server};

const EXAMPLES: &str = "\
An editor starts this and talks to it over standard input and output.

Neovim 0.11:
  vim.lsp.config('tovholder', {cmd = {'tovholder', 'lsp'}, filetypes = {'yaml'},
    root_markers = {'email-templates'}})
  vim.lsp.enable('tovholder')
Helix, in languages.toml:
  [language-server.tovholder]
  command = \"tovholder\"
  args = [\"lsp\"]

Mail templates are looked for beside the folder of the workflow, in
email-templates, or else in --templates.";

/// Helps with workflow files in an editor (Language Server Protocol).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lsp {
    #[command(flatten)]
    texts: Texts,
    /// Over standard input and output, which is what is done anyway: some editors say it.
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub fn run(&self) -> Result<Answer, Failure> {
        let (connection, threads) = Connection::stdio();
        let served = server::serve(&connection, self);
        // The threads end when nobody can send any more.
        drop(connection);
        let help = "It is meant to be started by an editor.";
        served.map_err(|error| Failure::new(error.to_string(), help))?;
        threads
            .join()
            .map_err(|error| Failure::new(error.to_string(), help))?;
        Ok(Answer {
            text: String::new(),
            json: json!(null),
            has_problems: false,
        })
    }

    /// `email-templates` beside the folder that a workflow lies in, or the usual folder.
    fn root(&self, workflow: &Path) -> PathBuf {
        let beside = workflow.parent().and_then(Path::parent);
        let beside = beside.map(|folder| folder.join("email-templates"));
        let beside = beside.filter(|folder| folder.is_dir());
        beside.unwrap_or_else(|| self.texts.templates.clone())
    }
}

impl Outside for Lsp {
    fn templates(&self, workflow: &Path, language: &str) -> Vec<Template> {
        let folder = self.root(workflow).join(language);
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let template = |folder: PathBuf| {
            let subject = fs::read_to_string(folder.join("subject.hbs")).ok()?;
            let name = folder.file_name()?.to_str()?.to_owned();
            Some(Template {
                name,
                text: folder.join("body.txt.hbs"),
                subject: subject.trim().to_owned(),
            })
        };
        let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut templates: Vec<Template> = folders.filter_map(template).collect();
        templates.sort_by(|a, b| a.name.cmp(&b.name));
        templates
    }

    fn problems(&self, workflow: &Path, text: &str, read: &Read) -> Vec<Problem> {
        check::with_templates(workflow, text, read, &self.root(workflow))
    }
}
