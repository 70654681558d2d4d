//! The language as JSON Schema (2020-12), made of the tables of [`keywords`](super::keywords), for
//! editors that know YAML. What a schema cannot say, such as which names exist, the checker says.

use serde_json::{Map, Value as Json, json};

use super::keyword::phrase;
use super::keywords::{Key, Keys, Names, Rule, TOP, Takes, Units, Word};
use super::names::Thing;
use super::problem::Sink;
use super::shape::YES_NO;
use super::yaml::{self, Kind, Node};
use crate::calendar::{
    Unit, closing_day_pattern, date_pattern, hours_pattern, length_pattern, moment_pattern,
    period_pattern, point_pattern, remind_pattern, weekday_en,
};
use jiff::civil::Weekday;

const NAME: &str = "[a-z][a-z0-9_]{0,63}";
const SLUG: &str = "^[a-z][a-z0-9-]{0,63}$";

/// The schema of a workflow file.
///
/// ```
/// let schema = tovholder::definition::schema();
/// assert_eq!(schema["required"][0], "workflow");
/// assert_eq!(schema["$defs"]["task"]["properties"]["by"]["examples"][0], "coordinator");
/// ```
#[must_use]
pub fn schema() -> Json {
    let mut writer = Writer { defs: Map::new() };
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".into(), "workflow.schema.json".into());
    schema.extend(writer.object(TOP, false));
    writer.defs.sort_keys();
    schema.insert("$defs".into(), writer.defs.into());
    Json::Object(schema)
}

struct Writer {
    defs: Map<String, Json>,
}

impl Writer {
    /// The schema of a map whose keys are known.
    fn object(&mut self, keys: &Keys, in_state: bool) -> Map<String, Json> {
        let mut properties = Map::new();
        for key in keys.written(in_state) {
            let below_candidate = in_state || (std::ptr::eq(keys, TOP) && key.name == "candidate");
            properties.insert(key.name.into(), self.property(key, below_candidate));
        }
        let required: Vec<&str> = keys
            .written(in_state)
            .filter(|key| key.required)
            .map(|key| key.name)
            .collect();
        let mut object = Map::new();
        object.insert("title".into(), keys.what.into());
        object.insert("description".into(), keys.doc.into());
        object.insert("type".into(), "object".into());
        object.insert("properties".into(), properties.into());
        object.insert("additionalProperties".into(), false.into());
        if !required.is_empty() {
            object.insert("required".into(), required.into());
        }
        let rules = rules(keys, in_state);
        if !rules.is_empty() {
            object.insert("allOf".into(), rules.into());
        }
        object
    }

    fn property(&mut self, key: &Key, in_state: bool) -> Json {
        let mut property = Map::new();
        let title = format!("{}: {}", key.name, key.takes.told().replace('`', ""));
        property.insert("title".into(), title.into());
        property.insert("description".into(), key.told().into());
        if let Some(example) = example(key.example) {
            property.insert("examples".into(), json!([example]));
        }
        if let Json::Object(takes) = self.takes(key.takes, in_state) {
            property.extend(takes);
        }
        Json::Object(property)
    }

    /// The schema of what stands after a key.
    fn takes(&mut self, takes: Takes, in_state: bool) -> Json {
        match takes {
            Takes::Text => json!({"type": SCALAR, "pattern": r"\S"}),
            Takes::Slug => json!({"type": "string", "pattern": SLUG}),
            Takes::YesNo => yes_no(),
            Takes::Whole { least, most } => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Takes::Words(words) => one_of(words),
            Takes::Weekday => json!({"type": "string", "enum": weekdays()}),
            Takes::Zone => {
                json!({"type": "string", "pattern": "^[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$"})
            }
            Takes::Value => json!({"type": SCALAR}),
            Takes::Date
            | Takes::Moment
            | Takes::Hours
            | Takes::ClosingDay
            | Takes::Point
            | Takes::Remind
            | Takes::Period
            | Takes::Length(_) => self.phrase(takes),
            Takes::Name(names) => name(names),
            Takes::OneOrMore(each) => {
                let each = self.takes(*each, in_state);
                json!({"anyOf": [each, {"type": "array", "items": each}]})
            }
            Takes::Pair(each) => {
                let each = self.takes(*each, in_state);
                json!({"type": "array", "items": each, "minItems": 2, "maxItems": 2})
            }
            Takes::List(each) => {
                let each = self.takes(*each, in_state);
                json!({"type": "array", "items": each})
            }
            Takes::Either(one, other) => {
                json!({"anyOf": [self.takes(*one, in_state), self.takes(*other, in_state)]})
            }
            Takes::Map(keys) => self.reference(keys, in_state),
            Takes::Things(names, each) => {
                let each = self.takes(*each, in_state);
                json!({"type": "object", "propertyNames": name(names), "additionalProperties": each})
            }
            Takes::Events(declared, built_in) => {
                let (declared, built_in) = (
                    self.reference(declared, in_state),
                    self.reference(built_in, in_state),
                );
                let built_in_name =
                    format!(r"^(?:cohort\.)?{NAME}\.(?:{})$", happenings().join("|"));
                let named = json!({format!("^{NAME}$"): declared, built_in_name: built_in});
                json!({"type": "object", "patternProperties": named, "additionalProperties": false})
            }
            Takes::Guard => self.guard(takes),
            Takes::Compare => self.compare(takes),
            Takes::Then => self.then(in_state),
        }
    }

