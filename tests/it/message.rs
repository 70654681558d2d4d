//! The message room from outside: templates, their strictness, and mails read back by a parser
//! that is not the builder's.

use jiff::tz::TimeZone;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use serde_json::{Value as Json, json};
use tovholder::message::{
    Fault, Finding, FreezeError, Invitation, Kind, Mail, MailParts, Mailbox, Method, RenderError,
    Rendered, Supply, TemplateSource, Templates, freeze, message_id,
};

fn source(files: &[(&str, &str)]) -> TemplateSource {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    TemplateSource {
        files: files.collect(),
    }
}

/// A template `t` whose HTML body is the text in question.
fn only(language: &str, subject: &str, text: &str, html: &str) -> Templates {
    let path = |file: &str| format!("{language}/t/{file}");
    let files = [
        ("subject.hbs", subject),
        ("body.txt.hbs", text),
        ("body.html.hbs", html),
    ];
    let files = files.map(|(file, text)| (path(file), text.to_owned()));
    Templates::compile(&TemplateSource {
        files: files.into(),
    })
    .unwrap()
}

fn text(language: &str, template: &str, data: &Json) -> Result<String, String> {
    let rendered = only(language, "s", template, "h").render(language, "t", data);
    rendered
        .map(|rendered| rendered.text)
        .map_err(|error| error.to_string())
}

#[test]
fn helpers_speak_danish_and_english() {
    let data = json!({
        "day": "2027-03-24", "at": "2027-03-24T09:00", "late": "2027-12-31T13:05:00",
        "newyear": "2027-01-01", "one": ["Anna"], "two": ["Anna", "Bo"],
        "three": ["Anna", "Bo", "Cæcilie"], "none": [], "nothing": null,
        "people": [{"name": "Ærø"}, {"name": "Aaby"}],
        "n": 3, "single": 1, "zero": 0, "many": 12500, "price": 1234.5, "debt": -0.001, "said": "7.25",
    });
    let table = [
        (
            "{{long_date day}}",
            "onsdag den 24. marts 2027",
            "Wednesday 24 March 2027",
        ),
        (
            "{{long_date at}}",
            "onsdag den 24. marts 2027",
            "Wednesday 24 March 2027",
        ),
        ("{{date day}}", "24. marts 2027", "24 March 2027"),
        ("{{short_date day}}", "24.3.2027", "24/3/2027"),
        ("{{time at}}", "kl. 9.00", "9:00"),
        ("{{time late}}", "kl. 13.05", "13:05"),
        (
            "{{date_time at}}",
            "onsdag den 24. marts 2027 kl. 9.00",
            "Wednesday 24 March 2027 at 9:00",
        ),
        ("{{week day}}", "uge 12", "week 12"),
        // 1 January 2027 is a Friday in the week that 2026 has as its 53rd.
        ("{{week newyear}}", "uge 53", "week 53"),
        ("{{list none}}|{{list nothing}}", "|", "|"),
        ("{{list one}}", "Anna", "Anna"),
        ("{{list two}}", "Anna og Bo", "Anna and Bo"),
        (
            "{{list three}}",
            "Anna, Bo og Cæcilie",
            "Anna, Bo and Cæcilie",
        ),
        (
            "{{list people field=\"name\"}}",
            "Ærø og Aaby",
            "Ærø and Aaby",
        ),
        ("{{decimal price}}", "1.234,50", "1,234.50"),
        ("{{decimal said digits=1}}", "7,2", "7.2"),
        ("{{decimal many digits=0}}", "12.500", "12,500"),
        ("{{decimal debt}}", "0,00", "0.00"),
        (
            "{{count n \"kandidat\" \"kandidater\"}}",
            "3 kandidater",
            "3 kandidater",
        ),
        (
            "{{count single \"kandidat\" \"kandidater\"}}",
            "1 kandidat",
            "1 kandidat",
        ),
        (
            "{{count zero \"a\" \"b\"}} {{count many \"a\" \"b\"}}",
            "0 b 12.500 b",
            "0 b 12,500 b",
        ),
        ("{{count three \"navn\" \"navne\"}}", "3 navne", "3 navne"),
        ("{{#if (eq n 3)}}ja{{else}}nej{{/if}}", "ja", "ja"),
        (
            "{{#if (and n zero)}}ja{{else if (or n zero)}}en{{/if}}",
            "en",
            "en",
        ),
        ("{{#unless nothing}}tom{{/unless}}", "tom", "tom"),
        (
            "{{#each three}}{{@index}}{{this}}{{#unless @last}}, {{/unless}}{{/each}}",
            "0Anna, 1Bo, 2Cæcilie",
            "0Anna, 1Bo, 2Cæcilie",
        ),
        (
            "{{#each people as |p|}}{{p.name}}{{../n}};{{/each}}",
            "Ærø3;Aaby3;",
            "Ærø3;Aaby3;",
        ),
        ("{{#each nothing}}x{{else}}ingen{{/each}}", "ingen", "ingen"),
        (
            "{{#with people.[0]}}{{name}}{{/with}}{{#with nothing}}x{{else}}-{{/with}}",
            "Ærø-",
            "Ærø-",
        ),
        ("[{{nothing}}]", "[]", "[]"),
    ];
    for (template, danish, english) in table {
        assert_eq!(
            text("da", template, &data).as_deref(),
            Ok(danish),
            "{template}"
        );
        assert_eq!(
            text("en", template, &data).as_deref(),
            Ok(english),
            "{template}"
        );
    }
}

