//! A stage for the engine alone: one hold and its candidates on a workflow, driven by a script.
//!
//! A script is a transcript. Lines with `>` are what happens, with local times; the lines below
//! them are what the engine made of it. Between two inputs every subject is ticked at exactly the
//! instant it named as its next, as an ideal runner would. Each step is held to what must always
//! be true (`always`), so that every table is a property test as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use tovholder::definition::model::{FactRef, Name, Part, Workflow};
use tovholder::definition::value::FactKind;
use tovholder::engine::effect::{About, Effect, Intent, MeetingWord};
use tovholder::engine::event::{Event, Fate, TaskFate};
use tovholder::engine::frame::{Frame, View};
use tovholder::engine::guard::names;
use tovholder::engine::input::{Actor, Given, Input, News, Refusal, TaskAct};
use tovholder::engine::pause::Pause;
use tovholder::engine::plan::{self, Planned};
use tovholder::engine::subject::{Kind, Subject};
use tovholder::engine::why;
use tovholder::engine::{NewCase, Step, open_case, open_cohort, open_workflow, step};

use super::always;

/// The hold's row id; cases follow.
pub const HOLD: i64 = 1;

/// A subject with its whole history.
#[derive(Clone, Debug)]
pub struct Player {
    pub id: i64,
    /// Empty for the first candidate, so that most transcripts need no names.
    pub label: String,
    pub subject: Subject,
    pub history: Vec<(Timestamp, Event)>,
    pub next_due: Option<Timestamp>,
    /// Occurrences that were queued, each at most once.
    pub queued: BTreeSet<String>,
    pub intents: Vec<Intent>,
    holds_place: bool,
    /// Their data are kept for legal reasons.
    pub kept: bool,
    /// How many events their journal had.
    pub journaled: Option<u64>,
}

/// What is on the stage.
#[derive(Clone, Debug)]
pub struct Stage {
    pub workflow: Workflow,
    pub dates: BTreeMap<Name, Date>,
    pub players: Vec<Player>,
    pub born: Option<Date>,
    pub next_cohort: Option<i64>,
    pub now: Timestamp,
    /// Nobody is ticked while time passes: an outage.
    pub asleep: bool,
    pub lines: Vec<String>,
}

impl Stage {
    pub fn new(workflow: Workflow, dates: BTreeMap<Name, Date>) -> Self {
        Self {
            workflow,
            dates,
            players: Vec::new(),
            born: None,
            next_cohort: None,
            now: Timestamp::UNIX_EPOCH,
            asleep: false,
            lines: Vec::new(),
        }
    }

    pub fn local(&self, at: Timestamp) -> DateTime {
        self.workflow.calendar.local(at)
    }

    pub fn player(&self, id: i64) -> &Player {
        self.players
            .iter()
            .find(|player| player.id == id)
            .expect("a player of that id")
    }

    fn player_mut(&mut self, id: i64) -> &mut Player {
        self.players
            .iter_mut()
            .find(|player| player.id == id)
            .expect("a player of that id")
    }

    pub fn ids(&self) -> Vec<i64> {
        self.players.iter().map(|player| player.id).collect()
    }

