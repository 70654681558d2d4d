//! Mail that leaves before its time, because a person wants it: as it would read now, and then just so.

use serde::Serialize;

use super::{ComingAsked, ComingMail, MailLine, Wording};
use crate::engine::frame::Frame;
use crate::engine::input::{Actor, Input};
use crate::engine::plan;
use crate::engine::subject::Kind;
use crate::runner::context::Context;
use crate::runner::desk::possible::not_taken;
use crate::runner::desk::{Desk, DeskError, Fired, Visitor, Wrong};
use crate::runner::freeze::hash_of;
use crate::runner::{Coming, operator};
use crate::store::{Copied, OutboxFilter, OutboxRow, Sees, Status};

/// More than one case or hold has of one mail.
const ROWS_MAX: i64 = 10_000;

/// What leaves when a mail is sent now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Early {
    /// As each of its recipients would read it.
    pub mails: Vec<ComingMail>,
    /// How many events the case or hold had.
    pub seq: i64,
    /// A hash of all that would be said.
    pub says: String,
}

impl Desk {
    /// What leaves when a mail is sent now: nothing is changed, and nothing is sent.
    ///
    /// # Errors
    /// [`DeskError::Refused`] and [`DeskError::Wrong`] when it cannot be.
    pub async fn foresee_early(&self, asked: &ComingAsked) -> Result<Early, DeskError> {
        let hold = self.cohort(&asked.hold).await?;
        let context = self.any(&asked.of).await?;
        let is_own = context.subject.kind != Kind::Cohort || self.sees == Sees::All;
        if context.cohort_id() != Some(hold.row.id) || !is_own {
            return Err(Wrong::new("Den mail hører ikke til holdet.").into());
        }
        let leaving = self.leaving_now(&hold, &context, asked).await?;
        self.saw(&[context.row.id], "mail").await?;
        let mails = self.coming_mails(&hold, leaving).await?;
        may_leave(&mails, &asked.seat)?;
        let said: Vec<String> = (mails.iter())
            .map(|mail| format!("{} {} {}", mail.seat, mail.line.about, mail.text))
            .collect();
        Ok(Early {
            mails,
            seq: context.row.seq,
            says: hash_of("", &said.join("\n")),
        })
    }

    /// Sends a mail now that was read as it would leave; answers where it and what goes with it stand.
    ///
    /// # Errors
    /// [`DeskError::MovedOn`] when it would not say any more what was read.
    pub async fn send_early(
        &self,
        visitor: &Visitor,
        asked: &ComingAsked,
        (seq, says): (i64, &str),
    ) -> Result<Vec<MailLine>, DeskError> {
        let now = self.foresee_early(asked).await?;
        if (now.seq, now.says.as_str()) != (seq, says) {
            return Err(DeskError::MovedOn);
        }
        let context = self.any(&asked.of).await?;
        self.hurry(&context, asked, seq, &visitor.actor()).await?;
        self.settle().await;
        let rows = self.rows_of(&context, &asked.occurrence).await?;
        self.lines(&rows).await
    }

    /// Sends the next mail of a message now, for whoever types commands.
    pub async fn send_next_early(&self, of: &str, message: &str) -> Result<Fired, DeskError> {
        let context = self.any(of).await?;
        let declaration = format!("message.{message}");
        let next = {
            let view = context.view();
            let frame = Frame::new(&view, &context.subject);
            let planned = plan::next_messages(&frame).into_iter();
            let mut planned = planned.filter(|one| one.declaration == declaration);
            planned.next().map(|one| one.occurrence())
        };
        let occurrence = next.ok_or_else(|| {
            let wrong = Wrong::new(format!("Der er ingen mail »{message}« planlagt her."));
            let id = &context.row.public_id;
            wrong.help(format!("Se hvorfor med: tovholder why {id} {message}"))
        })?;
        self.act(&context, &Input::Early { occurrence }).await
    }

    /// What leaves at once, on a copy on which it is sent now; outside of the hours of the workflow when they begin.
    async fn leaving_now(
        &self,
        hold: &Context,
        context: &Context,
        asked: &ComingAsked,
    ) -> Result<Vec<Coming>, DeskError> {
        let play = self.runner().play(Copied::Hold(hold.row.id)).await?;
        let copy = self.copied(&play);
        let seq = context.row.seq;
        let calendar = &hold.version.workflow.calendar;
        let open = calendar.open_at_or_after(play.runner().now());
        let left = match copy.hurry(context, asked, seq, &operator("copy")).await {
            Ok(is_whole) => Ok((is_whole, play.until(open).await)),
            Err(error) => Err(error),
        };
        play.end().await?;
        let (is_whole, left) = left?;
        let mut left = left?;
        left.retain(|one| {
            let row = &one.row;
            let its = row.subject_id == context.row.id && row.occurrence == asked.occurrence;
            its && (is_whole || row.seat == asked.seat)
        });
        Ok(left)
    }

    /// Sends it now: what is queued to one recipient, or what is planned, to all of them; answers whether it was that.
    async fn hurry(
        &self,
        context: &Context,
        asked: &ComingAsked,
        seq: i64,
        actor: &Actor,
    ) -> Result<bool, DeskError> {
        let rows = self.rows_of(context, &asked.occurrence).await?;
        let queued = rows.iter().find(|row| {
            row.seat == asked.seat && matches!(row.status, Status::Queued | Status::Retry)
        });
        if let Some(row) = queued {
            match row.status {
                Status::Retry => self.retry_mail(row.id).await?,
                _ => self.send_mail_now(row.id).await?,
            };
            return Ok(false);
        }
        let early = Input::Early {
            occurrence: asked.occurrence.clone(),
        };
        let done = self
            .runner()
            .input_to(context.row.id, Some(seq), &early, actor, None)
            .await;
        done.map_err(|error| not_taken(context, error))?;
        Ok(true)
    }

    /// What the outbox has of a mail.
    async fn rows_of(
        &self,
        context: &Context,
        occurrence: &str,
    ) -> Result<Vec<OutboxRow>, DeskError> {
        let filter = OutboxFilter {
            subject: Some(context.row.id),
            limit: ROWS_MAX,
            ..OutboxFilter::default()
        };
        let mut rows = self.runner().store().outbox(self.sees, &filter).await?;
        rows.retain(|row| row.occurrence == occurrence);
        Ok(rows)
    }
}

/// Refuses what would not reach anybody, or would wait for a person.
fn may_leave(mails: &[ComingMail], seat: &str) -> Result<(), Wrong> {
    let Some(mail) = mails.iter().find(|mail| mail.seat == seat) else {
        let wrong = Wrong::new("Sendt nu ville mailen ikke nå frem til nogen.");
        return Err(wrong.help("Modtageren mangler en adresse, eller der er intet nyt i den."));
    };
    if mail.is_held {
        let wrong = Wrong::new("Mailen holdes tilbage.");
        return Err(wrong.help("Lad den gå til sin tid, før du sender den nu."));
    }
    if mail.words == Wording::Overtaken {
        let wrong = Wrong::new("Mailen er rettet for noget andet, end den ville sige nu.");
        return Err(wrong.help("Brug skabelonens ord, eller ret den igen."));
    }
    Ok(())
}
