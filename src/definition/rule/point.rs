//! `lost-point`, `never-known` and `due-too-late`: points in time that lie after the state they stand
//! in has ended, or that nobody will ever know.

use super::Ground;
use super::length::{days, of_length};
use super::never_happens;
use super::sites::Sites;
use crate::calendar::{Direction, Shift};
use crate::definition::keyword::Home;
use crate::definition::model::{
    Anchor, Meeting, MeetingTime, Message, MessageTime, Part, Point, Recurrence, StateId,
    StatePart, Stay, Task, ThingPart,
};

/// What hangs on a point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hangs {
    /// A mail: it goes then, or with the leaving itself.
    Mail,
    /// A task opens then.
    Opening,
    /// A window or recurrence begins then.
    Begin,
    /// A task is due then.
    Due,
    /// Nothing after it.
    Bound,
    /// The state itself ends.
    End,
}

/// What is wrong with a point.
struct Fault {
    rule: &'static str,
    message: String,
    help: &'static str,
}

/// Reports them.
pub(super) fn check(ground: &Ground, sites: &Sites) {
    for (home, scope) in ground.scopes() {
        let look = |path: &[&str], point: &Point, hangs: Hangs| {
            look(ground, sites, home, path, point, hangs)
        };
        if let Home::Case(id) = home
            && let Stay::Until(point) = &ground.state(id).stay
        {
            look(&["until"], point, Hangs::End);
        }
        scope.tasks.iter().for_each(|task| of_task(task, &look));
        scope
            .meetings
            .iter()
            .for_each(|meeting| of_meeting(meeting, &look));
        scope
            .messages
            .iter()
            .for_each(|message| of_message(message, &look));
    }
}

type Look<'l> = dyn Fn(&[&str], &Point, Hangs) + 'l;

fn of_task(task: &Task, look: &Look) {
    let name = &*task.name;
    let points = [
        ("when", &task.opens, Hangs::Opening),
        ("due", &task.due, Hangs::Due),
        ("until", &task.until, Hangs::Bound),
    ];
    for (key, point, hangs) in points {
        if let Some(point) = point {
            look(&["tasks", name, key], point, hangs);
        }
    }
    if let Some(every) = &task.every {
        of_recurrence(&["tasks", name], every, look);
    }
}

fn of_meeting(meeting: &Meeting, look: &Look) {
    let name = &*meeting.name;
    match &meeting.when {
        MeetingTime::Between(first, last) => {
            look(&["meetings", name, "between", "0"], first, Hangs::Begin);
            look(&["meetings", name, "between", "1"], last, Hangs::Bound);
        }
        MeetingTime::Every(every) => of_recurrence(&["meetings", name], every, look),
        MeetingTime::Free => {}
    }
}

fn of_message(message: &Message, look: &Look) {
    let name = &*message.name;
    match &message.when {
        MessageTime::When { point, until } => {
            look(&["messages", name, "when"], point, Hangs::Mail);
            if let Some(until) = until {
                look(&["messages", name, "until"], until, Hangs::Bound);
            }
        }
        MessageTime::Every(every) => of_recurrence(&["messages", name], every, look),
    }
}

fn of_recurrence(path: &[&str], every: &Recurrence, look: &Look) {
    for (key, point, hangs) in [
        ("from", &every.from, Hangs::Begin),
        ("until", &every.until, Hangs::Bound),
    ] {
        if let Some(point) = point {
            let path: Vec<&str> = path.iter().copied().chain([key]).collect();
            look(&path, point, hangs);
        }
    }
}

fn look(ground: &Ground, sites: &Sites, home: Home, path: &[&str], point: &Point, hangs: Hangs) {
    let of_case = || match home {
        Home::Case(id) => Asked {
            ground,
            sites,
            id,
            hangs,
        }
        .fault(point),
        Home::Hold | Home::Workflow => None,
    };
    if let Some(fault) = unknowable(ground, point).or_else(of_case) {
        let rule = match (hangs, fault.rule) {
            (Hangs::Due, LOST) => "due-too-late",
            (_, rule) => rule,
        };
        ground.report(rule, &ground.span(home, path), &fault.message, fault.help);
    }
}

const LOST: &str = "lost-point";
const UNKNOWN: &str = "never-known";
const STAYS: &str = "put it in the state that follows, or in a state that both are in";

fn lost(message: impl Into<String>, help: &'static str) -> Option<Fault> {
    let (rule, message) = (LOST, message.into());
    Some(Fault {
        rule,
        message,
        help,
    })
}

fn unknown(message: impl Into<String>, help: &'static str) -> Option<Fault> {
    let (rule, message) = (UNKNOWN, message.into());
    Some(Fault {
        rule,
        message,
        help,
    })
}

