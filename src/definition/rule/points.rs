//! All points in time of the states and the hold, with where each is written and what hangs on it.

use super::Ground;
use crate::definition::keyword::Home;
use crate::definition::model::{
    Meeting, MeetingTime, Message, MessageTime, Point, Recurrence, Stay, Task,
};

/// What hangs on a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hangs {
    /// A mail: it goes then, or with the leaving itself.
    Mail,
    /// A task opens then.
    Opening,
    /// A window or recurrence begins then.
    Begin,
    /// A task is due then.
    Due,
    /// Nothing after it.
    Bound,
    /// The state itself ends.
    End,
}

/// A point where it stands.
pub(super) struct Written<'g> {
    pub home: Home,
    /// The keys that lead to it.
    path: Vec<String>,
    pub point: &'g Point,
    pub hangs: Hangs,
}

impl Written<'_> {
    /// The bytes of the file.
    pub(super) fn span(&self, ground: &Ground) -> std::ops::Range<usize> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        ground.span(self.home, &path)
    }
}

/// All of them, in the order of the states; the hold is last.
pub(super) fn all<'g>(ground: &Ground<'g, '_>) -> Vec<Written<'g>> {
    let mut found = Vec::new();
    for (home, scope) in ground.scopes() {
        let mut here = Collect {
            home,
            found: &mut found,
        };
        if let Home::Case(id) = home
            && let Stay::Until(point) = &ground.state(id).stay
        {
            here.add(&["until"], point, Hangs::End);
        }
        for task in &scope.tasks {
            here.task(task);
        }
        for meeting in &scope.meetings {
            here.meeting(meeting);
        }
        for message in &scope.messages {
            here.message(message);
        }
    }
    found
}

struct Collect<'f, 'g> {
    home: Home,
    found: &'f mut Vec<Written<'g>>,
}

impl<'g> Collect<'_, 'g> {
    fn add(&mut self, path: &[&str], point: impl Into<Option<&'g Point>>, hangs: Hangs) {
        let point: Option<&Point> = point.into();
        self.found.extend(point.map(|point| Written {
            home: self.home,
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            point,
            hangs,
        }));
    }

    fn task(&mut self, task: &'g Task) {
        let name = &*task.name;
        self.add(
            &["tasks", name, "when"],
            task.opens.as_ref(),
            Hangs::Opening,
        );
        self.add(&["tasks", name, "due"], task.due.as_ref(), Hangs::Due);
        self.add(&["tasks", name, "until"], task.until.as_ref(), Hangs::Bound);
        if let Some(every) = &task.every {
            self.recurrence("tasks", name, every);
        }
    }

    fn meeting(&mut self, meeting: &'g Meeting) {
        let name = &*meeting.name;
        match &meeting.when {
            MeetingTime::Between(first, last) => {
                self.add(&["meetings", name, "between", "0"], first, Hangs::Begin);
                self.add(&["meetings", name, "between", "1"], last, Hangs::Bound);
            }
            MeetingTime::Every(every) => self.recurrence("meetings", name, every),
            MeetingTime::Free => {}
        }
    }

    fn message(&mut self, message: &'g Message) {
        let name = &*message.name;
        match &message.when {
            MessageTime::When { point, until } => {
                self.add(&["messages", name, "when"], point, Hangs::Mail);
                self.add(&["messages", name, "until"], until.as_ref(), Hangs::Bound);
            }
            MessageTime::Every(every) => self.recurrence("messages", name, every),
        }
    }

    fn recurrence(&mut self, kind: &str, name: &str, every: &'g Recurrence) {
        self.add(&[kind, name, "from"], every.from.as_ref(), Hangs::Begin);
        self.add(&[kind, name, "until"], every.until.as_ref(), Hangs::Bound);
    }
}
