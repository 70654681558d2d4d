//! Reads the shapes that keywords are made of: maps with known keys, texts, numbers, choices.
//! Every helper reports what is wrong and gives `None`, so that reading goes on.

use std::ops::Range;

use super::keywords::{Keys, Rule, Takes};
use super::model::Name;
use super::problem::Sink;
use super::yaml::{Kind, Node, short};

/// A map whose keys are known.
pub(crate) struct Shape<'n> {
    owner: Range<usize>,
    keys: &'static Keys,
    entries: Vec<(&'n Node, &'n Node)>,
}

impl<'n> Shape<'n> {
    /// Reads a map, reports keys that it cannot have and keys that do not go together. `owner` is
    /// where a missing key is reported: the name of the thing.
    pub fn read(
        sink: &Sink,
        owner: &Range<usize>,
        node: &'n Node,
        keys: &'static Keys,
    ) -> Option<Self> {
        let entries = map(sink, node, keys.what)?;
        for (key, _) in &entries {
            let word = key.text().unwrap_or_default();
            if keys.key(word).is_none() {
                unknown_key(sink, key, word, keys);
            }
        }
        let shape = Self {
            owner: owner.clone(),
            keys,
            entries,
        };
        shape.together(sink);
        Some(shape)
    }

    /// Reports keys that stand without what they go with, or beside what they exclude.
    fn together(&self, sink: &Sink) {
        for key in self.keys.keys {
            let Some(span) = self.key_span(key.name) else {
                continue;
            };
            for rule in key.rules {
                match *rule {
                    Rule::With(others, Some(message))
                        if others.iter().all(|other| self.get(other).is_none()) =>
                    {
                        sink.error("missing-key", &span, message);
                    }
                    Rule::Without(other, Some(message)) if self.get(other).is_some() => {
                        sink.error("bad-value", &span, message);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The value of a key, if it stands there.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        debug_assert!(
            self.keys.key(key).is_some(),
            "{} has no {key}",
            self.keys.what
        );
        self.entries
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(_, value)| *value)
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.key(key).map(|key| key.span.clone())
    }

    /// The node of a key.
    pub fn key(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(k, _)| *k)
    }

    /// The value of a key that must stand there.
    pub fn need(&self, sink: &Sink, key: &str) -> Option<&'n Node> {
        debug_assert!(
            self.keys
                .key(key)
                .is_some_and(|key| key.required || !key.rules.is_empty()),
            "the table of {} does not say that it needs {key}",
            self.keys.what
        );
        let found = self.get(key);
        if found.is_none() {
            self.missing(sink, key);
        }
        found
    }

    /// Reports a key as missing.
    pub fn missing(&self, sink: &Sink, key: &str) {
        self.missing_as(sink, "missing-key", key);
    }

    /// Reports a key as missing where that has a rule of its own.
    pub fn missing_as(&self, sink: &Sink, rule: &'static str, key: &str) {
        sink.error(
            rule,
            &self.owner,
            format!("{} needs \"{key}:\"", self.keys.what),
        );
    }

    /// A whole number within the bounds of the table; `None` when it is missing or faulty.
    pub fn whole(&self, sink: &Sink, key: &'static str) -> Option<u32> {
        let node = self.get(key)?;
        let Takes::Whole { least, most } = self.keys.key(key)?.takes else {
            debug_assert!(false, "{key} of {} is no number", self.keys.what);
            return None;
        };
        whole(sink, node, key, least..most + 1)
    }

    /// What the thing was called in earlier versions (`was:`). `is_there` says whether something is called so still.
    pub fn was(&self, sink: &Sink, is_there: impl Fn(&str) -> bool) -> Option<Name> {
        let node = self.get("was")?;
        let word = text(sink, node, "an earlier name")?;
        if !is_name(word) {
            let message = format!("\"{}\" has never been a name", short(word));
            sink.error("bad-name", &node.span, message);
            return None;
        }
        if is_there(word) {
            let message = format!("something is called \"{word}\" still, so that this was not");
            sink.error("bad-value", &node.span, message);
            return None;
        }
        Some(Name::from(word))
    }

    /// A text that must stand there; empty when it does not, which is reported.
    pub fn title(&self, sink: &Sink) -> String {
        self.need(sink, "title")
            .and_then(|node| text(sink, node, "a title"))
            .unwrap_or_default()
            .to_owned()
    }
}

fn unknown_key(sink: &Sink, key: &Node, word: &str, keys: &Keys) {
    let message = format!("{} has no key \"{}\"", keys.what, short(word));
    sink.error_name("unknown-key", &key.span, word, message, keys.names());
}

/// The entries of a map.
pub(crate) fn map<'n>(
    sink: &Sink,
    node: &'n Node,
    what: &str,
) -> Option<Vec<(&'n Node, &'n Node)>> {
    if let Kind::Map(entries) = &node.kind {
        return Some(entries.iter().map(|(key, value)| (key, value)).collect());
    }
    wrong_type(sink, node, &format!("{what} is a map of keys and values"));
    None
}

