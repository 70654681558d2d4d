//! A browser's part that pages can be asked with: cookies are held, and nothing else is done.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// What forms are sent as.
const FORM: &str = "application/x-www-form-urlencoded";

fn coded(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish().into_bytes()
}

/// Who asks, and the cookies that were given.
#[derive(Clone, Debug)]
pub struct Browser {
    at: SocketAddr,
    cookies: BTreeMap<String, String>,
    /// What else it says each time.
    says: String,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The header lines in small letters.
    pub head: String,
    /// The body.
    pub body: String,
}

/// Sends a request, which asks for the connection to be closed, and reads the answer.
pub async fn exchange(at: SocketAddr, request: Vec<u8>) -> Answered {
    let answered = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).expect("the door is open");
        stream.write_all(&request).expect("asked");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answered.await.expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    // A cookie's value and an address keep their letters; header names do not matter.
    let head = head.lines().map(|line| match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}\n", name.to_lowercase()),
        None => format!("{line}\n"),
    });
    Answered {
        status: status.expect("a status"),
        head: head.collect(),
        body: body.to_owned(),
    }
}

impl Answered {
    /// The value of a header, by its name in small letters; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default()
    }

    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Browser {
    /// One that holds nothing.
    pub fn at(at: SocketAddr) -> Self {
        Self {
            at,
            cookies: BTreeMap::new(),
            says: String::new(),
        }
    }

    /// One that says something else each time, as a proxy does.
    pub fn saying(at: SocketAddr, name: &str, value: &str) -> Self {
        Self {
            says: format!("{name}: {value}\r\n"),
            ..Self::at(at)
        }
    }

    /// What a cookie holds.
    pub fn held(&self, cookie: &str) -> &str {
        self.cookies.get(cookie).map_or("", String::as_str)
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answered {
        self.ask("GET", path, (FORM, Vec::new()), None).await
    }

    /// Sends a form, as a page of the same site does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let form = (FORM, coded(fields));
        self.ask("POST", path, form, Some("same-origin")).await
    }

    /// Sends a form with a file, as a page of the same site does: its fields, and the file's field, name and bytes.
    pub async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, bytes): (&str, &str, &[u8]),
    ) -> Answered {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!(
                "--xYx\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let part = format!(
            "--xYx\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(part.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--xYx--\r\n");
        let form = ("multipart/form-data; boundary=xYx", body);
        self.ask("POST", path, form, Some("same-origin")).await
    }

    /// Sends a form from a page of another site.
    pub async fn post_from_elsewhere(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let form = (FORM, coded(fields));
        self.ask("POST", path, form, Some("cross-site")).await
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        (kind, body): (&str, Vec<u8>),
        from: Option<&str>,
    ) -> Answered {
        let held: Vec<String> = (self.cookies.iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: tov.example\r\nConnection: close\r\nCookie: {}\r\n{}",
            held.join("; "),
            self.says
        );
        if let Some(from) = from {
            request += &format!(
                "Sec-Fetch-Site: {from}\r\nContent-Type: {kind}\r\n\
                 Content-Length: {}\r\n",
                body.len()
            );
        }
        request += "\r\n";
        let mut request = request.into_bytes();
        request.extend(body);
        let answered = exchange(self.at, request).await;
        self.hold(&answered.head);
        answered
    }

    fn hold(&mut self, head: &str) {
        for line in head.lines() {
            let Some((name, value)) = line.split_once(": ") else {
                continue;
            };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let pair = value.split(';').next().unwrap_or_default();
            let (name, held) = pair.split_once('=').expect("a cookie");
            if value.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), held.to_owned());
            }
        }
    }
}
