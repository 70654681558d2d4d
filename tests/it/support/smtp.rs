//! A mail server for tests: real TCP, real TLS, and faults on demand.
//!
//! It listens on 127.0.0.1 and keeps every mail it accepts. A [`Script`] says what goes wrong,
//! where, and how often. Dropping the server closes it and all its connections.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The authority that signed the server's certificate (for `localhost` and 127.0.0.1). Its key no
/// longer exists; the server's own key guards nothing.
pub const CA_PEM: &str = include_str!("tls/ca.pem");

/// A moment in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Before the greeting.
    Greeting,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After "354", before the message is read.
    Content,
    /// After the final dot, before the answer to it.
    Dot,
    /// After a mail was accepted and answered.
    Idle,
    Rset,
}

/// What goes wrong at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This answer instead of the usual one.
    Answer(&'static str),
    /// This answer, then the connection is closed.
    AnswerAndClose(&'static str),
    /// No answer, ever.
    Stall,
    /// The connection is closed without an answer.
    Close,
    /// At [`At::Dot`]: the mail is accepted, but the connection is closed before the answer.
    AcceptAndClose,
    /// At [`At::Dot`]: the mail is accepted, but the answer never comes.
    AcceptAndStall,
    /// The usual answer, one byte each 50 ms.
    Drip,
    /// The usual answer, 40 ms later: a server that thinks, so that a death can come in between.
    Late,
    /// The usual answer, once the server is told to go on: until then it is certainly on the wire.
    Wait,
    /// The server dies: every connection is reset, and nobody listens until it is revived.
    Die,
    /// At [`At::Dot`]: the mail is accepted, then the server dies.
    AcceptAndDie,
    /// The usual answer, a byte at a time and each in a packet of its own.
    Split,
    /// The usual answer, and this line that nobody has asked for, in one packet.
    AndMore(&'static str),
    /// A line that does not end.
    Endless,
    /// At [`At::Content`]: so many bytes are read, then this is answered and the connection closed.
    BreakOff(usize, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    #[default]
    Plain,
    StartTls,
    Implicit,
    /// STARTTLS is offered, and refused with 454.
    Refused,
    /// STARTTLS is accepted, and the handshake answered with nonsense.
    Broken,
    /// STARTTLS is accepted, and another answer comes in the clear in the same packet: what somebody in
    /// between would put there.
    Injected,
}

/// Who the server says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// localhost and 127.0.0.1, by the authority of [`CA_PEM`].
    #[default]
    Good,
    /// Another machine, by the same.
    Elsewhere,
    /// localhost, by the same, until 2021.
    Expired,
    /// localhost, by itself.
    SelfSigned,
}

impl Certificate {
    fn pem(self) -> &'static [u8] {
        match self {
            Certificate::Good => include_bytes!("tls/server.pem"),
            Certificate::Elsewhere => include_bytes!("tls/elsewhere.pem"),
            Certificate::Expired => include_bytes!("tls/expired.pem"),
            Certificate::SelfSigned => include_bytes!("tls/self-signed.pem"),
        }
    }
}

/// Draws a fault, or none, each time a moment comes.
pub type Chance = Arc<Mutex<dyn FnMut(At) -> Option<Fault> + Send>>;

/// How the server behaves. The default accepts everything.
#[derive(Clone)]
pub struct Script {
    faults: Vec<(At, Fault, bool)>,
    chance: Option<Chance>,
    security: Security,
    certificate: Certificate,
    /// Asks for the message (354) although nobody was taken.
    eager: bool,
    login: Option<&'static str>,
    extensions: Vec<&'static str>,
}

impl Default for Script {
    fn default() -> Script {
        let extensions = vec!["8BITMIME", "SMTPUTF8", "PIPELINING"];
        Script {
            faults: Vec::new(),
            chance: None,
            security: Security::Plain,
            certificate: Certificate::Good,
            eager: false,
            login: None,
            extensions,
        }
    }
}

impl Script {
    /// A fault that happens the next time the moment comes, and then no more.
    pub fn once(mut self, at: At, fault: Fault) -> Script {
        self.faults.push((at, fault, false));
        self
    }

    /// A fault that happens each time.
    pub fn always(mut self, at: At, fault: Fault) -> Script {
        self.faults.push((at, fault, true));
        self
    }

    /// Faults by chance, beside the others.
    pub fn chance(self, chance: Chance) -> Script {
        Script {
            chance: Some(chance),
            ..self
        }
    }

    pub fn certificate(self, certificate: Certificate) -> Script {
        Script {
            certificate,
            ..self
        }
    }

    /// DATA is answered with 354 whatever was refused before it.
    pub fn eager(self) -> Script {
        Script {
            eager: true,
            ..self
        }
    }

    pub fn security(self, security: Security) -> Script {
        Script { security, ..self }
    }

    /// What `AUTH PLAIN` must bring, in base64; without it mail is refused. Where it is in two parts,
    /// `AUTH LOGIN` is offered instead and must bring both.
    pub fn login(self, base64: &'static str) -> Script {
        Script {
            login: Some(base64),
            ..self
        }
    }

    /// What EHLO offers, besides STARTTLS and AUTH.
    pub fn extensions(self, extensions: &[&'static str]) -> Script {
        Script {
            extensions: extensions.to_vec(),
            ..self
        }
    }
}

/// A mail that the server took responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub from: String,
    pub to: Vec<String>,
    /// As it came, dots unstuffed.
    pub bytes: Vec<u8>,
    pub message_id: String,
    /// Which connection brought it, counted from 1.
    pub connection: usize,
    /// Parameters of `MAIL FROM`, such as `SMTPUTF8`.
    pub parameters: String,
}

pub struct SmtpServer {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    script: Mutex<Script>,
    accepted: watch::Sender<Vec<Accepted>>,
    connections: watch::Sender<usize>,
    /// Commands as they came, for tests about the conversation itself.
    commands: Mutex<Vec<String>>,
    /// Message-IDs of mails that came as far as their final dot, whatever became of them.
    whole: Mutex<Vec<String>>,
    dead: watch::Sender<bool>,
    waits: watch::Sender<bool>,
}

impl SmtpServer {
    pub async fn start(script: Script) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            accepted: watch::Sender::new(Vec::new()),
            connections: watch::Sender::new(0),
            commands: Mutex::new(Vec::new()),
            whole: Mutex::new(Vec::new()),
            dead: watch::Sender::new(false),
            waits: watch::Sender::new(true),
        });
        let listening = tokio::spawn(live(listener, addr, Arc::clone(&shared)));
        SmtpServer {
            addr,
            shared,
            listening,
        }
    }

    /// An address where nothing listens.
    pub async fn refusing_addr() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.addr)
    }

    /// What goes wrong from now on.
    pub fn set_script(&self, script: Script) {
        *self.shared.script.lock().unwrap() = script;
    }

    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.accepted.borrow().clone()
    }

    /// How often a mail with this Message-ID was accepted.
    pub fn arrivals(&self, message_id: &str) -> usize {
        self.accepted()
            .iter()
            .filter(|mail| mail.message_id == message_id)
            .count()
    }

    /// Waits until so many mails were accepted, at most 10 seconds.
    pub async fn wait_for(&self, mails: usize) -> Vec<Accepted> {
        let mut accepted = self.shared.accepted.subscribe();
        let enough = accepted.wait_for(|accepted| accepted.len() >= mails);
        let enough = tokio::time::timeout(Duration::from_secs(10), enough).await;
        enough
            .unwrap_or_else(|_| panic!("fewer than {mails} mails came"))
            .unwrap()
            .clone()
    }

    /// Whether a mail came as far as its final dot.
    pub fn has_whole(&self, message_id: &str) -> bool {
        self.shared
            .whole
            .lock()
            .unwrap()
            .iter()
            .any(|id| id == message_id)
    }

    /// Waits until a fault has killed the server, at most 60 seconds.
    pub async fn death(&self) {
        let mut dead = self.shared.dead.subscribe();
        let died = tokio::time::timeout(Duration::from_mins(1), dead.wait_for(|dead| *dead)).await;
        died.expect("the fault never came").unwrap();
    }

    /// Gives the answers that [`Fault::Wait`] keeps back, and keeps none back any more.
    pub fn go_on(&self) {
        self.shared.waits.send_replace(false);
    }

    /// How many mails came as far as their final dot.
    pub fn whole(&self) -> usize {
        self.shared.whole.lock().unwrap().len()
    }

    /// Listens again at the same address.
    pub fn revive(&self) {
        self.shared.dead.send_replace(false);
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Listens, except while dead: then its socket and all connections are closed.
async fn live(listener: TcpListener, addr: SocketAddr, shared: Arc<Shared>) {
    let mut dead = shared.dead.subscribe();
    let mut listener = Some(listener);
    loop {
        let listening = match listener.take() {
            Some(listener) => listener,
            None => TcpListener::bind(addr).await.unwrap(),
        };
        tokio::select! {
            () = listen(listening, Arc::clone(&shared)) => return,
            died = dead.wait_for(|dead| *dead) => drop(died.unwrap()),
        }
        drop(dead.wait_for(|dead| !*dead).await.unwrap());
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    // The set ends its tasks when it is dropped.
    let mut open = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        stream.set_nodelay(true).unwrap();
        let mut number = 0;
        shared.connections.send_modify(|connections| {
            *connections += 1;
            number = *connections;
        });
        open.spawn(serve(stream, Arc::clone(&shared), number));
        while open.try_join_next().is_some() {}
    }
}

/// Why a conversation ended.
enum End {
    Closed,
    StartTls,
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, number: usize) {
    let (security, certificate) = {
        let script = shared.script.lock().unwrap();
        (script.security, script.certificate)
    };
    let mut talk = Talk {
        shared,
        number,
        is_greeted: false,
        is_logged_in: false,
    };
    if security == Security::Implicit {
        if let Ok(stream) = acceptor(certificate).accept(stream).await {
            talk.converse(&mut BufReader::new(stream), false).await.ok();
        }
        return;
    }
    let mut stream = BufReader::new(stream);
    let ended = talk
        .converse(&mut stream, security != Security::Plain)
        .await;
    let Ok(End::StartTls) = ended else { return };
    assert!(
        stream.buffer().is_empty(),
        "nothing may be said before the handshake"
    );
    let mut stream = stream.into_inner();
    if security == Security::Broken {
        // Not before the client has begun: else it would be words in the clear.
        let mut first = [0];
        tokio::io::AsyncReadExt::read(&mut stream, &mut first)
            .await
            .ok();
        stream.write_all(b"this is no TLS\r\n").await.ok();
        // What comes is read, so that closing does not become a reset.
        tokio::io::copy(&mut stream, &mut tokio::io::sink())
            .await
            .ok();
    } else if let Ok(stream) = acceptor(certificate).accept(stream).await {
        talk.converse(&mut BufReader::new(stream), false).await.ok();
    }
}

/// TLS as a server that shows this certificate.
pub fn acceptor(certificate: Certificate) -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(certificate.pem());
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

struct Talk {
    shared: Arc<Shared>,
    number: usize,
    is_greeted: bool,
    is_logged_in: bool,
}

/// A transaction in the making.
#[derive(Default)]
struct Draft {
    is_begun: bool,
    from: String,
    parameters: String,
    to: Vec<String>,
}

type Io<T> = std::io::Result<T>;

fn closed<T>() -> Io<T> {
    Err(std::io::ErrorKind::ConnectionAborted.into())
}

impl Talk {
    async fn converse<S>(&mut self, stream: &mut BufReader<S>, offers_tls: bool) -> Io<End>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if !self.is_greeted {
            self.answer(stream, At::Greeting, "220 mail.test ready")
                .await?;
            self.is_greeted = true;
        }
        let mut draft = Draft::default();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(End::Closed);
            }
            let line = line.trim_end();
            self.shared.commands.lock().unwrap().push(line.to_owned());
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let hello = self.hello(offers_tls);
                    self.answer(stream, At::Ehlo, &hello).await?;
                }
                "STARTTLS" if offers_tls => {
                    let security = self.shared.script.lock().unwrap().security;
                    match security {
                        Security::Refused => say(stream, "454 4.7.0 no TLS today").await?,
                        Security::Injected => {
                            say(stream, "220 go ahead\r\n250-injected\r\n250 AUTH PLAIN").await?;
                            return Ok(End::StartTls);
                        }
                        _ => {
                            say(stream, "220 go ahead").await?;
                            return Ok(End::StartTls);
                        }
                    }
                }
                "AUTH" => self.log_in(stream, line).await?,
                "MAIL" if !self.may_send() => say(stream, "530 5.7.0 log in first").await?,
                "MAIL" => {
                    let (from, parameters) = path(line);
                    draft = Draft::default();
                    let said = self
                        .answer_said(stream, At::Mail, "250 2.1.0 sender ok")
                        .await?;
                    if said.starts_with("250") {
                        draft.is_begun = true;
                        (draft.from, draft.parameters) = (from, parameters);
                    }
                }
                "RCPT" if !draft.is_begun => say(stream, "503 5.5.1 MAIL first").await?,
                "RCPT" => {
                    let usual = "250 2.1.5 recipient ok";
                    let said = self.answer_said(stream, At::Rcpt, usual).await?;
                    if said.starts_with("250") {
                        draft.to.push(path(line).0);
                    }
                }
                "DATA" if draft.to.is_empty() && !self.is_eager() => {
                    say(stream, "554 5.5.1 no valid recipients").await?;
                }
                "DATA" => self.receive(stream, std::mem::take(&mut draft)).await?,
                "RSET" => {
                    draft = Draft::default();
                    self.answer(stream, At::Rset, "250 2.0.0 forgotten").await?;
                }
                "NOOP" => say(stream, "250 2.0.0 ok").await?,
                "QUIT" => {
                    say(stream, "221 2.0.0 goodbye").await?;
                    return Ok(End::Closed);
                }
                _ => say(stream, "500 5.5.2 what?").await?,
            }
        }
    }

    fn hello(&self, offers_tls: bool) -> String {
        let script = self.shared.script.lock().unwrap();
        let mut lines = vec!["mail.test greets you"];
        lines.extend(&script.extensions);
        if offers_tls {
            lines.push("STARTTLS");
        }
        if script.login.is_some() {
            let both = script.login.is_some_and(|login| login.contains(' '));
            lines.push(if both { "AUTH LOGIN" } else { "AUTH PLAIN" });
        }
        let last = lines.pop().unwrap();
        let lines = lines.join("\r\n250-");
        format!("250-{lines}\r\n250 {last}")
    }

    async fn log_in<S: AsyncWrite + AsyncRead + Unpin>(
        &mut self,
        stream: &mut BufReader<S>,
        line: &str,
    ) -> Io<()> {
        let expected = self.shared.script.lock().unwrap().login;
        if let Some((user, password)) = expected.and_then(|login| login.split_once(' ')) {
            let mut came = Vec::new();
            for asked in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
                say(stream, asked).await?;
                let mut line = String::new();
                stream.read_line(&mut line).await?;
                came.push(line.trim_end().to_owned());
            }
            if line == "AUTH LOGIN" && came == [user, password] {
                self.is_logged_in = true;
                return self.answer(stream, At::Auth, "235 2.7.0 welcome").await;
            }
            return say(stream, "535 5.7.8 wrong user name or password").await;
        }
        if line.strip_prefix("AUTH PLAIN ") == expected {
            self.is_logged_in = true;
            return self.answer(stream, At::Auth, "235 2.7.0 welcome").await;
        }
        say(stream, "535 5.7.8 wrong user name or password").await
    }

    fn is_eager(&self) -> bool {
        self.shared.script.lock().unwrap().eager
    }

    fn may_send(&self) -> bool {
        self.is_logged_in || self.shared.script.lock().unwrap().login.is_none()
    }

    async fn receive<S>(&mut self, stream: &mut BufReader<S>, draft: Draft) -> Io<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // A refusal at DATA means that no message follows.
        let said = self
            .answer_said(stream, At::Data, "354 end with a dot")
            .await?;
        if !said.starts_with("354") {
            return Ok(());
        }
        match self.fault(At::Content) {
            None => {}
            Some(Fault::Stall) => stall().await,
            Some(Fault::Die) => self.die().await,
            Some(Fault::BreakOff(bytes, why)) => {
                tokio::io::AsyncReadExt::read_exact(stream, &mut vec![0; bytes]).await?;
                say(stream, why).await?;
                return closed();
            }
            Some(_) => return closed(),
        }
        let bytes = read_message(stream).await?;
        let id = message_id(&bytes);
        self.shared.whole.lock().unwrap().push(id);
        let fault = self.fault(At::Dot);
        let late = [Fault::Drip, Fault::Late, Fault::Wait, Fault::Split];
        let then = [
            Fault::AcceptAndClose,
            Fault::AcceptAndStall,
            Fault::AcceptAndDie,
        ];
        if fault.is_none_or(|fault| {
            let more = matches!(fault, Fault::AndMore(_));
            more || late.contains(&fault) || then.contains(&fault)
        }) {
            self.accept(draft, bytes);
        }
        let queued = "250 2.0.0 queued as T1";
        self.act(stream, fault, queued).await?;
        match self.fault(At::Idle) {
            None => Ok(()),
            fault => self.act(stream, fault, "").await.map(|_| ()),
        }
    }

    fn accept(&self, draft: Draft, bytes: Vec<u8>) {
        let mail = Accepted {
            from: draft.from,
            to: draft.to,
            message_id: message_id(&bytes),
            connection: self.number,
            parameters: draft.parameters,
            bytes,
        };
        self.shared
            .accepted
            .send_modify(|accepted| accepted.push(mail));
    }

    /// The task that called this ends with the server.
    async fn die(&self) {
        self.shared.dead.send_replace(true);
        stall().await;
    }

    fn fault(&self, at: At) -> Option<Fault> {
        let mut script = self.shared.script.lock().unwrap();
        let found = script.faults.iter().position(|(moment, ..)| *moment == at);
        let Some(found) = found else {
            let mut chance = script.chance.as_ref()?.lock().unwrap();
            return chance(at);
        };
        let (_, fault, always) = script.faults[found];
        if !always {
            script.faults.remove(found);
        }
        Some(fault)
    }

    async fn answer<S: AsyncWrite + AsyncRead + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        at: At,
        usual: &str,
    ) -> Io<()> {
        self.answer_said(stream, at, usual).await.map(|_| ())
    }

    async fn answer_said<S: AsyncWrite + AsyncRead + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        at: At,
        usual: &str,
    ) -> Io<String> {
        self.act(stream, self.fault(at), usual).await
    }

    /// Gives the usual answer or does what goes wrong; returns what was said.
    async fn act<S: AsyncWrite + AsyncRead + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        fault: Option<Fault>,
        usual: &str,
    ) -> Io<String> {
        match fault {
            None => say(stream, usual).await?,
            Some(Fault::Answer(answer)) => {
                say(stream, answer).await?;
                return Ok(answer.to_owned());
            }
            Some(Fault::AnswerAndClose(answer) | Fault::BreakOff(_, answer)) => {
                say(stream, answer).await?;
                return closed();
            }
            Some(Fault::Close | Fault::AcceptAndClose) => return closed(),
            Some(Fault::Stall | Fault::AcceptAndStall) => stall().await,
            Some(Fault::Die | Fault::AcceptAndDie) => self.die().await,
            Some(Fault::Drip) => drip(stream, usual).await?,
            Some(Fault::Split) => {
                for byte in format!("{usual}\r\n").bytes() {
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                    tokio::task::yield_now().await;
                }
            }
            Some(Fault::AndMore(more)) => say(stream, &format!("{usual}\r\n{more}")).await?,
            Some(Fault::Endless) => loop {
                stream.write_all(b"250-and so on ").await?;
                stream.flush().await?;
            },
            Some(Fault::Wait) => {
                let mut waits = self.shared.waits.subscribe();
                drop(waits.wait_for(|waits| !*waits).await.unwrap());
                say(stream, usual).await?;
            }
            Some(Fault::Late) => {
                let mut tick = tokio::time::interval(Duration::from_millis(40));
                tick.tick().await;
                tick.tick().await;
                say(stream, usual).await?;
            }
        }
        Ok(usual.to_owned())
    }
}

