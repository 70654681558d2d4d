//! Workflow files and templates from disk, as text. What cannot be read is a problem like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::config::Texts;
use crate::definition::model::Workflow;
use crate::definition::{self, Problem, Severity};
use crate::message::TemplateSource;
use crate::runner::desk::{Files, nearest, unusable};
use crate::runner::{Installed, InstalledWorkflow};

/// Files by path, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The text of each file.
    pub texts: BTreeMap<PathBuf, String>,
    /// Files that cannot be read.
    pub problems: Vec<Problem>,
}

/// A problem with a whole file.
pub(super) fn problem(
    path: &Path,
    rule: &'static str,
    message: String,
    help: Option<String>,
) -> Problem {
    let file = path.display().to_string();
    Problem {
        file,
        line: 1,
        column: 1,
        span: 0..0,
        rule,
        severity: Severity::Error,
        message,
        help,
    }
}

impl Found {
    /// Reads a file, or all files below a folder, that end so.
    pub fn below(path: &Path, endings: &[&str]) -> Self {
        let mut found = Self::default();
        let unreadable = |error: &std::io::Error| {
            problem(path, "unreadable", format!("cannot be read: {error}"), None)
        };
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => found.folder(path, endings),
            Ok(_) => found.file(path),
            Err(error) => found.problems.push(unreadable(&error)),
        }
        found
    }

    fn folder(&mut self, folder: &Path, endings: &[&str]) {
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems.push(problem(
                    folder,
                    "unreadable",
                    format!("cannot be read: {error}"),
                    None,
                ));
                return;
            }
        };
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        for path in paths {
            // A link that leads up again would never end, so links to folders are not followed.
            if path.is_dir() && !path.is_symlink() {
                self.folder(&path, endings);
            } else if is_one_of(&path, endings) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => {
                self.texts.insert(path.to_owned(), text);
            }
            Ok(Err(error)) => {
                let valid = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
                let line = before.matches('\n').count() + 1;
                let help = "save it as UTF-8".to_owned();
                let problem = problem(
                    path,
                    "not-utf8",
                    "this is not UTF-8 text".to_owned(),
                    Some(help),
                );
                self.problems.push(Problem { line, ..problem });
            }
            Err(error) => self.problems.push(problem(
                path,
                "unreadable",
                format!("cannot be read: {error}"),
                None,
            )),
        }
    }
}

/// Whether a path has one of these endings.
pub(super) fn is_one_of(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|ending| endings.contains(&ending))
}

/// The endings of workflow files.
pub(super) const YAML: [&str; 2] = ["yaml", "yml"];
/// The endings of template files, and of their style.
pub(super) const HBS: [&str; 2] = ["hbs", "css"];

/// Templates by their path below the folder.
pub(super) fn templates_in(root: &Path, found: &Found) -> TemplateSource {
    let mut source = TemplateSource::default();
    for (path, text) in &found.texts {
        if let Ok(inside) = path.strip_prefix(root) {
            let parts: Vec<_> = inside
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            source.files.insert(parts.join("/"), text.clone());
        }
    }
    source
}

/// All that is there to be published; what cannot be read is not there.
pub(super) fn installed(texts: &Texts) -> Installed {
    let mut installed = Installed {
        templates: templates_in(&texts.templates, &Found::below(&texts.templates, &HBS)),
        ..Installed::default()
    };
    for (path, yaml) in Found::below(&texts.workflows, &YAML).texts {
        let name = path.display().to_string();
        for workflow in definition::read(&name, &yaml).workflows() {
            let file = InstalledWorkflow {
                name: name.clone(),
                title: workflow.title.clone(),
                yaml: yaml.clone(),
            };
            installed.workflows.insert(workflow.id.to_string(), file);
        }
    }
    installed
}

