//! Simulations of the shipped workflows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, date};
use tovholder::definition;
use tovholder::message::{Mailbox, TemplateSource};
use tovholder::runner::Settings;
use tovholder::runner::cast::Cast;
use tovholder::runner::simulate::{Report, Simulation};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn templates() -> TemplateSource {
    let base = root().join("email-templates");
    let mut files = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("templates can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&base).expect("below").to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).expect("a template"));
            }
        }
    }
    TemplateSource { files }
}

fn cast(name: &str, dates: &[(&str, Date)], players: usize) -> Cast {
    let file = root().join("workflows").join(format!("{name}.yaml"));
    let yaml = fs::read_to_string(file).expect("the workflow");
    let read = definition::read(name, &yaml);
    let workflow = Arc::new(read.workflow.unwrap_or_else(|| panic!("{:#?}", read.problems)));
    let dates: BTreeMap<_, _> = dates.iter().map(|(name, date)| ((*name).into(), *date)).collect();
    let start = dates.get("start").copied().expect("a start");
    Cast {
        file: format!("{name}.yaml"),
        yaml,
        templates: templates(),
        workflow,
        title: "Hold 1".into(),
        dates,
        players: Cast::sample_players(players, start),
        said: Vec::new(),
        only_said: false,
        begins_at: None,
    }
}

fn settings() -> Settings {
    Settings::new(Mailbox::parse("Tovholder", "tovholder@kommune.example").expect("an address"), "Eksempel Kommune")
}

async fn play(cast: &Cast) -> Report {
    let mut simulation = Simulation::begin(cast, settings()).await.expect("a stage");
    simulation.play(|_| {}).await.expect("it plays");
    simulation.report().await.expect("a report")
}

fn print(report: &Report) {
    for phase in &report.phases {
        println!("{:24} {} – {:?}", phase.state, phase.first, phase.last);
    }
    for entry in &report.entries {
        println!("{} {:?} {} | {} | {}", entry.at, entry.kind, entry.who, entry.what, entry.why);
    }
    for mail in &report.mails {
        println!("{} MAIL {} {:?} «{}» {} | {}", mail.at, mail.template, mail.to, mail.subject, mail.who, mail.why);
    }
    for held in &report.held {
        println!("HELD {held:?}");
    }
    for entry in &report.assumptions {
        println!("{} ASSUMED {} | {} {}", entry.at, entry.who, entry.what, entry.why);
    }
}

#[tokio::test]
async fn holstebro_has_its_phases() {
    let report = play(&cast("holstebro-introforloeb", &[("start", date(2026, 2, 2))], 2)).await;
    print(&report);
}

#[tokio::test]
async fn odense() {
    let report = play(&cast("odense-for-forloeb", &[("start", date(2026, 2, 2)), ("gf_start", date(2026, 3, 16))], 2)).await;
    print(&report);
}

#[tokio::test]
async fn jrs() {
    let report = play(&cast("jrs-bliv-klar-til-sosu", &[("start", date(2026, 8, 3))], 2)).await;
    print(&report);
}
