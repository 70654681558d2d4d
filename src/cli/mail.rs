//! `tovholder mail`: `preview`, what a workflow's mails look like, with invented people, before any is due; and
//! `dkim-record`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::dkim::DkimRecord;
use super::files::{self, Found, HBS};
use super::text::wrap;
use super::{Answer, Failure};
use crate::config::{self, Texts};
use crate::definition::model::Workflow;
use crate::message::{
    self, Invitation, MailParts, Mailbox, Rendered, TemplateSource, Templates, message_id,
};
use crate::runner::desk::nearest;
use crate::runner::{Mail, Settings, mails};

const EXAMPLES: &str = "\
Examples:
  tovholder mail preview workflows/holstebro-introforloeb.yaml welcome
  tovholder mail preview jrs-bliv-klar-til-sosu --dir mails --logo logo.png
  tovholder mail preview jrs-bliv-klar-til-sosu info-meeting-invitation

A message is named as in the workflow; the mails of a meeting or a task by its
name, or by that of their template. Without one, all mails are written, and
index.html shows them side by side.";

/// The moment from which every preview is.
const LOOKED_AT: &str = "2027-03-01T08:00:00Z";
const HOST: &str = "eksempel.example";

/// Mails before any is due, and the record behind their signature.
#[derive(Args, Debug)]
pub(super) struct MailArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    Preview(Preview),
    DkimRecord(DkimRecord),
}

/// Writes a workflow's mails into a folder, with invented people: .html, .txt, .eml and .ics.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Preview {
    /// The workflow: its file or its name.
    workflow: String,
    /// The message, meeting or task whose mail is wanted, or a template; without one, all.
    message: Option<String>,
    /// Where they are written.
    #[arg(long, default_value = "mails", value_name = "FOLDER")]
    dir: PathBuf,
    /// The organisation's picture: PNG, JPEG or GIF; `TOVHOLDER_LOGO`.
    #[arg(long, env = "TOVHOLDER_LOGO", value_name = "FILE", hide_env = true)]
    logo: Option<PathBuf>,
    /// The sending organisation; `TOVHOLDER_ORGANISATION`.
    #[arg(
        long,
        env = "TOVHOLDER_ORGANISATION",
        value_name = "NAME",
        default_value = "SOSU-indgangen",
        hide_env = true
    )]
    organisation: String,
    #[command(flatten)]
    texts: Texts,
}

/// One mail as files.
struct Shown {
    key: String,
    rendered: Rendered,
    eml: Vec<u8>,
    /// The invitation, where it has one.
    ics: Option<String>,
}

impl MailArgs {
    pub fn run(&self) -> Result<Answer, Failure> {
        match &self.what {
            What::Preview(preview) => preview.run(),
            What::DkimRecord(record) => record.run(),
        }
    }
}

impl Preview {
    fn run(&self) -> Result<Answer, Failure> {
        let workflow = files::workflow(&self.texts, &self.workflow)?;
        let source = files::templates_in(
            &self.texts.templates,
            &Found::below(&self.texts.templates, &HBS),
        );
        let templates = compiled(&source, &self.texts.templates)?;
        let settings = self.settings()?;
        let all = keyed(&workflow);
        let wanted = self.wanted(&all)?;
        let mut shown = Vec::new();
        for (key, mail) in &all {
            if wanted.contains(&key) {
                shown.push(show(key, mail, &workflow, &templates, &settings)?);
            }
        }
        let written = self.write(&shown, self.message.is_none());
        written.map_err(|error| {
            Failure::new(
                format!("Der kan ikke skrives i {}: {error}.", self.dir.display()),
                "Angiv en anden mappe med --dir.",
            )
        })?;
        Ok(self.answer(&workflow, &shown))
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let from = Mailbox::parse(&self.organisation, &format!("post@{HOST}"));
        let mail = config::Mail {
            mail_from: from.ok(),
            organisation: Some(self.organisation.clone()),
            logo: self.logo.clone(),
            base_url: Some(format!("https://tovholder.{HOST}")),
            ..config::Mail::default()
        };
        Ok(mail.settings()?)
    }

