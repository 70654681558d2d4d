//! Shipped workflows with an invented cast.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use tovholder::definition;
use tovholder::message::{Mailbox, TemplateSource};
use tovholder::runner::Settings;
use tovholder::runner::cast::{Cast, HoldGiven};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped templates.
pub fn templates() -> TemplateSource {
    let base = root().join("email-templates");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("templates can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(&base)
                    .expect("below")
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).expect("a template"));
            }
        }
    }
    TemplateSource { files }
}

/// A shipped workflow's YAML.
pub fn shipped(name: &str) -> String {
    fs::read_to_string(root().join("workflows").join(format!("{name}.yaml"))).expect("the workflow")
}

/// A cast for a workflow.
pub fn cast(
    name: &str,
    yaml: String,
    templates: TemplateSource,
    dates: &[(&str, Date)],
    players: usize,
) -> Cast {
    let read = definition::read(&format!("{name}.yaml"), &yaml);
    let workflow = Arc::new(
        read.workflow
            .unwrap_or_else(|| panic!("{:#?}", read.problems)),
    );
    let dates: BTreeMap<_, _> = dates
        .iter()
        .map(|(name, date)| ((*name).into(), *date))
        .collect();
    let start = dates.get("start").copied().expect("a start");
    Cast {
        file: format!("{name}.yaml"),
        yaml,
        templates,
        workflow,
        title: "Hold 1".into(),
        dates,
        players: Cast::sample_players(players, start),
        said: Vec::new(),
        only_said: false,
        begins_at: None,
        given: HoldGiven::default(),
        next: None,
    }
}

/// Settings of an invented municipality.
pub fn settings() -> Settings {
    let from = Mailbox::parse("Tovholder", "tovholder@kommune.example").expect("an address");
    Settings::new(from, "Eksempel Kommune")
}
