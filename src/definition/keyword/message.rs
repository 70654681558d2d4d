//! `messages`: the only mail that an author writes: which template, to whom, when.
//!
//! ```yaml
//! messages:
//!   absence_notice: {template: absence-notice, to: job_consultant, when: absence, gather: 1 hour}
//!   status: {template: jobcentre-status, to: jobcentre, every: friday at 12:00, about: [course]}
//! ```

use super::{Cx, Home, facts, guard, phrase, roles};
use crate::definition::TemplateUse;
use crate::definition::keywords::{Key, Keys, Names, Page, Rule, Takes, Units, WAS};
use crate::definition::model::{Message, MessageTime, Name, Need, Per};
use crate::definition::names::{Entry, Thing};
use crate::definition::shape::{Shape, one_or_more, text, things, yes_no};
use crate::definition::symbols::Space;
use crate::definition::yaml::{Node, short};

/// A message.
pub(crate) static KEYS: Keys = Keys::new(
    "a message",
    "A mail: which template, to whom, when.",
    &[
        Key::needed(
            "template",
            Takes::Name(Names::Template),
            "A folder of the templates: subject, text and HTML.",
            "welcome",
        ),
        Key::needed(
            "to",
            Takes::OneOrMore(&Takes::Name(Names::Role)),
            "Who gets it. Outside a state, a role per candidate and `jobcentre` get one mail per person or \
             mailbox, about their own cases only.",
            "jobcentre",
        ),
        Key::new(
            "when",
            Takes::Point,
            "When it is sent: a point in time, or an event each time it happens.",
            "3 workdays before cohort.start at 09:00",
        ),
        Key::new(
            "every",
            Takes::Period,
            "How often it is sent.",
            "friday at 12:00",
        )
        .rules(&[Rule::Without(
            "when",
            Some("a message is sent \"when:\" or \"every:\", not both"),
        )]),
        Key::new(
            "from",
            Takes::Point,
            "The first day of `every`; the first day of the state, if it is left out.",
            "2 weeks before cohort.start",
        )
        .rules(&[Rule::With(
            &["every"],
            Some("\"from:\" is the first day of \"every:\", which is not here"),
        )]),
        Key::new(
            "until",
            Takes::Point,
            "The last day of `every`, or the day after which it is no longer sent.",
            "cohort.end",
        ),
        Key::new(
            "if",
            Takes::Guard,
            "What must hold when it is sent; otherwise it is skipped, and that is recorded.",
            "{cohort.free_places: {at_least: 1}}",
        ),
        Key::new(
            "needs",
            Takes::OneOrMore(&Takes::Name(Names::FactOrMeeting)),
            "Facts that must be recorded and meetings that must be booked before it can be sent.",
            "[cohort.school_place]",
        ),
        Key::new(
            "about",
            Takes::OneOrMore(&Takes::Name(Names::State)),
            "The states whose cases it tells of; all that are not final, if it is left out.",
            "[nominated, course]",
        )
        .outside_states(),
        Key::new(
            "gather",
            Takes::Length(Units::Elapsed),
            "Collects what happens within this time of the first, so that each recipient gets one mail.",
            "1 hour",
        )
        .rules(&[Rule::With(
            &["when"],
            Some("\"gather:\" gathers what happens \"when:\", which is not here"),
        )]),
        Key::new(
            "announcement",
            Takes::YesNo,
            "Whether it is an announcement to a network, from which each recipient can unsubscribe by a link.",
            "yes",
        )
        .outside_states(),
        WAS,
    ],
)
.one_of(&["when", "every"]);
/// The page of the reference.
pub(crate) static PAGE: Page = Page {
    name: "messages",
    title: "Messages",
    doc: "The only mail that an author writes; mails that follow from tasks, meetings and `overdue` come from \
          templates of fixed names. Where a message stands is its scope: in a state, the case; under \
          `cohort`, the hold; at the top, all holds. When there is nothing to say there is no mail. Mail \
          leaves on workdays inside `hours`.",
    example: "messages:\n  absence_notice: {template: absence-notice, to: job_consultant, when: absence, gather: 1 hour}\n  status: {template: status, to: jobcentre, every: friday at 12:00, about: [course]}",
    shapes: &[&KEYS],
    top: &[],
};

