//! Counts a time phrase out for a sample hold, by the functions that the engine plans with.

mod remind;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, ToSpan as _};

use super::sample::{Sample, words};
use crate::calendar::{
    Because, By, Calendar, Closed, Direction, Length, Moment, Moved, Shift, Unit,
};
use crate::definition::model::{Anchor, Point, Recurrence, StateId, StatePart, Workflow};
use crate::definition::symbols::Phrase;
use crate::engine::frame::{Frame, Open, View};

/// At most so many slots are counted, and so many are shown.
const SLOTS_MAX: usize = 500;
const SLOTS_SHOWN: usize = 3;
/// The clock time of what is imagined to happen.
const IMAGINED_AT: Time = Time::constant(10, 0, 0, 0);

/// Where a phrase stands, which decides what it means.
pub(super) struct Standing<'p> {
    /// The keys from the top of the file to the phrase.
    pub path: Vec<&'p str>,
    /// The innermost state around it.
    pub state: Option<StateId>,
}

impl Standing<'_> {
    fn key(&self) -> &str {
        self.path.last().copied().unwrap_or_default()
    }

    fn below(&self, steps: usize) -> &str {
        let at = self.path.len().checked_sub(steps + 1);
        at.map_or("", |at| self.path[at])
    }

    fn in_hold(&self) -> bool {
        self.path.first() == Some(&"cohort")
    }

    /// The task or meeting that the phrase belongs to: `tasks/NAME/due`, `meetings/NAME/book/due`.
    fn thing(&self) -> Option<(&str, &str)> {
        let mut pairs = self.path.windows(2).rev();
        let pair = pairs.find(|pair| ["tasks", "meetings"].contains(&pair[0]))?;
        Some((pair[0], pair[1]))
    }
}

/// What a phrase comes to, as a few lines of text; nothing when the workflow has no dates to count from.
pub(super) fn explain(
    workflow: &Workflow,
    phrase: &Phrase,
    standing: &Standing<'_>,
) -> Option<String> {
    let sample = Sample::of(workflow);
    let view = View::of(workflow);
    let hold = sample.hold(&view)?;
    let frame = Frame::new(&view, &hold);
    let teller = Teller {
        workflow,
        frame: &frame,
        sample: &sample,
        standing,
    };
    let mut lines = match phrase {
        Phrase::Point(point) => teller.point(point),
        Phrase::Remind(remind) => teller.remind(remind),
        Phrase::Every(recurrence) => teller.every(recurrence),
        Phrase::Length(length) => teller.length(*length),
    };
    lines.push(sample.words());
    Some(lines.join("\n\n"))
}

/// The days of a state, where time alone leads to it.
pub(super) fn days(workflow: &Workflow, id: StateId) -> Option<String> {
    let sample = Sample::of(workflow);
    let view = View::of(workflow);
    let hold = sample.hold(&view)?;
    let frame = Frame::new(&view, &hold);
    let first = words(frame.first_day(id)?);
    let days = match frame.last_day(id) {
        Some(last) => format!("**{first}** to **{}**", words(last)),
        None => format!("From **{first}**"),
    };
    Some(format!("{days}\n\n{}", sample.words()))
}

struct Teller<'t> {
    workflow: &'t Workflow,
    frame: &'t Frame<'t>,
    sample: &'t Sample,
    standing: &'t Standing<'t>,
}

/// What an anchor stands for; with words, when it is only imagined.
struct Anchored {
    moment: Moment,
    imagined: Option<String>,
}