/// The entries of a map of named things, `None` or empty when it is missing.
pub(crate) fn things<'n>(
    sink: &Sink,
    node: Option<&'n Node>,
    what: &str,
) -> Vec<(&'n str, &'n Node, &'n Node)> {
    let entries = node
        .and_then(|node| map(sink, node, what))
        .unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(key, value)| Some((key.text()?, key, value)))
        .collect()
}

/// Says what is wanted instead; what was refused before is not reported again.
pub(crate) fn wrong_type(sink: &Sink, node: &Node, wanted: &str) {
    match node.kind {
        Kind::Broken => {}
        Kind::Empty => sink.error(
            "wrong-type",
            &node.span,
            format!("nothing stands here; {wanted}"),
        ),
        _ => sink.error(
            "wrong-type",
            &node.span,
            format!("{wanted}, not {}", node.what()),
        ),
    }
}

/// A text that is not empty.
pub(crate) fn text<'n>(sink: &Sink, node: &'n Node, what: &str) -> Option<&'n str> {
    let Some(text) = node.text() else {
        wrong_type(sink, node, &format!("{what} is a text"));
        return None;
    };
    if text.trim().is_empty() {
        sink.error("bad-value", &node.span, format!("{what} is empty"));
        return None;
    }
    Some(text)
}

/// The text of a scalar; says what is wanted when it is none.
fn scalar<'n>(sink: &Sink, node: &'n Node, wanted: &str) -> Option<&'n str> {
    let text = node.text();
    if text.is_none() {
        wrong_type(sink, node, wanted);
    }
    text
}

/// One text or a list of them, as nodes.
pub(crate) fn one_or_more<'n>(sink: &Sink, node: &'n Node, what: &str) -> Vec<&'n Node> {
    match &node.kind {
        Kind::List(items) => items
            .iter()
            .filter(|item| text(sink, item, what).is_some())
            .collect(),
        _ => text(sink, node, what).map(|_| node).into_iter().collect(),
    }
}

/// The items of a list.
pub(crate) fn list<'n>(sink: &Sink, node: &'n Node, what: &str) -> Option<&'n [Node]> {
    if let Kind::List(items) = &node.kind {
        return Some(items);
    }
    wrong_type(sink, node, &format!("{what} is a list"));
    None
}

/// A whole number within bounds.
pub(crate) fn whole(sink: &Sink, node: &Node, what: &str, bounds: Range<u32>) -> Option<u32> {
    let word = scalar(sink, node, &format!("{what} is a whole number"))?;
    let number = word
        .parse::<u32>()
        .ok()
        .filter(|number| bounds.contains(number));
    if number.is_none() {
        let message = format!(
            "{what} is a whole number from {} to {}, not \"{}\"",
            bounds.start,
            bounds.end - 1,
            short(word)
        );
        sink.error("bad-value", &node.span, message);
    }
    number
}

