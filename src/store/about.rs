//! What the database holds about a person: every table is in one list, with how rows of it are found and which of its
//! columns are given out. Whoever adds a table or a column says here what it is; a test asks for it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::copied::{listed, rows_as_json};
use super::sql::sql;
use super::{Result, Store};

/// A table, and what of it is about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it holds about people.
    pub holds: OfPeople,
}

/// What a table holds about people. Columns are told as names with blanks between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfPeople {
    /// Rows that are about one person.
    Theirs {
        /// Which: a condition with `{person}`, `{cases}` and `{accounts}`, row ids of ours, and `{email}`.
        which: &'static str,
        /// Columns that are given out as they are.
        told: &'static str,
        /// Columns that are read by functions of their own, since they may be sealed, large, or about others as well.
        apart: &'static str,
        /// Columns that are not given out: they name others, are secret, or only keep the program's own count.
        left: &'static str,
    },
    /// Nothing about anybody; why. Danish.
    Nobody(&'static str),
}

/// A table whose rows are given out whole.
const fn whole(name: &'static str, which: &'static str, told: &'static str) -> Table {
    some(name, which, told, "", "")
}

const fn some(
    name: &'static str,
    which: &'static str,
    told: &'static str,
    apart: &'static str,
    left: &'static str,
) -> Table {
    let holds = OfPeople::Theirs {
        which,
        told,
        apart,
        left,
    };
    Table { name, holds }
}

const fn nobody(name: &'static str, why: &'static str) -> Table {
    Table {
        name,
        holds: OfPeople::Nobody(why),
    }
}

/// Every table there is.
pub const TABLES: [Table; 51] = [
    whole(
        "people",
        "id = {person}",
        "id organisation_id name email phone born erased kept",
    ),
    whole(
        "subjects",
        "id IN ({cases})",
        "id public_id kind workflow cohort_id version_id person_id organisation_id title starts_on seq state \
         next_due_at retry_at faults fault_text broadcast plan_rev last_at erased_at snapshot waits task_due_at \
         meeting_end_at journaled",
    ),
    whole(
        "events",
        "subject_id IN ({cases})",
        "subject_id seq at recorded_at actor kind input_key payload",
    ),
    whole(
        "inbox",
        "target IN ({cases})",
        "id target key at payload done_seq",
    ),
    some(
        "texts",
        "subject_id IN ({cases})",
        "subject_id name at",
        "text",
        "sealed_by",
    ),
    some(
        "notes",
        "case_id IN ({cases})",
        "id case_id at confidential corrects struck_at",
        "text",
        "account_id key struck_by sealed_by",
    ),
    some(
        "documents",
        "case_id IN ({cases})",
        "id case_id at kind media size removed_at",
        "name bytes",
        "account_id key removed_by sealed_by",
    ),
    whole("places", "case_id IN ({cases})", "cohort_id place case_id"),
    whole(
        "progress",
        "case_id IN ({cases})",
        "cohort_id case_id organisation_id came moved",
    ),
    whole(
        "seats",
        "case_id IN ({cases}) OR person_id = {person}",
        "person_id case_id",
    ),
    some(
        "outbox",
        "subject_id IN ({cases}) OR person_id = {person}",
        "id subject_id occurrence seat revision public_id method status reason priority not_before late_lot attempt \
         person_id told created_at settled_at merged_into counted_on",
        "subject_line address frozen",
        "node domain intent group_key answer",
    ),
    some(
        "gather_items",
        "subject_id IN ({cases})",
        "id subject_id occurrence seat priority close_at bundle_id",
        "",
        "group_key public_id intent",
    ),
    whole(
        "mail_wishes",
        "subject_id IN ({cases})",
        "subject_id occurrence seat rev held subject_line body instead_of by_whom at",
    ),
    some(
        "received",
        "subject_id IN ({cases}) OR person_id = {person} OR lower(from_address) = {email} OR lower(recipient) = {email}",
        "id at kind detail code words outbox_id subject_id person_id recipient subject_line text note handled_at",
        "from_address",
        "key handled_by",
    ),
    whole(
        "addresses",
        "address = {email}",
        "address state since why outbox_id",
    ),
    whole("recipient_days", "address = {email}", "day address mails"),
    whole(
        "suppressions",
        "address = {email}",
        "workflow address since",
    ),
    whole(
        "imports",
        "id IN (SELECT import_id FROM import_cases WHERE person_id = {person})",
        "id at made_by cohort_id file_hash undone_at undone_by",
    ),
    whole(
        "import_cases",
        "person_id = {person}",
        "import_id case_id person_id came was",
    ),
    whole(
        "migrated",
        "subject_id IN ({cases})",
        "migration_id subject_id version_id seq snapshot",
    ),
    some(
        "deliveries",
        "subject_id IN ({cases})",
        "id hook_id event kind subject_id seq outbox_id at status attempt not_before settled_at",
        "",
        "answer",
    ),
    whole(
        "access_log",
        "subject_id IN ({cases}) OR account_id IN ({accounts})",
        "id at account_id subject_id what",
    ),
    whole(
        "person_acts",
        "person_id = {person}",
        "id person_id subject_id at act by_whom reason",
    ),
    whole(
        "staff_roles",
        "person_id = {person}",
        "person_id workflow role",
    ),
    some(
        "accounts",
        "person_id = {person}",
        "id public_id person_id login role misses locked_until closed_at created_at",
        "",
        "password second used",
    ),
    some(
        "sessions",
        "account_id IN ({accounts})",
        "kind account_id created_at seen_at ends_at",
        "",
        "hash",
    ),
    some(
        "tokens",
        "account_id IN ({accounts})",
        "id public_id kind account_id hold_id title scopes created_at ends_at used_at revoked_at",
        "",
        "hash",
    ),
    some(
        "requests",
        "account_id IN ({accounts})",
        "account_id key at done",
        "",
        "request",
    ),
    nobody("organisations", "kommuner, jobcentre og skoler"),
    nobody("workflow_versions", "forløbene, som de er skrevet"),
    nobody("subject_keys", "de samme id'er som i subjects"),
    nobody(
        "digest_runs",
        "hvor langt sager var, da en statusmail blev skrevet; det samme står i events",
    ),
    nobody("migrations", "hold, der skiftede version"),
    nobody("drafts", "udkast til forløb"),
    nobody(
        "lists",
        "en liste, som nogen er ved at tage ind; den slettes inden for en time",
    ),
    nobody("mailboxes", "hvor langt postkasser er læst"),
    nobody("cluster", "databasens egne tal"),
    nobody("wakes", "hvornår programmet sidst så efter"),
    nobody("late_notices", "forsinkelser, som driften har hørt om"),
    nobody("restores", "hvornår databasen blev lagt tilbage"),
    nobody("clock", "programmets ur"),
    nobody("throttles", "hvor meget et domæne sendes"),
    nobody(
        "seal_keys",
        "nøgler, som fortroligt er forseglet med; uden nøglen selv",
    ),
    nobody("stops", "hvad der er standset"),
    nobody(
        "stopped",
        "hvilke mails det er; det samme som i outbox og stops",
    ),
    nobody("mail_switch", "om der sendes; det samme som i stops"),
    nobody("hooks", "andre programmer, der får besked"),
    nobody("shreds", "mails, hvis filer er ved at blive slettet"),
    nobody("_sqlx_migrations", "databasens opbygning"),
    nobody("sqlite_sequence", "databasens egne tal"),
    nobody("sqlite_stat1", "databasens egne tal"),
];