#[test]
fn an_unknown_name_is_an_error_wherever_it_stands() {
    let data =
        json!({"x": 1, "xs": [{"a": 1}], "thing": {"a": 1}, "nothing": null, "day": "2027-03-24"});
    let table = [
        ("{{nane}}", "nane"),
        ("{{thing.b}}", "thing.b"),
        ("{{nothing.b}}", "nothing.b"),
        ("{{#if nane}}x{{/if}}", "nane"),
        ("{{#if nane}}x{{else}}y{{/if}}", "nane"),
        ("{{#unless nane}}x{{/unless}}", "nane"),
        ("{{#each nane}}x{{/each}}", "nane"),
        ("{{#each nane}}x{{else}}y{{/each}}", "nane"),
        ("{{#each xs}}{{b}}{{/each}}", "b"),
        ("{{#each xs}}{{../b}}{{/each}}", "../b"),
        ("{{#with nane}}x{{else}}y{{/with}}", "nane"),
        ("{{#if (eq nane 1)}}x{{/if}}", "nane"),
        ("{{#if (not nane)}}x{{/if}}", "nane"),
        ("{{#if (or x nane)}}x{{/if}}", "nane"),
        ("{{long_date nane}}", "nane"),
        ("{{list xs field=nane}}", "nane"),
        ("{{count nane \"a\" \"b\"}}", "nane"),
        ("{{@index}}", "@index"),
    ];
    for (template, name) in table {
        let templates = only("da", "s", &format!("linje 1\n  {template}"), "h");
        let expect = |error: &RenderError| match error {
            RenderError::UnknownName {
                file,
                line,
                name: found,
                ..
            } => file == "da/t/body.txt.hbs" && *line == 2 && found == name,
            _ => false,
        };
        let error = templates.render("da", "t", &data).unwrap_err();
        assert!(expect(&error), "{template}: {error:?}");
    }
}

