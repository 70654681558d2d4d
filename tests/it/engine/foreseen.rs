//! What the plan says, why, and that it then happens.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tovholder::definition::model::{MessageTime, Part};
use tovholder::engine::NewCase;
use tovholder::engine::event::{Cause, Event, Fate, TaskFate};
use tovholder::engine::frame::Frame;
use tovholder::engine::plan;

use super::play::{HOLD, Stage, given};
use super::{check, dates, shipped, workflow};

#[test]
fn every_planned_entry_of_a_fresh_case_has_its_reason() {
    check(&shipped("holstebro-introforloeb"), "start 2026-02-02", "
> 2026-01-05 08:00 hold
  2026-01-05 08:00 hold task decide
  2026-01-05 08:00 hold task practical
> 2026-01-05 08:00 open
  2026-01-05 08:00 -> nominated from 2026-01-05
  2026-01-05 08:00 task clarify_wage_scheme
> 2026-01-05 08:00 plan 2026-12-01
  2026-01-12 09:00 Påmindelse om opgave: Afklar voksenlærling eller voksenelev: »5 workdays before at 09:00«
  2026-01-19 00:00 Frist: Afklar voksenlærling eller voksenelev: »10 workdays before cohort.start«
  2026-01-20 00:00 Fristen er overskredet: Afklar voksenlærling eller voksenelev: »due: 10 workdays before cohort.start«
  2026-01-21 08:00 Mail om overskreden frist: Afklar voksenlærling eller voksenelev: »overdue: 2 workdays after 10 workdays before cohort.start«
  2026-02-02 00:00 Indstillet slutter: »until: cohort.start«
  2026-01-12 09:00 mail clarify_wage_scheme reminder to job_consultant
  2026-01-13 00:00 hold task practical overdue
  2026-01-14 08:00 hold mail practical overdue to coordinator
  2026-01-19 09:00 hold mail decide reminder to education_consultant
> 2026-01-19 11:00 fire accept target_group=dagpenge wage_scheme=ingen
  2026-01-19 11:00 set target_group, wage_scheme
  2026-01-19 11:00 task clarify_wage_scheme done
  2026-01-19 11:00 event accept
  2026-01-19 11:00 -> admitted from 2026-01-19, left on 2026-01-19
  2026-01-19 11:00 task find_host
  2026-01-19 11:00 mail welcome to candidate
  2026-01-19 11:00 hold task decide done
> 2026-01-19 11:00 plan 2026-12-01
  2026-01-20 09:00 Påmindelse om opgave: Find praktikplads: »3 workdays before at 09:00«
  2026-01-23 00:00 Frist: Find praktikplads: »6 workdays before cohort.start«
  2026-01-24 00:00 Fristen er overskredet: Find praktikplads: »due: 6 workdays before cohort.start«
  2026-01-27 08:00 Mail om overskreden frist: Find praktikplads: »overdue: 2 workdays after 6 workdays before cohort.start«
  2026-01-28 09:00 Mail: practical_info: »3 workdays before cohort.start at 09:00«
  2026-02-02 00:00 Optaget slutter: »until: cohort.start«
  2026-02-16 00:00 (Indledende praktik slutter: »lasts: 2 weeks«, hvis forløbet går som planlagt
  2026-02-20 09:00 (Påmindelse om at booke: Samtale om fremtidsmuligheder: »5 workdays before at 09:00«, hvis forløbet går som planlagt
  2026-03-03 08:00 (Mail om manglende booking: Samtale om fremtidsmuligheder: »overdue: 2 workdays after book.due«, hvis forløbet går som planlagt
  2026-03-06 00:00 (Møde kan holdes fra: Samtale om fremtidsmuligheder: »between: [school.last_day, internship_2.last_day]«, hvis forløbet går som planlagt
  2026-03-09 00:00 (Skoleforløb slutter: »lasts: 3 weeks«, hvis forløbet går som planlagt
  2026-03-09 00:00 (Opgave åbner: Notér, om aftale er tilbudt og accepteret: ved indtræden i fasen, hvis forløbet går som planlagt
  2026-03-20 00:00 (Frist: Notér, om aftale er tilbudt og accepteret: »internship_2.last_day«, hvis forløbet går som planlagt
  2026-03-23 00:00 (Afsluttende praktik slutter: »lasts: 2 weeks«, hvis forløbet går som planlagt
  2026-01-20 09:00 mail find_host reminder to education_consultant
  2026-01-23 12:00 hold mail status to jobcentre
  2026-01-24 00:00 task find_host overdue
  2026-01-26 09:00 hold mail host_arrivals to internship_host
  2026-01-27 08:00 mail find_host overdue to coordinator
  2026-01-28 09:00 wait message.practical_info for cohort.first_day_time, cohort.school_place
  2026-01-30 12:00 hold mail status to jobcentre
  2026-02-02 00:00 task find_host withdrawn
  2026-02-02 00:00 -> internship_1 from 2026-02-02, left on 2026-01-30
  2026-02-06 12:00 hold mail status to jobcentre
  2026-02-13 12:00 hold mail status to jobcentre
  2026-02-16 00:00 -> school from 2026-02-16, left on 2026-02-13
  2026-02-20 09:00 mail career_conversation booking to job_consultant
  2026-02-20 12:00 hold mail status to jobcentre
> 2026-02-24 08:00 book career_conversation 2026-03-12T13:00
  2026-02-24 08:00 meeting career_conversation on 2026-03-12 13:00
  2026-02-24 08:00 mail career_conversation invitation to candidate+education_consultant+job_consultant
> 2026-02-24 08:00 plan 2026-12-01
  2026-03-09 00:00 Skoleforløb slutter: »lasts: 3 weeks«
  2026-03-09 00:00 (Opgave åbner: Notér, om aftale er tilbudt og accepteret: ved indtræden i fasen, hvis forløbet går som planlagt
  2026-03-09 09:00 Påmindelse om møde: Samtale om fremtidsmuligheder: »3 workdays before at 09:00«
  2026-03-12 13:00 Møde: Samtale om fremtidsmuligheder: som booket
  2026-03-20 00:00 (Frist: Notér, om aftale er tilbudt og accepteret: »internship_2.last_day«, hvis forløbet går som planlagt
  2026-03-23 00:00 (Afsluttende praktik slutter: »lasts: 2 weeks«, hvis forløbet går som planlagt
  2026-02-27 12:00 hold mail status to jobcentre
  2026-03-06 12:00 hold mail status to jobcentre
  2026-03-09 00:00 -> internship_2 from 2026-03-09, left on 2026-03-06
  2026-03-09 00:00 task outcome
  2026-03-09 09:00 mail career_conversation reminder to candidate+education_consultant+job_consultant
  2026-03-13 12:00 hold mail status to jobcentre
  2026-03-18 09:00 mail outcome reminder to education_consultant
  2026-03-20 12:00 hold mail status to jobcentre
  2026-03-21 00:00 task outcome overdue
  2026-03-23 00:00 wait then for accepted
  2026-03-24 08:00 mail outcome overdue to coordinator
> 2026-03-24 08:00 plan 2026-12-01
  2026-03-12 13:00 Møde: Samtale om fremtidsmuligheder: som booket
  2026-03-20 00:00 Frist: Notér, om aftale er tilbudt og accepteret: »internship_2.last_day«
");
}

#[test]
fn the_plan_of_a_hold_and_why_things_move() {
    check(&shipped("holstebro-introforloeb"), "start 2026-11-30", "
> 2026-11-02 08:00 hold
  2026-11-02 08:00 hold task decide
  2026-11-02 08:00 hold task practical
> 2026-11-02 08:00 hold: plan 2027-02-01
  2026-11-09 00:00 Frist: Notér mødetid og skolens adresse: »3 weeks before cohort.start«
  2026-11-10 00:00 Fristen er overskredet: Notér mødetid og skolens adresse: »due: 3 weeks before cohort.start«
  2026-11-11 08:00 Mail om overskreden frist: Notér mødetid og skolens adresse: »overdue: 2 workdays after 3 weeks before cohort.start«
  2026-11-16 09:00 Påmindelse om opgave: Afgør, hvem der optages: »2 workdays before at 09:00«
  2026-11-18 00:00 Frist: Afgør, hvem der optages: »8 workdays before cohort.start«
  2026-11-19 00:00 Fristen er overskredet: Afgør, hvem der optages: »due: 8 workdays before cohort.start«
  2026-11-20 08:00 Mail om overskreden frist: Afgør, hvem der optages: »overdue: 2 workdays after 8 workdays before cohort.start«
  2026-11-20 12:00 Mail: status: »every: friday at 12:00«
  2026-11-23 09:00 Mail: host_arrivals: »5 workdays before cohort.start at 09:00«
  2026-11-27 12:00 Mail: status: »every: friday at 12:00«
  2026-12-04 12:00 Mail: status: »every: friday at 12:00«
  2026-12-11 12:00 Mail: status: »every: friday at 12:00«
  2026-12-18 12:00 Mail: status: »every: friday at 12:00«
  2026-12-28 12:00 Mail: status: »every: friday at 12:00«, flyttet fra fredag den 25. december 2026, som er juledag
  2027-01-04 12:00 Mail: status: »every: friday at 12:00«, flyttet fra fredag den 1. januar 2027, som er nytårsdag
  2027-01-08 12:00 Mail: status: »every: friday at 12:00«
  2027-01-15 12:00 Mail: status: »every: friday at 12:00«
  2027-01-22 12:00 Mail: status: »every: friday at 12:00«
> 2026-11-02 08:00 hold: why status
  holdet, every: friday at 12:00
  Sendes 20.11.2026 kl. 12.00 (»every: friday at 12:00«).
  2026-11-10 00:00 hold task practical overdue
  2026-11-11 08:00 hold mail practical overdue to coordinator
  2026-11-16 09:00 hold mail decide reminder to education_consultant
  2026-11-19 00:00 hold task decide overdue
  2026-11-20 08:00 hold mail decide overdue to coordinator
  2026-11-20 12:00 hold mail status to jobcentre
  2026-11-23 09:00 hold mail host_arrivals to internship_host
  2026-11-27 12:00 hold mail status to jobcentre
  2026-12-04 12:00 hold mail status to jobcentre
  2026-12-11 12:00 hold mail status to jobcentre
  2026-12-18 12:00 hold mail status to jobcentre
  2026-12-28 12:00 hold mail status to jobcentre
> 2026-12-28 15:00 hold: why status
  holdet, every: friday at 12:00
  20.11.2026 kl. 12.00 sat i udbakken
  27.11.2026 kl. 12.00 sat i udbakken
  4.12.2026 kl. 12.00 sat i udbakken
  11.12.2026 kl. 12.00 sat i udbakken
  18.12.2026 kl. 12.00 sat i udbakken
  28.12.2026 kl. 12.00 sat i udbakken
  Sendes 4.1.2027 kl. 12.00 (»every: friday at 12:00«, flyttet fra fredag den 1. januar 2027, som er nytårsdag).
");
}

#[test]
fn why_tells_what_was_decided_and_what_comes() {
    check(
        &shipped("holstebro-introforloeb"),
        "start 2026-02-02",
        "
> 2026-01-05 08:00 hold
  2026-01-05 08:00 hold task decide
  2026-01-05 08:00 hold task practical
> 2026-01-05 08:00 open
  2026-01-05 08:00 -> nominated from 2026-01-05
  2026-01-05 08:00 task clarify_wage_scheme
> 2026-01-05 08:00 why practical_info
  Optaget, when: 3 workdays before cohort.start at 09:00
  Sagen er ikke i »Optaget«, og kommer der ikke af sig selv.
> 2026-01-05 08:00 why absence_notice
  Forløb, when: absence
  Sagen er ikke i »Forløb«, og kommer der ikke af sig selv.
> 2026-01-05 08:00 why nothing_of_the_kind
  no message nothing_of_the_kind here
  2026-01-12 09:00 mail clarify_wage_scheme reminder to job_consultant
  2026-01-13 00:00 hold task practical overdue
  2026-01-14 08:00 hold mail practical overdue to coordinator
  2026-01-19 09:00 hold mail decide reminder to education_consultant
> 2026-01-19 11:00 fire accept target_group=dagpenge wage_scheme=ingen
  2026-01-19 11:00 set target_group, wage_scheme
  2026-01-19 11:00 task clarify_wage_scheme done
  2026-01-19 11:00 event accept
  2026-01-19 11:00 -> admitted from 2026-01-19, left on 2026-01-19
  2026-01-19 11:00 task find_host
  2026-01-19 11:00 mail welcome to candidate
  2026-01-19 11:00 hold task decide done
> 2026-01-19 11:00 why practical_info
  Optaget, when: 3 workdays before cohort.start at 09:00
  Sendes 28.1.2026 kl. 9.00 (»3 workdays before cohort.start at 09:00«).
> 2026-01-19 11:00 why absence_notice
  Forløb, when: absence
  Sagen kommer efter planen i »Forløb« den 2.2.2026; der afventes »Fravær«.
> 2026-01-19 11:00 why welcome
  Optaget, when: entered
  19.1.2026 kl. 11.00 sat i udbakken
  Der er taget stilling til den; der kommer ikke flere.
  2026-01-20 09:00 mail find_host reminder to education_consultant
  2026-01-23 12:00 hold mail status to jobcentre
  2026-01-24 00:00 task find_host overdue
  2026-01-26 09:00 hold mail host_arrivals to internship_host
  2026-01-27 08:00 mail find_host overdue to coordinator
  2026-01-28 09:00 wait message.practical_info for cohort.first_day_time, cohort.school_place
> 2026-01-28 12:00 why practical_info
  Optaget, when: 3 workdays before cohort.start at 09:00
  28.1.2026 kl. 9.00 venter på: Mødetid den første dag, Skolens navn og adresse
  Venter på: Mødetid den første dag, Skolens navn og adresse.
> 2026-01-29 12:00 set cohort.first_day_time=x cohort.school_place=x
  2026-01-29 12:00 hold set first_day_time, school_place
  2026-01-29 12:00 hold task practical done
  2026-01-29 12:00 mail practical_info to candidate
> 2026-01-29 12:00 why practical_info
  Optaget, when: 3 workdays before cohort.start at 09:00
  28.1.2026 kl. 9.00 venter på: Mødetid den første dag, Skolens navn og adresse
  29.1.2026 kl. 12.00 sat i udbakken
  Der er taget stilling til den; der kommer ikke flere.
  2026-01-30 12:00 hold mail status to jobcentre
  2026-02-02 00:00 task find_host withdrawn
  2026-02-02 00:00 -> internship_1 from 2026-02-02, left on 2026-01-30
> 2026-02-03 12:00 why practical_info
  Optaget, when: 3 workdays before cohort.start at 09:00
  28.1.2026 kl. 9.00 venter på: Mødetid den første dag, Skolens navn og adresse
  29.1.2026 kl. 12.00 sat i udbakken
  Sagen er ikke i »Optaget«, og kommer der ikke af sig selv.
> 2026-02-03 12:00 fire absence
  2026-02-03 12:00 event absence
  2026-02-03 12:00 mail absence_notice to job_consultant, gathered until 2026-02-03 13:00
> 2026-02-03 12:00 why absence_notice
  Forløb, when: absence
  3.2.2026 kl. 12.00 sat i udbakken
  Der er taget stilling til den; den kommer igen, hvis »Fravær« sker igen.
> 2026-02-04 12:00 fire withdraw leave_reason=x
  2026-02-04 12:00 set leave_reason
  2026-02-04 12:00 event withdraw
  2026-02-04 12:00 -> withdrawn from 2026-02-04, left on 2026-02-04
  2026-02-04 12:00 ended dropout
  2026-02-04 12:00 hold place free
> 2026-02-04 12:00 why absence_notice
  Forløb, when: absence
  3.2.2026 kl. 12.00 sat i udbakken
  Sagen er afsluttet; der kommer ikke flere.
",
    );
    check(&shipped("odense-for-forloeb"), "start 2026-08-10, gf_start 2026-10-05", "
> 2026-06-22 08:00 hold
  2026-06-22 08:00 hold task practical
  2026-06-22 08:00 hold meeting school_day on 2026-08-12 08:30
  2026-06-22 08:00 hold mail school_day invitation to candidate+school
> 2026-06-22 08:00 open pre_course suited=no track=sundhed
  2026-06-22 08:00 set suited, track
  2026-06-22 08:00 -> pre_course from 2026-06-22
  2026-06-22 08:00 hold mail school_day invitation to candidate+school
> 2026-06-22 08:00 why result_continue
  For-forløb, when: assess.done
  Ingen planlagt: afventer »Vurdér egnethed, og tal med kandidaten: udført«.
  2026-07-10 08:00 task assess
  2026-07-10 08:00 task assess done
  2026-07-10 08:00 skip message.result_continue
  2026-07-10 08:00 mail result_other_path to candidate
> 2026-07-14 09:00 why result_continue
  For-forløb, when: assess.done
  10.7.2026 kl. 8.00 sprunget over: betingelsen var ikke opfyldt
  Der er taget stilling til den; den kommer igen, hvis »Vurdér egnethed, og tal med kandidaten: udført« sker igen.
> 2026-07-14 09:00 why result_other_path
  For-forløb, when: assess.done
  10.7.2026 kl. 8.00 sat i udbakken
  Der er taget stilling til den; den kommer igen, hvis »Vurdér egnethed, og tal med kandidaten: udført« sker igen.
");
}

#[test]
fn a_hold_says_what_its_mail_waits_for() {
    check(&shipped("jrs-bliv-klar-til-sosu"), "start 2027-04-26", "
> 2027-02-01 08:00 hold
  2027-02-01 08:00 hold task map_need late
> 2027-02-01 08:00 hold: why network_mail
  holdet, when: cohort.buy_places.done
  Ingen planlagt: afventer »Mød skolen, og køb pladser: udført«.
> 2027-02-02 08:00 done cohort.map_need cohort.profile=x
  2027-02-02 08:00 hold set profile
  2027-02-02 08:00 hold task map_need done
  2027-02-02 08:00 hold task draft_wheel late
> 2027-02-02 08:00 done cohort.draft_wheel
  2027-02-02 08:00 hold task draft_wheel done
  2027-02-02 08:00 hold task adopt_wheel
  2027-02-02 08:00 hold mail wheel_draft to steering_group
> 2027-02-02 08:00 done cohort.adopt_wheel
  2027-02-02 08:00 hold task adopt_wheel done
  2027-02-02 08:00 hold task buy_places
> 2027-02-02 08:00 done cohort.buy_places cohort.content=x cohort.requirements=x cohort.teaching_hours=x cohort.place=x cohort.price=5400 cohort.funded=yes cohort.enrolment=x
  2027-02-02 08:00 hold set content, enrolment, funded, place, price, requirements, teaching_hours
  2027-02-02 08:00 hold task buy_places done
  2027-02-02 08:00 hold wait message.network_mail for cohort.info_meeting
> 2027-02-02 09:00 hold: why network_mail
  holdet, when: cohort.buy_places.done
  2.2.2027 kl. 8.00 venter på: Informationsmøde
  Venter på: Informationsmøde.
> 2027-02-03 08:00 book cohort.info_meeting 2027-03-24T13:00
  2027-02-03 08:00 hold meeting info_meeting on 2027-03-24 13:00
  2027-02-03 08:00 hold mail info_meeting invitation to candidate+job_consultant+education_consultant+school+care_employer
  2027-02-03 08:00 hold mail network_mail to network
> 2027-02-03 08:00 hold: why network_mail
  holdet, when: cohort.buy_places.done
  2.2.2027 kl. 8.00 venter på: Informationsmøde
  3.2.2027 kl. 8.00 sat i udbakken
  Der er taget stilling til den; den kommer igen, hvis »Mød skolen, og køb pladser: udført« sker igen.
> 2027-02-03 08:00 hold: why selection_reply
  holdet, when: cohort.select.done
  Ingen planlagt: afventer »Udvælg kandidater: udført«.
");
}

/// Names are kept in histories and outboxes for ever: numbered by what they belong to, never by when they fall.
#[test]
fn occurrences_are_named_by_what_they_belong_to() {
    let mut stage = Stage::new(
        workflow(&shipped("holstebro-introforloeb")),
        dates("start 2026-11-30"),
    );
    let now = stage
        .workflow
        .calendar
        .instant("2026-11-02T08:00".parse().expect("a local time"));
    stage.open_hold(now);
    let new = NewCase {
        state: Some("admitted".into()),
        ..NewCase::default()
    };
    let case = stage.open("", &new, now).expect("it opens");
    stage.pass(now + SignedDuration::from_hours(24 * 60));
    let named = |id: i64| -> Vec<&str> {
        let decided = stage
            .player(id)
            .history
            .iter()
            .filter_map(|(_, event)| match event {
                Event::Decided(decision) => Some(&*decision.occurrence),
                _ => None,
            });
        decided.collect()
    };
    let expect = [
        "task.find_host@admitted#1.1",
        "message.welcome@admitted#1.1",
        "task.find_host#1.remind[3 workdays before at 09:00]@admitted#1.1",
        "task.find_host#1.overdue_mail@admitted#1.1",
        "message.practical_info@admitted#1.1",
        "meeting.career_conversation.book.remind[5 workdays before at 09:00]@programme#1.1",
        "meeting.career_conversation.book.overdue@programme#1.1",
    ];
    assert_eq!(named(case), expect);
    // A slot that Christmas moved keeps its name.
    assert!(
        named(HOLD).contains(&"message.status@cohort#1.2026-12-25T12:00"),
        "{:?}",
        named(HOLD)
    );
}

/// What was decided when, by occurrence, with the moves that time made.
fn what_happened(stage: &Stage, id: i64) -> BTreeMap<String, Vec<Timestamp>> {
    let mut happened: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    let mut visits: BTreeMap<String, u32> = BTreeMap::new();
    for (at, event) in &stage.player(id).history {
        let occurrences: Vec<String> = match event {
            Event::Decided(decision) => vec![decision.occurrence.clone()],
            Event::Task {
                task,
                no,
                what: TaskFate::Overdue,
            } => vec![format!("task.{task}#{no}.overdue")],
            Event::Moved {
                cause,
                left,
                entered,
                ..
            } => {
                let over = left.iter().filter(|_| *cause == Cause::Time);
                let over = over.map(|(state, _)| format!("then@{state}#{}.1", visits[&**state]));
                let over = over.collect();
                for entry in entered {
                    visits.insert(entry.state.to_string(), entry.n);
                }
                over
            }
            _ => Vec::new(),
        };
        for occurrence in occurrences {
            happened.entry(occurrence).or_default().push(*at);
        }
    }
    happened
}

/// Mail of something that happens is not foreseen: what people do is not.
fn follows_an_event(stage: &Stage, declaration: &str) -> bool {
    let states = stage.workflow.states.iter().map(|state| &state.scope);
    let mut messages = states
        .chain([&stage.workflow.cohort.scope])
        .flat_map(|scope| &scope.messages);
    let message =
        messages.find(|message| declaration.strip_prefix("message.") == Some(&*message.name));
    message.is_some_and(|message| match &message.when {
        MessageTime::When { point, .. } => plan::outlives(&point.anchor),
        MessageTime::Every(_) => false,
    })
}

/// What was foreseen at the beginning is what then happens, at the same instant; and what happens
/// of itself was foreseen. Nobody does anything in the meantime.
fn foreseen(name: &str, on: &str, from: &str, state: &str, facts: &[&str], days: i64) {
    let mut stage = Stage::new(workflow(&shipped(name)), dates(on));
    let now = stage
        .workflow
        .calendar
        .instant(from.parse().expect("a local time"));
    stage.born = Some(jiff::civil::date(1990, 1, 1));
    stage.open_hold(now);
    let facts = facts
        .iter()
        .map(|fact| given(&stage, fact))
        .map(|(fact, given)| (fact.name, given))
        .collect();
    let new = NewCase {
        state: Some(state.into()),
        facts,
        people: BTreeMap::new(),
    };
    let case = stage.open("", &new, now).expect("it opens");
    let until = now + SignedDuration::from_hours(24 * days);
    let plans: Vec<(i64, Vec<(Timestamp, String)>)> = [HOLD, case]
        .into_iter()
        .map(|id| {
            let planned = stage.view_of(id, |view, subject| {
                let planned = plan::plan(&Frame::new(view, subject), until);
                let acts = planned.iter().filter(|planned| planned.what.acts());
                let key = |planned: &plan::Planned<'_>| match planned.what {
                    plan::What::Overdue(..) => planned.declaration.clone(),
                    _ => planned.occurrence(),
                };
                acts.map(|planned| (planned.at, key(planned))).collect()
            });
            (id, planned)
        })
        .collect();
    stage.pass(until);
    for (id, planned) in plans {
        let happened = what_happened(&stage, id);
        for (at, occurrence) in &planned {
            let when = happened
                .get(occurrence)
                .map(Vec::as_slice)
                .unwrap_or_default();
            assert!(
                when.contains(at),
                "{name}: {occurrence} was planned at {at} and decided at {when:?}"
            );
        }
        for (at, event) in stage.player(id).history.iter().filter(|(at, _)| *at > now) {
            let Event::Decided(decision) = event else {
                continue;
            };
            let of_instance = decision.declaration.contains('#');
            let known = planned
                .iter()
                .any(|(_, occurrence)| *occurrence == decision.occurrence);
            let coalesced = matches!(decision.fate, Fate::Coalesced(_));
            let of_event = follows_an_event(&stage, &decision.declaration);
            assert!(
                known || of_instance || coalesced || of_event,
                "{name}: {} at {at} was not foreseen",
                decision.occurrence
            );
        }
    }
    let moved = |event: &&(Timestamp, Event)| matches!(event.1, Event::Moved { .. });
    assert!(
        stage.player(case).history.iter().filter(moved).count() > 2,
        "{name}: the case went through its states"
    );
    let met = |event: &(Timestamp, Event)| {
        matches!(
            event.1,
            Event::Met {
                part: Part::Cancelled,
                ..
            }
        )
    };
    assert!(
        !stage.player(case).history.iter().any(met),
        "nobody called anything off"
    );
}

#[test]
fn what_the_plan_says_is_what_happens() {
    foreseen(
        "holstebro-introforloeb",
        "start 2026-11-30",
        "2026-11-02T08:00",
        "admitted",
        &["wage_scheme=ingen", "offered=yes", "accepted=yes"],
        120,
    );
    foreseen(
        "odense-for-forloeb",
        "start 2026-03-16, gf_start 2026-05-04",
        "2026-02-16T08:00",
        "accepted",
        &["track=sundhed", "suited=yes", "agreement=elev"],
        200,
    );
    foreseen(
        "jrs-bliv-klar-til-sosu",
        "start 2026-11-30",
        "2026-09-01T08:00",
        "selected",
        &["screened=yes"],
        250,
    );
}