/// A mail that went to somebody, or speaks of their case.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonMail {
    /// Row id.
    pub id: i64,
    /// The case, hold or workflow that it is of.
    pub subject_id: i64,
    /// `UUIDv7`.
    pub public_id: String,
    /// When it leaves, or left, or was settled, µs UTC.
    pub at: i64,
    /// Where it stands, as stored.
    pub status: String,
    /// The role it goes to.
    pub seat: String,
    /// Subject line as frozen.
    pub subject_line: Option<String>,
    /// 1: it went to them.
    pub to_them: i64,
    /// 1: it speaks of other people's cases as well, or was put together with mail that does.
    pub names_others: i64,
    /// The mail as it was frozen, JSON.
    pub frozen: Option<Vec<u8>>,
}

impl Store {
    /// Every mail that went to a person, or is about a case of theirs, the oldest first, with its bytes.
    pub async fn mails_of_person(&self, person: i64) -> Result<Vec<PersonMail>> {
        sql(include_str!("mails_of_person.sql"))
            .bind(person)
            .all(&mut *self.reader().await?)
            .await
    }

    /// Every row about a person, by table, as lists of JSON objects; as it was at one moment.
    pub async fn about_person(&self, person: i64) -> Result<BTreeMap<&'static str, Json>> {
        let mut moment = self.moment().await?;
        let cases: Vec<i64> = sql("SELECT id FROM subject_keys WHERE person_id = $1 ORDER BY id")
            .bind(person)
            .values(&mut moment)
            .await?;
        let accounts: Vec<i64> = sql("SELECT id FROM accounts WHERE person_id = $1")
            .bind(person)
            .values(&mut moment)
            .await?;
        let parts = [
            ("{person}", person.to_string()),
            ("{cases}", listed(cases)),
            ("{accounts}", listed(accounts)),
            (
                "{email}",
                format!("(SELECT lower(email) FROM people WHERE id = {person})"),
            ),
        ];
        let mut about = BTreeMap::new();
        for table in TABLES {
            let OfPeople::Theirs { which, told, .. } = table.holds else {
                continue;
            };
            let which = (parts.iter()).fold(which.to_owned(), |which, (name, ids)| {
                which.replace(name, ids)
            });
            let columns: Vec<String> = told.split_whitespace().map(str::to_owned).collect();
            let rows = rows_as_json(&mut moment, table.name, &columns, &which).await?;
            about.insert(table.name, serde_json::from_str(&rows).unwrap_or_default());
        }
        Ok(about)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Whoever adds a table or a column says in the list above whether it is about somebody: else an export would leave
    /// it out, and nobody would notice.
    #[tokio::test]
    async fn every_column_of_every_table_is_known() {
        let store = Store::open_in_memory().await.expect("memory opens");
        let tables: Vec<(String, String)> = sql(
            "SELECT t.name, c.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c \
             WHERE t.type IN ('table', 'view')",
        )
        .all(&mut store.reader().await.expect("a reader"))
        .await
        .expect("a schema");
        let mut there: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (table, column) in &tables {
            there.entry(table).or_default().insert(column);
        }
        let known: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(known.len(), TABLES.len(), "a table stands there once");
        for (table, columns) in there {
            let Some(one) = TABLES.iter().find(|one| one.name == table) else {
                panic!("{table}: is it about somebody? Say so in TABLES");
            };
            let OfPeople::Theirs {
                told, apart, left, ..
            } = one.holds
            else {
                continue;
            };
            let said = [told, apart, left]
                .into_iter()
                .flat_map(str::split_whitespace);
            let said: Vec<&str> = said.collect();
            let distinct: BTreeSet<&str> = said.iter().copied().collect();
            assert_eq!(distinct, columns, "{table}: is it about somebody?");
            assert_eq!(distinct.len(), said.len(), "{table}: once each");
        }
    }
}
