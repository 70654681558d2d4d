//! A file's name as it is kept: what somebody's disk takes, and what does not pretend to be something else.

use crate::runner::desk::Wrong;
use crate::runner::desk::cells::refuse_cpr;

/// Longer ones are cut.
const CHARS_MAX: usize = 80;

/// A name without a path and without what no disk or header takes, which ends as its kind does: whoever opens the file
/// opens what it is. One of which nothing is left is called by what it is to the case.
pub(super) fn clean(name: &str, title: &str, ending: &str) -> Result<String, Wrong> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_left_out(*c)).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let plain = words.join(" ");
    let stem = match plain.rsplit_once('.') {
        Some((stem, end)) if is_same(end, ending) => stem,
        _ => plain.as_str(),
    };
    let stem: String = stem
        .trim_matches(['.', ' '])
        .chars()
        .take(CHARS_MAX)
        .collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { title } else { stem };
    refuse_cpr(stem)?;
    Ok(format!("{stem}.{ending}"))
}

fn is_same(end: &str, ending: &str) -> bool {
    let end = end.to_lowercase();
    end == ending || (end == "jpeg" && ending == "jpg")
}

/// What steers a terminal or turns the reading around, and what Windows takes in no name.
fn is_left_out(c: char) -> bool {
    let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    turns || "\"<>:|?*\u{fffd}".contains(c) || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_the_file_is_and_leads_nowhere() {
        for (name, ending, expect) in [
            ("cv.pdf", "pdf", "cv.pdf"),
            ("CV Søs Ågren.PDF", "pdf", "CV Søs Ågren.pdf"),
            ("cv.html", "txt", "cv.html.txt"),
            ("cv.pdf.exe", "pdf", "cv.pdf.exe.pdf"),
            ("billede.JPEG", "jpg", "billede.jpg"),
            ("C:\\Users\\kim\\cv.docx", "docx", "cv.docx"),
            ("../../etc/passwd", "txt", "passwd.txt"),
            ("cv\u{202e}fdp.exe", "pdf", "cvfdp.exe.pdf"),
            ("a\"b\r\nX-Evil: 1.pdf", "pdf", "ab X-Evil 1.pdf"),
            ("<b>cv</b>.odt", "odt", "b.odt"),
            ("", "pdf", "CV.pdf"),
            (" .. .pdf", "pdf", "CV.pdf"),
            (".pdf", "pdf", "CV.pdf"),
        ] {
            assert_eq!(clean(name, "CV", ending).as_deref(), Ok(expect), "{name}");
        }
        let long = clean(&"å".repeat(500), "CV", "pdf").expect("a name");
        assert_eq!(long.chars().count(), CHARS_MAX + 4);
        assert!(clean("010190-1234.pdf", "CV", "pdf").is_err());
    }
}
