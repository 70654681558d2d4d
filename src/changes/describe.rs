//! A workflow, thing by thing, in words.

use super::{Key, Kind};
use crate::definition::model::{
    Event, Fact, Fill, Goal, Meeting, MeetingTime, Message, MessageTime, Name, Need, Recurrence,
    Remind, Scope, State, StateId, Stay, Task, Then, Trigger, Workflow,
};
use crate::definition::value::FactKind;
use crate::engine::why::{anchor_words, facts_words, guard_words};
use crate::picture::Words;

/// A thing in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    /// "Opgave »Vurdér egnethed«".
    pub title: String,
    /// What it has, each with what that is. What is empty is not there.
    pub has: Vec<(&'static str, String)>,
}

impl Described {
    fn new(what: &str, title: &str) -> Self {
        Self {
            title: format!("{what} »{title}«"),
            has: Vec::new(),
        }
    }

    fn has(mut self, what: &'static str, words: impl Into<String>) -> Self {
        let words = words.into();
        if !words.is_empty() {
            self.has.push((what, words));
        }
        self
    }

    fn when(self, what: &'static str, is: bool) -> Self {
        self.has(what, if is { "ja" } else { "" })
    }

    /// What it has of something; empty when that is nothing.
    pub fn of(&self, what: &str) -> String {
        let found = self.has.iter().find(|(known, _)| *known == what);
        found.map(|(_, words)| words.clone()).unwrap_or_default()
    }

    /// As something that was not there before.
    pub fn added(&self) -> super::Change {
        let has = self.has.iter();
        let now = has.map(|(what, words)| format!("{} {words}", super::lower(what)));
        super::Change {
            of: self.title.clone(),
            how: super::How::Added { now: now.collect() },
        }
    }
}

/// All that a workflow says, in the order of the file.
pub(super) fn describe(workflow: &Workflow) -> Vec<(Key, Described)> {
    let mut all = Telling {
        workflow,
        words: Words::new(workflow),
        all: Vec::new(),
    };
    all.workflow();
    all.hold();
    for fact in &workflow.facts {
        all.fact(fact, false);
    }
    for (at, state) in workflow.states.iter().enumerate() {
        all.state(StateId(at), state);
    }
    all.scope(&workflow.scope, true, "forløbet");
    all.targets();
    all.all
}

struct Telling<'w> {
    workflow: &'w Workflow,
    words: Words<'w>,
    all: Vec<(Key, Described)>,
}

