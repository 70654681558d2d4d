//! What mail about several cases has: digests of a hold or of all, and what is gathered.

use super::parts::{candidate, digest_case, one, start};
use super::{Sort, What};
use crate::definition::model::{Message, Per, StateId};
use crate::engine::subject::Kind as Of;
use crate::message::{Kind, Supply};

impl Sort<'_> {
    pub(super) fn digest(&self, message: &Message, to: &[&str]) -> [(&'static str, Supply); 4] {
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
            What::Message(_) | What::Meeting(_) | What::Reply => (nothing(), nothing(), nothing()),
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