/// What nobody knows wherever it stands.
fn unknowable(ground: &Ground, point: &Point) -> Option<Fault> {
    let happens = match &point.anchor {
        Anchor::Entered | Anchor::Event(_) | Anchor::PlaceFree | Anchor::Thing(_) => true,
        Anchor::State { part, .. } => matches!(part, StatePart::Entered | StatePart::Left),
        _ => false,
    };
    if happens && is(point.shift.as_ref(), Direction::Before) {
        let message = "nobody knows beforehand when this happens";
        return unknown(
            message,
            "write \"after\", or name a day: a date, \"STATE.first_day\", \"TASK.due\"",
        );
    }
    match &point.anchor {
        Anchor::TaskDue { cohort, name } => {
            let task = never_happens::task(ground, *cohort, name)?;
            if task.due.is_some() || task.every.is_some() {
                return None;
            }
            unknown(
                format!("\"{name}\" has no \"due:\""),
                "give the task \"due:\", or name another day",
            )
        }
        Anchor::Thing(ThingPart {
            cohort,
            name,
            part: Part::Overdue,
        }) => {
            let task = never_happens::task(ground, *cohort, name)?;
            if !task.optional && (task.due.is_some() || task.every.is_some()) {
                return None;
            }
            unknown(
                format!("\"{name}\" is never overdue"),
                "give the task \"due:\", and leave out \"optional:\"",
            )
        }
        _ => None,
    }
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
            Anchor::Ended if self.id != StateId::ROOT => lost(
                "the case has ended then, and nothing of this state is left",
                STAYS,
            ),
            Anchor::Left => self.own_end(point, self.id, true),
            Anchor::State { state, part } => self.of_state(point, *state, *part),
            Anchor::Event(name) => self.of_event(point, name),
            Anchor::TaskDue {
                cohort: false,
                name,
            } => self.of_day(point, self.sites.of_thing(name), name),
            Anchor::Meeting {
                cohort: false,
                name,
            } => self.of_day(point, self.sites.of_thing(name), name),
            Anchor::Thing(thing) if !thing.cohort => {
                self.of_happening(self.sites.of_thing(&thing.name), &thing.name)
            }
            _ => None,
        };
        found.or_else(|| self.past_the_end(point))
    }

    fn encloses(&self, outer: StateId) -> bool {
        self.ground.upwards(self.id).any(|id| id == outer)
    }

    fn of_state(&self, point: &Point, state: StateId, part: StatePart) -> Option<Fault> {
        if self.encloses(state) {
            return match part {
                StatePart::Entered | StatePart::FirstDay
                    if self.hangs == Hangs::End && state == self.id =>
                {
                    None
                }
                StatePart::Entered | StatePart::FirstDay => None,
                StatePart::LastDay => self.own_end(point, state, false),
                StatePart::Left => self.own_leaving(point, state),
            };
        }
        if self.ground.overlap(self.id, state) {
            return None;
        }
        match part {
            StatePart::FirstDay | StatePart::LastDay => {
                self.of_day(point, &[state], self.name(state))
            }
            StatePart::Entered | StatePart::Left => self.of_happening(&[state], self.name(state)),
        }
    }

    /// The last day of the state itself, or of what it is in. `left` is the day after.
    fn own_end(&self, point: &Point, state: StateId, left: bool) -> Option<Fault> {
        let (least, _) = days(point.shift.as_ref());
        let parting = left && point.shift.is_none() && self.hangs == Hangs::Mail;
        if self.hangs == Hangs::End && state == self.id {
            return unknown(
                "a state cannot end by its own end",
                "name another day, or \"lasts:\" a length",
            );
        }
        if parting || self.hangs == Hangs::Bound && left {
            return None;
        }
        let over = if left { least >= 0 } else { least >= 1 };
        if over && self.hangs != Hangs::Bound {
            return lost(format!("\"{}\" has ended then", self.name(state)), STAYS);
        }
        (!self.sites.is_planned(state)).then(|| Fault {
            rule: UNKNOWN,
            message: format!(
                "\"{}\" ends when someone says so: its last day is not known before",
                self.name(state)
            ),
            help: "give it \"lasts:\" or \"until:\", or name another day",
        })
    }

    /// The moment at which the state itself, or what it is in, is left.
    fn own_leaving(&self, point: &Point, state: StateId) -> Option<Fault> {
        let parting = point.shift.is_none() && self.hangs == Hangs::Mail;
        match self.hangs {
            Hangs::End => unknown(
                "a state cannot end by its own end",
                "name another day, or \"lasts:\" a length",
            ),
            _ if parting => None,
            _ => lost(format!("\"{}\" has ended then", self.name(state)), STAYS),
        }
    }

    /// A day of something elsewhere: known when that was before, and when it is planned ahead.
    fn of_day(&self, point: &Point, sites: &[StateId], name: &str) -> Option<Fault> {
        let id = self.id;
        if sites.is_empty()
            || sites
                .iter()
                .any(|site| self.ground.overlap(*site, id) || self.sites.before(*site, id))
        {
            return None;
        }
        if let Anchor::State { state, part } = &point.anchor
            && self.sites.early.knows(*state, *part)
            && self.hangs == Hangs::End
        {
            return None;
        }
        if !sites.iter().any(|site| self.sites.before(id, *site)) {
            return unknown(
                self.apart(name),
                "name something that a case has been through here",
            );
        }
        let ahead = is(point.shift.as_ref(), Direction::Before) || self.hangs == Hangs::Bound;
        if ahead && self.hangs != Hangs::End {
            return None;
        }
        lost(
            format!(
                "\"{name}\" comes only after \"{}\" has ended",
                self.name(id)
            ),
            STAYS,
        )
    }

    fn apart(&self, name: &str) -> String {
        format!(
            "a case in \"{}\" never has \"{name}\", before or after",
            self.name(self.id)
        )
    }

    /// Something that happens: to be heard of it has to happen here, or as the case comes here.
    fn of_happening(&self, sites: &[StateId], name: &str) -> Option<Fault> {
        let id = self.id;
        let here = |site: &StateId| self.ground.overlap(*site, id);
        let before = |site: &StateId| self.sites.before(*site, id);
        let heard = |site: &StateId| match self.hangs {
            Hangs::Mail | Hangs::Opening => self.sites.next_to(*site, id),
            Hangs::Begin | Hangs::Due | Hangs::Bound | Hangs::End => before(site),
        };
        if sites.is_empty() || sites.iter().any(|site| here(site) || heard(site)) {
            return None;
        }
        if sites.iter().any(before) {
            return lost(
                format!(
                    "\"{name}\" has happened before a case comes to \"{}\"",
                    self.name(id)
                ),
                "put it where that happens, or in a state that both are in",
            );
        }
        if sites.iter().any(|site| self.sites.before(id, *site)) {
            return lost(
                format!(
                    "\"{name}\" comes only after \"{}\" has ended",
                    self.name(id)
                ),
                STAYS,
            );
        }
        unknown(
            self.apart(name),
            "name something that a case has been through here",
        )
    }

    fn of_event(&self, point: &Point, name: &str) -> Option<Fault> {
        let sites = self.sites.of_event(name);
        if let Some(fault) = self.of_happening(sites, name) {
            return Some(fault);
        }
        let arrives = sites
            .iter()
            .any(|site| self.sites.next_to(*site, self.id) && !self.ground.overlap(*site, self.id));
        let later = matches!(self.hangs, Hangs::Opening | Hangs::Due)
            || point.shift.is_some() && self.hangs == Hangs::Mail;
        if later
            && !arrives
            && self.sites.leaves(name, self.id)
            && !sites.iter().any(|site| self.sites.before(*site, self.id))
        {
            return lost(
                format!(
                    "\"{name}\" ends \"{}\", so that nothing comes of it later",
                    self.name(self.id)
                ),
                STAYS,
            );
        }
        None
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
            } if self.encloses(*state) => Some(*state),
            _ => None,
        };
        let outer = |id: StateId| self.ground.upwards(id);
        let by_length = entry.and_then(|entry| {
            outer(entry).find(|id| match &self.ground.state(*id).stay {
                Stay::Lasts(length) => of_length(*length).1.is_some_and(|most| least >= most),
                Stay::Open | Stay::Until(_) => false,
            })
        });
        let same_day = |id: &StateId| match &self.ground.state(*id).stay {
            Stay::Until(until) if is_day(&until.anchor) && until.anchor == point.anchor => {
                // What is moved off a closed day moves back when it is before something.
                let back = i64::from(is(point.shift.as_ref(), Direction::Before));
                days(until.shift.as_ref())
                    .1
                    .is_some_and(|most| least.saturating_sub(back) >= most)
            }
            Stay::Open | Stay::Lasts(_) | Stay::Until(_) => false,
        };
        let ended = by_length.or_else(|| outer(self.id).find(same_day))?;
        lost(format!("\"{}\" has ended then", self.name(ended)), STAYS)
    }
}

fn is_day(anchor: &Anchor) -> bool {
    match anchor {
        Anchor::Date(_) | Anchor::HoldDate(_) | Anchor::Fact(_) => true,
        Anchor::State { part, .. } => matches!(part, StatePart::FirstDay | StatePart::LastDay),
        _ => false,
    }
}
