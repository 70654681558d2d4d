//! The words a template may use besides its data: `if`, `each`, `long_date`, `count`, …
//!
//! Handlebars' own strict mode lets `{{#if unknown}}` pass as false and gives helpers an unknown
//! name as null. Every helper here asks first whether its names are known, so that a misspelt name
//! is an error wherever it stands. A JSON null is known: it is an empty value.

use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, JsonRender,
    JsonTruthy, JsonValue, Output, RenderContext, RenderError, RenderErrorReason, Renderable,
    ScopedJson, Template,
};
use jiff::civil::{Date, DateTime};
use serde_json::{Value as Json, json};

use super::words::Speech;

/// Helpers that open a block, `{{#if x}} … {{/if}}`. Each takes one value.
pub(super) const BLOCKS: [&str; 4] = ["if", "unless", "each", "with"];

/// Helpers that give a value, with the least and the greatest number of values they take.
pub(super) const VALUES: &[(&str, usize, usize)] = &[
    ("long_date", 1, 1),
    ("date", 1, 1),
    ("short_date", 1, 1),
    ("time", 1, 1),
    ("date_time", 1, 1),
    ("week", 1, 1),
    ("list", 1, 1),
    ("lines", 1, 1),
    ("decimal", 1, 1),
    ("count", 3, 3),
    ("eq", 2, 2),
    ("ne", 2, 2),
    ("not", 1, 1),
    ("and", 2, 9),
    ("or", 2, 9),
];

/// The guard that partials' arguments are wrapped in, since a partial has no helper to check them.
pub(super) const KNOWN: &str = "known";

type Answer = Result<Json, String>;
type Run = fn(&Helper<'_>, Speech) -> Answer;

/// What a part is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Text,
    Html,
}

/// A registry that is strict, speaks the language and holds exactly our helpers.
pub(super) fn registry(speech: Speech, medium: Medium) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    for name in ["lookup", "raw", "log", "gt", "gte", "lt", "lte", "len"] {
        registry.unregister_helper(name);
    }
    registry.register_helper("if", Box::new(If { positive: true }));
    registry.register_helper("unless", Box::new(If { positive: false }));
    registry.register_helper("each", Box::new(Each));
    registry.register_helper("with", Box::new(With));
    registry.register_helper("lines", Box::new(Lines { medium }));
    let values: [(&'static str, Run); 15] = [
        ("long_date", |h, speech| {
            Ok(json!(speech.long_date(date(value(h)?)?)))
        }),
        ("date", |h, speech| Ok(json!(speech.date(date(value(h)?)?)))),
        ("short_date", |h, speech| {
            Ok(json!(speech.short_date(date(value(h)?)?)))
        }),
        ("time", |h, speech| {
            Ok(json!(speech.time(date_time(value(h)?)?.time())))
        }),
        ("date_time", |h, speech| {
            Ok(json!(speech.date_time(date_time(value(h)?)?)))
        }),
        ("week", |h, speech| Ok(json!(speech.week(date(value(h)?)?)))),
        ("list", list),
        ("decimal", decimal),
        ("count", count),
        ("eq", |h, _| Ok(json!(nth(h, 0)? == nth(h, 1)?))),
        ("ne", |h, _| Ok(json!(nth(h, 0)? != nth(h, 1)?))),
        ("not", |h, _| Ok(json!(!value(h)?.is_truthy(false)))),
        ("and", |h, _| {
            Ok(json!(h.params().iter().all(|p| p.value().is_truthy(false))))
        }),
        ("or", |h, _| {
            Ok(json!(h.params().iter().any(|p| p.value().is_truthy(false))))
        }),
        (KNOWN, |h, _| value(h).cloned()),
    ];
    for (name, run) in values {
        registry.register_helper(name, Box::new(Value { name, speech, run }));
    }
    registry
}

/// Fails on the first name that the data does not have.
fn require_known(helper: &Helper<'_>) -> Result<(), RenderError> {
    let unknown = helper
        .params()
        .iter()
        .chain(helper.hash().values())
        .find(|given| given.is_value_missing());
    match unknown {
        Some(given) => Err(RenderError::strict_error(given.relative_path())),
        None => Ok(()),
    }
}

