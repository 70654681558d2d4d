//! How far cases have come: written with each case's row, and counted without reading one.

use super::create::all_there;
use super::given::Outcome;
use super::sees::{Sees, seen_case};
use super::set::Set;
use super::sql::{Connection, sql};
use super::{Result, Store};

/// How far a case has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The states it has ever been in: each between blanks, in the order of bytes.
    pub came: String,
    /// It went on to another hold, and is counted there.
    pub moved: bool,
}

/// Cases that have come equally far, on one hold or of one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressCount {
    /// The row id of the hold, or of the organisation; 0 is no organisation.
    pub of: i64,
    /// The states they have been in, as in [`Progress::came`].
    pub came: String,
    /// 1 if they went on to another hold.
    pub moved: i64,
    /// How many.
    pub cases: i64,
}

/// A case in a list of those that were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressCase {
    /// Row id.
    pub id: i64,
    /// The states it has been in, as in [`Progress::came`].
    pub came: String,
    /// 1 if it went on to another hold.
    pub moved: i64,
    /// The candidate's name; empty once erased.
    pub name: String,
}

/// A hold without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HoldRow {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// The workflow's key.
    pub workflow: String,
    /// Its title.
    pub title: Option<String>,
    /// Its first day, ISO.
    pub starts_on: Option<String>,
    /// Set when it was cancelled.
    pub state: Option<String>,
    /// The published workflow that it follows.
    pub version_id: i64,
}

/// A case without its history.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CaseLine {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// Its hold.
    pub cohort_id: i64,
    /// Whom it belongs to.
    pub organisation_id: Option<i64>,
    /// Its atomic state; none once it went on to another hold.
    pub state: Option<String>,
    /// The candidate's name; empty once erased.
    pub name: String,
}

/// The rows of holds ($1) that are seen ($2, $3). A row is found by its case's id, as elsewhere.
macro_rules! seen_progress {
    () => {
        concat!(
            "FROM (SELECT cohort_id, case_id AS id, organisation_id, came, moved FROM progress) AS p \
             WHERE p.cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)) AND ",
            seen_case!("p", "2", "3")
        )
    };
}

impl Store {
    /// Holds by workflow and first day: of one workflow, or of all.
    pub async fn holds(&self, workflow: Option<&str>) -> Result<Vec<HoldRow>> {
        sql("SELECT s.id, s.public_id, s.workflow, s.title, s.starts_on, s.state, s.version_id FROM subjects AS s \
             WHERE s.kind = 'cohort' AND (CAST($1 AS TEXT) IS NULL OR s.workflow = CAST($1 AS TEXT)) \
             ORDER BY s.workflow, s.starts_on, s.id")
        .bind(workflow)
        .all(&mut *self.reader().await?)
        .await
    }

    /// How many of the cases that are seen have come how far, on these holds (row ids): by hold, and by
    /// organisation, as they are at one moment.
    pub async fn progress(
        &self,
        sees: Sees,
        holds: &[i64],
    ) -> Result<(Vec<ProgressCount>, Vec<ProgressCount>)> {
        let mut moment = self.moment().await?;
        let by_hold = by_hold(&mut moment, sees, holds).await?;
        let by_organisation = sql(concat!(
            "SELECT p.organisation_id, p.came, p.moved, count(*) ",
            seen_progress!(),
            " GROUP BY p.organisation_id, p.came, p.moved"
        ));
        let by_organisation = sees.bind_to(by_organisation.bind(holds));
        let by_organisation = by_organisation.all(&mut moment).await?;
        Ok((by_hold, counts(by_organisation)))
    }

    /// The same by hold alone.
    pub async fn progress_by_hold(&self, sees: Sees, holds: &[i64]) -> Result<Vec<ProgressCount>> {
        by_hold(&mut *self.reader().await?, sees, holds).await
    }

