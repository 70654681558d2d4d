//! What people do to a hold as a whole, or to the days of a case: other dates, pauses, the end of
//! it all, and what identifies a candidate gone; and mail that is to be said again.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Run;
use crate::definition::model::{MessageTime, Name};
use crate::engine::effect::Effect;
use crate::engine::event::Event;
use crate::engine::frame::Frame;
use crate::engine::input::Refusal;
use crate::engine::pause::Pause;
use crate::engine::plan;
use crate::engine::subject::{Ending, Kind, Mark};

impl Run<'_> {
    fn only_hold(&self, what: &'static str) -> Result<(), Refusal> {
        match self.subject.kind {
            Kind::Cohort => Ok(()),
            Kind::Case | Kind::Workflow => Err(Refusal::OnlyHold { what }),
        }
    }

    /// Moves dates of the hold. Everything that is planned is measured from the new ones.
    pub(super) fn move_dates(&mut self, dates: &BTreeMap<Name, Date>) -> Result<(), Refusal> {
        self.only_hold("have its dates moved")?;
        for (name, day) in dates {
            let mut known = self.view.workflow.cohort.dates.iter();
            let known = known.find(|known| known.name == *name);
            let known = known.ok_or_else(|| Refusal::NoSuchDate {
                date: name.to_string(),
            })?;
            let other = known.weekday.filter(|weekday| *weekday != day.weekday());
            if let Some(weekday) = other {
                return Err(Refusal::WrongWeekday {
                    date: name.to_string(),
                    day: *day,
                    weekday: crate::calendar::weekday_en(weekday).to_owned(),
                });
            }
        }
        let held = &self.subject.dates;
        let others = dates
            .iter()
            .filter(|(name, day)| held.get(*name) != Some(day));
        let dates: BTreeMap<Name, Date> = others.map(|(name, day)| (name.clone(), *day)).collect();
        if !dates.is_empty() {
            self.happen(Event::DatesMoved { dates });
        }
        Ok(())
    }

    /// A pause of a hold or a case; one that begins on the same day gets another last day.
    pub(super) fn pause(&mut self, pause: Pause) -> Result<(), Refusal> {
        let Pause { first, last } = pause;
        if self.subject.kind == Kind::Workflow {
            return Err(Refusal::OnlyHold {
                what: "stand still",
            });
        }
        if last < first {
            return Err(Refusal::PauseBackwards { first, last });
        }
        let mut others = self.subject.pauses.iter();
        let there =
            others.find(|(begins, ends)| **begins != first && **begins <= last && first <= **ends);
        if let Some((first, last)) = there {
            let (first, last) = (*first, *last);
            return Err(Refusal::PauseThere { first, last });
        }
        if self.subject.pauses.get(&first) != Some(&last) {
            self.happen(Event::Paused { first, last });
        }
        Ok(())
    }

    /// Lifts a pause. Of one that has begun, the days that are over have been.
    pub(super) fn unpause(&mut self, first: Date) -> Result<(), Refusal> {
        let Some(last) = self.subject.pauses.get(&first).copied() else {
            return Err(Refusal::NoSuchPause { first });
        };
        let eve = self.today().yesterday().unwrap_or(Date::MIN);
        if eve < first {
            self.happen(Event::Unpaused { first });
        } else if eve < last {
            self.happen(Event::Paused { first, last: eve });
        }
        Ok(())
    }

    /// Cancels the hold: tasks are withdrawn, meetings called off; its cases hear of it and end.
    pub(super) fn cancel_hold(&mut self) -> Result<(), Refusal> {
        self.only_hold("be cancelled")?;
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let scope = &self.view.workflow.cohort.scope;
        self.withdraw_tasks(&frame, scope);
        self.call_off(&frame, scope);
        self.end_cancelled();
        Ok(())
    }

    /// The hold was cancelled: a case ends where it stands, and gives its place back.
    pub(super) fn hold_ends(&mut self, frame: &Frame<'_>) {
        let path = frame.path();
        for id in path.iter().rev() {
            let scope = &self.view.workflow.states[id.0].scope;
            self.withdraw_tasks(frame, scope);
            self.call_off(frame, scope);
        }
        self.swap_places(&path, &[]);
        self.end_cancelled();
    }

    /// A case that was opened by mistake: nothing of it is wanted any more, and it counts nowhere.
    pub(super) fn take_back(&mut self, forget: bool) -> Result<(), Refusal> {
        if self.subject.kind != Kind::Case {
            return Err(Refusal::OnlyCase {
                what: "be taken back",
            });
        }
        self.break_off(Ending::TakenBack);
        if forget {
            self.erase();
        }
        Ok(())
    }

    /// A case is anonymised because a person wants it; one that is under way ends with it. One that time has anonymised
    /// a moment before is as it is wanted.
    pub(super) fn anonymise(&mut self, running: bool) -> Result<(), Refusal> {
        if self.subject.kind != Kind::Case {
            return Err(Refusal::OnlyCase {
                what: "be anonymised",
            });
        }
        if self.subject.anonymised {
            return Ok(());
        }
        if let Some(why) = plan::keeps(&Frame::new(self.view, &self.subject)) {
            return Err(Refusal::Kept { why });
        }
        match &self.subject.ended {
            Some(_) => {}
            None if running => self.break_off(Ending::Erased),
            None => return Err(Refusal::UnderWay),
        }
        self.erase();
        Ok(())
    }

    pub(super) fn erase(&mut self) {
        self.happen(Event::Anonymised);
        self.effects.push(Effect::Anonymise);
    }

    /// A case ends where it stands, for a reason that its workflow does not know, and gives its place back.
    fn break_off(&mut self, how: Ending) {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let path = frame.path();
        for id in path.iter().rev() {
            let scope = &self.view.workflow.states[id.0].scope;
            self.withdraw_tasks(&frame, scope);
            self.call_off(&frame, scope);
        }
        self.swap_places(&path, &[]);
        self.tell_hold(&path, &[]);
        self.happen(Event::Ended {
            how,
            day: self.today(),
            moved_by: None,
        });
    }

    fn end_cancelled(&mut self) {
        self.happen(Event::Ended {
            how: Ending::Cancelled,
            day: self.today(),
            moved_by: None,
        });
    }

    /// A person wants a mail said again: it is planned anew, and goes at once when its time has passed.
    pub(super) fn say_again(&mut self, occurrence: &str, revision: u32) -> Result<(), Refusal> {
        let refuse = |why| Refusal::NotAgain {
            occurrence: occurrence.to_owned(),
            why,
        };
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let Some((open, message, ordinal)) = plan::said(&frame, occurrence) else {
            return Err(refuse(
                "it is no message of a state that the case is in now",
            ));
        };
        if !matches!(message.when, MessageTime::When { .. }) || message.gather.is_some() {
            return Err(refuse("what recurs or is gathered says it anew by itself"));
        }
        let declaration = format!("message.{}", message.name);
        let mark = before.mark(&open.name, &declaration);
        let newest = before.again.get(occurrence).copied().unwrap_or_default();
        if *mark.unwrap_or(&Mark::Decided(0)) != Mark::Decided(ordinal) || revision <= newest {
            return Err(refuse(
                "only the latest of it can be, and only once it was decided",
            ));
        }
        self.happen(Event::Again {
            scope: open.name,
            declaration,
            ordinal,
            occurrence: occurrence.to_owned(),
            revision,
        });
        Ok(())
    }
}
