//! Figures for people: one table, at most 80 columns.

use super::super::text::Table;

/// One line: what was measured, its figure, what it is compared with and the ratio to it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    what: String,
    figure: String,
    limit: String,
    ratio: String,
}

impl Line {
    /// A figure alone.
    pub fn new(what: impl Into<String>, figure: f64, unit: &str) -> Self {
        Self {
            what: what.into(),
            figure: with_unit(figure, unit),
            limit: String::new(),
            ratio: String::new(),
        }
    }

    /// What the lines below it are about.
    pub fn heading(title: &str) -> Self {
        Self {
            what: title.to_owned(),
            figure: String::new(),
            limit: String::new(),
            ratio: String::new(),
        }
    }

    /// A count.
    pub fn whole(what: impl Into<String>, count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            figure: counted(count),
            ..Self::new(what, 0.0, "")
        }
    }

    /// A figure beside another one, such as the raw limit of the same.
    pub fn beside(mut self, limit: f64, ratio: f64, unit: &str) -> Self {
        self.limit = with_unit(limit, unit);
        self.ratio = number(ratio);
        self
    }
}

/// The table, with what stands over it.
pub(super) fn text(title: &str, lines: &[Line]) -> String {
    let has_limits = lines.iter().any(|line| !line.limit.is_empty());
    let mut table = if has_limits {
        Table::titled(&["", "Målt", "Sammenlignet med", "Forhold"])
    } else {
        Table::titled(&["", "Målt"])
    };
    table = table.right(1).right(2).right(3).whole(1).whole(2).whole(3);
    for line in lines {
        let line = line.clone();
        let cells = [line.what, line.figure, line.limit, line.ratio];
        table.row(cells.into_iter().take(if has_limits { 4 } else { 2 }));
    }
    format!("{title}\n\n{}", table.text(2))
}

fn with_unit(figure: f64, unit: &str) -> String {
    format!("{} {unit}", number(figure)).trim_end().to_owned()
}

/// A count as it is written in Danish.
pub(super) fn counted(count: u32) -> String {
    let text = number(f64::from(count));
    text.split(',').next().unwrap_or_default().to_owned()
}

/// A number as it is written in Danish, with about three digits that count.
fn number(figure: f64) -> String {
    if !figure.is_finite() {
        return "–".to_owned();
    }
    let decimals = match figure.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 || size == 0.0 => 2,
        _ => 4,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push('.');
        }
        out.push(digit);
    }
    if part.is_empty() {
        out
    } else {
        format!("{out},{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_danish() {
        for (figure, expect) in [
            (0.0, "0,00"),
            (0.876, "0,88"),
            (0.0123, "0,0123"),
            (12.34, "12,3"),
            (999.6, "1.000"),
            (11_464.2, "11.464"),
            (1_234_567.0, "1.234.567"),
            (-123.0, "-123"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(number(figure), expect);
        }
    }

    #[test]
    fn a_table_without_limits_has_no_columns_for_them() {
        let alone = text("T", &[Line::new("a", 1.0, "ms")]);
        assert!(
            !alone.contains("Forhold") && alone.contains("1,00 ms"),
            "{alone}"
        );
        let beside = text("T", &[Line::new("a", 1.0, "/s").beside(2.0, 0.5, "/s")]);
        assert!(
            beside.contains("Forhold") && beside.contains("0,50"),
            "{beside}"
        );
    }
}
