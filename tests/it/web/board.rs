//! A board: cards are moved where there is a way, and it is said why where there is none; who did not come is recorded
//! once.

use tovholder::access::Role;

use super::{Browser, Stage};

impl Stage {
    pub(super) async fn state_of(&self, case: usize) -> String {
        let id = &self.cases[case].public_id;
        let shown = self.desk.case_shown(id, None).await;
        shown.expect("the case").state
    }

    /// Moves a card, and answers what is said then.
    async fn moved(
        &self,
        browser: &mut Browser,
        case: usize,
        to: &str,
        seq: i64,
        key: &str,
    ) -> String {
        let id = &self.cases[case].public_id;
        let seq = seq.to_string();
        let fields = [
            ("sag", id.as_str()),
            ("til", to),
            ("set", &seq),
            ("key", key),
        ];
        let answered = browser
            .post(&format!("/hold/{}/flyt", self.hold), &fields)
            .await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        let back = answered
            .location()
            .split('#')
            .next()
            .expect("a page")
            .to_owned();
        let page = browser.get(&back).await.body;
        let said = page.split("<p class=\"said").nth(1).unwrap_or_default();
        let said = said.split("</p>").next().unwrap_or_default();
        said.split('>').nth(1).unwrap_or_default().to_owned()
    }

    pub(super) async fn seq_of(&self, case: usize) -> i64 {
        let row = self
            .store
            .subjects_of(tovholder::store::Sees::All, self.row)
            .await;
        row.expect("cases")[case].seq
    }
}

#[tokio::test]
async fn a_card_goes_where_there_is_a_way_and_is_told_why_not_elsewhere() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let seq = stage.seq_of(0).await;
    // There is a way, but something must be known first.
    let said = stage.moved(&mut kim, 0, "chosen", seq, "a").await;
    assert!(said.contains("kræver først: Spor"), "{said}");
    assert_eq!(stage.state_of(0).await, "Her");
    let said = stage.moved(&mut kim, 0, "here", seq, "b").await;
    assert!(said.contains("allerede i »Her«"), "{said}");
    let said = stage.moved(&mut kim, 0, "nowhere", seq, "c").await;
    assert!(said.contains("kan ikke flyttes dertil"), "{said}");
    // Somebody else was first: nothing is overwritten.
    let said = stage.moved(&mut kim, 0, "out", seq - 1, "d").await;
    assert!(said.contains("ændret af en anden"), "{said}");
    assert_eq!(stage.state_of(0).await, "Her");
    let said = stage.moved(&mut kim, 0, "out", seq, "e").await;
    assert!(said.contains("Asta Øster"), "{said}");
    assert_eq!(stage.state_of(0).await, "Ude");
    // And from there is no way back.
    let said = stage.moved(&mut kim, 0, "here", seq + 9, "f").await;
    assert!(said.contains("ingen vej fra »Ude« til »Her«"), "{said}");
    // What a role is not offered it cannot do by moving either.
    let mut consultant = stage.visitor(Role::JobConsultant).await;
    let seq = stage.seq_of(2).await;
    let said = stage.moved(&mut consultant, 2, "out", seq, "g").await;
    assert!(said.contains("Det kan din rolle ikke gøre"), "{said}");
    assert_eq!(stage.state_of(2).await, "Her");
}

#[tokio::test]
async fn absence_is_recorded_for_all_at_once_and_once_a_day() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Coordinator).await;
    let page = format!("/hold/{}/fremmoede", stage.hold);
    let list = kim.get(&page).await.body;
    for name in &stage.names {
        assert!(list.contains(name.as_str()), "{name}");
    }
    let ids = [&stage.cases[0].public_id, &stage.cases[3].public_id];
    let fields = [
        ("dag", "2026-02-02"),
        ("fravaer", ids[0].as_str()),
        ("fravaer", ids[1].as_str()),
    ];
    for round in 1..=2 {
        let answered = kim.post(&page, &fields).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        let list = kim.get(&page).await.body;
        assert_eq!(
            list.matches("fravær noteret").count(),
            2,
            "round {round}: {list}"
        );
    }
    let shown = stage.desk.case_shown(ids[0], None).await.expect("the case");
    let absences = shown.past.iter().filter(|one| one.what.contains("Fravær"));
    assert_eq!(absences.count(), 1);
    // The list of yesterday is not today's.
    let fields = [
        ("dag", "2026-02-01"),
        ("fravaer", stage.cases[1].public_id.as_str()),
    ];
    kim.post(&page, &fields).await;
    let said = kim.get(&page).await.body;
    assert!(said.contains("fra en anden dag"), "{said}");
    assert_eq!(said.matches("fravær noteret").count(), 2);
}

#[tokio::test]
async fn phases_are_drawn_by_the_calendar() {
    let stage = Stage::new().await;
    let mut kim = stage.visitor(Role::Reader).await;
    let drawn = kim.get(&format!("/hold/{}/faser.svg", stage.hold)).await;
    assert_eq!(drawn.status, 200, "{}", drawn.body);
    assert!(
        drawn.body.contains("Kursus · 23.2. – 6.3."),
        "{}",
        drawn.body
    );
    let page = kim.get(&format!("/hold/{}", stage.hold)).await.body;
    assert!(page.contains("Kursus: 23.2.2026 til 6.3.2026"), "{page}");
}
