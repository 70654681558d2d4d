//! The commands that need no database: `check` and `calendar`.

use std::fs;
use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::{House, example, root};

#[test]
fn check_finds_what_is_wrong_between_workflows_and_templates() {
    let house = House::empty();
    let base = include_str!("../../fixtures/workflows/base.yaml");
    let workflow = house.file(
        "w/base.yaml",
        base.replace("lasts: 5 weeks", "lasts: 5 wekes"),
    );
    let bad = house.file("w/latin.yaml", b"workflow: x\ntitle: \xc6r\xf8\n");
    let came = house.run(&["check", &workflow, &bad, "gone.yaml"]);
    assert_eq!(came.code, 1);
    for word in [
        "FOLDER/w/base.yaml:",
        "lasts: 5 wekes",
        "^^^^",
        "FOLDER/w/latin.yaml:2:1: error: this is not UTF-8 text",
        "gone.yaml:1:1: error: cannot be read",
        "Checked 1 workflow",
    ] {
        assert!(came.out.contains(word), "{word}:\n{}", came.out);
    }
    // A folder of templates of its own, in which nearly everything is missing or broken.
    let part = |house: &House, name: &str, text: &str| house.file(&format!("t/da/{name}"), text);
    part(&house, "odd/subject.hbs", "Hej {{name");
    part(&house, "odd/body.txt.hbs", "{{nothing}}");
    let good = house.file("w/base.yaml", base);
    let came = house.run(&["check", &good, "t", "--templates", "t"]);
    assert_eq!(came.code, 1, "{}", came.out);
    for word in [
        "there is no template \"status\"",
        "[missing-template]",
        "meeting-invitation",
        "t/da/odd/subject.hbs:1:",
        "t/da/odd/body.html.hbs",
        "[template]",
    ] {
        assert!(came.out.contains(word), "{word}:\n{}", came.out);
    }
    house.table(&[
        (&["check"], 0, &[" workflows and ", "no problems"]),
        (
            &["check", &example("email-templates/da/network-mail")],
            0,
            &["Checked 0 workflows and 1 template: no problems."],
        ),
    ]);
}

#[test]
fn check_knows_which_names_a_mail_has() {
    let house = House::empty();
    copy(&root().join("email-templates"), &house.path("t"));
    house.file(
        "t/da/holstebro-welcome/subject.hbs",
        "Velkommen {{candidate.first_name}}, {{items}}\n",
    );
    let workflow = example("workflows/holstebro-introforloeb.yaml");
    house.table(&[(
        &["check", &workflow, "--templates", "t"],
        1,
        &[
            "subject.hbs:1:37: error: there is no \"items\"",
            "Checked 1 workflow",
        ],
    )]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn a_year_is_listed_with_its_laws_and_weeks() {
    let house = House::empty();
    let workflow = example("workflows/jrs-bliv-klar-til-sosu.yaml");
    house.table(&[
        (
            &["calendar", "2023"],
            0,
            &["Store bededag", "lov nr. 214 af 06/03/2023", "[2]"],
        ),
        (
            &["calendar", "2026"],
            0,
            &["Helligdage 2026", "53 28.12.2026"],
        ),
        (
            &["calendar", "2027", "--workflow", &workflow],
            0,
            &[
                "Lukkedage på hverdage: Bliv klar til SOSU",
                "Fredag 24. december",
            ],
        ),
        (
            &["calendar", "2027", "--language", "en"],
            0,
            &[
                "Public holidays 2027",
                "Good Friday",
                "Closing days of your own",
            ],
        ),
        (&["calendar", "1899"], 2, &["1900..=2200"]),
        (&["calendar", "next"], 2, &["invalid"]),
        (
            &["calendar", "2027", "--workflow", "gone.yaml"],
            1,
            &["gone.yaml"],
        ),
    ]);
    for year in ["1900", "2026", "2200"] {
        let shown = house.ok(&["calendar", year, "--workflow", &workflow]);
        assert!(shown.lines().all(|line| line.width() <= 80), "{shown}");
    }
}
