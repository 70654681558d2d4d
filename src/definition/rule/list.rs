//! All rules, in the order in which a file comes to meet them.

use super::Rule;
use crate::definition::problem::Severity::{self, Error, Warning};

/// A rule with its example, or one that no workflow file alone can break.
macro_rules! rule {
    ($name:literal, $severity:ident, $belongs:literal, $finds:literal, $act:literal) => {
        row(
            [$name, $belongs, $finds, $act],
            $severity,
            Some(include_str!(concat!(
                "../../../tests/it/rules/",
                $name,
                ".yaml"
            ))),
        )
    };
    ($name:literal, $severity:ident, $belongs:literal, $finds:literal, $act:literal, command) => {
        row([$name, $belongs, $finds, $act], $severity, None)
    };
}

const fn row(
    [name, belongs, finds, act]: [&'static str; 4],
    severity: Severity,
    example: Option<&'static str>,
) -> Rule {
    Rule {
        name,
        severity,
        belongs,
        finds,
        act,
        example,
    }
}

/// Every rule that a problem can name.
pub const RULES: &[Rule] = &[
    rule!(
        "unreadable",
        Error,
        "the file",
        "A file or folder that cannot be opened.",
        "Is its name right, and may you read it?",
        command
    ),
    rule!(
        "not-utf8",
        Error,
        "the file",
        "A file in another encoding than UTF-8.",
        "Save it as UTF-8.",
        command
    ),
    rule!(
        "yaml-syntax",
        Error,
        "the file",
        "What is no YAML: a bracket that is not closed, a tab, a colon in a plain text.",
        "Look at the indentation of the line, and at texts that need quotes."
    ),
    rule!(
        "yaml-feature",
        Error,
        "the file",
        "YAML that is not part of the language: anchors, aliases, merge keys, tags, a second document.",
        "Write it out."
    ),
    rule!(
        "too-large",
        Error,
        "the file",
        "A file larger, deeper or with more states than a workflow is.",
        "Is it a workflow? Split it into two."
    ),
    rule!(
        "too-many",
        Error,
        "the file",
        "So many problems that the rest are counted and not shown.",
        "Begin with the first ones."
    ),
    rule!(
        "duplicate-key",
        Error,
        "LANGUAGE §4: duplicate keys",
        "A key that stands twice in a map; YAML readers keep one of them without a word.",
        "Keep one."
    ),
    rule!(
        "unknown-key",
        Error,
        "LANGUAGE §4: unknown names",
        "A key that the language does not have there.",
        "Take the one it means."
    ),
    rule!(
        "missing-key",
        Error,
        "all keywords",
        "A key that must be there and is not.",
        "Write it."
    ),
    rule!(
        "wrong-type",
        Error,
        "all keywords",
        "A list where a text is meant, a map where a list is, and the like.",
        "Write what is wanted."
    ),
    rule!(
        "bad-value",
        Error,
        "all keywords",
        "A value that cannot stand there.",
        "Write one that can."
    ),
    rule!(
        "unquoted-grade",
        Error,
        "LANGUAGE §4: numbers where a quoted grade is meant",
        "A grade without quotes, which YAML reads as a number: 02 is 2, and 2 is no grade.",
        "Write it in quotes: \"02\"."
    ),
    rule!(
        "bad-name",
        Error,
        "all keywords",
        "A name with letters that names do not have.",
        "Small letters a-z, digits and _; a workflow and a template have - instead."
    ),
    rule!(
        "reserved-name",
        Error,
        "all keywords",
        "A name that is a word of the language.",
        "Choose another."
    ),
    rule!(
        "name-clash",
        Error,
        "all keywords",
        "One name for two things of one side, the candidate's or the hold's.",
        "Rename one of them."
    ),
    rule!(
        "unknown-name",
        Error,
        "LANGUAGE §4: unknown names",
        "A state, fact, role, task, meeting, event or setting that is not declared.",
        "Take the one it means, or declare it."
    ),
    rule!(
        "bad-phrase",
        Error,
        "LANGUAGE §3: time",
        "A time that is none: \"2 days\" does not say which days.",
        "Write a phrase of the language."
    ),
    rule!(
        "unknown-anchor",
        Error,
        "LANGUAGE §4: points that can never be known",
        "A point measured from something that has no day, or none that is known where it stands.",
        "Name something that has a day there."
    ),
    rule!(
        "every-without-origin",
        Error,
        "`messages`",
        "A period that counts from a first day where there is none.",
        "Name days of the calendar."
    ),
    rule!(
        "guard-type",
        Error,
        "`if`",
        "A comparison that the kind of the fact does not have.",
        "Compare it as its kind is compared."
    ),
    rule!(
        "needs-places",
        Error,
        "`holds_place`",
        "Places are held or counted, and the hold has no number of them.",
        "Write \"places:\" under \"cohort:\"."
    ),
    rule!(
        "role-scope",
        Error,
        "`roles`",
        "Something of the whole hold is for a role that each candidate has.",
        "Name a role per cohort or per workflow."
    ),
    rule!(
        "digest-role",
        Error,
        "`messages`",
        "A mail over all holds goes to a role that each hold has.",
        "Put it under \"cohort:\", or name another role."
    ),
    rule!(
        "announcement-role",
        Error,
        "`messages`",
        "An announcement goes to people whose own matter it is, and who could then unsubscribe from it.",
        "Leave \"announcement:\" out, or write to a network."
    ),
    rule!(
        "fills-role-not-per-candidate",
        Error,
        "`tasks`",
        "A task fills a role that is not the candidate's.",
        "Only roles per candidate are found later."
    ),
    rule!(
        "message-without-recipient",
        Error,
        "`messages`",
        "A mail that goes to nobody.",
        "Write \"to:\"."
    ),
    rule!(
        "lasts-without-then",
        Error,
        "`lasts`",
        "A state with an end and nothing after it.",
        "Write \"then:\"."
    ),
    rule!(
        "then-without-lasts",
        Error,
        "`then`",
        "A state that leads on, but not when.",
        "Write \"lasts:\" or \"until:\", or put \"then:\" in an event."
    ),
    rule!(
        "final-with-content",
        Error,
        "`final`",
        "A final state that has more than a title.",
        "What is to happen at the end belongs to the states before it, or to the candidate."
    ),
    rule!(
        "unreachable-state",
        Error,
        "LANGUAGE §4: unreachable states, finals out of reach",
        "A state that no case ever comes to.",
        "Let a way lead there, or leave it out."
    ),
    rule!(
        "no-exit",
        Error,
        "LANGUAGE §4: states without an exit",
        "A state that is not final and has no way out.",
        "Give it \"final:\", or an event or a time with \"then:\"."
    ),
    rule!(
        "cannot-end",
        Error,
        "LANGUAGE §4: finals out of reach",
        "A state from which no case ever comes to an end.",
        "Let some way lead to a final state."
    ),
    rule!(
        "restless-loop",
        Error,
        "LANGUAGE §4: loops of timed states that never rest",
        "A round of states that takes no time once their days are past.",
        "Let one of them last a length, or let a person decide."
    ),
    rule!(
        "branch-never-taken",
        Error,
        "LANGUAGE §4: a branch that can never be taken",
        "A branch that no values of its facts lead to, decided by trying all that make a difference.",
        "Put it before the branches that take its cases, or leave it out."
    ),
    rule!(
        "guard-never-holds",
        Error,
        "LANGUAGE §4: a branch that can never be taken",
        "An \"if:\" that no values of its facts fulfil.",
        "One of its lines is meant otherwise."
    ),
    rule!(
        "event-never-happens",
        Error,
        "LANGUAGE §4: a branch that can never be taken",
        "A state that reacts to a task or meeting which nobody has there, or to what cannot become of it.",
        "React in the state that has it."
    ),
    rule!(
        "lost-point",
        Error,
        "LANGUAGE §4: points after the state they sit in has ended",
        "Something that is to happen when its state has ended: it never does.",
        "Put it in the state that follows, or in a state that both are in."
    ),
    rule!(
        "never-known",
        Error,
        "LANGUAGE §4: points that can never be known",
        "A point measured from what no case there ever has, or from what nobody knows beforehand.",
        "Name something that is known there."
    ),
    rule!(
        "due-too-late",
        Warning,
        "LANGUAGE §4: points after the state they sit in has ended",
        "A task that is withdrawn before it is due, because its state has ended.",
        "Make it due before the state ends."
    ),
    rule!(
        "unfilled-date",
        Warning,
        "LANGUAGE §4: points that can never be known",
        "A date that something hangs on, and that no task fills and no event needs before.",
        "Let a task fill it."
    ),
    rule!(
        "may-wait",
        Warning,
        "LANGUAGE §4: where a missing fact would make a case wait",
        "A decision by time, or by what is held or done, on a fact that no task asks for by a day.",
        "Let a task with a due day fill it."
    ),
    rule!(
        "role-too-late",
        Warning,
        "LANGUAGE §4: tasks whose role nobody holds yet",
        "Someone is needed before the task that finds them.",
        "Fill the role before, or name somebody else."
    ),
    rule!(
        "praktik-too-long",
        Warning,
        "LANGUAGE §4: praktik beyond programme limits",
        "A state called praktik that lasts longer than the law has weeks for.",
        "Shorten it, tell target groups apart, or say that the candidate is employed."
    ),
    rule!(
        "voksenlaerling-age",
        Warning,
        "LANGUAGE §4: praktik beyond programme limits",
        "A guard that lets someone be a voksenlærling who is too young.",
        "Ask for the age that the law has."
    ),
    rule!(
        "template",
        Error,
        "email-templates",
        "A template that is not written as templates are.",
        "Do as its report says.",
        command
    ),
    rule!(
        "missing-template",
        Error,
        "email-templates",
        "A mail that has no template.",
        "Write subject.hbs, body.txt.hbs, body.html.hbs and why.hbs.",
        command
    ),
    rule!(
        "unknown-data",
        Error,
        "LANGUAGE §4: templates that use a name their message cannot supply",
        "A template with a name that the mail does not have.",
        "Take one that it has.",
        command
    ),
    rule!(
        "wrong-data",
        Error,
        "email-templates",
        "A value of another kind than is wanted: a date helper over a text, a list where there is none.",
        "Take a helper for that kind, or a name of the kind that the helper takes.",
        command
    ),
    rule!(
        "confidential-data",
        Error,
        "email-templates",
        "A template with what is confidential, and never given to a mail.",
        "Say that it lies behind the login, and put {{link}} in.",
        command
    ),
    rule!(
        "unwritable-mail",
        Error,
        "email-templates",
        "A branch of a template that cannot be rendered with what the mail may hold.",
        "Put a name that may be empty inside {{#if …}}.",
        command
    ),
    rule!(
        "leftover",
        Error,
        "email-templates",
        "What was left to fill in, a link that leads nowhere, a hole where a name is empty, a tag with one end.",
        "Write what belongs there, or put it inside {{#if …}}.",
        command
    ),
    rule!(
        "cpr-number",
        Error,
        "email-templates",
        "Ten digits in a mail that may be a CPR number.",
        "Leave it out: it belongs behind the login.",
        command
    ),
    rule!(
        "unlike-parts",
        Error,
        "email-templates",
        "A part of a mail with nothing in it, or a time or link that only one body has.",
        "Write both bodies so that they say the same.",
        command
    ),
    rule!(
        "bad-allow",
        Error,
        "`# tovholder: allow`",
        "An allowance without a reason, of a rule that does not exist, or of an error.",
        "Write: # tovholder: allow RULE because REASON."
    ),
    rule!(
        "unused-allow",
        Warning,
        "`# tovholder: allow`",
        "An allowance of what is not found there.",
        "Leave it out."
    ),
];
