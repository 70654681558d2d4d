//! The templates of a workflow, compiled once and rendered for each mail.

use std::collections::BTreeMap;
use std::fmt;

use handlebars::{Context, Handlebars, RenderErrorReason};
use serde_json::Value as Json;

use super::compile::{self, Language};
use super::marks::Marks;
use super::source::{self, File, Part, TemplateProblem, TemplateSource};

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, no line breaks.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML, values escaped.
    pub html: String,
}

/// Why a template could not be rendered with the data it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No such template.
    #[error("there is no template \"{name}\" in the language \"{language}\"")]
    NoTemplate {
        /// The language asked for.
        language: String,
        /// The name asked for.
        name: String,
    },
    /// The template uses a name that the data does not have.
    #[error("{file}:{line}:{column} the mail's data has no \"{name}\"")]
    UnknownName {
        /// The template's file, which tells the part; or the partial's.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The name as the template writes it.
        name: String,
    },
    /// A helper cannot do with the value what the template asks.
    #[error("{file}:{line}:{column} {message}")]
    Value {
        /// The template's file, which tells the part; or the partial's.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong; it names the value.
        message: String,
    },
    /// The subject came out with nothing in it.
    #[error("{file}:1:1 the subject is empty")]
    EmptySubject {
        /// The subject's file.
        file: String,
    },
}

impl RenderError {
    /// The same, as a problem of the template.
    #[must_use]
    pub fn into_problem(self) -> TemplateProblem {
        let (file, line, column, message) = match self {
            Self::NoTemplate { language, name } => {
                (format!("{language}/{name}"), 1, 1, "it is not there".into())
            }
            Self::UnknownName {
                file,
                line,
                column,
                name,
            } => (
                file,
                line,
                column,
                format!("the mail may have no \"{name}\""),
            ),
            Self::Value {
                file,
                line,
                column,
                message,
            } => (file, line, column, message),
            Self::EmptySubject { file } => (file, 1, 1, "the subject is empty".into()),
        };
        let help = Some("a name that may be empty stands inside {{#if …}}".to_owned());
        TemplateProblem {
            file,
            line,
            column,
            message,
            help,
        }
    }
}

/// All templates of all languages, compiled.
pub struct Templates {
    languages: BTreeMap<String, Language>,
    /// Set where templates are tried; mail is rendered without any.
    pub(super) marks: Marks,
}

impl Templates {
    /// Compiles all files, or says everything that is wrong with any of them.
    pub fn compile(given: &TemplateSource) -> Result<Templates, Vec<TemplateProblem>> {
        Self::compile_with(given, None)
    }

    /// The same, to be tried and not to be sent: what is rendered tells which branches it took.
    pub fn compile_to_try(given: &TemplateSource) -> Result<Templates, Vec<TemplateProblem>> {
        Self::compile_with(given, Some(Marks::default()))
    }

