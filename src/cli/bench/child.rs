//! A measurement in a process of its own: its task goes in as JSON, its figures come out as JSON.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::de::DeserializeOwned;

use super::super::{Answer, Failure};
use crate::runner::bench::Task;

/// Measures in another process. Its task goes through a pipe, since an address may hold a password,
/// and the pipe stays open for as long as this process waits: a child whose parent is gone ends.
pub(super) async fn run<T: DeserializeOwned>(task: &Task) -> Result<T, Failure> {
    let (told, heard) = tokio::sync::oneshot::channel();
    let line = line_of(task);
    // A thread that nobody waits for, so that a command that is stopped ends at once.
    std::thread::spawn(move || told.send(in_process(&line)));
    let output = heard.await.map_err(|error| lost(&error.to_string()))?;
    let output = output.map_err(|error| lost(&error.to_string()))?;
    serde_json::from_str(&output).map_err(|_| lost(output.trim()))
}

/// A process that has its task, and the pipe that keeps it alive.
fn begun(line: &str) -> std::io::Result<(Child, Option<ChildStdin>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bench", "measure", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take();
    if let Some(stdin) = &mut stdin {
        stdin.write_all(line.as_bytes())?;
    }
    Ok((child, stdin))
}

fn in_process(line: &str) -> std::io::Result<String> {
    let (mut child, stdin) = begun(line)?;
    let mut output = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut output)?;
    }
    child.wait()?;
    drop(stdin);
    Ok(output)
}

/// A process beside the measurement, for as long as this value lives.
#[derive(Debug)]
pub(super) struct Background {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Background {
    /// Begins a task that does not end by itself.
    pub fn start(task: &Task) -> Result<Self, Failure> {
        let begun = begun(&line_of(task)).map_err(|error| lost(&error.to_string()))?;
        let (child, stdin) = begun;
        Ok(Self { child, stdin })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It ends with its input, or has ended by itself.
        drop(self.stdin.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn line_of(task: &Task) -> String {
    serde_json::to_string(task).unwrap_or_default() + "\n"
}

fn lost(why: &str) -> Failure {
    let help = "Står der ikke hvorfor, så er processen blevet stoppet udefra.";
    Failure::new(format!("En måling gik i stykker: {why}"), help)
}

/// Reads a task, measures, and answers with the figures.
pub(super) async fn measure() -> Result<Answer, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    let task: Option<Task> = read.ok().and_then(|_| serde_json::from_str(&line).ok());
    let Some(task) = task else {
        let help = "Skriv fx: tovholder bench due";
        return Err(Failure::new(
            "`measure` er til brug for `tovholder bench` selv.",
            help,
        ));
    };
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        // When the input ends, whoever wanted the figures is gone.
        drop(std::io::stdin().read_to_end(&mut rest));
        std::process::exit(1);
    });
    Ok(Answer::new(String::new(), &task.run().await?))
}
