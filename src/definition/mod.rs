//! YAML into a checked [`Workflow`]: every problem of a file in one run, each with its place and
//! what to do about it.
//!
//! A file is read in four steps: YAML into a tree with places (`yaml`), all names (`names`), each
//! keyword into the model (`keyword/`, one file each), and the rules that need the whole of it (`rule/`,
//! which lists them all). A new keyword is a new file in `keyword/` and one line where it may stand.

pub mod assume;
mod keyword;
pub mod keywords;
mod locate;
pub mod machine;
pub mod model;
mod names;
mod problem;
mod reference;
mod report;
pub mod rule;
mod schema;
mod shape;
pub mod symbols;
pub mod value;
mod yaml;

use std::ops::Range;

pub use locate::{Places, line_at};
use model::Workflow;
pub use problem::{Problem, Severity};
pub use reference::{ReferencePage, reference};
pub use report::report;
pub use schema::schema;
use symbols::Symbols;

/// What a file says, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The workflow; there exactly when no problem is an error.
    pub workflow: Option<Workflow>,
    /// The workflows with the same states and other values (`variants:`), in the order of the file.
    pub variants: Vec<Workflow>,
    /// All problems, in the order of the file.
    pub problems: Vec<Problem>,
    /// The templates that messages name, each with its place, so that a missing folder can be
    /// reported where it is named.
    pub templates: Vec<TemplateUse>,
    /// What is declared and where it is used, as far as the file could be read.
    pub symbols: Symbols,
    /// What could be read of a file with errors, the faulty parts left out: never to be run, but
    /// good enough to explain a phrase while its neighbour is being written.
    pub draft: Option<Workflow>,
}

impl Read {
    /// The file's own workflow and its variants; none when the file has errors.
    pub fn workflows(&self) -> impl Iterator<Item = &Workflow> {
        self.workflow.iter().chain(&self.variants)
    }

    /// The workflow of this name, which is the file's own or one of its variants.
    #[must_use]
    pub fn called(&self, name: &str) -> Option<&Workflow> {
        self.workflows().find(|workflow| *workflow.id == *name)
    }
}

/// A template named by a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUse {
    /// The folder's name.
    pub name: String,
    /// Where it stands, in bytes of the file.
    pub span: Range<usize>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Reads one workflow file. `file` is only its name, for the problems; nothing is opened.
///
/// ```
/// let read = tovholder::definition::read("empty.yaml", "workflow: empty\n");
/// assert!(read.workflow.is_none());
/// assert_eq!(read.problems[0].message, "a workflow needs \"title:\"");
/// assert_eq!((read.problems[0].line, read.problems[0].column), (1, 1));
/// ```
#[must_use]
pub fn read(file: &str, text: &str) -> Read {
    let sink = problem::Sink::new(file, text);
    let root = yaml::parse(&sink);
    let (mut workflows, templates) = root.map_or_else(Default::default, |root| {
        let found = keyword::workflow::read(&sink, &root);
        rule::allow::apply(&sink, &root);
        found
    });
    let mut draft = None;
    if sink.has_errors() {
        draft = workflows.drain(..).next();
    }
    let symbols = sink.seen.take().into_symbols();
    let mut workflows = workflows.into_iter();
    Read {
        workflow: workflows.next(),
        variants: workflows.collect(),
        problems: sink.into_problems(),
        templates,
        symbols,
        draft,
    }
}
