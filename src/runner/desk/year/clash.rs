//! What a coordinator wants to be told before a year is adopted. The list is short, and each entry is
//! certain: it says what, where and when, and none of it is a guess.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::{Laid, YearHold, YearMeeting, YearPhase, YearStage, hold, named_closed};
use crate::calendar::{Calendar, date_da, month_da, time_da, week_of};
use crate::definition::model::Per;
use crate::engine::frame::{Frame, View};
use crate::store::PersonRow;

/// A week of a course with fewer workdays than this is told of.
const WORKDAYS_MIN: usize = 4;
/// Of a phase that lasts longer, one short week is nothing to plan by.
const COURSE_DAYS_MAX: i32 = 12 * 7;

/// Something that does not go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Clash {
    /// What kind.
    pub kind: ClashKind,
    /// The first day of it.
    pub first: Date,
    /// The last day of it.
    pub last: Date,
    /// The ids of the holds; empty for one that is only proposed.
    pub holds: Vec<String>,
    /// What and where, Danish.
    pub words: String,
}

/// What clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClashKind {
    /// A date or a booked meeting of a hold falls on a day that is closed.
    Closed,
    /// A course has weeks in which hardly any day is a workday.
    ShortWeeks,
    /// The same person meets on two holds at the same time.
    SamePeople,
    /// Two holds of a workflow are in the same phase at the same time with the same people.
    SamePhase,
}

type Names = HashMap<i64, PersonRow>;

/// All clashes that touch these days, in the order of time. A hold that was called off is in nobody's way.
pub(super) fn all(laid: &[Laid], names: &Names, (first, last): (Date, Date)) -> Vec<Clash> {
    let live: Vec<&Laid> = (laid.iter())
        .filter(|one| one.hold.stage != YearStage::Cancelled)
        .collect();
    let mut clashes = Vec::new();
    for one in &live {
        clashes.extend(on_closed_days(one));
        clashes.extend(
            one.hold
                .phases
                .iter()
                .flat_map(|phase| short_weeks(one, phase)),
        );
    }
    clashes.extend(same_people(&live, names));
    clashes.extend(same_phase(&live, names));
    clashes.retain(|clash| clash.first <= last && first <= clash.last);
    clashes.sort_by(|a, b| {
        let key = |clash: &Clash| (clash.first, clash.kind, clash.words.clone());
        key(a).cmp(&key(b))
    });
    clashes
}

fn on_closed_days(one: &Laid) -> Vec<Clash> {
    let calendar = &one.standing.version.workflow.calendar;
    let hold = &one.hold;
    let dates = hold.dates.iter().map(|(title, day)| (title.as_str(), *day));
    let booked = hold.meetings.iter().filter(|meeting| meeting.is_booked);
    let met = booked.map(|meeting| (meeting.title.as_str(), meeting.day));
    let clash = |(what, day): (&str, Date)| {
        let why = calendar.closed_because(day)?.da();
        // "lørdag den 27. marts 2027, som er lørdag" says nothing new.
        let why = named_closed(calendar, day)
            .map_or_else(|| format!("er en {why}"), |named| format!("er {named}"));
        Some(Clash {
            kind: ClashKind::Closed,
            first: day,
            last: day,
            holds: vec![hold.id.clone()],
            words: format!("{}: »{what}« {} {why}.", hold.title, date_da(day)),
        })
    };
    dates.chain(met).filter_map(clash).collect()
}

/// A week with few workdays.
struct Short {
    number: i8,
    monday: Date,
    last: Date,
    workdays: usize,
    because: Vec<String>,
}

/// Runs of weeks of a course in which hardly any day is a workday. Where candidates wait for a job, no
/// lesson is lost, so that only phases count in which they have a place, if the workflow has such.
fn short_weeks(one: &Laid, phase: &YearPhase) -> Vec<Clash> {
    let workflow = &one.standing.version.workflow;
    let has_places = workflow.states.iter().any(|state| state.holds_place);
    let days = phase
        .first
        .until(phase.last)
        .map_or(0, |span| span.get_days());
    if has_places != phase.holds_place || workflow.states.is_empty() || days > COURSE_DAYS_MAX {
        return Vec::new();
    }
    let view = View::of(workflow);
    let frame = Frame::new(&view, &one.standing.subject);
    let mut runs: Vec<Vec<Short>> = Vec::new();
    let days = with_closed(frame.calendar(), phase);
    for monday in mondays(days.0, days.1) {
        let Some(short) = short(&frame, days, monday) else {
            continue;
        };
        let week_before = short.monday.saturating_sub(1.week());
        let before = runs
            .last_mut()
            .filter(|run| run.last().is_some_and(|one| one.monday == week_before));
        match before {
            Some(run) => run.push(short),
            None => runs.push(vec![short]),
        }
    }
    runs.iter()
        .filter_map(|run| told(one, phase, run))
        .collect()
}

