//! Taking back is as if it had never been, as far as nothing has been said; and led on again, nothing is said twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::drawn::Drawn;
use super::hold::{Begun, DAYS, begun, differs, possible};
use super::seeds;
use crate::engine::input::{Input, Refusal};
use crate::engine::subject::Subject;
use crate::runner::advance::operator;
use crate::runner::change::seen::{Leaves, Seen, see, words_of};
use crate::runner::change::{Change, Said};
use crate::runner::world::dice::Dice;
use crate::runner::{RunError, Runner};

enum Played {
    /// Nobody could be led on.
    Nothing,
    /// At once taken back.
    AtOnce,
    /// After some days, and then led on again; how many mails had left.
    Later(usize),
    /// By then it could not be taken back.
    Refused,
    Broken(String),
}

#[test]
fn what_is_taken_back_has_not_been_and_is_not_said_twice() {
    let (mut at_once, mut later, mut mails, mut refused) = (0_u64, 0_u64, 0, 0_u64);
    let is_whole = seeds(24, async |seed| {
        let mut dice = Dice::new(seed);
        let drawn = Drawn::new(&mut dice);
        let played = Box::pin(play(&mut dice, &drawn)).await;
        let told = |why: &str| format!("CHANGE_SEED={seed}: {why}\n{}", drawn.text());
        match played.unwrap_or_else(|error| panic!("{}", told(&error.to_string()))) {
            Played::Nothing => return false,
            Played::AtOnce => at_once += 1,
            Played::Later(left) => {
                later += 1;
                mails += left;
            }
            Played::Refused => refused += 1,
            Played::Broken(why) => panic!("{}", told(&why)),
        }
        true
    });
    println!("{at_once} at once, {later} later after {mails} mails, {refused} refused");
    assert!(!is_whole || (at_once > 0 && later > 0 && mails > 0));
}

async fn play(dice: &mut Dice, drawn: &Drawn) -> Result<Played, RunError> {
    let Some(Begun { runner, hold, .. }) = begun(dice, &[drawn.text()]).await? else {
        return Ok(Played::Nothing);
    };
    let all = runner.hold_with_cases(hold).await?;
    let cases = &all[..all.len() - 1];
    if cases.is_empty() {
        return Ok(Played::Nothing);
    }
    let case = cases[dice.below(cases.len())].row.id;
    runner.work(runner.now()).await?;
    let before = runner.seen_ahead(hold, None, DAYS).await?;
    let was = subject(&runner, case).await?;
    let Some(input) = led_on(&runner, case, dice).await? else {
        return Ok(Played::Nothing);
    };
    if dice.once_in(2) {
        let play = runner.in_earnest();
        match take_back(&runner, hold, case).await? {
            // Whoever waited has the place that was given back.
            Err(Refusal::HoldFull { .. }) => return Ok(Played::Refused),
            Err(why) => return Ok(Played::Broken(format!("refused at once: {why}"))),
            Ok(Some(why)) => return Ok(Played::Broken(why)),
            Ok(None) => {}
        }
        let is = subject(&runner, case).await?;
        let real = see(&play, hold, BTreeMap::new(), DAYS).await?;
        let stands = (&was.state, &was.visits) == (&is.state, &is.visits);
        return Ok(match (stands, differs_for(&before, &real)) {
            (false, _) => Played::Broken(format!("it stands otherwise: {was:?} {is:?}")),
            (true, Some(why)) => Played::Broken(why),
            (true, None) => Played::AtOnce,
        });
    }
    let mut said = Heard::default();
    said.hear(&runner, dice.upto(12)).await?;
    let left = said.all.len();
    match take_back(&runner, hold, case).await? {
        Err(_) => return Ok(Played::Refused),
        Ok(Some(why)) => return Ok(Played::Broken(why)),
        Ok(None) => {}
    }
    said.hear(&runner, dice.upto(5)).await?;
    match runner.input(case, &input, &operator("test"), None).await {
        Ok(_) | Err(RunError::Refused(_)) => {}
        Err(error) => return Err(error),
    }
    said.hear(&runner, DAYS).await?;
    Ok(match said.twice {
        Some(twice) => Played::Broken(format!("said twice: {twice}")),
        None => Played::Later(left),
    })
}

