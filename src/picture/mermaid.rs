//! A workflow as a Mermaid state diagram.

use std::fmt::Write as _;

use super::words::{Target, Words};
use crate::definition::machine::{self, Transition};
use crate::definition::model::{Outcome, StateId, Workflow};

/// The chart of a workflow in Mermaid's language, `stateDiagram-v2`; without states, only a note of
/// the hold.
#[must_use]
pub fn mermaid(workflow: &Workflow) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    let _ = writeln!(out, "    accTitle: {}", text(&workflow.title));
    let drawing = Drawing {
        workflow,
        words: Words::new(workflow),
        ways: machine::transitions(workflow),
    };
    if workflow.states.is_empty() {
        let _ = writeln!(
            out,
            "    state \"{}\" as hold",
            text(&workflow.cohort.title)
        );
        return out;
    }
    drawing.states(&mut out, StateId::ROOT, 1);
    drawing.next(&mut out);
    for way in &drawing.ways {
        drawing.way(&mut out, way);
    }
    drawing.classes(&mut out);
    out
}

struct Drawing<'w> {
    workflow: &'w Workflow,
    words: Words<'w>,
    ways: Vec<Transition>,
}

impl Drawing<'_> {
    /// The states of a compound, and which of them comes first.
    fn states(&self, out: &mut String, parent: StateId, level: usize) {
        let pad = "    ".repeat(level);
        let children = &self.workflow.states[parent.0].children;
        if let Some(first) = children.first() {
            let _ = writeln!(out, "{pad}[*] --> {}", self.id(*first));
        }
        for id in children {
            let title = text(self.words.title(*id));
            let _ = write!(out, "{pad}state \"{title}\" as {}", self.id(*id));
            if self.workflow.states[id.0].children.is_empty() {
                out.push('\n');
            } else {
                out.push_str(" {\n");
                self.states(out, *id, level + 1);
                let _ = writeln!(out, "{pad}}}");
            }
        }
    }

    fn next_goals(&self) -> Vec<StateId> {
        let mut goals: Vec<StateId> = Vec::new();
        for way in &self.ways {
            if let Target::Next(id) = Target::from(&way.goal)
                && !goals.contains(&id)
            {
                goals.push(id);
            }
        }
        goals
    }

    fn next(&self, out: &mut String) {
        for id in self.next_goals() {
            let title = text(&self.words.next(id));
            let _ = writeln!(
                out,
                "    state \"{title}\" as {}",
                self.target(Target::Next(id))
            );
        }
    }

    fn way(&self, out: &mut String, way: &Transition) {
        let (from, to) = (self.id(way.from), self.target(Target::from(&way.goal)));
        let label = text(&self.words.way(way).text());
        let _ = writeln!(out, "    {from} --> {to} : {label}");
    }

    fn classes(&self, out: &mut String) {
        let kinds = [
            (
                Outcome::Success,
                "success",
                "fill:#e4f4ea,stroke:#17663a,color:#16212b",
            ),
            (
                Outcome::Neutral,
                "neutral",
                "fill:#edf1f4,stroke:#41525f,color:#16212b",
            ),
            (
                Outcome::Dropout,
                "dropout",
                "fill:#fdeceb,stroke:#a1241b,color:#16212b",
            ),
        ];
        for (outcome, name, style) in kinds {
            let all = (0..self.workflow.states.len()).map(StateId);
            let of_kind = all.filter(|id| self.workflow.states[id.0].outcome == Some(outcome));
            let ids: Vec<String> = of_kind.map(|id| self.id(id)).collect();
            if !ids.is_empty() {
                let _ = writeln!(out, "    classDef {name} {style}");
                let _ = writeln!(out, "    class {} {name}", ids.join(","));
            }
        }
    }

    /// A prefix keeps keys from being words of Mermaid's language, such as `end`.
    fn id(&self, id: StateId) -> String {
        format!("s_{}", self.workflow.states[id.0].name)
    }

    fn target(&self, target: Target) -> String {
        match target {
            Target::State(id) => self.id(id),
            Target::Next(id) => format!("next_{}", self.workflow.states[id.0].name),
        }
    }
}

/// Text as Mermaid can hold it. It has no way of quoting, and shows entities as they are written; so
/// what it would read as its own becomes what looks nearly the same.
fn text(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain = words.join(" ").replace(": ", " – ");
    let letter = |letter: char| match letter {
        '"' => '”',
        ';' => ',',
        ':' => '.',
        '#' => '♯',
        '<' => '‹',
        '>' => '›',
        '{' => '(',
        '}' => ')',
        other => other,
    };
    plain.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_cannot_break_out() {
        for (given, expect) in [
            ("Optaget på GF2", "Optaget på GF2"),
            ("\"a\": b; <c> 8:30 #1\n{d}", "”a” – b, ‹c› 8.30 ♯1 (d)"),
        ] {
            assert_eq!(text(given), expect);
        }
    }
}