impl<'t> Teller<'t> {
    fn calendar(&self) -> &'t Calendar {
        &self.workflow.calendar
    }

    /// The scope that the phrase stands in; a state that nobody can know the days of is imagined.
    fn open(&self) -> (Open<'t>, bool) {
        let known = self
            .frame
            .scope_of(self.standing.state, self.standing.in_hold());
        if let Some(open) = known {
            return (open, false);
        }
        let day = self.sample.day();
        let state = self.standing.state.filter(|id| id.0 > 0);
        let scope = state.map_or(&self.workflow.scope, |id| &self.workflow.states[id.0].scope);
        let imagined = Open {
            name: "".into(),
            visit: 1,
            state,
            scope,
            day: Some(day),
            at: self.calendar().start_of(day),
            end: None,
            ahead: true,
        };
        (imagined, true)
    }

    fn anchored(&self, anchor: &Anchor) -> Anchored {
        let (open, is_imagined) = self.open();
        let imagines = is_imagined && matches!(anchor, Anchor::Entered);
        if let Some(known) = self.frame.anchor(anchor, &open).filter(|_| !imagines) {
            return Anchored {
                moment: known.moment,
                imagined: None,
            };
        }
        let day = self.sample.day();
        let at = self.calendar().instant(day.to_datetime(IMAGINED_AT));
        let (moment, what) = match anchor {
            Anchor::Fact(fact) => (Moment::Day(day), format!("`{}` is recorded as", fact.name)),
            Anchor::TaskDue { name, .. } => (Moment::Day(day), format!("`{name}` is due on")),
            Anchor::State {
                state,
                part: part @ (StatePart::FirstDay | StatePart::LastDay),
            } => {
                let part = match part {
                    StatePart::FirstDay => "first",
                    _ => "last",
                };
                let name = &self.workflow.states[state.0].name;
                (Moment::Day(day), format!("the {part} day of `{name}` is"))
            }
            Anchor::Meeting { name, .. } => {
                let end = at + SignedDuration::from_hours(1);
                (
                    Moment::Span { start: at, end },
                    format!("`{name}` is held on"),
                )
            }
            other => (Moment::At(at), format!("{} on", self.happening(other))),
        };
        let clock = match moment {
            Moment::Day(_) => String::new(),
            Moment::At(_) | Moment::Span { .. } => " at 10:00".to_owned(),
        };
        Anchored {
            moment,
            imagined: Some(format!("If {what} {}{clock}.", words(day))),
        }
    }

    /// What happens at an anchor that is an event.
    fn happening(&self, anchor: &Anchor) -> String {
        let state = |id: StateId| format!("`{}`", self.workflow.states[id.0].name);
        let here = || match self.standing.state {
            Some(id) if id.0 > 0 => state(id),
            _ => "the course".to_owned(),
        };
        match anchor {
            Anchor::Entered => format!("a case enters {}", here()),
            Anchor::Left => format!("a case leaves {}", here()),
            Anchor::Ended => "a case ends".to_owned(),
            Anchor::PlaceFree => "a place becomes free".to_owned(),
            Anchor::HoldCancelled => "the hold is cancelled".to_owned(),
            Anchor::Event(name) => format!("`{name}` happens"),
            Anchor::Thing(thing) => format!("`{}` is {}", thing.name, thing.part.word()),
            Anchor::State { state: id, part } => match part {
                StatePart::Left => format!("a case leaves {}", state(*id)),
                _ => format!("a case enters {}", state(*id)),
            },
            _ => "that is".to_owned(),
        }
    }

    fn point(&self, point: &Point) -> Vec<String> {
        let anchored = self.anchored(&point.anchor);
        let shift = point.shift.as_ref();
        let mut lines = match self.standing.key() {
            "when" | "anonymise" => self.acts(anchored.moment, shift, point.at),
            "until" if self.standing.below(2) == "states" => self.bound(anchored.moment, shift),
            _ => self.names_a_day(anchored.moment, shift, point.at),
        };
        lines.extend(anchored.imagined);
        lines
    }

    /// A point at which something happens.
    fn acts(&self, moment: Moment, shift: Option<&Shift>, at: Option<Time>) -> Vec<String> {
        let placed = self.calendar().place(moment, shift, at);
        let local = self.calendar().local(placed.at);
        let mut lines = vec![format!(
            "**{} at {}**",
            words(local.date()),
            clock(local.time())
        )];
        lines.extend(placed.moved.map(moved));
        lines.extend(self.not_counted(moment, shift, placed.nominal.date()));
        lines
    }

    /// A point that names a day.
    fn names_a_day(&self, moment: Moment, shift: Option<&Shift>, at: Option<Time>) -> Vec<String> {
        let placed = self.calendar().place_day(moment, shift);
        let clock = at.map_or(String::new(), |at| format!(" at {}", clock(at)));
        let mut lines = vec![format!("**{}{clock}**", words(placed.day))];
        lines.extend(placed.moved.map(moved));
        lines.extend(self.not_counted(moment, shift, placed.nominal));
        lines
    }

    /// The end of a state, which is never moved.
    fn bound(&self, moment: Moment, shift: Option<&Shift>) -> Vec<String> {
        let calendar = self.calendar();
        let end = calendar.shift_day(self.day_of(moment), shift);
        let mut lines = vec![self.ends(end)];
        lines.extend(self.not_counted(moment, shift, end));
        lines
    }

    fn ends(&self, end: Date) -> String {
        let eve = end.yesterday().unwrap_or(end);
        let last = self.calendar().workday_on_or_before(eve);
        format!(
            "Moves on as **{}** begins; the last workday is {}",
            words(end),
            words(last)
        )
    }

    fn day_of(&self, moment: Moment) -> Date {
        match moment {
            Moment::Day(day) => day,
            Moment::At(at) | Moment::Span { start: at, .. } => self.calendar().local(at).date(),
        }
    }

    /// The weekdays between that are no workdays, where workdays are counted.
    fn not_counted(&self, moment: Moment, shift: Option<&Shift>, to: Date) -> Option<String> {
        let By::Length(Length {
            unit: Unit::Workdays,
            ..
        }) = shift?.by
        else {
            return None;
        };
        let anchor = self.day_of(moment);
        let (from, to) = (anchor.min(to), anchor.max(to));
        let days = from.series(1.day()).take_while(|day| *day <= to);
        let closed = days.filter(|day| *day != anchor).filter_map(|day| {
            let closed = self.calendar().closed_because(day)?;
            let counts = !matches!(closed, Closed::Weekend(_));
            counts.then(|| format!("{}, {}", words(day), closed.en()))
        });
        let closed: Vec<String> = closed.collect();
        (!closed.is_empty()).then(|| format!("Not counted: {}", closed.join("; ")))
    }

    fn origin(&self, recurrence: &Recurrence) -> Date {
        let (open, _) = self.open();
        let from = recurrence.from.as_ref();
        let from = from.and_then(|from| self.frame.point_day(from, &open));
        let day = open.day.unwrap_or_else(|| self.sample.day());
        from.unwrap_or_else(|| match open.state {
            Some(_) => self.calendar().workday_on_or_after(day),
            None => day,
        })
    }

    fn every(&self, recurrence: &Recurrence) -> Vec<String> {
        let (open, is_imagined) = self.open();
        let calendar = self.calendar();
        let origin = self.origin(recurrence);
        let until = recurrence.until.as_ref();
        let bound = until.and_then(|until| self.frame.point_day(until, &open));
        let last = open.end.and_then(|end| end.yesterday().ok());
        let last = bound.or(last.filter(|_| until.is_none()));
        let slots = calendar.slots(&recurrence.period, origin, None);
        let within = slots.take_while(|slot| last.is_none_or(|last| slot.nominal.date() <= last));
        let slots: Vec<_> = within.take(SLOTS_MAX).collect();
        let shown = |slot: &crate::calendar::Slot| {
            let local = calendar.local(slot.at);
            let line = format!("- **{} at {}**", words(local.date()), clock(local.time()));
            match slot.moved {
                Some(why) => format!("{line}, {}", lower(&moved(why))),
                None => line,
            }
        };
        let mut list: Vec<String> = slots.iter().take(SLOTS_SHOWN).map(shown).collect();
        match (slots.last(), last) {
            (Some(end), Some(_)) if slots.len() > SLOTS_SHOWN => {
                list.push(format!("- … {} in all, the last:", slots.len()));
                list.push(shown(end));
            }
            (Some(_), None) => list.push("- … and so on".to_owned()),
            (None, _) => list.push("Never: the last day comes before the first.".to_owned()),
            _ => {}
        }
        let mut lines = vec![list.join("\n")];
        if is_imagined && recurrence.from.is_none() {
            lines.push(format!(
                "Counted from {}, if it begins then.",
                words(origin)
            ));
        } else {
            lines.push(format!("Counted from {}", words(origin)));
        }
        lines
    }

    fn length(&self, length: Length) -> Vec<String> {
        let calendar = self.calendar();
        let state = self
            .standing
            .state
            .filter(|_| self.standing.below(2) == "states");
        let base = state
            .and_then(|id| self.frame.stretch(id))
            .map(|days| days.base);
        let (from, imagined) = (base.unwrap_or_else(|| self.sample.day()), base.is_none());
        if length.unit.is_elapsed() {
            return vec![format!("{length} by the clock")];
        }
        let to = calendar.add(from, length, Direction::After);
        if state.is_none() {
            return vec![format!("From {}: **{}**", words(from), words(to))];
        }
        let entered = if imagined {
            "If it is entered on"
        } else {
            "From"
        };
        vec![format!("{entered} {}.", words(from)), self.ends(to)]
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// Why a point is not where it was counted to.
fn moved(moved: Moved) -> String {
    let from = words(moved.from.date());
    match moved.because {
        // The day begins with its weekday: "Saturday 24 January, a Saturday" says nothing new.
        Because::Closed(Closed::Weekend(_)) => format!("Moved from {from}"),
        Because::Closed(closed) => format!("Moved from {from}, which is {}", closed.en()),
        Because::OutsideHours(hours) => format!(
            "Moved from {from} at {}, which is outside {}-{}",
            clock(moved.from.time()),
            clock(hours.from),
            clock(hours.to)
        ),
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