#[test]
fn a_value_that_a_helper_cannot_use_is_named() {
    let data = json!({
        "name": "Bo", "nothing": null, "n": 1.5, "xs": [{"a": 1}],
        "bad": "2027-02-30", "zoned": "2027-03-24T09:00Z", "day": "2027-03-24",
    });
    let table = [
        ("{{long_date name}}", "\"Bo\""),
        ("{{long_date bad}}", "\"2027-02-30\""),
        ("{{long_date nothing}}", "null"),
        ("{{date_time zoned}}", "\"2027-03-24T09:00Z\""),
        ("{{time day}}", "\"2027-03-24\""),
        ("{{count n \"a\" \"b\"}}", "1.5"),
        ("{{decimal name}}", "\"Bo\""),
        ("{{decimal n digits=20}}", "20"),
        ("{{list name}}", "\"Bo\""),
        ("{{list xs field=\"b\"}}", "\"b\""),
        ("{{#each name}}x{{/each}}", "\"Bo\""),
        ("{{#with name}}x{{/with}}", "\"Bo\""),
    ];
    for (template, named) in table {
        let error = text("da", template, &data).unwrap_err();
        assert!(
            error.contains(named) && error.contains("body.txt.hbs:1:"),
            "{template}: {error}"
        );
    }
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let data =
        json!({"name": "Bo & Søn <x>", "names": ["<b>", "Æ"], "url": "https://t.example/?a=1&b=2"});
    let template = "{{name}}|{{list names}}|{{#each names}}{{this}}{{/each}}|{{url}}";
    let rendered = only("da", template, template, template)
        .render("da", "t", &data)
        .unwrap();
    let plain = "Bo & Søn <x>|<b> og Æ|<b>Æ|https://t.example/?a=1&b=2";
    assert_eq!(rendered.subject, plain);
    assert_eq!(rendered.text, plain);
    assert_eq!(
        rendered.html,
        "Bo &amp; Søn &lt;x&gt;|&lt;b&gt; og Æ|&lt;b&gt;Æ|https://t.example/?a&#x3D;1&amp;b&#x3D;2"
    );
}

#[test]
fn a_subject_is_one_line() {
    let data = json!({"name": "Bo\r\nBcc: x@y.example\u{85}\u{2028}end"});
    let templates = only("da", "  Hej\n {{name}} \n", "t", "h");
    let subject = templates.render("da", "t", &data).unwrap().subject;
    assert_eq!(subject, "Hej Bo Bcc: x@y.example end");
    let templates = only("da", " {{name}} ", "t", "h");
    let error = templates
        .render("da", "t", &json!({"name": null}))
        .unwrap_err();
    assert_eq!(
        error,
        RenderError::EmptySubject {
            file: "da/t/subject.hbs".to_owned()
        }
    );
    assert!(templates.render("en", "t", &json!({})).is_err());
    assert!(templates.has("da", "t") && !templates.has("da", "u") && !templates.has("en", "t"));
    assert_eq!(templates.names("da"), ["t"]);
}

#[test]
fn partials_are_found_by_medium_and_stay_strict() {
    let files = [
        ("da/t/subject.hbs", "{{> who}}"),
        (
            "da/t/body.txt.hbs",
            "{{> who}} {{> foot}} {{> card person=name}}",
        ),
        (
            "da/t/body.html.hbs",
            "{{#> layout}}<p>{{name}}</p>{{/layout}}{{> foot}}",
        ),
        ("da/partials/who.hbs", "{{name}}"),
        ("da/partials/card.hbs", "[{{person}}]"),
        ("da/partials/foot.txt.hbs", "--"),
        ("da/partials/foot.html.hbs", "<hr>"),
        (
            "da/partials/layout.html.hbs",
            "<main>{{> @partial-block}}</main>",
        ),
        ("da/README.md", "{{ not a template"),
    ];
    let templates = Templates::compile(&source(&files)).unwrap();
    let rendered = templates
        .render("da", "t", &json!({"name": "A & B"}))
        .unwrap();
    assert_eq!(rendered.subject, "A & B");
    assert_eq!(rendered.text, "A & B -- [A & B]");
    assert_eq!(rendered.html, "<main><p>A &amp; B</p></main><hr>");

    // Handlebars alone would pass the unknown name into the partial as null.
    let mut unknown = source(&files);
    unknown.files.insert(
        "da/t/subject.hbs".to_owned(),
        "{{> card person=nane}}".to_owned(),
    );
    let templates = Templates::compile(&unknown).unwrap();
    let error = templates
        .render("da", "t", &json!({"name": "A"}))
        .unwrap_err();
    assert!(
        matches!(&error, RenderError::UnknownName { name, .. } if name == "nane"),
        "{error:?}"
    );

    // An error inside a partial points there.
    let error = templates
        .render("da", "t", &json!({"nane": 1}))
        .unwrap_err();
    assert!(
        error.to_string().starts_with("da/partials/who.hbs:1:"),
        "{error}"
    );
}