/// Somebody leads a case on; by what, if that leads anywhere.
async fn led_on(runner: &Runner, case: i64, dice: &mut Dice) -> Result<Option<Input>, RunError> {
    let context = runner.context(case).await?;
    let mut inputs = possible(&context);
    while !inputs.is_empty() {
        let input = inputs.swap_remove(dice.below(inputs.len()));
        match runner.input(case, &input, &operator("test"), None).await {
            Ok(done) if done.subject.visits != context.subject.visits => return Ok(Some(input)),
            // It has happened, and leads nowhere.
            Ok(_) => return Ok(None),
            Err(RunError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Takes back; what is otherwise than was foretold, or why it is refused.
async fn take_back(
    runner: &Runner,
    hold: i64,
    case: i64,
) -> Result<Result<Option<String>, Refusal>, RunError> {
    runner.work(runner.now()).await?;
    let context = runner.context(case).await?;
    let undo = match runner.led_on(&context).await.map(|led| led.undo) {
        Ok(undo) => Input::Undo(undo),
        Err(RunError::Refused(why @ Refusal::NotUndone(_))) => return Ok(Err(why)),
        Err(error) => return Err(error),
    };
    let change = Change::Said(vec![Said {
        of: case,
        input: undo.clone(),
        by: operator("test"),
    }]);
    let after = match runner.seen_ahead(hold, Some(&change), DAYS).await {
        Ok(after) => after,
        Err(RunError::Refused(why)) => return Ok(Err(why)),
        Err(error) => return Err(error),
    };
    runner.input(case, &undo, &operator("test"), None).await?;
    runner.work(runner.now()).await?;
    // What would then be is asked of a copy: the story goes on.
    let now = runner.seen_ahead(hold, None, DAYS).await?;
    Ok(Ok(differs(&after, &now)))
}

async fn subject(runner: &Runner, case: i64) -> Result<Subject, RunError> {
    Ok(runner.context(case).await?.subject)
}

/// The same, with revisions and numbers of meetings left out of account: those go on.
fn differs_for(before: &Seen, real: &Seen) -> Option<String> {
    for (row, standing) in &before.subjects {
        let other = real.subjects.get(row)?;
        if (&standing.state, &standing.days) != (&other.state, &other.days) {
            return Some(format!(
                "{row} was {:?} {:?}, and is {:?} {:?}",
                standing.state, standing.days, other.state, other.days
            ));
        }
        let said = |seen: &Seen| {
            let mails = seen.leaves.get(row).into_iter().flatten();
            let key = |mail: &Leaves| (mail.at, mail.seat.clone(), mail.words);
            mails.map(key).collect::<BTreeSet<_>>()
        };
        if said(before) != said(real) {
            let told = |seen: &Seen| format!("{:?}", seen.leaves.get(row));
            return Some(format!(
                "{row} said\n{}\nand says\n{}",
                told(before),
                told(real)
            ));
        }
    }
    None
}

/// What has left, and the first that said the same twice.
#[derive(Default)]
struct Heard {
    all: BTreeSet<(i64, String, String, [u8; 32])>,
    twice: Option<String>,
}

impl Heard {
    async fn hear(&mut self, runner: &Runner, days: i64) -> Result<(), RunError> {
        let until: Timestamp = runner.now() + SignedDuration::from_hours(24 * days);
        for coming in runner.in_earnest().until(until).await? {
            let words = words_of(&coming.mail);
            let row = coming.row;
            let told = format!("{} to {} at {}", row.occurrence, row.seat, coming.at);
            let is_new = self
                .all
                .insert((row.subject_id, row.occurrence, row.seat, words));
            if !is_new && self.twice.is_none() {
                self.twice = Some(told);
            }
        }
        runner.clock().move_to(until);
        Ok(())
    }
}
