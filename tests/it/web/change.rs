//! What a change would bring is read first, and exactly that is done: another version, other days, a step taken back. Of
//! what somebody else has done in between the one who approves is told.

use tovholder::access::Role;
use tovholder::runner::desk::CardMove;

use super::workflow::hidden;
use super::{Browser, Stage, WORKFLOW};
use crate::support::browser::Answered;

impl Stage {
    /// Publishes what is otherwise in the workflow.
    async fn publish(&self, admin: &mut Browser, yaml: &str) {
        let seq = self.desk.workflow_text("prove").await.expect("a text").seq;
        let seq = seq.to_string();
        let fields = [("do", "publish"), ("yaml", yaml), ("seq", seq.as_str())];
        let answered = admin.post("/forloeb/prove/ret", &fields).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
    }

    /// Somebody else puts a candidate's card elsewhere.
    async fn meanwhile(&self, case: usize) {
        let kim = self.account(Role::Admin).await;
        let (_, link) = self.desk.open_account(&tovholder::runner::desk::AccountAsked {
            email: kim,
            role: "admin".into(),
            name: None,
            organisation: None,
        })
        .await
        .expect("an account");
        drop(link);
        let close = tovholder::runner::desk::Fire {
            of: self.cases[case].public_id.clone(),
            event: "close".into(),
            ..Default::default()
        };
        self.desk.fire(&close).await.expect("it is closed");
    }

    /// The number of the version that the hold follows.
    async fn follows(&self) -> usize {
        let versions = self.desk.versions(Some("prove")).await.expect("versions");
        let ours = versions
            .iter()
            .find(|version| version.holds.iter().any(|(id, _)| *id == self.hold));
        ours.expect("a version").number
    }
}
