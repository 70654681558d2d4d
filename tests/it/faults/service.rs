//! `tovholder serve` as a process of its own.

use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};

use jiff::SignedDuration;
use tempfile::NamedTempFile;
use tovholder::clock::Clock;

/// A service that runs; it is killed when this is dropped.
pub struct Service {
    child: Child,
    log: NamedTempFile,
}

/// The command that serves this database and sends by this mail server.
pub fn serve(program: &mut Command, database: &str, smtp: &str) {
    program
        .arg("serve")
        .env("DATABASE_URL", database)
        .env("TOVHOLDER_SMTP", smtp)
        .env("TOVHOLDER_MAIL_FROM", "tovholder@kommune.example")
        .env("TOVHOLDER_ORGANISATION", "Eksempel Kommune");
}

/// The built program.
pub fn tovholder() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tovholder"))
}

impl Service {
    pub fn start(database: &str, smtp: &str) -> Self {
        let mut command = tovholder();
        serve(&mut command, database, smtp);
        Self::of(command)
    }

    /// A command that becomes the service.
    pub fn of(mut command: Command) -> Self {
        let log = NamedTempFile::new().expect("a log");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen().expect("the log"))
            .spawn()
            .expect("the service starts");
        Self { child, log }
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it is dead");
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).expect("its log")
    }

    /// Waits until it has opened its database.
    pub async fn begun(&mut self) {
        self.says(0, "tovholder kører").await;
    }

    /// Waits until it has said this, after so much of its log.
    pub async fn says(&mut self, before: usize, words: &str) {
        let said = until(async || {
            self.must_run();
            self.log()[before..].contains(words)
        });
        assert!(said.await, "it does not say {words:?}: {}", self.log());
    }

    /// It has ended by itself, which it never should.
    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its state")
    }

    pub fn must_run(&mut self) {
        let ended = self.ended();
        assert!(ended.is_none(), "it ended, {ended:?}: {}", self.log());
    }

    /// SIGTERM: a healthy service ends with exit code 0, once it has begun. Answers what it has said.
    pub async fn stop(mut self) -> String {
        self.begun().await;
        self.signal("TERM");
        assert_eq!(self.ends().await.code(), Some(0), "{}", self.log());
        self.log()
    }

    /// Waits until it ends by itself.
    pub async fn ends(&mut self) -> ExitStatus {
        until(async || self.ended().is_some()).await;
        let log = self.log();
        self.ended()
            .unwrap_or_else(|| panic!("it does not end: {log}"))
    }

    /// A signal by its name, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let told = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status();
        assert!(told.is_ok_and(|told| told.success()), "SIG{name}");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The longest anything is waited for. It is asked whether something comes and not how soon, and the
/// machine may do much else at the same time.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);

/// Waits until this is so; false when patience is at its end.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let begun = Clock::Real.now();
    while Clock::Real.now().duration_since(begun) < PATIENCE {
        if is_so().await {
            return true;
        }
        pause(20).await;
    }
    false
}

/// Lets real time pass: other processes use it.
pub async fn pause(milliseconds: u64) {
    let length = SignedDuration::from_millis(i64::try_from(milliseconds).expect("short"));
    let real = Clock::Real;
    real.sleep_until(real.now() + length).await;
}