    /// A map by reference; in states, where some of its keys have no meaning, it is another one.
    fn reference(&mut self, keys: &Keys, in_state: bool) -> Json {
        let differs = keys.keys.iter().any(|key| key.outside_states);
        let case = if in_state && differs { "case_" } else { "" };
        let what = keys
            .what
            .trim_start_matches("a ")
            .trim_start_matches("an ")
            .trim_start_matches("the ");
        let name = format!("{case}{}", what.replace([' ', '-'], "_"));
        self.define(&name, |writer| writer.object(keys, in_state).into())
    }

    /// A reference to a definition, which is made where it is first used.
    fn define(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.defs.contains_key(name) {
            // Its place is taken first: a state holds states.
            self.defs.insert(name.to_owned(), Json::Null);
            let made = make(self);
            self.defs.insert(name.to_owned(), made);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    fn phrase(&mut self, takes: Takes) -> Json {
        let (name, pattern, wanted) = match takes {
            Takes::Date => ("date", date_pattern(), "a date, such as `2027-02-01`"),
            Takes::Moment => (
                "moment",
                moment_pattern(),
                "a local date and time, such as `2027-02-01 09:00`",
            ),
            Takes::Hours => (
                "hours",
                hours_pattern(),
                "opening and closing, such as `08:00-16:00`",
            ),
            Takes::ClosingDay => (
                "closing_day",
                closing_day_pattern(),
                "a day of each year, such as `24 december`, or a date",
            ),
            Takes::Remind => (
                "remind",
                remind_pattern(),
                "a shift, such as `3 workdays before at 09:00`",
            ),
            Takes::Period => (
                "period",
                period_pattern(),
                "a period, such as `friday at 12:00`, `2 weeks on monday` or `first workday of the month`",
            ),
            Takes::Length(units) => length(units),
            _ => (
                "point",
                point_pattern(),
                "a point in time, such as `3 workdays before cohort.start at 09:00`, `school.last_day` or `2027-02-01`",
            ),
        };
        self.define(name, |_| json!({
            "type": "string", "pattern": pattern, "patternErrorMessage": format!("Expected {wanted}."),
        }))
    }

    /// Names of facts stand beside the words that a guard knows.
    fn guard(&mut self, takes: Takes) -> Json {
        let Some(keys) = takes.shape() else {
            return Json::Bool(true);
        };
        self.define("guard", |writer| {
            let mut guard = writer.object(keys, false);
            guard.insert(
                "additionalProperties".into(),
                writer.takes(Takes::Compare, false),
            );
            guard.insert("propertyNames".into(), name(Names::Fact));
            guard.insert("minProperties".into(), 1.into());
            guard.into()
        })
    }

    fn compare(&mut self, takes: Takes) -> Json {
        let Some(keys) = takes.shape() else {
            return Json::Bool(true);
        };
        self.define("compare", |writer| {
            let value = writer.takes(Takes::Value, false);
            let values = json!({"type": "array", "items": value, "minItems": 1});
            json!({"anyOf": [value, values, writer.reference(keys, false)]})
        })
    }

    fn then(&mut self, in_state: bool) -> Json {
        let Some(keys) = Takes::Then.shape() else {
            return Json::Bool(true);
        };
        self.define("then", |writer| {
            let branch = writer.reference(keys, in_state);
            let last = json!({"required": ["else"]});
            json!({"anyOf": [name(Names::Goal), {
                "type": "array", "items": branch, "minItems": 1, "contains": last, "maxContains": 1,
            }]})
        })
    }
}

/// Whatever YAML makes of a word without quotes.
const SCALAR: [&str; 3] = ["string", "number", "boolean"];

fn rules(keys: &Keys, in_state: bool) -> Vec<Json> {
    let mut all = Vec::new();
    if !keys.one_of.is_empty() {
        all.push(any_required(keys.one_of));
    }
    for key in keys.written(in_state) {
        for rule in key.rules {
            let then = match rule {
                Rule::With(others, _) => any_required(others),
                Rule::Without(other, _) => json!({"not": {"required": [other]}}),
                Rule::Alone(others) => {
                    let allowed: Vec<&str> = std::iter::once(key.name)
                        .chain(others.iter().copied())
                        .collect();
                    json!({"propertyNames": {"enum": allowed}})
                }
            };
            all.push(json!({"if": {"required": [key.name]}, "then": then}));
        }
    }
    all
}

fn any_required(keys: &[&str]) -> Json {
    match keys {
        [key] => json!({"required": [key]}),
        keys => {
            json!({"anyOf": keys.iter().map(|key| json!({"required": [key]})).collect::<Vec<_>>()})
        }
    }
}

fn one_of(words: &[Word]) -> Json {
    let (names, meanings): (Vec<_>, Vec<_>) =
        words.iter().map(|word| (word.word, word.doc)).unzip();
    json!({"type": "string", "enum": names, "enumDescriptions": meanings})
}

/// `true` and `false` are what YAML makes of these words, so both kinds are taken.
fn yes_no() -> Json {
    let word = |(word, value, _): (&str, bool, &str)| match word {
        "true" | "false" => Json::Bool(value),
        word => word.into(),
    };
    json!({"enum": YES_NO.map(word)})
}

fn weekdays() -> Vec<&'static str> {
    Weekday::Monday
        .cycle_forward()
        .take(7)
        .map(weekday_en)
        .collect()
}

/// What can happen to a task or meeting, which is what built-in events are called after.
fn happenings() -> Vec<&'static str> {
    let parts = [Thing::Task, Thing::Meeting]
        .iter()
        .flat_map(phrase::parts)
        .copied();
    parts.filter(|part| *part != "due").collect()
}