    /// The cases that are seen, of these holds (row ids), and of an organisation (0 is none) and ever in a
    /// state, where these are named. In no order.
    pub async fn progress_cases(
        &self,
        sees: Sees,
        holds: &[i64],
        (organisation, state): (Option<i64>, Option<&str>),
    ) -> Result<Vec<ProgressCase>> {
        let cases = sql(concat!(
            "SELECT p.id, p.came, p.moved, COALESCE((SELECT h.name FROM subject_keys AS k \
                 JOIN people AS h ON h.id = k.person_id WHERE k.id = p.id), '') ",
            seen_progress!(),
            " AND (CAST($4 AS BIGINT) IS NULL OR p.organisation_id = CAST($4 AS BIGINT)) \
              AND (CAST($5 AS TEXT) IS NULL OR p.came LIKE CAST($5 AS TEXT) ESCAPE '\\')"
        ));
        let cases = sees.bind_to(cases.bind(holds));
        let rows: Vec<(i64, String, i64, String)> = cases
            .bind(organisation)
            .bind(state.map(pattern))
            .all(&mut *self.reader().await?)
            .await?;
        let one = |(id, came, moved, name)| ProgressCase {
            id,
            came,
            moved,
            name,
        };
        Ok(rows.into_iter().map(one).collect())
    }

    /// Those of these cases (row ids) that are seen, without their histories. In no order.
    pub async fn case_lines(&self, sees: Sees, ids: &[i64]) -> Result<Vec<CaseLine>> {
        let lines = sql(concat!(
            "SELECT s.id, s.public_id, s.cohort_id, s.organisation_id, s.state, COALESCE(h.name, '') AS name \
             FROM json_each($1) AS j CROSS JOIN subjects AS s LEFT JOIN people AS h ON h.id = s.person_id \
             WHERE s.id = CAST(j.atom AS BIGINT) AND s.kind = 'case' AND ",
            seen_case!("s", "2", "3")
        ));
        sees.bind_to(lines.bind(ids))
            .all(&mut *self.reader().await?)
            .await
    }
}

async fn by_hold(
    connection: &mut Connection,
    sees: Sees,
    holds: &[i64],
) -> Result<Vec<ProgressCount>> {
    let by_hold = sql(concat!(
        "SELECT p.cohort_id, p.came, p.moved, count(*) ",
        seen_progress!(),
        " GROUP BY p.cohort_id, p.came, p.moved"
    ));
    let by_hold = sees.bind_to(by_hold.bind(holds));
    Ok(counts(by_hold.all(connection).await?))
}

fn counts(rows: Vec<(i64, String, i64, i64)>) -> Vec<ProgressCount> {
    let one = |(of, came, moved, cases)| ProgressCount {
        of,
        came,
        moved,
        cases,
    };
    rows.into_iter().map(one).collect()
}

/// What LIKE finds a state by among others.
fn pattern(state: &str) -> String {
    let mut pattern = String::from("% ");
    for letter in state.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + " %"
}

/// Stores how far cases have come, of those that are further than before.
pub(super) async fn store(connection: &mut Connection, outcomes: &[(i64, &Outcome)]) -> Result<()> {
    let rows: Vec<(i64, &Progress)> = (outcomes.iter())
        .filter_map(|(case, outcome)| Some((*case, outcome.progress.as_ref()?)))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let written = Set::of(&rows)
        .whole("case_id", |(case, _)| *case)
        .text("came", |(_, progress)| progress.came.as_str())
        .whole("moved", |(_, progress)| i64::from(progress.moved))
        .run(
            connection,
            "INSERT INTO progress (cohort_id, case_id, organisation_id, came, moved) \
             SELECT k.cohort_id, k.id, COALESCE(k.organisation_id, 0), rows.came, rows.moved \
             FROM rows CROSS JOIN subject_keys AS k WHERE k.id = rows.case_id \
             ON CONFLICT (cohort_id, case_id) DO UPDATE SET came = excluded.came, moved = excluded.moved",
        )
        .await?;
    all_there("progress", rows.len(), written)
}

/// What was taken back counts nowhere.
pub(super) async fn forget(connection: &mut Connection, cases: &[i64]) -> Result<()> {
    sql("DELETE FROM progress WHERE (cohort_id, case_id) IN \
           (SELECT k.cohort_id, k.id FROM subject_keys AS k \
            WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))")
    .bind(cases)
    .run(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_a_state_and_nothing_like_it() {
        assert_eq!(pattern("no_job"), "% no\\_job %");
        assert_eq!(pattern("a%\\"), "% a\\%\\\\ %");
    }
}