#[test]
fn all_problems_are_found_at_once_and_point() {
    let files = [
        ("da/a/subject.hbs", "ok"),
        ("da/a/body.txt.hbs", "linje\n{{#if x}}uden slutning"),
        (
            "da/a/body.html.hbs",
            "{{{name}}}\n  {{lon_date day}} {{long_date}} {{#iff x}}{{/iff}}",
        ),
        (
            "da/b/subject.hbs",
            "{{> fot}} {{count n \"x\"}} {{#*inline \"i\"}}{{/inline}}",
        ),
        (
            "da/b/body.txt.hbs",
            "{{#if (eqq a b)}}{{/if}} {{lookup a b}}",
        ),
        ("da/partials/foot.hbs", "{{> ring}}"),
        ("da/partials/ring.hbs", "{{> foot}}"),
        ("da/odd.hbs", ""),
    ];
    let problems = Templates::compile(&source(&files)).unwrap_err();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let expect = [
        ("da/a/body.html.hbs:1:1", "three braces", "two braces"),
        (
            "da/a/body.html.hbs:2:3",
            "\"lon_date\"",
            "did you mean \"long_date\"?",
        ),
        (
            "da/a/body.html.hbs:2:",
            "\"long_date\" is a helper",
            "this.long_date",
        ),
        ("da/a/body.html.hbs:2:", "\"iff\"", "did you mean \"if\"?"),
        ("da/a/body.txt.hbs:2:", "", ""),
        ("da/b/body.html.hbs:1:1", "lacks", "HTML"),
        ("da/b/body.txt.hbs:1:1", "\"eqq\"", "did you mean \"eq\"?"),
        ("da/b/body.txt.hbs:1:", "\"lookup\"", ""),
        (
            "da/b/subject.hbs:1:1",
            "no partial \"fot\"",
            "did you mean \"foot\"?",
        ),
        ("da/b/subject.hbs:1:", "\"count\" takes 3 values, not 2", ""),
        ("da/b/subject.hbs:1:", "decorators", "partials"),
        ("da/odd.hbs:1:1", "no part", "<language>/<name>/subject.hbs"),
        (
            "da/partials/foot.hbs:1:1",
            "includes itself: foot > ring",
            "",
        ),
    ];
    for (place, message, help) in expect {
        let is_it = |line: &String| {
            line.starts_with(place) && line.contains(message) && line.contains(help)
        };
        assert!(
            found.iter().any(is_it),
            "{place} {message} not in\n{found:#?}"
        );
    }
    assert_eq!(found.len(), expect.len(), "{found:#?}");
}

/// What a mail supplies, small enough to break every rule of it.
fn names() -> Supply {
    let text = Supply::text;
    let item = Supply::map([
        ("name", text()),
        ("day", Supply::new(Kind::Date)),
        ("place", text().or_empty()),
    ]);
    Supply::map([
        ("title", text()),
        (
            "choice",
            Supply::new(Kind::Text(vec!["ja".into(), "nej".into()])),
        ),
        ("day", Supply::new(Kind::Date)),
        ("maybe", Supply::new(Kind::Date).or_empty()),
        ("at", Supply::new(Kind::Moment)),
        ("n", Supply::new(Kind::Number)),
        ("yes", Supply::new(Kind::Flag(Some(true)))),
        ("people", Supply::list(item.clone(), 0)),
        ("owner", item),
        ("by_state", Supply::map([("open", text())])),
        ("nobody", Supply::new(Kind::Nothing)),
        ("secret", Supply::new(Kind::Confidential)),
    ])
}