    /// The keys of the mails that were asked for.
    fn wanted<'a>(&self, all: &'a BTreeMap<String, Mail<'_>>) -> Result<Vec<&'a String>, Failure> {
        let Some(asked) = &self.message else {
            return Ok(all.keys().collect());
        };
        let is_it = |key: &str, mail: &Mail<'_>| {
            key == asked || mail.name == asked || mail.templates.contains(asked)
        };
        let found: Vec<&String> = all
            .iter()
            .filter(|(key, mail)| is_it(key, mail))
            .map(|(key, _)| key)
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let names = all.iter().flat_map(|(key, mail)| {
            let templates = mail.templates.iter().map(String::as_str);
            templates.chain([key.as_str(), mail.name])
        });
        let help = match nearest(asked, names) {
            Some(near) => format!("Mente du »{near}«?"),
            None => format!(
                "Der er {}.",
                all.keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let message = format!("{} sender ingen mail »{asked}«.", self.workflow);
        Err(Failure::new(message, help))
    }

    fn write(&self, shown: &[Shown], with_index: bool) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        for mail in shown {
            let file = |ending: &str| self.dir.join(format!("{}.{ending}", mail.key));
            let html = mail.rendered.html.replace(
                &format!("cid:logo@{HOST}"),
                &self.logo.as_deref().map_or(String::new(), address),
            );
            fs::write(file("html"), html)?;
            fs::write(file("txt"), &mail.rendered.text)?;
            fs::write(file("eml"), &mail.eml)?;
            if let Some(ics) = &mail.ics {
                fs::write(file("ics"), ics)?;
            }
        }
        if with_index {
            fs::write(self.dir.join("index.html"), index(shown))?;
        }
        Ok(())
    }

    fn answer(&self, workflow: &Workflow, shown: &[Shown]) -> Answer {
        let folder = self.dir.display();
        let count = match shown.len() {
            1 => "1 mail".to_owned(),
            many => format!("{many} mails"),
        };
        let mut text = wrap(
            "",
            &format!(
                "{}: {count} med opdigtede navne ligger i {folder}.",
                workflow.title
            ),
        );
        for mail in shown {
            let ics = if mail.ics.is_some() { ", .ics" } else { "" };
            let files = format!("  {}: .html, .txt, .eml{ics}\n", mail.key);
            text.push_str(&files);
            text.push_str(&wrap("    ", &format!("    {}", mail.rendered.subject)));
        }
        if self.message.is_none() {
            let index = self.dir.join("index.html");
            let _ = writeln!(text, "\nSe dem ved siden af hinanden: {}", index.display());
        }
        let mails: Vec<Json> = shown
            .iter()
            .map(|mail| json!({"name": mail.key, "subject": mail.rendered.subject, "invitation": mail.ics.is_some()}))
            .collect();
        Answer::new(text, &json!({"folder": self.dir, "mails": mails}))
    }
}

/// Every mail by a name of its own: a message's; else that of the template it could have; and to whom,
/// where that makes a difference.
fn keyed(workflow: &Workflow) -> BTreeMap<String, Mail<'_>> {
    let named = |mail: &Mail<'_>| match mail.templates.as_slice() {
        [own, _] => own.clone(),
        _ => mail.name.to_owned(),
    };
    let all = mails(workflow);
    let mut many: BTreeMap<String, usize> = BTreeMap::new();
    for mail in &all {
        *many.entry(named(mail)).or_default() += 1;
    }
    let mut keyed = BTreeMap::new();
    for mail in all {
        let name = named(&mail);
        let key = match (many.get(&name), mail.to.first()) {
            (Some(2..), Some(role)) => format!("{name}-{}", role.replace('_', "-")),
            _ => name,
        };
        // A name that several states have is shown once.
        keyed.entry(key).or_insert(mail);
    }
    keyed
}

fn compiled(source: &TemplateSource, root: &Path) -> Result<Templates, Failure> {
    Templates::compile(source).map_err(|problems| {
        let many = problems.len();
        let first = problems.first().map(ToString::to_string);
        Failure::new(
            format!(
                "Skabelonerne i {} har {many} fejl: {}",
                root.display(),
                first.unwrap_or_default()
            ),
            "Se dem alle med: tovholder check",
        )
    })
}