    /// Looks at a subject with everything around it.
    pub fn view_of<T>(&self, id: i64, look: impl FnOnce(&View<'_>, &Subject) -> T) -> T {
        let hold = self
            .players
            .iter()
            .find(|player| player.id == HOLD)
            .map(|hold| hold.subject.clone());
        let taken = self
            .players
            .iter()
            .filter(|player| player.holds_place)
            .count();
        let taken = u32::try_from(taken).expect("few players");
        let mut cases_in: BTreeMap<Name, u32> = BTreeMap::new();
        for case in self
            .players
            .iter()
            .filter(|player| player.subject.is_open_case())
        {
            if let Some(state) = &case.subject.state {
                *cases_in.entry(state.clone()).or_default() += 1;
            }
        }
        let mut view = View::of(&self.workflow);
        let is_case = id > HOLD;
        view.cohort = hold.as_ref().filter(|_| is_case);
        view.born = self.born.filter(|_| is_case);
        view.free_places = self
            .workflow
            .cohort
            .places
            .map(|places| places.saturating_sub(taken))
            .filter(|_| is_case);
        view.next_cohort = self.next_cohort.filter(|_| is_case);
        view.cases_in = if is_case { BTreeMap::new() } else { cases_in };
        match self.players.iter().find(|player| player.id == id) {
            Some(player) => {
                view.is_kept = player.kept;
                view.journaled = player.journaled;
                look(&view, &player.subject)
            }
            None => {
                let nobody = Event::Opened {
                    kind: Kind::Case,
                    day: Date::MIN,
                    dates: BTreeMap::new(),
                    people: BTreeMap::new(),
                };
                look(&view, &Subject::begin(self.now, &nobody).expect("it opens"))
            }
        }
    }

    /// Opens the hold.
    pub fn open_hold(&mut self, now: Timestamp) {
        self.now = now;
        let dates = self.dates.clone();
        let opened = open_cohort(
            &View::of(&self.workflow),
            dates,
            BTreeMap::new(),
            &BTreeMap::new(),
            now,
        );
        self.enter(HOLD, String::new(), opened.expect("a hold opens"));
        self.tick(HOLD);
    }

    /// Opens the subject that sends the workflow's own messages, in the hold's place.
    pub fn open_workflow(&mut self, now: Timestamp) {
        self.now = now;
        let opened = open_workflow(&View::of(&self.workflow), BTreeMap::new(), now);
        self.enter(HOLD, String::new(), opened.expect("it opens"));
        self.tick(HOLD);
    }

    /// Opens a candidate.
    pub fn open(&mut self, label: &str, new: &NewCase, now: Timestamp) -> Result<i64, Refusal> {
        self.now = now;
        let id = self.ids().into_iter().max().unwrap_or(HOLD) + 1;
        let opened = self.view_of(id, |view, _| open_case(view, new, now))?;
        self.enter(id, label.to_owned(), opened);
        self.tick(id);
        Ok(id)
    }

    fn enter(&mut self, id: i64, label: String, opened: Step) {
        self.players.push(Player {
            id,
            label,
            subject: opened.subject.clone(),
            history: Vec::new(),
            next_due: None,
            queued: BTreeSet::new(),
            intents: Vec::new(),
            holds_place: false,
            kept: false,
            journaled: None,
        });
        let first = &opened.events[0];
        assert!(
            Subject::begin(first.0, &first.1).is_some(),
            "a history begins with Opened"
        );
        self.take_in(id, None, opened);
    }

    fn tick(&mut self, id: i64) {
        self.give(id, &Input::Tick, &clock())
            .expect("a tick is never refused");
    }

    /// Gives one input at the present instant, and delivers the news that follow from it.
    pub fn give(&mut self, id: i64, input: &Input, actor: &Actor) -> Result<(), Refusal> {
        let before = self.player(id).subject.clone();
        let now = self.now;
        let stepped = self.view_of(id, |view, subject| step(view, subject, input, actor, now));
        match stepped {
            Ok(stepped) => {
                self.take_in(id, Some(&before), stepped);
                Ok(())
            }
            Err(refusal) => {
                always::refusal_names_something(&refusal, input);
                Err(refusal)
            }
        }
    }

    fn take_in(&mut self, id: i64, before: Option<&Subject>, stepped: Step) {
        if stepped.events.is_empty() && stepped.effects.is_empty() {
            assert_eq!(
                before,
                Some(&stepped.subject),
                "without an event nothing changes"
            );
            self.player_mut(id).next_due = stepped.next_due;
            return;
        }
        always::replays(before, &stepped);
        self.view_of(id, |view, _| always::after_step(view, &stepped));
        let Step {
            subject,
            events,
            effects,
            next_due,
            asks: _,
        } = stepped;
        let mut mails = effects.iter().filter_map(|effect| match effect {
            Effect::Mail(intent) => Some((**intent).clone()),
            _ => None,
        });
        let mut lines: Vec<String> = Vec::new();
        let mut told_hold = false;
        for (at, event) in &events {
            if let Event::Decided(decision) = event {
                if decision.fate == Fate::Queued {
                    let intent = mails.next().expect("a mail for each decision");
                    let said = if intent.again {
                        format!("{} r{}", decision.occurrence, intent.revision)
                    } else {
                        decision.occurrence.clone()
                    };
                    assert!(
                        self.player_mut(id).queued.insert(said),
                        "queued twice: {}",
                        decision.occurrence
                    );
                    let mut line = self.mail_line(&intent);
                    if let Some(planned) = decision.early {
                        assert!(planned > *at, "early is before its time");
                        line.push_str(", early");
                    }
                    lines.push(line);
                    self.player_mut(id).intents.push(intent);
                    continue;
                }
            } else {
                told_hold = id == HOLD;
            }
            if let Some(words) = words(event) {
                lines.push(format!("{} {words}", self.stamp(*at)));
            }
            // Invitations follow from what happened to a meeting, not from a decision.
            if matches!(
                event,
                Event::Booked { .. }
                    | Event::Met {
                        part: Part::Cancelled,
                        ..
                    }
            ) {
                let intent = mails.next().expect("an invitation for each booking");
                lines.push(self.mail_line(&intent));
                self.player_mut(id).intents.push(intent);
            }
        }
        for intent in mails {
            lines.push(self.mail_line(&intent));
            self.player_mut(id).intents.push(intent);
        }
        for effect in &effects {
            match effect {
                Effect::TakePlace => self.player_mut(id).holds_place = true,
                Effect::GivePlace => self.player_mut(id).holds_place = false,
                Effect::OpenNext { state, facts, .. } => {
                    let facts: Vec<&str> = facts.keys().map(|name| &**name).collect();
                    lines.push(format!(
                        "{} opens next: {state} with [{}]",
                        self.stamp(self.now),
                        facts.join(", ")
                    ));
                }
                Effect::Anonymise => lines.push(format!("{} erased", self.stamp(self.now))),
                Effect::Mail(_)
                | Effect::Text { .. }
                | Effect::TellCohort { .. }
                | Effect::TellCases { .. } => {}
            }
        }
        let label = match id {
            HOLD => "hold ".to_owned(),
            _ if self.player(id).label.is_empty() => String::new(),
            _ => format!("{} ", self.player(id).label),
        };
        self.lines.extend(lines.into_iter().map(|line| {
            let (when, what) = line.split_at(16);
            format!("{when} {label}{}", what.trim_start())
        }));
        let player = self.player_mut(id);
        player.subject = subject;
        player.history.extend(events);
        player.next_due = next_due;
        always::whole_history(self.player(id));
        self.places_are_true(id);
        self.deliver(id, effects, told_hold);
    }

    /// Who is in a state that holds a place has one, nobody else has, and there are no more than there are.
    fn places_are_true(&self, id: i64) {
        let player = self.player(id);
        let subject = &player.subject;
        if subject.is_open_case() {
            let states = subject
                .visits
                .iter()
                .filter(|(_, visit)| visit.left.is_none());
            let mut states =
                states.map(|(name, _)| &self.workflow.states[self.workflow.state_ids[name].0]);
            assert_eq!(
                states.any(|state| state.holds_place),
                player.holds_place,
                "a place that is not held"
            );
        }
        assert!(
            player.subject.ended.is_none() || !player.holds_place,
            "the end keeps a place"
        );
        let taken = self
            .players
            .iter()
            .filter(|player| player.holds_place)
            .count();
        let places = self
            .workflow
            .cohort
            .places
            .map_or(usize::MAX, |places| places as usize);
        assert!(taken <= places, "{taken} of {places} places are taken");
    }

    fn deliver(&mut self, from: i64, effects: Vec<Effect>, told_hold: bool) {
        let mut news: Vec<(i64, News)> = Vec::new();
        for effect in effects {
            match effect {
                Effect::TellCohort { news: said, .. } => news.push((HOLD, said)),
                Effect::TellCases {
                    cases, news: said, ..
                } => {
                    news.extend(cases.into_iter().map(|case| (case, said.clone())));
                }
                _ => {}
            }
        }
        for (to, said) in news {
            if self.players.iter().any(|player| player.id == to) {
                // What the runner does with news that have no effect any more: it goes on.
                if let Err(refusal) = self.give(to, &Input::News(said), &clock()) {
                    self.lines
                        .push(format!("{} news refused: {refusal}", self.stamp(self.now)));
                }
            }
        }
        if told_hold && from == HOLD && !self.asleep {
            for id in self.ids().into_iter().filter(|id| *id != HOLD) {
                self.tick(id);
            }
        }
    }

    /// Lets time pass: every subject is ticked at the instant it asked for.
    pub fn pass(&mut self, until: Timestamp) {
        for _ in 0..20_000 {
            if self.asleep {
                self.now = self.now.max(until);
                return;
            }
            let due = self
                .players
                .iter()
                .filter_map(|player| Some((player.next_due?, player.id)))
                .min();
            let Some((at, id)) = due.filter(|(at, _)| *at <= until) else {
                self.now = self.now.max(until);
                return;
            };
            self.now = self.now.max(at);
            let before = self.player(id).history.len();
            self.tick(id);
            assert!(
                self.player(id).history.len() > before,
                "a tick at {at} that was asked for did nothing"
            );
        }
        panic!("time stands still at {}", self.local(self.now));
    }

    /// Everybody looks once at what is due, whether or not they asked to be woken.
    pub fn look(&mut self) {
        let asleep = std::mem::replace(&mut self.asleep, false);
        for id in self.ids() {
            self.tick(id);
        }
        self.asleep = asleep;
    }

    /// The plan in words, as people read it.
    fn plan_lines(&self, id: i64, until: Date) -> Vec<String> {
        let until = self.workflow.calendar.start_of(until);
        self.view_of(id, |view, subject| {
            let frame = Frame::new(view, subject);
            let line = |planned: &Planned<'_>| {
                let what = why::what_words(view.workflow, &planned.what);
                let ahead = if planned.ahead { "(" } else { "" };
                format!(
                    "{} {ahead}{what}: {}",
                    self.stamp(planned.at),
                    why::why_words(planned)
                )
            };
            plan::plan(&frame, until).iter().map(line).collect()
        })
    }

