//! The names that each kind of mail supplies, for the checker of templates: the same that this room
//! fills. [`misfit`] holds the two together wherever mail is written in a debug build, so that every
//! simulation shows that neither has drifted.

use serde_json::Value as Json;

use crate::definition::model::{
    CANDIDATE, Compare, Fact, FactRef, JOBCENTRE, Meeting, Message, MessageTime, Need, Per,
    StateId, StatePart, Stay, Test, Workflow,
};
use crate::definition::model::{Anchor, Name, Point};
use crate::definition::value::FactKind;
use crate::engine::effect::{About, Intent};
use crate::engine::subject::Kind as Of;
use crate::message::{Blank, Kind, Supply};

/// A mail that a workflow can send, with what its template may use.
pub(crate) struct Mail<'w> {
    /// The message, meeting or task that it comes of.
    pub name: &'w str,
    /// Templates that are tried, the first that exists.
    pub templates: Vec<String>,
    /// The roles it goes to, which all get the same names.
    pub to: Vec<&'w str>,
    /// What its template may use.
    pub names: Supply,
}

/// What a mail says.
#[derive(Clone, Copy)]
enum What<'w> {
    Message(&'w Message),
    Meeting(&'w Meeting),
    /// What is gathered of tasks, and of bookings.
    Task,
    Booking,
    /// Of either.
    Overdue,
}

/// Whose mail it is, and what it says.
#[derive(Clone, Copy)]
struct Sort<'w> {
    workflow: &'w Workflow,
    of: Of,
    what: What<'w>,
    /// The state that says it; none for what the hold or the workflow says.
    home: Option<StateId>,
}

/// Every mail of a workflow, once for each kind of recipient.
pub(crate) fn mails(workflow: &Workflow) -> Vec<Mail<'_>> {
    let mut all = Vec::new();
    for (at, state) in workflow.states.iter().enumerate() {
        let home = Some(StateId(at));
        of_scope(workflow, Of::Case, home, &state.scope, &mut all);
    }
    of_scope(
        workflow,
        Of::Cohort,
        None,
        &workflow.cohort.scope,
        &mut all,
    );
    of_scope(workflow, Of::Workflow, None, &workflow.scope, &mut all);
    all
}

fn of_scope<'w>(
    workflow: &'w Workflow,
    of: Of,
    home: Option<StateId>,
    scope: &'w crate::definition::model::Scope,
    all: &mut Vec<Mail<'w>>,
) {
    let mut add = |name: &'w Name, what, templates: Vec<String>, to: &'w [Name]| {
        let sort = Sort {
            workflow,
            of,
            what,
            home,
        };
        let mut groups: Vec<Vec<&'w str>> = Vec::new();
        for role in to {
            let like = groups.iter_mut().find(|group| kin(group[0]) == kin(role));
            match like {
                Some(group) => group.push(role),
                None => groups.push(vec![role]),
            }
        }
        all.extend(groups.into_iter().map(|to| Mail {
            name,
            templates: templates.clone(),
            names: sort.names(&to),
            to,
        }));
    };
    for message in &scope.messages {
        let templates = vec![message.template.clone()];
        add(&message.name, What::Message(message), templates, &message.to);
    }
    let both = |name: &Name, own: &str, general: &str| {
        vec![
            format!("{}-{own}", name.replace('_', "-")),
            general.to_owned(),
        ]
    };
    let overdue = workflow.overdue.as_ref().map(|rule| &rule.to[..]);
    for meeting in &scope.meetings {
        let name = &meeting.name;
        let mut words = vec!["invitation", "moved", "cancelled"];
        words.extend((!meeting.remind.is_empty()).then_some("reminder"));
        for word in words {
            let templates = both(name, word, &format!("meeting-{word}"));
            add(name, What::Meeting(meeting), templates, &meeting.with);
        }
        if let Some(book) = &meeting.book {
            if !book.remind.is_empty() {
                let templates = both(name, "booking-reminder", "booking-reminder");
                add(name, What::Booking, templates, &book.by);
            }
            if let Some(to) = overdue {
                let templates = both(name, "task-overdue", "task-overdue");
                add(name, What::Overdue, templates, to);
            }
        }
    }
    for task in &scope.tasks {
        if !task.remind.is_empty() {
            let templates = both(&task.name, "task-reminder", "task-reminder");
            add(&task.name, What::Task, templates, &task.by);
        }
        if let (Some(to), Some(_)) = (overdue, &task.due) {
            let templates = both(&task.name, "task-overdue", "task-overdue");
            add(&task.name, What::Overdue, templates, to);
        }
    }
}

