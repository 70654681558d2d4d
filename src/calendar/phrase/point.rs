//! Points and reminders: `[ SHIFT ] ANCHOR [ "at" HHMM ]` and `SHIFT [ "at" HHMM ]`.

use super::{
    super::{By, Direction, Shift, names::weekday_en},
    AnchorKind, AnchorText, PARTS, PhraseError, PointText, RESERVED, RemindText, hint,
    lexer::{Kind, Token},
    parser::Parser,
};

impl Parser<'_> {
    pub(super) fn point(&mut self) -> Result<PointText, PhraseError> {
        let start = self.here().start;
        let shift = self.shift()?;
        if let (Some(shift), None) = (shift, self.peek().filter(|token| !token.is_word("at"))) {
            let error = PhraseError::new(self.since(start), format!("`{shift}` what?"));
            return Err(error.help(format!(
                "name what it is counted from, such as `{shift} cohort.start`"
            )));
        }
        let anchor = self.anchor()?;
        let at = self.clock(shift.as_ref())?;
        Ok(PointText { shift, anchor, at })
    }

    pub(super) fn remind(&mut self) -> Result<RemindText, PhraseError> {
        let Some(shift) = self.shift()? else {
            let error = PhraseError::new(self.here(), "a shift is missing");
            return Err(
                error.help("write how long before or after, such as `3 workdays before at 09:00`")
            );
        };
        let at = self.clock(Some(&shift))?;
        if let Some(token) = self
            .peek()
            .filter(|token| at.is_none() && token.kind == Kind::Word)
        {
            let span = token.span.start..token.span.start + self.rest().len();
            let error = PhraseError::new(
                span,
                format!("`{}` is given here by where the phrase stands", self.rest()),
            );
            return Err(error.did_you_mean(&shift.to_string()));
        }
        Ok(RemindText { shift, at })
    }

    fn anchor(&mut self) -> Result<AnchorText, PhraseError> {
        let Some(token) = self.bump() else {
            return Err(
                PhraseError::new(self.here(), "a point in time is missing").help(ANCHOR_HELP)
            );
        };
        let start = token.span.start;
        let (cohort, kind) = match token.kind {
            Kind::Figure => (false, AnchorKind::Date(date(&token)?)),
            Kind::Word => match token.text {
                "cohort" => (true, self.cohort_thing(&token)?),
                "entered" => (false, AnchorKind::Entered),
                "left" => (false, AnchorKind::Left),
                "ended" => (false, AnchorKind::Ended),
                _ => (false, self.thing(&token)?),
            },
            Kind::Number | Kind::Dot | Kind::Other => {
                let error =
                    PhraseError::new(token.span, format!("`{}` is no point in time", token.text));
                return Err(error.help(ANCHOR_HELP));
            }
        };
        Ok(AnchorText {
            cohort,
            kind,
            span: self.since(start),
        })
    }

    fn cohort_thing(&mut self, cohort: &Token<'_>) -> Result<AnchorKind, PhraseError> {
        let dot = self.eat_dot();
        let Some(name) = self
            .bump()
            .filter(|name| dot.is_some() && name.kind == Kind::Word)
        else {
            let error = PhraseError::new(
                self.since(cohort.span.start),
                "`cohort` needs the name of one of its things",
            );
            return Err(error.help("write `cohort.NAME`, such as `cohort.start`"));
        };
        // The hold's own end by cancelling is the one part that is a name there too.
        if name.text == "cancelled" {
            return Ok(AnchorKind::Thing {
                name: name.text.to_owned(),
                part: None,
            });
        }
        self.thing(&name)
    }

    fn thing(&mut self, name: &Token<'_>) -> Result<AnchorKind, PhraseError> {
        self.refuse_name(name)?;
        let part = if self.eat_dot().is_some() {
            Some(self.part(name)?)
        } else {
            None
        };
        Ok(AnchorKind::Thing {
            name: name.text.to_owned(),
            part,
        })
    }

    fn part(&mut self, name: &Token<'_>) -> Result<String, PhraseError> {
        let span = self.here();
        let error = |what: &str| PhraseError::new(span.clone(), what.to_owned()).help(PARTS_HELP);
        let Some(part) = self.bump().filter(|part| part.kind == Kind::Word) else {
            return Err(error("a part is missing after the dot"));
        };
        if !PARTS.contains(&part.text) {
            let wrong = PhraseError::new(part.span, format!("nothing has a part `{}`", part.text));
            let meant =
                hint::part_like(part.text, PARTS).map(|part| format!("{}.{part}", name.text));
            return Err(wrong.perhaps(meant).or_help(PARTS_HELP));
        }
        if let Some(dot) = self.eat_dot() {
            return Err(PhraseError::new(dot, "a part has no parts")
                .help("write `NAME.PART`, or `cohort.NAME.PART`"));
        }
        Ok(part.text.to_owned())
    }

    /// Words of the language, and words that cannot be names, in the place of one.
    fn refuse_name(&self, name: &Token<'_>) -> Result<(), PhraseError> {
        let error = |message: String| PhraseError::new(name.span.clone(), message);
        let text = name.text;
        if text.contains('-') {
            return Err(error(format!("`{text}` is no name")).did_you_mean(&text.replace('-', "_")));
        }
        let lower = text.to_lowercase();
        if text != lower
            && ["cohort", "entered", "left", "ended", "settings"].contains(&lower.as_str())
        {
            return Err(error(format!("`{text}` is no name")).did_you_mean(&lower));
        }
        if !RESERVED.contains(&text) {
            return Ok(());
        }
        let error = error(format!(
            "`{text}` is a word of the time language, not a name"
        ));
        let shifted = |by: By| Shift {
            by,
            direction: Direction::Before,
        };
        if PARTS.contains(&text) {
            return Err(error.help(format!("say whose: `NAME.{text}`")));
        }
        Err(match hint::weekday_like(text) {
            Some(weekday) => {
                let shift = shifted(By::Weekday(weekday));
                error.help(format!(
                    "count from something: `{shift} cohort.start`; `every` takes `{}`",
                    weekday_en(weekday)
                ))
            }
            None => error.help(ANCHOR_HELP),
        })
    }
}

const ANCHOR_HELP: &str = "a point is a date such as `2027-03-24`, a name such as `cohort.start` or \
    `school.last_day`, or `entered`, `left` or `ended`";

const PARTS_HELP: &str = "a state has `first_day`, `last_day`, `entered` and `left`; a task `due`, `done` and \
    `overdue`; a meeting `held`, `no_show` and `cancelled`";

fn date(token: &Token<'_>) -> Result<jiff::civil::Date, PhraseError> {
    let text = token.text;
    let is_iso = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| {
            if matches!(place, 4 | 7) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if is_iso {
        let missing = || PhraseError::new(token.span.clone(), format!("there is no date {text}"));
        return text.parse().map_err(|_| missing());
    }
    let error = PhraseError::new(token.span.clone(), format!("`{text}` is no date"));
    Err(match hint::loose_date(text) {
        Some(date) => error.did_you_mean(&date.to_string()),
        None if text.contains(':') => error.help("a clock time stands last, after `at`"),
        None => error.help("a date is written `2027-03-24`: year, month, day"),
    })
}