    /// Why a message was or was not sent, and when it goes.
    fn why_lines(&self, id: i64, message: &str) -> Vec<String> {
        let history = self.player(id).history.clone();
        self.view_of(id, |view, subject| {
            let history = history.iter().map(|(at, event)| (*at, event));
            let Some(why) = why::why(&Frame::new(view, subject), history, message) else {
                return vec![format!("no message {message} here")];
            };
            let decided = why
                .decided
                .iter()
                .map(|(when, what)| format!("{when} {what}"));
            let first = format!("{}, {}", why.declared_in, why.phrase);
            std::iter::once(first)
                .chain(decided)
                .chain([why.next])
                .collect()
        })
    }

    /// The meetings that stand where they could not be booked now.
    fn misplaced_lines(&self, id: i64) -> Vec<String> {
        self.view_of(id, |view, subject| {
            let found = plan::misplaced(&Frame::new(view, subject), self.now);
            let line = |one: &plan::Misplaced<'_>| {
                let why = match one.window {
                    Some((first, last)) => format!("outside {first} to {last}"),
                    None => "in a pause".to_owned(),
                };
                let at = self.stamp(one.booking.start);
                format!("{at} misplaced {}: {why}", one.meeting.name)
            };
            found.iter().map(line).collect()
        })
    }

    pub fn stamp(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    fn mail_line(&self, intent: &Intent) -> String {
        let mut line = format!("{} mail {}", self.stamp(intent.not_before), intent.name);
        let word = match &intent.about {
            About::Message => "",
            About::Meeting { word, .. } => match word {
                MeetingWord::Invited => " invitation",
                MeetingWord::Moved => " moved",
                MeetingWord::Cancelled => " cancelled",
                MeetingWord::Reminder => " reminder",
            },
            About::Booking => " booking",
            About::Reply => " reply",
            About::LateLot { .. } => " late",
            About::Task { .. } => " reminder",
            About::Overdue { .. } => " overdue",
        };
        line.push_str(word);
        if intent.again {
            let _ = write!(line, " r{}", intent.revision);
        }
        let _ = write!(line, " to {}", intent.to.join("+"));
        if let Some(until) = intent
            .gather_until
            .filter(|until| *until != intent.not_before)
        {
            let _ = write!(line, ", gathered until {}", self.stamp(until));
        }
        line
    }
}

