//! A private PostgreSQL cluster for the tests, from the Debian package, in a folder of its own. It is
//! never one that happens to run, and it ends with the process that began it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tovholder::store::Store;

use super::space::{Space, is_root};

/// A cluster that runs as long as this value.
pub struct Cluster {
    /// Its socket and its log.
    folder: TempDir,
    /// The shell that starts the server, each time it is told to.
    server: Child,
    /// The disk where its data is, if it is a small one.
    space: Option<Space>,
}

/// Databases made so far in this process.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The one cluster that all tests of a process share.
pub fn shared() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    // Nothing is to survive here, so it need not wait for the disk.
    CLUSTER.get_or_init(|| Cluster::start(&["fsync=off", "synchronous_commit=off"]))
}

impl Cluster {
    /// Makes and starts a cluster with these settings, and waits until it answers.
    pub fn start(settings: &[&str]) -> Self {
        Self::make(None, &[], settings)
    }

    /// The same with its data on a small disk.
    pub fn start_in(space: Space, settings: &[&str]) -> Self {
        // Segments of the write-ahead log as small as they can be.
        Self::make(Some(space), &["--wal-segsize=1"], settings)
    }

    fn make(space: Option<Space>, making: &[&str], settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tovholder-pg")
            .tempdir()
            .expect("a folder");
        if let Some((user, group)) = owner() {
            let places = [
                Some(folder.path().to_owned()),
                space.as_ref().map(Space::outside),
            ];
            for place in places.iter().flatten() {
                chown(place, Some(user), Some(group)).expect("the folder is given away");
            }
        }
        let data = data(space.as_ref(), &folder);
        let made = as_owner(space.as_ref(), &program("initdb"))
            .args(["--auth=trust", "--username=tovholder", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"])
            .args(making)
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb failed");
        ask_for_a_password(space.as_ref(), &folder);
        let server = Self::serve(space.as_ref(), &data, folder.path(), settings);
        let cluster = Self {
            folder,
            server,
            space,
        };
        cluster.wait();
        cluster
    }

    /// The server dies with its parent: the shell before it waits for the end of its input. A line of
    /// input starts the server again.
    fn serve(space: Option<&Space>, data: &Path, folder: &Path, settings: &[&str]) -> Child {
        let mut line = format!(
            "{} -D {} -k {} -c listen_addresses= -c max_connections=200 ",
            program("postgres").display(),
            data.display(),
            folder.display()
        );
        for setting in settings {
            line.push_str(&format!("-c {setting} "));
        }
        let script = format!(
            "{line} & server=$!; while read -r _; do {line} & server=$!; done; \
             kill -QUIT $server; wait $server; rm -rf {}",
            folder.display()
        );
        let log = fs::File::create(folder.join("log")).expect("a log");
        as_owner(space, Path::new("/bin/sh"))
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server starts")
    }

    /// Stops it as a loss of power does: nothing is finished, nobody is told.
    pub fn stop_at_once(&self) {
        let stopped = as_owner(self.space.as_ref(), &program("pg_ctl"))
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(data(self.space.as_ref(), &self.folder))
            .status();
        assert!(
            stopped.is_ok_and(|stopped| stopped.success()),
            "{}",
            self.log()
        );
    }

    /// Starts it after it has ended, and waits until it answers.
    pub fn start_again(&mut self) {
        let shell = self.server.stdin.as_mut().expect("its input");
        writeln!(shell, "again").expect("the shell listens");
        self.wait();
    }

    /// Whether it still runs, or begins to run again, rather than having ended by itself.
    pub fn runs(&self) -> bool {
        let status = as_owner(self.space.as_ref(), &program("pg_ctl"))
            .args(["status", "-D"])
            .arg(data(self.space.as_ref(), &self.folder))
            .stdout(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }

    /// The disk where its data is.
    pub fn space(&self) -> &Space {
        self.space.as_ref().expect("a small disk")
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        while !self.psql("SELECT 1") {
            assert!(
                Instant::now() < until,
                "PostgreSQL does not answer: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn psql(&self, sql: &str) -> bool {
        let status = Command::new(program("psql"))
            .args(["-qX", "-U", "tovholder", "-d", "postgres", "-h"])
            .arg(self.folder.path())
            .args(["-c", sql])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.expect("psql runs").success()
    }

    /// A new, empty database: where it is.
    pub fn database(&self) -> String {
        let name = format!("t{}", MADE.fetch_add(1, Ordering::Relaxed));
        self.run(&format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    fn url(&self, name: &str) -> String {
        self.url_as("tovholder", name)
    }

    /// A database's address for a user, with or without a password.
    pub fn url_as(&self, user: &str, name: &str) -> String {
        let host = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{host}/{name}")
    }

    /// Runs a statement as the cluster's owner.
    pub fn run(&self, sql: &str) {
        assert!(self.psql(sql), "{sql}: {}", self.log());
    }

    /// A store in a database of its own.
    pub async fn store(&self) -> Store {
        Store::connect(&self.database()).await.expect("a database")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        drop(self.server.wait());
    }
}

/// Of the role `laast` the server wants a password; everybody else is believed.
fn ask_for_a_password(space: Option<&Space>, folder: &TempDir) {
    let place = space.map_or_else(|| folder.path().to_owned(), Space::outside);
    let file = place.join("data/pg_hba.conf");
    let rules = fs::read_to_string(&file).expect("who may connect");
    fs::write(file, format!("local all laast scram-sha-256\n{rules}")).expect("written");
}

fn data(space: Option<&Space>, folder: &TempDir) -> PathBuf {
    space.map_or(folder.path(), Space::path).join("data")
}

/// PostgreSQL refuses to run as root: then it runs as the user that its package made.
fn owner() -> Option<(u32, u32)> {
    let id = |args: &[&str]| {
        let output = Command::new("id").args(args).output().expect("id runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    is_root().then(|| {
        let user = id(&["-u", "postgres"]).expect("the package's user \"postgres\"");
        (user, id(&["-g", "postgres"]).expect("its group"))
    })
}

/// A program that runs as PostgreSQL's user, in the small disk's namespace if there is one.
fn as_owner(space: Option<&Space>, program: &Path) -> Command {
    let run = |program: &Path| match space {
        Some(space) => space.command(program),
        None => Command::new(program),
    };
    let Some((user, group)) = owner() else {
        return run(program);
    };
    let mut command = run(Path::new("setpriv"));
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups")
        .arg(program)
        .current_dir("/");
    command
}

/// A program of the server's package, which Debian keeps out of the way.
pub fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    let elsewhere = || {
        let path = std::env::var_os("PATH")?;
        let mut folders = std::env::split_paths(&path);
        folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
    };
    found.pop().or_else(elsewhere).unwrap_or_else(|| {
        panic!("{name} is missing: install PostgreSQL (apt-get install postgresql), or run .ci/run")
    })
}
