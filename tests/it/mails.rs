//! Every mail that the shipped workflows can send, as it leaves: read by an independent reader, and
//! held to what is known to work in the mail programs that people have.
//!
//! # What an HTML mail may use
//!
//! Outlook on Windows shows mail with Word, Gmail throws away what it does not know, Apple Mail is a
//! browser. What stands in these lists works in all three, or is passed over by the one that does not
//! know it without harm; the reason is said where it is so. Anything else fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::support::python::python;

const ELEMENTS: &[&str] = &[
    "!doctype", "html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td",
    "p", "br", "h2", "ul", "li", "strong", "code", "a", "img", "div",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "name",
    "content",
    "class",
    "style",
    "role",
    "width",
    "height",
    "align",
    "cellspacing",
    "cellpadding",
    "border",
    "href",
    "src",
    "alt",
    "html",
];
/// Properties in `style`.
const PROPERTIES: &[&str] = &[
    "margin",
    "padding",
    "color",
    "background-color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "text-decoration",
    "border",
    "border-left",
    "border-bottom",
    "width",
    // Word does not know it, and has a table of its own around the frame instead.
    "max-width",
    // Word shows a button as wide as the text around it; it can still be read and pressed.
    "display",
];
/// Gmail cuts a mail off at 102 kB.
const OCTETS_MAX: usize = 100_000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn tovholder(folder: &Path, args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(args)
        .current_dir(root())
        .env_clear()
        .env("DATABASE_URL", folder.join("t.db"))
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
}

/// The workflows that are shipped, and one in English.
fn workflows() -> Vec<PathBuf> {
    let shipped = fs::read_dir(root().join("workflows")).expect("workflows");
    let mut files: Vec<PathBuf> = shipped
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.push(root().join("tests/fixtures/mail/workflows/english.yaml"));
    files.sort();
    files
}

/// Every mail of every workflow, with a logo and without: two folders for each workflow.
fn every_mail(folder: &TempDir) -> Vec<PathBuf> {
    let logo = folder.path().join("logo.png");
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x78\0\0\0\x28\x08\x06\0\0\0".to_vec();
    png.extend([0; 64]);
    fs::write(&logo, png).expect("a logo");
    let logo = logo.display().to_string();
    let mut folders = Vec::new();
    for (number, workflow) in workflows().iter().enumerate() {
        for with_logo in [true, false] {
            let dir = folder.path().join(format!("{number}-{with_logo}"));
            let (file, dir) = (workflow.display().to_string(), dir.display().to_string());
            let mut args = vec!["mail", "preview", &file, "--dir", &dir];
            args.extend(with_logo.then_some(["--logo", &logo]).into_iter().flatten());
            tovholder(folder.path(), &args);
            folders.push(dir.into());
        }
    }
    folders
}

fn files(folders: &[PathBuf], ending: &str) -> Vec<(PathBuf, String)> {
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|is| is == ending))
        .filter(|path| !path.ends_with("index.html"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a file");
            (path, text)
        })
        .collect()
}

/// The tags of a document with their attributes; comments and what stands in `<style>` left out.
fn tags(html: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        rest = &rest[open..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").expect("a comment ends").1;
            continue;
        }
        let end = rest.find('>').expect("a tag ends");
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        if inside.starts_with('/') {
            continue;
        }
        let (name, mut given) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, after)) = given.trim_start().split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a value ends");
            attributes.insert(key.trim().to_lowercase(), value.to_owned());
            given = after;
        }
        if name == "style" {
            rest = rest.split_once("</style>").expect("style ends").1;
        }
        tags.push((name.to_lowercase(), attributes));
    }
    tags
}

/// What in an HTML mail is not known to work.
fn unknown(html: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    must(html.len() < OCTETS_MAX, format!("{} octets", html.len()));
    let lower = html.to_lowercase();
    for word in [
        "<script",
        "javascript:",
        "@import",
        "url(",
        "http-equiv",
        "{{",
    ] {
        must(!lower.contains(word), word.to_owned());
    }
    for (name, attributes) in tags(html) {
        must(ELEMENTS.contains(&&*name), format!("<{name}>"));
        for (key, value) in &attributes {
            must(ATTRIBUTES.contains(&&**key), format!("<{name} {key}>"));
            if key == "style" {
                for declared in value.split(';').filter(|one| !one.trim().is_empty()) {
                    let property = declared.split(':').next().unwrap_or_default().trim();
                    must(
                        PROPERTIES.contains(&property),
                        format!("{name}: {property}"),
                    );
                }
            }
        }
        let has = |key: &str| attributes.get(key).is_some_and(|value| !value.is_empty());
        must(name != "html" || has("lang"), "no language".to_owned());
        must(
            name != "img" || has("alt") && has("width") && has("height"),
            "a picture without words or size".to_owned(),
        );
        let source = attributes.get("src").map_or("cid:", String::as_str);
        must(
            source.starts_with("cid:") || source.starts_with("file:"),
            format!("fetched: {source}"),
        );
        let href = attributes.get("href").map_or("https:", String::as_str);
        must(
            ["https:", "mailto:", "tel:"]
                .iter()
                .any(|kind| href.starts_with(kind)),
            format!("leads to {href}"),
        );
    }
    wrong
}

