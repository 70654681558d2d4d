//! What worlds of one thread share: a store that is emptied between them, the workflow in the two
//! builds, and people.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::definition;
use crate::message::{Mailbox, TemplateSource, Templates};
use crate::runner::versions::{Version, publish};
use crate::runner::{People, RunError, Settings};
use crate::store::gate::guard;
use crate::store::{NewOrganisation, PersonImport, Store};

const YAML: &str = include_str!("world.yaml");

/// How many people there are to become candidates.
pub(super) const CANDIDATES: usize = 6;

/// The organisation's own closing days, which the other build does not know.
const CLOSED: &str = "closed: [24 december, 12 march, 20 march, 31 march]";

/// What stays when a world ends.
pub(super) struct Floor {
    pub(super) store: Store,
    pub(super) version_id: i64,
    /// The workflow as each of the two builds reads it.
    pub(super) builds: [Arc<Version>; 2],
    /// Person ids.
    pub(super) candidates: Vec<i64>,
    pub(super) names: BTreeMap<i64, String>,
    /// Their organisation, and their job consultant.
    pub(super) organisations: Vec<i64>,
    pub(super) consultants: Vec<i64>,
    pub(super) coordinator: i64,
}

impl Floor {
    /// A new one.
    pub(super) async fn lay() -> Result<Self, RunError> {
        guard(false);
        let store = Store::open_in_memory().await?;
        store.carefree().await?;
        let templates = templates();
        let at = Timestamp::UNIX_EPOCH;
        let version_id = publish(&store, "world.yaml", YAML, "world", &templates, at).await?;
        let builds = [
            build(version_id, YAML)?,
            build(version_id, &YAML.replace(CLOSED, "closed: [24 december]"))?,
        ];
        let mut floor = Self {
            store,
            version_id,
            builds,
            candidates: Vec::new(),
            names: BTreeMap::new(),
            organisations: Vec::new(),
            consultants: Vec::new(),
            coordinator: 0,
        };
        for number in 1..=2 {
            let organisation = NewOrganisation {
                name: format!("Jobcenter {number}"),
                kind: "jobcenter".into(),
                email: Some(format!("jobcenter{number}@world.example")),
            };
            let id = floor.store.upsert_organisation(organisation).await?;
            floor.organisations.push(id);
            let id = floor.person(&format!("konsulent{number}")).await?;
            floor.consultants.push(id);
        }
        floor.coordinator = floor.person("tovholder").await?;
        for number in 1..=CANDIDATES {
            let name = format!("k{number}");
            let id = floor.person(&name).await?;
            floor.candidates.push(id);
            floor.names.insert(id, name);
        }
        Ok(floor)
    }

    async fn person(&self, name: &str) -> Result<i64, RunError> {
        let person = PersonImport {
            name: name.to_owned(),
            email: Some(format!("{name}@world.example")),
            ..PersonImport::default()
        };
        Ok(self.store.upsert_person(person).await?)
    }

    /// Who fills the roles of a candidate.
    pub(super) fn people_of(&self, candidate: usize) -> People {
        let consultant = self.consultants[candidate % self.consultants.len()];
        People::from([("job_consultant".into(), vec![consultant])])
    }

    /// Settings of a node.
    pub(super) fn settings(node: &str, batch: i64) -> Option<Settings> {
        let from = Mailbox::parse("Tovholder", "tovholder@world.example").ok()?;
        let mut settings = Settings::new(from, "Verden");
        node.clone_into(&mut settings.node);
        settings.batch_max = batch;
        settings.lot_max = 1;
        settings.attempts_max = 4;
        Some(settings)
    }
}

fn build(id: i64, yaml: &str) -> Result<Arc<Version>, RunError> {
    let read = definition::read("world.yaml", yaml);
    let workflow = read.called("world").cloned();
    let workflow = workflow.ok_or(RunError::BadWorkflow(read.problems))?;
    let templates = Templates::compile(&templates())
        .map_err(|problems| RunError::BadTemplates(format!("{problems:?}")))?;
    Ok(Arc::new(Version {
        id,
        workflow,
        templates,
    }))
}

/// Each says in its subject line what is to be true when it leaves.
fn templates() -> TemplateSource {
    let digest = "{{#each cohorts}}{{#each cases}}{{name}}={{state}};{{/each}}{{/each}}";
    let start = "start {{long_date cohort.start}}";
    let gathered = "{{count items \"sag\" \"sager\"}}";
    let mut files = BTreeMap::new();
    for (name, subject) in [
        ("note", start),
        ("digest", digest),
        ("gathered", gathered),
        ("task-reminder", gathered),
        ("task-overdue", gathered),
        ("meeting-invitation", start),
        ("meeting-moved", start),
        ("meeting-cancelled", start),
        ("meeting-reminder", gathered),
        ("booking-reminder", gathered),
    ] {
        files.insert(format!("da/{name}/subject.hbs"), subject.to_owned());
        files.insert(format!("da/{name}/body.txt.hbs"), subject.to_owned());
        files.insert(
            format!("da/{name}/body.html.hbs"),
            format!("<p>{subject}</p>"),
        );
    }
    TemplateSource { files }
}