/// What is found in a template whose text is this, with its place.
fn found(text: &str) -> Vec<(Fault, usize, String)> {
    let templates = Templates::compile_to_try(&source(&[
        ("da/t/subject.hbs", "Emne"),
        ("da/t/body.txt.hbs", text),
        ("da/t/body.html.hbs", &format!("<p>{text}</p>")),
        ("da/partials/card.hbs", "{{person.name}}"),
        ("da/partials/bad.hbs", "a {{nam}}"),
    ]))
    .unwrap();
    let names = names();
    let (uses, mut findings) = templates.uses("da", "t", &names);
    if findings.is_empty() {
        let tried = templates.rehearse(&uses, &uses.of(&names));
        findings.extend(tried.findings);
    }
    let own = |finding: &Finding| !finding.problem.file.ends_with("html.hbs");
    findings
        .into_iter()
        .filter(own)
        .map(|finding| {
            (
                finding.fault,
                finding.problem.column,
                finding.problem.message,
            )
        })
        .collect()
}

#[test]
fn templates_are_held_to_what_their_mail_supplies() {
    use Fault::{Confidential, Cpr, Fails, Kind, Leftover, Parts, Unknown};
    for good in [
        "{{title}} {{long_date day}} {{time at}} {{date at}} {{count n \"a\" \"b\"}}",
        "{{#each people as |p|}}{{p.name}}{{name}}{{../title}}{{@root.title}}{{@index}}{{/each}}",
        "{{#each people}}{{> card person=../owner}}{{/each}}{{list people field=\"name\"}}",
        "{{#with owner}}{{name}} {{> card person=this}}{{/with}}",
        "{{#if (eq choice \"ja\")}}a{{else}}b{{/if}} {{by_state.open}}",
        "{{#if maybe}}{{date maybe}}{{/if}}",
        "{{#if nobody}}{{nobody.name}}{{whatever}}{{/if}}",
        "{{#unless yes}}{{whatever}}{{/unless}}{{#if (and yes nobody)}}{{whatever}}{{/if}}",
        "{{#if people}}{{people.0.name}}{{/if}}",
    ] {
        assert_eq!(found(&format!("Hej {good}")), [], "{good}");
    }
    for (bad, fault, column, words) in [
        ("a {{titel}}", Unknown, 3, "no \"titel\""),
        ("{{owner.nam}}", Unknown, 1, "no \"owner.nam\""),
        (
            "{{#each people}}{{title}}{{/each}}",
            Unknown,
            17,
            "no \"title\"",
        ),
        (
            "{{#each people}}{{../owner.x}}{{/each}}",
            Unknown,
            17,
            "owner.x",
        ),
        ("{{> bad}}", Unknown, 3, "no \"nam\""),
        ("{{list people field=\"nam\"}}", Unknown, 1, "no \"nam\""),
        (
            "{{#if (eq choice \"yes\")}}a{{/if}}",
            Unknown,
            1,
            "never \"yes\"",
        ),
        ("{{title.x}}", Unknown, 1, "is a text"),
        ("{{secret}}", Confidential, 1, "confidential"),
        ("{{#if secret}}a{{/if}}", Confidential, 1, "confidential"),
        ("{{date title}}", Kind, 1, "\"title\" is a text"),
        ("{{time day}}", Kind, 1, "\"day\" is a date"),
        ("{{day}}", Kind, 1, "not a text"),
        ("{{people}}", Kind, 1, "is a list"),
        ("{{#each by_state}}a{{/each}}", Kind, 1, "takes a list"),
        ("{{count title \"a\" \"b\"}}", Kind, 1, "is a text"),
        ("{{#if (eq day \"x\")}}a{{/if}}", Kind, 1, "never \"x\""),
        ("a {{date maybe}}", Fails, 3, "null"),
        (
            "{{#if title}}{{people.0.name}}{{/if}}",
            Fails,
            14,
            "people.0.name",
        ),
        ("a {{owner.place}} b", Leftover, 3, "hole"),
        ("{{#if maybe}}x{{/if}}", Parts, 1, "nothing in it"),
        ("x 010203-{{#if n}}4567{{/if}}", Cpr, 10, "CPR"),
    ] {
        let all = found(bad);
        let is_it = |(is, at, message): &(Fault, usize, String)| {
            *is == fault && *at == column && message.contains(words)
        };
        assert!(all.iter().any(is_it), "{bad}\n{all:#?}");
        let alone = all.iter().all(|(is, ..)| *is == fault);
        assert!(alone, "{bad}\n{all:#?}");
    }
}

