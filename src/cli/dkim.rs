//! `tovholder mail dkim-record`: what DNS must say, so that receivers can check who signed.

use clap::Args;
use serde_json::json;

use super::{Answer, Failure};
use crate::channel::DnsRecord;
use crate::config::{BadMail, Dkim};
use crate::message::Mailbox;

const EXAMPLES: &str = "\
Examples:
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out dkim.pem
  chmod 600 dkim.pem
  tovholder mail dkim-record --dkim-key dkim.pem --dkim-selector tov2026 \\
      --mail-from \"SOSU-indgangen <post@college.example>\"

The record must be in DNS before the first mail is signed. A new key gets a
new selector; the old record stays for a week, for mail that is on its way.";

/// Letters of the record in a line. DNS joins them, and takes at most 255 in one string.
const LINE: usize = 68;

/// Prints the DNS record by which receivers check the signature of mail (DKIM).
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DkimRecord {
    /// Who sends, such as "SOSU-indgangen <post@college.example>"; `TOVHOLDER_MAIL_FROM`.
    #[arg(
        long,
        env = "TOVHOLDER_MAIL_FROM",
        value_name = "MAILBOX",
        hide_env = true
    )]
    mail_from: Option<Mailbox>,
    #[command(flatten)]
    dkim: Dkim,
}

impl DkimRecord {
    pub fn run(&self) -> Result<Answer, Failure> {
        let from = self.mail_from.as_ref().ok_or(BadMail::NoSender)?;
        let signer = self.dkim.signer(from).map_err(BadMail::Dkim)?;
        let signer = signer.ok_or_else(|| {
            Failure::new(
                "Der er ingen nøgle at fortælle om.",
                "Angiv den med --dkim-key eller TOVHOLDER_DKIM_KEY; --help viser, hvordan den laves.",
            )
        })?;
        let DnsRecord { name, text } = signer.record();
        let told = format!(
            "Læg denne post i DNS for {}, før den første mail bliver underskrevet:\n\n{}\n\
             Et skema på nettet spørger om navn, type og værdi:\n\n{name}\nTXT\n{text}\n\n\
             Se, om den er der: dig +short TXT {name}\n",
            signer.domain(),
            in_a_zone_file(&name, &text),
        );
        Ok(Answer::new(
            told,
            &json!({"name": name, "type": "TXT", "value": text}),
        ))
    }
}

/// As a name server's file has it.
fn in_a_zone_file(name: &str, text: &str) -> String {
    let mut lines = format!("{name}. IN TXT (\n");
    for part in text.as_bytes().chunks(LINE) {
        lines.push_str(&format!("  \"{}\"\n", String::from_utf8_lossy(part)));
    }
    lines + ")\n"
}