/// Recipients who are told of in the same way: the candidate, a jobcentre, any other person.
fn kin(role: &str) -> usize {
    match role {
        CANDIDATE => 0,
        JOBCENTRE => 1,
        _ => 2,
    }
}

impl Sort<'_> {
    fn names(&self, to: &[&str]) -> Supply {
        let gathered = self.is_gathered();
        let mut all = vec![
            ("recipient", recipient(self.workflow, to)),
            (
                "contact",
                Supply::map([
                    ("name", Supply::text()),
                    ("email", Supply::text().or_empty()),
                    ("phone", Supply::text().or_empty()),
                    ("title", Supply::text()),
                ]),
            ),
            ("organisation", Supply::text()),
            (
                "workflow",
                Supply::map([
                    ("id", one(&self.workflow.id)),
                    ("title", one(&self.workflow.title)),
                ]),
            ),
            (
                "link",
                one("https://tovholder.example/sager/0193").or_empty(),
            ),
            ("cohort", self.cohort()),
            ("people", self.people(to)),
        ];
        if gathered {
            all.push(("items", Supply::list(self.item(), 1)));
            return Supply::map(all);
        }
        match self.of {
            Of::Case => all.extend(self.case()),
            Of::Cohort => {
                all.push(("states", self.states()));
                all.push(("cohort_meetings", self.meetings(true)));
            }
            Of::Workflow => {}
        }
        if self.of != Of::Case {
            all.push(("candidate", Supply::new(Kind::Nothing)));
        }
        all.push(("event", self.event()));
        match self.what {
            What::Meeting(meeting) => all.push(("meeting", self.meeting(meeting))),
            What::Message(message) if self.of != Of::Case => all.extend(self.digest(message, to)),
            _ => {}
        }
        Supply::map(all)
    }

    fn is_gathered(&self) -> bool {
        match self.what {
            What::Message(message) => message.gather.is_some(),
            What::Meeting(_) => false,
            What::Task | What::Booking | What::Overdue => true,
        }
    }

    fn cohort(&self) -> Supply {
        if self.of == Of::Workflow {
            return Supply::new(Kind::Nothing);
        }
        let cohort = &self.workflow.cohort;
        let starts = cohort.dates.iter().any(|date| *date.name == *"start");
        let number = |given: bool| if given { Kind::Number } else { Kind::Nothing };
        let alone = self.of == Of::Case && !self.is_gathered();
        let dates = cohort.dates.iter().map(|date| {
            let day = Supply::new(Kind::Date);
            (date.name.to_string(), day)
        });
        Supply::map([
            ("title", Supply::text()),
            (
                "start",
                Supply::new(if starts { Kind::Date } else { Kind::Nothing }),
            ),
            ("dates", Supply::map(dates)),
            ("places", Supply::new(number(cohort.places.is_some()))),
            (
                "free_places",
                Supply::new(number(cohort.places.is_some() && alone)),
            ),
            ("facts", self.facts(&cohort.facts, true)),
        ])
    }

    fn people(&self, to: &[&str]) -> Supply {
        let alone = self.of == Of::Case && !self.is_gathered();
        let roles = self
            .workflow
            .roles
            .iter()
            .filter(|role| role.per != Per::Candidate || alone);
        Supply::map(roles.map(|role| {
            let person = Supply::map([
                ("name", Supply::text()),
                ("email", Supply::text().or_empty()),
                ("phone", Supply::text().or_empty()),
                ("organisation", Supply::text().or_empty()),
            ]);
            // Whoever gets the mail has the role, when nobody else does.
            let least = usize::from(to == [&*role.name] && kin(&role.name) == 2);
            (role.name.to_string(), Supply::list(person, least))
        }))
    }

    fn facts(&self, facts: &[Fact], cohort: bool) -> Supply {
        Supply::map(facts.iter().map(|fact| {
            let supply = if fact.confidential {
                Supply::new(Kind::Confidential)
            } else {
                let supply = Supply::new(kind(&fact.kind));
                if self.is_known(&fact.name, cohort) {
                    supply
                } else {
                    supply.or_empty()
                }
            };
            (fact.name.to_string(), supply)
        }))
    }

    /// What the message waits for, or asks about, is recorded when it leaves.
    fn is_known(&self, name: &Name, cohort: bool) -> bool {
        let What::Message(message) = self.what else {
            return false;
        };
        let is = |fact: &FactRef| fact.cohort == cohort && fact.name == *name;
        let needed = message
            .needs
            .iter()
            .any(|need| matches!(need, Need::Fact(fact) if is(fact)));
        let asked = message.guard.0.iter().any(|test| match test {
            Test::Fact(fact, compare) => {
                is(fact)
                    && matches!(
                        compare,
                        Compare::In(_) | Compare::Within { .. } | Compare::Recorded(true)
                    )
            }
            _ => false,
        });
        needed || asked
    }

    fn case(&self) -> [(&'static str, Supply); 6] {
        [
            ("candidate", candidate()),
            (
                "case",
                Supply::map([
                    ("id", Supply::text()),
                    ("state", Supply::text()),
                    ("since", Supply::new(Kind::Date)),
                ]),
            ),
            ("facts", self.facts(&self.workflow.facts, false)),
            ("states", self.states()),
            ("meetings", self.meetings(false)),
            ("cohort_meetings", self.meetings(true)),
        ]
    }

    fn states(&self) -> Supply {
        let workflow = self.workflow;
        let states = workflow.states.iter().enumerate().skip(1);
        Supply::map(states.map(|(at, state)| {
            let (first, last) = self.days(StateId(at));
            let days = [
                ("title", one(&state.title)),
                ("first_day", first),
                ("last_day", last),
            ];
            (state.name.to_string(), Supply::map(days))
        }))
    }

    /// The first and the last day of a state: known of the state that speaks and of what it is in.
    fn days(&self, id: StateId) -> (Supply, Supply) {
        let day = || Supply::new(Kind::Date);
        let state = &self.workflow.states[id.0];
        if self.is_home(id) {
            let ends = matches!(state.stay, Stay::Lasts(_)) || self.counts_from(id);
            let last = if ends { day() } else { day().or_empty() };
            return (day(), last);
        }
        if self.counts_from(id) {
            return (day(), day());
        }
        match state.stay {
            Stay::Lasts(_) => (
                day().or_empty_with("days"),
                day().or_empty_with("days"),
            ),
            Stay::Open | Stay::Until(_) => (day().or_empty(), day().or_empty()),
        }
    }

    fn is_home(&self, id: StateId) -> bool {
        let states = &self.workflow.states;
        std::iter::successors(self.home, |at| states[at.0].parent).any(|at| at == id)
    }

    /// Whether the message's own moment is measured from a state's last day, which is known then.
    fn counts_from(&self, id: StateId) -> bool {
        let What::Message(message) = self.what else {
            return false;
        };
        let MessageTime::When { point, .. } = &message.when else {
            return false;
        };
        let part = StatePart::LastDay;
        point.anchor == Anchor::State { state: id, part }
    }

    fn meetings(&self, cohort: bool) -> Supply {
        let hold = &self.workflow.cohort.scope.meetings;
        let own = self.workflow.states.iter();
        let all: Vec<&Meeting> = if cohort {
            hold.iter().collect()
        } else {
            own.flat_map(|state| &state.scope.meetings).collect()
        };
        Supply::map(all.into_iter().map(|meeting| {
            let moment = Supply::new(Kind::Moment);
            let moment = if self.is_booked(&meeting.name, cohort) {
                moment
            } else {
                moment.or_empty_with("booking")
            };
            let names = Supply::map([
                ("title", one(&meeting.title)),
                ("start", moment.clone()),
                ("end", moment),
                ("minutes", Supply::new(Kind::Number)),
                ("place", Supply::text().or_empty()),
            ]);
            (meeting.name.to_string(), names)
        }))
    }

    /// Whether the mail waits for a meeting to be booked, or is measured from it.
    fn is_booked(&self, name: &Name, cohort: bool) -> bool {
        let What::Message(message) = self.what else {
            return false;
        };
        let needed = message.needs.iter().any(|need| match need {
            Need::Meeting {
                cohort: of,
                name: other,
            } => *of == cohort && other == name,
            Need::Fact(_) => false,
        });
        let measured = match &message.when {
            MessageTime::When { point, .. } => matches!(
                &point.anchor,
                Anchor::Meeting { cohort: of, name: other } if *of == cohort && other == name
            ),
            MessageTime::Every(_) => false,
        };
        needed || measured
    }

    /// The meeting that an invitation and what follows it are about.
    fn meeting(&self, meeting: &Meeting) -> Supply {
        let most = if self.of == Of::Case { usize::MAX } else { 0 };
        let participants = Kind::List(Box::new(Supply::text()), 0, most);
        Supply::map([
            ("title", one(&meeting.title)),
            ("start", Supply::new(Kind::Moment)),
            ("end", Supply::new(Kind::Moment)),
            ("minutes", Supply::new(Kind::Number)),
            ("place", Supply::text().or_empty()),
            ("participants", Supply::new(participants)),
        ])
    }

    fn event(&self) -> Supply {
        match self.event_is_said() {
            When::Always => event(),
            When::Maybe => event().or_empty(),
            When::Never => Supply::new(Kind::Nothing),
        }
    }

    /// Whether the mail knows what it was sent for: what has happened by then has a moment.
    fn event_is_said(&self) -> When {
        let What::Message(message) = self.what else {
            return When::Never;
        };
        match &message.when {
            MessageTime::Every(_) => When::Never,
            MessageTime::When { point, .. } if is_news(point) => When::Always,
            MessageTime::When { .. } => When::Maybe,
        }
    }

    fn digest(&self, message: &Message, to: &[&str]) -> [(&'static str, Supply); 4] {
        let workflow = self.workflow;
        let role = |name: &str| {
            let mut roles = workflow.roles.iter();
            roles.find(|role| *role.name == *name).map(|role| role.per)
        };
        // Whom no case concerns is not written to.
        let own = to.iter().all(|name| role(name) == Some(Per::Candidate));
        let least = usize::from(own);
        let mut named = message.about.clone();
        if named.is_empty() {
            named = (1..workflow.states.len()).map(StateId).collect();
        }
        let group = |title: Supply, least: usize| {
            [
                ("title", title),
                ("count", Supply::new(Kind::Number)),
                ("cases", Supply::list(digest_case(workflow), least)),
            ]
        };
        let by_state = named.into_iter().map(|id| {
            let state = &workflow.states[id.0];
            let names = group(one(&state.title), 0);
            (state.name.to_string(), Supply::map(names))
        });
        let cohorts = group(Supply::text(), 1)
            .into_iter()
            .chain([("start", start(workflow))]);
        [
            ("count", Supply::new(Kind::Number)),
            ("by_state", Supply::map(by_state)),
            ("cohorts", Supply::list(Supply::map(cohorts), least)),
            ("cases", Supply::list(digest_case(workflow), least)),
        ]
    }

    /// One of what is gathered.
    fn item(&self) -> Supply {
        let nothing = || Supply::new(Kind::Nothing);
        let candidate = match (self.of, self.what) {
            (Of::Case, What::Message(_)) => candidate(),
            // Tasks of the hold and of its candidates come in one mail.
            (_, What::Task | What::Booking | What::Overdue) => candidate().or_empty(),
            _ => nothing(),
        };
        let task = Supply::map([
            ("title", Supply::text()),
            ("due", Supply::new(Kind::Date).or_empty()),
            ("by", Supply::list(Supply::text(), 1)),
        ]);
        let meeting = Supply::map([
            ("title", Supply::text()),
            ("minutes", Supply::new(Kind::Number)),
        ]);
        let window = Supply::map([
            ("first", Supply::new(Kind::Date)),
            ("last", Supply::new(Kind::Date)),
        ]);
        let (task, meeting, window) = match self.what {
            What::Message(_) | What::Meeting(_) => (nothing(), nothing(), nothing()),
            What::Task | What::Overdue => (task, nothing(), nothing()),
            What::Booking => (task, meeting, window.or_empty()),
        };
        Supply::map([
            ("candidate", candidate),
            (
                "cohort",
                Supply::map([
                    ("title", Supply::text()),
                    ("start", start(self.workflow)),
                ]),
            ),
            ("event", self.event()),
            ("task", task),
            ("meeting", meeting),
            ("window", window),
        ])
    }
}

#[derive(Clone, Copy)]
enum When {
    Always,
    Maybe,
    Never,
}

fn is_news(point: &Point) -> bool {
    point.shift.is_none()
        && matches!(
            point.anchor,
            Anchor::Entered | Anchor::Event(_) | Anchor::Thing(_)
        )
}

fn one(text: &str) -> Supply {
    Supply::new(Kind::Text(vec![text.to_owned()]))
}

fn event() -> Supply {
    Supply::map([
        ("title", Supply::text()),
        ("at", Supply::new(Kind::Moment)),
        ("date", Supply::new(Kind::Date)),
    ])
}

fn candidate() -> Supply {
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("organisation", Supply::text().or_empty()),
    ])
}

