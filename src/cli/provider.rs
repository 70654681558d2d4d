//! The other login that `tovholder serve` was told of.

use super::Failure;
use crate::config::Oidc;

#[cfg(feature = "oidc")]
pub(super) fn provider(
    oidc: &Oidc,
    base_url: Option<&str>,
) -> Result<Option<crate::oidc::Provider>, Failure> {
    let Some(issuer) = &oidc.oidc_issuer else {
        return Ok(None);
    };
    let needed = |given: Option<&str>, name: &str| {
        given.map(ToOwned::to_owned).ok_or_else(|| {
            Failure::new(
                format!("Login med OpenID Connect mangler {name}."),
                "Angiv TOVHOLDER_OIDC_CLIENT_ID, TOVHOLDER_OIDC_CLIENT_SECRET og TOVHOLDER_BASE_URL.",
            )
        })
    };
    let base = needed(base_url, "sidernes adresse")?;
    let host = url::Url::parse(issuer).ok();
    let host = host.as_ref().and_then(url::Url::host_str);
    let agreement = crate::oidc::Agreement {
        client_id: needed(oidc.oidc_client_id.as_deref(), "et client id")?,
        client_secret: needed(oidc.oidc_client_secret.as_deref(), "en client secret")?,
        name: (oidc.oidc_name.as_deref().or(host))
            .unwrap_or(issuer)
            .to_owned(),
        back: format!("{}/log-ind/andet/svar", base.trim_end_matches('/')),
        issuer: issuer.clone(),
    };
    crate::oidc::Provider::new(agreement).map(Some).map_err(|error| {
        Failure::new(
            format!("TOVHOLDER_OIDC_ISSUER={issuer} kan ikke bruges: {error}."),
            "Skriv udstederens adresse, som den kalder sig selv, fx https://login.example/realm.",
        )
    })
}

/// A build without it must not be taken for one that has it.
#[cfg(not(feature = "oidc"))]
pub(super) fn refuse(oidc: &Oidc) -> Result<(), Failure> {
    if oidc.oidc_issuer.is_none() {
        return Ok(());
    }
    Err(Failure::new(
        "Programmet er bygget uden login med OpenID Connect.",
        "Byg det med: cargo build --release --features oidc",
    ))
}