fn clock() -> Actor {
    Actor {
        role: None,
        from: "clock".into(),
    }
}

/// An outcome as a line of a transcript; `None` for bookkeeping.
fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Opened { .. }
        | Event::PlaceTaken
        | Event::PlaceGiven
        | Event::Anonymised
        | Event::Heard { .. } => return None,
        Event::Fired { name, overridden } => format!(
            "event {name}{}",
            if *overridden { " overridden" } else { "" }
        ),
        Event::Recorded { facts } => format!("set {}", list(facts.keys())),
        Event::Cleared { facts } => format!("unset {}", list(facts)),
        Event::Assigned { role, people } => format!("{role} is {people:?}"),
        Event::Moved {
            left, entered, to, ..
        } => {
            let days: BTreeSet<Date> = entered.iter().map(|entry| entry.day).collect();
            let from = days
                .first()
                .map(|day| format!(" from {day}"))
                .unwrap_or_default();
            let last = left
                .first()
                .map(|(_, day)| format!(", left on {day}"))
                .unwrap_or_default();
            format!("-> {to}{from}{last}")
        }
        Event::Ended { how, .. } => format!("ended {how:?}").to_lowercase(),
        Event::TaskOpened { task, no, late, .. } => {
            format!(
                "task {task}{}{}",
                number(*no),
                if *late { " late" } else { "" }
            )
        }
        Event::Task { task, no, what } => {
            let what = match what {
                TaskFate::Done => "done",
                TaskFate::Skipped => "skipped",
                TaskFate::Withdrawn => "withdrawn",
                TaskFate::Missed => "missed",
                TaskFate::Overdue => "overdue",
            };
            format!("task {task}{} {what}", number(*no))
        }
        Event::Booked {
            meeting,
            no,
            start,
            revision,
            ..
        } => {
            let moved = if *revision > 0 {
                format!(" r{revision}")
            } else {
                String::new()
            };
            let start =
                start.to_zoned(jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone"));
            format!(
                "meeting {meeting}{} on {}{moved}",
                number(*no),
                start.strftime("%Y-%m-%d %H:%M")
            )
        }
        Event::Met {
            meeting, no, part, ..
        } => format!("meeting {meeting}{} {}", number(*no), part_words(*part)),
        Event::Lapsed { meeting, no } => format!("meeting {meeting}{} lapsed", number(*no)),
        Event::PlaceFree => "place free".into(),
        Event::DatesMoved { dates } => {
            let moved = dates.iter().map(|(name, day)| format!(" {name}={day}"));
            format!("dates{}", moved.collect::<String>())
        }
        Event::Paused { first, last } => format!("paused {first} to {last}"),
        Event::Unpaused { first } => format!("unpaused {first}"),
        Event::Answered {
            meeting,
            no,
            seat,
            said,
            revision,
            ..
        } => format!("answered {meeting}#{no} by {seat}: {said:?} to {revision}"),
        Event::Migrated(migrated) => {
            format!("migrated {}", migrated.to.as_deref().unwrap_or_default())
        }
        Event::Unmigrated { .. } => "unmigrated".into(),
        Event::Undone { cause, .. } => format!("undone {cause:?}"),
        Event::Again {
            declaration,
            revision,
            ..
        } => format!("again {declaration} r{revision}"),
        Event::Decided(decision) => {
            let what = &decision.declaration;
            match &decision.fate {
                Fate::Queued | Fate::Done => return None,
                Fate::Guard => format!("skip {what}"),
                Fate::Missed => format!("missed {what}"),
                Fate::Coalesced(older) => format!("coalesced {older} {what}"),
                Fate::New => format!("new {what}"),
                Fate::Waiting(facts) => format!("wait {what} for {}", names(facts)),
            }
        }
    })
}

