//! Where in a file a transition or a message is declared, for reports about what is played of it.

use std::ops::Range;

use super::machine::{Branch, Cause, Transition};
use super::model::{CANDIDATE, StateId, Workflow};
use super::problem::Sink;
use super::yaml::{self, Kind, Node};

/// A file as a tree, in which declarations are found again.
#[derive(Debug)]
pub struct Places<'t> {
    text: &'t str,
    root: Option<Node>,
}

impl<'t> Places<'t> {
    /// Reads a file that is known to be right.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let root = yaml::parse(&Sink::new("", text));
        Self { text, root }
    }

    /// The line of a transition's branch, from 1: of its `then`, or of the event when that leads
    /// nowhere.
    ///
    /// ```
    /// # let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
    /// use tovholder::definition::{Places, machine, read};
    /// let workflow = read("holstebro.yaml", text).workflow.unwrap();
    /// let places = Places::of(text);
    /// for way in machine::transitions(&workflow) {
    ///     let line = text.lines().nth(places.of_transition(&workflow, &way).unwrap() - 1).unwrap();
    ///     assert!(line.contains("then:") || line.contains("else:"), "{line}");
    /// }
    /// ```
    #[must_use]
    pub fn of_transition(&self, workflow: &Workflow, way: &Transition) -> Option<usize> {
        let state = self.state(workflow, way.from)?;
        let owner = match &way.cause {
            Cause::Time => state,
            Cause::Event(trigger) => child(child(state, "events")?, &trigger.to_string())?,
        };
        let then = child(owner, "then")?;
        let branch = match (&then.kind, way.branch) {
            (Kind::List(branches), Branch::If(at)) => branches.get(at),
            (Kind::List(branches), Branch::Else) => branches.last(),
            _ => None,
        };
        Some(self.line(&branch.unwrap_or(then).span))
    }

    /// The line of a message, wherever it is declared.
    #[must_use]
    pub fn of_message(&self, name: &str) -> Option<usize> {
        let key = message(self.root.as_ref()?, name)?;
        Some(self.line(&key.span))
    }

    fn state(&self, workflow: &Workflow, id: StateId) -> Option<&Node> {
        let mut path = Vec::new();
        let mut at = Some(id).filter(|id| *id != StateId::ROOT);
        while let Some(id) = at {
            path.push(&*workflow.states[id.0].name);
            at = workflow.states[id.0]
                .parent
                .filter(|parent| *parent != StateId::ROOT);
        }
        let root = child(self.root.as_ref()?, CANDIDATE)?;
        let mut names = path.iter().rev();
        names.try_fold(root, |node, name| child(child(node, "states")?, name))
    }

    fn line(&self, span: &Range<usize>) -> usize {
        line_at(self.text, span.start)
    }
}

/// The line of a byte of a text, from 1.
#[must_use]
pub fn line_at(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or(text);
    before.matches('\n').count() + 1
}

fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    let found = entries.iter().find(|(k, _)| k.text() == Some(key));
    found.map(|(_, value)| value)
}

/// The key of a message below a node: messages stand in states, under the hold and at the top.
fn message<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let Kind::Map(entries) = &node.kind else {
        return None;
    };
    entries.iter().find_map(|(key, value)| match key.text() {
        Some("messages") => match &value.kind {
            Kind::Map(messages) => messages
                .iter()
                .map(|(key, _)| key)
                .find(|key| key.text() == Some(name)),
            _ => None,
        },
        Some("states" | "cohort" | CANDIDATE) => message(value, name),
        // States by their names, and nothing else, have maps that a message may stand in.
        _ => child(value, "title").and_then(|_| message(value, name)),
    })
}