#[test]
fn every_mail_is_read_by_an_independent_reader_and_uses_only_what_works_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut folders = every_mail(&folder);
    let htmls = files(&folders, "html");
    assert!(htmls.len() > 400, "{}", htmls.len());
    for (path, html) in &htmls {
        assert_eq!(unknown(html), [""; 0], "{}", path.display());
    }
    // As the service freezes them too, with threads and answers to the coordinator.
    for name in ["holstebro-introforloeb", "jrs-bliv-klar-til-sosu"] {
        let dir = folder.path().join(name);
        let out = dir.display().to_string();
        let args = [
            "simulate",
            name,
            "--start",
            "2027-02-01",
            "--count",
            "6",
            "--mails",
            &out,
        ];
        tovholder(folder.path(), &args);
        folders.push(dir);
    }
    let python = python("icalendar-6.3.1", &["icalendar==6.3.1"], "import icalendar");
    let output = Command::new(python)
        .arg(root().join("tests/it/mails/read.py"))
        .args(&folders)
        .output()
        .expect("the reader runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let failed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{failed}");
    let (wrong, counted) = said
        .trim_end()
        .rsplit_once('\n')
        .unwrap_or(("", said.trim_end()));
    assert_eq!(wrong.trim(), "", "{counted}");
    let counts: Vec<usize> = counted
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|word| word.parse().ok())
        .collect();
    assert!(
        counts[0] > 400 && counts[1] > 100 && counts[2] > 200,
        "{counted}"
    );
}

/// The rules fail where something else is used.
#[test]
fn what_does_not_work_everywhere_is_seen() {
    let good = "<!DOCTYPE html><html lang=\"da\"><head></head><body class=\"page\" style=\"margin: 0;\"><p>x</p></body></html>";
    assert_eq!(unknown(good), [""; 0]);
    for (from, to, seen) in [
        (" lang=\"da\"", "", "no language"),
        ("margin: 0;", "position: absolute;", "position"),
        ("<p>", "<p onclick=\"x\">", "onclick"),
        ("<p>", "<section>", "<section>"),
        (
            "<p>",
            "<img src=\"https://a.example/x.png\" alt=\"x\" width=\"1\" height=\"1\">",
            "fetched",
        ),
        (
            "<p>",
            "<img src=\"cid:x\" width=\"1\" height=\"1\">",
            "without words",
        ),
        ("<p>", "<a href=\"http://a.example\">", "leads to"),
        ("<p>", "<script>", "<script"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert!(
            unknown(&bad).iter().any(|wrong| wrong.contains(seen)),
            "{seen}: {:?}",
            unknown(&bad)
        );
    }
}

/// Declarations by selector: those that always hold, and with those for dark on top.
fn declared(css: &str) -> [BTreeMap<String, BTreeMap<String, String>>; 2] {
    let mut plain = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").expect("a comment ends").1;
    }
    plain.push_str(rest);
    let (light, media) = plain.split_once("@media").expect("rules for media");
    let dark = media
        .split_once("(prefers-color-scheme: dark) {")
        .expect("dark")
        .1;
    let rules = |css: &str, all: &mut BTreeMap<String, BTreeMap<String, String>>| {
        for rule in css.split('}') {
            let Some((selectors, body)) = rule.split_once('{') else {
                continue;
            };
            for selector in selectors.split(',') {
                let one = all.entry(selector.trim().to_owned()).or_default();
                for declared in body.split(';') {
                    if let Some((key, value)) = declared.split_once(':') {
                        let value = value.replace("!important", "");
                        one.insert(key.trim().to_owned(), value.trim().to_owned());
                    }
                }
            }
        }
    };
    let mut always = BTreeMap::new();
    rules(light, &mut always);
    let mut in_the_dark = always.clone();
    rules(dark, &mut in_the_dark);
    [always, in_the_dark]
}

/// Contrast as WCAG 2 counts it.
fn contrast(a: &str, b: &str) -> f64 {
    let light = |color: &str| {
        let digits = color.strip_prefix('#').expect("a colour in six digits");
        let part = |at: usize| {
            let value = u8::from_str_radix(&digits[at..at + 2], 16).expect("hex");
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    };
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_colour_can_be_read_by_day_and_in_the_dark() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    let css =
        fs::read_to_string(root().join("email-templates/partials/mail.css")).expect("the style");
    let on = [
        (".frame", ".frame"),
        (".head", ".frame"),
        (".body", ".frame"),
        ("h2", ".frame"),
        ("a", ".frame"),
        (".foot", ".foot"),
        (".button", ".button"),
        (".button a", ".button"),
    ];
    for (rules, when) in declared(&css).iter().zip(["by day", "in the dark"]) {
        for (text, ground) in on {
            let (color, ground) = (&rules[text]["color"], &rules[ground]["background-color"]);
            let found = contrast(color, ground);
            assert!(
                found >= 4.5,
                "{when}, {text}: {color} on {ground} has {found:.1}"
            );
        }
        // Lines are to be seen: 3 is enough (WCAG 1.4.11).
        for (line, border) in [(".facts", "border-left"), (".head", "border-bottom")] {
            let own = rules[line].get(&format!("{border}-color"));
            let color = own
                .unwrap_or(&rules[line][border])
                .rsplit(' ')
                .next()
                .expect("a colour");
            assert!(
                contrast(color, &rules[".frame"]["background-color"]) >= 3.0,
                "{when}, {line}"
            );
        }
        let bar = &rules[".bar"]["background-color"];
        assert!(
            contrast(bar, &rules[".frame"]["background-color"]) >= 3.0,
            "{when}, .bar"
        );
        // What has a colour is looked at above.
        let known: BTreeSet<&str> = on.iter().map(|(text, _)| *text).chain([".page"]).collect();
        let colored = rules.iter().filter(|(_, rule)| rule.contains_key("color"));
        let others: Vec<&String> = colored
            .map(|(name, _)| name)
            .filter(|name| !known.contains(&***name))
            .collect();
        assert_eq!(others, [""; 0], "{when}");
    }
}
