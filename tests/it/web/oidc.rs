//! Logging in by somebody else's account: `oidc-provider`, a certified provider, runs here, and a browser goes there
//! and back. Who logs in at it is said in `tests/oidc/provider.mjs`; all else is real.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use tokio::sync::watch;
use tovholder::access::{Role, Second, step_at};
use tovholder::clock::Clock;
use tovholder::oidc::{Agreement, OidcError, Provider};
use tovholder::web::{self, Options, Pages};

use super::{Browser, PASSWORD, Stage};
use crate::support::browser::Answered;
use crate::support::node::modules;

const SECRET: &str = "a secret that only the two know";

/// The provider's process.
struct Elsewhere {
    process: Child,
    at: SocketAddr,
    /// It goes on telling, and dies when nobody could hear it.
    _told: BufReader<ChildStdout>,
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Elsewhere {
    fn begin(back: &str, algorithm: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = free.local_addr().expect("an address");
        drop(free);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
        let mut process = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .arg(modules("oidc", "oidc-provider/package.json"))
            .args([&at.port().to_string(), back, algorithm])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is needed: apt-get install nodejs");
        let mut told = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        told.read_line(&mut line).expect("a line");
        assert_eq!(line.trim(), "ready");
        Self {
            process,
            at,
            _told: told,
        }
    }

    fn issuer(&self) -> String {
        format!("http://{}", self.at)
    }

    /// Who logs in there next.
    fn be(&self, email: &str, verified: bool) {
        let user = serde_json::json!({"email": email, "verified": verified});
        self.tell("/be", &user.to_string());
    }

    fn tell(&self, path: &str, body: &str) {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(self.at).expect("it is there");
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}",
            self.at
        )
        .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// Pages that believe a provider.
struct Here {
    stage: Stage,
    elsewhere: Elsewhere,
    at: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Here {
    async fn new(algorithm: &str) -> Self {
        let stage = Stage::new().await;
        let door = web::bind("127.0.0.1:0".parse().expect("an address")).await;
        let door = door.expect("a door");
        let at = door.local_addr().expect("an address");
        let back = format!("http://{at}/log-ind/andet/svar");
        let elsewhere = Elsewhere::begin(&back, algorithm);
        let provider = Provider::new(Agreement {
            issuer: elsewhere.issuer(),
            client_id: "tovholder".into(),
            client_secret: SECRET.into(),
            name: "Storaadal Kommune".into(),
            back,
        });
        let options = Options {
            provider: Some(Arc::new(provider.expect("a provider"))),
            ..Options::default()
        };
        let pages = Pages::new(stage.desk.runner().clone(), options);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move { pages.serve(door, stopped).await });
        Self {
            stage,
            elsewhere,
            at,
            _stop: stop,
        }
    }

    /// Goes to the provider and back, as far as the address that the provider sends the browser back to.
    async fn go(&self, browser: &mut Browser) -> String {
        let mut away = Browser::at(self.elsewhere.at);
        let mut to = browser
            .get("/log-ind/andet?til=/hold")
            .await
            .location()
            .to_owned();
        for _ in 0..10 {
            let path = path_of(&to);
            if path.starts_with("/log-ind/andet/svar") {
                return path;
            }
            let answered = away.get(&path).await;
            assert!(
                matches!(answered.status, 302 | 303),
                "{path}: {}",
                answered.body
            );
            answered.location().clone_into(&mut to);
        }
        panic!("it does not come back: {to}");
    }