/// Reads the messages of a state, of the hold, or of the workflow.
pub(crate) fn read(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Message> {
    let messages = things(cx.sink, node, "messages").into_iter();
    messages
        .filter_map(|(name, key, value)| message(cx, name, key, value, home))
        .collect()
}

fn message(cx: &Cx, name: &str, key: &Node, value: &Node, home: Home) -> Option<Message> {
    let shape = Shape::read(cx.sink, &key.span, value, &KEYS)?;
    together(cx, &shape, home);
    cx.notes.borrow_mut().messages.push(Name::from(name));
    let template = shape
        .need(cx.sink, "template")
        .and_then(|node| template(cx, node));
    let to = recipients(cx, &shape, home);
    let when = when(cx, &shape, home);
    let message = Message {
        name: Name::from(name),
        was: shape.was(cx.sink, |word| word == name),
        template: template.unwrap_or_default(),
        guard: guard::read(cx, shape.get("if"), home),
        needs: needs(cx, shape.get("needs"), home),
        about: phrase::states(cx, shape.get("about")),
        gather: shape
            .get("gather")
            .and_then(|node| phrase::elapsed(cx, node, "gather")),
        announcement: announcement(cx, &shape, &to, home),
        when: when?,
        to,
    };
    Some(message)
}

/// A message has a time; in a state there is one case to be about.
fn together(cx: &Cx, shape: &Shape, home: Home) {
    if shape.get("when").is_none() && shape.get("every").is_none() {
        shape.missing(cx.sink, "when:\" or \"every");
    }
    if let (Home::Case(_), Some(span)) = (home, shape.key_span("about")) {
        cx.sink.error(
            "bad-value",
            &span,
            "a message in a state is about its own case: leave \"about:\" out",
        );
    }
}

/// A folder under `email-templates/LANGUAGE/`; whether it is there is for the caller to see.
fn template(cx: &Cx, node: &Node) -> Option<String> {
    let word = text(cx.sink, node, "a template")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !word.starts_with(|c: char| c.is_ascii_lowercase())
        || !word.chars().all(plain)
        || word.len() > 64
    {
        let message = format!("\"{}\" cannot be a template", short(word));
        let help = "a template is named by its folder: small letters a-z, digits and -";
        cx.sink.error_help("bad-name", &node.span, message, help);
        return None;
    }
    let (line, column) = cx.sink.place(&node.span);
    let used = TemplateUse {
        name: word.to_owned(),
        span: node.span.clone(),
        line,
        column,
    };
    cx.notes.borrow_mut().templates.push(used);
    Some(word.to_owned())
}

fn recipients(cx: &Cx, shape: &Shape, home: Home) -> Vec<Name> {
    let Some(node) = shape.get("to") else {
        shape.missing_as(cx.sink, "message-without-recipient", "to");
        return Vec::new();
    };
    if matches!(&node.kind, crate::definition::yaml::Kind::List(items) if items.is_empty()) {
        cx.sink.error(
            "message-without-recipient",
            &node.span,
            "a message to nobody is never sent",
        );
    }
    for (word, node) in roles::named(cx, node) {
        if home == Home::Workflow && cx.names.roles.get(word) == Some(&Some(Per::Cohort)) {
            let message =
                format!("each hold has its own \"{word}\", and this message is over all holds");
            let help = "put it under \"cohort:\", or name a role per candidate or per workflow";
            cx.sink.error_help("digest-role", &node.span, message, help);
        }
    }
    roles::names(cx, Some(node))
}

/// Who has a part in a course is told of it whether they like or not; only a network is announced to.
fn announcement(cx: &Cx, shape: &Shape, to: &[Name], home: Home) -> bool {
    let key = "announcement";
    let is_one = yes_no(cx.sink, shape.get(key), key);
    let Some(span) = shape.key_span(key).filter(|_| is_one) else {
        return false;
    };
    let per = |role: &&Name| cx.names.roles.get(&***role) == Some(&Some(Per::Candidate));
    let own = to.iter().find(per);
    let help = "leave \"announcement:\" out: it is for mail to a network";
    if matches!(home, Home::Case(_)) {
        let message = "mail of a state is about its own case, and nobody can unsubscribe from that";
        cx.sink
            .error_help("announcement-role", &span, message, help);
    } else if let Some(word) = own {
        let message = format!("it goes to \"{word}\", who cannot unsubscribe from their own cases");
        cx.sink
            .error_help("announcement-role", &span, message, help);
    }
    is_one
}

/// `None` when what stands there is faulty.
fn when(cx: &Cx, shape: &Shape, home: Home) -> Option<MessageTime> {
    if shape.get("every").is_some() {
        return phrase::recurrence(cx, shape, home).map(MessageTime::Every);
    }
    let point = shape
        .get("when")
        .and_then(|node| phrase::point(cx, node, home));
    let until = shape
        .get("until")
        .and_then(|node| phrase::point(cx, node, home));
    Some(MessageTime::When {
        point: point?,
        until,
    })
}

/// Facts that must be recorded and meetings that must be booked.
fn needs(cx: &Cx, node: Option<&Node>, home: Home) -> Vec<Need> {
    let nodes = node
        .map(|node| one_or_more(cx.sink, node, "a fact or meeting"))
        .unwrap_or_default();
    nodes
        .into_iter()
        .filter_map(|node| need(cx, node, home))
        .collect()
}

fn need(cx: &Cx, node: &Node, home: Home) -> Option<Need> {
    let word = node.text()?;
    let (cohort, name) = word
        .strip_prefix("cohort.")
        .map_or((false, word), |name| (true, name));
    let in_scope = matches!(home, Home::Case(_)) || (home == Home::Hold && cohort);
    if let (
        Some(Entry {
            thing: Thing::Meeting,
            ..
        }),
        true,
    ) = (cx.names.side(cohort).get(name), in_scope)
    {
        cx.sink.used(Space::side(cohort), name, &node.span);
        return Some(Need::Meeting {
            cohort,
            name: Name::from(name),
        });
    }
    let meetings = cx.names.words(cohort, |thing| *thing == Thing::Meeting);
    let meetings: Vec<&str> = meetings.collect();
    let other = ("fact or meeting", &*meetings);
    facts::named_or(cx, node, home, other).map(|(fact, _)| Need::Fact(fact))
}