/// A helper that gives a value; the registry escapes it where that is due.
struct Value {
    name: &'static str,
    speech: Speech,
    run: Run,
}

impl HelperDef for Value {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        require_known(h)?;
        (self.run)(h, self.speech)
            .map(ScopedJson::Derived)
            .map_err(|reason| RenderErrorReason::Other(format!("{}: {reason}", self.name)).into())
    }
}

/// `{{lines text}}`: a text with the lines it was written in. Word, which shows mail in Outlook, knows
/// no other way to end a line than `<br>`.
struct Lines {
    medium: Medium,
}

impl HelperDef for Lines {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        require_known(h)?;
        let text = match h.param(0).map(handlebars::PathAndJson::value) {
            Some(Json::String(text)) => text.as_str(),
            Some(Json::Null) => "",
            other => return Err(refuse("lines", "a text", other)),
        };
        let end = if self.medium == Medium::Html {
            "<br>\n"
        } else {
            "\n"
        };
        for (at, line) in text.trim_end().lines().enumerate() {
            out.write(if at > 0 { end } else { "" })?;
            out.write(&r.get_escape_fn()(line.trim_end()))?;
        }
        Ok(())
    }
}

struct If {
    positive: bool,
}

impl HelperDef for If {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        require_known(h)?;
        let holds = h
            .param(0)
            .is_some_and(|given| given.value().is_truthy(false));
        let branch = if holds == self.positive {
            h.template()
        } else {
            h.inverse()
        };
        branch.map_or(Ok(()), |template| template.render(r, ctx, rc, out))
    }
}

/// `{{#each list}}`: a list only, so that a text or a number given by mistake is an error.
struct Each;

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        require_known(h)?;
        let items = match h.param(0).map(handlebars::PathAndJson::value) {
            Some(Json::Array(items)) => items.as_slice(),
            Some(Json::Null) => &[],
            other => return Err(refuse("each", "a list", other)),
        };
        let branch = if items.is_empty() {
            h.inverse()
        } else {
            h.template()
        };
        let Some(template) = branch else {
            return Ok(());
        };
        if items.is_empty() {
            return template.render(r, ctx, rc, out);
        }
        for (index, item) in items.iter().enumerate() {
            let mut block = BlockContext::new();
            block.set_local_var("index", json!(index));
            block.set_local_var("first", json!(index == 0));
            block.set_local_var("last", json!(index + 1 == items.len()));
            let mut names = BlockParams::new();
            if let Some(name) = h.block_param() {
                names.add_value(name, item.clone())?;
            } else if let Some((name, counter)) = h.block_param_pair() {
                names.add_value(name, item.clone())?;
                names.add_value(counter, json!(index))?;
            }
            block.set_block_params(names);
            inside(block, item, template, (r, ctx, rc, out))?;
        }
        Ok(())
    }
}

/// `{{#with thing}}`: names inside are the thing's; a thing that is null takes the `else`.
struct With;

impl HelperDef for With {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        require_known(h)?;
        match (h.param(0).map(handlebars::PathAndJson::value), h.template()) {
            (Some(Json::Null), _) => h
                .inverse()
                .map_or(Ok(()), |template| template.render(r, ctx, rc, out)),
            (Some(thing @ Json::Object(_)), Some(template)) => {
                let mut block = BlockContext::new();
                if let Some(name) = h.block_param() {
                    let mut names = BlockParams::new();
                    names.add_value(name, thing.clone())?;
                    block.set_block_params(names);
                }
                inside(block, thing, template, (r, ctx, rc, out))
            }
            (other, _) => Err(refuse("with", "a value with parts", other)),
        }
    }
}

type Scene<'a, 'reg, 'rc> = (
    &'reg Handlebars<'reg>,
    &'rc Context,
    &'a mut RenderContext<'reg, 'rc>,
    &'a mut dyn Output,
);

