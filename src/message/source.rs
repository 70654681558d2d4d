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
/// | `da/status/why.hbs` | why the mail is sent, one sentence; required where there is a layout |
/// | `da/partials/signature.hbs` | `{{> signature}}` in any part of any Danish template |
/// | `da/partials/footer.html.hbs`, `da/partials/footer.txt.hbs` | `{{> footer}}`, one for each kind of part |
/// | `partials/…` | partials of every language; one of the language's own wins over them |
/// | `partials/layout.html.hbs`, `partials/layout.txt.hbs` | what surrounds every body: `{{> body}}` and `{{> why}}` stand in it |
/// | `partials/mail.css` | the style of every HTML body |
///
/// Without a layout a body is the whole mail, as it was in versions published before there was one.
/// Other files that do not end in `.hbs` are no templates and are ignored.
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
    /// Something was left over: a dot-dot-dot, an empty link, a hole where a name was empty,
    /// half a tag.
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

/// Where the style of every HTML body stands.
pub(super) const CSS: &str = "partials/mail.css";
/// Why a mail is sent.
pub(super) const WHY: &str = "why.hbs";
/// What is around every body: of HTML, and of text.
pub(super) const LAYOUTS: [&str; 2] = ["partials/layout.html.hbs", "partials/layout.txt.hbs"];
const SHARED: &str = "partials/";

/// The three parts of a mail, each a file of its template.
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

    /// The name of the part in the registry, with the layout around it; the `@` keeps it apart from
    /// every partial.
    pub(super) fn key(self, template: &str) -> String {
        format!("@{template}/{}", self.file())
    }

    /// The file of what is around the part; nothing is around a subject.
    pub(super) fn layout(self) -> Option<&'static str> {
        match self {
            Part::Subject => None,
            Part::Html => Some(LAYOUTS[0]),
            Part::Text => Some(LAYOUTS[1]),
        }
    }

    /// The name of the author's own file in the registry, where a layout is around it.
    pub(super) fn body_key(self, template: &str) -> String {
        format!("@{template}/own/{}", self.file())
    }
}

/// The name in the registry of the file that says why a mail is sent.
pub(super) fn why_key(template: &str) -> String {
    format!("@{template}/{WHY}")
}

/// One file that parsed, and what its path says it is.
#[derive(Clone)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    /// None for what all languages share.
    pub(super) language: Option<&'a str>,
    pub(super) role: Role<'a>,
    pub(super) template: Template,
}

#[derive(Clone, Copy)]
pub(super) enum Role<'a> {
    Part { template: &'a str, part: Part },
    Why { template: &'a str },
    Partial { name: &'a str },
}

/// Whether the path is a template's at all.
pub(super) fn is_template(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "hbs")
}

pub(super) fn read_file<'a>(path: &'a str, text: &str) -> Result<File<'a>, TemplateProblem> {
    let problem = |(line, column), message: String, help: Option<&str>| TemplateProblem {
        file: path.to_owned(),
        line,
        column,
        message,
        help: help.map(str::to_owned),
    };
    let (language, role) = role_of(path).ok_or_else(|| {
        let help = "expected <language>/<name>/subject.hbs, body.txt.hbs, body.html.hbs or \
                    why.hbs, or <language>/partials/<name>.hbs";
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
    Ok(File {
        path,
        language,
        role,
        template,
    })
}

fn role_of(path: &str) -> Option<(Option<&str>, Role<'_>)> {
    if let Some(shared) = path.strip_prefix(SHARED) {
        let name = shared.strip_suffix(".hbs")?;
        return Some((None, Role::Partial { name }));
    }
    let (language, rest) = path.split_once('/')?;
    if let Some(partial) = rest.strip_prefix(SHARED) {
        let name = partial.strip_suffix(".hbs")?;
        return Some((Some(language), Role::Partial { name }));
    }
    let (template, file) = rest.split_once('/')?;
    if file == WHY {
        return Some((Some(language), Role::Why { template }));
    }
    let part = Part::ALL.into_iter().find(|part| part.file() == file)?;
    Some((Some(language), Role::Part { template, part }))
}

impl TemplateSource {
    /// The text of a partial that all languages share, or of the language's own.
    pub(super) fn partial(&self, language: &str, name: &str) -> Option<&str> {
        let own = self.files.get(&format!("{language}/partials/{name}.hbs"));
        let found = own.or_else(|| self.files.get(&format!("{SHARED}{name}.hbs")));
        found.map(String::as_str)
    }

    /// The names that a language's partials are found by.
    pub(super) fn partials(&self, language: &str) -> impl Iterator<Item = &str> {
        let own = format!("{language}/{SHARED}");
        self.files.keys().filter_map(move |path| {
            let name = path
                .strip_prefix(SHARED)
                .or_else(|| path.strip_prefix(&*own))?;
            let name = name.strip_suffix(".hbs")?;
            let short = name
                .strip_suffix(".html")
                .or_else(|| name.strip_suffix(".txt"));
            Some(short.unwrap_or(name))
        })
    }

    /// The text of the layout that is around a part.
    pub(super) fn layout(&self, part: Part) -> Option<&str> {
        self.files.get(part.layout()?).map(String::as_str)
    }
}

/// The files that a template lacks.
pub(super) fn missing_parts(source: &TemplateSource, problems: &mut Vec<TemplateProblem>) {
    let mut templates: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for path in source.files.keys() {
        if let Some((Some(language), Role::Part { template, .. } | Role::Why { template })) =
            role_of(path)
        {
            let file = path.rsplit('/').next().unwrap_or_default();
            let files = templates.entry((language, template)).or_default();
            files.push(file);
        }
    }
    let body = "a mail has a subject, a text body and an HTML body";
    let layouts = LAYOUTS.map(|file| (file, source.files.contains_key(file)));
    let has_layout = layouts.iter().any(|(_, is_there)| *is_there);
    if let Some((file, _)) = layouts.iter().find(|(_, is_there)| has_layout && !is_there) {
        problems.push(TemplateProblem {
            file: (*file).to_owned(),
            line: 1,
            column: 1,
            message: "the other body has a layout, and this one has none".to_owned(),
            help: None,
        });
    }
    let why = "say in one sentence why whoever gets the mail gets it";
    for ((language, template), files) in templates {
        let why = has_layout.then_some((WHY, why));
        let wanted = Part::ALL.map(|part| (part.file(), body));
        let lacking = wanted.into_iter().chain(why);
        for (file, help) in lacking.filter(|(file, _)| !files.contains(file)) {
            problems.push(TemplateProblem {
                file: format!("{language}/{template}/{file}"),
                line: 1,
                column: 1,
                message: format!("the template \"{template}\" lacks this file"),
                help: Some(help.to_owned()),
            });
        }
    }
}
