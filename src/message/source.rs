//! The files that templates come as: which path is what, and what is missing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use handlebars::Template;
use serde::{Deserialize, Serialize};

/// Template files as text, by their path below the templates' directory. They are given in memory
/// so that a published version can be frozen in the database beside its workflow.
///
/// | path | what it is |
/// |---|---|
/// | `da/status/subject.hbs` | the subject of the template `status`, one line |
/// | `da/status/body.txt.hbs`, `da/status/body.html.hbs` | its two bodies, both required |
/// | `da/partials/signature.hbs` | `{{> signature}}` in any part of any Danish template |
/// | `da/partials/footer.html.hbs`, `da/partials/footer.txt.hbs` | `{{> footer}}`, one for each kind of part |
///
/// Files that do not end in `.hbs` are no templates and are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateSource {
    /// The text of each file.
    pub files: BTreeMap<String, String>,
}

/// Something wrong in a template file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateProblem {
    /// Path below the templates' directory.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{} {}",
            self.file, self.line, self.column, self.message
        )?;
        self.help
            .as_ref()
            .map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// What kind of thing is wrong with a template that is written as templates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A name that the mail does not have.
    Unknown,
    /// A value of another kind than is wanted there.
    Kind,
    /// What must not be in any mail.
    Confidential,
    /// It cannot be rendered with what the mail may hold.
    Fails,
    /// Something was left over: a dot-dot-dot, an empty link, a hole where a name was empty.
    Leftover,
    /// Ten digits that may be somebody's CPR number.
    Cpr,
    /// A part with nothing in it, or that does not say what the other says.
    Parts,
}

/// Something wrong between a template and the mail it is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind of thing.
    pub fault: Fault,
    /// Where, and what.
    pub problem: TemplateProblem,
}

/// The three files of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    pub(super) const ALL: [Part; 3] = [Part::Subject, Part::Text, Part::Html];

    pub(super) fn file(self) -> &'static str {
        match self {
            Part::Subject => "subject.hbs",
            Part::Text => "body.txt.hbs",
            Part::Html => "body.html.hbs",
        }
    }

    /// The name in the registry; the `@` keeps it apart from every partial.
    pub(super) fn key(self, template: &str) -> String {
        format!("@{template}/{}", self.file())
    }
}

/// One file that parsed, and what its path says it is.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) role: Role<'a>,
    pub(super) template: Template,
}

pub(super) enum Role<'a> {
    Part { template: &'a str, part: Part },
    Partial { name: &'a str },
}

/// Whether the path is a template's at all.
pub(super) fn is_template(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "hbs")
}

pub(super) fn read_file<'a>(
    path: &'a str,
    text: &str,
) -> Result<(&'a str, File<'a>), TemplateProblem> {
    let problem = |(line, column), message: String, help: Option<&str>| TemplateProblem {
        file: path.to_owned(),
        line,
        column,
        message,
        help: help.map(str::to_owned),
    };
    let (language, role) = role_of(path).ok_or_else(|| {
        let help = "expected <language>/<name>/subject.hbs, body.txt.hbs or body.html.hbs, \
                    or <language>/partials/<name>.hbs";
        problem(
            (1, 1),
            "this file has no part in any template".to_owned(),
            Some(help),
        )
    })?;
    let template = Template::compile_with_name(text, path.to_owned()).map_err(|error| {
        let reason = error.reason().to_string();
        let first = reason.lines().next().unwrap_or_default().to_owned();
        problem(error.pos().unwrap_or((1, 1)), first, None)
    })?;
    Ok((
        language,
        File {
            path,
            role,
            template,
        },
    ))
}

fn role_of(path: &str) -> Option<(&str, Role<'_>)> {
    let (language, rest) = path.split_once('/')?;
    if let Some(partial) = rest.strip_prefix("partials/") {
        return Some((
            language,
            Role::Partial {
                name: partial.strip_suffix(".hbs")?,
            },
        ));
    }
    let (template, file) = rest.split_once('/')?;
    let part = Part::ALL.into_iter().find(|part| part.file() == file)?;
    Some((language, Role::Part { template, part }))
}

pub(super) fn missing_parts(source: &TemplateSource, problems: &mut Vec<TemplateProblem>) {
    let mut templates: BTreeMap<(&str, &str), Vec<Part>> = BTreeMap::new();
    for path in source.files.keys() {
        if let Some((language, Role::Part { template, part })) = role_of(path) {
            templates
                .entry((language, template))
                .or_default()
                .push(part);
        }
    }
    for ((language, template), parts) in templates {
        for part in Part::ALL.into_iter().filter(|part| !parts.contains(part)) {
            problems.push(TemplateProblem {
                file: format!("{language}/{template}/{}", part.file()),
                line: 1,
                column: 1,
                message: format!("the template \"{template}\" lacks this file"),
                help: Some("a mail has a subject, a text body and an HTML body".to_owned()),
            });
        }
    }
}
