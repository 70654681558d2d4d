//! What people say and the time language does not: refused with its meaning.

use super::{super::Length, error::PhraseError, hint, lexer::Kind, parser::Parser};

impl Parser<'_> {
    /// Refuses what people say and the language does not, with its meaning.
    pub(super) fn refuse_idioms(&self) -> Result<(), PhraseError> {
        let found = self
            .kl()
            .or_else(|| self.day_before())
            .or_else(|| self.within())
            .or_else(|| self.times_a());
        let found = found.or_else(|| self.number_word());
        found.map_or(Ok(()), Err)
    }

    /// "kl. 9.00"
    fn kl(&self) -> Option<PhraseError> {
        let ahead = self.ahead();
        let place = ahead
            .iter()
            .position(|token| matches!(token.text, "kl" | "Kl" | "klokken"))?;
        let figure = ahead[place + 1..]
            .iter()
            .find(|token| token.kind != Kind::Dot)?;
        if !matches!(figure.kind, Kind::Number | Kind::Figure) {
            return None;
        }
        let error = PhraseError::new(
            ahead[place].span.start..figure.span.end,
            "a clock time stands after `at`",
        );
        let time =
            hint::loose_time(figure.text).map(|time| format!("at {}", time.strftime("%H:%M")));
        Some(error.perhaps(time).or_help("write `at 09:00`"))
    }

    /// "two weeks before", "a month after"
    fn number_word(&self) -> Option<PhraseError> {
        let (word, unit) = (self.peek()?, self.peek_after(1)?);
        let count = if matches!(word.text, "a" | "an") {
            Some(1)
        } else {
            hint::times_like(word.text)
        };
        let count = count.filter(|_| word.kind == Kind::Word)?;
        let unit_meant =
            (unit.kind == Kind::Word && unit.text != "a").then(|| hint::unit_like(unit.text))??;
        let error = PhraseError::new(
            word.span.start..unit.span.end,
            "a number is written in digits",
        );
        Some(
            error.did_you_mean(
                &Length {
                    count,
                    unit: unit_meant,
                }
                .to_string(),
            ),
        )
    }

    /// "the day before"
    fn day_before(&self) -> Option<PhraseError> {
        let skip = usize::from(self.peek()?.is_word("the") || self.peek()?.is_word("a"));
        let (day, following) = (self.peek_after(skip)?, self.peek_after(skip + 1)?);
        if day.kind != Kind::Word || !hint::is_plain_day(day.text) {
            return None;
        }
        let direction = hint::direction_like(following.text)?;
        let span = self.here().start..following.span.end;
        let error = PhraseError::new(span, "a day is a calendar day or a workday: say which");
        Some(error.help(format!(
            "did you mean \"1 calendar day {direction}\" or \"1 workday {direction}\"?"
        )))
    }

    /// "within 2 workdays of the meeting"
    fn within(&self) -> Option<PhraseError> {
        let first = self.peek()?;
        if !matches!(
            first.text.to_lowercase().as_str(),
            "within" | "inden" | "senest"
        ) {
            return None;
        }
        let mut rest = self.clone();
        rest.bump();
        let length = match rest.length() {
            Ok((length, _)) => length,
            Err(error) => return Some(error),
        };
        let span = first.span.start..rest.since(first.span.start).end;
        if rest
            .peek()
            .is_some_and(|token| ["of", "after", "before", "from"].contains(&token.text))
        {
            rest.bump();
        }
        let anchor = if rest.rest().is_empty() {
            "…"
        } else {
            rest.rest()
        };
        let error = PhraseError::new(span, format!("`{}` names no point in time", first.text));
        Some(error.did_you_mean(&format!("{length} after {anchor}")))
    }

    /// "twice a year", "3 times a month"
    fn times_a(&self) -> Option<PhraseError> {
        let times = self.peek().and_then(|token| hint::times_like(token.text))?;
        let skip = 1 + usize::from(
            self.peek_after(1)
                .is_some_and(|token| token.is_word("times") || token.is_word("time")),
        );
        self.peek_after(skip)
            .filter(|token| ["a", "an", "per", "every", "each"].contains(&token.text))?;
        let unit = self.peek_after(skip + 1)?;
        let error = PhraseError::new(
            self.here().start..unit.span.end,
            "a period is the time from one to the next",
        );
        Some(
            error
                .perhaps(hint::period_of(times, unit.text))
                .or_help("such as `week`, `2 weeks` or `6 months`"),
        )
    }
}
