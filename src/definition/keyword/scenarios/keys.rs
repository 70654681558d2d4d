//! The tables of `scenarios`.

use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes};

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
            Takes::Things(Names::HoldDate, &Takes::Date),
            "The dates of the hold: all that a hold must have.",
            "{start: 2027-02-01, end: 2027-06-30}",
        ),
        Key::new(
            "candidate",
            Takes::Things(Names::CaseFact, &Takes::Value),
            "Facts of the candidate that are recorded from the beginning.",
            "{target_group: dagpenge, danish: \"02\"}",
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
            "set",
            Takes::Things(Names::Fact, &Takes::Value),
            "Facts that are recorded, alone or beside an event or a task.",
            "{ready: yes}",
        ),
        Key::new(
            "event",
            Takes::Name(Names::Event),
            "An event that is raised.",
            "accept",
        )
        .rules(&[Rule::Alone(&["at", "set"])]),
        Key::new(
            "book",
            Takes::Name(Names::Meeting),
            "A meeting that is booked.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::With(&["on"], None), Rule::Alone(&["at", "on"])]),
        Key::new(
            "on",
            Takes::Moment,
            "The start of the meeting that is booked.",
            "2027-01-13 13:00",
        )
        .rules(&[Rule::With(
            &["book"],
            Some("\"on:\" is the start of \"book:\", which is not here"),
        )]),
        Key::new(
            "held",
            Takes::Name(Names::Meeting),
            "A meeting that took place, with the candidate.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "no_show",
            Takes::Name(Names::Meeting),
            "A meeting to which the candidate did not come.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "cancelled",
            Takes::Name(Names::Meeting),
            "A meeting that is called off.",
            "cohort.info_meeting",
        )
        .rules(&[Rule::Alone(&["at"])]),
        Key::new(
            "done",
            Takes::Name(Names::Task),
            "A task that is done.",
            "cohort.decide",
        )
        .rules(&[Rule::Alone(&["at", "set"])]),
        Key::new(
            "expect",
            Takes::Map(&EXPECT),
            "What is to be true by now.",
            "{state: nominated}",
        )
        .rules(&[Rule::Alone(&["at"])]),
    ],
)
.one_of(&[
    "set",
    "event",
    "book",
    "held",
    "no_show",
    "cancelled",
    "done",
    "expect",
]);
/// What is expected.
pub(super) static EXPECT: Keys = Keys::new(
    "expect",
    "What is to be true at a step.",
    &[
        Key::new(
            "state",
            Takes::Name(Names::State),
            "The state that the case is in, one without states inside it.",
            "nominated",
        ),
        Key::new(
            "mails",
            Takes::Things(
                Names::Template,
                &Takes::Whole {
                    least: 0,
                    most: 100_000,
                },
            ),
            "How many mails have been sent so far, by template.",
            "{welcome: 1}",
        ),
    ],
)
.one_of(&["state", "mails"]);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "scenarios",
    title: "Scenarios",
    doc: "`tovholder test` plays each scenario on the real engine with a clock of its own, and compares what \
          is expected with what is. Nothing is sent. Times are local; what happens by time alone needs no \
          step.",
    example: "scenarios:\n  to_a_job:\n    title: Fra indstilling til aftale\n    cohort: {start: 2027-02-01, end: 2027-06-30}\n    candidate: {target_group: dagpenge}\n    steps:\n      - {at: 2027-01-11 09:00, event: accept}\n      - {at: 2027-02-01 08:00, expect: {state: school}}",
    shapes: &[&KEYS, &STEP, &EXPECT],
    top: &[],
};
