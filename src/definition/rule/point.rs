//! `lost-point`, `never-known` and `due-too-late`: points in time that lie after the state they stand
//! in has ended, or that nobody will ever know.

use super::Ground;
use super::length::{days, of_length};
use super::never_happens;
use super::points::{self, Hangs};
use super::sites::Sites;
use crate::calendar::{Direction, Shift};
use crate::definition::keyword::Home;
use crate::definition::model::{Anchor, Part, Point, StateId, StatePart, Stay, Task, ThingPart};

/// What is wrong with a point.
struct Fault {
    rule: &'static str,
    message: String,
    help: &'static str,
}

/// Reports them.
pub(super) fn check(ground: &Ground, sites: &Sites) {
    for written in points::all(ground) {
        let hangs = written.hangs;
        let of_case = || match written.home {
            Home::Case(id) => Asked {
                ground,
                sites,
                id,
                hangs,
            }
            .fault(written.point),
            Home::Hold | Home::Workflow => None,
        };
        let Some(fault) = unknowable(ground, written.point).or_else(of_case) else {
            continue;
        };
        let (rule, help) = match (hangs, fault.rule) {
            (Hangs::Due, LOST) => (
                "due-too-late",
                "the task is withdrawn first: make it due before that",
            ),
            (_, rule) => (rule, fault.help),
        };
        ground.report(rule, &written.span(ground), &fault.message, help);
    }
}

const LOST: &str = "lost-point";
const UNKNOWN: &str = "never-known";
const STAYS: &str = "put it in the state that follows, or in a state that both are in";

fn lost(message: impl Into<String>, help: &'static str) -> Fault {
    Fault {
        rule: LOST,
        message: message.into(),
        help,
    }
}

fn unknown(message: impl Into<String>, help: &'static str) -> Fault {
    Fault {
        rule: UNKNOWN,
        message: message.into(),
        help,
    }
}

/// What nobody knows wherever it stands.
fn unknowable(ground: &Ground, point: &Point) -> Option<Fault> {
    let happens = match &point.anchor {
        Anchor::Entered | Anchor::Event(_) | Anchor::PlaceFree | Anchor::Thing(_) => true,
        Anchor::State { part, .. } => matches!(part, StatePart::Entered | StatePart::Left),
        _ => false,
    };
    if happens && is(point.shift.as_ref(), Direction::Before) {
        return Some(unknown(
            "nobody knows beforehand when this happens",
            "write \"after\", or name a day: a date, \"STATE.first_day\", \"TASK.due\"",
        ));
    }
    let has_due = |task: &Task| task.due.is_some() || task.every.is_some();
    let task = |cohort: bool, name: &str| never_happens::task(ground, cohort, name);
    match &point.anchor {
        Anchor::TaskDue { cohort, name } if goes_round(ground, *cohort, name) => Some(unknown(
            format!("the due day of \"{name}\" is measured from itself"),
            "measure it from a day, such as the hold's or the state's",
        )),
        Anchor::TaskDue { cohort, name } if !has_due(task(*cohort, name)?) => Some(unknown(
            format!("\"{name}\" has no \"due:\""),
            "give the task \"due:\", or name another day",
        )),
        Anchor::Thing(ThingPart {
            cohort,
            name,
            part: Part::Overdue,
        }) if task(*cohort, name)?.optional || !has_due(task(*cohort, name)?) => Some(unknown(
            format!("\"{name}\" is never overdue"),
            "give the task \"due:\", and leave out \"optional:\"",
        )),
        _ => None,
    }
}

/// Whether a task's due day is measured from another's, and that in the end from its own.
fn goes_round(ground: &Ground, cohort: bool, name: &str) -> bool {
    let mut passed: Vec<(bool, &str)> = Vec::new();
    let mut next = (cohort, name);
    while let Some(task) = never_happens::task(ground, next.0, next.1) {
        if passed.contains(&next) {
            return true;
        }
        passed.push(next);
        match task.due.as_ref().map(|due| &due.anchor) {
            Some(Anchor::TaskDue { cohort, name }) => next = (*cohort, name),
            _ => return false,
        }
    }
    false
}

fn is(shift: Option<&Shift>, direction: Direction) -> bool {
    shift.is_some_and(|shift| shift.direction == direction)
}

