//! People, organisations and who does what.

use std::collections::HashMap;

use super::create::insert_people;
use super::given::{ImportCount, NewOrganisation, NewPerson, PersonImport};
use super::rows::{OrganisationRow, PersonRow};
use super::sql::{Connection, either, sql};
use super::{Result, Store, guarded, json};

impl Store {
    /// Creates an organisation, or adds to what is known of the one of that name. Answers its row id.
    pub async fn upsert_organisation(&self, organisation: NewOrganisation) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move { upsert_organisation(connection, &organisation).await })
        })
        .await
    }

    /// Creates a person, or adds to what is known of the one with that address and gives them
    /// these roles. Answers the row id.
    pub async fn upsert_person(&self, person: PersonImport) -> Result<i64> {
        self.write(move |connection| {
            Box::pin(async move { Ok(upsert_person(connection, &person).await?.0) })
        })
        .await
    }

    /// Takes in a whole file, all or nothing.
    pub async fn import_people(&self, people: Vec<PersonImport>) -> Result<ImportCount> {
        self.write(move |connection| {
            Box::pin(async move {
                let mut count = ImportCount::default();
                for person in &people {
                    match upsert_person(connection, person).await?.1 {
                        Change::Created => count.created += 1,
                        Change::Updated => count.updated += 1,
                        Change::None => count.unchanged += 1,
                    }
                }
                Ok(count)
            })
        })
        .await
    }

    /// These people, with where they belong.
    pub async fn people(&self, ids: &[i64]) -> Result<HashMap<i64, PersonRow>> {
        let rows: Vec<JoinedPerson> = sql(
            "SELECT p.*, o.name AS o_name, o.kind AS o_kind, o.email AS o_email, \
                    a.why AS returns \
             FROM people AS p LEFT JOIN organisations AS o ON o.id = p.organisation_id \
             LEFT JOIN addresses AS a ON a.address = lower(p.email) \
             WHERE p.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))",
        )
        .bind(ids)
        .all(&mut *self.reader().await?)
        .await?;
        let rows = rows.into_iter().map(PersonRow::from);
        Ok(rows.map(|person| (person.id, person)).collect())
    }

    /// The person with this address, whatever its case; the first, if several share it.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<PersonRow>> {
        let id: Option<i64> = either(
            "SELECT id FROM people WHERE email = $1 ORDER BY id LIMIT 1",
            "SELECT id FROM people WHERE lower(email) = lower($1) ORDER BY id LIMIT 1",
        )
        .bind(email)
        .optional_value(&mut *self.reader().await?)
        .await?;
        match id {
            Some(id) => Ok(self.people(&[id]).await?.remove(&id)),
            None => Ok(None),
        }
    }

    /// Who holds which role in a workflow, or in every workflow; row ids, the lowest first.
    pub async fn role_holders(&self, workflow: &str) -> Result<HashMap<String, Vec<i64>>> {
        let rows: Vec<(String, i64)> = sql("SELECT DISTINCT role, person_id FROM staff_roles \
             WHERE workflow IN ('', $1) ORDER BY role, person_id")
        .bind(workflow)
        .all(&mut *self.reader().await?)
        .await?;
        let mut holders: HashMap<String, Vec<i64>> = HashMap::new();
        for (role, person) in rows {
            holders.entry(role).or_default().push(person);
        }
        Ok(holders)
    }

    /// The organisation of this name.
    pub async fn organisation_by_name(&self, name: &str) -> Result<Option<OrganisationRow>> {
        let row = sql("SELECT * FROM organisations WHERE name = $1")
            .bind(name)
            .optional(&mut *self.reader().await?)
            .await?;
        Ok(row)
    }
}

#[derive(sqlx::FromRow)]
struct JoinedPerson {
    id: i64,
    organisation_id: Option<i64>,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    born: Option<String>,
    erased: Option<i64>,
    o_name: Option<String>,
    o_kind: Option<String>,
    o_email: Option<String>,
    returns: Option<String>,
}

impl From<JoinedPerson> for PersonRow {
    fn from(row: JoinedPerson) -> Self {
        let organisation = match (row.organisation_id, row.o_name, row.o_kind) {
            (Some(id), Some(name), Some(kind)) => Some(OrganisationRow {
                id,
                name,
                kind,
                email: row.o_email,
                returns: None,
            }),
            _ => None,
        };
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            phone: row.phone,
            born: row.born,
            erased: row.erased,
            returns: row.returns,
            organisation,
        }
    }
}

#[derive(Clone, Copy)]
enum Change {
    Created,
    Updated,
    None,
}

async fn upsert_organisation(
    connection: &mut Connection,
    organisation: &NewOrganisation,
) -> Result<i64> {
    let id = sql(
        "INSERT INTO organisations (name, kind, email) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE \
         SET kind = CASE WHEN excluded.kind = '' THEN organisations.kind ELSE excluded.kind END, \
             email = COALESCE(excluded.email, organisations.email) \
         RETURNING id",
    )
    .bind(&organisation.name)
    .bind(&organisation.kind)
    .bind(&organisation.email)
    .value(connection)
    .await?;
    Ok(id)
}

async fn upsert_person(
    connection: &mut Connection,
    person: &PersonImport,
) -> Result<(i64, Change)> {
    guarded::people(connection).await?;
    let organisation_id = match &person.organisation {
        Some(organisation) => Some(upsert_organisation(connection, organisation).await?),
        None => None,
    };
    let known: Option<i64> = either(
        "SELECT id FROM people WHERE email = $1 ORDER BY name <> $2, id LIMIT 1",
        "SELECT id FROM people WHERE lower(email) = lower($1) ORDER BY name <> $2, id LIMIT 1",
    )
    .bind(&person.email)
    .bind(&person.name)
    .optional_value(&mut *connection)
    .await?;
    let (id, change) = if let Some(id) = known {
        let change = update_person(connection, id, person, organisation_id).await?;
        (id, change)
    } else {
        let newcomer = NewPerson {
            name: person.name.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            born: person.born.clone(),
            organisation_id,
        };
        let ids = insert_people(connection, &[&newcomer]).await?;
        (ids[0], Change::Created)
    };
    let granted = sql("INSERT INTO staff_roles (person_id, workflow, role) \
         SELECT $2, value ->> 0, value ->> 1 FROM json_each($1) WHERE true \
         ON CONFLICT DO NOTHING")
    .bind(json(&person.roles))
    .bind(id)
    .run(connection)
    .await?;
    match change {
        Change::None if granted > 0 => Ok((id, Change::Updated)),
        change => Ok((id, change)),
    }
}

async fn update_person(
    connection: &mut Connection,
    id: i64,
    person: &PersonImport,
    organisation_id: Option<i64>,
) -> Result<Change> {
    let updated = sql("UPDATE people \
         SET name = $2, phone = COALESCE($3, phone), born = COALESCE($4, born), \
             organisation_id = COALESCE($5, organisation_id) \
         WHERE id = $1 \
           AND (name, phone, born, organisation_id) IS DISTINCT FROM \
               ($2, COALESCE($3, phone), COALESCE($4, born), COALESCE($5, organisation_id))")
    .bind(id)
    .bind(&person.name)
    .bind(&person.phone)
    .bind(&person.born)
    .bind(organisation_id)
    .run(connection)
    .await?;
    Ok(match updated {
        0 => Change::None,
        _ => Change::Updated,
    })
}
