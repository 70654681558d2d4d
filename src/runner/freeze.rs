//! Before mail leaves: is it still wanted, what does it say, to whom? Then its bytes are frozen.
//!
//! Everything a mail says is read when it is about to leave, and the store takes the frozen bytes
//! only if none of that has changed in the meantime.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::context::Context;
use super::data::{self, Known, Recipient};
use super::seats::parts;
use super::{RunError, Runner};
use crate::definition::model::{CANDIDATE, JOBCENTRE, Message};
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::frame::Frame;
use crate::engine::guard::Truth;
use crate::engine::subject::{Kind, Subject};
use crate::message::{self, Invitation, Mail, MailParts, Mailbox, Method, message_id};
use crate::store::{
    Cancel, Fence, Freeze, GatherRow, MemberRow, OrganisationRow, OutboxRow, PersonRow, SubjectRow,
};

/// At most so many cases are read for one digest; more than a hold or workflow has.
const MEMBERS_PAGE: i64 = 1000;

/// What becomes of a mail whose time has come.
pub(super) enum Prepared {
    /// It leaves.
    Send(Box<(Freeze, Mail)>),
    /// It is not wanted any more.
    Cancel(Cancel),
    /// A person has to look.
    Hold(String),
    /// Not on this day or at this hour, µs UTC.
    PutOff(i64),
}

/// What was read for a batch of mails.
struct Read {
    contexts: HashMap<i64, Context>,
    items: HashMap<i64, Vec<GatherRow>>,
    members: HashMap<i64, Vec<(MemberRow, Subject)>>,
    holds: HashMap<i64, SubjectRow>,
    people: HashMap<i64, PersonRow>,
    organisations: HashMap<i64, OrganisationRow>,
    texts: HashMap<i64, BTreeMap<String, String>>,
    told: HashMap<i64, Option<String>>,
    siblings: HashMap<i64, BTreeSet<i64>>,
}

/// A word why a mail does not leave, or a failure.
enum No {
    Cancel(&'static str),
    Hold(String),
}

impl Runner {
    /// Decides and renders a batch of mails. Nothing is written.
    pub(super) async fn prepare(
        &self,
        rows: &[OutboxRow],
        now: Timestamp,
    ) -> Result<Vec<Prepared>, RunError> {
        let read = self.read_for(rows).await?;
        Ok(rows
            .iter()
            .map(|row| self.prepare_one(row, &read, now))
            .collect())
    }

    async fn read_for(&self, rows: &[OutboxRow]) -> Result<Read, RunError> {
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
            people: HashMap::new(),
            organisations: HashMap::new(),
            texts: HashMap::new(),
            told: HashMap::new(),
            siblings: HashMap::new(),
        };
        for row in rows {
            self.read_one(row, &mut read).await?;
        }
        self.read_people(rows, &mut read).await?;
        Ok(read)
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
        let Ok(intent) = serde_json::from_str::<Intent>(&row.intent) else {
            return Ok(());
        };
        if intent.to.len() > 1 {
            let people = super::seats::holders(context, &context.subject, &row.seat);
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
        let members = self.members(context, &intent.cases_in).await?;
        let of_seat: Vec<(MemberRow, Subject)> = members
            .into_iter()
            .filter(|member| is_about(&row.seat, context, member))
            .collect();
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
        for subject in texts {
            let words = self.store().texts(subject).await?;
            read.texts.insert(
                subject,
                words
                    .into_iter()
                    .map(|text| (text.name, text.text))
                    .collect(),
            );
        }
        Ok(())
    }

    fn prepare_one(&self, row: &OutboxRow, read: &Read, now: Timestamp) -> Prepared {
        let Some(context) = read.contexts.get(&row.subject_id) else {
            return Prepared::Hold("its case or hold is gone".into());
        };
        let open = context.version.workflow.calendar.open_at_or_after(now);
        if open > now {
            return Prepared::PutOff(open.as_microsecond());
        }
        match self.compose(row, context, read, now) {
            Ok((parts, persons)) => self.bind(row, read, &parts, &persons, context),
            Err(No::Cancel(reason)) => Prepared::Cancel(Cancel {
                fence: fence(row, read),
                reason: reason.to_owned(),
            }),
            Err(No::Hold(reason)) => Prepared::Hold(reason),
        }
    }