fn show(
    key: &str,
    mail: &Mail<'_>,
    workflow: &Workflow,
    templates: &Templates,
    settings: &Settings,
) -> Result<Shown, Failure> {
    let language = &workflow.language;
    let mut names = mail.templates.iter();
    let template = names.find(|name| templates.has(language, name));
    let Some(template) = template else {
        return Err(Failure::new(
            format!("»{key}« har ingen skabelon på sproget »{language}«."),
            "Se, hvad der mangler, med: tovholder check",
        ));
    };
    let mut data = templates.sample(language, template, &mail.names);
    data["organisation"] = json!(settings.organisation);
    let logo = settings.logo.as_ref();
    data["logo"] = json!(logo.map(|logo| logo.data(&settings.mail_host)));
    // What is gathered is of one task or meeting; its title is the workflow's.
    for item in data["items"].as_array_mut().into_iter().flatten() {
        for thing in ["task", "meeting"] {
            if item[thing].is_object() {
                item[thing]["title"] = json!(mail.title);
            }
        }
    }
    let cannot = |error: String| Failure::new(error, "Se mere med: tovholder check");
    let rendered = templates.render(language, template, &data);
    let rendered = rendered.map_err(|error| cannot(error.to_string()))?;
    let parts = parts(key, mail, workflow, settings, rendered).map_err(cannot)?;
    let frozen = message::freeze(&parts).map_err(|error| cannot(error.to_string()))?;
    Ok(Shown {
        key: key.to_owned(),
        ics: parts.invitation.as_ref().map(Invitation::to_calendar),
        rendered: parts.rendered,
        eml: frozen.bytes,
    })
}

fn parts(
    key: &str,
    mail: &Mail<'_>,
    workflow: &Workflow,
    settings: &Settings,
    rendered: Rendered,
) -> Result<MailParts, String> {
    let at = |text: &str| text.parse::<Timestamp>().map_err(|error| error.to_string());
    let to = Mailbox::parse("Karen Holmgård", &format!("karen@{HOST}"));
    let to = to.map_err(|error| error.to_string())?;
    let zone = workflow.calendar.zone().clone();
    let date = at(LOOKED_AT)?;
    let invitation = match mail.invites {
        Some(method) => Some(Invitation {
            method,
            uid: format!("{}@{HOST}", mail.name),
            sequence: 0,
            summary: mail.title.to_owned(),
            description: rendered.text.clone(),
            location: Some("Lokale 2, Skolevej 1".to_owned()),
            start: local("2027-03-17T09:00", &zone)?,
            end: local("2027-03-17T10:00", &zone)?,
            zone: zone.clone(),
            organizer: settings.from.clone(),
            attendee: to.clone(),
            stamp: date,
        }),
        None => None,
    };
    Ok(MailParts {
        message_id: message_id(format!("{}.{key}", workflow.id), HOST),
        date,
        zone,
        from: settings.from.clone(),
        reply_to: None,
        to: vec![to],
        rendered,
        language: workflow.language.clone(),
        logo: settings.logo.clone(),
        thread: Vec::new(),
        invitation,
        list_unsubscribe: None,
    })
}

fn local(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let civil: jiff::civil::DateTime = text
        .parse()
        .map_err(|error: jiff::Error| error.to_string())?;
    let zoned = civil
        .to_zoned(zone.clone())
        .map_err(|error| error.to_string())?;
    Ok(zoned.timestamp())
}

/// A file as a page names it.
fn address(path: &Path) -> String {
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    url::Url::from_file_path(whole).map_or_else(|()| String::new(), String::from)
}

/// All mails on one page, each as a telephone and as a screen shows it, and as text.
fn index(shown: &[Shown]) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"da\"><head><meta charset=\"utf-8\"><title>Mails</title>\n<style>\n\
         :root{color-scheme:light dark}\nbody{font-family:sans-serif;margin:24px}\n\
         section{display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start;margin:0 0 40px}\n\
         h2{width:100%;margin:0;font-size:18px}\niframe,pre{border:1px solid #888;height:640px;margin:0}\n\
         pre{width:480px;overflow:auto;white-space:pre-wrap;padding:8px;box-sizing:border-box}\n\
         </style></head><body>\n",
    );
    for mail in shown {
        let (key, subject) = (&mail.key, escaped(&mail.rendered.subject));
        let text = escaped(&mail.rendered.text);
        let _ = writeln!(
            page,
            "<section><h2>{key}: {subject}</h2>\n\
             <iframe src=\"{key}.html\" width=\"360\" title=\"{key}, telefon\"></iframe>\n\
             <iframe src=\"{key}.html\" width=\"700\" title=\"{key}, skærm\"></iframe>\n\
             <pre>{text}</pre></section>"
        );
    }
    page.push_str("</body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