impl Telling<'_> {
    fn tell(&mut self, kind: Kind, hold: bool, name: &str, described: Described) {
        let name = name.to_owned();
        self.all.push((Key { kind, hold, name }, described));
    }

    fn workflow(&mut self) {
        let workflow = self.workflow;
        let calendar = &workflow.calendar;
        let closed: Vec<String> = calendar.closing_days().iter().map(|day| day.da()).collect();
        let overdue = workflow.overdue.as_ref().map(|overdue| {
            let to = self.roles(&overdue.to);
            format!("til {to} {} efter fristen", overdue.after.da())
        });
        let retention = workflow.retention.as_ref();
        let described = Described::new("Forløbet", &workflow.title)
            .has("Sprog", workflow.language.clone())
            .has("Sendetid", calendar.hours().to_string())
            .has("Helligdage", calendar.holidays().to_string())
            .has("Tidszone", calendar.zone().iana_name().unwrap_or_default())
            .has("Lukkedage", closed.join(", "))
            .has("Mail om overskredne frister", overdue.unwrap_or_default())
            .has(
                "Anonymiseres",
                retention.map_or_else(String::new, |retention| {
                    self.words.point(&retention.anonymise)
                }),
            )
            .has(
                "Journal før anonymisering",
                if retention.is_some_and(|retention| retention.journal_first) {
                    "ja"
                } else {
                    ""
                },
            );
        self.tell(Kind::Workflow, false, "", described);
        for role in &workflow.roles {
            let described = Described::new("Rolle", &role.title).has(
                "Gælder",
                match role.per {
                    crate::definition::model::Per::Candidate => "for hver kandidat",
                    crate::definition::model::Per::Cohort => "for hvert hold",
                    crate::definition::model::Per::Workflow => "for hele forløbet",
                },
            );
            self.tell(Kind::Role, false, &role.name, described);
        }
    }

    fn hold(&mut self) {
        let cohort = &self.workflow.cohort;
        let places = cohort.places.map(|places| places.to_string());
        let described =
            Described::new("Holdet", &cohort.title).has("Pladser", places.unwrap_or_default());
        self.tell(Kind::Workflow, true, "", described);
        for date in &cohort.dates {
            let weekday = date.weekday.map(crate::calendar::weekday_da);
            let described = Described::new("Dato", &date.title)
                .has("Falder på en", weekday.unwrap_or_default());
            self.tell(Kind::Date, true, &date.name, described);
        }
        for fact in &cohort.facts {
            self.fact(fact, true);
        }
        self.scope(&cohort.scope, true, "holdet");
    }

    fn fact(&mut self, fact: &Fact, hold: bool) {
        let kind = match &fact.kind {
            FactKind::OneOf(choices) => {
                let titles: Vec<&str> = choices.iter().map(|(_, title)| &**title).collect();
                format!("én af: {}", titles.join(", "))
            }
            FactKind::YesNo => "ja eller nej".to_owned(),
            FactKind::WholeNumber => "et helt tal".to_owned(),
            FactKind::Decimal => "et tal".to_owned(),
            FactKind::Date => "en dato".to_owned(),
            FactKind::Text { max } => format!("tekst, højst {max} tegn"),
            FactKind::Grade => "en karakter".to_owned(),
        };
        let described = Described::new("Oplysning", &fact.title)
            .has("Er", kind)
            .when("Fortrolig", fact.confidential);
        self.tell(Kind::Fact, hold, &fact.name, described);
    }

    fn state(&mut self, id: StateId, state: &State) {
        let stay = match &state.stay {
            Stay::Open => String::new(),
            Stay::Lasts(length) => length.da(),
            Stay::Until(point) => format!("til {}", self.words.until(point)),
        };
        let parent = state.parent.filter(|parent| *parent != StateId::ROOT);
        let parent = parent.map(|parent| self.workflow.states[parent.0].title.clone());
        if id != StateId::ROOT {
            let described = Described::new("Fase", &state.title)
                .has("Varer", stay)
                .has("Ligger i", parent.unwrap_or_default())
                .has("Fører til", self.then(state.then.as_ref()))
                .has(
                    "Slutter sagen",
                    state
                        .outcome
                        .map_or("", |outcome| self.words.outcome(outcome)),
                )
                .when("Tager en plads", state.holds_place);
            self.tell(Kind::State, false, &state.name, described);
        }
        for event in &state.scope.events {
            let described = Described::new("Hændelse", &event.title)
                .has("Af", self.roles(&event.by))
                .has("Kræver", facts_words(self.workflow, &event.needs))
                .has("Hvis", guard_words(self.workflow, &event.guard))
                .has("Kan fraviges af", self.roles(&event.may_override))
                .has("Fører til", self.then(event.then.as_ref()));
            let name = format!("{}@{}", trigger(event), state.name);
            self.tell(Kind::Event, false, &name, described);
        }
        let title = if id == StateId::ROOT {
            "alle faser"
        } else {
            &state.title
        };
        self.scope(&state.scope, false, title);
    }

    fn scope(&mut self, scope: &Scope, hold: bool, place: &str) {
        for task in &scope.tasks {
            let described = self.task(task, place);
            self.tell(Kind::Task, hold, &task.name, described);
        }
        for meeting in &scope.meetings {
            let described = self.meeting(meeting, place);
            self.tell(Kind::Meeting, hold, &meeting.name, described);
        }
        for message in &scope.messages {
            let described = self.message(message, place);
            self.tell(Kind::Message, hold, &message.name, described);
        }
    }

    fn task(&self, task: &Task, place: &str) -> Described {
        let fills = task.fills.iter().map(|fill| match fill {
            Fill::Fact(fact) => facts_words(self.workflow, std::slice::from_ref(fact)),
            Fill::Role(role) => self.roles(std::slice::from_ref(role)),
        });
        let fills: Vec<String> = fills.collect();
        let optional = |point: Option<&crate::definition::model::Point>| {
            point.map_or_else(String::new, |point| self.words.point(point))
        };
        Described::new("Opgave", &task.title)
            .has("Hører til", place)
            .has("Løses af", self.roles(&task.by))
            .has("Åbner", optional(task.opens.as_ref()))
            .has("Gentages", self.every(task.every.as_ref()))
            .has("Har frist", optional(task.due.as_ref()))
            .has("Åbner senest", optional(task.until.as_ref()))
            .has("Hvis", guard_words(self.workflow, &task.guard))
            .has("Udfylder", fills.join(", "))
            .has("Tømmer", self.states(&task.clears))
            .when("Kan springes over", task.optional)
            .has("Minder om fristen", reminders(&task.remind))
    }

    fn meeting(&self, meeting: &Meeting, place: &str) -> Described {
        let when = match &meeting.when {
            MeetingTime::Between(from, to) => {
                format!(
                    "mellem {} og {}",
                    self.words.point(from),
                    self.words.point(to)
                )
            }
            MeetingTime::Every(rec) => self.every(Some(rec)),
            MeetingTime::Free => "når det aftales".to_owned(),
        };
        let book = meeting.book.as_ref();
        let due = book.map(|book| format!("senest {}", remind(&book.due)));
        Described::new("Møde", &meeting.title)
            .has("Hører til", place)
            .has("Deltagere", self.roles(&meeting.with))
            .has("Er for dem i", self.states(&meeting.about))
            .has("Varer", meeting.lasts.da())
            .has("Ligger", when)
            .has(
                "Bookes af",
                book.map_or_else(String::new, |book| self.roles(&book.by)),
            )
            .has("Bookes", due.unwrap_or_default())
            .has(
                "Minder om at booke",
                book.map_or_else(String::new, |book| reminders(&book.remind)),
            )
            .has("Minder om mødet", reminders(&meeting.remind))
            .has("Hvis", guard_words(self.workflow, &meeting.guard))
    }

    fn message(&self, message: &Message, place: &str) -> Described {
        let (when, until) = match &message.when {
            MessageTime::When { point, until } => (
                self.point_or_entered(point),
                until.as_ref().map(|until| self.words.point(until)),
            ),
            MessageTime::Every(rec) => (self.every(Some(rec)), None),
        };
        let needs = message.needs.iter().map(|need| match need {
            Need::Fact(fact) => facts_words(self.workflow, std::slice::from_ref(fact)),
            Need::Meeting { cohort, name } => anchor_words(
                self.workflow,
                &crate::definition::model::Anchor::Meeting {
                    cohort: *cohort,
                    name: name.clone(),
                },
            ),
        });
        let needs: Vec<String> = needs.collect();
        let gather = message.gather.map(|length| length.da());
        Described::new("Mail", &message.name)
            .has("Hører til", place)
            .has("Skabelon", message.template.clone())
            .has("Går til", self.roles(&message.to))
            .has("Sendes", when)
            .has("Sendes senest", until.unwrap_or_default())
            .has("Hvis", guard_words(self.workflow, &message.guard))
            .has("Venter på", needs.join(", "))
            .has("Er om dem i", self.states(&message.about))
            .has("Samles over", gather.unwrap_or_default())
            .when("Er et nyhedsbrev", message.announcement)
    }

    fn targets(&mut self) {
        for target in &self.workflow.targets {
            let described = Described::new("Mål", &target.title)
                .has("Tæller dem der når", self.states(&[target.reached]))
                .has("Mindst", target.at_least.to_string())
                .has(
                    "Inden",
                    target
                        .deadline
                        .map_or_else(String::new, |day| day.to_string()),
                );
            self.tell(Kind::Target, false, &target.name, described);
        }
    }

    fn point_or_entered(&self, point: &crate::definition::model::Point) -> String {
        let at = point.at.map(crate::calendar::time_da);
        let at = at.map_or_else(String::new, |at| format!(" {at}"));
        format!("{}{at}", self.words.point(point))
    }

    fn every(&self, rec: Option<&Recurrence>) -> String {
        let Some(rec) = rec else {
            return String::new();
        };
        let bound = |word: &str, point: Option<&crate::definition::model::Point>| {
            point.map_or_else(String::new, |point| {
                format!(", {word} {}", self.words.point(point))
            })
        };
        format!(
            "{}{}{}",
            self.words.period(&rec.period),
            bound("fra", rec.from.as_ref()),
            bound("til", rec.until.as_ref())
        )
    }

    fn then(&self, then: Option<&Then>) -> String {
        let goal = |goal: &Goal| match goal {
            Goal::State(id) => format!("»{}«", self.words.title(*id)),
            Goal::NextCohort(id) => self.words.next(*id),
        };
        match then {
            None => String::new(),
            Some(Then::To(to)) => goal(to),
            Some(Then::Branches {
                branches,
                otherwise,
            }) => {
                let branches = branches.iter().map(|(guard, to)| {
                    format!("{}, hvis {}", goal(to), guard_words(self.workflow, guard))
                });
                let branches: Vec<String> = branches.collect();
                format!("{}; ellers {}", branches.join("; "), goal(otherwise))
            }
        }
    }

    fn states(&self, ids: &[StateId]) -> String {
        let titles = ids.iter().map(|id| self.words.title(*id));
        titles.collect::<Vec<_>>().join(", ")
    }

    fn roles(&self, names: &[Name]) -> String {
        let title = |name: &Name| {
            let found = self.workflow.roles.iter().find(|role| role.name == *name);
            found.map_or_else(|| name.to_string(), |role| role.title.clone())
        };
        names.iter().map(title).collect::<Vec<_>>().join(", ")
    }
}

fn trigger(event: &Event) -> String {
    match &event.trigger {
        Trigger::Named(name) => name.to_string(),
        thing @ Trigger::Thing(_) => thing.to_string(),
    }
}

fn reminders(all: &[Remind]) -> String {
    all.iter().map(remind).collect::<Vec<_>>().join(", ")
}

fn remind(remind: &Remind) -> String {
    let at = remind.at.map(crate::calendar::time_da);
    let at = at.map_or_else(String::new, |at| format!(" {at}"));
    format!("{}{at}", remind.shift.da())
}