    fn compile_with(
        given: &TemplateSource,
        mut marks: Option<Marks>,
    ) -> Result<Templates, Vec<TemplateProblem>> {
        let mut problems = Vec::new();
        let mut shared: Vec<File<'_>> = Vec::new();
        let mut files: BTreeMap<&str, Vec<File<'_>>> = BTreeMap::new();
        for (path, text) in &given.files {
            if !source::is_template(path) {
                continue;
            }
            match source::read_file(path, text) {
                Ok(mut file) => {
                    if let Some(marks) = &mut marks {
                        marks.set(path, &mut file.template);
                    }
                    match file.language {
                        Some(language) => files.entry(language).or_default().push(file),
                        None => shared.push(file),
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        source::missing_parts(given, &mut problems);
        let mut languages = BTreeMap::new();
        for (name, own) in files {
            // What is the language's own comes last and wins.
            let all = shared.iter().cloned().chain(own).collect();
            let mut compiled = compile::language(name, all, &mut problems);
            compiled.mentioned = compile::mentioned(given, name);
            languages.insert(name.to_owned(), compiled);
        }
        if problems.is_empty() && marks.is_none() {
            for (name, language) in &mut languages {
                compile::make_ready(given, name, language, &mut problems);
            }
        }
        // A partial for all media is read once for each, and has the same problem in both.
        problems.sort();
        problems.dedup();
        if problems.is_empty() {
            let marks = marks.unwrap_or_default();
            Ok(Templates { languages, marks })
        } else {
            Err(problems)
        }
    }

    /// Whether the language has a template of that name.
    #[must_use]
    pub fn has(&self, language: &str, name: &str) -> bool {
        self.languages
            .get(language)
            .is_some_and(|language| language.names.contains(name))
    }

    /// Whether a template, or a partial it uses, names this in its tags: what none does need not be made.
    #[must_use]
    pub fn mentions(&self, language: &str, name: &str, word: &str) -> bool {
        let language = self.languages.get(language);
        let said = language.and_then(|language| language.mentioned.get(name));
        said.is_some_and(|words| words.contains(word))
    }

    /// The names of a language's templates, in order.
    #[must_use]
    pub fn names(&self, language: &str) -> Vec<&str> {
        let language = self.languages.get(language);
        language
            .into_iter()
            .flat_map(|language| language.names.iter().map(String::as_str))
            .collect()
    }

    /// The registry that a part of a language's templates is in.
    pub(super) fn registry(&self, language: &str, part: Part) -> Option<&Handlebars<'static>> {
        Some(self.languages.get(language)?.written.of(part))
    }

    /// Renders the three parts. Every name that is reached must be in the data; null is empty.
    pub fn render(&self, language: &str, name: &str, data: &Json) -> Result<Rendered, RenderError> {
        let compiled = self
            .languages
            .get(language)
            .filter(|found| found.names.contains(name));
        let Some(compiled) = compiled else {
            let (language, name) = (language.to_owned(), name.to_owned());
            return Err(RenderError::NoTemplate { language, name });
        };
        let context = Context::from(data.clone());
        let written = |part: Part| {
            let file = || format!("{language}/{name}/{}", part.file());
            let registry = compiled.written.of(part);
            let rendered = registry.render_with_context(&part.key(name), &context);
            rendered.map_err(|error| explain(&error, file()))
        };
        let render = |part: Part| {
            let Some(ready) = &compiled.ready else {
                return written(part);
            };
            let rendered = ready
                .of(part)
                .render_with_context(&part.key(name), &context);
            // As it was written it fails too, and there the place is the author's.
            rendered.map_err(|error| match written(part) {
                Err(error) => error,
                Ok(_) => explain(&error, format!("{language}/{name}/{}", part.file())),
            })
        };
        let subject = one_line(&render(Part::Subject)?);
        if subject.is_empty() {
            let file = format!("{language}/{name}/{}", Part::Subject.file());
            return Err(RenderError::EmptySubject { file });
        }
        Ok(Rendered {
            subject,
            text: render(Part::Text)?,
            html: render(Part::Html)?,
        })
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self
            .languages
            .iter()
            .map(|(language, compiled)| (language, &compiled.names));
        f.debug_map().entries(names).finish()
    }
}

/// White space of any kind becomes one space: a line break in a person's name must neither end a
/// header nor stop the mail.
fn one_line(subject: &str) -> String {
    let spaced = subject.replace(char::is_control, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn explain(error: &handlebars::RenderError, part_file: String) -> RenderError {
    // Partials carry their own path as name, so that the error points into the partial.
    let file = error.template_name.clone().unwrap_or(part_file);
    let (line, column) = (error.line_no.unwrap_or(1), error.column_no.unwrap_or(1));
    match error.reason() {
        RenderErrorReason::MissingVariable(name) => {
            let name = name.clone().unwrap_or_default();
            RenderError::UnknownName {
                file,
                line,
                column,
                name,
            }
        }
        reason => RenderError::Value {
            file,
            line,
            column,
            message: reason.to_string(),
        },
    }
}
