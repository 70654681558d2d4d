//! Files that are given out together: in one archive, or in a folder.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

/// Files by their path, with `/` between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pack {
    pub files: Vec<(String, Vec<u8>)>,
}

impl Pack {
    pub(super) fn add(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.push((path.into(), bytes.into()));
    }

    pub(super) fn json(
        &mut self,
        path: impl Into<String>,
        value: &impl serde::Serialize,
    ) -> serde_json::Result<()> {
        let mut text = serde_json::to_string_pretty(value)?;
        text.push('\n');
        self.add(path, text);
        Ok(())
    }

    /// As one archive. The same files give the same bytes: none has a date.
    pub(super) fn zipped(&self) -> zip::result::ZipResult<Vec<u8>> {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in &self.files {
            zip.start_file(path.as_str(), options)?;
            zip.write_all(bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// A name that every disk takes: letters, figures and dashes.
pub(super) fn file_name(text: &str) -> String {
    let plain: String = (text.to_lowercase().chars())
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(60).collect();
    if name.is_empty() {
        "uden-navn".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_leads_nowhere() {
        for (text, expect) in [
            ("Søs Ågren-Birkmose", "søs-ågren-birkmose"),
            ("../../etc/passwd", "etc-passwd"),
            ("…", "uden-navn"),
        ] {
            assert_eq!(file_name(text), expect);
        }
    }
}
