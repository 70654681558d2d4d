//! What is compiled in: migrations, which `sqlx::migrate!` reads but whose folder it does not watch,
//! and the shipped workflows and templates, so that the demo runs wherever the program is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders whose files are compiled in, with the ending of those files.
const SHIPPED: [(&str, &str); 3] = [
    ("email-templates", "hbs"),
    ("email-templates", "css"),
    ("workflows", "yaml"),
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut files: Vec<String> = Vec::new();
    for (folder, ending) in SHIPPED {
        println!("cargo:rerun-if-changed={folder}");
        below(&root, Path::new(folder), ending, &mut files)?;
    }
    files.sort();
    let mut code = String::from(
        "/// Path and text of every shipped file.\nstatic SHIPPED: &[(&str, &str)] = &[\n",
    );
    for file in &files {
        let _ = writeln!(
            code,
            "    ({file:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/\", {file:?}))),"
        );
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("shipped.rs"), code)
}

fn below(root: &Path, folder: &Path, ending: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let path = folder.join(entry?.file_name());
        if root.join(&path).is_dir() {
            below(root, &path, ending, files)?;
        } else if path.extension().is_some_and(|known| known == ending) {
            files.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}
