//! What a scenario or a file says instead of what would be assumed.

use jiff::Timestamp;
use std::collections::BTreeMap;

use super::{Act, Assumed, order};
use crate::definition::model::{Because, Expect, Fill, Name, Part};
use crate::engine::frame::Frame;
use crate::engine::input::{Input, Refusal, TaskAct};
use crate::runner::context::Context;
use crate::runner::{People, RunError, Runner};

/// Something that a scenario or a file says instead of what would be assumed.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whose.
    pub whom: Whom,
    /// When; `None`: when it would have been assumed.
    pub at: Option<Timestamp>,
    /// What.
    pub what: ToldWhat,
    /// Which step of a scenario says it.
    pub step: Option<usize>,
}

/// Whose something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A case or hold, by row id; a case is followed when it goes on to another hold.
    Subject(i64),
    /// The first of those who only take the hold's places, and still do.
    Other,
    /// The hold after the first.
    NextHold,
}

/// What is said.
#[derive(Clone, Debug)]
pub enum ToldWhat {
    /// This happens.
    Input(Input),
    /// An event that someone in a role raises, and how that must be answered.
    Raise {
        /// The event.
        input: Input,
        /// The role; `None` may do everything.
        by: Option<Name>,
        /// It must be refused, for this reason if one is given.
        refused: Option<Option<Because>>,
    },
    /// A meeting was held, missed or called off.
    Met {
        /// Which.
        meeting: Name,
        /// What.
        part: Part,
        /// Players who did not come, by their place in the list.
        absent: Vec<usize>,
    },
    /// The next hold is created.
    OpenNext,
    /// This is expected by now.
    Expect(Box<Expect>),
    /// The candidate does not come: to the hold's meeting at all, to a meeting of their own the first time.
    Absent(Name),
    /// A task is done, or a meeting booked, so many workdays after its due day.
    Late(Name, u32),
    /// A task is never done, a meeting never booked.
    Never(Name),
}

/// A hold that is to be created later.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// The version it follows.
    pub version_id: i64,
    /// Its title.
    pub title: String,
    /// Its dates.
    pub dates: BTreeMap<Name, jiff::civil::Date>,
    /// Its people.
    pub people: People,
    /// What is known of it.
    pub facts: BTreeMap<crate::definition::model::FactRef, crate::engine::input::Given>,
}

/// What was expected and did not come true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// When.
    pub at: Timestamp,
    /// Whose, row id.
    pub subject: i64,
    /// Which step of the scenario.
    pub step: Option<usize>,
    /// What was expected, in words; empty when something could not be done.
    pub expected: String,
    /// What was found instead.
    pub found: String,
}

impl Unmet {
    /// Both in one line.
    #[must_use]
    pub fn words(&self) -> String {
        if self.expected.is_empty() {
            self.found.clone()
        } else {
            format!("forventet {}, fandt {}", self.expected, self.found)
        }
    }
}

