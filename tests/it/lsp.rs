//! The language server answers a real client: a session that Neovim 0.7.2 recorded
//! (`lsp/record.lua`), played again to the built binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lsp_server::Message;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tovholder::definition;

const SESSION: &str = include_str!("lsp/session.jsonl");
const KURSUS: &str = include_str!("lsp/kursus.yaml");
/// The templates that the workflow names, and those of fixed names.
const TEMPLATES: [&str; 8] = [
    "absence-notice",
    "booking-reminder",
    "meeting-cancelled",
    "meeting-invitation",
    "meeting-moved",
    "meeting-reminder",
    "task-overdue",
    "task-reminder",
];

/// A folder with a workflow and its templates, and a server that was started in it.
struct Played {
    folder: TempDir,
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Played {
    fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("workflows")).expect("a folder");
        fs::write(root.join("workflows/kursus.yaml"), KURSUS).expect("a file");
        for name in TEMPLATES {
            let of_name = root.join("email-templates/da").join(name);
            fs::create_dir_all(&of_name).expect("a folder");
            for (file, text) in [
                ("subject.hbs", format!("Om {name}")),
                ("body.txt.hbs", "Hej.\n".to_owned()),
                ("body.html.hbs", "<p>Hej.</p>\n".to_owned()),
            ] {
                fs::write(of_name.join(file), text).expect("a file");
            }
        }
        let mut server = Command::new(env!("CARGO_BIN_EXE_tovholder"))
            .arg("lsp")
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let to = server.stdin.take().expect("piped");
        let from = BufReader::new(server.stdout.take().expect("piped"));
        Self {
            folder,
            server,
            to,
            from,
        }
    }

    /// The address of the folder, as it stands in messages.
    fn address(&self) -> String {
        let path = fs::canonicalize(self.folder.path()).expect("the folder is there");
        format!("file://{}", path.display())
    }

    /// Sends a message of the session as it was recorded, the folder apart.
    fn send(&mut self, line: &str) {
        let line = line.replace(r"file:\/\/\/ROOT", &self.address());
        let length = line.len();
        write!(self.to, "Content-Length: {length}\r\n\r\n{line}").expect("the server listens");
        self.to.flush().expect("the server listens");
    }

    fn next(&mut self) -> Message {
        let message = Message::read(&mut self.from).expect("a message of the protocol");
        message.expect("the server is still there")
    }

    /// The answer to a request, or why there is none.
    fn answer(&mut self) -> Result<Json, String> {
        loop {
            if let Message::Response(response) = self.next() {
                return response.response_result.map_err(|error| error.message);
            }
        }
    }

    /// The problems of a version of the document.
    fn problems(&mut self, version: &Json) -> Json {
        loop {
            if let Message::Notification(told) = self.next()
                && told.params["version"] == *version
            {
                assert_eq!(told.method, "textDocument/publishDiagnostics");
                return told.params["diagnostics"].clone();
            }
        }
    }
}

/// What was told, so that a reader sees it: a line for each question and answer.
#[derive(Default)]
struct Told(String);

