//! The words of a scenario, each with what it takes and means.

use super::expect::ENDED;
use super::step::{CANCEL, CREATE};
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, words};
use crate::definition::model::Because;

/// Facts with values; beside them roles, which are given by invented names.
const GIVEN: Takes = Takes::OneOrMore(&Takes::Value);
const COUNT: Takes = Takes::Whole {
    least: 0,
    most: 100_000,
};

/// A scenario.
pub(crate) static KEYS: Keys = Keys::new(
    "a scenario",
    "An invented candidate on an invented hold, step by step.",
    &[
        Key::needed(
            "title",
            Takes::Text,
            "What people read.",
            "Fra indstilling til aftale",
        ),
        Key::needed(
            "cohort",
            Takes::Things(Names::OfHold, &GIVEN),
            "The hold: all dates that it must have, and what facts and roles it has from the start. A \
             role is given by invented names, or left to `nobody`.",
            "{start: 2027-02-01, end: 2027-06-30}",
        ),
        Key::new(
            "next_cohort",
            Takes::Things(Names::OfHold, &GIVEN),
            "The next hold, which starts later. It is there when a step creates it.",
            "{start: 2027-08-02, end: 2027-12-17}",
        ),
        Key::new(
            "places_taken",
            Takes::Whole {
                least: 1,
                most: 499,
            },
            "How many of the hold's places other candidates have from the start.",
            "3",
        ),
        Key::new(
            "candidate",
            Takes::Things(Names::OfCase, &GIVEN),
            "The one candidate: facts that are recorded from the beginning, roles, and `born`.",
            "{target_group: dagpenge, danish: \"02\"}",
        )
        .rules(&[Rule::Without(
            "candidates",
            Some("a scenario has \"candidate:\" or \"candidates:\", not both"),
        )]),
        Key::new(
            "candidates",
            Takes::Things(Names::New, &Takes::Things(Names::OfCase, &GIVEN)),
            "Several candidates, each with a short name that the steps use.",
            "{ida: {target_group: dagpenge}, bo: {born: 2001-05-01}}",
        ),
        Key::needed(
            "steps",
            Takes::List(&Takes::Map(&STEP)),
            "What happens, in the order of time.",
            "[{at: 2027-01-11 09:00, event: accept}]",
        ),
    ],
);

