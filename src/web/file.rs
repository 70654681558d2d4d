//! Files that come in with a form, and files that go out.

use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::form::Form;

/// More files than any form of ours has.
const FILES_MAX: usize = 10;

/// What a browser does with a file that it opens all the same: nothing.
const SEALED: &str = "default-src 'none'; sandbox";

/// A form with files. What is larger than it may be was not kept beyond that, so that it is seen to be.
#[derive(Debug, Default)]
pub(super) struct Upload {
    /// What is no file.
    pub(super) form: Form,
    files: Vec<File>,
}

/// A file as it was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    field: String,
    /// As the browser names it.
    pub(super) name: String,
    /// Its bytes; one more than it may have when it has more.
    pub(super) bytes: Vec<u8>,
}

/// Why a form was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// All of it together is more than is taken.
    TooLarge,
    /// It did not come whole.
    Broken,
}

impl Upload {
    /// Reads a form as it comes, of each field at most so many bytes; of a file one more, and the rest goes by without
    /// being kept. A form that says that it has no files is read as one without.
    pub(super) async fn read(request: Request, field_max: usize) -> Result<Self, Unread> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let has_files = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
        if !has_files {
            let body = Bytes::from_request(request, &()).await;
            let body = body.map_err(|error| unread_as(error.status()))?;
            return Ok(Self {
                form: Form::read(&body),
                files: Vec::new(),
            });
        }
        let multipart = Multipart::from_request(request, &()).await;
        let mut multipart = multipart.map_err(|error| unread_as(error.status()))?;
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        while let Some(field) = multipart
            .next_field()
            .await
            .map_err(|error| unread(&error))?
        {
            let field_name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(ToOwned::to_owned);
            let bytes = kept(field, field_max + 1).await?;
            match file_name {
                Some(_) if files.len() == FILES_MAX => return Err(Unread::Broken),
                Some(name) => files.push(File {
                    field: field_name,
                    name,
                    bytes,
                }),
                None if bytes.len() > field_max => return Err(Unread::TooLarge),
                None => fields.push((field_name, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
        Ok(Self {
            form: Form::of_pairs(fields),
            files,
        })
    }

    /// The file of a field, unless none was chosen.
    pub(super) fn file(&mut self, field: &str) -> Option<File> {
        let at = (self.files.iter()).position(|file| {
            file.field == field && !(file.name.is_empty() && file.bytes.is_empty())
        })?;
        Some(self.files.swap_remove(at))
    }
}

async fn kept(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unread(&error))? {
        let room = most - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(bytes)
}

fn unread(error: &MultipartError) -> Unread {
    unread_as(error.status())
}

fn unread_as(status: StatusCode) -> Unread {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Unread::TooLarge
    } else {
        Unread::Broken
    }
}

/// A file to be kept on a disk and not to be shown by the browser, whatever it says of itself.
pub(super) fn give(name: &str, media: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("application/octet-stream");
    let media = HeaderValue::from_str(media).unwrap_or(plain);
    headers.insert(header::CONTENT_TYPE, media);
    headers.insert(header::CONTENT_DISPOSITION, attachment(name));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SEALED),
    );
    response
}

/// A name as RFC 6266 has it: one that every browser reads, and the whole of it (RFC 8187).
fn attachment(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || " ._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            whole += &format!("%{byte:02X}");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn form(bytes: usize, text: &str) -> Request {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n{text}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{}\r\n--b--\r\n",
            "x".repeat(bytes)
        );
        let kind = "multipart/form-data; boundary=b";
        let request = Request::builder().header(header::CONTENT_TYPE, kind);
        request.body(Body::from(body)).expect("a request")
    }

    #[tokio::test]
    async fn no_more_of_a_file_is_kept_than_shows_that_it_is_too_large() {
        for (sent, kept) in [(0, 0), (9, 9), (10, 10), (11, 11), (12, 11), (1 << 20, 11)] {
            let mut read = Upload::read(form(sent, "ja"), 10).await.expect("a form");
            assert_eq!(read.form.get("t"), "ja");
            let file = read.file("f").expect("a file");
            assert_eq!(file.bytes.len(), kept, "{sent}");
            assert!(read.file("f").is_none(), "it is taken");
        }
        // What is no file is not cut short, and all together is bounded as for every form: by axum to 2 MB here.
        for request in [form(0, "elleve tegn"), form(3 << 20, "ja")] {
            let unread = Upload::read(request, 10).await.map(|_| ());
            assert_eq!(unread, Err(Unread::TooLarge));
        }
        let cut = Request::builder()
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(
                "--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nhal",
            ));
        let unread = Upload::read(cut.expect("a request"), 10).await.map(|_| ());
        assert_eq!(unread, Err(Unread::Broken));
    }

    #[test]
    fn a_name_stays_in_its_header() {
        for (name, expect) in [
            (
                "cv.pdf",
                "attachment; filename=\"cv.pdf\"; filename*=UTF-8''cv.pdf",
            ),
            (
                "Søs \"Å\".pdf",
                "attachment; filename=\"S_s ___.pdf\"; filename*=UTF-8''S%C3%B8s%20%22%C3%85%22.pdf",
            ),
            (
                "a\r\nX: 1;'.txt",
                "attachment; filename=\"a__X_ 1__.txt\"; filename*=UTF-8''a%0D%0AX%3A%201%3B%27.txt",
            ),
        ] {
            assert_eq!(attachment(name), expect);
        }
    }
}
