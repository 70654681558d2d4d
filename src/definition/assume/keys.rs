//! The keys of a line of assumptions.

use crate::definition::keywords::{Key, Keys, Names, Rule, Takes, Units};

/// A line of the file.
pub(super) static KEYS: Keys = Keys::new(
    "an assumption",
    "What one candidate, or the hold, does instead of what the plan expects.",
    &[
        Key::new(
            "candidate",
            Takes::Text,
            "A place in the list, from 1, or a name.",
            "3",
        ),
        Key::new("hold", Takes::YesNo, "It is about the hold.", "true"),
        Key::new(
            "absent",
            Takes::Name(Names::Meeting),
            "Does not come to this meeting.",
            "info_meeting",
        ),
        Key::new(
            "late",
            Takes::Name(Names::Task),
            "A task that is done, or a meeting that is booked, late.",
            "assess",
        ),
        Key::new(
            "by",
            Takes::Length(Units::Days),
            "How late, in workdays.",
            "5 workdays",
        )
        .rules(&[Rule::With(&["late"], None)]),
        Key::new(
            "never",
            Takes::Name(Names::Task),
            "A task that is never done, or a meeting never booked.",
            "assess",
        ),
        Key::new(
            "at",
            Takes::Moment,
            "The local date and time of it.",
            "2027-03-02 10:00",
        )
        .rules(&[Rule::With(&["event", "done", "book"], None)]),
        Key::new(
            "event",
            Takes::Name(Names::Event),
            "An event that is raised.",
            "withdraw",
        ),
        Key::new(
            "done",
            Takes::Name(Names::Task),
            "A task that is done.",
            "assess",
        ),
        Key::new(
            "book",
            Takes::Name(Names::Meeting),
            "A meeting that is booked.",
            "talk",
        ),
        Key::new(
            "on",
            Takes::Moment,
            "The start of the meeting that is booked.",
            "2027-03-04 13:00",
        )
        .rules(&[Rule::With(&["book"], None)]),
        Key::new(
            "set",
            Takes::Things(Names::Fact, &Takes::Value),
            "Facts that are recorded with it.",
            "{ready: yes}",
        )
        .rules(&[Rule::With(&["event", "done"], None)]),
    ],
);
