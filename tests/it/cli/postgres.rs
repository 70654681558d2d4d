//! The same commands on PostgreSQL, and what is said when its address is wrong.

use std::process::Stdio;
use std::time::Duration;

use super::{ANNA, House, main_job};
use crate::support::postgres;

/// Monday at nine.
const MOMENT: &str = "2027-01-04T08:00:00Z";

impl House {
    /// Its database is on a server.
    fn on_postgres() -> Self {
        let mut house = Self::empty();
        house.server = Some(postgres::shared().database());
        house
    }

    /// The service runs until it has nothing to send, and ends on SIGTERM.
    fn serve_for_a_moment(&self) {
        let args = [
            "serve",
            "--mail-from",
            "post@college.example",
            "--mail-dir",
            "mails",
        ];
        let mut service = self
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the service starts");
        let mut tries = 0;
        while self
            .ok(&["outbox", "list", "--status", "sent"])
            .lines()
            .count()
            < 2
            || self
                .ok(&["outbox", "list", "--status", "queued"])
                .lines()
                .count()
                > 1
        {
            tries += 1;
            assert!(
                tries < 2_000,
                "it does not send: {}",
                self.ok(&["outbox", "list"])
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        let told = std::process::Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", service.id())])
            .status();
        assert!(told.is_ok_and(|told| told.success()), "SIGTERM");
        assert_eq!(service.wait().expect("it ends").code(), Some(0));
    }
}

#[test]
fn the_first_steps_are_the_same_on_both() {
    let said = [House::empty(), House::on_postgres()].map(|house| {
        house.set_clock(MOMENT);
        let mut said = main_job(&house);
        house.serve_for_a_moment();
        for args in [
            &["agenda", "Hold 1"][..],
            &["why", ANNA, "welcome"],
            &["outbox", "list"],
            &["outbox", "show", "1"],
            &["cohort", "show", "Hold 1", "--format", "json"],
        ] {
            said.push_str(&house.ok(args));
        }
        said
    });
    let [sqlite, postgres] = &said;
    assert!(sqlite.contains("sendt"), "{sqlite}");
    assert_eq!(sqlite, postgres);
}

#[test]
fn a_wrong_address_is_said_with_what_to_do_and_without_the_password() {
    let cluster = postgres::shared();
    cluster.run("DROP ROLE IF EXISTS laast");
    cluster.run("CREATE ROLE laast LOGIN PASSWORD 'den rigtige'");
    let help = "postgres://BRUGER:KODE@SERVER/NAVN";
    let usage = "postgres://USER:PASSWORD@HOST/NAME";
    let table: &[(String, i32, &[&str])] = &[
        (
            cluster.url_as("laast:hemmelig", "postgres"),
            1,
            &["password authentication failed", help],
        ),
        (
            cluster.url_as("tovholder:hemmelig", "findes_ikke"),
            1,
            &["findes_ikke", "does not exist", help],
        ),
        (
            cluster.url_as("fremmed:hemmelig", "postgres"),
            1,
            &["fremmed", "does not exist", help],
        ),
        (
            "postgres://bo:hemmelig@127.0.0.1:1/sosu".into(),
            1,
            &["postgres://127.0.0.1/sosu", "refused", help],
        ),
        (
            "postgres://bo:hemmelig@findes-ikke.invalid/sosu".into(),
            1,
            &["findes-ikke.invalid", help],
        ),
        (
            "postgres://bo:hemmelig@[/sosu".into(),
            1,
            &["not an address", usage],
        ),
        (
            "mysql://bo:hemmelig@db.example/sosu".into(),
            1,
            &["mysql", usage],
        ),
        (
            "POSTGRES:/bo:hemmelig@db.example/sosu".into(),
            1,
            &["POSTGRES", usage],
        ),
        (String::new(), 1, &["empty", usage]),
    ];
    for (address, code, words) in table {
        let mut house = House::empty();
        house.server = Some(address.clone());
        let serve = [
            "serve",
            "--mail-from",
            "post@college.example",
            "--mail-dir",
            "m",
        ];
        for args in [&["cohort", "list"][..], &serve] {
            let came = house.run(args);
            let said = format!("{}{}", came.out, came.err);
            assert_eq!(came.code, *code, "{address} {args:?}: {said}");
            let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
            for word in *words {
                assert!(
                    flat.contains(word),
                    "{address} should say {word:?}:\n{said}"
                );
            }
            assert!(!said.contains("hemmelig"), "the password is told:\n{said}");
        }
        assert!(!house.path("mysql:").exists(), "a file of that name");
    }
}
