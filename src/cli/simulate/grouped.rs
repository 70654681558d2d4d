//! What is the same for several candidates at the same moment is one line.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::runner::simulate::{Entry, EntryKind, Report, SimulatedMail};

/// Entries that differ only by whom they are about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group<'r> {
    pub at: DateTime,
    pub kind: EntryKind,
    pub what: &'r str,
    pub why: &'r str,
    /// In the order of the list.
    pub who: Vec<&'r str>,
}

/// Mails of one template that leave at one moment for one reason.
#[derive(Debug)]
pub(super) struct MailGroup<'r> {
    pub at: DateTime,
    pub template: &'r str,
    pub why: &'r str,
    pub count: usize,
    /// Role by role, how many.
    pub roles: Vec<(&'r str, usize)>,
    /// Different subjects, in order.
    pub subjects: Vec<&'r str>,
}

/// Groups entries; the order is by time, then kind, then as they come.
pub(super) fn entries<'r>(entries: impl IntoIterator<Item = &'r Entry>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    let mut known: BTreeMap<(DateTime, EntryKind, &str, &str), usize> = BTreeMap::new();
    for entry in entries {
        let key = (entry.at, entry.kind, &*entry.what, &*entry.why);
        let index = *known.entry(key).or_insert_with(|| {
            let (at, kind, what, why) = key;
            groups.push(Group {
                at,
                kind,
                what,
                why,
                who: Vec::new(),
            });
            groups.len() - 1
        });
        if !groups[index].who.contains(&&*entry.who) {
            groups[index].who.push(&entry.who);
        }
    }
    groups
}

/// Groups mails; the order is by time, then as they come.
pub(super) fn mails(mails: &[SimulatedMail]) -> Vec<MailGroup<'_>> {
    let mut groups: Vec<MailGroup<'_>> = Vec::new();
    let mut known: BTreeMap<(DateTime, &str, &str), usize> = BTreeMap::new();
    for mail in mails {
        let key = (mail.at, &*mail.template, &*mail.why);
        let index = *known.entry(key).or_insert_with(|| {
            let (at, template, why) = key;
            groups.push(MailGroup {
                at,
                template,
                why,
                count: 0,
                roles: Vec::new(),
                subjects: Vec::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[index];
        group.count += 1;
        match group.roles.iter_mut().find(|(role, _)| *role == mail.role) {
            Some((_, count)) => *count += 1,
            None => group.roles.push((&mail.role, 1)),
        }
        if !group.subjects.contains(&&*mail.subject) {
            group.subjects.push(&mail.subject);
        }
    }
    groups
}

/// "alle 16", "alle 16 undtagen Bo", "Bo og Ida", "3 kandidater: Bo, Ida og Åse", "holdet".
pub(super) fn names(report: &Report, who: &[&str]) -> String {
    if let [one] = who {
        return match *one {
            one if *one == report.cohort => "holdet".to_owned(),
            one if *one == report.title => "alle hold".to_owned(),
            one => one.to_owned(),
        };
    }
    let all = report.candidates.len();
    let missing: Vec<&str> = report
        .candidates
        .iter()
        .map(String::as_str)
        .filter(|name| !who.contains(name))
        .collect();
    if who.len() + missing.len() == all && all > 2 {
        match missing.as_slice() {
            [] => return format!("alle {all}"),
            [one] => return format!("alle {all} undtagen {one}"),
            _ => {}
        }
    }
    let (last, before) = who.split_last().unwrap_or((&"", &[]));
    let list = format!("{} og {last}", before.join(", "));
    if who.len() > 3 {
        format!("{} kandidater: {list}", who.len())
    } else {
        list
    }
}
