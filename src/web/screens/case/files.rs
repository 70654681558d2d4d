//! The files of a case: put to it, given back, removed.

use axum::extract::{Path, Request};
use axum::response::Response;

use super::settled;
use crate::runner::desk::{DocumentAsked, DocumentKind, Wrong};
use crate::web::answer::Page;
use crate::web::door::Caller;
use crate::web::file::{self, File, Unread, Upload};
use crate::web::screens::fields;

/// A form may come to so much. More than its files may have, so that somebody whose file is too large is told so, and
/// not cut off; what is too much is not kept.
pub(in crate::web::screens) const UPLOAD_MAX: usize = 4 * DocumentAsked::BYTES_MAX;

pub(super) async fn put(caller: Caller, Path(id): Path<String>, request: Request) -> Response {
    let page = &caller.page;
    let asked = match Upload::read(request, DocumentAsked::BYTES_MAX).await {
        Ok(upload) => asked(page, upload),
        Err(unread) => Err(not_whole(unread)),
    };
    let done = match asked {
        Ok(asked) => {
            (caller.desk)
                .add_document(&caller.visitor, &id, asked)
                .await
        }
        // Whoever asks about what is not there is told nothing else.
        Err(wrong) => Err(wrong.into()),
    };
    let words = page.say("Filen er lagt på sagen.", "The file is on the case.");
    settled(&caller, &id, done, words, None).await
}

pub(super) async fn give(caller: Caller, Path((id, file)): Path<(String, String)>) -> Response {
    let Ok(file) = file.parse() else {
        return caller.page.not_found();
    };
    match caller.desk.document(&id, file).await {
        Ok(given) => file::give(&given.name, &given.media, given.bytes),
        Err(error) => caller.page.refused(&error),
    }
}

pub(super) async fn remove(caller: Caller, Path((id, file)): Path<(String, String)>) -> Response {
    let Ok(file) = file.parse() else {
        return caller.page.not_found();
    };
    let done = (caller.desk)
        .remove_document(&caller.visitor, &id, file)
        .await;
    let words = caller.page.say("Filen er fjernet.", "The file is removed.");
    settled(&caller, &id, done, words, None).await
}

/// What a form gives.
fn asked(page: &Page, mut upload: Upload) -> Result<DocumentAsked, Wrong> {
    let kind = upload.form.get("slags").parse()?;
    let file = upload.file("fil").ok_or_else(|| {
        let (danish, english) = ("Der er ikke valgt en fil.", "No file was chosen.");
        Wrong::new(page.say(danish, english))
    })?;
    Ok(DocumentAsked {
        key: fields::key_of(&upload.form),
        ..document_of(file, kind)
    })
}

/// A file that a form gives, to be put to a case once.
pub(in crate::web::screens) fn document_of(file: File, kind: DocumentKind) -> DocumentAsked {
    DocumentAsked {
        kind,
        name: file.name,
        bytes: file.bytes,
        key: fields::fresh_key(),
    }
}

/// Why a form with files was not read.
pub(in crate::web::screens) fn not_whole(unread: Unread) -> Wrong {
    match unread {
        Unread::TooLarge => Wrong::new("Filen er alt for stor: den må højst fylde 5 MB.")
            .help("Gem den igen med mindre billeder."),
        Unread::Broken => Wrong::new("Filen kom ikke hel frem.").help("Prøv igen."),
    }
}
