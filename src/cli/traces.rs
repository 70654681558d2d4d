//! Where `tovholder serve` sends traces. The variables are OpenTelemetry's own, which other programs have as well.

use super::Failure;

/// Where the collector is, and where it takes traces if that is elsewhere.
const COLLECTOR: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const ELSEWHERE: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
/// Below the collector's address.
const PATH: &str = "v1/traces";

/// What leaves until the end.
#[derive(Debug)]
pub(super) struct Leaving {
    #[cfg(feature = "otel")]
    traces: Option<crate::traces::Traces>,
}

/// The variable that asks for traces, and the address that they go to.
fn asked(variable: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let given = |name: &'static str| {
        let value = variable(name).map(|value| value.trim().to_owned());
        Some((name, value.filter(|value| !value.is_empty())?))
    };
    let says = |name, word: &str| given(name).is_some_and(|(_, it)| it.eq_ignore_ascii_case(word));
    if says("OTEL_SDK_DISABLED", "true") || says("OTEL_TRACES_EXPORTER", "none") {
        return None;
    }
    given(ELSEWHERE).or_else(|| {
        let (name, at) = given(COLLECTOR)?;
        Some((name, format!("{}/{PATH}", at.trim_end_matches('/'))))
    })
}

fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Begins to tell in the log, and to a collector if one is named.
#[cfg(feature = "otel")]
pub(super) fn begin(level: &str) -> Result<Leaving, Failure> {
    let Some((variable, address)) = asked(from_environment) else {
        super::log::begin(level)?;
        return Ok(Leaving { traces: None });
    };
    let (layer, traces) = crate::traces::begin(&address).map_err(|error| {
        Failure::new(
            format!("{variable} kan ikke bruges: {error}."),
            "Skriv opsamlerens adresse, fx http://127.0.0.1:4318, eller fjern variablen: så sendes der ingen spor.",
        )
    })?;
    super::log::begin_beside(level, Some(layer))?;
    Ok(Leaving {
        traces: Some(traces),
    })
}

/// This build sends none. The variable is no command of ours, so the service goes on without.
#[cfg(not(feature = "otel"))]
pub(super) fn begin(level: &str) -> Result<Leaving, Failure> {
    super::log::begin(level)?;
    if let Some((variable, _)) = asked(from_environment) {
        tracing::warn!(
            variable,
            "no traces are sent: this program is built without OpenTelemetry; build it with \
             `cargo build --release --features otel`, or take the variable away"
        );
    }
    Ok(Leaving {})
}

impl Leaving {
    /// Lets what has not left yet leave, for a moment.
    #[cfg(feature = "otel")]
    pub(super) async fn end(self) {
        if let Some(traces) = self.traces {
            traces.end().await;
        }
    }

    #[cfg(not(feature = "otel"))]
    pub(super) fn end(self) -> std::future::Ready<()> {
        let Self {} = self;
        std::future::ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_where_the_standards_variables_say() {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel.example:4318/");
        let elsewhere = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t.example/in");
        for (given, expect) in [
            (vec![], None),
            (vec![(COLLECTOR, "")], None),
            (vec![collector], Some("http://otel.example:4318/v1/traces")),
            (vec![elsewhere], Some("https://t.example/in")),
            (vec![collector, elsewhere], Some("https://t.example/in")),
            (vec![collector, ("OTEL_SDK_DISABLED", "TRUE")], None),
            (vec![collector, ("OTEL_TRACES_EXPORTER", "none")], None),
            (
                vec![collector, ("OTEL_TRACES_EXPORTER", "otlp")],
                Some("http://otel.example:4318/v1/traces"),
            ),
        ] {
            let variable = |name: &str| {
                let mut known = given.iter().filter(|(known, _)| *known == name);
                known.next().map(|(_, value)| (*value).to_owned())
            };
            let address = asked(variable).map(|(_, address)| address);
            assert_eq!(address.as_deref(), expect, "{given:?}");
        }
    }
}
