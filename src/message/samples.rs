//! Samples of what a mail may hold, made from what its data is said to be: full and empty, one and
//! several, alike and different. Only what a template uses is made.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::references::{ITEM, Used};
use super::spoken;
use super::supply::{Blank, Kind, Supply};

/// Which of its options each part of a sample takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draw {
    /// Filled, several, alike.
    First,
    /// Empty and none.
    Last,
    /// Filled, one.
    One,
    /// By a digit of the part's number, or the other way round: any two parts differ in one of them.
    Digit(u32, bool),
    /// As it falls.
    Random(u64),
    /// Filled, several, and as a mail might read: for people to look at.
    Spoken,
}

/// Makes samples for what a template uses.
pub(super) struct Samples<'s> {
    names: &'s Supply,
    used: &'s Used,
    /// The number of each part that has options.
    parts: BTreeMap<String, usize>,
}

impl<'s> Samples<'s> {
    pub fn new(names: &'s Supply, used: &'s Used) -> Self {
        let parts = BTreeMap::new();
        let mut samples = Self { names, used, parts };
        samples.make(Draw::First);
        samples
    }

    /// The draws that show each part filled and empty, and any one empty beside any other filled.
    pub fn draws(&self) -> Vec<Draw> {
        if self.parts.is_empty() {
            return vec![Draw::First];
        }
        let digits = usize::BITS - self.parts.len().leading_zeros();
        let by_digit = (0..digits).flat_map(|digit| [false, true].map(|o| Draw::Digit(digit, o)));
        [Draw::First, Draw::Last, Draw::One]
            .into_iter()
            .chain(by_digit)
            .collect()
    }

    pub fn make(&mut self, draw: Draw) -> Json {
        let mut maker = Maker {
            parts: &mut self.parts,
            draw,
            path: String::new(),
            leaves: 0,
        };
        maker.value(self.names, self.used)
    }
}

/// `SplitMix64`: near numbers come to far ones.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

struct Maker<'p> {
    parts: &'p mut BTreeMap<String, usize>,
    draw: Draw,
    path: String,
    /// Days already used, so that two dates are never the same by chance.
    leaves: i64,
}

impl Maker<'_> {
    fn choose(&mut self, key: String, options: usize) -> usize {
        if options < 2 {
            return 0;
        }
        let next = self.parts.len();
        let number = *self.parts.entry(key).or_insert(next);
        match self.draw {
            Draw::First | Draw::One | Draw::Spoken => 0,
            Draw::Last => options - 1,
            Draw::Digit(digit, other) => usize::from(((number + 1) >> digit & 1 == 1) != other),
            Draw::Random(seed) => {
                usize::try_from(mixed(seed << 32 | number as u64) % options as u64)
                    .unwrap_or_default()
            }
        }
    }

    fn value(&mut self, supply: &Supply, used: &Used) -> Json {
        let key = match supply.blank {
            Blank::Never => None,
            Blank::Alone => Some(format!("{}?", self.path)),
            Blank::With(word) => {
                let beside = self.path.rsplit_once('.').map_or("", |(beside, _)| beside);
                Some(format!("{beside}?{word}"))
            }
        };
        if key.is_some_and(|key| self.choose(key, 2) == 1) {
            return Json::Null;
        }
        match &supply.kind {
            Kind::Map(names) => self.map(names, used),
            Kind::List(item, least, most) => self.list(item, (*least, *most), used),
            Kind::Text(values) => json!(self.text(values, used)),
            Kind::Number if self.draw == Draw::Spoken => json!(spoken::number(&self.path)),
            Kind::Moment if self.draw == Draw::Spoken => json!(spoken::moment(&self.path)),
            Kind::Number => [json!(3), json!(1), json!(0)][self.option(3)].clone(),
            Kind::Flag(Some(is)) => json!(is),
            Kind::Flag(None) if self.draw == Draw::Spoken => json!(self.path != "is_first"),
            Kind::Flag(None) => json!(self.option(2) == 0),
            Kind::Date => json!(self.day(used)),
            Kind::Moment => json!(format!("{}T09:{:02}", self.day(used), self.leaves % 60)),
            Kind::Nothing | Kind::Confidential => Json::Null,
        }
    }

    fn option(&mut self, options: usize) -> usize {
        self.choose(self.path.clone(), options)
    }

    fn map(&mut self, names: &BTreeMap<String, Supply>, used: &Used) -> Json {
        let mut map = Map::new();
        let whole = Used {
            compared: used.compared,
            ..Used::default()
        };
        for (name, supply) in names {
            // What is used as a whole, such as what is compared, has all its parts.
            let part = match used.parts.get(name) {
                Some(part) => part,
                None if used.compared => &whole,
                None => continue,
            };
            let before = self.path.len();
            if before > 0 {
                self.path.push('.');
            }
            self.path.push_str(name);
            let value = self.value(supply, part);
            self.path.truncate(before);
            map.insert(name.clone(), value);
        }
        Json::Object(map)
    }

    fn list(&mut self, item: &Supply, (least, most): (usize, usize), used: &Used) -> Json {
        let lengths: Vec<usize> = [3, 1, 0]
            .into_iter()
            .filter(|length| (least..=most).contains(length))
            .collect();
        let at = match self.draw {
            Draw::One => usize::from(lengths.len() > 1),
            _ => self.option(lengths.len()),
        };
        let length = lengths.get(at).copied().unwrap_or(most);
        let nothing = Used::default();
        let used = used.parts.get(ITEM).unwrap_or(&nothing);
        let items = (0..length).map(|number| {
            let before = self.path.len();
            self.path.push_str(&format!(".{number}"));
            let value = self.value(item, used);
            self.path.truncate(before);
            value
        });
        Json::Array(items.collect())
    }

    fn text(&mut self, values: &[String], used: &Used) -> String {
        if self.draw == Draw::Spoken {
            let one = values.get(spoken::choice(&self.path, values.len()));
            return one.cloned().unwrap_or_else(|| spoken::text(&self.path));
        }
        if !values.is_empty() {
            let several = used.compared || !used.literals.is_empty();
            let at = self.option(if several { values.len() } else { 1 });
            return values[at].clone();
        }
        let common = used.compared.then(|| "‹the same›".to_owned());
        let mut options: Vec<String> = used.literals.iter().cloned().chain(common).collect();
        options.push(format!("‹{}›", self.path));
        let at = self.option(options.len());
        options.swap_remove(at)
    }

    /// A day of its own, or one that others have too.
    fn day(&mut self, used: &Used) -> String {
        if self.draw == Draw::Spoken {
            return spoken::day(&self.path);
        }
        self.leaves += 1;
        let own = !used.compared || self.option(2) == 1;
        let days = if own { self.leaves } else { 0 };
        let day = jiff::civil::date(2027, 2, 1).saturating_add(jiff::Span::new().days(days));
        day.to_string()
    }
}