    /// Freezes the bytes and names what they were made from.
    fn bind(
        &self,
        row: &OutboxRow,
        read: &Read,
        parts: &MailParts,
        persons: &[i64],
        context: &Context,
    ) -> Prepared {
        let told = told(parts);
        let newest = read.told.get(&row.id).and_then(Option::as_ref);
        if newest == Some(&told) && row.method.as_deref() != Some("cancel") {
            return Prepared::Cancel(Cancel {
                fence: fence(row, read),
                reason: "it would say nothing new".into(),
            });
        }
        let mail = match message::freeze(parts) {
            Ok(mail) => mail,
            Err(error) => return Prepared::Hold(error.to_string()),
        };
        let Ok(frozen) = serde_json::to_vec(&mail) else {
            return Prepared::Hold("it is not text".into());
        };
        let address = mail.recipients.join(", ");
        let freeze = Freeze {
            fence: fence(row, read),
            frozen,
            subject_line: mail.subject.clone(),
            domain: address.rsplit('@').next().unwrap_or_default().to_owned(),
            address,
            person_id: persons.first().copied(),
            told,
            node: self.settings().node.clone(),
        };
        debug_assert_eq!(context.row.id, row.subject_id);
        Prepared::Send(Box::new((freeze, mail)))
    }

    /// What the mail says and to whom, or why it does not leave.
    fn compose(
        &self,
        row: &OutboxRow,
        context: &Context,
        read: &Read,
        now: Timestamp,
    ) -> Result<(MailParts, Vec<i64>), No> {
        let items = read.items.get(&row.id);
        let json = items
            .and_then(|items| items.first())
            .map_or(&row.intent, |item| &item.intent);
        let intent: Intent =
            serde_json::from_str(json).map_err(|error| No::Hold(error.to_string()))?;
        let known = Known {
            people: &read.people,
            organisations: &read.organisations,
            texts: &read.texts,
            settings: self.settings(),
        };
        let (to, persons, recipient) = recipients(row, context, read)?;
        if persons.iter().any(|person| {
            read.siblings
                .get(&row.id)
                .is_some_and(|known| known.contains(person))
        }) {
            return Err(No::Cancel(
                "the same person has it already, in another role",
            ));
        }
        let mut data = data::base(context, &context.subject, &recipient, &known);
        match items {
            Some(items) => data.extend(gathered(items, read, &known, now)?),
            None => {
                wanted(context, &intent, now)?;
                data.extend(of_one(row, context, &intent, read, &known)?);
            }
        }
        let workflow = &context.version.workflow;
        let templates = &context.version.templates;
        let template = intent
            .templates
            .iter()
            .find(|name| templates.has(&workflow.language, name));
        let Some(template) = template else {
            return Err(No::Hold(format!(
                "there is no template {:?}",
                intent.templates.last()
            )));
        };
        let rendered = templates
            .render(&workflow.language, template, &Json::Object(data))
            .map_err(|error| No::Hold(error.to_string()))?;
        let reply_to = data::contact_person(context, &known)
            .and_then(|(_, person)| Mailbox::parse(&person.name, person.email.as_deref()?).ok());
        let stamp = Timestamp::from_microsecond(row.created_at).unwrap_or(now);
        let invitation = self.invitation(row, context, &intent, &rendered.text, &to, stamp);
        let parts = MailParts {
            message_id: message_id(&row.public_id, &self.settings().mail_host),
            date: now,
            zone: workflow.calendar.zone().clone(),
            from: self.settings().from.clone(),
            reply_to,
            to,
            rendered,
            invitation,
            list_unsubscribe: None,
        };
        Ok((parts, persons))
    }

