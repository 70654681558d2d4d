//! Lists that were taken in: whom they may have meant, what came of them, and what was there before.

use std::collections::HashMap;

use super::create::{all_there, create};
use super::error::Cause;
use super::given::NewSubject;
use super::rows::PersonRow;
use super::sees::{Sees, seen_case};
use super::set::Set;
use super::sql::{Connection, either, sql};
use super::{Result, Store, guarded, json};

/// What somebody who is known is called from here on, and how they are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    /// Row id.
    pub id: i64,
    /// In full.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
}

/// A list to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportNew {
    /// The hold.
    pub cohort_id: i64,
    /// Its newest case ([`Store::newest_case`]) as it was when the list was looked at.
    pub newest_case: i64,
    /// Who takes it in.
    pub by: String,
    /// When, µs UTC.
    pub at: i64,
    /// SHA-256 of the file, hex.
    pub file_hash: String,
    /// In the order of the list.
    pub cases: Vec<NewSubject>,
    /// What becomes of people who were known.
    pub people: Vec<PersonChange>,
    /// By case: of somebody who was known, what was known of what is changed, JSON.
    pub was: Vec<Option<String>>,
}

/// A list that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ImportRow {
    /// Row id.
    pub id: i64,
    /// When, µs UTC.
    pub at: i64,
    /// Who took it in.
    pub made_by: String,
    /// Onto which hold.
    pub cohort_id: i64,
    /// SHA-256 of the file, hex.
    pub file_hash: String,
    /// When it was taken back, µs UTC.
    pub undone_at: Option<i64>,
    /// By whom.
    pub undone_by: Option<String>,
    /// The hold's id.
    pub cohort: String,
    /// The hold's title.
    pub title: Option<String>,
    /// Its cases that are seen.
    pub candidates: i64,
}

/// A case that came with an import.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ImportCaseRow {
    /// The case.
    pub case_id: i64,
    /// Its candidate.
    pub person_id: i64,
    /// 1 when the person came with the list.
    pub came: i64,
    /// Of who was known: what was known of what the list changed, JSON.
    pub was: Option<String>,
}

/// A case of somebody.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CaseOfPerson {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// Whose.
    pub person_id: i64,
    /// Its hold.
    pub cohort_id: i64,
    /// The fold of its history, JSON.
    pub snapshot: String,
    /// The hold's title.
    pub title: Option<String>,
    /// The workflow's key.
    pub workflow: String,
}

/// Mail that may have told of a case.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToldRow {
    /// Who says it: the case, its hold or its workflow.
    pub subject_id: i64,
    /// To which seat.
    pub seat: String,
    /// As it left.
    pub subject_line: Option<String>,
}

/// Somebody who is staff, or has a case that is seen.
macro_rules! seen_person {
    () => {
        concat!(
            "  AND (CAST($2 AS TEXT) = 'all' \
                   OR EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = p.id) \
                   OR EXISTS (SELECT 1 FROM subject_keys AS k WHERE k.person_id = p.id AND ",
            seen_case!("k", "2", "3"),
            "))"
        )
    };
}

/// Imports with the cases that came with them, as far as they are seen; of the others there are none.
macro_rules! seen_imports {
    ($end:literal) => {
        concat!(
            "SELECT i.*, h.public_id AS cohort, h.title, count(*) AS candidates FROM imports AS i \
             JOIN subjects AS h ON h.id = i.cohort_id \
             JOIN import_cases AS c ON c.import_id = i.id JOIN subject_keys AS k ON k.id = c.case_id \
             WHERE ",
            seen_case!("k", "2", "3"),
            $end
        )
    };
}