/// One of a few words: each with what it stands for and what it means.
pub(crate) fn choice<T: Copy>(
    sink: &Sink,
    node: &Node,
    what: &str,
    choices: &[(&'static str, T, &'static str)],
) -> Option<T> {
    let word = scalar(sink, node, &format!("{what} is one word"))?;
    let found = choices
        .iter()
        .find(|(name, ..)| *name == word)
        .map(|(_, value, _)| *value);
    if found.is_none() {
        let message = format!("{what} cannot be \"{}\"", short(word));
        sink.error_name(
            "bad-value",
            &node.span,
            word,
            message,
            choices.iter().map(|(name, ..)| *name),
        );
    }
    found
}

/// The words for yes and no.
pub(crate) const YES_NO: [(&str, bool, &str); 4] = [
    ("yes", true, "Yes."),
    ("no", false, "No."),
    ("true", true, "Yes, as YAML spells it."),
    ("false", false, "No, as YAML spells it."),
];

/// `yes` or `no`; missing is no.
pub(crate) fn yes_no(sink: &Sink, node: Option<&Node>, what: &str) -> bool {
    node.and_then(|node| choice(sink, node, what, &YES_NO))
        .unwrap_or(false)
}

/// Whether a word can be a name: it begins with a small letter, and letters, digits and `_` follow.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && word.len() <= 64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::keywords::Key;
    use crate::definition::yaml::parse;

    static STATE: Keys = Keys::new(
        "a state",
        "",
        &[
            Key::needed("title", Takes::Text, "", ""),
            Key::new("places", Takes::Whole { least: 1, most: 99 }, "", ""),
            Key::new("final", Takes::Text, "", ""),
            Key::new("by", Takes::Text, "", "").rules(&[Rule::Without("to", Some("not both"))]),
            Key::new("to", Takes::Text, "", "").rules(&[Rule::With(&["lasts"], Some("no lasts"))]),
            Key::needed("lasts", Takes::Text, "", ""),
        ],
    );

    #[test]
    fn names_are_plain_words() {
        for (word, expect) in [
            ("gf2", true),
            ("next_step", true),
            ("2x", false),
            ("Æ", false),
            ("a-b", false),
            ("", false),
        ] {
            assert_eq!(is_name(word), expect, "{word}");
        }
    }

    #[test]
    fn each_helper_says_what_it_wants() {
        let sink = Sink::new(
            "f",
            "title: [a]\nplaces: many\nfinal: sucess\nwas: x\ntitel: b\nby:\nto: [a, {}]\n",
        );
        let root = parse(&sink).expect("a map");
        let shape = Shape::read(&sink, &(0..0), &root, &STATE).expect("a map");
        shape.title(&sink);
        shape.need(&sink, "lasts");
        shape.whole(&sink, "places");
        choice(
            &sink,
            shape.get("final").expect("there"),
            "final",
            &[("success", 1, ""), ("neutral", 2, "")],
        );
        text(&sink, shape.get("by").expect("there"), "by");
        assert_eq!(
            one_or_more(&sink, shape.get("to").expect("there"), "a role").len(),
            1
        );
        let shown: Vec<String> = sink
            .into_problems()
            .iter()
            .map(|p| {
                format!(
                    "{} {} {}{}",
                    p.line,
                    p.rule,
                    p.message,
                    p.help.as_ref().map_or(String::new(), |h| format!("; {h}"))
                )
            })
            .collect();
        let expect = [
            "1 missing-key a state needs \"lasts:\"",
            "1 wrong-type a title is a text, not a list",
            "2 bad-value places is a whole number from 1 to 99, not \"many\"",
            "3 bad-value final cannot be \"sucess\"; did you mean \"success\"?",
            "4 unknown-key a state has no key \"was\"; known here: by, final, lasts, places, title, to",
            "5 unknown-key a state has no key \"titel\"; did you mean \"title\"?",
            "6 bad-value not both",
            "6 wrong-type nothing stands here; by is a text",
            "7 missing-key no lasts",
            "7 wrong-type a role is a text, not a map",
        ];
        assert_eq!(shown, expect);
    }
}