/// The Mondays of the weeks that these days lie in.
pub(super) fn mondays(first: Date, last: Date) -> impl Iterator<Item = Date> {
    let back = i32::from(first.weekday().to_monday_zero_offset());
    let monday = first.saturating_sub(back.days());
    monday
        .series(1.week())
        .take_while(move |monday| *monday <= last)
}

/// A phase with the closed days before its first workday and after its last: they are what it lacks.
fn with_closed(calendar: &Calendar, phase: &YearPhase) -> (Date, Date) {
    let before = calendar.workday_before(phase.first, 1);
    let after = calendar.workday_after(phase.last, 1);
    (
        before.saturating_add(1.day()),
        after.saturating_sub(1.day()),
    )
}

fn short(frame: &Frame<'_>, (first, last): (Date, Date), monday: Date) -> Option<Short> {
    let calendar: &Calendar = frame.calendar();
    let days: Vec<Date> = (monday.series(1.day()).take(7))
        .filter(|day| (first..=last).contains(day) && !frame.is_paused(*day))
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .collect();
    let workdays = days.iter().filter(|day| calendar.is_workday(**day)).count();
    // What begins or ends in the middle of a week has few days in it anyhow.
    let is_short = days.len() >= WORKDAYS_MIN && workdays < WORKDAYS_MIN;
    is_short.then(|| Short {
        number: week_of(monday).1,
        monday,
        last: days.last().copied().unwrap_or(monday),
        workdays,
        because: days
            .iter()
            .filter_map(|day| named_closed(calendar, *day))
            .collect(),
    })
}

fn told(one: &Laid, phase: &YearPhase, run: &[Short]) -> Option<Clash> {
    let (first, last) = (run.first()?, run.last()?);
    let count = |short: &Short| match short.workdays {
        0 => format!("ingen hverdage i uge {}", short.number),
        1 => format!("kun 1 hverdag i uge {}", short.number),
        many => format!("kun {many} hverdage i uge {}", short.number),
    };
    let weeks: Vec<String> = run.iter().map(count).collect();
    let mut because: Vec<&str> = run
        .iter()
        .flat_map(|short| &short.because)
        .map(String::as_str)
        .collect();
    because.dedup();
    let words = format!(
        "{}: »{}« har {} ({}).",
        one.hold.title,
        phase.title,
        and_list(&weeks),
        because.join(", "),
    );
    Some(Clash {
        kind: ClashKind::ShortWeeks,
        first: first.monday,
        last: last.last,
        holds: vec![one.hold.id.clone()],
        words,
    })
}

/// Meetings of different holds at the same time with somebody who is to be at both. What recurs each week
/// is told once.
fn same_people(live: &[&Laid], names: &Names) -> Vec<Clash> {
    let mut all: Vec<(&YearHold, &YearMeeting)> = (live.iter())
        .flat_map(|one| one.hold.meetings.iter().map(|meeting| (&one.hold, meeting)))
        .collect();
    all.sort_by_key(|(_, meeting)| (meeting.day, meeting.from));
    let mut twice: Vec<Twice<'_>> = Vec::new();
    for (at, (hold, meeting)) in all.iter().enumerate() {
        let during = all[at + 1..]
            .iter()
            .take_while(|(_, other)| other.day == meeting.day && other.from < meeting.to);
        for (other_hold, other) in during {
            let people: BTreeSet<i64> = (meeting.people.intersection(&other.people))
                .copied()
                .collect();
            if std::ptr::eq(*hold, *other_hold) || people.is_empty() {
                continue;
            }
            let new = Twice {
                holds: [hold, other_hold],
                meetings: [meeting, other],
                people,
                days: vec![other.day],
            };
            match twice.iter_mut().find(|known| known.is_like(&new)) {
                Some(known) => known.days.extend(new.days),
                None => twice.push(new),
            }
        }
    }
    twice.iter().map(|twice| twice.told(names)).collect()
}

