//! Versions of a workflow, and holds that go on by another one while people are under way.

use tovholder::channel::{Channel, MemoryChannel};
use tovholder::message::Mailbox;
use tovholder::runner::serve::clock_of;
use tovholder::runner::{Mailer, Runner, Settings};
use tovholder::store::Store;

use super::{ANNA, House, root};

/// The shipped workflow, with something in it changed.
pub(super) fn edited(house: &House, changes: &[(&str, &str)]) -> String {
    let path = root().join("workflows/holstebro-introforloeb.yaml");
    let mut text = std::fs::read_to_string(path).expect("the shipped workflow");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    house.file("edited/holstebro-introforloeb.yaml", text)
}

pub(super) const BO: &str = "bo.proevesen@post.example";

/// A state under another name, of which the file does not say what it was called.
const GONE: [(&str, &str); 4] = [
    ("        admitted:\n", "        taken_in:\n"),
    ("then: admitted", "then: taken_in"),
    ("about: [admitted]", "about: [taken_in]"),
    ("state: admitted", "state: taken_in"),
];

/// The same, and it says so.
const RENAMED: [(&str, &str); 4] = [
    (
        "        admitted:\n",
        "        taken_in:\n          was: admitted\n",
    ),
    ("then: admitted", "then: taken_in"),
    ("about: [admitted]", "about: [taken_in]"),
    ("state: admitted", "state: taken_in"),
];

const LONGER: (&str, &str) = (
    "title: Skoleforløb, lasts: 3 weeks",
    "title: Skoleforløb, lasts: 4 weeks",
);

/// All that is due happens, and mail leaves; how many.
pub(super) fn round(house: &House) -> usize {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(house.path("t.db")).await.expect("a database");
        let clock = clock_of(&store).await.expect("its clock");
        let from = Mailbox::parse("Storådal", "post@storaadal.example").expect("a mailbox");
        let runner = Runner::new(store.clone(), clock, Settings::new(from, "Storådal"));
        runner.work(runner.now()).await.expect("it works");
        let channel = Channel::Memory(MemoryChannel::new());
        let mailer = Mailer::new(runner, channel);
        let mut sent = 0;
        loop {
            let mailed = mailer.run_once().await.expect("a round");
            sent += mailed.sent;
            if mailed.looked_at == 0 {
                break;
            }
        }
        store.close().await.expect("closed");
        sent
    })
}

/// What a plan is called, which differs from run to run.
fn code(said: &str) -> String {
    let flat = said.split_whitespace().collect::<Vec<_>>();
    let at = flat.iter().position(|word| *word == "--apply");
    at.and_then(|at| flat.get(at + 1))
        .expect("a code")
        .to_string()
}

/// Two holds in the middle: one in its first practice, one that has not begun.
pub(super) fn two_holds() -> House {
    let house = House::with_hold();
    house.ok(&[
        "cohort",
        "create",
        "holstebro-introforloeb",
        "--title",
        "Hold 2",
        "--date",
        "start=2027-03-01",
    ]);
    let list = "navn;email;jobcenter;rolle:job_consultant;fakta:target_group\nBo Prøvesen;bo.proevesen@post.example;Jobcenter Storådal;eva.aagrenholt@jobcenter-storaadal.example;dagpenge\n";
    let list = house.file("hold2.csv", list);
    house.ok(&["import", &list, "--cohort", "Hold 2"]);
    for who in [ANNA, BO] {
        house.ok(&["fire", who, "accept", "--set", "wage_scheme=ingen"]);
    }
    round(&house);
    house.set_clock("2027-02-10T09:00:00Z");
    round(&house);
    house
}

#[test]
pub(super) fn two_holds_go_on_by_two_plus_four_plus_two() {
    let house = two_holds();
    let file = edited(&house, &[LONGER]);
    let mut told = house.told();
    told.tell_as(&["publish", &file], "publish holstebro-introforloeb.yaml");
    told.tell(&["versions"]);
    told.tell(&["diff", "holstebro-introforloeb@1", "holstebro-introforloeb"]);
    told.tell(&["agenda", ANNA]);
    let first = code(&told.tell(&["migrate", "Hold 1"]));
    let second = code(&told.tell(&["migrate", "Hold 2"]));
    told.tell(&["migrate", "Hold 1", "--apply", &first]);
    told.tell(&["migrate", "Hold 2", "--apply", &second]);
    told.tell(&["agenda", ANNA]);
    told.tell(&["versions"]);
    told.tell(&["migrate", "Hold 2", "--undo"]);
    told.tell(&["migrate", "Hold 2", "--list"]);
    let told = told
        .text
        .replace(&first, "CODE-1")
        .replace(&second, "CODE-2");
    insta::assert_snapshot!("holds-go-on", without_hashes(&told));
}

