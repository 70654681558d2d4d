//! A new migration is compiled in: `sqlx::migrate!` watches the files it has read, not their folder.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