fn length(units: Units) -> (&'static str, String, &'static str) {
    let of = |keep: fn(Unit) -> bool| {
        Unit::ALL
            .into_iter()
            .filter(|unit| keep(*unit))
            .collect::<Vec<_>>()
    };
    match units {
        Units::Any => (
            "length",
            length_pattern(&Unit::ALL, true),
            "a length, such as `2 workdays` or `settings.NAME`",
        ),
        Units::Written => (
            "written_length",
            length_pattern(&Unit::ALL, false),
            "a length, such as `13 weeks`",
        ),
        Units::Days => (
            "days",
            length_pattern(&of(|unit| !unit.is_elapsed()), true),
            "a length in whole days, such as `3 weeks`, `10 workdays` or `settings.NAME`",
        ),
        Units::Elapsed => (
            "elapsed",
            length_pattern(&of(Unit::is_elapsed), true),
            "a length in minutes or hours, such as `45 minutes`",
        ),
    }
}

/// Which names exist is for the checker to say; a schema knows how they are written.
fn name(names: Names) -> Json {
    let pattern = match names {
        Names::Free => r"\S".to_owned(),
        Names::NewWorkflow | Names::Template => SLUG.to_owned(),
        Names::Goal => format!(r"^(?:next_cohort\.)?{NAME}$"),
        Names::Fact | Names::FactOrRole | Names::FactOrMeeting | Names::Awaited => {
            format!(r"^(?:cohort\.)?{NAME}$")
        }
        // A scenario also speaks of the next hold's.
        Names::Task | Names::Meeting => format!(r"^(?:(?:next_)?cohort\.)?{NAME}$"),
        Names::New
        | Names::Role
        | Names::State
        | Names::CaseFact
        | Names::HoldDate
        | Names::OfHold
        | Names::OfCase
        | Names::Person
        | Names::Message
        | Names::Event
        | Names::Setting => {
            format!("^{NAME}$")
        }
    };
    json!({"type": "string", "pattern": pattern})
}

/// An example as JSON: what YAML makes of it, but for words that the language takes as text.
pub(super) fn example(yaml: &str) -> Option<Json> {
    let text = format!("example: {yaml}\n");
    let sink = Sink::new("example", &text);
    let root = yaml::parse(&sink)?;
    let Kind::Map(entries) = &root.kind else {
        return None;
    };
    entries.first().map(|(_, value)| json(value))
}

fn json(node: &Node) -> Json {
    match &node.kind {
        Kind::Scalar { text, plain } => {
            let number = text
                .parse::<i64>()
                .ok()
                .filter(|number| *plain && number.to_string() == *text);
            number.map_or_else(|| text.as_str().into(), Json::from)
        }
        Kind::Map(entries) => entries
            .iter()
            .filter_map(|(key, value)| Some((key.text()?.to_owned(), json(value))))
            .collect(),
        Kind::List(items) => items.iter().map(json).collect(),
        Kind::Empty | Kind::Broken => Json::Null,
    }
}
