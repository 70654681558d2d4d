//! The names that each kind of mail supplies, for the checker of templates: the same that this room
//! fills. [`misfit`] holds the two together wherever mail is written in a debug build, so that every
//! simulation shows that neither has drifted.

mod days;
mod digest;
mod fits;
mod known;
mod parts;

pub(in crate::runner) use fits::{misfit, misfit_of_merged};

use days::Days;
use known::When;
use parts::{candidate, event, kind, late, logo, one, part, recipient, reply};

use crate::definition::model::{
    CANDIDATE, Fact, JOBCENTRE, Meeting, Message, Name, Per, Scope, StateId, Workflow,
};
use crate::engine::subject::Kind as Of;
use crate::message::{Kind, Method, Supply};
use crate::runner::links::answer::answerable;
use crate::runner::seats::OPERATOR;

/// A mail that a workflow can send, with what its template may use.
pub(crate) struct Mail<'w> {
    /// The message, meeting or task that it comes of.
    pub name: &'w str,
    /// What people call the meeting or task; of a message its name.
    pub title: &'w str,
    /// Templates that are tried, the first that exists.
    pub templates: Vec<String>,
    /// The roles it goes to, which all get the same names.
    pub to: Vec<&'w str>,
    /// What its template may use.
    pub names: Supply,
    /// What it tells a calendar.
    pub invites: Option<Method>,
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
    /// What somebody has written to us, passed on.
    Reply,
    /// So much is late that it waits for a person.
    LateLot,
    /// What was put off for one recipient, whatever it says.
    Merged,
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
    of_scope(workflow, Of::Cohort, None, &workflow.cohort.scope, &mut all);
    of_scope(workflow, Of::Workflow, None, &workflow.scope, &mut all);
    all.extend(undeclared(workflow));
    all
}

/// What no workflow declares: what is passed on to the contact, who is the first of those that overdue tasks
/// go to, what whoever runs the installation is told, and what is put around mails of one recipient.
fn undeclared(workflow: &Workflow) -> impl Iterator<Item = Mail<'_>> {
    let contact = workflow.overdue.as_ref().and_then(|rule| rule.to.first());
    let reply = contact.map(|to| ("reply-forwarded", &**to, What::Reply));
    let late = ("late-notice", OPERATOR, What::LateLot);
    let others = workflow.roles.first().map(|role| &*role.name);
    let others = [CANDIDATE, JOBCENTRE].into_iter().chain(others);
    let merged = others.map(|to| ("merged", to, What::Merged));
    let all = reply.into_iter().chain([late]).chain(merged);
    all.flat_map(move |(template, to, what)| {
        let kinds = [Of::Case, Of::Cohort, Of::Workflow].into_iter();
        kinds.map(move |of| {
            let home = None;
            let sort = Sort {
                workflow,
                of,
                what,
                home,
            };
            Mail {
                name: template,
                title: template,
                templates: vec![template.to_owned()],
                names: sort.names(&[to]),
                to: vec![to],
                invites: None,
            }
        })
    })
}

fn of_scope<'w>(
    workflow: &'w Workflow,
    of: Of,
    home: Option<StateId>,
    scope: &'w Scope,
    all: &mut Vec<Mail<'w>>,
) {
    let mut add =
        |(name, title): (&'w Name, &'w str), what, templates: Vec<String>, to: &'w [Name]| {
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
            let last = templates.last().map_or("", String::as_str);
            let invites = match (what, last) {
                (What::Meeting(_), "meeting-invitation" | "meeting-moved") => Some(Method::Request),
                (What::Meeting(_), "meeting-cancelled") => Some(Method::Cancel),
                _ => None,
            };
            all.extend(groups.into_iter().map(|to| Mail {
                name,
                title,
                templates: templates.clone(),
                names: sort.names(&to),
                invites,
                to,
            }));
        };
    for message in &scope.messages {
        let templates = vec![message.template.clone()];
        add(
            (&message.name, &message.name),
            What::Message(message),
            templates,
            &message.to,
        );
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
        let called = (name, &*meeting.title);
        let mut words = vec!["invitation", "moved", "cancelled"];
        words.extend((!meeting.remind.is_empty()).then_some("reminder"));
        for word in words {
            let templates = both(name, word, &format!("meeting-{word}"));
            add(called, What::Meeting(meeting), templates, &meeting.with);
        }
        if let Some(book) = &meeting.book {
            if !book.remind.is_empty() {
                let templates = both(name, "booking-reminder", "booking-reminder");
                add(called, What::Booking, templates, &book.by);
            }
            if let Some(to) = overdue {
                let templates = both(name, "task-overdue", "task-overdue");
                add(called, What::Overdue, templates, to);
            }
        }
    }
    for task in &scope.tasks {
        let called = (&task.name, &*task.title);
        if !task.remind.is_empty() {
            let templates = both(&task.name, "task-reminder", "task-reminder");
            add(called, What::Task, templates, &task.by);
        }
        if let (Some(to), Some(_)) = (overdue, &task.due) {
            let templates = both(&task.name, "task-overdue", "task-overdue");
            add(called, What::Overdue, templates, to);
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
            ("language", one(&self.workflow.language)),
            ("logo", logo()),
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
        if let What::Merged = self.what {
            all.push(("items", Supply::list(part(), 2)));
            return Supply::map(all);
        }
        if gathered {
            all.push(("items", Supply::list(self.item(), 1)));
            return Supply::map(all);
        }
        match self.of {
            Of::Case => {
                all.extend(self.case());
                all.push(("answers", self.answers(to)));
            }
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
        if let What::Message(Message {
            announcement: true, ..
        }) = self.what
        {
            let link = one("https://tovholder.example/afmeld/0193").or_empty();
            all.push(("unsubscribe", link));
        }
        match self.what {
            What::Meeting(meeting) => all.push(("meeting", self.meeting(meeting))),
            What::Message(message) if self.of != Of::Case => all.extend(self.digest(message, to)),
            What::Reply => all.push(("reply", reply())),
            What::LateLot => all.push(("late", late())),
            _ => {}
        }
        Supply::map(all)
    }

    /// A link for each event by which all of the recipients may answer.
    fn answers(&self, to: &[&str]) -> Supply {
        let all = answerable(self.workflow, to.first().copied().unwrap_or_default());
        let by_all = |event: &Name| {
            (to.iter()).all(|role| {
                answerable(self.workflow, role)
                    .iter()
                    .any(|one| one.0 == event)
            })
        };
        let link = || one("https://tovholder.example/svar/0193").or_empty();
        let events = all.into_iter().filter(|(event, _)| by_all(event));
        Supply::map(events.map(|(event, _)| (event.to_string(), link())))
    }

    fn is_gathered(&self) -> bool {
        match self.what {
            What::Message(message) => message.gather.is_some(),
            What::Meeting(_) | What::Reply | What::LateLot => false,
            What::Task | What::Booking | What::Overdue | What::Merged => true,
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
                let supply = Supply::new(kind(&fact.kind, &self.workflow.language));
                if self.is_known(&fact.name, cohort) {
                    supply
                } else {
                    supply.or_empty()
                }
            };
            (fact.name.to_string(), supply)
        }))
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
        let known = Days::of(self);
        let states = workflow.states.iter().enumerate().skip(1);
        Supply::map(states.map(|(at, state)| {
            let (first, last) = known.supply(StateId(at));
            let days = [
                ("title", one(&state.title)),
                ("first_day", first),
                ("last_day", last),
            ];
            (state.name.to_string(), Supply::map(days))
        }))
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
}
