//! Lists of staff and candidates: as Excel saves them, and every row that is wrong.

use super::{House, STAFF, example};

#[test]
fn staff_that_cannot_be_taken_in_is_named_line_by_line() {
    let house = House::at("2027-01-04T08:00:00Z");
    let titles = "organisation;type;organisationsmail;navn;email;telefon;roller\r\n";
    let table: &[(&str, &[&str])] = &[(
        "X;jobcenter;post@x.example;Bo Å;bo@x.example;12;holstebro-introforloeb:coordinater\r\n\
             X;jobcenter;andet@x.example;Ida Ø;ida;12;holstebro:coordinator, tovholder\r\n\
             ;;;Eva;;;\r\n;skole;;;;;\r\n;;;;eva@x.example;;\r\n\
             Y;;;Bo B;bo@x.example;;candidate\r\nY;;;Per;per@x.example;120487-1234;\r\n",
        &[
            "listen har 10 fejl",
            "linje 2, »roller«: Der er ingen rolle »coordinater« i »holstebro-introforloeb«. Mente du »coordinator«?",
            "linje 3, »email«: »ida« er ikke en e-mailadresse.",
            "linje 3, »organisationsmail«: X har en anden adresse på linje 2: post@x.example.",
            "linje 3, »roller«: Der er intet workflow »holstebro«. Mente du »holstebro-introforloeb«?",
            "linje 3, »roller«: Der er ingen rolle »tovholder« i noget workflow.",
            "linje 4, »email«: E-mailadressen mangler.",
            "linje 5, »organisation«: Organisationens navn mangler.",
            "linje 6, »navn«: Navnet mangler.",
            "linje 7, »email«: Adressen hører til Bo Å på linje 2.",
            "linje 7, »roller«: Rollen »candidate« gives ikke til medarbejdere.",
            "linje 8, »telefon«: Her står noget, der ligner et CPR-nummer.",
        ],
    )];
    for (rows, words) in table {
        let file = house.file("staff.csv", format!("{titles}{rows}"));
        let words: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !word.starts_with("listen"))
            .collect();
        house.table(&[(&["people", "import", &file], 1, &words)]);
    }
    // Nothing of it was taken: everyone in the right list is new.
    house.table(&[(
        &["people", "import", &example(STAFF)],
        0,
        &["44 nye, 0 ændret"],
    )]);
    let changed = house.file("one.csv", format!("{titles}X;skole;;Mø Kvisthøj;moe.kvisthoej@uddannelsesteam-storaadal.example;99;\r\nZ;skole;post@z.example;;;;\r\n"));
    house.table(&[(
        &["people", "import", &changed],
        0,
        &["2 organisationer og 1 person er taget ind: 0 nye, 1 ændret"],
    )]);
}

#[test]
fn candidates_that_cannot_be_taken_in_are_named_line_by_line() {
    let house = House::with_hold();
    let titles = "navn;email;telefon;foedselsdato;jobcenter;rolle:job_consultant;fakta:target_group;fakta:offered";
    let rows = "\
;a@post.example;;;;;;\r\n\
Bo Ål;bo@post.example;;31-02-1987;Jobcenter Storaadal;eva@x.example;dagpange;måske\r\n\
Eva Ny;Bo@post.example;120487-1234;2031-01-01;;;;\r\n\
Anna;anna.birkmose@post.example;;;;;;\r\n\
Ida;;;;;;;\r\n\
Per;per;;;;;;\r\n\
Kort;kort@post.example\r\n";
    let file = house.file("k.csv", format!("\u{feff}{titles}\r\n{rows}"));
    let wrongs: &[&str] = &[
        "Intet er taget ind",
        "linje 2, »navn«: Navnet mangler.",
        "linje 3, »foedselsdato«: »31-02-1987« er ikke en dato. Den dag findes ikke.",
        "linje 3, »jobcenter«: Der er ingen organisation »Jobcenter Storaadal«.",
        "linje 3, »rolle:job_consultant«: Der er ingen medarbejder med adressen »eva@x.example«.",
        "linje 3, »fakta:target_group«: »dagpange« er ikke et af valgene. Mente du »dagpenge«?",
        "linje 3, »fakta:offered«: »måske« er ikke ja eller nej.",
        "linje 4, »email«: »Bo@post.example« står også på linje 3.",
        "linje 4, »foedselsdato«: »2031-01-01« kan ikke være en fødselsdato.",
        "linje 4, »telefon«: Her står noget, der ligner et CPR-nummer.",
        "linje 5, »email«: »anna.birkmose@post.example« er allerede på holdet: Anna Birkmose.",
        "linje 6, »email«: E-mailadressen mangler.",
        "linje 7, »email«: »per« er ikke en e-mailadresse.",
        "linje 8: Linjen har 2 celler, men der er 8 overskrifter.",
    ];
    house.table(&[(&["import", &file, "--cohort", "Hold 1"], 1, wrongs)]);
    let columns = house.file(
        "c.csv",
        "nvan;email;adresse;rolle:mentor\nBo;bo@post.example;x;y\n",
    );
    let wrongs: &[&str] = &[
        "linje 1: Kolonnen »nvan« kendes ikke. Mente du »navn«? Så sig det: --column \"nvan=navn\".",
        "Kolonnen »adresse« kendes ikke.",
        "Kolonnen »rolle:mentor« kendes ikke.",
        "Kolonnen »navn« mangler.",
    ];
    house.table(&[(&["import", &columns, "--cohort", "Hold 1"], 1, wrongs)]);
    let empty = house.file("e.csv", "navn;email\n");
    house.table(&[(
        &["import", &empty, "--cohort", "Hold 1"],
        1,
        &["Listen har ingen kandidater."],
    )]);
    house.table(&[(
        &["import", &empty, "--cohort", "Hold 9"],
        1,
        &["intet hold og ingen kandidat »Hold 9«"],
    )]);
    assert!(
        house
            .ok(&["cohort", "show", "Hold 1"])
            .contains("Indstillet (16)"),
        "nothing was taken"
    );
}

#[test]
fn lists_are_read_as_excel_saves_them() {
    let house = House::with_hold();
    let lists: [(&str, Vec<u8>); 5] = [
        ("bom", "\u{feff}navn;email\r\nÅse Bom;aase@post.example\r\n".into()),
        ("1252", b"navn;email;telefon\r\n\xc6r\xf8 \xc5;aeroe@post.example;+45 00 11\r\n".to_vec()),
        ("comma", "navn,email\n\"Bo, den =1+1\",komma@post.example\n".into()),
        ("tab", "Navn\tE-mail\tFødselsdato\nTabu Ø\ttab@post.example\t12-04-1987\n".into()),
        ("sep", "sep=;\nnavn;email;fakta:target_group\n=SUM(A1);regn@post.example;Dagpengemodtager\n;;\n".into()),
    ];
    for (name, bytes) in lists {
        let file = house.file(name, bytes);
        house.table(&[(
            &["import", &file, "--cohort", "Hold 1"],
            0,
            &["1 kandidat er taget ind på »Hold 1«"],
        )]);
    }
    house.table(&[(
        &["cohort", "show", "Hold 1"],
        0,
        &[
            "Åse Bom",
            "Ærø Å",
            "Bo, den =1+1",
            "Tabu Ø",
            "=SUM(A1)",
            "Indstillet (21)",
        ],
    )]);
    let workbook = house.file("k.xlsx", b"PK\x03\x04");
    house.table(&[(
        &["import", &workbook, "--cohort", "Hold 1"],
        1,
        &["Filen er pakket", "Excel-projektmappe"],
    )]);
}
