//! The bytes of a mail as they are kept, and what is remembered of its words.

use sha2::{Digest, Sha256};

use super::{No, unreadable};
use crate::intake::bounces_to;
use crate::message::{self, Mail, MailParts};
use crate::runner::Settings;
use crate::store::OutboxRow;

/// The mail, and its bytes as they are kept.
pub(super) fn frozen(
    settings: &Settings,
    row: &OutboxRow,
    parts: &MailParts,
) -> Result<(Mail, Vec<u8>), No> {
    let mut mail = message::freeze(parts).map_err(unreadable)?;
    if let Some(bounces) = &settings.bounces {
        mail.envelope_from = bounces_to(bounces, &row.public_id);
    }
    let bytes = serde_json::to_vec(&mail).map_err(|_| unreadable("it is not text"))?;
    Ok((mail, bytes))
}

/// What it says, in short: two mails that say the same have the same.
pub(super) fn told(parts: &MailParts) -> String {
    let mut hash = Sha256::new();
    hash.update(&parts.rendered.subject);
    hash.update([0]);
    hash.update(&parts.rendered.text);
    if let Some(invitation) = &parts.invitation {
        hash.update(format!(
            "{}{}{:?}",
            invitation.start, invitation.end, invitation.method
        ));
    }
    hex(&hash.finalize())
}

pub(super) fn hex(hash: &[u8]) -> String {
    let bytes = hash.iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
