//! Who sits in a seat now, and at which address.

use super::read::Read;
use super::{No, asked};
use crate::definition::model::{CANDIDATE, JOBCENTRE};
use crate::engine::subject::Subject;
use crate::message::Mailbox;
use crate::runner::Settings;
use crate::runner::context::Context;
use crate::runner::data::{self, Recipient};
use crate::runner::reason::Reason;
use crate::runner::seats::{OPERATOR, parts};
use crate::store::{MemberRow, OutboxRow, PersonRow};

/// The mailboxes of a seat, as they are now.
pub(super) fn recipients(
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
            let nobody = read.members.get(&row.id).is_some_and(Vec::is_empty);
            if id.is_some() && nobody {
                return Err(No::Cancel(Reason::JobcentreNotConcerned));
            }
            return Err(No::Hold(Reason::NoOrganisation.stored()));
        };
        let Some(email) = &organisation.email else {
            return Err(No::Hold(Reason::NoAddress.about(&organisation.name)));
        };
        if organisation.returns.is_some() && !asked(row) {
            return Err(No::Hold(Reason::AddressReturns.stored()));
        }
        let mailbox = Mailbox::parse(&organisation.name, email)
            .map_err(|_| No::Hold(Reason::BadAddress.about(&organisation.name)))?;
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
                return Err(No::Cancel(Reason::CandidateNotConcerned));
            };
            case.person_id.into_iter().collect()
        }
        (role, Some(person)) => {
            if !holds_role(context, role, person, read.members.get(&row.id)) {
                return Err(No::Cancel(Reason::RoleGiven));
            }
            vec![person]
        }
        (_, None) => crate::runner::seats::holders(context, &context.subject, &row.seat),
    };
    let known: Vec<&PersonRow> = persons
        .iter()
        .filter_map(|id| read.people.get(id))
        .collect();
    let Some(first) = known.first() else {
        return Err(No::Hold(Reason::NobodyInRole.about(title)));
    };
    let mut to = Vec::with_capacity(known.len());
    for person in &known {
        let Some(email) = &person.email else {
            return Err(No::Hold(Reason::NoAddress.about(title)));
        };
        if person.returns.is_some() && !asked(row) {
            return Err(No::Hold(Reason::AddressReturns.stored()));
        }
        let mailbox = Mailbox::parse(&person.name, email);
        to.push(mailbox.map_err(|_| No::Hold(Reason::BadAddress.about(&title)))?);
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

/// Whoever runs the installation.
pub(super) fn operator(settings: &Settings) -> Result<(Vec<Mailbox>, Vec<i64>, Recipient), No> {
    let Some(mailbox) = &settings.operator else {
        return Err(No::Hold(Reason::NobodyInRole.about(OPERATOR)));
    };
    let recipient = Recipient {
        name: mailbox.name().unwrap_or_default().to_owned(),
        organisation: None,
        role: OPERATOR.to_owned(),
        is_candidate: false,
    };
    Ok((vec![mailbox.clone()], Vec::new(), recipient))
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