#[test]
fn the_two_bodies_say_the_same() {
    let try_both = |text: &str, html: &str| {
        let templates = Templates::compile_to_try(&source(&[
            ("da/t/subject.hbs", "Emne"),
            ("da/t/body.txt.hbs", text),
            ("da/t/body.html.hbs", html),
        ]))
        .unwrap();
        let names = names();
        let (uses, _) = templates.uses("da", "t", &names);
        let tried = templates.rehearse(&uses, &uses.of(&names));
        assert_eq!(tried.branches.difference(&tried.taken).count(), 0);
        let findings = tried.findings.into_iter();
        findings.map(|finding| finding.fault).collect::<Vec<_>>()
    };
    assert_eq!(try_both("Kom {{date day}}.", "<b>{{date day}}</b>"), []);
    assert_eq!(try_both("Kom {{date day}}.", "<b>Kom</b>"), [Fault::Parts]);
    let link = "<a href=\"https://a.example/x\">x</a>";
    assert_eq!(try_both("Se https://a.example/x", link), []);
    assert_eq!(try_both("Se her", link), [Fault::Parts]);
    assert_eq!(try_both("Se her", "<a href=\"\">x</a>"), [Fault::Leftover]);
    assert_eq!(try_both("{{title}}", "<p>\n</p>"), [Fault::Parts]);
    // A tag that one branch opens and another closes.
    let whole = "{{#if maybe}}<p>{{/if}}{{title}}{{#if maybe}}</p>{{/if}}";
    assert_eq!(try_both("{{title}}", whole), []);
    for half in [
        "{{#if maybe}}<p>{{/if}}{{title}}{{#if n}}</p>{{/if}}",
        "<ul>{{#each people}}<li>{{name}}{{/each}}</li></ul>",
    ] {
        let found = try_both("{{title}}{{#if n}}{{/if}}", half);
        assert!(found.contains(&Fault::Leftover), "{half}: {found:?}");
    }
}

fn parts() -> MailParts {
    MailParts {
        message_id: message_id(
            "0193b2c4-7d1e-7000-8000-000000000001",
            "mail.tovholder.example",
        ),
        date: "2027-03-24T08:00:00Z".parse().unwrap(),
        zone: TimeZone::get("Europe/Copenhagen").unwrap(),
        from: Mailbox::parse("Tovholderen på Ærø", "tov@college.example").unwrap(),
        reply_to: Some(Mailbox::parse("", "svar@college.example").unwrap()),
        to: vec![
            Mailbox::parse("Bo \"Søn\" Ågren, leder", "bo@kommune.example").unwrap(),
            Mailbox::parse("", "anna@kommune.example").unwrap(),
        ],
        rendered: Rendered {
            subject:
                "Møde på hold 7: æøå og en lang emnelinje der skal deles i flere stykker undervejs"
                    .to_owned(),
            text: "Kære Bo\n\n.en linje med punktum\nÆØÅ\n".to_owned(),
            html: format!("<p>Kære Bo</p>{}\n", "<td>æ</td>".repeat(300)),
        },
        language: "da".to_owned(),
        logo: None,
        thread: Vec::new(),
        invitation: None,
        list_unsubscribe: None,
    }
}

fn frozen(parts: &MailParts) -> Mail {
    let mail = freeze(parts).unwrap();
    assert_eq!(mail, freeze(parts).unwrap(), "equal parts give equal bytes");
    assert!(mail.bytes.is_ascii());
    let text = std::str::from_utf8(&mail.bytes).unwrap();
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "only CRLF ends a line"
    );
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
    mail
}

