//! Workflow files: the drafts read clean, and each rule has a bad file with its report.

use std::path::{Path, PathBuf};

use tovholder::definition::{read, report};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workflows").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn reported(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let read = read(&name, &text);
    report(&read.problems, &|_| Some(text.clone()), false)
}

#[test]
fn the_drafts_read_without_a_problem() {
    let reports: Vec<String> = files("drafts").iter().map(|path| reported(path)).collect();
    assert!(reports.concat().is_empty(), "{}", reports.concat());
}