fn number(no: u32) -> String {
    if no == 1 {
        String::new()
    } else {
        format!("#{no}")
    }
}

fn list<'n>(all: impl IntoIterator<Item = &'n Name>) -> String {
    all.into_iter()
        .map(|name| &**name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn part_words(part: Part) -> &'static str {
    match part {
        Part::Done => "done",
        Part::Overdue => "overdue",
        Part::Held => "held",
        Part::NoShow => "no_show",
        Part::Cancelled => "cancelled",
    }
}

/// Plays the inputs of a transcript and gives back the whole of it.
pub fn transcript(stage: &mut Stage, script: &str) -> String {
    let mut out = String::new();
    for line in script.lines().map(str::trim) {
        let Some(said) = line.strip_prefix('>') else {
            continue;
        };
        let said = said.trim();
        let (at, words) = said
            .split_at_checked(16)
            .unwrap_or_else(|| panic!("no local time in {line:?}"));
        let local: DateTime = at
            .trim()
            .replace(' ', "T")
            .parse()
            .unwrap_or_else(|_| panic!("no local time in {line:?}"));
        let at = stage.workflow.calendar.instant(local);
        // A line whose time is earlier than the one before it is a clock that went back.
        let before = stage.now;
        stage.pass(at);
        stage.now = at;
        let passed = std::mem::take(&mut stage.lines);
        for line in passed {
            let _ = writeln!(out, "  {line}");
        }
        let _ = writeln!(out, "> {said}");
        if let Err(refusal) = say(stage, words.trim()) {
            // Quotes are written as apostrophes, so that a transcript is a Rust string.
            let words = refusal.to_string().replace('"', "'");
            stage
                .lines
                .push(format!("{} refused: {words}", stage.stamp(stage.now)));
        }
        stage.now = stage.now.max(before);
        for line in std::mem::take(&mut stage.lines) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

/// Takes one line of a script: `[LABEL:] VERB …`.
fn say(stage: &mut Stage, words: &str) -> Result<(), Refusal> {
    let (label, words) = match words.split_once(": ") {
        Some((label, rest)) => (label, rest),
        None => ("", words),
    };
    let (role, words) = match words
        .strip_prefix("as ")
        .and_then(|rest| rest.split_once(' '))
    {
        Some((role, rest)) => (Some(Name::from(role)), rest),
        None => (None, words),
    };
    let actor = Actor {
        role,
        from: "test".into(),
    };
    let mut words = words.split_whitespace();
    let verb = words.next().unwrap_or("tick");
    let rest: Vec<&str> = words.collect();
    let case = stage
        .players
        .iter()
        .find(|player| player.id != HOLD && player.label == label)
        .map(|player| player.id);
    let now = stage.now;
    let (input, of_hold) = match verb {
        "hold" => {
            stage.open_hold(now);
            return Ok(());
        }
        "workflow" => {
            stage.open_workflow(now);
            return Ok(());
        }
        "open" => {
            let facts = rest.iter().filter(|word| word.contains('='));
            let facts = facts
                .map(|word| given(stage, word))
                .map(|(fact, given)| (fact.name, given))
                .collect();
            let state = rest
                .iter()
                .find(|word| !word.contains('='))
                .map(|state| Name::from(*state));
            let new = NewCase {
                state,
                facts,
                people: BTreeMap::new(),
            };
            return stage.open(label, &new, now).map(|_| ());
        }
        "born" => {
            stage.born = rest.first().map(|day| day.parse().expect("a date"));
            return Ok(());
        }
        "next" => {
            stage.next_cohort = Some(99);
            for id in stage.ids().into_iter().filter(|id| *id != HOLD) {
                stage.tick(id);
            }
            return Ok(());
        }
        "plan" | "why" => {
            let id = case.unwrap_or(HOLD);
            let lines = match verb {
                "plan" => stage.plan_lines(id, rest[0].parse().expect("a date")),
                _ => stage.why_lines(id, rest[0]),
            };
            stage.lines.extend(lines);
            return Ok(());
        }
        "misplaced" => {
            let id = if rest.is_empty() {
                case.unwrap_or(HOLD)
            } else {
                HOLD
            };
            let lines = stage.misplaced_lines(id);
            stage.lines.extend(lines);
            return Ok(());
        }
        "sleep" => {
            stage.asleep = true;
            return Ok(());
        }
        "keep" | "let_go" | "journal" => {
            let id = case.expect("a candidate");
            let player = stage.player_mut(id);
            match verb {
                "journal" => player.journaled = Some(player.subject.seq),
                _ => player.kept = verb == "keep",
            }
            return stage.give(id, &Input::News(News::Kept), &actor);
        }
        "tick" | "wake" => {
            stage.asleep = false;
            for id in stage.ids() {
                stage.tick(id);
            }
            return Ok(());
        }
        _ => input(stage, verb, &rest),
    };
    let target = if of_hold {
        HOLD
    } else {
        case.unwrap_or_else(|| panic!("no candidate {label:?}"))
    };
    stage.give(target, &input, &actor)
}

/// An input in words, and whether it is for the hold.
fn input(stage: &Stage, verb: &str, rest: &[&str]) -> (Input, bool) {
    let first = rest.first().copied().unwrap_or_default();
    let (of_hold, name) = first
        .strip_prefix("cohort.")
        .map_or((false, first), |name| (true, name));
    // What is of the hold is said with `cohort` in front.
    let hold_first = usize::from(first == "cohort");
    let day = |at: usize| rest[hold_first + at].parse::<Date>().expect("a date");
    let name = Name::from(name);
    let pairs = || rest.iter().filter(|word| word.contains('='));
    let facts = || -> BTreeMap<FactRef, Given> {
        let facts = pairs().filter(|word| !word.contains("=#"));
        facts.map(|word| given(stage, word)).collect()
    };
    let people = || -> BTreeMap<Name, Vec<i64>> {
        let people = pairs().filter_map(|word| word.split_once("=#"));
        people
            .map(|(role, id)| (Name::from(role), vec![id.parse().expect("a person")]))
            .collect()
    };
    let attendance = |no_show: bool| -> Vec<(i64, bool)> {
        let list = rest.iter().skip(1).map(|word| {
            word.strip_prefix('-')
                .map_or((*word, true), |label| (label, false))
        });
        let case = |label: &str| {
            stage
                .players
                .iter()
                .find(|player| player.id != HOLD && player.label == label)
        };
        list.filter_map(|(label, came)| Some((case(label)?.id, came && !no_show)))
            .collect()
    };
    let input = match verb {
        "fire" => Input::Fire {
            event: name,
            set: facts(),
            override_reason: rest
                .iter()
                .find_map(|word| word.strip_prefix('!'))
                .map(str::to_owned),
            another: rest.contains(&"+"),
        },
        "set" => return (Input::Record(facts()), first.starts_with("cohort.")),
        "done" => Input::Task {
            task: name,
            act: TaskAct::Done,
            set: facts(),
            assign: people(),
        },
        "skip" => Input::Task {
            task: name,
            act: TaskAct::Skip,
            set: BTreeMap::new(),
            assign: BTreeMap::new(),
        },
        "reopen" => Input::Task {
            task: name,
            act: TaskAct::Reopen,
            set: BTreeMap::new(),
            assign: BTreeMap::new(),
        },
        "book" => Input::Book {
            meeting: name,
            start: rest[1].parse().expect("a local time"),
            place: None,
        },
        "held" => Input::Met {
            meeting: name,
            part: Part::Held,
            attendance: attendance(false),
        },
        "no_show" => Input::Met {
            meeting: name,
            part: Part::NoShow,
            attendance: attendance(true),
        },
        "cancel" => Input::Met {
            meeting: name,
            part: Part::Cancelled,
            attendance: Vec::new(),
        },
        "move" => {
            let moved = pairs().filter_map(|word| word.split_once('='));
            let moved = moved.map(|(name, day)| (Name::from(name), day.parse().expect("a date")));
            return (Input::MoveDates(moved.collect()), true);
        }
        "take_back" => Input::TakeBack {
            forget: first == "forget",
        },
        "anonymise" => Input::Anonymise {
            running: first == "running",
        },
        "cancel_hold" => return (Input::Cancel, true),
        "pause" => {
            let pause = Pause {
                first: day(0),
                last: day(1),
            };
            return (Input::Pause(pause), hold_first == 1);
        }
        "unpause" => return (Input::Unpause(day(0)), hold_first == 1),
        "again" => {
            let again = Input::Again {
                occurrence: rest[hold_first].to_owned(),
                revision: rest[hold_first + 1].parse().expect("a revision"),
            };
            return (again, hold_first == 1);
        }
        "early" => {
            let occurrence = rest[hold_first].to_owned();
            return (Input::Early { occurrence }, hold_first == 1);
        }
        "news" => {
            let news = match first {
                "joined" => News::Joined,
                "given" => News::PlaceGiven,
                _ => News::Left { task: name },
            };
            return (Input::News(news), true);
        }
        "assign" => {
            let (role, people) = people().pop_first().expect("a role");
            let of_hold = stage.workflow.roles.iter().any(|known| {
                known.name == role && known.per == tovholder::definition::model::Per::Cohort
            });
            return (Input::Assign { role, people }, of_hold);
        }
        _ => panic!("no such verb: {verb:?}"),
    };
    (input, of_hold)
}

/// `fact=value`, typed by its declaration.
pub fn given(stage: &Stage, word: &str) -> (FactRef, Given) {
    let (name, value) = word
        .split_once('=')
        .unwrap_or_else(|| panic!("no value in {word:?}"));
    let (cohort, name) = name
        .strip_prefix("cohort.")
        .map_or((false, name), |name| (true, name));
    let facts = if cohort {
        &stage.workflow.cohort.facts
    } else {
        &stage.workflow.facts
    };
    let kind = facts
        .iter()
        .find(|fact| *fact.name == *name)
        .map_or(FactKind::YesNo, |fact| fact.kind.clone());
    let value = kind
        .read(value)
        .unwrap_or_else(|error| panic!("{word}: {error}"));
    (
        FactRef {
            cohort,
            name: name.into(),
        },
        Given { value, text: None },
    )
}