fn start(workflow: &Workflow) -> Supply {
    let mut dates = workflow.cohort.dates.iter();
    let starts = dates.any(|date| *date.name == *"start");
    Supply::new(if starts { Kind::Date } else { Kind::Nothing })
}

fn recipient(workflow: &Workflow, to: &[&str]) -> Supply {
    let titles = to.iter().map(|role| super::role_title(workflow, role));
    let organisation = match to.first() {
        Some(&JOBCENTRE) => Supply::text(),
        _ => Supply::text().or_empty(),
    };
    let is_candidate = to.first() == Some(&CANDIDATE);
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("role", Supply::new(Kind::Text(titles.collect()))),
        ("organisation", organisation),
        ("is_candidate", Supply::new(Kind::Flag(Some(is_candidate)))),
    ])
}

/// Facts are supplied as they are read; only days need a helper.
fn kind(kind: &FactKind) -> Kind {
    match kind {
        FactKind::Date => Kind::Date,
        FactKind::OneOf(choices) => {
            Kind::Text(choices.iter().map(|(_, title)| title.clone()).collect())
        }
        FactKind::YesNo => Kind::Text(vec!["ja".into(), "nej".into()]),
        FactKind::Grade => Kind::Text(
            crate::definition::value::GRADES
                .map(str::to_owned)
                .to_vec(),
        ),
        FactKind::WholeNumber | FactKind::Decimal | FactKind::Text { .. } => Kind::Text(Vec::new()),
    }
}

