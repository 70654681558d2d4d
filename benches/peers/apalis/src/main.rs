//! N delayed jobs on apalis, each of which records a row: `peers-apalis postgres|sqlite TASK`.
//!
//! It speaks the lines of JSON that `clients/client.js` describes; TASK is `{url, jobs, program}`.

mod postgres;
mod protocol;
mod sqlite;
mod tick;

use protocol::{Done, Task};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let store = arguments.next().unwrap_or_default();
    let task: Task = serde_json::from_str(&arguments.next().unwrap_or_default())?;
    let done = Done::new(task.jobs);
    match store.as_str() {
        "postgres" => postgres::run(&task, done).await,
        "sqlite" => sqlite::run(&task, done).await,
        other => Err(format!("postgres or sqlite, not {other:?}").into()),
    }
}
