//! Reads what a batch of mails speaks of, in few statements.

use crate::definition::model::{CANDIDATE, JOBCENTRE};
use crate::engine::effect::{About, Intent};
use crate::engine::subject::Subject;
use crate::runner::context::Context;
use crate::runner::data::Beside;
use crate::runner::links::answer::answerable;
use crate::runner::links::unsubscribe::is_announcement;
use crate::runner::seats::parts;
use crate::runner::versions::Version;
use crate::runner::{RunError, Runner};
use crate::store::{
    GatherRow, LateOf, MemberRow, OrganisationRow, OutboxRow, PersonRow, ReceivedRow, SubjectRow,
    Wish,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// At most so many cases are read for one digest; more than a hold or workflow has.
const MEMBERS_PAGE: i64 = 1000;

/// What was read for a batch of mails.
pub(super) struct Read {
    pub contexts: HashMap<i64, Context>,
    pub items: HashMap<i64, Vec<GatherRow>>,
    pub members: HashMap<i64, Vec<(MemberRow, Subject)>>,
    pub holds: HashMap<i64, SubjectRow>,
    /// Of the members, by row id.
    pub versions: HashMap<i64, Arc<Version>>,
    /// What digests tell besides where their cases are.
    pub digests: HashMap<i64, Beside>,
    pub people: HashMap<i64, PersonRow>,
    pub organisations: HashMap<i64, OrganisationRow>,
    pub texts: HashMap<i64, BTreeMap<String, String>>,
    pub told: HashMap<i64, Option<String>>,
    pub siblings: HashMap<i64, BTreeSet<i64>>,
    /// What people want of mail.
    pub wishes: Vec<Wish>,
    /// What somebody wrote, by the mail that passes it on.
    pub replies: HashMap<i64, ReceivedRow>,
    /// What is held of a late lot, by the mail that tells of it.
    pub late: HashMap<i64, Vec<LateOf>>,
    /// Of announcements, when there are any.
    pub announced: Announced,
    /// The database's secret, when mail has links of its reader's own.
    pub secret: Option<String>,
}

/// What announcements need.
#[derive(Default)]
pub(super) struct Announced {
    /// Workflows and the addresses, in small letters, that want no more of theirs.
    pub suppressed: HashSet<(String, String)>,
}

impl Read {
    /// What a person wants of a mail.
    pub fn wish(&self, row: &OutboxRow) -> Option<&Wish> {
        self.wishes.iter().find(|wish| {
            wish.subject_id == row.subject_id
                && wish.occurrence == row.occurrence
                && wish.seat == row.seat
        })
    }
}

impl Runner {
    pub(super) async fn read_for(&self, rows: &[OutboxRow]) -> Result<Read, RunError> {
        let mut items: HashMap<i64, Vec<GatherRow>> = HashMap::new();
        let mut ids: BTreeSet<i64> = rows.iter().map(|row| row.subject_id).collect();
        for row in rows.iter().filter(|row| row.group_key.is_some()) {
            let gathered = self.store().gather_items(row.id).await?;
            ids.extend(gathered.iter().map(|item| item.subject_id));
            items.insert(row.id, gathered);
        }
        let ids: Vec<i64> = ids.into_iter().collect();
        let contexts: HashMap<i64, Context> = self
            .contexts(&ids)
            .await?
            .into_iter()
            .map(|context| (context.row.id, context))
            .collect();
        let mut read = Read {
            contexts,
            items,
            members: HashMap::new(),
            holds: HashMap::new(),
            versions: HashMap::new(),
            digests: HashMap::new(),
            people: HashMap::new(),
            organisations: HashMap::new(),
            texts: HashMap::new(),
            told: HashMap::new(),
            siblings: HashMap::new(),
            wishes: self.store().wishes(&ids).await?,
            replies: HashMap::new(),
            late: HashMap::new(),
            announced: Announced::default(),
            secret: None,
        };
        for row in rows {
            self.read_one(row, &mut read).await?;
        }
        self.read_people(rows, &mut read).await?;
        self.read_announced(rows, &mut read).await?;
        let has_answers = |row: &OutboxRow| {
            let context = read.contexts.get(&row.subject_id);
            context.is_some_and(|context| {
                let workflow = &context.version.workflow;
                !answerable(workflow, parts(&row.seat).0).is_empty()
            })
        };
        let is_linked = self.settings().base_url.is_some();
        if read.secret.is_none() && is_linked && rows.iter().any(has_answers) {
            read.secret = Some(self.store().secret().await?);
        }
        Ok(read)
    }

    async fn read_announced(&self, rows: &[OutboxRow], read: &mut Read) -> Result<(), RunError> {
        let mut workflows: BTreeSet<&str> = BTreeSet::new();
        for row in rows {
            let intent = intent_of(row, read);
            let context = read.contexts.get(&row.subject_id);
            workflows.extend(context.zip(intent).and_then(|(context, intent)| {
                is_announcement(context, &intent).then_some(&*context.version.workflow.id)
            }));
        }
        if workflows.is_empty() {
            return Ok(());
        }
        let people = read.people.values();
        let now = people.filter_map(|person| person.email.as_deref());
        // What was attempted goes to where it went, whatever the address is now.
        let before = rows.iter().filter_map(|row| row.address.as_deref());
        let before = before.flat_map(|address| address.split(", "));
        let addresses: BTreeSet<String> = now.chain(before).map(str::to_lowercase).collect();
        let pairs = workflows.iter().flat_map(|workflow| {
            let of = |address: &String| ((*workflow).to_owned(), address.clone());
            addresses.iter().map(of)
        });
        let suppressed = self.store().suppressed(&pairs.collect()).await?;
        read.secret = Some(self.store().secret().await?);
        read.announced = Announced { suppressed };
        Ok(())
    }

    async fn read_one(&self, row: &OutboxRow, read: &mut Read) -> Result<(), RunError> {
        if row.revision > 0 || row.method.as_deref() == Some("cancel") {
            read.told.insert(
                row.id,
                self.store()
                    .newest_told(row.subject_id, &row.occurrence, &row.seat)
                    .await?,
            );
        }
        let Some(context) = read.contexts.get(&row.subject_id) else {
            return Ok(());
        };
        let Some(intent) = intent_of(row, read) else {
            return Ok(());
        };
        if intent.about == About::Reply
            && let Some(reply) = self.store().received_by_key(&intent.name).await?
        {
            read.replies.insert(row.id, reply);
        }
        if let About::LateLot { lot } = intent.about {
            read.late.insert(row.id, self.store().late_of(lot).await?);
        }
        if intent.to.len() > 1 {
            let people = crate::runner::seats::holders(context, &context.subject, &row.seat);
            for person in people {
                if self.store().sibling_to_person(row, person).await?.is_some() {
                    read.siblings.entry(row.id).or_default().insert(person);
                }
            }
        }
        if intent.cases_in.is_empty()
            || matches!(intent.about, About::Meeting { .. }) && parts(&row.seat).0 != CANDIDATE
        {
            return Ok(());
        }
        let mut of_seat = match self.beside(row, context, &intent).await? {
            Some((beside, members)) => {
                read.digests.insert(row.id, beside);
                members
            }
            None => self.members(context, &intent.cases_in).await?,
        };
        of_seat.retain(|member| is_about(&row.seat, context, member));
        let versions: BTreeSet<i64> = (of_seat.iter())
            .map(|(member, _)| member.version_id)
            .collect();
        for id in versions {
            read.versions.insert(id, self.version(id).await?);
        }
        let cohorts: Vec<i64> = of_seat
            .iter()
            .map(|(member, _)| member.cohort_id)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let holds = self.store().load(&cohorts).await?.subjects;
        read.holds
            .extend(holds.into_iter().map(|hold| (hold.id, hold)));
        read.members.insert(row.id, of_seat);
        Ok(())
    }

    async fn read_people(&self, rows: &[OutboxRow], read: &mut Read) -> Result<(), RunError> {
        let (mut people, mut organisations, mut texts) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for context in read.contexts.values() {
            people.extend(context.row.person_id);
            people.extend(context.subject.people.values().flatten());
            people.extend(
                context
                    .cohort_people()
                    .into_iter()
                    .flat_map(|people| people.values().flatten()),
            );
            people.extend(context.workflow_people.values().flatten());
            organisations.extend(context.row.organisation_id);
            texts.insert(context.row.id);
            texts.extend(context.row.cohort_id);
        }
        for row in rows {
            people.extend(
                parts(&row.seat)
                    .1
                    .filter(|_| ![CANDIDATE, JOBCENTRE].contains(&parts(&row.seat).0)),
            );
        }
        for (member, _) in read.members.values().flatten() {
            people.extend(member.person_id);
            organisations.extend(member.organisation_id);
        }
        let people: Vec<i64> = people.into_iter().collect();
        let organisations: Vec<i64> = organisations.into_iter().collect();
        read.people = self.store().people(&people).await?;
        read.organisations = self.store().organisations(&organisations).await?;
        let texts: Vec<i64> = texts.into_iter().collect();
        for text in self.store().texts(&texts).await? {
            let of = read.texts.entry(text.subject_id).or_default();
            of.insert(text.name, text.text);
        }
        Ok(())
    }

    /// All members of a hold or workflow in certain states, page by page.
    pub(in crate::runner) async fn all_members(
        &self,
        cohort: Option<i64>,
        workflow: &str,
        states: &[String],
    ) -> Result<Vec<MemberRow>, RunError> {
        let mut all: Vec<MemberRow> = Vec::new();
        loop {
            let after = all.last().map_or(0, |row| row.id);
            let page = self
                .store()
                .members(cohort, workflow, states, after, MEMBERS_PAGE)
                .await?;
            let full = i64::try_from(page.len()).unwrap_or(MEMBERS_PAGE) >= MEMBERS_PAGE;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }
}

/// What a mail is meant to say. A bundle's own intent is empty; its items were all meant for the same
/// people.
pub(super) fn intent_of(row: &OutboxRow, read: &Read) -> Option<Intent> {
    let first = read.items.get(&row.id).and_then(|items| items.first());
    let (of, json) = first.map_or((row.subject_id, &row.intent), |item| {
        (item.subject_id, &item.intent)
    });
    match read.contexts.get(&of) {
        Some(context) => intent_in(context, json).ok(),
        None => serde_json::from_str(json).ok(),
    }
}

/// What a subject's mail is to say, as the version that the subject is on calls it.
pub(super) fn intent_in(context: &Context, json: &str) -> Result<Intent, serde_json::Error> {
    let intent = serde_json::from_str(json)?;
    let subject = &context.subject;
    Ok(subject.called.intent(subject.kind, intent))
}

/// Whether a case is one that the recipient of a hold's or workflow's mail has a part in.
fn is_about(seat: &str, context: &Context, (row, subject): &(MemberRow, Subject)) -> bool {
    let (role, id) = parts(seat);
    let per = context
        .version
        .workflow
        .roles
        .iter()
        .find(|known| *known.name == *role)
        .map(|known| known.per);
    match (role, id) {
        (CANDIDATE, Some(id)) => row.id == id,
        (JOBCENTRE, Some(id)) => row.organisation_id == Some(id),
        (_, Some(id)) if per == Some(crate::definition::model::Per::Candidate) => subject
            .people
            .get(role)
            .is_some_and(|people| people.contains(&id)),
        _ => true,
    }
}
