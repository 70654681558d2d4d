//! Spans to a collector, by OTLP over HTTP. What waits is bounded, and dropped when there is no more room; nobody but a
//! thread of its own waits for the collector.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::Layer as _;
use url::Url;

use super::collector::Collector;
use super::{PART, TARGET};
use crate::ask::Asker;

/// How long the end waits for what has not been sent.
const ENDS_WITHIN: Duration = Duration::from_secs(3);
/// Our name, where the operator gives no other.
const NAME: &str = "tovholder";

/// What hears of spans.
pub type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Why no traces leave.
#[derive(Debug, thiserror::Error)]
pub enum BadTraces {
    /// The address is none.
    #[error("it is no address with http:// or https://")]
    Address,
    /// What sends them cannot be made.
    #[error("{0}")]
    Exporter(String),
}

/// Traces that leave until [`Traces::end`].
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// Begins to send traces to an address, as the standard's variables say besides. To be called within a runtime.
pub fn begin(address: &str) -> Result<(Layer, Traces), BadTraces> {
    // One that cannot be used must not be taken for none, for which the standard has another.
    let url = Url::parse(address).map_err(|_| BadTraces::Address)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(BadTraces::Address);
    }
    let asker = Asker::new().map_err(|error| BadTraces::Exporter(error.to_string()))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new(asker))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address)
        .build()
        .map_err(|error| BadTraces::Exporter(error.to_string()))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource())
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(NAME))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_level(false)
        .with_filter(
            dynamic_filter_fn(|metadata, context| {
                is_ours(metadata) && (metadata.name() != PART || context.lookup_current().is_some())
            })
            .with_max_level_hint(Level::INFO)
            .with_callsite_filter(|metadata| {
                if is_ours(metadata) {
                    Interest::sometimes()
                } else {
                    Interest::never()
                }
            }),
        );
    Ok((Box::new(layer), Traces(provider)))
}

/// Spans only: an event is a line of the log.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

/// Who sends, as the operator names it.
fn resource() -> Resource {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let is_named = !variable("OTEL_SERVICE_NAME").is_empty()
        || variable("OTEL_RESOURCE_ATTRIBUTES").contains("service.name=");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    if is_named {
        resource.build()
    } else {
        resource.with_service_name(NAME).build()
    }
}

impl Traces {
    /// Sends what is left, for a moment. What comes later is dropped.
    pub async fn end(self) {
        let ending = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(ENDS_WITHIN));
        // A collector that is away has been told of.
        if let Ok(Err(error)) = ending.await {
            tracing::debug!(%error, "not all traces could be sent");
        }
    }
}

pub(super) fn follow(request: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&Parent(headers));
    // A span that nobody hears of has no parent.
    drop(request.set_parent(parent));
}

/// Whose part a request is. What others keep beside it (`tracestate`) is nothing that leaves from here.
struct Parent<'h>(&'h HeaderMap);

const TRACEPARENT: &str = "traceparent";

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let known = self.0.get(key).filter(|_| key == TRACEPARENT);
        known.map(HeaderValue::to_str)?.ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
