//! The loop: messages in, answers out, one after the other.

use std::collections::BTreeMap;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::document::Document;
use super::protocol::{Changed, Closed, Opened, Place, Renaming};
use super::{Outside, completion, definition, diagnostics, hover, rename};

/// Why the conversation with an editor ended before it was over.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The editor spoke out of turn.
    #[error("the editor does not keep to the protocol: {0}")]
    Protocol(lsp_server::ProtocolError),
    /// The editor went away without saying so.
    #[error("the editor went away")]
    Gone,
}

impl From<lsp_server::ProtocolError> for ServeError {
    fn from(error: lsp_server::ProtocolError) -> Self {
        if error.channel_is_disconnected() {
            Self::Gone
        } else {
            Self::Protocol(error)
        }
    }
}

/// Answers an editor until it says that it is done.
///
/// # Errors
/// When the editor goes away before that, or speaks out of turn.
pub fn serve(connection: &Connection, outside: &dyn Outside) -> Result<(), ServeError> {
    let (id, _) = connection.initialize_start()?;
    let version = env!("CARGO_PKG_VERSION");
    let hello = json!({
        "capabilities": capabilities(),
        "serverInfo": {"name": "tovholder", "version": version},
    });
    connection.initialize_finish(id, hello)?;
    let mut server = Server {
        connection,
        outside,
        open: BTreeMap::new(),
        changed: Vec::new(),
    };
    for message in &connection.receiver {
        match message {
            Message::Request(request) if connection.handle_shutdown(&request)? => return Ok(()),
            Message::Request(request) => {
                let response = server.answer(request);
                server.send(Message::Response(response))?;
            }
            Message::Notification(notification) => server.hear(notification),
            // Nothing is ever asked of the editor.
            Message::Response(_) => {}
        }
        // Who types fast is told about the last letter only.
        if connection.receiver.is_empty() {
            server.publish()?;
        }
    }
    Err(ServeError::Gone)
}

fn capabilities() -> Json {
    json!({
        "positionEncoding": "utf-16",
        // Changes come as ranges.
        "textDocumentSync": {"openClose": true, "change": 2},
        "completionProvider": {"triggerCharacters": [" ", ".", ":", "[", "{", ","]},
        "hoverProvider": true,
        "definitionProvider": true,
        "renameProvider": {"prepareProvider": true},
    })
}

struct Server<'s> {
    connection: &'s Connection,
    outside: &'s dyn Outside,
    open: BTreeMap<String, Document>,
    /// Documents whose problems the editor has not been told yet.
    changed: Vec<String>,
}

/// A request that cannot be answered, with the protocol's number for why.
struct Refused(ErrorCode, String);

impl Server<'_> {
    fn send(&self, message: Message) -> Result<(), ServeError> {
        let sent = self.connection.sender.send(message);
        sent.map_err(|_| ServeError::Gone)
    }

    fn answer(&self, request: Request) -> Response {
        let id = request.id.clone();
        match self.result(request) {
            Ok(result) => Response::new_ok(id, result),
            Err(Refused(code, message)) => Response::new_err(id, code as i32, message),
        }
    }

    fn result(&self, request: Request) -> Result<Json, Refused> {
        let method = request.method.as_str();
        match method {
            "textDocument/completion" => self.at(request.params, |document, place| {
                json!(completion::completion(
                    document,
                    place.position,
                    self.outside
                ))
            }),
            "textDocument/hover" => self.at(request.params, |document, place| {
                json!(hover::hover(document, place.position, self.outside))
            }),
            "textDocument/definition" => self.at(request.params, |document, place| {
                json!(definition::definition(
                    document,
                    place.position,
                    self.outside
                ))
            }),
            "textDocument/prepareRename" => self.at(request.params, |document, place| {
                json!(rename::prepare(document, place.position))
            }),
            "textDocument/rename" => {
                let asked: Renaming = read(request.params)?;
                let document = self.document(&asked.place.text_document.uri)?;
                let edits = rename::rename(document, asked.place.position, asked.new_name.trim());
                let edits = edits.map_err(|why| Refused(ErrorCode::RequestFailed, why))?;
                Ok(json!(edits))
            }
            _ => Err(Refused(
                ErrorCode::MethodNotFound,
                format!("{method} is not answered"),
            )),
        }
    }

    /// Answers a question about a place.
    fn at(
        &self,
        params: Json,
        answer: impl Fn(&Document, &Place) -> Json,
    ) -> Result<Json, Refused> {
        let place: Place = read(params)?;
        let document = self.document(&place.text_document.uri)?;
        Ok(answer(document, &place))
    }

    fn document(&self, uri: &str) -> Result<&Document, Refused> {
        let found = self.open.get(uri);
        found.ok_or_else(|| Refused(ErrorCode::InvalidParams, format!("{uri} is not open")))
    }

    /// Takes what the editor tells; what it tells besides is of no interest.
    fn hear(&mut self, notification: Notification) {
        let heard = match notification.method.as_str() {
            "textDocument/didOpen" => read(notification.params).map(|it: Opened| {
                let it = it.text_document;
                let document = Document::open(it.uri.clone(), it.version, it.text);
                self.open.insert(it.uri.clone(), document);
                self.changed.push(it.uri);
            }),
            "textDocument/didChange" => read(notification.params).map(|it: Changed| {
                if let Some(document) = self.open.get_mut(&it.text_document.uri) {
                    document.change(it.text_document.version, it.content_changes);
                    self.changed.push(it.text_document.uri);
                }
            }),
            "textDocument/didClose" => read(notification.params).map(|it: Closed| {
                self.open.remove(&it.text_document.uri);
            }),
            _ => Ok(()),
        };
        if let Err(Refused(_, why)) = heard {
            tracing::warn!(method = notification.method, why, "not understood");
        }
    }

    /// Tells the problems of what has changed.
    fn publish(&mut self) -> Result<(), ServeError> {
        self.changed.sort();
        self.changed.dedup();
        for uri in std::mem::take(&mut self.changed) {
            let Some(document) = self.open.get(&uri) else {
                continue;
            };
            let more = document.path().map_or_else(Vec::new, |path| {
                self.outside.problems(&path, &document.text, &document.read)
            });
            let published = json!(diagnostics::published(document, more));
            let method = "textDocument/publishDiagnostics".to_owned();
            self.send(Message::Notification(Notification::new(method, published)))?;
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(params: Json) -> Result<T, Refused> {
    serde_json::from_value(params)
        .map_err(|error| Refused(ErrorCode::InvalidParams, error.to_string()))
}