/// Renders a block whose names are those of `base`.
fn inside<'reg: 'rc, 'rc>(
    mut block: BlockContext<'rc>,
    base: &JsonValue,
    template: &'rc Template,
    (r, ctx, rc, out): Scene<'_, 'reg, 'rc>,
) -> HelperResult {
    block.set_base_value(base.clone());
    rc.push_block(block);
    let rendered = template.render(r, ctx, rc, out);
    rc.pop_block();
    rendered
}

fn refuse(helper: &str, wanted: &str, given: Option<&Json>) -> RenderError {
    let given = given.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    RenderErrorReason::Other(format!("{helper}: {given} is not {wanted}")).into()
}

fn nth<'a>(h: &'a Helper<'_>, index: usize) -> Result<&'a Json, String> {
    h.param(index)
        .map(handlebars::PathAndJson::value)
        .ok_or_else(|| format!("value number {} is missing", index + 1))
}

fn value<'a>(h: &'a Helper<'_>) -> Result<&'a Json, String> {
    nth(h, 0)
}

/// A date, or the date of a date-time.
fn date(given: &Json) -> Result<Date, String> {
    match given.as_str() {
        Some(text) if text.len() == "2027-03-24".len() => text
            .parse()
            .map_err(|_| format!("{given} is not a date such as \"2027-03-24\"")),
        Some(_) => date_time(given).map(DateTime::date),
        None => Err(format!("{given} is not a date such as \"2027-03-24\"")),
    }
}

/// A local date and time. An offset or a zone is refused: it would be read as local and be wrong.
fn date_time(given: &Json) -> Result<DateTime, String> {
    let bad = || format!("{given} is not a local date and time such as \"2027-03-24T09:00\"");
    let text = given.as_str().ok_or_else(bad)?;
    let lengths = ["2027-03-24T09:00".len(), "2027-03-24T09:00:00".len()];
    if !lengths.contains(&text.len()) || !text.contains('T') {
        return Err(bad());
    }
    text.parse().map_err(|_| bad())
}

/// `{{list names}}`, or `{{list people field="name"}}` for one part of each.
fn list(h: &Helper<'_>, speech: Speech) -> Answer {
    let items = match value(h)? {
        Json::Array(items) => items.as_slice(),
        Json::Null => &[],
        other => return Err(format!("{other} is not a list")),
    };
    let field = h.hash_get("field").and_then(|field| field.value().as_str());
    let said = items.iter().map(|item| match field {
        None => Ok(item.render()),
        Some(field) => item
            .get(field)
            .map(JsonRender::render)
            .ok_or_else(|| format!("an item has no \"{field}\"")),
    });
    Ok(json!(speech.list(&said.collect::<Result<Vec<_>, _>>()?)))
}

/// `{{decimal x}}` has two digits after the comma, `{{decimal x digits=1}}` one.
fn decimal(h: &Helper<'_>, speech: Speech) -> Answer {
    let given = value(h)?;
    let number = given
        .as_f64()
        .or_else(|| given.as_str().and_then(|text| text.parse::<f64>().ok()))
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{given} is not a number"))?;
    let digits = match h.hash_get("digits").map(handlebars::PathAndJson::value) {
        None => 2,
        Some(digits) => digits
            .as_u64()
            .and_then(|digits| usize::try_from(digits).ok())
            .filter(|digits| *digits <= 9)
            .ok_or_else(|| format!("digits={digits} is not a number from 0 to 9"))?,
    };
    Ok(json!(speech.decimal(number, digits)))
}

/// `{{count n "kandidat" "kandidater"}}`; a list counts its items.
fn count(h: &Helper<'_>, speech: Speech) -> Answer {
    let given = value(h)?;
    let number = match given {
        Json::Array(items) => i64::try_from(items.len()).ok(),
        other => other.as_i64(),
    }
    .ok_or_else(|| format!("{given} is not a whole number"))?;
    let word = nth(h, if number.abs() == 1 { 1 } else { 2 })?;
    let word = word
        .as_str()
        .ok_or_else(|| format!("{word} is not a word"))?;
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^53 candidates")]
    let said = speech.decimal(number as f64, 0);
    Ok(json!(format!("{said} {word}")))
}
