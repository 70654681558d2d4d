//! Files of templates into what can be rendered: what is wrong with them is found on the way.

use std::collections::{BTreeMap, BTreeSet};

use handlebars::{Handlebars, Template, no_escape};

use super::check::{self, Reading};
use super::helpers::{self, Medium};
use super::layout;
use super::source::{CSS, File, LAYOUTS, Part, Role, TemplateProblem, TemplateSource, why_key};
use super::style::{BadStyle, Stylist};
use super::words::Speech;

/// A language's templates.
pub(super) struct Language {
    pub(super) names: BTreeSet<String>,
    /// As they were written: what is wrong is found in these.
    pub(super) written: Registries,
    /// Flat and styled, for mail; templates that are only tried have none.
    pub(super) ready: Option<Registries>,
    /// The words that each template says in its tags.
    pub(super) mentioned: BTreeMap<String, BTreeSet<String>>,
}

pub(super) struct Registries {
    /// Subject and text: values as they are.
    pub(super) plain: Handlebars<'static>,
    /// HTML: values escaped.
    pub(super) markup: Handlebars<'static>,
}

impl Registries {
    fn new(language: &str) -> Self {
        let speech = Speech::of(language);
        let mut plain = helpers::registry(speech, Medium::Text);
        plain.register_escape_fn(no_escape);
        let markup = helpers::registry(speech, Medium::Html);
        Self { plain, markup }
    }

    fn of_mut(&mut self, part: Part) -> &mut Handlebars<'static> {
        match part {
            Part::Subject | Part::Text => &mut self.plain,
            Part::Html => &mut self.markup,
        }
    }

    fn partial(&mut self, name: &str, template: &Template) {
        register_partial(&mut self.plain, name, "txt", template);
        register_partial(&mut self.markup, name, "html", template);
    }

    pub(super) fn of(&self, part: Part) -> &Handlebars<'static> {
        match part {
            Part::Subject | Part::Text => &self.plain,
            Part::Html => &self.markup,
        }
    }
}

/// One language's templates, as they were written.
pub(super) fn language(
    language: &str,
    mut files: Vec<File<'_>>,
    problems: &mut Vec<TemplateProblem>,
) -> Language {
    for (medium, parts) in [
        ("txt", &[Part::Subject, Part::Text][..]),
        ("html", &[Part::Html]),
    ] {
        problems.extend(check_medium(&files, medium, parts));
    }
    for file in &mut files {
        check::seal(&mut file.template);
    }
    let mut written = Registries::new(language);
    let layout_of = |path| files.iter().find(|file| file.path == path);
    let layouts = LAYOUTS.map(|path| layout_of(path).map(|file| (path, file.template.clone())));
    let mut names = BTreeSet::new();
    for file in &files {
        if let Role::Partial { name } = file.role {
            written.partial(name, &file.template);
        }
    }
    for file in files {
        match file.role {
            Role::Part { template, part } => {
                names.insert(template.to_owned());
                let registry = written.of_mut(part);
                let mut layouts = layouts.iter().flatten();
                let around = layouts.find(|(path, _)| Some(*path) == part.layout());
                let around = around.map(|(_, whole)| layout::around(whole, template, part));
                let own = match around {
                    Some(whole) => {
                        registry.register_template(&part.key(template), whole);
                        part.body_key(template)
                    }
                    None => part.key(template),
                };
                registry.register_template(&own, file.template);
            }
            Role::Why { template } => {
                let key = why_key(template);
                written.plain.register_template(&key, file.template.clone());
                written.markup.register_template(&key, file.template);
            }
            Role::Partial { .. } => {}
        }
    }
    Language {
        names,
        written,
        ready: None,
        mentioned: BTreeMap::new(),
    }
}

