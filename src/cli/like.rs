//! `tovholder cohort new --like`: what a new hold would be, taken from an old one.

use super::text::{Table, wrap};
use crate::calendar::date_da;
use crate::runner::desk::CohortLike;

pub(super) const NEW: &str = "\
The new hold begins on --start; its other dates are moved by as many whole
weeks, and off closed days. The people of the old hold and what is known of it
come along, candidates do not. What the new hold would get in the way of is
shown before it is saved.

Examples:
  tovholder cohort new --like \"Hold 1\" --start 2027-08-09 --dry-run
  tovholder cohort new --like \"Hold 1\" --start 2027-08-09 --title \"Hold 2\"";

/// The proposal, with what the new hold would get in the way of.
pub(super) fn text(like: &CohortLike) -> String {
    let title = format!(
        "»{}« efter »{}«: {}",
        like.title, like.of_title, like.workflow_title
    );
    let mut out = wrap("", &title);
    let mut table = Table::plain();
    for date in &like.dates {
        table.row([
            date.title.clone(),
            format!(
                "{} (var {})",
                date_da(date.date),
                date.was.strftime("%-d.%-m.%y")
            ),
        ]);
    }
    for role in &like.roles {
        let names: Vec<&str> = role.people.iter().map(|(name, _)| name.as_str()).collect();
        table.row([role.title.clone(), names.join(", ")]);
    }
    for fact in &like.facts {
        table.row([fact.title.clone(), fact.value.clone()]);
    }
    out.push_str(&table.text(2));
    for moved in like.dates.iter().filter_map(|date| date.moved.as_ref()) {
        out.push_str(&wrap("Flyttet: ", &format!("{moved}.")));
    }
    for note in &like.notes {
        out.push_str(&wrap("Bemærk: ", note));
    }
    if like.clashes.is_empty() {
        out.push_str("\nIngen sammenstød med andre hold eller lukkedage.\n");
        return out;
    }
    out.push_str("\nSammenstød\n");
    for clash in &like.clashes {
        out.push_str(&wrap("  ! ", &clash.words));
    }
    out
}
