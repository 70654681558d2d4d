//! Programs of others in Python, each in a virtual environment under `target/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Two tests that want the same environment make it once.
static MAKING: Mutex<()> = Mutex::new(());

/// The interpreter of an environment that holds these packages; it is made when it is missing.
/// `probe` is a statement that only works when they are there.
pub fn python(name: &str, packages: &[&str], probe: &str) -> PathBuf {
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let works = Command::new(&python)
        .args(["-c", probe])
        .stderr(Stdio::null())
        .status();
    if works.is_ok_and(|status| status.success()) {
        return python;
    }
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&folder)
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "python3 with venv is needed: apt-get install python3-venv"
    );
    let installed = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(packages)
        .status();
    assert!(
        installed.is_ok_and(|status| status.success()),
        "pip could not install {packages:?}"
    );
    python
}
