//! Asking a provider, who is asked in TLS or on this machine, and in time.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::OidcError;
use crate::ask;

/// Somebody waits in front of a browser.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Asks a provider.
pub(super) struct Asker(ask::Asker);

impl Asker {
    pub(super) fn new() -> Result<Self, OidcError> {
        ask::Asker::new().map(Self).map_err(failed)
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, OidcError> {
        may_be_asked(&request.uri().to_string())?;
        let answered = tokio::time::timeout(ANSWERS_WITHIN, self.0.ask(request)).await;
        let late = |_| OidcError::Provider("it does not answer in time".to_owned());
        let answer = answered.map_err(late)?.map_err(failed)?;
        Ok(answer.map(Into::into))
    }
}

impl<'c> AsyncHttpClient<'c> for Asker {
    type Error = OidcError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OidcError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Only in TLS, or to this machine.
pub(super) fn may_be_asked(address: &str) -> Result<(), OidcError> {
    let url = url::Url::parse(address).map_err(|error| OidcError::Address(error.to_string()))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(OidcError::Address(format!(
            "{} is not https",
            url.origin().ascii_serialization()
        ))),
    }
}

fn failed(error: impl std::fmt::Display) -> OidcError {
    OidcError::Provider(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_over_the_net_in_the_clear() {
        for (address, may) in [
            ("https://login.example/realm", true),
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:3000", true),
            ("http://localhost/", true),
            ("http://login.example", false),
            ("http://localhost.login.example", false),
            ("ftp://127.0.0.1", false),
            ("login.example", false),
        ] {
            assert_eq!(may_be_asked(address).is_ok(), may, "{address}");
        }
    }
}