    async fn log_in(&self, browser: &mut Browser, email: &str, verified: bool) -> Answered {
        self.elsewhere.be(email, verified);
        let back = self.go(browser).await;
        browser.get(&back).await
    }
}

fn path_of(address: &str) -> String {
    let base = url::Url::parse("http://here.example").expect("an address");
    let url = base.join(address).expect("an address");
    url[url::Position::BeforePath..].to_owned()
}

#[tokio::test]
async fn whoever_the_provider_knows_gets_into_the_account_that_is_theirs() {
    for algorithm in ["RS256", "ES256"] {
        let here = Here::new(algorithm).await;
        let login = here.stage.account(Role::Coordinator).await;
        // With a code from the phone, which is not asked for here: that is the provider's affair.
        let visitor = here
            .stage
            .desk
            .enter(&login, PASSWORD, None)
            .await
            .expect("asked");
        let tovholder::runner::desk::Entry::In(secret) = visitor else {
            panic!("{visitor:?}");
        };
        let visitor = here
            .stage
            .desk
            .visitor(&secret.text())
            .await
            .expect("asked");
        let (second, visitor) = (Second::fresh(), visitor.expect("a session"));
        let code = (0..1_000_000)
            .map(|code| format!("{code:06}"))
            .find(|code| {
                second.takes(code, Clock::Real.now(), 0) == Some(step_at(Clock::Real.now()))
            });
        let begun = here
            .stage
            .desk
            .begin_second(&visitor, &second, &code.expect("a code"))
            .await;
        assert!(begun.expect("stored"));

        let mut browser = Browser::at(here.at);
        let ask = browser.get("/log-ind?til=/hold").await.body;
        assert!(ask.contains("Log ind med Storaadal Kommune"), "{ask}");
        assert!(ask.contains("/log-ind/andet?til=%2Fhold"), "{ask}");
        let answered = here.log_in(&mut browser, &login.to_uppercase(), true).await;
        assert_eq!(
            (answered.status, answered.location()),
            (303, "/hold"),
            "{}",
            answered.body
        );
        let page = browser.get("/hold").await;
        assert!(page.status == 200 && page.body.contains("Kim coordinator"));
        // The same word once more is worth nothing, and logging out ends the session here.
        browser.post("/log-ud", &[]).await;
        assert_eq!(browser.get("/hold").await.status, 303);
    }
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let here = Here::new("RS256").await;
    let login = here.stage.account(Role::Coordinator).await;
    let mut browser = Browser::at(here.at);
    // Nobody's account, and an address that nobody has seen to be theirs.
    for (email, verified, says) in [
        ("ukendt@kommune.example", true, "ingen konto"),
        (login.as_str(), false, "bekræftet"),
    ] {
        let answered = here.log_in(&mut browser, email, verified).await;
        assert_eq!(answered.status, 403, "{}", answered.body);
        assert!(answered.body.contains(says), "{says}: {}", answered.body);
        assert_eq!(browser.get("/hold").await.status, 303);
    }
    let accounts = here.stage.desk.accounts().await.expect("accounts");
    assert_eq!(accounts.len(), 1, "none is made by itself");

    here.elsewhere.be(&login, true);
    let back = here.go(&mut browser).await;
    // A browser that did not leave from here, one that left another time, and a word that was changed.
    assert_eq!(Browser::at(here.at).get(&back).await.status, 422);
    let mut other = Browser::at(here.at);
    here.go(&mut other).await;
    assert_eq!(other.get(&back).await.status, 422);
    let changed = back.replace("state=", "state=x");
    assert_eq!(browser.clone().get(&changed).await.status, 422);
    let (code, rest) = back.split_once("code=").expect("a code");
    let refused = browser.clone().get(&format!("{code}code=x{rest}")).await;
    assert_eq!(refused.status, 502, "the provider does not know that code");
    let mut twice = browser.clone();
    assert_eq!(browser.get(&back).await.status, 303);
    assert_eq!(twice.get(&back).await.status, 502, "a code is good once");

    here.stage.desk.close_account(&login).await.expect("closed");
    let answered = here.log_in(&mut browser, &login, true).await;
    assert_eq!(answered.status, 403);
}

#[tokio::test]
async fn new_keys_are_learnt_and_a_token_for_another_browser_is_not_believed() {
    let here = Here::new("ES256").await;
    let login = here.stage.account(Role::Coordinator).await;
    let mut browser = Browser::at(here.at);
    assert_eq!(here.log_in(&mut browser, &login, true).await.status, 303);
    here.elsewhere.tell("/keys", "");
    // The first one who comes after that begins again, and everybody after them gets in.
    let first = here.log_in(&mut browser, &login, true).await;
    assert_eq!(first.status, 422, "{}", first.body);
    assert_eq!(here.log_in(&mut browser, &login, true).await.status, 303);

    // The token's nonce is what this browser left with.
    let provider = Provider::new(Agreement {
        issuer: here.elsewhere.issuer(),
        client_id: "tovholder".into(),
        client_secret: SECRET.into(),
        name: String::new(),
        back: format!("http://{}/log-ind/andet/svar", here.at),
    })
    .expect("a provider");
    let begun = provider.begin().await.expect("it begins");
    let mut away = Browser::at(here.elsewhere.at);
    let mut to = begun.url.clone();
    while !path_of(&to).starts_with("/log-ind/") {
        to = away.get(&path_of(&to)).await.location().to_owned();
    }
    let url = url::Url::parse(&to).expect("an address");
    let code = url
        .query_pairs()
        .find(|(name, _)| name == "code")
        .expect("a code")
        .1;
    let done = provider
        .finish(&code, "another nonce", &begun.verifier)
        .await;
    assert!(matches!(done, Err(OidcError::Token(_))), "{done:?}");
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_page_and_without_an_answer_passwords_still_work() {
    let stage = Stage::new().await;
    let mut browser = Browser::at(stage.at);
    assert!(!browser.get("/log-ind").await.body.contains("Log ind med"));
    for path in ["/log-ind/andet", "/log-ind/andet/svar"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let here = Here::new("RS256").await;
    let login = here.stage.account(Role::Coordinator).await;
    drop(here.elsewhere);
    let mut browser = Browser::at(here.at);
    let answered = browser.get("/log-ind/andet").await;
    assert_eq!(answered.status, 502);
    assert!(
        answered.body.contains("log ind med adgangskode"),
        "{}",
        answered.body
    );
    let answered = here
        .stage
        .log_in(&mut browser, &login, PASSWORD, None)
        .await;
    assert_eq!(answered.status, 303);
}
