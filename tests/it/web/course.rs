//! A whole JRS hold in real Chromium, from the need to the job, on a clock that is moved: as coordinator, education
//! consultant, job consultant and candidate, through the pages only. What is done stands in `tests/browser/jrs.mjs`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::sync::mpsc;
use tovholder::access::Role;

use super::jrs::{ANJA, Jrs, SIGNE, VIGGO};
use crate::support::node::modules;

/// Plays the course by mouse or by keys, and answers how many screens axe has looked at.
async fn played(by: &str) -> usize {
    let modules = modules("browser", "axe-core/axe.min.js");
    let jrs = Jrs::new().await;
    let mut links = Vec::new();
    for (email, role) in [
        (VIGGO, Role::Coordinator),
        (SIGNE, Role::EducationConsultant),
        (ANJA, Role::JobConsultant),
    ] {
        links.push(jrs.welcome(email, role).await);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/jrs.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .arg(&jrs.base)
        .arg(&modules)
        .args([by, &links.join(",")])
        .args(std::env::var("BROWSER_SHOTS").ok())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node is needed: apt-get install nodejs");
    let (mut to, from) = (node.stdin.take(), node.stdout.take().expect("its words"));
    let (tell, mut told) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(from).lines();
        lines
            .map_while(Result::ok)
            .for_each(|line| drop(tell.send(line)));
    });
    let mut looked = Vec::new();
    while let Some(line) = told.recv().await {
        let Some(asked) = line.strip_prefix('@') else {
            looked.push(line);
            continue;
        };
        let answer = match asked.split_once('|').expect("a word and what it is about") {
            ("until", moment) => {
                jrs.until(moment).await;
                serde_json::json!(true)
            }
            ("mail", address) => serde_json::json!(jrs.sent(address, "")),
            other => panic!("{other:?}"),
        };
        let to = to.as_mut().expect("it listens");
        writeln!(to, "{answer}").expect("it is told");
    }
    let mut wrong = String::new();
    let errors = node.stderr.as_mut().expect("its errors");
    errors.read_to_string(&mut wrong).expect("text");
    assert!(
        node.wait().expect("it ends").success(),
        "{wrong}\n{}",
        looked.join("\n")
    );
    looked.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_course_goes_by_mouse_on_a_wide_light_screen() {
    let looked = played("mouse").await;
    assert!(looked >= 14, "{looked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_course_goes_with_the_keyboard_alone_on_a_narrow_dark_screen() {
    let looked = played("keys").await;
    assert!(looked >= 14, "{looked}");
}
