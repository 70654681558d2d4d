//! `tovholder graph`: a workflow as a picture.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::text::wrap;
use super::{Answer, Failure, files};
use crate::config::Texts;
use crate::definition::model::Workflow;
use crate::picture;

const EXAMPLES: &str = "\
SVG is a page to look at and to print: the phases on a scale of weeks, then
every phase and every way between them, light or dark as the reader's screen
is. Mermaid and DOT hold the phases and ways only, for other programs.

Examples:
  tovholder graph workflows/holstebro-introforloeb.yaml --out holstebro.svg
  tovholder graph odense-for-forloeb --out odense.mmd
  tovholder graph jrs-bliv-klar-til-sosu --as dot | dot -Tpdf -o jrs.pdf

Without --as the file's ending decides: .svg, .mmd or .mermaid, .dot or .gv.";

/// A workflow as a picture: its phases by week, and every way between them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Graph {
    /// The workflow: its file or its id.
    workflow: String,
    /// The language of the picture.
    #[arg(long = "as", value_name = "LANGUAGE", value_enum)]
    language: Option<Language>,
    /// Write it into this file instead of the terminal.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    texts: Texts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Language {
    /// A picture for a browser.
    #[default]
    Svg,
    /// Mermaid, `stateDiagram-v2`.
    Mermaid,
    /// Graphviz.
    Dot,
}

impl Language {
    /// By the ending of a file's name.
    fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "svg" => Some(Self::Svg),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "dot" | "gv" => Some(Self::Dot),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
        }
    }

    fn draw(self, workflow: &Workflow) -> String {
        match self {
            Self::Svg => picture::svg(workflow),
            Self::Mermaid => picture::mermaid(workflow),
            Self::Dot => picture::dot(workflow),
        }
    }
}

impl Graph {
    pub fn run(&self) -> Result<Answer, Failure> {
        let workflow = files::workflow(&self.texts, &self.workflow)?;
        let by_ending = self.out.iter().find_map(|path| {
            let ending = path.extension()?.to_str()?;
            Language::of_ending(&ending.to_lowercase())
        });
        let language = self.language.or(by_ending).unwrap_or_default();
        let drawn = language.draw(&workflow);
        let json = json!({"workflow": workflow.id, "language": language.name(), "picture": drawn});
        let Some(path) = &self.out else {
            return Ok(Answer::new(drawn, &json));
        };
        let shown = path.display().to_string();
        fs::write(path, drawn).map_err(|error| {
            Failure::new(
                format!("Der kan ikke skrives i {shown}: {error}."),
                "Angiv en anden fil med --out.",
            )
        })?;
        let told = format!("{} er tegnet i {shown}.", workflow.title);
        Ok(Answer::new(wrap("", &told), &json))
    }
}
