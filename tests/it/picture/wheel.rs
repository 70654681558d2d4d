//! A year as a wheel: everything is in it, and nothing lies on anything, however many holds there are.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tovholder::picture::wheel::svg;
use tovholder::runner::desk::{
    Clash, ClashKind, ClosedDay, Year, YearHold, YearPhase, YearStage, YearWeek,
};

use super::seen::{self, Element};
use super::{TITLES, frame, texts_apart};

fn phase(title: &str, first: Date, days: i64, holds_place: bool) -> YearPhase {
    YearPhase {
        state: title.to_lowercase(),
        title: title.to_owned(),
        first,
        last: first.saturating_add(days.days()),
        holds_place,
    }
}

/// So many holds, one each `apart` days, with phases of all lengths.
fn year(number: i16, holds: i64, apart: i64) -> Year {
    let first = date(number, 1, 1);
    let stages = [
        YearStage::Draft,
        YearStage::Adopted,
        YearStage::Running,
        YearStage::Ended,
        YearStage::Cancelled,
    ];
    let hold = |at: i64| {
        let begins = first
            .saturating_sub(40.days())
            .saturating_add((at * apart).days());
        let short = at % 7;
        let mut phases = vec![phase("Kursus", begins, 32 + short, true)];
        if at % 3 != 0 {
            phases.push(phase(
                "Jobmatch",
                begins.saturating_add(45.days()),
                90,
                false,
            ));
        }
        if at % 5 == 4 {
            // One day, and one that overlaps what is there.
            phases = vec![
                phase("Dag", begins, 0, true),
                phase("Kursus", begins.saturating_sub(3.days()), 20, true),
            ];
            phases.sort_by_key(|phase| phase.first);
        }
        let at = usize::try_from(at).expect("a number");
        let stage = if at % 11 == 10 {
            YearStage::Cancelled
        } else {
            stages[at % 4]
        };
        YearHold {
            id: format!("hold-{at}"),
            title: format!(
                "Hold {} {}",
                at + 1,
                TITLES[at % TITLES.len()].replace("\\u", "u")
            ),
            workflow: "w".into(),
            workflow_title: TITLES[(at + 3) % TITLES.len()].replace("\\u", "u"),
            stage,
            stage_words: stage.words(),
            first: phases[0].first,
            last: phases
                .iter()
                .map(|phase| phase.last)
                .max()
                .expect("a phase"),
            places: Some(16),
            phases,
            dates: Vec::new(),
            meetings: Vec::new(),
            windows: Vec::new(),
        }
    };
    let holds: Vec<YearHold> = (0..holds)
        .map(hold)
        .filter(|hold| hold.last >= first && hold.first.year() <= number)
        .collect();
    let clash = |hold: &YearHold| Clash {
        kind: ClashKind::Closed,
        first: hold.first,
        last: hold.last,
        holds: vec![hold.id.clone()],
        words: format!("{}: noget går ikke op.", hold.title),
    };
    let monday =
        |day: Date| day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days());
    let mondays = monday(date(number, 1, 4)).series(1.week()).take(53);
    let weeks = mondays.filter(|monday| monday.saturating_add(3.days()).year() == number);
    Year {
        year: number,
        today: Some(date(number, 11, 22)),
        clashes: holds.iter().map(clash).collect(),
        closed: [(1, 1), (3, 26), (12, 25)]
            .map(|(month, day)| ClosedDay {
                date: date(number, month, day),
                title: "lukket".into(),
            })
            .to_vec(),
        weeks: weeks
            .map(|first| YearWeek {
                number: first.iso_week_date().week(),
                first,
                last: first.saturating_add(6.days()),
                lines: Vec::new(),
            })
            .collect(),
        holds,
    }
}

/// Days of the year, as an arc or a mark has them, in its ring.
fn days(element: &Element) -> (i32, (i32, i32)) {
    let lane = element
        .get("data-lane")
        .expect("a ring")
        .parse()
        .expect("a number");
    let (from, to) = element
        .get("data-days")
        .and_then(|days| days.split_once(' '))
        .expect("days");
    (
        lane,
        (from.parse().expect("a day"), to.parse().expect("a day")),
    )
}

fn meet(a: (i32, (i32, i32)), b: (i32, (i32, i32))) -> bool {
    a.0 == b.0 && a.1.0 < b.1.1 && b.1.0 < a.1.1
}

