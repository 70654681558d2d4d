//! What a change brings, for people: with names, and like cases together.

use serde::Serialize;

use crate::engine::subject::Kind;
use crate::runner::change::{Brings, DayMoved, Hindered, HinderedBy, MailMoved, Of};
use crate::runner::context::Context;
use crate::runner::desk::{Desk, DeskError};

/// What a change would bring to a hold and its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BringsShown {
    /// How many cases there are of each kind; one may be of several.
    pub counts: Verdicts,
    /// Cases to which it brings the same, together; the hold itself last.
    pub groups: Vec<Group>,
    /// It is no hold, but what a workflow says over all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub over_all: bool,
}

/// Of how many cases what is to be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// All of them.
    pub cases: usize,
    /// Nothing is otherwise.
    pub unchanged: usize,
    /// Days move, come or go.
    pub dates_move: usize,
    /// Mails leave at another time, or say other words.
    pub mails_move: usize,
    /// Mails come that would not have been.
    pub mails_added: usize,
    /// Mails do not leave that would have.
    pub mails_dropped: usize,
    /// Something would be said that has been said.
    pub repeats: usize,
    /// A deadline or a meeting cannot be kept any more.
    pub impossible: usize,
    /// It cannot go along as it is.
    pub blocked: usize,
    /// It would never come to an end.
    pub cannot_end: usize,
}

/// What is to be said of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is otherwise.
    Unchanged,
    /// Days move, come or go.
    DatesMove,
    /// Mails leave at another time, or say other words.
    MailsMove,
    /// Mails come that would not have been.
    MailsAdded,
    /// Mails do not leave that would have.
    MailsDropped,
    /// Something would be said that has been said.
    Repeats,
    /// A deadline or a meeting cannot be kept any more.
    Impossible,
    /// It cannot go along as it is.
    Blocked,
    /// It would never come to an end.
    CannotEnd,
}

/// Cases to which a change brings the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Id and name of each; of the hold its title.
    pub of: Vec<(String, String)>,
    /// It is the hold.
    pub is_hold: bool,
    /// The title of another hold, at which these cases begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// What is to be said of them.
    pub verdicts: Vec<Verdict>,
    /// Why they cannot go along. Danish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hindered: Option<String>,
    /// Their state before and after, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<(String, String)>,
    /// Days.
    pub days: Vec<DayMoved>,
    /// Mails.
    pub mails: Vec<MailMoved>,
    /// What cannot be kept any more. Danish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub impossible: Vec<String>,
}

impl Group {
    /// Mails that follow each other and of which the same is to be said, together.
    #[must_use]
    pub fn alike(&self) -> Vec<&[MailMoved]> {
        let same = |a: &MailMoved, b: &MailMoved| {
            let said = |mail: &MailMoved| {
                let moves = mail.before != mail.after;
                let there = (mail.before.is_some(), mail.after.is_some(), moves);
                (there, mail.reads_otherwise, mail.repeats, mail.calendar)
            };
            (&a.subject, &a.seat, said(a)) == (&b.subject, &b.seat, said(b))
        };
        self.mails.chunk_by(same).collect()
    }

    /// Nothing is otherwise for them.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.verdicts == [Verdict::Unchanged]
    }

    /// They cannot go along.
    #[must_use]
    pub fn is_hindered(&self) -> bool {
        self.hindered.is_some()
    }
}

impl Verdict {
    /// What is to be said of a case.
    pub(super) fn all_of(of: &Of) -> Vec<Self> {
        match &of.hindered {
            Some(Hindered {
                kind: HinderedBy::Blocked,
                ..
            }) => return vec![Self::Blocked],
            Some(Hindered {
                kind: HinderedBy::CannotEnd,
                ..
            }) => return vec![Self::CannotEnd],
            None => {}
        }
        let mails = |is: &dyn Fn(&MailMoved) -> bool| of.mails.iter().any(is);
        let all = [
            (Self::DatesMove, !of.days.is_empty() || of.state.is_some()),
            (
                Self::MailsMove,
                mails(&|mail| mail.before.is_some() && mail.after.is_some()),
            ),
            (
                Self::MailsAdded,
                mails(&|mail| mail.before.is_none() && !mail.repeats),
            ),
            (Self::MailsDropped, mails(&|mail| mail.after.is_none())),
            (Self::Repeats, mails(&|mail| mail.repeats)),
            (Self::Impossible, !of.impossible.is_empty()),
        ];
        let mut found: Vec<Self> = (all.into_iter())
            .filter_map(|(verdict, is)| is.then_some(verdict))
            .collect();
        if found.is_empty() {
            found.push(Self::Unchanged);
        }
        found
    }

