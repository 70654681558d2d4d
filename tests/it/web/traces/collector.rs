//! A collector of ours, and what it got as OpenTelemetry's own types for Python read it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::python::python;

/// What a collector says that takes everything.
pub const TAKES: u16 = 200;
/// One that never says anything.
pub const STALLS: u16 = 0;

/// Keeps what it gets, and answers each with a status.
pub struct Collector {
    at: SocketAddr,
    pub says: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    pub fn says(status: u16) -> Self {
        let door = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let collector = Self {
            at: door.local_addr().expect("an address"),
            says: Arc::new(AtomicU16::new(status)),
            got: Arc::default(),
        };
        let (says, got) = (collector.says.clone(), collector.got.clone());
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in door.incoming() {
                let mut stream = stream.expect("somebody");
                let body = body(&mut stream);
                got.lock().expect("whole").push(body);
                match says.load(Ordering::SeqCst) {
                    STALLS => silent.push(stream),
                    status => write!(
                        stream,
                        "HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    )
                    .expect("it listens"),
                }
            }
        });
        collector
    }

    pub fn got(&self) -> Vec<Vec<u8>> {
        self.got.lock().expect("whole").clone()
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.at)
    }
}

/// The body of a request for traces, as protobuf.
fn body(stream: &mut TcpStream) -> Vec<u8> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    let value = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned())
    };
    assert_eq!(
        value("content-type").as_deref(),
        Some("application/x-protobuf")
    );
    assert_eq!(value("x-key").as_deref(), Some("4711"), "{head}");
    let length = value("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    body
}

/// A span, as OpenTelemetry's own types understand it.
#[derive(Debug, serde::Deserialize)]
pub struct Spoken {
    pub service: String,
    pub name: String,
    pub kind: String,
    pub status: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub events: usize,
    pub has: serde_json::Map<String, Value>,
}

pub fn spoken(got: &[Vec<u8>]) -> Vec<Spoken> {
    const READS: &str = "\
import json, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
def plain(value):
    return getattr(value, value.WhichOneof('value'))
for line in sys.stdin:
    asked = ExportTraceServiceRequest.FromString(bytes.fromhex(line))
    for resource in asked.resource_spans:
        who = {one.key: plain(one.value) for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
                print(json.dumps({
                    'service': who['service.name'], 'name': span.name, 'kind': Span.SpanKind.Name(span.kind),
                    'status': Status.StatusCode.Name(span.status.code), 'trace': span.trace_id.hex(),
                    'id': span.span_id.hex(), 'parent': span.parent_span_id.hex(), 'events': len(span.events),
                    'has': {one.key: plain(one.value) for one in span.attributes}}))
";
    let python = python(
        "opentelemetry-proto-1.45.2",
        &["opentelemetry-proto==1.45.2"],
        "import opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    );
    let reader = Command::new(python)
        .args(["-c", READS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut reader = reader.expect("it runs");
    let mut asked = reader.stdin.take().expect("it reads");
    for body in got {
        let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(asked, "{hex}").expect("given");
    }
    drop(asked);
    let read = reader.wait_with_output().expect("it ends");
    assert!(read.status.success(), "not understood");
    let lines = String::from_utf8(read.stdout).expect("text");
    let spans = lines.lines().map(serde_json::from_str);
    spans.collect::<Result<_, _>>().expect("spans")
}
