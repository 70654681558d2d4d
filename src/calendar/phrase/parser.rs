//! What all phrases share: the cursor over tokens, lengths, shifts and clock times.

use std::ops::Range;

use jiff::civil::Time;

use super::{
    super::{By, Direction, Length, Shift, Unit, names::weekday_en, names::weekday_named},
    error::PhraseError,
    hint,
    lexer::{Kind, Token, lex},
    strict_hhmm,
};

/// Longer than any course and short enough to stay inside the calendar; more is a slip of the key.
const COUNT_MAX: u32 = 99_999;

#[derive(Clone)]
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    settings: &'a dyn Fn(&str) -> Option<Length>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, settings: &'a dyn Fn(&str) -> Option<Length>) -> Self {
        Self {
            text,
            tokens: lex(text),
            next: 0,
            settings,
        }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.peek_after(0)
    }

    /// The token that many places after the next one.
    pub(super) fn peek_after(&self, places: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.next + places)
    }

    /// The tokens that are not read yet.
    pub(super) fn ahead(&self) -> &[Token<'a>] {
        &self.tokens[self.next..]
    }

    pub(super) fn bump(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// Takes the next token if it is this word.
    pub(super) fn eat(&mut self, word: &str) -> Option<Range<usize>> {
        let span = self
            .peek()
            .filter(|token| token.is_word(word))?
            .span
            .clone();
        self.next += 1;
        Some(span)
    }

    /// Takes the next token if it is a dot.
    pub(super) fn eat_dot(&mut self) -> Option<Range<usize>> {
        let span = self
            .peek()
            .filter(|token| token.kind == Kind::Dot)?
            .span
            .clone();
        self.next += 1;
        Some(span)
    }

    /// The place of the next token, or the end of the phrase.
    pub(super) fn here(&self) -> Range<usize> {
        self.peek()
            .map_or(self.text.len()..self.text.len(), |token| token.span.clone())
    }

    /// What is not read yet, as written.
    pub(super) fn rest(&self) -> &'a str {
        self.text[self.here().start..].trim_end()
    }

    pub(super) fn since(&self, start: usize) -> Range<usize> {
        let end = self
            .next
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |last| last.span.end);
        start..end.max(start)
    }

    /// Refuses whatever a complete phrase leaves over.
    pub(super) fn finish(&self) -> Result<(), PhraseError> {
        let Some(token) = self.peek() else {
            return Ok(());
        };
        let start = token.span.start;
        let rest = self.rest();
        let error = PhraseError::new(start..start + rest.len(), format!("`{rest}` is left over"));
        if let Some(time) = hint::loose_time(token.text).filter(|_| token.kind == Kind::Figure) {
            return Err(error.did_you_mean(&format!("at {}", time.strftime("%H:%M"))));
        }
        if token.is_word("at") {
            return Err(error.help("one clock time is enough"));
        }
        Err(error)
    }

    /// `N UNIT` or `settings.NAME`, with its place.
    pub(super) fn length(&mut self) -> Result<(Length, Range<usize>), PhraseError> {
        let start = self.here().start;
        match self.peek().map(|token| (token.kind, token.text)) {
            Some((Kind::Word, "settings")) => self.setting(),
            Some((Kind::Number, _)) => {
                let count = self.count()?;
                let unit = self.unit(count, start)?;
                Ok((Length { count, unit }, self.since(start)))
            }
            Some((_, text)) => {
                let error = PhraseError::new(self.here(), format!("`{text}` is no length"));
                Err(error.perhaps(spaced_length(text)).or_help(LENGTH_HELP))
            }
            None => Err(PhraseError::new(self.here(), "a length is missing").help(LENGTH_HELP)),
        }
    }

    fn setting(&mut self) -> Result<(Length, Range<usize>), PhraseError> {
        let start = self.here().start;
        self.bump();
        let dot = self.eat_dot();
        let Some(name) = self
            .bump()
            .filter(|name| dot.is_some() && name.kind == Kind::Word)
        else {
            let error =
                PhraseError::new(self.since(start), "`settings` needs the name of a setting");
            return Err(error.help("write `settings.NAME`"));
        };
        match (self.settings)(name.text) {
            Some(length) => Ok((length, self.since(start))),
            None => Err(PhraseError::new(
                name.span,
                format!("there is no setting `{}`", name.text),
            )),
        }
    }

    /// A number from 1 to [`COUNT_MAX`].
    pub(super) fn count(&mut self) -> Result<u32, PhraseError> {
        let span = self.here();
        let token = self.bump();
        let count = token
            .as_ref()
            .and_then(|token| token.text.parse::<u32>().ok());
        match count {
            Some(0) => Err(PhraseError::new(span, "a length is at least 1")
                .help("leave it out to mean none at all")),
            Some(count) if count <= COUNT_MAX => Ok(count),
            _ => Err(PhraseError::new(
                span,
                format!("a count is at most {COUNT_MAX}"),
            )),
        }
    }

    fn unit(&mut self, count: u32, start: usize) -> Result<Unit, PhraseError> {
        let Some(token) = self.bump().filter(|token| token.kind == Kind::Word) else {
            let error = PhraseError::new(self.since(start), format!("{count} of what?"));
            return Err(error.help(LENGTH_HELP));
        };
        if token.text == "calendar" {
            if self.eat("day").or_else(|| self.eat("days")).is_some() {
                return Ok(Unit::CalendarDays);
            }
            let error = PhraseError::new(token.span, "`calendar` goes with `days`");
            return Err(error.did_you_mean(
                &Length {
                    count,
                    unit: Unit::CalendarDays,
                }
                .to_string(),
            ));
        }
        if let Some(unit) = Unit::named(token.text) {
            return Ok(unit);
        }
        if hint::is_plain_day(token.text) {
            let [calendar, work] =
                [Unit::CalendarDays, Unit::Workdays].map(|unit| Length { count, unit });
            let error = PhraseError::new(
                self.since(start),
                "a day is a calendar day or a workday: say which",
            );
            return Err(error.help(format!("did you mean \"{calendar}\" or \"{work}\"?")));
        }
        let error = PhraseError::new(token.span, format!("`{}` is no unit of time", token.text));
        let meant = hint::unit_like(token.text).map(|unit| Length { count, unit }.to_string());
        Err(error.perhaps(meant).or_help(LENGTH_HELP))
    }

    /// `( DURATION | WEEKDAY ) ( "before" | "after" )`, where one begins here.
    pub(super) fn shift(&mut self) -> Result<Option<Shift>, PhraseError> {
        let start = self.here().start;
        let Some(token) = self.peek() else {
            return Ok(None);
        };
        let by = match token.kind {
            Kind::Number => By::Length(self.length()?.0),
            Kind::Word if token.text == "settings" => By::Length(self.length()?.0),
            Kind::Word => match weekday_named(token.text) {
                Some(weekday) => {
                    self.bump();
                    By::Weekday(weekday)
                }
                None => return self.misspelt_weekday().map_or(Ok(None), Err),
            },
            Kind::Figure => match spaced_length(token.text) {
                Some(length) => {
                    let error = PhraseError::new(token.span.clone(), "a space is missing");
                    return Err(error.did_you_mean(&length));
                }
                None => return Ok(None),
            },
            Kind::Dot | Kind::Other => return Ok(None),
        };
        let direction = self.direction(by, start)?;
        Ok(Some(Shift { by, direction }))
    }

    /// A word in front of "before" or "after" can only be a weekday.
    fn misspelt_weekday(&self) -> Option<PhraseError> {
        let (word, following) = (self.peek()?, self.peek_after(1)?);
        let direction =
            (following.kind == Kind::Word).then(|| hint::direction_like(following.text))??;
        let error = PhraseError::new(word.span.clone(), format!("`{}` is no weekday", word.text));
        let meant = hint::weekday_like(word.text)
            .map(|weekday| format!("{} {direction}", weekday_en(weekday)));
        let help =
            "a shift is a length or a weekday, such as `2 workdays before` or `monday before`";
        Some(error.perhaps(meant).or_help(help))
    }

    fn direction(&mut self, by: By, start: usize) -> Result<Direction, PhraseError> {
        if self.eat("before").is_some() {
            return Ok(Direction::Before);
        }
        if self.eat("after").is_some() {
            return Ok(Direction::After);
        }
        let shifted = |direction| Shift { by, direction }.to_string();
        match self.peek().filter(|token| token.kind == Kind::Word) {
            Some(token) => {
                let error = PhraseError::new(
                    token.span.clone(),
                    format!("`{}` is neither before nor after", token.text),
                );
                let help = format!(
                    "write \"{}\" or \"{}\"",
                    shifted(Direction::Before),
                    shifted(Direction::After)
                );
                Err(error
                    .perhaps(hint::direction_like(token.text).map(shifted))
                    .or_help(&help))
            }
            None => {
                let span = self.since(start);
                let error = PhraseError::new(
                    span.clone(),
                    format!("`{}` before or after what?", &self.text[span]),
                );
                let help = format!(
                    "write \"{} …\" or \"{} …\"",
                    shifted(Direction::Before),
                    shifted(Direction::After)
                );
                Err(error.help(help))
            }
        }
    }

    /// `[ "at" HHMM ]`, refused after a shift by minutes or hours.
    pub(super) fn clock(&mut self, shift: Option<&Shift>) -> Result<Option<Time>, PhraseError> {
        let Some(at) = self.eat("at") else {
            return Ok(None);
        };
        let Some(token) = self.bump() else {
            return Err(PhraseError::new(at, "`at` needs a clock time").help("such as `at 09:00`"));
        };
        let time = strict_hhmm(token.text)
            .ok_or_else(|| hint::no_clock_time(token.text, token.span.clone()))?;
        if shift.is_some_and(|shift| shift.elapsed().is_some()) {
            let error = PhraseError::new(
                at.start..token.span.end,
                "minutes and hours already give the clock time",
            );
            return Err(error.help("leave `at` out, or count in workdays or calendar days"));
        }
        Ok(Some(time))
    }
}

const LENGTH_HELP: &str = "a length is a number of minutes, hours, calendar days, workdays, weeks, months or years, \
    or `settings.NAME`";

/// "2weeks" with its space.
fn spaced_length(text: &str) -> Option<String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at(digits);
    let (count, unit) = (count.parse().ok()?, hint::unit_like(unit)?);
    Some(Length { count, unit }.to_string())
}

impl PhraseError {
    /// Help that is given where nothing better was found.
    pub(super) fn or_help(self, help: &str) -> Self {
        if self.help.is_some() {
            self
        } else {
            self.help(help)
        }
    }
}
