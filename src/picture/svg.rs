//! Writes SVG: elements, attributes and text, escaped. It knows nothing of workflows.

use std::fmt::{Display, Write as _};

use super::glyphs::Face;
use super::style;

/// A picture being written.
#[derive(Debug, Default)]
pub(super) struct Page {
    body: String,
    rules: &'static str,
}

/// An element being written.
#[derive(Debug)]
pub(super) struct Tag {
    name: &'static str,
    attributes: String,
}

/// A point in pixels: from the left, from the top.
pub(super) type Spot = (i32, i32);

/// A rectangle in pixels: left, top, width, height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Area {
    pub fn right(self) -> i32 {
        self.x + self.width
    }

    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    pub fn middle(self) -> i32 {
        self.y + self.height / 2
    }
}

impl Tag {
    pub fn new(name: &'static str, class: &str) -> Self {
        let attributes = String::new();
        Self { name, attributes }.with("class", class)
    }

    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        let _ = write!(
            self.attributes,
            " {name}=\"{}\"",
            escaped(&value.to_string())
        );
        self
    }

    pub fn area(class: &str, area: Area) -> Self {
        Self::new("rect", class)
            .with("x", area.x)
            .with("y", area.y)
            .with("width", area.width)
            .with("height", area.height)
    }

    pub fn rounded(class: &str, area: Area, radius: i32) -> Self {
        Self::area(class, area).with("rx", radius)
    }

    pub fn circle(class: &str, (x, y): Spot, radius: i32) -> Self {
        Self::new("circle", class)
            .with("cx", x)
            .with("cy", y)
            .with("r", radius)
    }

    pub fn path(class: &str, drawn: impl Display) -> Self {
        Self::new("path", class).with("d", drawn)
    }
}

impl Page {
    /// A picture that has rules of style of its own.
    pub fn styled(rules: &'static str) -> Self {
        let body = String::new();
        Self { body, rules }
    }

    /// An element with nothing in it.
    pub fn put(&mut self, tag: Tag) {
        let Tag { name, attributes } = tag;
        let _ = writeln!(self.body, "<{name}{attributes}/>");
    }

    /// An element that shows this to whoever points at it, or has it read aloud.
    pub fn put_titled(&mut self, tag: Tag, title: &str) {
        let Tag { name, attributes } = tag;
        let title = escaped(title);
        let _ = writeln!(
            self.body,
            "<{name}{attributes}><title>{title}</title></{name}>"
        );
    }

    /// A line of text from its left end on the baseline.
    pub fn text(&mut self, face: Face, tone: &str, (x, y): Spot, text: &str) {
        self.text_tag(face, tone, (x, y), text, |tag| tag);
    }

    /// A line of text, with attributes of its own.
    pub fn text_tag(
        &mut self,
        face: Face,
        tone: &str,
        (x, y): Spot,
        text: &str,
        more: impl FnOnce(Tag) -> Tag,
    ) {
        if text.is_empty() {
            return;
        }
        let class = format!("{} {tone}", face.class);
        let tag = Tag::new("text", class.trim_end())
            .with("x", x)
            .with("y", y)
            .with("textLength", face.width(text))
            .with("lengthAdjust", "spacingAndGlyphs");
        let Tag { name, attributes } = more(tag);
        let text = escaped(text);
        let _ = writeln!(self.body, "<{name}{attributes}>{text}</{name}>");
    }

    /// What another page holds comes on top of this one.
    pub fn append(&mut self, other: &Self) {
        self.body.push_str(&other.body);
    }

    /// The whole picture: its size, its title and what it shows in words.
    pub fn finish(self, size: (i32, i32), language: &str, title: &str, words: &str) -> String {
        let (width, height) = size;
        let (title, words) = (escaped(title), escaped(words));
        let (language, body, style) = (escaped(language), self.body, style::sheet());
        let rules = self.rules;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" lang=\"{language}\" \
             aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{words}</desc>\n<style>\n{style}{rules}</style>\n\
             <rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n{body}</svg>\n"
        )
    }
}

/// Text as XML may hold it. Control characters have no place in XML, not even escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::glyphs::SMALL;

    #[test]
    fn what_people_write_stays_text() {
        let mut page = Page::default();
        page.text(SMALL, "", (1, 2), "a <b> & \"c\"\u{1}\nd");
        let whole = page.finish((10, 10), "da", "</title>", "");
        assert!(
            whole.contains(">a &lt;b&gt; &amp; &quot;c&quot;\u{fffd} d</text>"),
            "{whole}"
        );
        assert!(whole.contains("<title id=\"title\">&lt;/title&gt;</title>"));
    }
}
