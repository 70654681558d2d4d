//! What a mail must not have in it, whoever wrote it: CPR numbers, and what was left over.

use std::ops::Range;

use jiff::civil::Date;

/// Words that stand where something was to be filled in.
const BLANKS: [&str; 6] = [
    "…",
    "...",
    "XX",
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    "Lorem ipsum",
];

/// What may be a CPR number, by its bytes: six digits that are a day, month and year, and four more,
/// with nothing, a space or a hyphen of any kind between them.
///
/// There is no check digit to rely on: numbers without one have been given out since 2007.
///
/// ```
/// assert_eq!(tovholder::message::cpr("Født 010203-4567."), Some(6..17));
/// assert_eq!(tovholder::message::cpr("Ring 12 34 56 78"), None);
/// ```
#[must_use]
pub fn cpr(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut before: Option<Range<usize>> = None;
    let mut at = 0;
    while let Some(start) = (at..bytes.len()).find(|at| bytes[*at].is_ascii_digit()) {
        let end = (start..bytes.len())
            .find(|at| !bytes[*at].is_ascii_digit())
            .unwrap_or(bytes.len());
        let day = match end - start {
            10 => Some(start),
            4 => before
                .filter(|day| day.len() == 6 && is_gap(&text[day.end..start]))
                .map(|day| day.start),
            _ => None,
        };
        if let Some(day) = day.filter(|day| is_day(&bytes[*day..day + 6])) {
            return Some(day..end);
        }
        before = Some(start..end);
        at = end;
    }
    None
}

/// Whether two halves of a number would be written with this between them.
fn is_gap(text: &str) -> bool {
    let is_part = |c: char| {
        matches!(
            c,
            ' ' | '-' | '\u{a0}' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
    };
    text.chars().all(is_part) && text.chars().count() <= 3
}

/// `ddmmyy`; in 2000 the year of two digits has a 29 February as it has in any century that counts.
/// A replacement number ("erstatnings-CPR") has 60 added to its day.
fn is_day(digits: &[u8]) -> bool {
    let pair = |at: usize| i8::try_from((digits[at] - b'0') * 10 + digits[at + 1] - b'0');
    let (Ok(day), Ok(month), Ok(year)) = (pair(0), pair(2), pair(4)) else {
        return false;
    };
    let day = if day > 60 { day - 60 } else { day };
    Date::new(2000 + i16::from(year), month, day).is_ok()
}

/// A word that somebody meant to replace.
pub(super) fn blank(text: &str) -> Option<Range<usize>> {
    let found = BLANKS.iter().filter_map(|word| {
        let mut places = text.match_indices(word);
        let start = places.find(|(at, word)| stands_alone(text, *at, word))?.0;
        Some(start..start + word.len())
    });
    found.min_by_key(|range| range.start)
}

/// "XXX" and "XX" are blanks; "MAXXIMA" and "todos" are words.
fn stands_alone(text: &str, at: usize, word: &str) -> bool {
    if !word.starts_with(char::is_alphabetic) {
        return true;
    }
    let is_other = |c: char| c.is_alphanumeric() && c != 'X';
    let before = text[..at].chars().next_back();
    let after = text[at + word.len()..].chars().next();
    !before.is_some_and(is_other) && !after.is_some_and(is_other)
}

/// What an empty name leaves in a line: two spaces, or one before a comma or full stop. The
/// indentation of a line is none.
pub(super) fn hole(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let inside = code.trim_end();
        for hole in ["  ", " ,", " .", "()", "\"\""] {
            if let Some(at) = inside.find(hole) {
                let at = start + indent + at;
                return Some(at..at + hole.len());
            }
        }
        start += line.len();
    }
    None
}

/// A link that leads nowhere.
pub(super) fn empty_link(html: &str) -> Option<Range<usize>> {
    let targets = [
        "href=\"\"",
        "href=''",
        "href=\"#\"",
        "href=\"mailto:\"",
        "href=\"tel:\"",
    ];
    let found = targets.iter().filter_map(|target| {
        let at = html.find(target)?;
        Some(at..at + target.len())
    });
    found.min_by_key(|range| range.start)
}

/// Elements that have no end.
const VOID: [&str; 8] = ["br", "img", "meta", "hr", "link", "col", "input", "wbr"];