#[test]
fn a_mail_reads_back_as_it_was_meant() {
    let parts = parts();
    let mail = frozen(&parts);
    assert_eq!(mail.envelope_from, "tov@college.example");
    assert_eq!(
        mail.recipients,
        ["bo@kommune.example", "anna@kommune.example"]
    );
    let read = MessageParser::default().parse(&mail.bytes).unwrap();
    assert_eq!(read.subject(), Some(parts.rendered.subject.as_str()));
    assert_eq!(
        read.message_id(),
        Some("0193b2c4-7d1e-7000-8000-000000000001@mail.tovholder.example")
    );
    assert_eq!(
        read.date().unwrap().to_rfc3339(),
        "2027-03-24T09:00:00+01:00"
    );
    let from = read.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Tovholderen på Ærø"), Some("tov@college.example"))
    );
    let to: Vec<_> = read
        .to()
        .unwrap()
        .iter()
        .map(|to| (to.name(), to.address()))
        .collect();
    assert_eq!(
        to,
        [
            (Some("Bo \"Søn\" Ågren, leder"), Some("bo@kommune.example")),
            (None, Some("anna@kommune.example")),
        ]
    );
    assert_eq!(
        read.reply_to().unwrap().first().unwrap().address(),
        Some("svar@college.example")
    );
    assert_eq!(
        read.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    assert_eq!(
        read.header_raw("X-Auto-Response-Suppress").map(str::trim),
        Some("All")
    );
    assert_eq!(read.header_raw("List-Unsubscribe"), None);
    assert_eq!(read.content_type().unwrap().subtype(), Some("alternative"));
    assert_eq!(
        read.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
        parts.rendered.text.trim_end()
    );
    assert_eq!(
        read.body_html(0).unwrap().replace("\r\n", "\n").trim_end(),
        parts.rendered.html.trim_end()
    );
    assert_eq!(read.parts.len(), 3, "the whole, the text, the HTML");
    for name in ["Date", "Message-ID", "Subject", "From", "To"] {
        let given = read
            .headers()
            .iter()
            .filter(|header| header.name() == name)
            .count();
        assert_eq!(given, 1, "{name} stands once");
    }
    // Summer time is said in the header, too.
    let summer = MailParts {
        date: "2027-07-01T08:00:00Z".parse().unwrap(),
        ..parts
    };
    let text = String::from_utf8(frozen(&summer).bytes).unwrap();
    assert!(
        text.contains("\r\nDate: Thu, 1 Jul 2027 10:00:00 +0200\r\n"),
        "{text}"
    );
}

#[test]
fn a_frozen_mail_survives_storage() {
    let mail = frozen(&parts());
    let stored = serde_json::to_string(&mail).unwrap();
    assert!(
        stored.contains("Auto-Submitted: auto-generated"),
        "bytes are stored as text"
    );
    assert_eq!(serde_json::from_str::<Mail>(&stored).unwrap(), mail);
}

#[test]
fn an_invitation_is_the_last_alternative_and_names_its_method_twice() {
    for (method, word) in [(Method::Request, "REQUEST"), (Method::Cancel, "CANCEL")] {
        let mut parts = parts();
        parts.invitation = Some(Invitation {
            method,
            uid: "meeting-7@tovholder.example".to_owned(),
            sequence: 1,
            summary: "Afsluttende samtale på Ærø".to_owned(),
            description: String::new(),
            location: None,
            start: "2027-03-24T08:00:00Z".parse().unwrap(),
            end: "2027-03-24T09:00:00Z".parse().unwrap(),
            zone: TimeZone::get("Europe/Copenhagen").unwrap(),
            organizer: parts.from.clone(),
            attendee: parts.to[0].clone(),
            stamp: parts.date,
        });
        let mail = frozen(&parts);
        let read = MessageParser::default().parse(&mail.bytes).unwrap();
        let last = read.parts.last().unwrap();
        let kind = last.content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype()), ("text", Some("calendar")));
        assert_eq!(kind.attribute("method"), Some(word));
        assert_eq!(kind.attribute("charset"), Some("utf-8"));
        let PartType::Text(body) = &last.body else {
            panic!("{:?}", last.body)
        };
        assert!(body.contains(&format!("METHOD:{word}\r\n")), "{body}");
        assert!(
            body.contains("SUMMARY:Afsluttende samtale på Ærø"),
            "{body}"
        );
        parts.invitation.as_mut().unwrap().end = "2027-03-24T07:00:00Z".parse().unwrap();
        assert!(matches!(
            freeze(&parts),
            Err(FreezeError::EndsBeforeStart { .. })
        ));
    }
}