impl Told {
    fn line(&mut self, line: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    fn problems(&mut self, problems: &Json) {
        let problems = problems.as_array().expect("a list");
        if problems.is_empty() {
            self.line("  no problems");
        }
        for problem in problems {
            let code = problem["code"].as_str().expect("a rule");
            let message = problem["message"].as_str().expect("a message");
            let message = message.replace('\n', "\n    ");
            self.line(&format!("  {} {code}: {message}", range(&problem["range"])));
        }
    }

    fn proposals(&mut self, proposals: &Json) {
        for proposal in proposals.as_array().expect("a list") {
            let (label, edit) = (&proposal["label"], &proposal["textEdit"]);
            let detail = proposal["detail"].as_str().unwrap_or_default();
            let line = format!(
                "  {} -> {} at {} {detail}",
                label.as_str().expect("a label"),
                edit["newText"],
                range(&edit["range"])
            );
            self.line(&line);
        }
    }
}

fn range(range: &Json) -> String {
    let place = |place: &Json| format!("{}:{}", place["line"], place["character"]);
    format!("{}-{}", place(&range["start"]), place(&range["end"]))
}

#[test]
fn a_recorded_session_of_neovim_is_answered() {
    let mut played = Played::begin();
    let mut told = Told::default();
    for line in SESSION.lines() {
        let asked: Json = serde_json::from_str(line).expect("a message");
        let method = asked["method"].as_str().expect("a method").to_owned();
        let params = &asked["params"];
        played.send(line);
        if !asked["id"].is_null() {
            let answer = played.answer();
            let at = &params["position"];
            told.line(
                &format!("{method} {}:{}", at["line"], at["character"]).replace(" null:null", ""),
            );
            match (method.as_str(), answer) {
                (_, Err(refused)) => told.line(&format!("  refused: {refused}")),
                ("textDocument/completion", Ok(result)) => told.proposals(&result),
                ("textDocument/hover", Ok(result)) => {
                    let words = result["contents"]["value"].as_str().expect("words");
                    told.line(&format!("  {}", words.replace('\n', "\n  ")));
                }
                (_, Ok(result)) => told.line(&format!("  {result}")),
            }
        } else if let Some(version) = params["textDocument"].get("version") {
            told.line(&method);
            let problems = played.problems(version);
            told.problems(&problems);
        }
    }
    assert!(played.server.wait().expect("it ends").success());
    let address = played.address();
    let told = told.0.replace(&address, "file:///ROOT");
    let told = told.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!("session", told);
}

/// The text with the edits of a rename.
fn edited(text: &str, edits: &Json) -> String {
    let lines = tovholder::lsp::position::Lines::of(text);
    let byte = |place: &Json| {
        lines.byte(
            text,
            serde_json::from_value(place.clone()).expect("a place"),
        )
    };
    let mut text = text.to_owned();
    for edit in edits.as_array().expect("a list").iter().rev() {
        let places = byte(&edit["range"]["start"])..byte(&edit["range"]["end"]);
        text.replace_range(places, edit["newText"].as_str().expect("text"));
    }
    text
}

#[test]
fn each_state_can_be_renamed_and_the_file_says_the_same() {
    let mut played = Played::begin();
    let uri = format!("{}/workflows/kursus.yaml", played.address());
    let mut number = 0;
    let mut ask = |played: &mut Played, method: &str, params: Json| {
        number += 1;
        let message = json!({"jsonrpc": "2.0", "id": number, "method": method, "params": params});
        played.send(&message.to_string());
        let answer = played.answer();
        answer.unwrap_or_else(|refused| panic!("{method}: {refused}"))
    };
    ask(&mut played, "initialize", json!({"capabilities": {}}));
    played.send(r#"{"jsonrpc": "2.0", "method": "initialized", "params": {}}"#);
    let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": KURSUS});
    let opened = json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}});
    played.send(&opened.to_string());
    assert_eq!(played.problems(&json!(1)), json!([]));

    let of_file = definition::read("kursus.yaml", KURSUS);
    let states = |text: &str| -> BTreeMap<String, usize> {
        let workflow = definition::read("kursus.yaml", text).workflow;
        let workflow = workflow.expect("a workflow without errors");
        let states = workflow.states.iter().map(|state| state.name.to_string());
        states.zip(0..).collect()
    };
    let lines = tovholder::lsp::position::Lines::of(KURSUS);
    for (name, id) in states(KURSUS).iter().filter(|(_, id)| **id > 0) {
        let mut symbols = of_file.symbols.all.iter();
        let symbol = symbols
            .find(|symbol| symbol.name == *name)
            .expect("a symbol");
        for place in symbol.places() {
            let at = lines.position(KURSUS, place.start);
            let params =
                json!({"textDocument": {"uri": uri}, "position": at, "newName": "omdoebt"});
            let edits = ask(&mut played, "textDocument/rename", params);
            let renamed = edited(KURSUS, &edits["changes"][&uri]);
            assert_eq!(states(&renamed).get("omdoebt"), Some(id), "{name}");
        }
    }
    ask(&mut played, "shutdown", Json::Null);
    played.send(r#"{"jsonrpc": "2.0", "method": "exit"}"#);
    assert!(played.server.wait().expect("it ends").success());
}

#[test]
fn an_editor_that_goes_away_ends_the_server() {
    let mut played = Played::begin();
    played.send(
        r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}"#,
    );
    assert!(played.answer().is_ok());
    let Played { to, mut server, .. } = played;
    drop(to);
    assert!(!server.wait().expect("it ends").success());
}

/// Files as they are while somebody types: no place of them is too strange for an answer.
#[test]
fn no_place_of_a_half_written_file_is_too_strange() {
    use tovholder::definition::{Problem, Read};
    use tovholder::lsp::document::Document;
    use tovholder::lsp::{Outside, Template, completion, definition, hover, rename};

    struct Nothing;
    impl Outside for Nothing {
        fn templates(&self, _: &Path, _: &str) -> Vec<Template> {
            Vec::new()
        }
        fn problems(&self, _: &Path, _: &str, _: &Read) -> Vec<Problem> {
            Vec::new()
        }
    }
    let mut answered = 0;
    for cut in (0..KURSUS.len()).step_by(23) {
        let cut = KURSUS.floor_char_boundary(cut);
        let rest = KURSUS[cut..].find('\n').map_or(KURSUS.len(), |at| cut + at);
        // The end of a line is not written yet; the lines below it are.
        let text = format!("{}{}", &KURSUS[..cut], &KURSUS[rest..]);
        let document = Document::open("file:///x/workflows/k.yaml".into(), 1, text.clone());
        for byte in [cut, cut / 2, usize::midpoint(cut, text.len())] {
            let at = document.lines.position(&text, byte);
            answered += completion::completion(&document, at, &Nothing).len();
            answered += usize::from(hover::hover(&document, at, &Nothing).is_some());
            answered += definition::definition(&document, at, &Nothing).len();
            answered += usize::from(rename::rename(&document, at, "nyt").is_ok());
        }
    }
    assert!(answered > 200, "{answered}");
}