    /// The calendar part of mail about a meeting that is booked, moved or called off.
    fn invitation(
        &self,
        row: &OutboxRow,
        context: &Context,
        intent: &Intent,
        text: &str,
        to: &[Mailbox],
        stamp: Timestamp,
    ) -> Option<Invitation> {
        let About::Meeting { no, word } = intent.about else {
            return None;
        };
        let method = match word {
            MeetingWord::Invited | MeetingWord::Moved => Method::Request,
            MeetingWord::Cancelled => Method::Cancel,
            MeetingWord::Reminder => return None,
        };
        let log = context.subject.meetings.get(&intent.name)?;
        let booking = log
            .open
            .iter()
            .chain(&log.last)
            .find(|booking| booking.no == no)?;
        let view = context.view();
        let meeting = data::meeting_named(&Frame::new(&view, &context.subject), &intent.name)?;
        Some(Invitation {
            method,
            uid: format!(
                "{}.{no}.{}@{}",
                intent.name,
                context.row.public_id,
                self.settings().mail_host
            ),
            sequence: u32::try_from(row.revision).unwrap_or_default(),
            summary: meeting.title.clone(),
            description: text.to_owned(),
            location: booking.place.clone(),
            start: booking.start,
            end: booking.end,
            zone: context.version.workflow.calendar.zone().clone(),
            organizer: self.settings().from.clone(),
            attendee: to.first()?.clone(),
            stamp,
        })
    }