/// A point in a state, and what hangs on it.
struct Asked<'a> {
    ground: &'a Ground<'a, 'a>,
    sites: &'a Sites<'a>,
    id: StateId,
    hangs: Hangs,
}

impl Asked<'_> {
    fn name(&self, id: StateId) -> &str {
        &self.ground.state(id).name
    }

    fn fault(&self, point: &Point) -> Option<Fault> {
        let found = match &point.anchor {
            Anchor::Ended if self.id != StateId::ROOT => {
                Some(lost("the case has ended by then", STAYS))
            }
            Anchor::Left => self.own_end(point, self.id, true),
            Anchor::State { state, part } => self.of_state(point, *state, *part),
            Anchor::Event(name) => self.of_event(point, name),
            Anchor::TaskDue {
                cohort: false,
                name,
            }
            | Anchor::Meeting {
                cohort: false,
                name,
            } => self.of_day(point, self.sites.of_thing(name), name),
            Anchor::Thing(thing) if !thing.cohort => {
                self.of_happening(self.sites.of_thing(&thing.name), &thing.name, true)
            }
            _ => None,
        };
        found.or_else(|| self.past_the_end(point))
    }

    fn encloses(&self, outer: StateId) -> bool {
        self.ground.upwards(self.id).any(|id| id == outer)
    }

    fn ended(&self, state: StateId) -> Fault {
        lost(format!("\"{}\" has ended by then", self.name(state)), STAYS)
    }

    fn only_after(&self, name: &str) -> Fault {
        let own = self.name(self.id);
        lost(
            format!("\"{name}\" comes only after \"{own}\" has ended"),
            STAYS,
        )
    }

    fn apart(&self, name: &str) -> Fault {
        let own = self.name(self.id);
        unknown(
            format!("a case in \"{own}\" never has \"{name}\", before or after"),
            "name something that a case has been through here",
        )
    }

    fn of_state(&self, point: &Point, state: StateId, part: StatePart) -> Option<Fault> {
        let own = self.encloses(state);
        match part {
            StatePart::LastDay if own => self.own_end(point, state, false),
            StatePart::Left if own => self.own_leaving(point, state),
            _ if own || self.ground.overlap(self.id, state) => None,
            StatePart::FirstDay | StatePart::LastDay => {
                self.of_day(point, &[state], self.name(state))
            }
            StatePart::Entered | StatePart::Left => {
                self.of_happening(&[state], self.name(state), part == StatePart::Left)
            }
        }
    }

    /// The last day of the state itself, or of what it is in. `left` is the day after.
    fn own_end(&self, point: &Point, state: StateId, left: bool) -> Option<Fault> {
        if self.hangs == Hangs::End && state == self.id {
            return Some(by_itself());
        }
        let parting = point.shift.is_none() && self.hangs == Hangs::Mail;
        if left && (parting || self.hangs == Hangs::Bound) {
            return None;
        }
        let days_after = days(point.shift.as_ref()).0;
        let over = days_after >= i64::from(!left);
        if over && self.hangs != Hangs::Bound {
            return Some(self.ended(state));
        }
        let name = self.name(state);
        (!self.sites.is_planned(state)).then(|| {
            unknown(
                format!("\"{name}\" ends when someone says so: its last day is not known before"),
                "give it \"lasts:\" or \"until:\", or name another day",
            )
        })
    }

    /// The moment at which the state itself, or what it is in, is left.
    fn own_leaving(&self, point: &Point, state: StateId) -> Option<Fault> {
        match self.hangs {
            Hangs::End => Some(by_itself()),
            Hangs::Mail if point.shift.is_none() => None,
            _ => Some(self.ended(state)),
        }
    }

    /// A day of something elsewhere: known when that was before, and when it is planned ahead.
    fn of_day(&self, point: &Point, sites: &[StateId], name: &str) -> Option<Fault> {
        let (id, has) = (self.id, |before: &dyn Fn(StateId) -> bool| {
            sites.iter().any(|site| before(*site))
        });
        let known = |site| self.ground.overlap(site, id) || self.sites.before(site, id);
        if sites.is_empty() || has(&known) {
            return None;
        }
        let early = match &point.anchor {
            Anchor::State { state, part } => self.sites.early.knows(*state, *part),
            _ => false,
        };
        match self.hangs {
            Hangs::End if early => None,
            _ if !has(&|site| self.sites.before(id, site)) => Some(self.apart(name)),
            Hangs::Bound => None,
            Hangs::End => Some(self.only_after(name)),
            _ if is(point.shift.as_ref(), Direction::Before) => None,
            _ => Some(self.only_after(name)),
        }
    }

    /// Something that happens: to be heard of it has to happen here, or as the case comes here, if it
    /// can be what brings the case.
    fn of_happening(&self, sites: &[StateId], name: &str, brings: bool) -> Option<Fault> {
        let (id, has) = (self.id, |such: &dyn Fn(StateId) -> bool| {
            sites.iter().any(|site| such(*site))
        });
        let before = |site| self.sites.before(site, id);
        let heard = |site| match self.hangs {
            Hangs::Mail | Hangs::Opening => brings && self.sites.next_to(site, id),
            Hangs::Begin | Hangs::Due | Hangs::Bound | Hangs::End => before(site),
        };
        if sites.is_empty() || has(&|site| self.ground.overlap(site, id) || heard(site)) {
            return None;
        }
        if has(&before) {
            let message = format!(
                "\"{name}\" has happened before a case comes to \"{}\"",
                self.name(id)
            );
            return Some(lost(
                message,
                "put it where that happens, or in a state that both are in",
            ));
        }
        if has(&|site| self.sites.before(id, site)) {
            return Some(self.only_after(name));
        }
        Some(self.apart(name))
    }

    /// An event that leads out of the state takes with it what would have come of it later.
    fn of_event(&self, point: &Point, name: &str) -> Option<Fault> {
        let later = match self.hangs {
            Hangs::Opening | Hangs::Due => true,
            Hangs::Mail => point.shift.is_some(),
            Hangs::Begin | Hangs::Bound | Hangs::End => false,
        };
        self.of_happening(self.sites.of_event(name), name, true)
            .or_else(|| {
                let own = self.name(self.id);
                let message =
                    || format!("\"{name}\" ends \"{own}\", so that nothing comes of it later");
                let gone = later && self.sites.leads_away(name, self.id);
                gone.then(|| lost(message(), STAYS))
            })
    }

    /// A point that is measured from what also bounds the state, and lies past that.
    fn past_the_end(&self, point: &Point) -> Option<Fault> {
        if matches!(self.hangs, Hangs::Bound | Hangs::End) {
            return None;
        }
        let (least, _) = days(point.shift.as_ref());
        let entry = match &point.anchor {
            Anchor::Entered => Some(self.id),
            Anchor::State {
                state,
                part: StatePart::Entered | StatePart::FirstDay,
            } => Some(*state).filter(|state| self.encloses(*state)),
            _ => None,
        };
        let is_over = |id: &StateId| match &self.ground.state(*id).stay {
            Stay::Lasts(length) => of_length(*length).1.is_some_and(|most| least >= most),
            Stay::Open | Stay::Until(_) => false,
        };
        let is_past = |id: &StateId| match &self.ground.state(*id).stay {
            Stay::Until(until) if is_day(&until.anchor) && until.anchor == point.anchor => {
                // What is moved off a closed day moves back when it is before something.
                let back = i64::from(is(point.shift.as_ref(), Direction::Before));
                let end = days(until.shift.as_ref()).1;
                end.is_some_and(|end| least.saturating_sub(back) >= end)
            }
            Stay::Open | Stay::Lasts(_) | Stay::Until(_) => false,
        };
        let by_length = entry.and_then(|entry| self.ground.upwards(entry).find(is_over));
        let ended = by_length.or_else(|| self.ground.upwards(self.id).find(is_past));
        ended.map(|ended| self.ended(ended))
    }
}

fn by_itself() -> Fault {
    unknown(
        "a state cannot end by its own end",
        "name another day, or \"lasts:\" a length",
    )
}

fn is_day(anchor: &Anchor) -> bool {
    match anchor {
        Anchor::Date(_) | Anchor::HoldDate(_) | Anchor::Fact(_) => true,
        Anchor::State { part, .. } => matches!(part, StatePart::FirstDay | StatePart::LastDay),
        _ => false,
    }
}