#[test]
fn nothing_can_be_slipped_into_a_header() {
    type Change = fn(&mut MailParts);
    let with = |change: Change| {
        let mut parts = parts();
        change(&mut parts);
        freeze(&parts).unwrap_err()
    };
    let table: [(Change, &str); 9] = [
        (|p| p.to.clear(), "no recipient"),
        (|p| p.message_id = "id@host".to_owned(), "Message-ID"),
        (
            |p| p.message_id = "<id@host>\r\nBcc: x@y.example <".to_owned(),
            "Message-ID",
        ),
        (|p| p.message_id = "<id @host>".to_owned(), "Message-ID"),
        (|p| p.message_id = "<@>".to_owned(), "Message-ID"),
        (
            |p| p.rendered.subject = "a\r\nBcc: x@y.example".to_owned(),
            "subject",
        ),
        (|p| p.rendered.subject = "a\nb".to_owned(), "subject"),
        (
            |p| p.list_unsubscribe = Some("https://x.example/>\r\nBcc: x".to_owned()),
            "unsubscribe",
        ),
        (
            |p| p.list_unsubscribe = Some("http://x.example/".to_owned()),
            "unsubscribe",
        ),
    ];
    for (change, expect) in table {
        let error = with(change).to_string();
        assert!(error.contains(expect), "{error}");
    }
}

#[test]
fn unsubscribing_is_offered_in_one_click_over_https() {
    for (address, one_click) in [
        ("https://t.example/u/1", true),
        ("mailto:u@t.example", false),
    ] {
        let parts = MailParts {
            list_unsubscribe: Some(address.to_owned()),
            ..parts()
        };
        let text = String::from_utf8(frozen(&parts).bytes).unwrap();
        assert!(
            text.contains(&format!("\r\nList-Unsubscribe: <{address}>\r\n")),
            "{text}"
        );
        let post = "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
        assert_eq!(text.contains(post), one_click);
    }
}

#[test]
fn odd_texts_still_give_a_mail_that_may_be_sent() {
    let table = [
        ("x".repeat(5000), "x".repeat(200)),
        ("æ".repeat(5000), "æ".repeat(400)),
        (
            "\u{0}\u{1b}[31m.\r.\n\n.\r\n".to_owned(),
            "emne med \u{1F600} og 日本".to_owned(),
        ),
        (String::new(), "?=".to_owned()),
        ("From x\n--part\n".to_owned(), ".".to_owned()),
    ];
    for (text, subject) in table {
        let mut parts = parts();
        parts.rendered = Rendered {
            subject: subject.clone(),
            text,
            html: "<p>".to_owned(),
        };
        let mail = frozen(&parts);
        let read = MessageParser::default().parse(&mail.bytes).unwrap();
        assert_eq!(read.parts.len(), 3, "{subject}");
        assert_eq!(read.subject(), Some(subject.as_str()));
    }
}

/// The header carries the letters as they are (RFC 6532); the server must take SMTPUTF8.
#[test]
fn an_address_with_danish_letters_stays_readable() {
    let soren = Mailbox::parse("Søren", "søren@kommune.example").unwrap();
    let parts = MailParts {
        to: vec![soren],
        ..parts()
    };
    let mail = freeze(&parts).unwrap();
    assert_eq!(mail.recipients, ["søren@kommune.example"]);
    let read = MessageParser::default().parse(&mail.bytes).unwrap();
    let to = read.to().unwrap().first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some("Søren"), Some("søren@kommune.example"))
    );
    assert!(serde_json::to_string(&mail).is_ok());
}