fn digest_case(workflow: &Workflow) -> Supply {
    let atomic = workflow.states.iter().filter(|state| state.children.is_empty());
    let names = atomic.clone().map(|state| state.name.to_string()).collect();
    let titles = atomic.map(|state| state.title.clone()).collect();
    let outcome = ["success", "neutral", "dropout", "cancelled"].map(str::to_owned);
    Supply::map([
        ("name", Supply::text()),
        ("first_name", Supply::text()),
        ("organisation", Supply::text().or_empty()),
        ("state", Supply::new(Kind::Text(titles))),
        ("state_name", Supply::new(Kind::Text(names))),
        ("since", Supply::new(Kind::Date)),
        (
            "cohort",
            Supply::map([("title", Supply::text()), ("start", start(workflow))]),
        ),
        ("absences", Supply::new(Kind::Number)),
        (
            "outcome",
            Supply::new(Kind::Text(outcome.to_vec())).or_empty(),
        ),
    ])
}

/// Where the data of a mail is not what [`mails`] says of it: a name more or less, another kind, or
/// nothing where something always is. `None` also for mail of a thing that the workflow does not have.
pub(in crate::runner) fn misfit(
    workflow: &Workflow,
    of: Of,
    intent: &Intent,
    gathered: bool,
    role: &str,
    data: &Json,
) -> Option<String> {
    let scopes = workflow
        .states
        .iter()
        .enumerate()
        .map(|(at, state)| (Of::Case, Some(StateId(at)), &state.scope))
        .chain([
            (Of::Cohort, None, &workflow.cohort.scope),
            (Of::Workflow, None, &workflow.scope),
        ])
        .filter(|(whose, ..)| *whose == of);
    let mut sorts = scopes.filter_map(|(of, home, scope)| {
        let called = |name: &Name| *name == intent.name;
        let what = match intent.about {
            About::Message => What::Message(scope.messages.iter().find(|one| called(&one.name))?),
            About::Meeting { .. } => {
                What::Meeting(scope.meetings.iter().find(|one| called(&one.name))?)
            }
            About::Booking => {
                scope.meetings.iter().find(|one| called(&one.name))?;
                What::Booking
            }
            About::Task { .. } => {
                scope.tasks.iter().find(|one| called(&one.name))?;
                What::Task
            }
            About::Overdue { .. } => {
                let tasks = scope.tasks.iter().map(|task| &task.name);
                let mut all = tasks.chain(scope.meetings.iter().map(|meeting| &meeting.name));
                all.find(|name| called(name))?;
                What::Overdue
            }
        };
        Some(Sort {
            workflow,
            of,
            what,
            home,
        })
    });
    let sort = sorts.next()?;
    if sort.is_gathered() != gathered {
        return Some(format!("gathered: {gathered}"));
    }
    unlike(&sort.names(&[role]), data, "data")
}

