//! A disk of a few megabytes that only the programs started in it can see.
//!
//! It is a tmpfs in a mount namespace of its own, which ends with the test. Root may make one; others
//! make one in a user namespace, which Debian allows.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A small disk, at the same path as an empty folder outside.
pub struct Space {
    folder: TempDir,
    /// Holds the namespace until its input ends.
    holder: Child,
    is_root: bool,
}

impl Space {
    /// Makes one of so many megabytes.
    pub fn of_megabytes(megabytes: u32) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tovholder-space")
            .tempdir()
            .expect("a folder");
        let is_root = is_root();
        let script =
            "mount -t tmpfs -o \"size=$1m,mode=755\" tovholder \"$0\" && echo ready && exec cat";
        let mut holder = Command::new("unshare");
        if !is_root {
            holder.args(["--user", "--map-current-user", "--keep-caps"]);
        }
        let mut holder = holder
            .args(["--mount", "sh", "-c", script])
            .arg(folder.path())
            .arg(megabytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare of util-linux runs");
        let mut ready = String::new();
        let told = holder.stdout.take().expect("its output");
        BufReader::new(told).read_line(&mut ready).expect("a line");
        assert_eq!(
            ready.trim(),
            "ready",
            "a small disk needs mount(2): run the tests as root, or where a user may make namespaces \
             (sysctl kernel.unprivileged_userns_clone=1)"
        );
        Self {
            folder,
            holder,
            is_root,
        }
    }

    /// Where it is for programs that are started in it.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The same place as seen from outside.
    pub fn outside(&self) -> PathBuf {
        let path = self.folder.path().strip_prefix("/").expect("absolute");
        Path::new("/proc")
            .join(self.holder.id().to_string())
            .join("root")
            .join(path)
    }

    /// A program that runs in it.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if !self.is_root {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program);
        command
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            let zeros = vec![0; size];
            let error = loop {
                if let Err(error) = ballast.write_all(&zeros) {
                    break error;
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
        }
    }

    /// Gives back what filled it.
    pub fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("it is removed");
    }

    fn ballast(&self) -> PathBuf {
        self.outside().join("ballast")
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        drop(self.holder.wait());
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.trim_ascii() == b"0"
}