impl Assumed {
    /// What is told next, and its place in the list; of one instant in the order it was told.
    pub(super) fn next_told(&self) -> Option<Act> {
        let open = self
            .told
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.done.contains(index));
        let acts = open.filter_map(|(index, told)| {
            let input = match &told.what {
                ToldWhat::Input(input) | ToldWhat::Raise { input, .. } => input.clone(),
                ToldWhat::Met { meeting, part, .. } => Input::Met {
                    meeting: meeting.clone(),
                    part: *part,
                    attendance: Vec::new(),
                },
                ToldWhat::OpenNext | ToldWhat::Expect(_) => Input::Tick,
                ToldWhat::Absent(_) | ToldWhat::Late(..) | ToldWhat::Never(_) => return None,
            };
            Some(Act {
                at: told.at?,
                subject: self.subject_of(told.whom),
                key: told_key(index),
                input,
                words: super::TOLD.to_owned(),
            })
        });
        acts.min_by(|one, other| (one.at, &one.key).cmp(&(other.at, &other.key)))
    }

    /// Who is meant now. Where nobody is, the hold stands in, which refuses by name.
    fn subject_of(&self, whom: Whom) -> i64 {
        let meant = match whom {
            Whom::Subject(id) => Some(self.followed(id)),
            Whom::Other => {
                let mut others = self.others.iter().copied();
                others.find(|id| self.seen.get(id).is_some_and(|case| case.ended.is_none()))
            }
            Whom::NextHold => self.next_hold,
        };
        meant.unwrap_or(self.hold)
    }

    /// The case in which a person goes on now.
    pub(super) fn followed(&self, mut id: i64) -> i64 {
        while let Some(next) = self.follows.get(&id) {
            id = *next;
        }
        id
    }

    /// What was told, when an act comes of it.
    pub(super) fn told_of(&self, act: &Act) -> Option<(usize, &Told)> {
        let index = act.key.strip_prefix(TOLD_KEY)?.parse().ok()?;
        Some((index, self.told.get(index)?))
    }

    /// Cases that a told meeting of the hold names as absent.
    pub(super) fn told_absent(&self, act: &Act) -> Vec<i64> {
        match self.told_of(act) {
            Some((_, told)) => match &told.what {
                ToldWhat::Met { absent, .. } => absent
                    .iter()
                    .filter_map(|player| self.players.get(*player))
                    .map(|id| self.followed(*id))
                    .collect(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    pub(super) fn is_earlier(told: &Act, expected: &Act) -> bool {
        order(told) < order(expected)
    }
}

const TOLD_KEY: &str = "told ";

fn told_key(index: usize) -> String {
    format!("{TOLD_KEY}{index:06}")
}

/// A told task that finds a role's people finds the invented ones.
pub(super) fn with_people(input: Input, context: &Context, assumed: &Assumed) -> Input {
    let Input::Task {
        task,
        act: TaskAct::Done,
        set,
        assign,
    } = input
    else {
        return input;
    };
    let mut assign = assign;
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let open = frame.open();
    let defined = open
        .iter()
        .flat_map(|open| &open.scope.tasks)
        .find(|known| known.name == task);
    for fill in defined.iter().flat_map(|task| &task.fills) {
        if let Fill::Role(role) = fill
            && context.subject.people.get(role).is_none_or(Vec::is_empty)
        {
            let stand_in = assumed.stand_in(&context.version.workflow.id, role);
            assign.entry(role.clone()).or_insert(stand_in);
        }
    }
    Input::Task {
        task,
        act: TaskAct::Done,
        set,
        assign,
    }
}

impl Runner {
    /// What came of an act that was told: expectations are looked at, refusals compared.
    pub(super) async fn told(
        &self,
        act: &Act,
        index: usize,
        refused: Option<Refusal>,
        assumed: &mut Assumed,
    ) -> Result<(), RunError> {
        assumed.done.insert(index);
        let Some(told) = assumed.told.get(index).cloned() else {
            return Ok(());
        };
        let found = match &told.what {
            ToldWhat::Expect(expect) => self.expect(act, &told, expect, assumed).await?,
            ToldWhat::Raise {
                refused: Some(because),
                ..
            } => self.refused(act, *because, refused).await?,
            ToldWhat::OpenNext => {
                self.open_next_hold(assumed).await?;
                Vec::new()
            }
            _ => match refused {
                Some(refusal) => vec![(String::new(), self.refusal_words(act, &refusal).await?)],
                None => Vec::new(),
            },
        };
        let unmet = found.into_iter().map(|(expected, found)| Unmet {
            at: act.at,
            subject: act.subject,
            step: told.step,
            expected,
            found,
        });
        assumed.unmet.extend(unmet);
        Ok(())
    }

    async fn refused(
        &self,
        act: &Act,
        because: Option<Because>,
        refused: Option<Refusal>,
    ) -> Result<Vec<(String, String)>, RunError> {
        let word = |because: Because| {
            let found = Because::WORDS
                .iter()
                .find(|(_, known, _)| *known == because);
            found.map_or("", |(word, ..)| *word)
        };
        let expected = match because {
            Some(because) => format!("afvisning (because: {})", word(because)),
            None => "afvisning".to_owned(),
        };
        Ok(match refused {
            None => vec![(expected, "at det blev gjort".to_owned())],
            Some(refusal) if because.is_some() && reason(&refusal) != because => {
                vec![(expected, self.refusal_words(act, &refusal).await?)]
            }
            Some(_) => Vec::new(),
        })
    }

    async fn refusal_words(&self, act: &Act, refusal: &Refusal) -> Result<String, RunError> {
        let context = self.context(act.subject).await?;
        let (workflow, kind) = (&context.version.workflow, context.subject.kind);
        let words = crate::runner::desk::refusal_words(workflow, kind, refusal);
        Ok(format!("afvist: {words}"))
    }

    /// Creates the hold after the first.
    pub(in crate::runner) async fn open_next_hold(
        &self,
        assumed: &mut Assumed,
    ) -> Result<(), RunError> {
        let Some(new) = assumed.to_open.take() else {
            return Ok(());
        };
        let opened = self
            .open_cohort(
                new.version_id,
                &new.title,
                new.dates,
                new.people,
                &new.facts,
            )
            .await?;
        assumed.ids.push(opened.id);
        assumed.names.insert(opened.id, new.title);
        assumed.next_hold = Some(opened.id);
        Ok(())
    }
}

fn reason(refusal: &Refusal) -> Option<Because> {
    match refusal {
        Refusal::NeedsFacts { .. } => Some(Because::Needs),
        Refusal::GuardFalse { .. } => Some(Because::If),
        Refusal::NotHere { .. } => Some(Because::State),
        Refusal::NotAllowed { .. } => Some(Because::By),
        Refusal::HoldFull { .. } => Some(Because::Full),
        Refusal::NoNextCohort => Some(Because::NextCohort),
        Refusal::Ended { .. } => Some(Because::Ended),
        _ => None,
    }
}