/// A tag that is opened and not closed, or closed and not opened. HTML may leave some ends out; mail programs
/// guess differently where they would be.
pub(super) fn unbalanced(html: &str) -> Option<Range<usize>> {
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|found| at + found) {
        let rest = &html[start..];
        let ends = if rest.starts_with("<!--") { "-->" } else { ">" };
        let Some(end) = rest.find(ends).map(|found| start + found + ends.len()) else {
            return Some(start..html.len());
        };
        at = end;
        let inside = &html[start + 1..end - 1];
        let is_end = inside.starts_with('/');
        let name = inside.trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default();
        if name.is_empty() || inside.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        if !is_end {
            open.push((name, start..end));
            if name == "style" {
                at = html[end..].find("</style").map_or(end, |found| end + found);
            }
        } else if open.pop_if(|(opened, _)| *opened == name).is_none() {
            return Some(start..end);
        }
    }
    open.pop().map(|(_, range)| range)
}

/// The text of an HTML body: its tags, head and entities resolved.
pub(super) fn words_of(html: &str) -> String {
    let body = html.find("<body").map_or(html, |at| &html[at..]);
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else {
            break;
        };
        text.push(' ');
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x3D;", "="),
        ("&#x60;", "`"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(text, |text, (entity, is)| text.replace(entity, is))
}

/// Where links of an HTML body lead, those to mailboxes and telephones left out.
pub(super) fn links(html: &str) -> impl Iterator<Item = &str> {
    html.split("href=\"").skip(1).filter_map(|rest| {
        let target = &rest[..rest.find('"')?];
        target.starts_with("http").then_some(target)
    })
}

/// Words with digits in them, which is how times and amounts are said.
pub(super) fn figures(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()) && !word.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpr_numbers_are_seen_and_other_figures_are_not() {
        for text in [
            "010203-4567",
            "Født 3112994321.",
            "(010203 4567)",
            "290200-1234",
            "CPR120487-1234",
            "010203 - 4567",
            "010203\u{2013}4567",
            "010203\u{a0}4567",
            "720487-1234",
        ] {
            assert!(cpr(text).is_some(), "{text}");
        }
        for text in [
            "12 34 56 78",
            "320203-4567",
            "011303-4567",
            "0102034567890",
            "2027-04-26T09:00",
            "010203-456",
            "æ010203",
            "001204871234",
            "991387-1234",
            "4512048712",
            "010203 og 4567",
        ] {
            assert_eq!(cpr(text), None, "{text}");
        }
    }

    #[test]
    fn leftovers_are_seen_and_words_are_not() {
        for text in [
            "Kære …",
            "kl. XX",
            "XXX",
            concat!("TO", "DO: sted"),
            "og så...",
        ] {
            assert!(blank(text).is_some(), "{text}");
        }
        for text in ["MAXXIMA", concat!("TO", "DOS"), "uge 12.", "a. b"] {
            assert_eq!(blank(text), None, "{text}");
        }
    }

    #[test]
    fn holes_are_seen_and_indentation_is_not() {
        for text in [
            "Hej  du",
            "Hej , du",
            "a\nSted: (), b",
            "Kurset \"\" begynder",
        ] {
            assert!(hole(text).is_some(), "{text}");
        }
        for text in ["  - a\n", "a\n\n   b", "Hej, du. ", "----------"] {
            assert_eq!(hole(text), None, "{text}");
        }
    }

    #[test]
    fn a_tag_that_is_not_closed_is_seen() {
        for html in [
            "<p>a</p>",
            "<!DOCTYPE html><html><head><style>a > b {}</style></head><body>a<br>b<img alt=\"x\" /></body></html>",
            "<!--[if mso]><table><tr><td><![endif]--><p>a</p><!--[if mso]></td></tr></table><![endif]-->",
            "a &lt;b&gt; c",
        ] {
            assert_eq!(unbalanced(html), None, "{html}");
        }
        for (html, seen) in [
            ("<p>a", "<p>"),
            ("a</p>", "</p>"),
            ("<ul><li>a</ul>", "</ul>"),
            ("<p><strong>a</p></strong>", "</p>"),
            ("<p>a</p><p", "<p"),
            ("<div class=\"x\"><p>a</p>", "<div class=\"x\">"),
        ] {
            assert_eq!(
                unbalanced(html).map(|range| &html[range]),
                Some(seen),
                "{html}"
            );
        }
    }

    #[test]
    fn html_says_what_its_reader_sees() {
        let html = "<title>7</title><body><b>24.</b>&amp;<a href=\"https://a.example/1\">x</a>";
        assert_eq!(
            words_of(html).split_whitespace().collect::<String>(),
            "24.&x"
        );
        assert_eq!(links(html).collect::<Vec<_>>(), ["https://a.example/1"]);
        assert_eq!(
            figures("den 24. (kl. 9.00)").collect::<Vec<_>>(),
            ["24", "9.00"]
        );
        assert!(empty_link("<a href=\"\">").is_some());
    }
}