async fn stall() {
    std::future::pending::<()>().await;
}

async fn say<S: AsyncWrite + AsyncRead + Unpin>(stream: &mut BufReader<S>, line: &str) -> Io<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

async fn drip<S: AsyncWrite + AsyncRead + Unpin>(stream: &mut BufReader<S>, line: &str) -> Io<()> {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    for byte in format!("{line}\r\n").bytes() {
        tick.tick().await;
        stream.write_all(&[byte]).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// The address between the angle brackets, and what follows them.
fn path(line: &str) -> (String, String) {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    let (address, parameters) = rest.split_once('>').unwrap_or_default();
    (address.to_owned(), parameters.trim().to_owned())
}

fn message_id(mail: &[u8]) -> String {
    // Headers end with an empty line; what follows may be long.
    let mut lines = mail
        .split(|byte| *byte == b'\n')
        .take_while(|line| *line != b"\r");
    let id = lines.find_map(|line| line.strip_prefix(b"Message-ID: "));
    String::from_utf8_lossy(id.unwrap_or_default())
        .trim()
        .to_owned()
}

async fn read_message<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Io<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let start = message.len();
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return closed();
        }
        match &message[start..] {
            b".\r\n" => {
                message.truncate(start);
                return Ok(message);
            }
            [b'.', ..] => {
                message.remove(start);
            }
            _ => {}
        }
    }
}