/// Two meetings at the same time, on one day or more.
struct Twice<'y> {
    holds: [&'y YearHold; 2],
    meetings: [&'y YearMeeting; 2],
    people: BTreeSet<i64>,
    days: Vec<Date>,
}

impl Twice<'_> {
    /// In whatever order the two come: those of one moment have none.
    fn is_like(&self, other: &Self) -> bool {
        let key = |twice: &Self, at: usize| {
            (twice.holds[at].id.clone(), twice.meetings[at].title.clone())
        };
        let (own, theirs) = ([key(self, 0), key(self, 1)], [key(other, 0), key(other, 1)]);
        let is_same = own == theirs || (&own[0], &own[1]) == (&theirs[1], &theirs[0]);
        is_same && self.people == other.people
    }

    fn told(&self, names: &Names) -> Clash {
        let first = self.days.first().copied().unwrap_or_default();
        let last = self.days.last().copied().unwrap_or(first);
        let again = match self.days.len() {
            0 | 1 => String::new(),
            2 => format!(" og igen {}", date_da(last)),
            count => format!(" og {} gange til, sidst {}", count - 1, date_da(last)),
        };
        let [one, other] = self.meetings;
        let words = format!(
            "{} skal være to steder {} {}{again}: »{}« ({}) og »{}« ({}).",
            named(&self.people, names),
            date_da(first),
            time_da(other.from),
            one.title,
            self.holds[0].title,
            other.title,
            self.holds[1].title,
        );
        Clash {
            kind: ClashKind::SamePeople,
            first,
            last,
            holds: self.holds.map(|hold| hold.id.clone()).to_vec(),
            words,
        }
    }
}

/// Two holds of a workflow that have candidates with a place in the same phase, and the same people.
fn same_phase(live: &[&Laid], names: &Names) -> Vec<Clash> {
    let mut by_phase: BTreeMap<(&str, &str), Vec<(&Laid, &YearPhase)>> = BTreeMap::new();
    for one in live {
        for phase in one.hold.phases.iter().filter(|phase| phase.holds_place) {
            let key = (one.hold.workflow.as_str(), phase.state.as_str());
            by_phase.entry(key).or_default().push((one, phase));
        }
    }
    let mut clashes = Vec::new();
    for mut phases in by_phase.into_values() {
        phases.sort_by_key(|(_, phase)| phase.first);
        for (at, (one, phase)) in phases.iter().enumerate() {
            let during = phases[at + 1..]
                .iter()
                .take_while(|(_, other)| other.first <= phase.last);
            clashes.extend(during.filter_map(|(other, theirs)| {
                let both = of_hold(one)
                    .intersection(&of_hold(other))
                    .copied()
                    .collect();
                together((one, phase), (other, theirs), &both, names)
            }));
        }
    }
    clashes
}

/// The people of roles per hold.
fn of_hold(one: &Laid) -> BTreeSet<i64> {
    let roles = one.standing.version.workflow.roles.iter();
    let of_hold = roles.filter(|role| role.per == Per::Cohort);
    let roles: Vec<_> = of_hold.map(|role| role.name.clone()).collect();
    hold::people(&one.standing, &roles)
}

fn together(
    (one, phase): (&Laid, &YearPhase),
    (other, theirs): (&Laid, &YearPhase),
    both: &BTreeSet<i64>,
    names: &Names,
) -> Option<Clash> {
    let (first, last) = (theirs.first, phase.last.min(theirs.last));
    let places = one.hold.places.zip(other.hold.places);
    let places = places.map_or_else(String::new, |(a, b)| format!(", {} pladser i alt", a + b));
    (!both.is_empty()).then(|| Clash {
        kind: ClashKind::SamePhase,
        first,
        last,
        holds: vec![one.hold.id.clone(), other.hold.id.clone()],
        words: format!(
            "{} og {} er begge i »{}« {}{places}; {} er på begge hold.",
            one.hold.title,
            other.hold.title,
            phase.title,
            days_words(first, last),
            named(both, names),
        ),
    })
}

/// "Anna Ask, Bo Bæk og 3 til", in the order of their names.
fn named(people: &BTreeSet<i64>, names: &Names) -> String {
    const NAMED_MAX: usize = 3;
    let known = people.iter().filter_map(|id| names.get(id));
    let mut known: Vec<&str> = known.map(|person| person.name.as_str()).collect();
    known.sort_by_cached_key(|name| crate::message::danish_key(name));
    let more = known.len().saturating_sub(NAMED_MAX);
    let mut told: Vec<String> = known
        .into_iter()
        .take(NAMED_MAX)
        .map(str::to_owned)
        .collect();
    if more > 0 {
        told.push(format!("{more} til"));
    }
    and_list(&told)
}

fn and_list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} og {last}", before.join(", ")),
    }
}

/// "5. april - 7. maj 2027", "22.-26. marts 2027".
pub(super) fn days_words(first: Date, last: Date) -> String {
    let end = format!("{}. {} {}", last.day(), month_da(last.month()), last.year());
    let month = month_da(first.month());
    if first == last {
        return end;
    }
    if (first.year(), first.month()) == (last.year(), last.month()) {
        return format!("{}.-{end}", first.day());
    }
    if first.year() == last.year() {
        return format!("{}. {month} - {end}", first.day());
    }
    format!("{}. {month} {} - {end}", first.day(), first.year())
}
