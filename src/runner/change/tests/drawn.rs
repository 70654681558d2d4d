//! Workflows by chance, and what becomes of them by chance.

use std::fmt::Write as _;

use crate::runner::world::dice::Dice;

#[derive(Clone, Debug)]
pub struct Drawn {
    pub states: Vec<StateDrawn>,
    pub hold: Vec<Mail>,
    pub can_stop: bool,
    pub overdue: bool,
    pub closed: Option<&'static str>,
    pub hours: &'static str,
    pub places: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct StateDrawn {
    pub key: String,
    pub was: Option<String>,
    pub stay: Stay,
    pub holds_place: bool,
    pub mails: Vec<Mail>,
    pub tasks: Vec<Task>,
    pub talk: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum Stay {
    Lasts(usize),
    Until(&'static str),
    /// Until somebody says so.
    Said,
    /// Until its task is done.
    Task,
}

#[derive(Clone, Debug)]
pub struct Mail {
    pub key: String,
    pub was: Option<String>,
    pub when: &'static str,
}

#[derive(Clone, Debug)]
pub struct Task {
    pub key: String,
    pub was: Option<String>,
    pub days: usize,
    pub reminds: bool,
}

const WHENS: [&str; 9] = [
    "when: entered",
    "when: 2 workdays after entered",
    "when: 3 workdays before cohort.start at 09:00",
    "when: 1 week after cohort.start",
    "when: SELF.last_day at 10:00",
    "when: 2 workdays before SELF.last_day",
    "every: friday at 10:00",
    "every: 2 weeks",
    "when: 3 weeks after cohort.start at 11:00",
];
const HOLD_WHENS: [&str; 4] = [
    "when: 2 weeks before cohort.start",
    "when: 1 week after cohort.start at 09:00",
    "when: 5 weeks after cohort.start",
    "every: tuesday at 12:00, from: 1 week before cohort.start, until: 4 weeks after cohort.start",
];
const UNTILS: [&str; 3] = [
    "cohort.start",
    "2 weeks after cohort.start",
    "5 weeks after cohort.start",
];

impl Drawn {
    pub fn new(dice: &mut Dice) -> Self {
        let count = 2 + dice.below(3);
        let states = (0..count).map(|at| StateDrawn::new(dice, at)).collect();
        let hold = (0..dice.below(3)).map(|at| Mail::new(dice, format!("h{at}"), &HOLD_WHENS));
        let hold = hold.collect();
        Self {
            states,
            hold,
            can_stop: dice.below(2) == 0,
            overdue: dice.below(2) == 0,
            closed: None,
            hours: "08:00-16:00",
            places: (dice.below(3) == 0).then(|| 2 + dice.below(3)),
        }
    }

    /// One to three things that an author does; and where the cases of a state go that is gone, if anybody says so.
    pub fn edited(&self, dice: &mut Dice) -> (Self, Vec<(String, String)>) {
        let mut new = self.clone();
        let mut goes = Vec::new();
        for _ in 0..=dice.below(3) {
            new.edit(dice, &mut goes);
        }
        goes.retain(|(_, to)| new.states.iter().any(|state| state.key == *to));
        (new, goes)
    }

    fn edit(&mut self, dice: &mut Dice, goes: &mut Vec<(String, String)>) {
        let at = dice.below(self.states.len());
        let fresh = dice.below(1000);
        match dice.below(16) {
            0 | 1 => self.states[at].stay = Stay::new(dice),
            2 => self.states[at]
                .mails
                .push(Mail::new(dice, format!("n{fresh}"), &WHENS)),
            3 => drop(self.states[at].mails.pop()),
            4 => {
                let when = WHENS[dice.below(WHENS.len())];
                if let Some(mail) = self.states[at].mails.first_mut() {
                    mail.when = when;
                }
            }
            5 => {
                let state = &mut self.states[at];
                if state.was.is_none() {
                    let key = std::mem::replace(&mut state.key, format!("r{fresh}"));
                    state.was = Some(key);
                }
            }
            6 => {
                if let Some(mail) = self.states[at].mails.first_mut()
                    && mail.was.is_none()
                {
                    mail.was = Some(std::mem::replace(&mut mail.key, format!("q{fresh}")));
                }
            }
            7 if self.states.len() > 1 => {
                let gone = self.states.remove(at);
                let next = &self.states[at.min(self.states.len() - 1)];
                if dice.below(2) == 0 {
                    goes.push((gone.was.unwrap_or(gone.key), next.key.clone()));
                }
            }
            8 => {
                let mut state = StateDrawn::new(dice, 0);
                state.key = format!("s_new{fresh}");
                state.rename_things(fresh);
                self.states.insert(at, state);
            }
            9 => self.states[at]
                .tasks
                .push(Task::new(dice, format!("u{fresh}"))),
            10 => drop(self.states[at].tasks.pop()),
            11 => self.closed = Some(["9 march", "16 april", "24 february"][dice.below(3)]),
            12 => self.hours = ["09:00-15:00", "08:00-12:00"][dice.below(2)],
            13 => self.places = (dice.below(2) == 0).then(|| 1 + dice.below(4)),
            14 => self.overdue = !self.overdue,
            _ => {
                let key = format!("g{fresh}");
                self.hold.push(Mail::new(dice, key, &HOLD_WHENS));
            }
        }
    }

    pub fn text(&self) -> String {
        let mut out = format!(
            "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: {}\n",
            self.hours
        );
        if let Some(closed) = self.closed {
            let _ = writeln!(out, "closed: [{closed}]");
        }
        if self.overdue {
            out.push_str("overdue: {to: coordinator, after: 2 workdays}\n");
        }
        out.push_str(
            "roles:\n  coordinator: {title: T, per: cohort}\n  consultant: {title: K, per: candidate}\n\
             cohort:\n  title: Hold\n  dates: {start: {title: Start}}\n",
        );
        if let Some(places) = self.places.filter(|_| self.has_places()) {
            let _ = writeln!(out, "  places: {places}");
        }
        mails(&mut out, "  ", "coordinator", "", &self.hold);
        out.push_str("candidate:\n  events:\n    note: {title: N}\n");
        if self.can_stop {
            out.push_str("    stop: {title: S, then: stopped}\n");
        }
        out.push_str("  states:\n");
        for (at, state) in self.states.iter().enumerate() {
            let next = self.states.get(at + 1).map_or("over", |next| &next.key);
            state.write(&mut out, next, self.places.is_some());
        }
        out.push_str("    over: {title: D, final: success}\n");
        if self.can_stop {
            out.push_str("    stopped: {title: U, final: dropout}\n");
        }
        out
    }

    fn has_places(&self) -> bool {
        self.states.iter().any(|state| state.holds_place)
    }
}

impl StateDrawn {
    fn new(dice: &mut Dice, at: usize) -> Self {
        let mails = (0..dice.below(3))
            .map(|mail| Mail::new(dice, format!("m{at}_{mail}"), &WHENS))
            .collect();
        let tasks = (0..dice.below(2))
            .map(|task| Task::new(dice, format!("t{at}_{task}")))
            .collect();
        Self {
            key: format!("s{at}"),
            was: None,
            stay: Stay::new(dice),
            holds_place: dice.below(3) == 0,
            mails,
            tasks,
            talk: (dice.below(4) == 0).then(|| dice.below(900)),
        }
    }

    /// Names are used once in a file.
    fn rename_things(&mut self, fresh: usize) {
        for (at, mail) in self.mails.iter_mut().enumerate() {
            mail.key = format!("f{fresh}_{at}");
        }
        for (at, task) in self.tasks.iter_mut().enumerate() {
            task.key = format!("v{fresh}_{at}");
        }
    }

    fn write(&self, out: &mut String, next: &str, has_places: bool) {
        let key = &self.key;
        let _ = writeln!(out, "    {key}:\n      title: {}", key.to_uppercase());
        if let Some(was) = &self.was {
            let _ = writeln!(out, "      was: {was}");
        }
        if self.holds_place && has_places {
            out.push_str("      holds_place: yes\n");
        }
        let mut tasks = self.tasks.clone();
        match &self.stay {
            Stay::Lasts(weeks) => {
                let _ = writeln!(out, "      lasts: {weeks} weeks\n      then: {next}");
            }
            Stay::Until(point) => {
                let _ = writeln!(out, "      until: {point}\n      then: {next}");
            }
            Stay::Said => {
                let _ = writeln!(
                    out,
                    "      events: {{go_{key}: {{title: G, then: {next}}}}}"
                );
            }
            Stay::Task => {
                let task = Task {
                    key: format!("on_{key}"),
                    was: self.was.as_ref().map(|was| format!("on_{was}")),
                    days: 3,
                    reminds: false,
                };
                let _ = writeln!(out, "      events: {{{}.done: {{then: {next}}}}}", task.key);
                tasks.push(task);
            }
        }
        mails(out, "      ", "candidate", key, &self.mails);
        if !tasks.is_empty() {
            out.push_str("      tasks:\n");
        }
        for task in &tasks {
            let was = was(task.was.as_ref());
            let remind = if task.reminds {
                ", remind: [1 workday before at 09:00]"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "        {}: {{{was}title: O, by: consultant, due: {} workdays after entered{remind}}}",
                task.key, task.days
            );
        }
        if let Some(talk) = self.talk {
            let _ = writeln!(
                out,
                "      meetings:\n        talk{talk}: {{title: M, with: [candidate, consultant], lasts: 1 hour, remind: [1 workday before at 09:00]}}"
            );
        }
    }
}

impl Stay {
    fn new(dice: &mut Dice) -> Self {
        match dice.below(7) {
            0..=2 => Self::Lasts(1 + dice.below(4)),
            3 | 4 => Self::Until(UNTILS[dice.below(UNTILS.len())]),
            5 => Self::Said,
            _ => Self::Task,
        }
    }
}

impl Mail {
    fn new(dice: &mut Dice, key: String, whens: &[&'static str]) -> Self {
        Self {
            key,
            was: None,
            when: whens[dice.below(whens.len())],
        }
    }
}

impl Task {
    fn new(dice: &mut Dice, key: String) -> Self {
        Self {
            key,
            was: None,
            days: 1 + dice.below(8),
            reminds: dice.below(2) == 0,
        }
    }
}

fn was(was: Option<&String>) -> String {
    was.map_or_else(String::new, |was| format!("was: {was}, "))
}

fn mails(out: &mut String, pad: &str, to: &str, own: &str, all: &[Mail]) {
    if !all.is_empty() {
        let _ = writeln!(out, "{pad}messages:");
    }
    for mail in all {
        let when = mail.when.replace("SELF", own);
        let _ = writeln!(
            out,
            "{pad}  {}: {{{}template: note, to: {to}, {when}}}",
            mail.key,
            was(mail.was.as_ref())
        );
    }
}
