//! Folding: a history gives its snapshot, without definition or calendar.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::event::{Cause, Decision, Entry, Event, TaskFate, thing_part};
use super::renamed::Renamed;
use super::subject::{
    Answered, Booking, Ended, Ending, Happened, Kind, LeftAt, Mark, MeetingLog, OpenTask, Recorded,
    Subject, TaskLog, Visit,
};
use crate::definition::model::{Name, Part};
use crate::mutant::{self, Mutant};

impl Subject {
    /// Folds a whole history; `None` when it does not begin with [`Event::Opened`].
    #[must_use]
    pub fn replay<'a>(history: impl IntoIterator<Item = (Timestamp, &'a Event)>) -> Option<Self> {
        let mut history = history.into_iter();
        let (at, first) = history.next()?;
        let mut subject = Self::begin(at, first)?;
        for (at, event) in history {
            subject.apply(at, event);
        }
        Some(subject)
    }

    /// The subject right after its first event; `None` when that is not [`Event::Opened`].
    #[must_use]
    pub fn begin(at: Timestamp, first: &Event) -> Option<Self> {
        let Event::Opened {
            kind,
            day,
            dates,
            people,
        } = first
        else {
            return None;
        };
        Some(Self {
            kind: *kind,
            seq: 1,
            state: None,
            opened_at: at,
            opened_day: *day,
            last_at: at,
            ended: None,
            visits: BTreeMap::new(),
            facts: BTreeMap::new(),
            dates: dates.clone(),
            moved: BTreeMap::new(),
            pauses: BTreeMap::new(),
            people: people.clone(),
            fired: BTreeMap::new(),
            heard: BTreeMap::new(),
            attended: BTreeMap::new(),
            tasks: BTreeMap::new(),
            meetings: BTreeMap::new(),
            place_free: None,
            marks: BTreeMap::new(),
            again: BTreeMap::new(),
            called: Renamed::default(),
            undone: BTreeMap::new(),
            anonymised: false,
        })
    }

    /// Folds one more event.
    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        self.seq += 1;
        self.last_at = self.last_at.max(at);
        match event {
            Event::Fired { name, .. } => {
                again(self.fired.entry(name.clone()).or_insert(never(at)), at);
            }
            Event::Recorded { facts } => {
                for (name, value) in facts {
                    self.facts.insert(
                        name.clone(),
                        Recorded {
                            value: value.clone(),
                            at,
                        },
                    );
                }
            }
            Event::Cleared { facts } => {
                for name in facts {
                    self.facts.remove(name);
                }
            }
            Event::Assigned { role, people } => {
                self.people.insert(role.clone(), people.clone());
            }
            Event::Moved {
                left,
                entered,
                to,
                cause,
                ..
            } => {
                self.apply_left(at, left);
                self.apply_entered(at, entered);
                debug_assert!(
                    *cause == Cause::Opened || self.state.is_some(),
                    "a case moves from somewhere"
                );
                self.state = Some(to.clone());
            }
            Event::Ended { how, day, .. } => {
                if how.stands_nowhere() {
                    // It goes on elsewhere, or not at all: nothing that was planned here is wanted any
                    // more, and nothing is measured from the day, workday or not.
                    let open = self.visits.iter().filter(|(_, visit)| visit.left.is_none());
                    let left: Vec<_> = open.map(|(state, _)| (state.clone(), *day)).collect();
                    self.apply_left(at, &left);
                }
                if *how == Ending::TakenBack {
                    // It should never have been: whoever counts where cases came finds it nowhere.
                    self.state = None;
                    self.visits.clear();
                    self.marks.clear();
                    self.again.clear();
                }
                self.ended = Some(Ended {
                    how: *how,
                    at,
                    day: *day,
                });
            }
            Event::TaskOpened {
                task,
                no,
                slot,
                late,
            } => {
                let log = self.tasks.entry(task.clone()).or_default();
                log.opened = log.opened.max(*no);
                log.open.push(OpenTask {
                    no: *no,
                    slot: *slot,
                    at,
                    late: *late,
                    overdue: false,
                });
            }
            Event::Task { task, no, what } => self.apply_task(at, task, *no, *what),
            Event::Booked {
                meeting,
                no,
                slot,
                start,
                end,
                place,
                revision,
            } => {
                let log = self.meetings.entry(meeting.clone()).or_default();
                log.booked = log.booked.max(*no);
                let before = log.open.iter_mut().find(|booking| booking.no == *no);
                let answers = before.map_or_else(BTreeMap::new, |booking| {
                    std::mem::take(&mut booking.answers)
                });
                log.open.retain(|booking| booking.no != *no);
                log.open.push(Booking {
                    no: *no,
                    slot: *slot,
                    made: at,
                    start: *start,
                    end: *end,
                    place: place.clone(),
                    revision: *revision,
                    answers,
                });
                log.open.sort_by_key(|booking| (booking.start, booking.no));
            }
            Event::Answered {
                meeting,
                no,
                seat,
                said,
                revision,
                stamp,
            } => {
                let log = self.meetings.get_mut(meeting);
                let booking =
                    log.and_then(|log| log.open.iter_mut().find(|booking| booking.no == *no));
                if let Some(booking) = booking {
                    let answer = Answered {
                        said: *said,
                        revision: *revision,
                        stamp: *stamp,
                    };
                    booking.answers.insert(seat.clone(), answer);
                }
            }
            Event::Met {
                meeting,
                no,
                part,
                listed,
            } => self.apply_met(at, meeting, *no, *part, *listed),
            Event::Lapsed { meeting, no } => self.close_booking(meeting, *no, true),
            Event::Heard {
                name,
                part,
                count,
                happened_at,
            } => self.apply_heard(name, *part, *count, *happened_at),
            // The places themselves are the hold's rows; the opening was folded by `begin`.
            Event::PlaceTaken | Event::PlaceGiven | Event::Opened { .. } => {}
            Event::PlaceFree => again(self.place_free.get_or_insert(never(at)), at),
            Event::DatesMoved { dates } => {
                for (name, date) in dates {
                    self.dates.insert(name.clone(), *date);
                    self.moved.insert(name.clone(), at);
                }
            }
            Event::Paused { first, last } => drop(self.pauses.insert(*first, *last)),
            Event::Unpaused { first } => drop(self.pauses.remove(first)),
            Event::Again {
                scope,
                declaration,
                ordinal,
                occurrence,
                revision,
            } => {
                let marks = self.marks.entry(scope.clone()).or_default();
                let before = ordinal.saturating_sub(1);
                marks.insert(declaration.clone(), Mark::Decided(before));
                self.again.insert(occurrence.clone(), *revision);
            }
            Event::Decided(decision) => self.apply_decision(decision),
            Event::Migrated(migrated) => {
                migrated.renamed.apply(self);
                self.called = migrated.called.clone();
                self.apply_left(at, &migrated.left);
                self.apply_entered(at, &migrated.entered);
                self.state = migrated.to.clone().or_else(|| self.state.take());
                self.dates.extend(migrated.dates.clone());
            }
            Event::Unmigrated { before: other } | Event::Undone { after: other, .. } => {
                *self = Self {
                    seq: self.seq,
                    last_at: self.last_at,
                    ..Self::clone(other)
                };
            }
            Event::Anonymised => self.anonymised = true,
        }
    }

    fn apply_entered(&mut self, at: Timestamp, entered: &[Entry]) {
        for entry in entered {
            let visit = Visit {
                n: entry.n,
                day: if mutant::is(Mutant::ApplyReadsCalendar) {
                    mutant::by_calendar(entry.day)
                } else {
                    entry.day
                },
                at,
                by_time: entry.by_time,
                left: None,
            };
            self.visits.insert(entry.state.clone(), visit);
        }
    }

    fn apply_left(&mut self, at: Timestamp, left: &[(Name, Date)]) {
        for (state, last_day) in left {
            if !mutant::is(Mutant::MarksKept) {
                self.marks.remove(state);
            }
            let scope = format!("@{state}#");
            self.again.retain(|said, _| !said.contains(&scope));
            if let Some(visit) = self.visits.get_mut(state) {
                visit.left = Some(LeftAt {
                    at,
                    last_day: *last_day,
                });
            }
        }
    }

    fn apply_task(&mut self, at: Timestamp, task: &Name, no: u32, what: TaskFate) {
        let log: &mut TaskLog = self.tasks.entry(task.clone()).or_default();
        match what {
            TaskFate::Overdue => {
                again(log.overdue.get_or_insert(never(at)), at);
                if let Some(open) = log.open.iter_mut().find(|open| open.no == no) {
                    open.overdue = true;
                }
            }
            TaskFate::Done | TaskFate::Skipped | TaskFate::Withdrawn | TaskFate::Missed => {
                log.open.retain(|open| open.no != no);
                if what == TaskFate::Done {
                    again(log.done.get_or_insert(never(at)), at);
                }
                self.drop_marks(&format!("task.{task}#{no}."));
            }
        }
    }

    fn apply_met(&mut self, at: Timestamp, meeting: &Name, no: u32, part: Part, listed: bool) {
        self.close_booking(meeting, no, matches!(part, Part::Held | Part::NoShow));
        let log: &mut MeetingLog = self.meetings.entry(meeting.clone()).or_default();
        let (counter, for_all) = match part {
            Part::Held => (&mut log.held, Some(&mut log.held_for_all)),
            Part::NoShow => (&mut log.no_show, Some(&mut log.no_show_for_all)),
            Part::Cancelled | Part::Done | Part::Overdue => (&mut log.cancelled, None),
        };
        again(counter.get_or_insert(never(at)), at);
        if let Some(for_all) = for_all.filter(|_| !listed) {
            again(for_all.get_or_insert(never(at)), at);
        }
    }

    /// A meeting that was called off is as if it had never been booked; any other is the latest.
    fn close_booking(&mut self, meeting: &Name, no: u32, took_place: bool) {
        let log: &mut MeetingLog = self.meetings.entry(meeting.clone()).or_default();
        if let Some(found) = log.open.iter().position(|booking| booking.no == no) {
            let booking = log.open.remove(found);
            if took_place {
                log.last = Some(booking);
            }
        }
        self.drop_marks(&format!("meeting.{meeting}#{no}."));
    }

    fn apply_heard(&mut self, name: &Name, part: Part, count: u32, at: Timestamp) {
        let key: Name = thing_part(name, part).into();
        if count == 0 {
            again(self.attended.entry(key).or_insert(never(at)), at);
        } else {
            self.heard.insert(key, Happened { count, at });
        }
    }

    fn apply_decision(&mut self, decision: &Decision) {
        let marks = self.marks.entry(decision.scope.clone()).or_default();
        marks.insert(decision.declaration.clone(), decision.mark.clone());
    }

    /// A task or meeting that is over needs no marks of its own, so that nothing grows for ever.
    fn drop_marks(&mut self, prefix: &str) {
        for marks in self.marks.values_mut() {
            marks.retain(|declaration, _| !declaration.starts_with(prefix));
        }
    }

    /// The mark of a declaration in an open scope.
    #[must_use]
    pub fn mark(&self, scope: &str, declaration: &str) -> Option<&Mark> {
        self.marks.get(scope)?.get(declaration)
    }

    /// The least revision of what is said in a visit: above 0 when something of it was taken back.
    #[must_use]
    pub fn revision_in(&self, scope: &str, visit: u32) -> u32 {
        let undone = self.undone.get(scope).into_iter().flatten();
        let of_visit = undone.filter(|undone| undone.visit == visit);
        of_visit.map(|undone| undone.revision).max().unwrap_or(0)
    }

    /// Whether what was decided in a visit, when there were so many events, was taken back.
    #[must_use]
    pub fn took_back(&self, scope: &str, visit: u32, decided: u64) -> bool {
        let mut undone = self.undone.get(scope).into_iter().flatten();
        undone.any(|one| one.visit == visit && one.from < decided && decided <= one.to)
    }

    /// Whether this is a case that is still under way.
    #[must_use]
    pub fn is_open_case(&self) -> bool {
        self.kind == Kind::Case && self.ended.is_none()
    }

    /// Whether this is a case that was opened by mistake and taken back.
    #[must_use]
    pub fn is_taken_back(&self) -> bool {
        let how = self.ended.as_ref().map(|ended| ended.how);
        how == Some(Ending::TakenBack)
    }
}

fn never(at: Timestamp) -> Happened {
    Happened { count: 0, at }
}

fn again(happened: &mut Happened, at: Timestamp) {
    happened.count += 1;
    happened.at = at;
}
