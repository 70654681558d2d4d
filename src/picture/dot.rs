//! A workflow in the language of Graphviz.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::words::{Target, Words};
use crate::definition::machine;
use crate::definition::model::{Outcome, StateId, Workflow};

const HEAD: &str = "\
    rankdir=TB; compound=true; fontname=\"Helvetica\";
    node [shape=box, style=\"rounded\", fontname=\"Helvetica\"];
    edge [fontname=\"Helvetica\", fontsize=10];
";

/// The chart of a workflow as a Graphviz digraph, compounds as clusters.
#[must_use]
pub fn dot(workflow: &Workflow) -> String {
    let mut out = format!("digraph {} {{\n{HEAD}", quoted(&workflow.id));
    let _ = writeln!(out, "    label={}; labelloc=t;", quoted(&workflow.title));
    let words = Words::new(workflow);
    if workflow.states.is_empty() {
        let _ = writeln!(
            out,
            "    hold [label={}];\n}}",
            quoted(&workflow.cohort.title)
        );
        return out;
    }
    states(&mut out, workflow, StateId::ROOT, 1);
    let first = machine::entered(&workflow.states, StateId::ROOT);
    out.push_str("    begin [shape=point, label=\"\"];\n");
    let _ = writeln!(out, "    begin -> {};", node(workflow, first));
    let ways = machine::transitions(workflow);
    let mut next: BTreeSet<StateId> = BTreeSet::new();
    for way in &ways {
        let target = Target::from(&way.goal);
        if let Target::Next(id) = target
            && next.insert(id)
        {
            let (name, title) = (next_node(workflow, id), quoted(&words.next(id)));
            let _ = writeln!(out, "    {name} [shape=cds, style=dashed, label={title}];");
        }
        let mut attributes = format!("label={}", quoted(&words.way(way).text()));
        let from = end(workflow, way.from, "ltail", &mut attributes);
        let to = match target {
            Target::State(id) => end(workflow, id, "lhead", &mut attributes),
            Target::Next(id) => {
                attributes.push_str(", style=dashed");
                next_node(workflow, id)
            }
        };
        let _ = writeln!(out, "    {from} -> {to} [{attributes}];");
    }
    out.push_str("}\n");
    out
}

fn states(out: &mut String, workflow: &Workflow, parent: StateId, level: usize) {
    let pad = "    ".repeat(level);
    for id in &workflow.states[parent.0].children {
        let state = &workflow.states[id.0];
        let title = quoted(&state.title);
        if state.children.is_empty() {
            let kind = match state.outcome {
                None => "",
                Some(Outcome::Success) => ", peripheries=2, color=\"#17663a\"",
                Some(Outcome::Neutral) => ", color=\"#41525f\"",
                Some(Outcome::Dropout) => ", style=\"rounded,dashed\", color=\"#a1241b\"",
            };
            let _ = writeln!(out, "{pad}{} [label={title}{kind}];", node(workflow, *id));
        } else {
            let _ = writeln!(
                out,
                "{pad}subgraph {} {{\n{pad}    label={title};",
                cluster(workflow, *id)
            );
            states(out, workflow, *id, level + 1);
            let _ = writeln!(out, "{pad}}}");
        }
    }
}

/// Graphviz draws lines between nodes: a compound is reached through its first state and cut off at
/// the cluster's border.
fn end(workflow: &Workflow, id: StateId, side: &str, attributes: &mut String) -> String {
    let is_compound = !workflow.states[id.0].children.is_empty();
    // The candidate as a whole has no cluster.
    if is_compound && id != StateId::ROOT {
        let _ = write!(attributes, ", {side}={}", cluster(workflow, id));
    }
    node(workflow, machine::entered(&workflow.states, id))
}

fn node(workflow: &Workflow, id: StateId) -> String {
    format!("s_{}", workflow.states[id.0].name)
}

fn next_node(workflow: &Workflow, id: StateId) -> String {
    format!("next_{}", workflow.states[id.0].name)
}

fn cluster(workflow: &Workflow, id: StateId) -> String {
    format!("cluster_{}", workflow.states[id.0].name)
}

/// A quoted string: quotes and backslashes are escaped, line breaks become blanks.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_cannot_break_out() {
        assert_eq!(quoted("a \"b\" \\n\nc"), r#""a \"b\" \\n c""#);
    }
}
