//! What the guides say is done word by word: a reader who follows them gets what they promise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn guide() -> String {
    fs::read_to_string(root().join("docs/vejledning.md")).expect("the guide")
}

/// The fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(block, _)| block))
        .collect()
}

/// A folder with the shipped templates and what the guide's reader has written into it.
fn reader(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let templates = root().join("email-templates/partials");
    copy(&templates, &folder.path().join("email-templates/partials"));
    let own = folder.path().join("email-templates/da");
    for name in fs::read_dir(root().join("email-templates/da")).expect("templates") {
        let name = name.expect("an entry").file_name();
        copy(
            &root().join("email-templates/da").join(&name),
            &own.join(&name),
        );
    }
    let script = blocks(text, "sh")
        .into_iter()
        .find(|block| block.contains("<<'END'"));
    let done = Command::new("bash")
        .args(["-euc", script.expect("the templates")])
        .current_dir(folder.path())
        .status();
    assert!(done.expect("bash runs").success());
    fs::create_dir(folder.path().join("workflows")).expect("a folder");
    fs::write(file(&folder), whole(text)).expect("the workflow");
    folder
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("workflows/kend-faget.yaml")
}

/// The complete file at the end of the guide.
fn whole(text: &str) -> &str {
    blocks(text, "yaml").last().expect("the whole file")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}

/// What a command prints, and whether it went well.
fn tovholder(folder: &TempDir, args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(args)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .expect("the program runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8")
        + &String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.success(), said)
}

#[test]
fn each_piece_of_the_guide_stands_in_the_whole_file() {
    let text = guide();
    let pieces = blocks(&text, "yaml");
    assert!(pieces.len() > 8, "{} pieces", pieces.len());
    for piece in &pieces {
        assert!(whole(&text).contains(piece), "not in the file:\n{piece}");
    }
}

#[test]
fn the_guide_s_workflow_is_clean_and_does_what_its_scenario_says() {
    let folder = reader(&guide());
    for args in [
        &["check", "--deny", "warnings"][..],
        &["test", "workflows/kend-faget.yaml"],
        &["graph", "kend-faget", "--out", "kend-faget.svg"],
        &[
            "simulate",
            "kend-faget",
            "--start",
            "2027-04-05",
            "--count",
            "12",
            "--svg",
            "hold.svg",
        ],
    ] {
        let (well, said) = tovholder(&folder, args);
        assert!(well, "{args:?}\n{said}");
    }
}

#[test]
fn the_answers_in_the_guide_are_the_program_s() {
    let text = guide();
    let folder = reader(&text);
    let answers = blocks(&text, "console");
    let (_, said) = tovholder(
        &folder,
        &[
            "simulate",
            "kend-faget",
            "--start",
            "2027-04-05",
            "--count",
            "4",
        ],
    );
    let told = answers.iter().find(|answer| answer.contains("simulate"));
    let told = told.expect("a simulation").trim_end().trim_end_matches('…');
    let (_, told) = told.split_once('\n').expect("what it prints");
    assert!(said.contains(told.trim_end()), "{told}\n---\n{said}");

    let (_, said) = tovholder(&folder, &["test", "workflows/kend-faget.yaml"]);
    let told = answers
        .iter()
        .find(|answer| answer.contains("tovholder test"));
    let told = told.expect("a test").trim_end().trim_end_matches('…');
    let (_, told) = told.split_once('\n').expect("what it prints");
    assert!(said.contains(told.trim_end()), "{told}\n---\n{said}");

    let slip = whole(&text).replace("then: praktik}", "then: praktk}");
    fs::write(file(&folder), slip).expect("the workflow");
    let (well, said) = tovholder(&folder, &["check", "workflows/kend-faget.yaml"]);
    let told = answers.iter().find(|answer| answer.contains("praktk\""));
    assert!(!well && said.contains(*told.expect("a mistake")), "{said}");
}

#[test]
fn the_pictures_in_the_guides_are_the_program_s() {
    let folder = reader(&guide());
    let holstebro = root().join("workflows/holstebro-introforloeb.yaml");
    for (workflow, picture) in [
        ("workflows/kend-faget.yaml", "docs/img/kend-faget.svg"),
        (&*holstebro.display().to_string(), "docs/img/holstebro.svg"),
    ] {
        let out = folder.path().join("new.svg").display().to_string();
        let (well, said) = tovholder(&folder, &["graph", workflow, "--out", &out]);
        assert!(well, "{said}");
        let read = |path: PathBuf| fs::read_to_string(path).expect("a picture");
        assert!(
            read(root().join(picture)) == read(out.into()),
            "renew it: cargo run -- graph {workflow} --out {picture}"
        );
    }
}

#[test]
fn the_readme_lists_every_variable_that_is_read() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the readme");
    let mut named = 0;
    for entry in fs::read_dir(root().join("src/config")).expect("the settings") {
        let source = fs::read_to_string(entry.expect("an entry").path()).expect("a source");
        for part in source.split("env = \"").skip(1) {
            let (variable, _) = part.split_once('"').expect("a name");
            assert!(readme.contains(&format!("`{variable}`")), "{variable}");
            named += 1;
        }
    }
    assert!(named > 10, "{named}");
}
