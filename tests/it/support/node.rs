//! Programs of others from npm, each in a folder under `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Two tests that want the same modules fetch them once.
static FETCHING: Mutex<()> = Mutex::new(());

/// The folder with the modules that `tests/NAME/package.json` wants, as its lock file has them; npm fills it when a file
/// of them is missing.
pub fn modules(name: &str, file: &str) -> PathBuf {
    let _fetching = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let wanted = fs::read_to_string(from.join("package.json")).expect("what is wanted");
    let there = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    if there != wanted || !folder.join("node_modules").join(file).exists() {
        fs::create_dir_all(&folder).expect("a folder");
        let lock = "package-lock.json";
        fs::copy(from.join(lock), folder.join(lock)).expect("the lock");
        fs::write(folder.join("package.json"), &wanted).expect("a file");
        let installed = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder)
            .output()
            .expect("npm is needed: apt-get install nodejs npm");
        let said = String::from_utf8_lossy(&installed.stderr);
        assert!(installed.status.success(), "npm could not install: {said}");
    }
    folder
}