/// A step.
pub(super) static STEP: Keys = Keys::new(
    "a step",
    "One thing that happens or is expected: `set`, or one of the others.",
    &[
        Key::needed(
            "at",
            Takes::Moment,
            "The local date and time. No step is earlier than the one before it.",
            "2027-01-11 09:00",
        ),
        Key::new(
            "who",
            Takes::OneOrMore(&Takes::Name(Names::Person)),
            "Whom it is about: a candidate's name, several, `all`, or `other`, one of those who take the \
             hold's places. Left out where there is only one candidate, and where it is about the hold.",
            "ida",
        ),
        Key::new(
            "set",
            Takes::Things(Names::Fact, &Takes::Value),
            "Facts that are recorded, alone or beside an event or a task.",
            "{ready: yes}",
        )
        .rules(&[Rule::Alone(&["at", "who", "event", "refused", "because", "done", "by", "override"])]),
        Key::new(
            "event",
            Takes::Name(Names::Event),
            "An event that is raised.",
            "accept",
        )
        .rules(&[Rule::Alone(&["at", "who", "set", "by", "override"])]),
        Key::new(
            "by",
            Takes::Name(Names::Role),
            "Who raises it; left out, the first role that may.",
            "coordinator",
        )
        .rules(&[Rule::With(&["event", "refused"], None)]),
        Key::new(
            "override",
            Takes::Text,
            "The reason with which a guard that does not hold is passed.",
            "Har lang erfaring",
        )
        .rules(&[Rule::With(&["event", "refused"], None)]),
        Key::new(
            "refused",
            Takes::Name(Names::Event),
            "An event that is tried, and has to be refused.",
            "accept",
        )
        .rules(&[Rule::Alone(&["at", "who", "set", "by", "override", "because"])]),
        Key::new(
            "because",
            Takes::Words(&words(&Because::WORDS)),
            "Why it has to be refused.",
            "full",
        )
        .rules(&[Rule::With(&["refused"], None)]),
        Key::new(
            "book",
            Takes::Name(Names::Meeting),
            "A meeting that is booked.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::With(&["on"], None), Rule::Alone(&["at", "who", "on"])]),
        Key::new(
            "on",
            Takes::Moment,
            "The start of the meeting that is booked.",
            "2027-01-13 13:00",
        )
        .rules(&[Rule::With(&["book"], None)]),
        Key::new(
            "held",
            Takes::Name(Names::Meeting),
            "A meeting that took place.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::Alone(&["at", "who", "absent"])]),
        Key::new(
            "absent",
            Takes::OneOrMore(&Takes::Name(Names::Person)),
            "Who did not come to a meeting of the hold.",
            "bo",
        )
        .rules(&[Rule::With(&["held"], None)]),
        Key::new(
            "no_show",
            Takes::Name(Names::Meeting),
            "A meeting to which the candidate did not come.",
            "talk",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
        Key::new(
            "cancelled",
            Takes::Name(Names::Meeting),
            "A meeting that is called off.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
        Key::new(
            "done",
            Takes::Name(Names::Task),
            "A task that is done.",
            "cohort.decide",
        )
        .rules(&[Rule::Alone(&["at", "who", "set"])]),
        Key::new(
            "skip",
            Takes::Name(Names::Task),
            "A recurring or optional task that is left out.",
            "cohort.decide",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
        Key::new(
            "reopen",
            Takes::Name(Names::Task),
            "A task that was done and is opened again: what it recorded is not recorded any more.",
            "cohort.decide",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
        Key::new(
            "pause",
            Takes::Map(&PAUSE),
            "Days on which the course stands still: the candidate's with `who`, else the hold's.",
            "{from: 2027-01-11, to: 2027-01-12}",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
        Key::new(
            "move",
            Takes::Things(Names::HoldDate, &Takes::Date),
            "Dates of the hold that are moved.",
            "{start: 2027-02-08}",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "cancel",
            Takes::Words(&words(&CANCEL)),
            "What is called off.",
            "cohort",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "create",
            Takes::Words(&words(&CREATE)),
            "What is made.",
            "next_cohort",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "expect",
            Takes::Map(&EXPECT),
            "What is to be true by now.",
            "{state: nominated}",
        )
        .rules(&[Rule::Alone(&["at", "who"])]),
    ],
)
.one_of(&[
    "set",
    "event",
    "refused",
    "book",
    "held",
    "no_show",
    "cancelled",
    "done",
    "skip",
    "reopen",
    "pause",
    "move",
    "cancel",
    "create",
    "expect",
]);

/// A pause.
pub(super) static PAUSE: Keys = Keys::new(
    "a pause",
    "Days on which the course stands still, both included.",
    &[
        Key::needed("from", Takes::Date, "The first day.", "2027-01-11"),
        Key::needed("to", Takes::Date, "The last day.", "2027-01-12"),
    ],
);

/// What is expected.
pub(super) static EXPECT: Keys = Keys::new(
    "expect",
    "What is to be true at a step. What is not said is not looked at, but for mail that could not leave.",
    &[
        Key::new(
            "state",
            Takes::Name(Names::State),
            "The state that the case is in, one without states inside it.",
            "nominated",
        ),
        Key::new(
            "waits",
            Takes::OneOrMore(&Takes::Name(Names::Awaited)),
            "Whether it waits beyond its time: `yes`, `no`, or for what: facts, `cohort.free_places`, \
             `next_cohort`.",
            "accepted",
        ),
        Key::new(
            "place",
            Takes::YesNo,
            "Whether it has one of the hold's places.",
            "no",
        ),
        Key::new(
            "free_places",
            COUNT,
            "How many places of the hold are free.",
            "12",
        ),
        Key::new(
            "ended",
            Takes::Words(&words(&ENDED)),
            "Whether the case has ended.",
            "no",
        ),
        Key::new(
            "moved",
            Takes::YesNo,
            "Whether it has gone on to the next hold.",
            "no",
        ),
        Key::new(
            "open",
            Takes::OneOrMore(&Takes::Name(Names::Task)),
            "Tasks that are open.",
            "cohort.decide",
        ),
        Key::new(
            "not_open",
            Takes::OneOrMore(&Takes::Name(Names::Task)),
            "Tasks that are not open.",
            "cohort.decide",
        ),
        Key::new(
            "booked",
            Takes::OneOrMore(&Takes::Name(Names::Meeting)),
            "Meetings that are booked and not yet held.",
            "cohort.info_meeting",
        ),
        Key::new(
            "not_booked",
            Takes::OneOrMore(&Takes::Name(Names::Meeting)),
            "Meetings that are not.",
            "cohort.info_meeting",
        ),
        Key::new(
            "mails",
            Takes::Things(Names::Template, &COUNT),
            "How many mails have been sent so far, by template.",
            "{host-arrivals: 0}",
        ),
        Key::new(
            "held",
            COUNT,
            "How many mails could not leave; without it, none may.",
            "0",
        ),
        Key::new(
            "missed",
            Takes::OneOrMore(&Takes::Name(Names::Message)),
            "Messages that came too late and were not sent.",
            "arrivals",
        ),
    ],
)
.one_of(&[
    "state",
    "waits",
    "place",
    "free_places",
    "ended",
    "moved",
    "open",
    "not_open",
    "booked",
    "not_booked",
    "mails",
    "held",
    "missed",
]);

/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "scenarios",
    title: "Scenarios",
    doc: "`tovholder test` plays each scenario on the real engine with a clock of its own, and compares what \
          is expected with what is. Nothing is sent. Times are local; what happens by time alone needs no \
          step. Tasks and meetings carry `cohort.` where they are the hold's and `next_cohort.` where they \
          are the next hold's.",
    example: "scenarios:\n  to_a_job:\n    title: Fra indstilling til aftale\n    cohort: {start: 2027-02-01, end: 2027-06-30}\n    candidate: {target_group: dagpenge}\n    steps:\n      - {at: 2027-01-11 09:00, event: accept}\n      - {at: 2027-02-01 08:00, expect: {state: school}}",
    shapes: &[&KEYS, &STEP, &PAUSE, &EXPECT],
    top: &[],
};
