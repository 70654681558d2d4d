//! Mails about one thing belong together: in a mail program as a thread, in a calendar as a meeting.

use super::hex;
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::frame::Frame;
use crate::message::{Invitation, Mailbox, Method, message_id};
use crate::runner::Runner;
use crate::runner::context::Context;
use crate::runner::data;
use crate::store::OutboxRow;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

impl Runner {
    /// What mail about the same thing to the same seat refers to, so that mail programs show it together:
    /// a Message-ID that no mail has, made of what it is about.
    pub(super) fn thread(
        &self,
        row: &OutboxRow,
        context: &Context,
        intent: &Intent,
    ) -> Vec<String> {
        let no = match intent.about {
            About::Meeting { no, .. } => no,
            _ => 0,
        };
        let thing = format!(
            "{}\0{no}\0{}\0{}",
            intent.name, context.row.public_id, row.seat
        );
        let id = format!("thread.{}", hex(&Sha256::digest(thing.as_bytes())));
        vec![message_id(id, &self.settings().mail_host)]
    }

    /// The calendar part of mail about a meeting that is booked, moved or called off.
    pub(super) fn invitation(
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
            .chain(&intent.called_off)
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
}
