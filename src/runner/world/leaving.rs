//! What is true of mail: it comes of each decision, and each is true, wanted and in time when it leaves.

use jiff::civil::{Date, Weekday};

use super::always::{Present, scope_of};
use super::node::AHEAD_MAX;
use super::promise::{Checked, Rule, holds};
use super::seen::{MailSeen, Row, Seen};
use crate::definition::model::Workflow;
use crate::engine::event::{Decision, Fate};
use crate::runner::serve::instant;

/// Messages that only a present state wants.
const OF_THE_STATE: [&str; 2] = ["message.ahead@", "message.weekly@"];

impl Seen {
    /// A decision that mail was queued has brought its rows.
    pub(super) fn has_mail(&self, id: i64, decision: &Decision) -> Checked {
        if decision.fate != Fate::Queued || !decision.declaration.starts_with("message.") {
            return Ok(());
        }
        let expected = self.expected_seats(id);
        let mails = self.mails.values();
        let mails =
            mails.filter(|mail| mail.subject == id && mail.occurrence == decision.occurrence);
        let items = self.items.iter();
        let items =
            items.filter(|item| item.subject == id && item.occurrence == decision.occurrence);
        let found = mails.count() + items.count();
        holds(Rule::LandsOnce, found >= expected, || {
            format!(
                "{id} has queued {}, and there is no mail",
                decision.occurrence
            )
        })
    }

    /// A case's mail goes to somebody; a hold's to its cases, if there are any.
    fn expected_seats(&self, id: i64) -> usize {
        let Some(row) = self.subjects.get(&id) else {
            return 0;
        };
        if row.seen.kind == "case" {
            return 1;
        }
        let open = self.subjects.iter().any(|(case_id, case)| {
            let ended = case
                .folded
                .as_ref()
                .and_then(|folded| folded.ended.as_ref());
            let well = !self.poisoned.contains(case_id) && case.history.len() > 6;
            case.seen.cohort == Some(id) && ended.is_none() && well
        });
        usize::from(open)
    }

    /// Nothing is stopped of what a mail says that is marked `sending`: not by its name, nor by its hold.
    pub(super) fn is_not_stopped(&self, mail: &MailSeen) -> Checked {
        let stopped = self.stop_of(mail);
        holds(Rule::Stopped, stopped.is_none(), || {
            format!(
                "mail {} {} leaves, and {stopped:?} is stopped",
                mail.id, mail.occurrence
            )
        })
    }

    /// What stops a mail: of which hold, and of what name.
    pub(super) fn stop_of(&self, mail: &MailSeen) -> Option<&(Option<i64>, Option<String>)> {
        let items = self
            .items
            .iter()
            .filter(|item| item.bundle == Some(mail.id));
        let mut said: Vec<(i64, &str)> = items
            .map(|item| (item.subject, item.occurrence.as_str()))
            .collect();
        if said.is_empty() {
            said.push((mail.subject, &mail.occurrence));
        }
        let hold_of = |subject: i64| {
            let row = self.subjects.get(&subject);
            row.map(|row| row.seen.cohort.unwrap_or(subject))
        };
        let is_of = |occurrence: &str, name: &str| {
            let kind_and_name = occurrence.split(['#', '@']).next().unwrap_or_default();
            let mut parts = kind_and_name.split('.');
            let found = (parts.next(), parts.next());
            name.split_once('.')
                .is_some_and(|(kind, name)| found == (Some(kind), Some(name)))
        };
        self.stops.iter().find(|(hold, name)| {
            said.iter().any(|(subject, occurrence)| {
                (hold.is_none() || *hold == hold_of(*subject))
                    && (name.as_ref()).is_none_or(|name| is_of(occurrence, name))
            })
        })
    }

    /// A mail that is marked `sending` is true, wanted, and in time.
    pub(super) fn may_leave(&self, mail: &MailSeen, present: &Present<'_>) -> Checked {
        let MailSeen {
            id,
            subject,
            occurrence,
            ..
        } = mail;
        let node = mail.node.as_deref().unwrap_or_default();
        let stood_still = present.stood_still.iter().any(|name| name == node);
        let local = present.workflow.calendar.local(instant(present.now));
        let hours = 8..16;
        let open = is_open(local.date(), present.workflow) && hours.contains(&local.hour());
        holds(
            Rule::Hours,
            stood_still || (open && mail.not_before <= present.now + AHEAD_MAX),
            || format!("mail {id} {occurrence} leaves at {local}"),
        )?;
        if mail.attempt > 1 || self.poisoned.contains(subject) {
            return Ok(());
        }
        let Some(row) = self.subjects.get(subject) else {
            return Ok(());
        };
        let says = mail.says.as_deref().unwrap_or_default();
        self.says_the_truth(mail, row, says, present)?;
        if !OF_THE_STATE.iter().any(|one| occurrence.starts_with(one)) {
            return Ok(());
        }
        let (scope, visit) = scope_of(occurrence);
        let visits = row.folded.as_ref().map(|folded| &folded.visits);
        let here = visits.and_then(|visits| visits.get(scope));
        let here = here.is_some_and(|here| here.n == visit && here.left.is_none());
        holds(Rule::TrueWhenSent, here, || {
            format!("mail {id} {occurrence} leaves, and the case has left")
        })
    }

    fn says_the_truth(
        &self,
        mail: &MailSeen,
        row: &Row,
        says: &str,
        present: &Present<'_>,
    ) -> Checked {
        if mail.occurrence.starts_with("message.digest@") {
            for said in says.split(';').filter(|said| !said.is_empty()) {
                let (name, state) = said.split_once('=').unwrap_or_default();
                let mut cases = self.subjects.values();
                let case = cases.find(|case| {
                    let person = case.seen.person.and_then(|id| present.names.get(&id));
                    person.is_some_and(|person| person == name)
                });
                let folded = case.and_then(|case| case.folded.as_ref());
                let now = folded
                    .and_then(|folded| folded.state.as_deref())
                    .unwrap_or("");
                let title = present.workflow.state_ids.get(now);
                let title = title.map(|id| present.workflow.states[id.0].title.clone());
                holds(Rule::TrueWhenSent, title.as_deref() == Some(state), || {
                    format!("the digest says {says:?}, and {name} is in {now}")
                })?;
            }
            return Ok(());
        }
        let Some(said) = says.strip_prefix("start ") else {
            return Ok(());
        };
        let hold = match row.seen.cohort {
            Some(hold) => self.subjects.get(&hold),
            None => Some(row),
        };
        let start = hold.and_then(|hold| hold.folded.as_ref()?.dates.get("start"));
        let true_now = start.map(|start| crate::calendar::date_da(*start));
        let day = start.map(|start| format!("{}. ", start.day()));
        holds(
            Rule::TrueWhenSent,
            day.as_deref().is_some_and(|day| said.contains(day)),
            || format!("mail {} says {said:?}, and it is {true_now:?}", mail.id),
        )
    }
}

/// The days that Danish law and the organisation close in the weeks of a story, written down anew.
fn is_open(day: Date, workflow: &Workflow) -> bool {
    let law = [(4, 2), (4, 3), (4, 6), (5, 14), (5, 25)];
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let own = workflow.calendar.closed_because(day).is_some();
    !weekend && !own && !law.contains(&(day.month(), day.day()))
}