fn unlike(supply: &Supply, data: &Json, path: &str) -> Option<String> {
    let wrong = || Some(format!("{path} is {data}, not {}", supply.kind.word()));
    match (&supply.kind, data) {
        (Kind::Nothing, Json::Null) => None,
        (_, Json::Null) if supply.blank != Blank::Never => None,
        (Kind::Map(names), Json::Object(given)) => {
            let supplied = names
                .iter()
                .filter(|(_, supply)| supply.kind != Kind::Confidential);
            let more = given.keys().find(|name| {
                names
                    .get(*name)
                    .is_none_or(|supply| supply.kind == Kind::Confidential)
            });
            if let Some(name) = more {
                return Some(format!("{path}.{name} is not among its names"));
            }
            if let Some(beside) = together(names, given) {
                return Some(format!("{path}.{beside} is empty without the others"));
            }
            supplied.into_iter().find_map(|(name, supply)| {
                let path = format!("{path}.{name}");
                match given.get(name) {
                    Some(given) => unlike(supply, given, &path),
                    None => Some(format!("{path} is missing")),
                }
            })
        }
        (Kind::List(item, least, most), Json::Array(items)) => {
            if !(*least..=*most).contains(&items.len()) {
                return Some(format!("{path} has {} items", items.len()));
            }
            items.iter().find_map(|one| unlike(item, one, path))
        }
        (Kind::Text(values), Json::String(text)) => {
            let is_one = values.is_empty() || values.contains(text) || path == "data.link";
            if is_one { None } else { wrong() }
        }
        (Kind::Number, Json::Number(_)) => None,
        (Kind::Flag(is), Json::Bool(given)) if is.is_none_or(|is| is == *given) => None,
        (Kind::Date, Json::String(text)) if text.parse::<jiff::civil::Date>().is_ok() => None,
        (Kind::Moment, Json::String(text)) if text.parse::<jiff::civil::DateTime>().is_ok() => None,
        _ => wrong(),
    }
}