    /// What is to be said, of one or several. Danish.
    #[must_use]
    pub fn da(self) -> &'static str {
        match self {
            Self::Unchanged => "uændret",
            Self::DatesMove => "andre datoer",
            Self::MailsMove => "mails på andre tidspunkter eller med andre ord",
            Self::MailsAdded => "mails kommer til",
            Self::MailsDropped => "mails bortfalder",
            Self::Repeats => "noget ville blive sendt igen",
            Self::Impossible => "noget kan ikke længere nås",
            Self::Blocked => "kan ikke følge med",
            Self::CannotEnd => "ville aldrig nå til ende",
        }
    }
}

impl Verdicts {
    fn count(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Unchanged => &mut self.unchanged,
            Verdict::DatesMove => &mut self.dates_move,
            Verdict::MailsMove => &mut self.mails_move,
            Verdict::MailsAdded => &mut self.mails_added,
            Verdict::MailsDropped => &mut self.mails_dropped,
            Verdict::Repeats => &mut self.repeats,
            Verdict::Impossible => &mut self.impossible,
            Verdict::Blocked => &mut self.blocked,
            Verdict::CannotEnd => &mut self.cannot_end,
        };
        *count += 1;
    }

    /// Each with how many cases it is said of, without those that are said of none.
    #[must_use]
    pub fn said(&self) -> Vec<(Verdict, usize)> {
        let all = [
            (Verdict::Unchanged, self.unchanged),
            (Verdict::DatesMove, self.dates_move),
            (Verdict::MailsMove, self.mails_move),
            (Verdict::MailsAdded, self.mails_added),
            (Verdict::MailsDropped, self.mails_dropped),
            (Verdict::Repeats, self.repeats),
            (Verdict::Impossible, self.impossible),
            (Verdict::Blocked, self.blocked),
            (Verdict::CannotEnd, self.cannot_end),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

impl Desk {
    /// What a change brings, with names; of cases that whoever asks does not see, nothing.
    pub(in crate::runner::desk) async fn shown_of(
        &self,
        hold: &Context,
        mut brings: Brings,
    ) -> Result<BringsShown, DeskError> {
        let seen = self.cases_on(hold).await?;
        let begun = |of: &Of| of.begun.as_ref().map(|begun| begun.person);
        brings.subjects.retain(|of| match begun(of) {
            Some(person) => seen.iter().any(|case| case.row.person_id == Some(person)),
            None => !of.is_case || seen.iter().any(|case| case.row.id == of.row),
        });
        let seen: Vec<i64> = seen.iter().map(|case| case.row.id).collect();
        self.saw(&seen, "report").await?;
        let rows: Vec<i64> = brings.subjects.iter().map(|of| of.row).collect();
        let contexts = self.runner().contexts(&rows).await?;
        let person = |of: &Of| {
            let context = contexts.iter().find(|one| one.row.id == of.row);
            begun(of).or_else(|| context.and_then(|one| one.row.person_id))
        };
        let people: Vec<i64> = brings.subjects.iter().filter_map(person).collect();
        let people = self.runner().store().people(&people).await?;
        let name = |of: &Of| {
            let person = person(of).and_then(|id| people.get(&id));
            let name = person.map(|person| person.name.clone());
            name.filter(|name| !name.is_empty())
                .unwrap_or_else(|| "(anonymiseret)".to_owned())
        };
        let mut counts = Verdicts::default();
        let mut groups: Vec<Group> = Vec::new();
        let roles = &hold.version.workflow.roles;
        let title = |seat: &str| {
            let role = seat.split(':').next().unwrap_or_default();
            let found = roles.iter().find(|known| *known.name == *role);
            found.map_or_else(|| role.to_owned(), |known| known.title.clone())
        };
        for mut of in brings.subjects {
            for mail in &mut of.mails {
                mail.to = title(&mail.seat);
            }
            let verdicts = Verdict::all_of(&of);
            if of.is_case && of.begun.is_none() {
                counts.cases += 1;
                for verdict in &verdicts {
                    counts.count(*verdict);
                }
            }
            let named = if of.is_case {
                (of.id.clone(), name(&of))
            } else {
                (of.id.clone(), super::title_of(hold))
            };
            let group = Group {
                of: Vec::new(),
                is_hold: !of.is_case,
                on: of.begun.map(|begun| begun.hold),
                verdicts,
                hindered: of.hindered.map(|hindered| hindered.why),
                state: of.state,
                days: of.days,
                mails: of.mails,
                impossible: of.impossible,
            };
            let same = groups.iter_mut().find(|known| {
                let alone = Group {
                    of: Vec::new(),
                    ..(*known).clone()
                };
                alone == group
            });
            match same {
                Some(known) => known.of.push(named),
                None => groups.push(Group {
                    of: vec![named],
                    ..group
                }),
            }
        }
        Ok(BringsShown {
            counts,
            groups,
            over_all: hold.subject.kind == Kind::Workflow,
        })
    }
}