/// All workflows of the folder that have no errors.
pub(super) fn workflows(texts: &Texts) -> Vec<Workflow> {
    let found = Found::below(&texts.workflows, &YAML);
    let read = |(path, text): (&PathBuf, &String)| {
        let read = definition::read(&path.display().to_string(), text);
        read.workflow.into_iter().chain(read.variants)
    };
    found.texts.iter().flat_map(read).collect()
}

/// A workflow by its file or its id; a variant by its id only.
pub(super) fn workflow(texts: &Texts, typed: &str) -> Result<Workflow, Failure> {
    let (path, yaml) = find(texts, typed)?;
    without_errors(&path.display().to_string(), &yaml, typed)
}

fn without_errors(name: &str, yaml: &str, typed: &str) -> Result<Workflow, Failure> {
    let read = definition::read(name, yaml);
    // A file is known by its own workflow; a variant by its name only.
    let called = read.called(typed).or(read.workflow.as_ref());
    called.cloned().ok_or_else(|| {
        let errors = read.problems.iter().filter(|one| one.is_error()).count();
        let wrong = unusable(name, errors);
        Failure::from(wrong.help(format!("Se dem med: tovholder check {name}")))
    })
}

/// A workflow by its file or its id, with all templates, ready to be published.
pub(super) fn to_publish(texts: &Texts, typed: &str) -> Result<Files, Failure> {
    let (path, yaml) = find(texts, typed)?;
    let name = path.display().to_string();
    let id = without_errors(&name, &yaml, typed)?.id;
    let found = Found::below(&texts.templates, &HBS);
    if let Some(problem) = found.problems.first() {
        let message = format!("{}: {}.", problem.file, problem.message);
        return Err(Failure::new(
            message,
            "Mapperne angives med --templates eller TOVHOLDER_TEMPLATES.",
        ));
    }
    Ok(Files {
        name,
        id,
        yaml,
        templates: templates_in(&texts.templates, &found),
    })
}

fn find(texts: &Texts, typed: &str) -> Result<(PathBuf, String), Failure> {
    let as_path = Path::new(typed);
    let (path, is_file) = (as_path.to_owned(), as_path.is_file());
    let found = if is_file {
        Found::below(&path, &YAML)
    } else {
        Found::below(&texts.workflows, &YAML)
    };
    if let Some(problem) = found.problems.first() {
        let message = format!("{}: {}.", problem.file, problem.message);
        return Err(Failure::new(
            message,
            "Mappen angives med --workflows eller TOVHOLDER_WORKFLOWS.",
        ));
    }
    let id = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let named = |(path, text): (&PathBuf, &String)| {
        let read = definition::read(&path.display().to_string(), text);
        let workflows: Vec<String> = read.workflows().map(|one| one.id.to_string()).collect();
        workflows.into_iter().chain([id(path)])
    };
    let ids: BTreeSet<String> = found.texts.iter().flat_map(named).collect();
    // A file with errors is found by what it calls itself, so that it can be said what is wrong.
    let declared = |path: &Path, text: &str| {
        let read = definition::read(&path.display().to_string(), text);
        let line = |line: &str| {
            line.strip_prefix("workflow:")
                .is_some_and(|rest| rest.split('#').next().unwrap_or_default().trim() == typed)
        };
        read.called(typed).is_some() || text.lines().any(line)
    };
    let mut all = found.texts.into_iter();
    all.find(|(path, text)| is_file || id(path) == typed || declared(path, text))
        .ok_or_else(|| {
            let known = nearest(typed, ids.iter().map(String::as_str)).map_or_else(
                || {
                    if ids.is_empty() {
                        "Mappen er tom.".to_owned()
                    } else {
                        format!(
                            "Der er {}.",
                            ids.iter()
                                .map(String::as_str)
                                .collect::<Vec<_>>()
                                .join(", ")
                        )
                    }
                },
                |near| format!("Mente du »{near}«?"),
            );
            Failure::new(
                format!(
                    "Der er intet workflow »{typed}« i {}.",
                    texts.workflows.display()
                ),
                known,
            )
        })
}
