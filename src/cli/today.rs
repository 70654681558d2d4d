//! `tovholder today`: what waits for a person, each with the command that settles it.

use clap::Args;

use super::text::wrap;
use super::{Answer, Common, Failure};
use crate::runner::desk::Waits;

/// What waits for somebody: mail that failed or came back, people who wrote or do not come.
#[derive(Args, Debug)]
pub(super) struct Today {}

impl Today {
    pub async fn run(&self, common: &Common) -> Result<Answer, Failure> {
        let desk = common.desk().await?;
        let mut all = desk.today().await?;
        all.extend(desk.hooks_that_wait().await?);
        Ok(Answer::new(text(&all), &all))
    }
}

fn text(all: &[Waits]) -> String {
    if all.is_empty() {
        return "I dag: intet venter på nogen i mails, svar og adresser.\n\
                Opgaver og frister: tovholder agenda HOLD\n"
            .to_owned();
    }
    let mut out = "I dag\n".to_owned();
    for one in all {
        let time = one.local.strftime("%d.%m. %H.%M");
        out.push('\n');
        out.push_str(&wrap(
            &format!("  {time}  "),
            &format!("{}: {}", one.what, one.about),
        ));
        for (at, command) in one.settle.iter().enumerate() {
            let word = if at == 0 { "" } else { "eller: " };
            out.push_str(&wrap("                ", &format!("{word}{command}")));
        }
    }
    out
}
