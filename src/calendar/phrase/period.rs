//! Periods: `EACH [ "at" HHMM ]`.

use std::ops::Range;

use jiff::civil::Weekday;

use super::{
    super::{
        Each, MonthDay, Period, Unit, Which,
        names::{weekday_en, weekday_named},
    },
    PhraseError, hint,
    lexer::{Kind, Token},
    parser::Parser,
};

const PERIOD_HELP: &str = "a period is `friday`, `workday`, `week`, `2 weeks`, `2 weeks on friday`, `month`, \
    `6 months`, `year` or `first workday of the month`";

impl Parser<'_> {
    pub(super) fn period(&mut self) -> Result<Period, PhraseError> {
        self.refuse_adverbs()?;
        let each = self.each()?;
        let at = self.clock(None)?;
        Ok(Period { each, at })
    }

    fn each(&mut self) -> Result<Each, PhraseError> {
        let start = self.here().start;
        let Some(token) = self.peek().cloned() else {
            return Err(PhraseError::new(self.here(), "a period is missing").help(PERIOD_HELP));
        };
        if token.kind == Kind::Number {
            let count = self.count()?;
            return self.counted(count, start);
        }
        self.bump();
        match (token.kind, token.text) {
            (Kind::Word, "workday") => Ok(Each::Workday),
            (Kind::Word, "week") => self.weeks(1),
            (Kind::Word, "month") => Ok(Each::Months(1)),
            (Kind::Word, "year") => Ok(Each::Years(1)),
            (Kind::Word, "first") => self.of_month(Which::First, start),
            (Kind::Word, "last") => self.of_month(Which::Last, start),
            (Kind::Word, word) => match weekday_named(word) {
                Some(weekday) => Ok(Each::Weekday(weekday)),
                None => Err(no_period(&token)),
            },
            _ => Err(no_period(&token)),
        }
    }

    fn counted(&mut self, count: u32, start: usize) -> Result<Each, PhraseError> {
        let Some(token) = self.bump() else {
            return Err(
                PhraseError::new(self.since(start), format!("{count} of what?")).help(PERIOD_HELP),
            );
        };
        let unit = (token.kind == Kind::Word)
            .then(|| Unit::named(token.text))
            .flatten();
        match unit {
            Some(Unit::Weeks) => self.weeks(count),
            Some(Unit::Months) => Ok(Each::Months(count)),
            Some(Unit::Years) => Ok(Each::Years(count)),
            Some(_) => Err(uncounted(self.since(start), count)),
            None if token.text == "calendar" || hint::is_plain_day(token.text) => {
                self.eat("day").or_else(|| self.eat("days"));
                Err(uncounted(self.since(start), count))
            }
            None => Err(no_unit(&token, count)),
        }
    }

    fn weeks(&mut self, count: u32) -> Result<Each, PhraseError> {
        let Some(on) = self.eat("on") else {
            return Ok(Each::Weeks { count, on: None });
        };
        let weekday = self.weekday(on)?;
        Ok(Each::Weeks {
            count,
            on: Some(weekday),
        })
    }

    fn weekday(&mut self, before: Range<usize>) -> Result<Weekday, PhraseError> {
        let Some(token) = self.bump() else {
            return Err(PhraseError::new(before, "a weekday is missing")
                .help("such as `2 weeks on friday`"));
        };
        weekday_named(token.text).ok_or_else(|| {
            let error = PhraseError::new(token.span, format!("`{}` is no weekday", token.text));
            error.perhaps(hint::weekday_like(token.text).map(weekday_en))
        })
    }

    /// `( WEEKDAY | "workday" ) "of the month"`, after "first" or "last".
    fn of_month(&mut self, which: Which, start: usize) -> Result<Each, PhraseError> {
        let day = if self.eat("workday").is_some() {
            MonthDay::Workday
        } else {
            let which_span = self.since(start);
            match self.peek() {
                Some(token) if hint::is_plain_day(token.text) => {
                    let error = PhraseError::new(token.span.clone(), "say which kind of day");
                    return Err(error.did_you_mean("first workday of the month"));
                }
                _ => MonthDay::Weekday(self.weekday(which_span)?),
            }
        };
        let each = Each::OfMonth { which, day };
        if ["of", "the", "month"]
            .into_iter()
            .all(|word| self.eat(word).is_some())
        {
            return Ok(each);
        }
        let span = start..self.here().end;
        Err(PhraseError::new(span, "first or last of what?").did_you_mean(&each.to_string()))
    }

    /// "every friday", "weekly": the key already says *every*, and periods are nouns.
    fn refuse_adverbs(&self) -> Result<(), PhraseError> {
        let Some(token) = self.peek().filter(|token| token.kind == Kind::Word) else {
            return Ok(());
        };
        let lower = token.text.to_lowercase();
        let noun = match lower.as_str() {
            "every" | "each" | "hver" => {
                let rest = self.peek_after(1).map_or("", |next| {
                    &self.rest()[next.span.start - token.span.start..]
                });
                let error = PhraseError::new(
                    token.span.clone(),
                    format!("`{}` is said by the key", token.text),
                );
                return Err(if rest.is_empty() {
                    error.help(PERIOD_HELP)
                } else {
                    error.did_you_mean(rest)
                });
            }
            "daily" | "dagligt" | "day" => "workday",
            "weekly" | "ugentligt" => "week",
            "fortnightly" | "biweekly" | "fortnight" => "2 weeks",
            "monthly" | "månedligt" => "month",
            "quarterly" | "quarter" | "kvartal" => "3 months",
            "yearly" | "annually" | "årligt" => "year",
            _ => return Ok(()),
        };
        let error = PhraseError::new(token.span.clone(), format!("`{}` is no period", token.text));
        Err(error.did_you_mean(noun))
    }
}

fn no_period(token: &Token<'_>) -> PhraseError {
    let error = PhraseError::new(token.span.clone(), format!("`{}` is no period", token.text));
    if matches!(
        token.text,
        "second" | "third" | "fourth" | "2nd" | "3rd" | "4th" | "1st"
    ) {
        return error.help("only the first and the last of a month can be named, or count weeks: `2 weeks on friday`");
    }
    let weekday = hint::weekday_like(token.text).map(weekday_en);
    let unit = || match hint::unit_like(token.text)? {
        Unit::Weeks => Some("week"),
        Unit::Months => Some("month"),
        Unit::Years => Some("year"),
        Unit::Workdays => Some("workday"),
        Unit::Minutes | Unit::Hours | Unit::CalendarDays => None,
    };
    error.perhaps(weekday.or_else(unit)).or_help(PERIOD_HELP)
}

fn uncounted(span: Range<usize>, count: u32) -> PhraseError {
    let error = PhraseError::new(span, "only weeks, months and years are counted in a period");
    if count == 1 {
        error.did_you_mean("workday")
    } else {
        error.help(PERIOD_HELP)
    }
}

fn no_unit(token: &Token<'_>, count: u32) -> PhraseError {
    let error = PhraseError::new(
        token.span.clone(),
        format!("`{}` is nothing to count a period in", token.text),
    );
    if let Some(weekday) = hint::weekday_like(token.text) {
        let on = Some(weekday);
        return error.did_you_mean(&Each::Weeks { count, on }.to_string());
    }
    let each = match hint::unit_like(token.text) {
        Some(Unit::Weeks) => Some(Each::Weeks { count, on: None }),
        Some(Unit::Months) => Some(Each::Months(count)),
        Some(Unit::Years) => Some(Each::Years(count)),
        _ => None,
    };
    error
        .perhaps(each.map(|each| each.to_string()))
        .or_help(PERIOD_HELP)
}
