//! What is said to come of something comes of it: pauses, other dates, acts of people, a hold that is cancelled, other
//! holidays and zones. The same seeds as for moves to another version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::drawn::Drawn;
use super::hold::{Begun, DAYS, begun, differs, possible, snapshots};
use super::seeds;
use crate::calendar::Tables;
use crate::engine::input::Input;
use crate::engine::pause::Pause;
use crate::runner::advance::operator;
use crate::runner::change::seen::see;
use crate::runner::change::{Change, Said, compare};
use crate::runner::versions::Versions;
use crate::runner::world::dice::Dice;
use crate::runner::{RunError, Runner};

/// Sorts of changes, in the order in which they are counted.
const SORTS: [&str; 6] = ["pause", "case pause", "dates", "act", "cancel", "tables"];

/// What came of a seed: which sort, and whether anybody noticed.
struct Played {
    sort: usize,
    noticed: bool,
    refused: bool,
}

#[test]
fn what_would_come_of_it_comes_of_it() {
    let (mut made, mut noticed, mut refused) = ([0_u64; 6], [0_u64; 6], 0_u64);
    let is_whole = seeds(80, async |seed| {
        let mut dice = Dice::new(seed);
        let drawn = Drawn::new(&mut dice);
        let played = Box::pin(play(&mut dice, &drawn)).await;
        let told = |why: &str| format!("CHANGE_SEED={seed}: {why}\n{}", drawn.text());
        let Some(played) = played
            .unwrap_or_else(|error| panic!("{}", told(&error.to_string())))
            .unwrap_or_else(|why| panic!("{}", told(&why)))
        else {
            return false;
        };
        made[played.sort] += 1;
        noticed[played.sort] += u64::from(played.noticed);
        refused += u64::from(played.refused);
        true
    });
    for (sort, name) in SORTS.iter().enumerate() {
        println!("{name}: {} made, {} noticed", made[sort], noticed[sort]);
    }
    println!("{refused} refused");
    let all = noticed.iter().all(|count| *count > 0);
    assert!(!is_whole || all, "{noticed:?}");
}

async fn play(dice: &mut Dice, drawn: &Drawn) -> Result<Result<Option<Played>, String>, RunError> {
    let Some(Begun { runner, hold, .. }) = begun(dice, &[drawn.text()]).await? else {
        return Ok(Ok(None));
    };
    runner.work(runner.now()).await?;
    let Some((sort, change)) = drawn_change(&runner, hold, dice).await? else {
        return Ok(Ok(None));
    };
    let was = snapshots(&runner, hold).await?;
    let before = runner.seen_ahead(hold, None, DAYS).await?;
    let after = match runner.seen_ahead(hold, Some(&change), DAYS).await {
        Ok(after) => after,
        Err(RunError::Refused(_)) => {
            let is_refused = matches!(make(&runner, &change).await, Err(RunError::Refused(_)));
            if !is_refused || snapshots(&runner, hold).await? != was {
                return Ok(Err(format!("{change:?} was to be refused")));
            }
            return Ok(Ok(Some(Played {
                sort,
                noticed: false,
                refused: true,
            })));
        }
        Err(error) => return Err(error),
    };
    let brings = compare::compare(&before, &after);
    let runner = make(&runner, &change).await?;
    let play = runner.in_earnest();
    let real = see(&play, hold, BTreeMap::new(), DAYS).await?;
    if let Some(why) = differs(&after, &real) {
        return Ok(Err(format!("{change:?}: {why}")));
    }
    Ok(Ok(Some(Played {
        sort,
        noticed: !brings.subjects.iter().all(super::super::Of::is_unchanged),
        refused: false,
    })))
}

/// In earnest; answers who goes on.
async fn make(runner: &Runner, change: &Change) -> Result<Runner, RunError> {
    match change {
        Change::Said(said) => {
            for Said { of, input, by } in said {
                runner.input(*of, input, by, None).await?;
            }
            runner.work(runner.now()).await?;
            Ok(runner.clone())
        }
        Change::Tables(tables) => {
            // As a build that has them begins.
            let other = Runner::with(
                runner.store().clone(),
                runner.clock().clone(),
                runner.settings().clone(),
                Arc::new(Versions::under(tables.clone())),
            );
            other.store().bump_plan_rev().await?;
            other.work(other.now()).await?;
            Ok(other)
        }
        Change::Version(_) => unreachable!("that has a test of its own"),
    }
}

async fn drawn_change(
    runner: &Runner,
    hold: i64,
    dice: &mut Dice,
) -> Result<Option<(usize, Change)>, RunError> {
    let all = runner.hold_with_cases(hold).await?;
    let (own, cases) = all.split_last().expect("the hold itself");
    let today = own.version.workflow.calendar.local(runner.now()).date();
    let said = |of: i64, input: Input| {
        let by = operator("test");
        Change::Said(vec![Said { of, input, by }])
    };
    let pause = |dice: &mut Dice| {
        let first = today + dice.upto(40).days();
        let last = first + dice.upto(21).days();
        Input::Pause(Pause { first, last })
    };
    // Acts most often: many of them are refused, or change nothing that is seen ahead.
    let sort = [0, 1, 2, 3, 3, 3, 4, 5][dice.below(8)];
    let change = match (sort, cases.is_empty()) {
        (1 | 3, true) => return Ok(None),
        (0, _) => said(hold, pause(dice)),
        (1, _) => said(cases[dice.below(cases.len())].row.id, pause(dice)),
        (2, _) => {
            let weeks = dice.upto(9) - 4;
            let start: Date = own.subject.dates["start"] + weeks.weeks();
            said(hold, Input::MoveDates([("start".into(), start)].into()))
        }
        (3, _) => {
            let case = &cases[dice.below(cases.len())];
            let mut inputs = possible(case);
            if inputs.is_empty() {
                return Ok(None);
            }
            said(case.row.id, inputs.swap_remove(dice.below(inputs.len())))
        }
        (4, _) => said(hold, Input::Cancel),
        _ => Change::Tables(Arc::new(tables(today, dice))),
    };
    Ok(Some((sort, change)))
}

/// Some weekdays become holidays, Easter's Mondays become workdays, and now and then there is no summer time.
fn tables(today: Date, dice: &mut Dice) -> Tables {
    let mut holidays = BTreeSet::new();
    for _ in 0..=dice.below(8) {
        holidays.insert(today + dice.upto(70).days());
    }
    let mondays = today.series(1.day()).take(120);
    let workdays = mondays.filter(|day| day.weekday() == Weekday::Monday);
    let zone = TimeZone::posix("CET-1").expect("a zone");
    let zones = [("Europe/Copenhagen".to_owned(), zone)];
    Tables {
        holidays,
        workdays: workdays.collect(),
        zones: if dice.once_in(2) {
            zones.into()
        } else {
            BTreeMap::new()
        },
    }
}