    /// All members of a hold or workflow in certain states, page by page.
    pub(super) async fn all_members(
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

fn told(parts: &MailParts) -> String {
    let mut hash = Sha256::new();
    hash.update(&parts.rendered.subject);
    hash.update([0]);
    hash.update(&parts.rendered.text);
    if let Some(invitation) = &parts.invitation {
        hash.update(format!(
            "{}{}{:?}",
            invitation.start, invitation.end, invitation.method
        ));
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What the mail is made from, so that the store can tell whether it still is so.
fn fence(row: &OutboxRow, read: &Read) -> Fence {
    let mut fence = Fence {
        id: row.id,
        attempt: row.attempt,
        ..Fence::default()
    };
    let items = read
        .items
        .get(&row.id)
        .into_iter()
        .flatten()
        .map(|item| item.subject_id);
    let subjects: BTreeSet<i64> = std::iter::once(row.subject_id).chain(items).collect();
    for id in subjects {
        let Some(context) = read.contexts.get(&id) else {
            continue;
        };
        fence.seqs.push((id, context.row.seq));
        if let Some(hold) = &context.cohort {
            fence
                .broadcasts
                .push((hold.row.subject.id, hold.row.subject.broadcast));
        }
    }
    fence.seqs.extend(
        read.members
            .get(&row.id)
            .into_iter()
            .flatten()
            .map(|(member, _)| (member.id, member.seq)),
    );
    fence.broadcasts.sort_unstable();
    fence.broadcasts.dedup();
    fence
}

/// The mailboxes of a seat, as they are now.
fn recipients(
    row: &OutboxRow,
    context: &Context,
    read: &Read,
) -> Result<(Vec<Mailbox>, Vec<i64>, Recipient), No> {
    let workflow = &context.version.workflow;
    let (role, id) = parts(&row.seat);
    let title = data::role_title(workflow, role);
    if role == JOBCENTRE {
        let organisation = id
            .or(context.row.organisation_id)
            .and_then(|id| read.organisations.get(&id));
        let Some(organisation) = organisation else {
            return Err(No::Hold("the candidate belongs to no organisation".into()));
        };
        let Some(email) = &organisation.email else {
            return Err(No::Hold(format!(
                "{} has no e-mail address",
                organisation.name
            )));
        };
        let mailbox = Mailbox::parse(&organisation.name, email)
            .map_err(|error| No::Hold(error.to_string()))?;
        let recipient = Recipient {
            name: organisation.name.clone(),
            organisation: Some(organisation.name.clone()),
            role: title,
            is_candidate: false,
        };
        return Ok((vec![mailbox], Vec::new(), recipient));
    }
    let persons = match (role, id) {
        (CANDIDATE, Some(case)) => {
            let members = read.members.get(&row.id).into_iter().flatten();
            let case = members
                .map(|(member, _)| member)
                .find(|member| member.id == case);
            // A candidate who has left what the mail is about hears no more of it.
            let Some(case) = case else {
                return Err(No::Cancel("the candidate is not concerned any more"));
            };
            case.person_id.into_iter().collect()
        }
        (role, Some(person)) => {
            if !holds_role(context, role, person, read.members.get(&row.id)) {
                return Err(No::Cancel("the person does not have the role any more"));
            }
            vec![person]
        }
        (_, None) => super::seats::holders(context, &context.subject, &row.seat),
    };
    let known: Vec<&PersonRow> = persons
        .iter()
        .filter_map(|id| read.people.get(id))
        .collect();
    let Some(first) = known.first() else {
        return Err(No::Hold(format!("nobody has the role {title}")));
    };
    let mut to = Vec::with_capacity(known.len());
    for person in &known {
        let Some(email) = &person.email else {
            return Err(No::Hold(format!("{} has no e-mail address", person.name)));
        };
        to.push(Mailbox::parse(&person.name, email).map_err(|error| No::Hold(error.to_string()))?);
    }
    let recipient = Recipient {
        name: first.name.clone(),
        organisation: first
            .organisation
            .as_ref()
            .map(|organisation| organisation.name.clone()),
        role: title,
        is_candidate: role == CANDIDATE,
    };
    Ok((to, persons, recipient))
}

fn holds_role(
    context: &Context,
    role: &str,
    person: i64,
    members: Option<&Vec<(MemberRow, Subject)>>,
) -> bool {
    let has = |people: Option<&Vec<i64>>| people.is_some_and(|people| people.contains(&person));
    let per = context
        .version
        .workflow
        .roles
        .iter()
        .find(|known| *known.name == *role)
        .map(|known| known.per);
    match per {
        Some(crate::definition::model::Per::Candidate) => members.is_none_or(|members| {
            members
                .iter()
                .any(|(_, subject)| has(subject.people.get(role)))
        }),
        Some(crate::definition::model::Per::Cohort) => {
            has(context.cohort_people().and_then(|people| people.get(role)))
        }
        Some(crate::definition::model::Per::Workflow) => has(context.workflow_people.get(role)),
        None => false,
    }
}

/// Whether mail of one subject is still wanted.
fn wanted(context: &Context, intent: &Intent, now: Timestamp) -> Result<(), No> {
    if intent.useless_from.is_some_and(|from| from <= now) {
        return Err(No::Cancel("its moment has passed"));
    }
    let subject = &context.subject;
    if let Some((state, n)) = &intent.scope
        && subject.kind == Kind::Case
    {
        let here = subject
            .visits
            .get(state)
            .is_some_and(|visit| visit.n == *n && visit.left.is_none());
        if !here {
            return Err(No::Cancel("the candidate has left the state it belongs to"));
        }
    }
    let view = context.view();
    let frame = Frame::new(&view, subject);
    match &intent.about {
        About::Message => {
            let today = frame.calendar().local(now).date();
            let guard =
                message_of(&frame, &intent.name).map(|message| frame.truth(&message.guard, today));
            if guard.is_some_and(|guard| guard != Truth::True) {
                return Err(No::Cancel("its condition does not hold any more"));
            }
        }
        About::Meeting { no, word } => {
            let open = subject
                .meetings
                .get(&intent.name)
                .and_then(|log| log.open.iter().find(|booking| booking.no == *no));
            let current = open.is_some_and(|booking| {
                booking.revision == intent.revision || *word == MeetingWord::Reminder
            });
            if *word != MeetingWord::Cancelled && !current {
                return Err(No::Cancel("the meeting has been moved, held or called off"));
            }
        }
        About::Task { no } | About::Overdue { no } if *no > 0 => {
            let log = subject.tasks.get(&intent.name);
            if !log.is_some_and(|log| log.open.iter().any(|one| one.no == *no)) {
                return Err(No::Cancel("the task has been done or withdrawn"));
            }
        }
        About::Task { .. } | About::Overdue { .. } | About::Booking => {
            let booked = subject
                .meetings
                .get(&intent.name)
                .is_some_and(|log| !log.open.is_empty());
            if booked {
                return Err(No::Cancel("the meeting has been booked"));
            }
        }
    }
    Ok(())
}

fn message_of<'a>(frame: &Frame<'a>, name: &str) -> Option<&'a Message> {
    let workflow = frame.workflow();
    let all: Box<dyn Iterator<Item = &'a Message>> = match frame.subject.kind {
        Kind::Case => Box::new(
            workflow
                .states
                .iter()
                .flat_map(|state| &state.scope.messages),
        ),
        Kind::Cohort => Box::new(workflow.cohort.scope.messages.iter()),
        Kind::Workflow => Box::new(workflow.scope.messages.iter()),
    };
    all.into_iter().find(|message| *message.name == *name)
}

/// The names of mail about one subject.
fn of_one(
    row: &OutboxRow,
    context: &Context,
    intent: &Intent,
    read: &Read,
    known: &Known<'_>,
) -> Result<Map<String, Json>, No> {
    let view = context.view();
    let subject = &context.subject;
    let mut data = match subject.kind {
        Kind::Case => data::case(context, subject, &view, known),
        Kind::Cohort => data::hold(context, subject, &view),
        Kind::Workflow => Map::new(),
    };
    data.insert("event".into(), data::event(context, intent));
    data.extend(data::thing(context, subject, &view, intent, known));
    if subject.kind != Kind::Case {
        data.insert("candidate".into(), Json::Null);
    }
    if intent.about == About::Message && subject.kind != Kind::Case {
        let members = read.members.get(&row.id).map_or(&[][..], Vec::as_slice);
        let addressed = crate::definition::model::Per::Candidate;
        let (role, _) = parts(&row.seat);
        let per = context
            .version
            .workflow
            .roles
            .iter()
            .find(|known| *known.name == *role)
            .map(|known| known.per);
        if members.is_empty() && per == Some(addressed) {
            return Err(No::Cancel("there is nothing to say"));
        }
        data.extend(data::digest(context, intent, members, &read.holds, known));
    }
    Ok(data)
}

/// The items of gathered mail that are still wanted.
fn gathered(
    items: &[GatherRow],
    read: &Read,
    known: &Known<'_>,
    now: Timestamp,
) -> Result<Map<String, Json>, No> {
    let mut list: Vec<(Vec<u32>, Json)> = Vec::new();
    for item in items {
        let Some(context) = read.contexts.get(&item.subject_id) else {
            continue;
        };
        let intent: Intent =
            serde_json::from_str(&item.intent).map_err(|error| No::Hold(error.to_string()))?;
        if wanted(context, &intent, now).is_err() {
            continue;
        }
        let view = context.view();
        let candidate = data::candidate(context, known);
        let hold = context
            .cohort
            .as_ref()
            .map_or(&context.row, |hold| &hold.row.subject);
        let mut one = data::thing(context, &context.subject, &view, &intent, known);
        let order = crate::message::danish_key(candidate["name"].as_str().unwrap_or_default());
        one.insert("candidate".into(), candidate);
        one.insert(
            "cohort".into(),
            json!({"title": hold.title, "start": hold.starts_on}),
        );
        one.insert("event".into(), data::event(context, &intent));
        for name in ["task", "meeting", "window"] {
            one.entry(name).or_insert(Json::Null);
        }
        list.push((order, Json::Object(one)));
    }
    if list.is_empty() {
        return Err(No::Cancel("none of what was gathered is wanted any more"));
    }
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut data = Map::new();
    data.insert(
        "items".into(),
        Json::Array(list.into_iter().map(|(_, item)| item).collect()),
    );
    Ok(data)
}
