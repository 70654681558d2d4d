//! Figures for Prometheus. No label comes from anybody's data: routes are named as the program names them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::runner::MailResult;
use crate::runner::desk::{Backlog, Desk, Health, PartHealth};

/// What [`Metrics::text`] is written in.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds; a page is to be there within 0.05.
const DURATIONS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Part {
    part: &'static str,
}

type Seconds = Gauge<f64, std::sync::atomic::AtomicU64>;

/// All figures of this process.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    due_for: Seconds,
    looked_ago: Seconds,
    backup_age: Seconds,
    waiting: Family<Status, Gauge>,
    mails: Family<Ended, Counter>,
    stuck: Gauge,
    stops: Gauge,
    stopped: Gauge,
    parts: Family<Part, Gauge>,
}

impl Metrics {
    /// None of them has counted anything.
    pub(super) fn new() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(DURATIONS);
        let mut all = Self {
            registry: Registry::with_prefix("tovholder"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            due_for: Gauge::default(),
            looked_ago: Gauge::default(),
            backup_age: Gauge::default(),
            waiting: Family::default(),
            mails: Family::default(),
            stuck: Gauge::default(),
            stops: Gauge::default(),
            stopped: Gauge::default(),
            parts: Family::default(),
        };
        all.register();
        all
    }

    fn register(&mut self) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let to = &mut self.registry;
        to.register("build", "Which build this is", build);
        to.register("http_requests", "Requests answered", self.requests.clone());
        to.register_with_unit(
            "http_request_duration",
            "Until the head of the answer was ready",
            Unit::Seconds,
            self.durations.clone(),
        );
        to.register(
            "http_requests_in_flight",
            "Requests being answered",
            self.in_flight.clone(),
        );
        to.register_with_unit(
            "due_lag",
            "How long what is due first has been due, by the installation's clock",
            Unit::Seconds,
            self.due_for.clone(),
        );
        to.register_with_unit(
            "work_loop_lag",
            "Since the work loop looked or got on; -1 before it has begun",
            Unit::Seconds,
            self.looked_ago.clone(),
        );
        to.register_with_unit(
            "backup_age",
            "Since the newest backup; -1 when there is none, or this service makes none",
            Unit::Seconds,
            self.backup_age.clone(),
        );
        to.register(
            "mails_waiting",
            "Mails by status, at most 100000 each",
            self.waiting.clone(),
        );
        to.register(
            "mails",
            "Exchanges with the mail server by result",
            self.mails.clone(),
        );
        to.register(
            "subjects_stuck",
            "Cases and holds that wait for a person",
            self.stuck.clone(),
        );
        to.register("stops", "Stops of mail that stand", self.stops.clone());
        to.register(
            "mails_stopped",
            "Mails whose time has come and that a stop keeps back",
            self.stopped.clone(),
        );
        to.register(
            "part_ready",
            "1 when the part is as it should be",
            self.parts.clone(),
        );
    }

    /// A request was answered.
    pub(super) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        let asked = Asked {
            method,
            route: route.clone(),
        };
        self.durations
            .get_or_create(&asked)
            .observe(took.as_secs_f64());
        let answered = Answered {
            method,
            route,
            status,
        };
        self.requests.get_or_create(&answered).inc();
    }

    /// All of them, after what can only be asked for has been asked.
    pub(super) async fn text(&self, desk: &Desk, health: Health, busy: usize) -> String {
        self.in_flight.set(i64::try_from(busy).unwrap_or(i64::MAX));
        let looked = desk.runner().looked_ago();
        self.looked_ago
            .set(looked.map_or(-1.0, |ago| ago.as_secs_f64()));
        let age = desk
            .runner()
            .backup_standing()
            .and_then(|backup| backup.age);
        self.backup_age
            .set(age.map_or(-1.0, |age| age.as_secs_f64()));
        for result in MailResult::ALL {
            let ended = Ended {
                result: result.as_str(),
            };
            let mails = self.mails.get_or_create(&ended);
            mails
                .inner()
                .store(desk.runner().mails(result), Ordering::Relaxed);
        }
        self.note_health(health);
        match desk.backlog().await {
            Ok(backlog) => self.note_backlog(backlog),
            // What was known last is still told; `part_ready` says that it is not news.
            Err(error) => tracing::warn!(%error, "it could not be asked what waits"),
        }
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "the figures cannot be written");
        }
        text
    }

    fn note_health(&self, health: Health) {
        let parts = [
            ("database", Some(health.database)),
            ("tables", Some(health.tables)),
            ("work", Some(health.work)),
            ("mail", Some(health.mail)),
            ("backup", health.backup),
        ];
        for (part, is) in parts {
            let Some(is) = is else { continue };
            let gauge = self.parts.get_or_create(&Part { part });
            gauge.set(i64::from(is == PartHealth::Ok));
        }
    }

    fn note_backlog(&self, backlog: Backlog) {
        self.due_for.set(backlog.due_for.as_secs_f64());
        self.stuck.set(backlog.stuck);
        self.stops.set(backlog.stops);
        self.stopped.set(backlog.stopped);
        // A status in which nothing waits any more has no row.
        for status in ["queued", "retry", "sending", "held"] {
            let status = status.to_owned();
            self.waiting.get_or_create(&Status { status }).set(0);
        }
        for (status, mails) in backlog.mails {
            self.waiting.get_or_create(&Status { status }).set(mails);
        }
    }
}
