//! Where a part of the file stands, so that a rule can point at it: the model has no places.

use std::ops::Range;

use super::Ground;
use crate::definition::keyword::Home;
use crate::definition::model::{StateId, Trigger};
use crate::definition::yaml::{Kind, Node};

impl<'r> Ground<'_, 'r> {
    /// The node at a path of keys, numbers being places in a list.
    pub(super) fn node(&self, home: Home, path: &[&str]) -> Option<&'r Node> {
        let (first, rest) = match home {
            Home::Case(id) => (self.cx.names.states[id.0].value, path),
            Home::Hold => (self.top.get("cohort")?, path),
            Home::Workflow => {
                let (first, rest) = path.split_first()?;
                (self.top.get(first)?, rest)
            }
        };
        rest.iter().try_fold(first, |node, key| child(node, key))
    }

    /// Where the value at a path stands; the name of what it is in when it is not found.
    pub(super) fn span(&self, home: Home, path: &[&str]) -> Range<usize> {
        self.node(home, path)
            .map_or_else(|| self.home(home), |node| node.span.clone())
    }

    /// Where the last key of a path stands.
    pub(super) fn key(&self, home: Home, path: &[&str]) -> Range<usize> {
        let found = path.split_last().and_then(|(last, before)| {
            let owner = self.node(home, before)?;
            let Kind::Map(entries) = &owner.kind else {
                return None;
            };
            let entry = entries.iter().find(|(key, _)| key.text() == Some(last));
            entry.map(|(key, _)| key.span.clone())
        });
        found.unwrap_or_else(|| self.home(home))
    }

    /// Where a word stands at a path that holds one or a list of them.
    pub(super) fn word(&self, home: Home, path: &[&str], word: &str) -> Range<usize> {
        let node = self.node(home, path);
        let items = match node.map(|node| &node.kind) {
            Some(Kind::List(items)) => items.as_slice(),
            _ => &[],
        };
        let found = items.iter().find(|item| item.text() == Some(word));
        found.map_or_else(|| self.span(home, path), |item| item.span.clone())
    }

    /// Where a state's name stands.
    pub(super) fn name(&self, id: StateId) -> Range<usize> {
        self.cx.names.states[id.0].key.clone()
    }

    fn home(&self, home: Home) -> Range<usize> {
        match home {
            Home::Case(id) => self.name(id),
            Home::Hold => self.top.key_span("cohort").unwrap_or_default(),
            Home::Workflow => 0..0,
        }
    }
}

/// The path to what an event of a state leads to, or to the way by time.
pub(super) fn then_path(trigger: Option<&Trigger>) -> Vec<String> {
    let event = trigger.map(|trigger| ["events".to_owned(), trigger.to_string()]);
    event
        .into_iter()
        .flatten()
        .chain(["then".to_owned()])
        .collect()
}

fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(entries) => {
            let entry = entries.iter().find(|(k, _)| k.text() == Some(key));
            entry.map(|(_, value)| value)
        }
        Kind::List(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}