/// A name that is empty while one that is empty with it is not.
fn together<'n>(
    names: &'n std::collections::BTreeMap<String, Supply>,
    given: &serde_json::Map<String, Json>,
) -> Option<&'n str> {
    let empty = |name: &str| given.get(name).is_none_or(Json::is_null);
    names.iter().find_map(|(name, supply)| {
        let Blank::With(word) = supply.blank else {
            return None;
        };
        let mut beside = names
            .iter()
            .filter(|(_, other)| other.blank == Blank::With(word));
        let differs = empty(name) && beside.any(|(other, _)| !empty(other));
        differs.then_some(name.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_that_is_not_as_said_is_seen() {
        let names = Supply::map([
            ("day", Supply::new(Kind::Date)),
            ("start", Supply::new(Kind::Moment).or_empty_with("booking")),
            ("end", Supply::new(Kind::Moment).or_empty_with("booking")),
            ("cpr", Supply::new(Kind::Confidential)),
            ("list", Supply::list(Supply::text(), 1)),
        ]);
        let good = json!({"day": "2027-01-04", "start": null, "end": null, "list": ["a"]});
        assert_eq!(unlike(&names, &good, "data"), None);
        for (name, value) in [
            ("day", json!(null)),
            ("day", json!("monday")),
            ("start", json!("2027-01-04T09:00")),
            ("cpr", json!("x")),
            ("list", json!([])),
            ("list", json!([1])),
            ("more", json!("x")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(unlike(&names, &bad, "data").is_some(), "{bad}");
        }
        let mut less = good;
        less.as_object_mut().unwrap().remove("day");
        assert!(unlike(&names, &less, "data").is_some());
    }
}