/// The words that a language's templates, with the partials they use, say in their tags; by template.
pub(super) fn mentioned(
    given: &TemplateSource,
    language: &str,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut partials: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in &given.files {
        let own = path.strip_prefix(language);
        let own = own.and_then(|own| own.strip_prefix('/')).unwrap_or(path);
        let tags = text
            .split("{{")
            .skip(1)
            .filter_map(|tag| tag.split("}}").next());
        let words = tags.flat_map(|tag| tag.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let said = words.filter(|word| !word.is_empty()).map(str::to_owned);
        match own.split_once('/') {
            Some(("partials", file)) => {
                let name = file.split('.').next().unwrap_or(file);
                partials.entry(name).or_default().extend(said);
            }
            Some((template, _)) => all.entry(template.to_owned()).or_default().extend(said),
            None => {}
        }
    }
    for words in all.values_mut() {
        let mut news: Vec<String> = words.iter().cloned().collect();
        while let Some(word) = news.pop() {
            let used = partials.get(&*word).into_iter().flatten();
            news.extend(used.filter(|said| words.insert((*said).clone())).cloned());
        }
    }
    all
}

/// Flat and styled templates of a language, beside those that were written.
pub(super) fn make_ready(
    given: &TemplateSource,
    name: &str,
    language: &mut Language,
    problems: &mut Vec<TemplateProblem>,
) {
    let stylist = given.files.get(CSS).map(|css| Stylist::new(css));
    let mut ready = Registries::new(name);
    // Those with arguments are still reached by name.
    for partial in given.partials(name) {
        for part in [Part::Text, Part::Html] {
            if let Some(template) = language.written.of(part).get_template(partial) {
                ready
                    .of_mut(part)
                    .register_template(partial, template.clone());
            }
        }
    }
    for template in &language.names {
        for part in Part::ALL {
            let flat = layout::flat(given, name, template, part);
            let styled = match stylist.as_ref().filter(|_| part == Part::Html) {
                Some(stylist) => stylist.styled(&flat),
                None => Ok(flat),
            };
            let file = format!("{name}/{template}/{}", part.file());
            let compiled = styled.and_then(|text| {
                Template::compile_with_name(text, file.clone())
                    .map_err(|error| BadStyle::Unreadable(error.to_string()))
            });
            match compiled {
                Ok(mut compiled) => {
                    check::seal(&mut compiled);
                    ready
                        .of_mut(part)
                        .register_template(&part.key(template), compiled);
                }
                Err(error) => problems.push(not_whole(given, file, error)),
            }
        }
    }
    language.ready = Some(ready);
}

/// Style cannot be written into HTML whose elements do not end where they should.
fn not_whole(given: &TemplateSource, file: String, error: BadStyle) -> TemplateProblem {
    let (tag, message) = match error {
        BadStyle::Moved(tag) => {
            let message = format!("a browser would move what stands around {tag}");
            (tag, message)
        }
        BadStyle::Unreadable(error) => (String::new(), error),
    };
    let text = given.files.get(&file).map_or("", String::as_str);
    let before = text.find(&tag).map_or("", |at| &text[..at]);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    TemplateProblem {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        file,
        message,
        help: Some("each element ends in the same branch in which it begins".to_owned()),
    }
}

/// A partial is found by its full name, `footer.html`, and in its own medium also by its short
/// one, `footer`; a file made for the medium wins over one for all.
fn register_partial(
    registry: &mut Handlebars<'static>,
    name: &str,
    medium: &str,
    template: &Template,
) {
    registry.register_template(name, template.clone());
    if let Some(short) = short_name(name, medium) {
        registry.register_template(short, template.clone());
    }
}

/// The short name of a partial made for the medium. Files come in alphabetical order, `footer.hbs`
/// before `footer.html.hbs` and `footer.txt.hbs`, so the one made for the medium comes last and wins.
fn short_name<'n>(name: &'n str, medium: &str) -> Option<&'n str> {
    name.strip_suffix(medium)?.strip_suffix('.')
}

/// All problems of the files that a text mail, or an HTML mail, is made of.
fn check_medium(files: &[File<'_>], medium: &str, parts: &[Part]) -> Vec<TemplateProblem> {
    let mut partials: BTreeMap<String, &Template> = BTreeMap::new();
    for file in files {
        if let Role::Partial { name } = file.role {
            partials.insert(name.to_owned(), &file.template);
            if let Some(short) = short_name(name, medium) {
                partials.insert(short.to_owned(), &file.template);
            }
        }
    }
    let mut problems = Vec::new();
    if let Some(ring) = check::ring(&partials) {
        let first = ring.first().and_then(|name| partials.get(name));
        problems.push(TemplateProblem {
            file: first
                .and_then(|template| template.name.clone())
                .unwrap_or_default(),
            line: 1,
            column: 1,
            message: format!("the partial includes itself: {}", ring.join(" > ")),
            help: None,
        });
    }
    for file in files {
        let (is_read, escapes) = match file.role {
            Role::Part { part, .. } => (parts.contains(&part), part == Part::Html),
            Role::Why { .. } => (true, medium == "html"),
            // A partial for the other medium is not read here; one for all must suit both.
            Role::Partial { name } => {
                let other = if medium == "html" { ".txt" } else { ".html" };
                (!name.ends_with(other), medium == "html")
            }
        };
        if is_read {
            let mut reading = Reading::of(file.path, escapes, &file.template);
            reading.missing_partials(&partials);
            problems.extend(reading.into_problems());
        }
    }
    problems
}
