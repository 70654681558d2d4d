//! The pages in a real browser: Chromium, looked at by axe, wide and narrow, light and dark, and with the keyboard alone.
//! What is done there stands in `tests/browser/pages.mjs`.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::node::modules;

/// The service on an empty folder, with the shipped Holstebro hold and its candidates.
struct Service {
    folder: tempfile::TempDir,
    process: Child,
    port: u16,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Service {
    fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["workflows", "email-templates", "examples"] {
            // Nothing is written into them.
            std::os::unix::fs::symlink(root.join(name), folder.path().join(name)).expect("a link");
        }
        let base = format!("http://127.0.0.1:{port}");
        let process = command(folder.path())
            .args([
                "serve",
                "--mail-dir",
                "mails",
                "--clock",
                "2026-11-23T10:00",
            ])
            .args([
                "--mail-from",
                "post@college.example",
                "--listen",
                &base[7..],
            ])
            .env("TOVHOLDER_BASE_URL", &base)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the service begins");
        let service = Self {
            folder,
            process,
            port,
        };
        service.answers();
        service.run(&[
            "people",
            "import",
            "examples/organisationer-og-medarbejdere.csv",
        ]);
        let hold = [
            "cohort",
            "create",
            "holstebro-introforloeb",
            "--title",
            "Hold 1",
        ];
        service.run(&[&hold[..], &["--date", "start=2026-12-07"]].concat());
        service.run(&[
            "import",
            "examples/holstebro-kandidater.csv",
            "--cohort",
            "Hold 1",
        ]);
        service.publish();
        service
    }

    /// Waits until it answers, at most for half a minute.
    fn answers(&self) {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                since.elapsed() < Duration::from_secs(30),
                "it does not answer"
            );
            std::thread::yield_now();
        }
    }

    /// Publishes a second version of the workflow, which the hold does not follow.
    fn publish(&self) {
        let name = "holstebro-introforloeb.yaml";
        let yaml = std::fs::read_to_string(self.folder.path().join("workflows").join(name));
        let edited = yaml
            .expect("the workflow")
            .replace("after: 2 workdays", "after: 3 workdays");
        let file = self.folder.path().join(name);
        std::fs::write(&file, edited).expect("it is written");
        self.run(&["publish", name]);
    }

    fn run(&self, arguments: &[&str]) -> String {
        let done = command(self.folder.path())
            .args(arguments)
            .output()
            .expect("it runs");
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(
            done.status.success(),
            "{arguments:?}: {told}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        told
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tovholder"));
    command.current_dir(folder).env_remove("DATABASE_URL");
    command
}

#[test]
fn people_find_their_way_in_a_real_browser_and_axe_finds_nothing() {
    let modules = modules("browser", "axe-core/axe.min.js");
    let service = Service::begin();
    let kim = [
        "account",
        "open",
        "kim@kommune.example",
        "--name",
        "Kim Holm",
        "--role",
        "admin",
    ];
    let told = service.run(&kim);
    let link = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("/velkommen/"));
    let link = format!("/velkommen/{}", link.expect("a link"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/pages.mjs");
    let done = Command::new("node")
        .arg(script)
        .arg(format!("http://127.0.0.1:{}", service.port))
        .arg(link)
        .arg(&modules)
        .output()
        .expect("node is needed: apt-get install nodejs");
    let (out, wrong) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{wrong}\n{out}");
    assert!(
        out.lines().count() >= 30,
        "so many pages are looked at: {out}"
    );
}
