//! Steering mail by hand: sooner, again, let go, or seen to.

use crate::runner::desk::{Desk, DeskError, Wrong};
use crate::runner::reason::Reason;
use crate::store::Status;

use super::{MailLine, no_mail, status_words};

impl Desk {
    /// Sends now what waits for its time; outside of the hours of the workflow as soon as they begin.
    pub async fn send_mail_now(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().send_row_now(id, now).await?;
        self.steered(id, done).await
    }

    /// Tries now what failed or waits for its next try.
    pub async fn retry_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().retry_row(id, now).await?;
        self.steered(id, done).await
    }

    /// Somebody has seen to what was refused for good, in another way than by trying again: it waits for nobody
    /// any more, and says when.
    pub async fn seen_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        let row = self.outbox_row(id).await?;
        let context = self.runner().contexts(&[row.subject_id]).await?.pop();
        let now = self.runner().now();
        let local = match &context {
            Some(context) => context.version.workflow.calendar.local(now),
            None => now.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
        };
        let reason = Reason::Seen.about(local.strftime("%d.%m.%Y kl. %H.%M"));
        let done = self.runner().store().seen_row(id, &reason).await?;
        self.steered(id, done).await
    }

    /// Lets go what is held, or takes on that what is `unknown` may arrive twice.
    pub async fn release_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().release_row(id, now).await?;
        self.steered(id, done).await
    }

    /// Lets go a whole lot of late mail; answers how much.
    pub async fn release_lot(&self, lot: i64) -> Result<u64, DeskError> {
        let released = self.runner().store().release_lot(lot).await?;
        self.steered_lot(lot, released).await
    }

    /// Sends what is held not at all.
    pub async fn drop_mail(&self, id: i64) -> Result<MailLine, DeskError> {
        self.outbox_row(id).await?;
        let now = self.runner().now().as_microsecond();
        let done = self.runner().store().drop_row(id, now).await?;
        self.steered(id, done).await
    }

    /// The same of a whole lot; answers how much.
    pub async fn drop_lot(&self, lot: i64) -> Result<u64, DeskError> {
        let now = self.runner().now().as_microsecond();
        let dropped = self.runner().store().drop_lot(lot, now).await?;
        self.steered_lot(lot, dropped).await
    }

    /// How much of a lot was steered; which lots there are where that was nothing.
    async fn steered_lot(&self, lot: i64, mails: u64) -> Result<u64, DeskError> {
        if mails == 0 {
            let lots = self.runner().store().lots().await?;
            let lots: Vec<String> = lots
                .iter()
                .map(|row| format!("{} ({} mails)", row.lot, row.mails))
                .collect();
            let wrong = Wrong::new(format!("Der holdes ingen mails tilbage i parti {lot}."));
            let help = if lots.is_empty() {
                "Ingen mails holdes tilbage.".to_owned()
            } else {
                format!("Der er {}.", lots.join(", "))
            };
            return Err(wrong.help(help).into());
        }
        self.runner().notify();
        Ok(mails)
    }

    async fn steered(&self, id: i64, done: bool) -> Result<MailLine, DeskError> {
        let row = self.outbox_row(id).await?;
        if !done {
            let help = match row.status {
                Status::Held | Status::Unknown => {
                    format!("Lad den gå med: tovholder outbox release {id}")
                }
                Status::Failed | Status::Retry => {
                    format!("Prøv den igen med: tovholder outbox retry {id}")
                }
                Status::Queued => "Den sendes af sig selv, når dens tid kommer.".to_owned(),
                Status::Sending => "Vent, til forsøget er slut.".to_owned(),
                Status::Sent => "Den er sendt.".to_owned(),
                Status::Cancelled => {
                    "Den var ikke længere aktuel, da den skulle sendes.".to_owned()
                }
            };
            let message = format!(
                "Mail {id} er {}; det kan ikke gøres med den.",
                status_words(row.status)
            );
            return Err(Wrong::new(message).help(help).into());
        }
        self.runner().notify();
        self.lines(&[row])
            .await?
            .pop()
            .ok_or_else(|| no_mail(id).into())
    }
}