fn faults(year: &Year, elements: &[Element]) -> Vec<String> {
    let flat: Vec<Element> = elements
        .iter()
        .filter(|one| one.get("transform").is_none())
        .cloned()
        .collect();
    let mut wrong = frame(&flat);
    wrong.extend(texts_apart(&flat));
    let arcs: Vec<&Element> = elements
        .iter()
        .filter(|one| one.get("data-arc").is_some())
        .collect();
    let marks: Vec<&Element> = elements
        .iter()
        .filter(|one| one.get("transform").is_some())
        .collect();
    for (at, arc) in arcs.iter().enumerate() {
        for other in &arcs[at + 1..] {
            if meet(days(arc), days(other)) {
                wrong.push(format!("{arc:?} lies on {other:?}"));
            }
        }
    }
    for (at, mark) in marks.iter().enumerate() {
        for other in &marks[at + 1..] {
            if meet(days(mark), days(other)) {
                wrong.push(format!("{} lies on {}", mark.text, other.text));
            }
        }
        for arc in &arcs {
            if arc.get("data-arc") != Some(&mark.text) && meet(days(mark), days(arc)) {
                wrong.push(format!("{} lies on {arc:?}", mark.text));
            }
        }
    }
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    for arc in &arcs {
        *drawn
            .entry(arc.get("data-arc").expect("a mark"))
            .or_default() += 1;
    }
    let live = year
        .holds
        .iter()
        .filter(|hold| hold.stage != YearStage::Cancelled);
    for (number, hold) in live.enumerate() {
        for (at, phase) in hold.phases.iter().enumerate() {
            let letter = if hold.phases.len() > 1 {
                ["a", "b", "c"][at]
            } else {
                ""
            };
            let mark = format!("{}{letter}", number + 1);
            let in_year = phase.last.year() >= year.year && phase.first.year() <= year.year;
            if drawn.get(&*mark).copied().unwrap_or(0) != usize::from(in_year) {
                wrong.push(format!("{mark} is there {:?} times", drawn.get(&*mark)));
            }
        }
        let own = |mark: &&&Element| {
            mark.text.trim_end_matches(['a', 'b', 'c']) == (number + 1).to_string()
        };
        if !marks.iter().any(|mark| own(&mark)) {
            wrong.push(format!("{} has no mark", number + 1));
        }
    }
    wrong
}

#[test]
fn every_wheel_is_whole_and_nothing_lies_on_anything() {
    let mut years = Vec::new();
    for (number, holds, apart) in [
        (2027, 0, 1),
        (2027, 1, 1),
        (2026, 5, 60),
        (2024, 14, 27),
        (2027, 40, 10),
        (2032, 40, 1),
        (2027, 40, 0),
    ] {
        for width in [0, 360, 840, 1440] {
            years.push((year(number, holds, apart), width));
        }
    }
    let pictures: Vec<String> = years
        .iter()
        .map(|(year, width)| svg(year, *width))
        .collect();
    let mut wrong = Vec::new();
    for ((year, width), elements) in years.iter().zip(seen::all(&pictures)) {
        let here = faults(year, &elements).into_iter();
        wrong.extend(here.map(|what| format!("{} holds, {width} wide: {what}", year.holds.len())));
    }
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn a_wheel_says_in_words_what_it_shows() {
    let year = year(2026, 4, 60);
    let picture = svg(&year, 840);
    assert_eq!(picture, svg(&year, 840));
    let elements = seen::all(&[picture]).remove(0);
    let has = |text: &str| elements.iter().any(|one| one.text.contains(text));
    for words in [
        "Årshjul 2026",
        "Sammenstød",
        "Helligdage og lukkedage",
        "i dag er det",
        "26. mar lukket",
    ] {
        assert!(has(words), "{words}");
    }
    // 2026 has a week 53, and every week its number.
    let weeks: Vec<&str> = (elements.iter())
        .filter(|one| one.name == "text" && one.is("muted") && one.text.len() <= 2)
        .map(|one| one.text.as_str())
        .collect();
    let all: Vec<String> = (1..=53).map(|week| week.to_string()).collect();
    assert_eq!(weeks, all);
    let marked = elements.iter().filter(|one| one.is("clash")).count();
    // One more is in the legend's key, and each stands once more beside its words.
    assert_eq!(marked, 2 * year.clashes.len() + 1);
}
