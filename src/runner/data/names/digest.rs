//! What mail about several cases has: digests of a hold or of all, and what is gathered.

use super::parts::{candidate, change, digest_case, one, start};
use super::{Sort, What};
use crate::definition::model::{Message, MessageTime, Per, StateId};
use crate::engine::subject::Kind as Of;
use crate::message::{Kind, Supply};
use crate::runner::data::digest::{bars, steps};

impl Sort<'_> {
    pub(super) fn digest(&self, message: &Message, to: &[&str]) -> Vec<(&'static str, Supply)> {
        let workflow = self.workflow;
        let role = |name: &str| {
            let mut roles = workflow.roles.iter();
            roles.find(|role| *role.name == *name).map(|role| role.per)
        };
        let is_own = |name: &&str| role(name) == Some(Per::Candidate);
        // Whom no case concerns is not written to, and whoever is told of own cases reads no figures of all.
        let least = usize::from(to.iter().all(is_own));
        let figures = |supply: Supply, all: usize| {
            let most = if least == 1 { 0 } else { all };
            Supply::new(Kind::List(Box::new(supply), 0, most))
        };
        let targets = workflow.targets.len();
        let way = steps(workflow, &message.about).len();
        let comes_again = matches!(message.when, MessageTime::Every(_));
        let most = if comes_again { usize::MAX } else { 0 };
        let is_first = (!comes_again).then_some(true);
        vec![
            ("count", Supply::new(Kind::Number)),
            ("is_first", Supply::new(Kind::Flag(is_first))),
            (
                "changes",
                Supply::new(Kind::List(Box::new(change()), 0, most)),
            ),
            ("by_state", self.by_state(&message.about)),
            ("cohorts", Supply::list(self.cohort_of_digest(), least)),
            ("cases", Supply::list(digest_case(workflow), least)),
            ("targets", figures(self.target(), targets)),
            ("funnel", figures(self.step(&message.about), way)),
        ]
    }

    fn by_state(&self, named: &[StateId]) -> Supply {
        let workflow = self.workflow;
        let mut named = named.to_vec();
        if named.is_empty() {
            named = (1..workflow.states.len()).map(StateId).collect();
        }
        Supply::map(named.into_iter().map(|id| {
            let state = &workflow.states[id.0];
            let names = self.group(one(&state.title), 0);
            (state.name.to_string(), Supply::map(names))
        }))
    }

    fn group(&self, title: Supply, least: usize) -> [(&'static str, Supply); 3] {
        [
            ("title", title),
            ("count", Supply::new(Kind::Number)),
            ("cases", Supply::list(digest_case(self.workflow), least)),
        ]
    }

    fn cohort_of_digest(&self) -> Supply {
        let states = self.workflow.states.iter();
        let atomic = states.filter(|state| state.children.is_empty());
        let title = Supply::new(Kind::Text(
            atomic.map(|state| state.title.clone()).collect(),
        ));
        let states = Supply::list(Supply::map(self.group(title, 1)), 1);
        let names = self.group(Supply::text(), 1).into_iter();
        Supply::map(names.chain([("start", start(self.workflow)), ("states", states)]))
    }

    fn target(&self) -> Supply {
        let targets = self.workflow.targets.iter();
        let titles = targets.map(|target| target.title.clone()).collect();
        Supply::map([
            ("title", Supply::new(Kind::Text(titles))),
            ("reached", Supply::new(Kind::Number)),
            ("of", Supply::new(Kind::Number)),
            ("at_least", Supply::new(Kind::Number)),
            ("percent", Supply::new(Kind::Number)),
            ("deadline", Supply::new(Kind::Date).or_empty()),
        ])
    }

    fn step(&self, named: &[StateId]) -> Supply {
        let steps = steps(self.workflow, named).into_iter();
        let titles = steps.map(|id| self.workflow.states[id.0].title.clone());
        Supply::map([
            ("title", Supply::new(Kind::Text(titles.collect()))),
            ("count", Supply::new(Kind::Number)),
            ("share", Supply::new(Kind::Number).or_empty()),
            ("width", Supply::new(Kind::Number)),
            ("rest", Supply::new(Kind::Number)),
            ("bar", Supply::new(Kind::Text(bars())).or_empty()),
        ])
    }

    /// One of what is gathered.
    pub(super) fn item(&self) -> Supply {
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
            What::Message(_) | What::Meeting(_) | What::Reply | What::LateLot | What::Merged => {
                (nothing(), nothing(), nothing())
            }
            What::Task | What::Overdue => (task, nothing(), nothing()),
            What::Booking => (task, meeting, window.or_empty()),
        };
        Supply::map([
            ("candidate", candidate),
            (
                "cohort",
                Supply::map([("title", Supply::text()), ("start", start(self.workflow))]),
            ),
            ("event", self.event()),
            ("task", task),
            ("meeting", meeting),
            ("window", window),
        ])
    }
}