impl Store {
    /// Everybody with one of these addresses or days of birth (ISO); the same person once. Of candidates only those
    /// who have a case that is seen.
    pub async fn known_people(
        &self,
        sees: Sees,
        emails: &[&str],
        born: &[&str],
    ) -> Result<HashMap<i64, PersonRow>> {
        let mut reader = self.reader().await?;
        let by_email = either(
            concat!(
                include_str!("known_by_email.sql"),
                seen_person!(),
                " ORDER BY p.id"
            ),
            concat!(
                include_str!("known_by_email_postgres.sql"),
                seen_person!(),
                " ORDER BY p.id"
            ),
        );
        let by_email = sees.bind_to(by_email.bind(json(emails)));
        let mut ids: Vec<i64> = by_email.values(&mut reader).await?;
        let by_born = sql(concat!(
            include_str!("known_by_born.sql"),
            seen_person!(),
            " ORDER BY p.id"
        ));
        let by_born = sees.bind_to(by_born.bind(json(born)));
        ids.extend(by_born.values::<i64>(&mut reader).await?);
        drop(reader);
        self.people(&ids).await
    }

    /// The cases of people that are seen, whatever has become of them.
    pub async fn cases_of_people(&self, sees: Sees, people: &[i64]) -> Result<Vec<CaseOfPerson>> {
        let cases = sql(concat!(
            include_str!("cases_of_people.sql"),
            "  AND ",
            seen_case!("k", "2", "3"),
            " ORDER BY s.id"
        ))
        .bind(people);
        sees.bind_to(cases).all(&mut *self.reader().await?).await
    }

    /// The newest case of a hold: whoever takes in a list says that there was none after it.
    pub async fn newest_case(&self, cohort: i64) -> Result<i64> {
        newest_case(&mut *self.reader().await?, cohort).await
    }

    /// Takes in a list: its cases, what it changes of people who are known, and that it was taken in; all or
    /// nothing. Answers the import's row id and those of the cases, in order.
    ///
    /// # Errors
    /// [`is_overtaken`](super::StoreError::is_overtaken) when the hold has got cases since the list was looked at,
    /// and all that [`create`](Self::create) answers.
    pub async fn take_in(&self, import: ImportNew) -> Result<(i64, Vec<i64>)> {
        self.announce(move |connection| Box::pin(async move { take_in(connection, &import).await }))
            .await
    }

    /// Imports that brought cases that are seen, the newest first; of one hold, if one is named.
    pub async fn imports(
        &self,
        sees: Sees,
        cohort: Option<i64>,
        limit: i64,
    ) -> Result<Vec<ImportRow>> {
        let text = match cohort {
            Some(_) => seen_imports!(
                " AND i.cohort_id = $1 GROUP BY i.id, h.public_id, h.title \
                 ORDER BY i.id DESC LIMIT CAST($4 AS BIGINT)"
            ),
            None => seen_imports!(
                " AND $1 IS NULL GROUP BY i.id, h.public_id, h.title \
                 ORDER BY i.id DESC LIMIT CAST($4 AS BIGINT)"
            ),
        };
        sees.bind_to(sql(text).bind(cohort))
            .bind(limit)
            .all(&mut *self.reader().await?)
            .await
    }

    /// One import, if it brought a case that is seen.
    pub async fn import(&self, sees: Sees, id: i64) -> Result<Option<ImportRow>> {
        let one = sql(seen_imports!(
            " AND i.id = $1 GROUP BY i.id, h.public_id, h.title"
        ));
        sees.bind_to(one.bind(id))
            .optional(&mut *self.reader().await?)
            .await
    }

    /// The newest import of a hold that has this hash and was not taken back.
    pub async fn import_by_hash(&self, cohort: i64, hash: &str) -> Result<Option<i64>> {
        sql(
            "SELECT id FROM imports WHERE cohort_id = $1 AND file_hash = $2 AND undone_at IS NULL \
             ORDER BY id DESC LIMIT 1",
        )
        .bind(cohort)
        .bind(hash)
        .optional_value(&mut *self.reader().await?)
        .await
    }