/// What a workflow says over all its holds goes on by another version by itself.
#[test]
fn what_is_said_over_all_holds_goes_on_by_itself() {
    let house = House::at("2027-01-05T08:00:00Z");
    house.ok(&["people", "import", &super::example(super::STAFF)]);
    let odense = "odense-for-forloeb";
    house.ok(&[
        "cohort",
        "create",
        odense,
        "--title",
        "Forår",
        "--date",
        "start=2027-02-01",
        "--date",
        "gf_start=2027-03-15",
    ]);
    house.ok(&[
        "import",
        &super::example("examples/odense-kandidater.csv"),
        "--cohort",
        "Forår",
    ]);
    round(&house);
    let path = root().join("workflows/odense-for-forloeb.yaml");
    let text = std::fs::read_to_string(path).expect("the shipped workflow");
    let (at_nine, at_ten) = ("month at 09:00", "month at 10:00");
    assert!(text.contains(at_nine));
    let file = house.file(
        "edited/odense-for-forloeb.yaml",
        text.replace(at_nine, at_ten),
    );
    house.ok(&["publish", &file]);
    let plan = house.ok(&["migrate", odense]);
    let flat = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "På tværs af holdene",
        "1.2.2027 kl. 9.00 → 1.2.2027 kl. 10.00",
    ] {
        assert!(flat.contains(words), "{plan}");
    }
    house.ok(&["migrate", odense, "--apply", &code(&plan)]);
    assert!(
        house
            .ok(&["migrate", odense, "--list"])
            .contains("version 2")
    );
    house.ok(&["migrate", odense, "--undo"]);
    assert_eq!(house.ok(&["migrate", odense]), plan, "as it was");
}

/// The code of a version is that of its texts, which others change.
fn without_hashes(told: &str) -> String {
    let is_hash = |word: &str| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit());
    let line = |line: &str| {
        let hash = line.split_whitespace().find(|word| is_hash(word));
        hash.map_or_else(|| line.to_owned(), |hash| line.replace(hash, "HASHHASH"))
    };
    told.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_cannot_go_along_says_why_and_nothing_is_moved() {
    let house = two_holds();
    let gone = edited(&house, &GONE);
    house.table(&[
        (
            &["migrate", "Hold 2"],
            1,
            &[
                "følger allerede holstebro-introforloeb@1",
                "tovholder publish",
            ],
        ),
        (
            &["publish", &gone],
            0,
            &["holstebro-introforloeb@2 er udgivet"],
        ),
        (
            &["migrate", "Hold 2"],
            1,
            &[
                "1 sag: kan ikke følge med",
                "Fasen »Optaget« (admitted) findes ikke i den nye version",
                "Det kan ikke gøres",
            ],
        ),
        (
            &["migrate", "Hold 2", "--map", "admitted=nowhere"],
            1,
            &["Den nye version har ingen fase »nowhere«"],
        ),
        (
            &["migrate", "Hold 2", "--map", "admitted=recruited"],
            1,
            &["»recruited« er ikke en fase, en sag kan fortsætte i"],
        ),
        (
            &["migrate", "Hold 2", "--map", "admitted=school"],
            0,
            &["»Optaget« → »Skoleforløb«"],
        ),
        (
            &["migrate", "Hold 2", "--map", "admitted=taken_in"],
            0,
            &["--apply"],
        ),
        (
            &["migrate", "Hold 2", "--apply", "0123456789ab"],
            1,
            &["Planen er en anden, end den du har læst"],
        ),
        (
            &["migrate", "Hold 2", "--to", "7"],
            1,
            &["»holstebro-introforloeb« har version 1 til 2"],
        ),
        (
            &["migrate", "Hold 2", "--to", "odense-for-forloeb@1"],
            1,
            &["kan kun skifte til en anden version"],
        ),
        (
            &["migrate", "Hold 2", "--undo"],
            1,
            &["er ikke skiftet til en anden version"],
        ),
        (
            &["diff", "holstebro-introforloeb@1", "odense-for-forloeb"],
            1,
            &["Der er ingen version af »odense-for-forloeb«"],
        ),
        (&["versions"], 0, &["Hold 1, Hold 2"]),
    ]);
}

#[test]
fn a_state_that_says_what_it_was_called_keeps_its_cases() {
    let house = two_holds();
    let renamed = edited(&house, &RENAMED);
    house.ok(&["publish", &renamed]);
    let plan = house.ok(&["migrate", "Hold 2"]);
    assert!(plan.contains("hed »admitted« i filen"), "{plan}");
    let flat = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        !flat.contains("bortfalder") && !flat.contains("kommer til"),
        "{plan}"
    );
    house.ok(&["migrate", "Hold 2", "--apply", &code(&plan)]);
    // What was said in it before is not said again, and the way goes on from it.
    assert_eq!(round(&house), 0);
    house.set_clock("2027-03-02T09:00:00Z");
    round(&house);
    let story = house.ok(&["agenda", BO, "--format", "json"]);
    assert!(!story.contains("admitted"), "{story}");
    let agenda = house.ok(&["agenda", BO]);
    assert!(agenda.contains("Indledende praktik"), "{agenda}");
}

#[test]
fn something_that_has_followed_keeps_a_move_from_being_undone() {
    let house = two_holds();
    let file = edited(&house, &[LONGER]);
    house.ok(&["publish", &file]);
    let plan = house.ok(&["migrate", "Hold 1"]);
    house.ok(&["migrate", "Hold 1", "--apply", &code(&plan)]);
    house.ok(&["fire", ANNA, "facts", "--set", "wage_scheme=voksenelev"]);
    house.table(&[(
        &["migrate", "Hold 1", "--undo"],
        1,
        &["Der er sket noget siden skiftet", "Skift i stedet holdet"],
    )]);
}

#[test]
fn a_workflow_whose_mails_cannot_be_written_is_not_published() {
    let house = House::with_hold();
    let broken = edited(&house, &[("internship_2", "second")]);
    house.table(&[
        (
            &["publish", &broken],
            1,
            &["Intet er udgivet", "tovholder check"],
        ),
        (&["versions"], 0, &["holstebro-introforloeb@1"]),
    ]);
}
