//! Rows as parameters: one statement for a whole batch, told column by column.
//!
//! The statement reads its rows from a table called `rows`. On SQLite that is a `VALUES` list with a
//! parameter for every value, three times as fast as reading the same out of JSON; on PostgreSQL it is
//! `unnest` of an array per column.

use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use super::Result;
use super::sql::{Behind, Connection, Row};

/// At most so many rows in one statement of SQLite, which takes 32,766 parameters. Fewer rows go in
/// statements of a power of two, so that each table has few of them to remember.
const ROWS_MAX: usize = 512;

/// Binds the rows and fetches from whichever database it is.
macro_rules! fetch {
    ($set:ident, $connection:ident, $text:ident, $query:path, |$query_of:ident, $behind:ident| $fetch:expr) => {
        match $connection.behind() {
            _ if $set.rows.is_empty() => {}
            Behind::Sqlite($behind) => {
                for (from, count) in parts($set.rows.len()) {
                    let mut $query_of = $query(AssertSqlSafe($set.for_sqlite(count, $text)));
                    for row in from..from + count {
                        for (_, column) in &$set.columns {
                            $query_of = match column {
                                Column::Wholes(values) => $query_of.bind(values[row]),
                                Column::Texts(values) => $query_of.bind(values[row]),
                            };
                        }
                    }
                    $fetch;
                }
            }
            Behind::Postgres($behind) => {
                let mut $query_of = $query(AssertSqlSafe($set.for_postgres($text)));
                for (_, column) in $set.columns {
                    $query_of = match column {
                        Column::Wholes(values) => $query_of.bind(values),
                        Column::Texts(values) => $query_of.bind(values),
                    };
                }
                $fetch;
            }
        }
    };
}

/// Rows for a statement.
pub(super) struct Set<'q, T> {
    rows: &'q [T],
    columns: Vec<(&'static str, Column<'q>)>,
}

enum Column<'q> {
    Wholes(Vec<Option<i64>>),
    Texts(Vec<Option<&'q str>>),
}

impl<'q, T> Set<'q, T> {
    pub(super) fn of(rows: &'q [T]) -> Self {
        Self {
            rows,
            columns: Vec::new(),
        }
    }

    /// A column of whole numbers.
    pub(super) fn whole<V: Into<Option<i64>>>(
        mut self,
        name: &'static str,
        of: impl Fn(&'q T) -> V,
    ) -> Self {
        let values = self.rows.iter().map(|row| of(row).into()).collect();
        self.columns.push((name, Column::Wholes(values)));
        self
    }

    /// A column of text.
    pub(super) fn text<V: Into<Option<&'q str>>>(
        mut self,
        name: &'static str,
        of: impl Fn(&'q T) -> V,
    ) -> Self {
        let values = self.rows.iter().map(|row| of(row).into()).collect();
        self.columns.push((name, Column::Texts(values)));
        self
    }

    /// Runs the statement and answers how many rows it wrote.
    pub(super) async fn run(self, connection: &mut Connection, text: &'static str) -> Result<u64> {
        let mut wrote = 0;
        fetch!(self, connection, text, sqlx::query, |query, behind| {
            wrote += query.execute(&mut *behind).await?.rows_affected();
        });
        Ok(wrote)
    }

    /// Runs the statement and answers the one column that it gives back.
    pub(super) async fn values<V>(
        self,
        connection: &mut Connection,
        text: &'static str,
    ) -> Result<Vec<V>>
    where
        (V,): Row,
    {
        let mut found: Vec<(V,)> = Vec::with_capacity(self.rows.len());
        fetch!(self, connection, text, sqlx::query_as, |query, behind| {
            found.extend(query.fetch_all(&mut *behind).await?);
        });
        Ok(found.into_iter().map(|(value,)| value).collect())
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    fn for_sqlite(&self, rows: usize, text: &str) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        let rows = vec![row; rows].join(",");
        format!("WITH rows ({}) AS (VALUES {rows}) {text}", self.names())
    }

    fn for_postgres(&self, text: &str) -> String {
        let mut arrays = String::new();
        for (at, (_, column)) in self.columns.iter().enumerate() {
            let kind = match column {
                Column::Wholes(_) => "bigint",
                Column::Texts(_) => "text",
            };
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(arrays, "{comma}${}::{kind}[]", at + 1);
        }
        format!(
            "WITH rows ({}) AS (SELECT * FROM unnest({arrays})) {text}",
            self.names()
        )
    }
}

/// Where each statement's rows begin, and how many they are: the largest powers of two that are left.
fn parts(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let left = rows - from;
        let count = (1 << left.checked_ilog2()?).min(ROWS_MAX);
        from += count;
        Some((from - count, count))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_and_few() {
        let of = |rows| parts(rows).collect::<Vec<_>>();
        assert_eq!(of(0), []);
        assert_eq!(of(1), [(0, 1)]);
        assert_eq!(of(11), [(0, 8), (8, 2), (10, 1)]);
        assert_eq!(
            of(1500),
            [
                (0, 512),
                (512, 512),
                (1024, 256),
                (1280, 128),
                (1408, 64),
                (1472, 16),
                (1488, 8),
                (1496, 4)
            ]
        );
    }
}