    /// The cases that came with an import, in order, as far as they are seen.
    pub async fn import_cases(&self, sees: Sees, import: i64) -> Result<Vec<ImportCaseRow>> {
        let cases = sql(concat!(
            "SELECT c.case_id, c.person_id, c.came, c.was FROM import_cases AS c \
             JOIN subject_keys AS k ON k.id = c.case_id WHERE c.import_id = $1 AND ",
            seen_case!("k", "2", "3"),
            " ORDER BY c.case_id"
        ));
        sees.bind_to(cases.bind(import))
            .all(&mut *self.reader().await?)
            .await
    }

    /// What has been told of a case, or may have been: by itself ever, by its hold and workflow since an instant,
    /// µs UTC.
    pub async fn told_of_case(&self, case: i64, since: i64) -> Result<Vec<ToldRow>> {
        sql(include_str!("told_of_case.sql"))
            .bind(case)
            .bind(since)
            .all(&mut *self.reader().await?)
            .await
    }

    /// An import has been taken back, and people are as they were before.
    pub async fn undone(
        &self,
        import: i64,
        by: String,
        at: i64,
        people: Vec<PersonChange>,
    ) -> Result<()> {
        self.write(move |connection| {
            Box::pin(async move {
                change_people(connection, &people).await?;
                sql("UPDATE imports SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL")
                    .bind(import)
                    .bind(at)
                    .bind(&by)
                    .run(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

async fn newest_case(connection: &mut Connection, cohort: i64) -> Result<i64> {
    sql("SELECT COALESCE(max(id), 0) FROM subject_keys WHERE cohort_id = $1")
        .bind(cohort)
        .value(connection)
        .await
}

async fn take_in(connection: &mut Connection, import: &ImportNew) -> Result<(i64, Vec<i64>)> {
    guarded::holds(connection, &[import.cohort_id].into()).await?;
    if newest_case(connection, import.cohort_id).await? != import.newest_case {
        return Err(Cause::Overtaken.into());
    }
    let cases = create(connection, &import.cases, import.at).await?;
    change_people(connection, &import.people).await?;
    let id: i64 = sql(
        "INSERT INTO imports (at, made_by, cohort_id, file_hash) VALUES ($1, $2, $3, $4) RETURNING id",
    )
    .bind(import.at)
    .bind(&import.by)
    .bind(import.cohort_id)
    .bind(&import.file_hash)
    .value(connection)
    .await?;
    insert_cases(connection, id, &cases, &import.was).await?;
    Ok((id, cases))
}

async fn change_people(connection: &mut Connection, people: &[PersonChange]) -> Result<()> {
    for person in people {
        sql(
            "UPDATE people SET name = $2, email = $3, phone = $4, born = $5 \
             WHERE id = $1 AND erased IS NULL",
        )
        .bind(person.id)
        .bind(&person.name)
        .bind(&person.email)
        .bind(&person.phone)
        .bind(&person.born)
        .run(connection)
        .await?;
    }
    Ok(())
}

/// Of whom nothing is told as it was, they came with the list.
async fn insert_cases(
    connection: &mut Connection,
    import: i64,
    cases: &[i64],
    was: &[Option<String>],
) -> Result<()> {
    let rows: Vec<(i64, Option<&str>)> = cases
        .iter()
        .copied()
        .zip(was.iter().map(Option::as_deref))
        .collect();
    let inserted = Set::of(&rows)
        .whole("import_id", |_| import)
        .whole("case_id", |(case, _)| *case)
        .whole("came", |(_, was)| i64::from(was.is_none()))
        .text("was", |(_, was)| *was)
        .run(
            connection,
            "INSERT INTO import_cases (import_id, case_id, person_id, came, was) \
             SELECT r.import_id, r.case_id, k.person_id, r.came, r.was \
             FROM rows AS r JOIN subject_keys AS k ON k.id = r.case_id",
        )
        .await?;
    all_there("import_cases", rows.len(), inserted)
}
