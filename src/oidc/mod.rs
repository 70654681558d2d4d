//! Logging in by somebody else's account: OIDC, the authorization code flow with PKCE and a nonce, for a
//! provider that is found by its issuer. What comes out is an address that the provider has verified, and nothing else.
//!
//! [`Provider::begin`] says where the browser goes and what it has to bring back; [`Provider::finish`] takes what it
//! brings. Who that address belongs to is decided elsewhere.

mod ask;

use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use tokio::sync::Mutex;

use self::ask::Asker;
use crate::clock::Stopwatch;

/// What a provider says of itself, its keys among it, is asked for again after this.
const KNOWN_FOR: Duration = Duration::from_mins(15);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What an installation has agreed with a provider.
#[derive(Clone)]
pub struct Agreement {
    /// The provider's address, as it calls itself.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// By which it knows that it is us.
    pub client_secret: String,
    /// What people call it, as in "log in with …".
    pub name: String,
    /// Where it sends people back to.
    pub back: String,
}

/// Why nobody comes in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An address that was given is none, or goes over the open net without TLS.
    #[error("{0}")]
    Address(String),
    /// The provider cannot be asked, or answers what cannot be understood.
    #[error("the provider cannot be asked: {0}")]
    Provider(String),
    /// What the provider says is not signed by it, not for us, too old, or not for this browser.
    #[error("what the provider says is not to be believed: {0}")]
    Token(String),
    /// It names no address that it has verified.
    #[error("the provider names no address that it has verified")]
    NoAddress,
}

/// Where somebody goes to log in, and what has to be known when they come back. It is the browser's, and nobody else's.
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What comes back with it.
    pub state: String,
    /// What the token says.
    pub nonce: String,
    /// By which the code is taken.
    pub verifier: String,
}

/// Somebody else whose accounts are believed.
pub struct Provider {
    agreement: Agreement,
    issuer: IssuerUrl,
    back: RedirectUrl,
    asker: Asker,
    known: Mutex<Option<(Stopwatch, CoreProviderMetadata)>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.agreement.issuer)
    }
}

impl Provider {
    /// A provider. Nothing is asked before somebody wants in, so that the service starts without it.
    pub fn new(agreement: Agreement) -> Result<Self, OidcError> {
        let address = |error: url::ParseError| OidcError::Address(error.to_string());
        ask::may_be_asked(&agreement.issuer)?;
        Ok(Self {
            issuer: IssuerUrl::new(agreement.issuer.clone()).map_err(address)?,
            back: RedirectUrl::new(agreement.back.clone()).map_err(address)?,
            asker: Asker::new()?,
            agreement,
            known: Mutex::default(),
        })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.agreement.name
    }

    /// Somebody wants in.
    pub async fn begin(&self) -> Result<Begun, OidcError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client().await?;
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Begun {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Somebody comes back with a code: whose address it is, in small letters.
    pub async fn finish(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
    ) -> Result<String, OidcError> {
        let client = self.client().await?;
        let token = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcError::Provider(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.asker)
            .await
            .map_err(|error| OidcError::Provider(error.to_string()))?;
        let id = token.id_token();
        let id = id.ok_or_else(|| OidcError::Token("there is none".to_owned()))?;
        let judge = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ]);
        let claims = match id.claims(&judge, &Nonce::new(nonce.to_owned())) {
            Ok(claims) => claims,
            Err(error) => {
                // It may have changed its keys: the next one who comes asks it anew.
                *self.known.lock().await = None;
                return Err(OidcError::Token(error.to_string()));
            }
        };
        if let Some(email) = claims.email() {
            return verified(email, claims.email_verified());
        }
        // Many say it only when they are asked for it.
        let more: CoreUserInfoClaims = client
            .user_info(token.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|error| OidcError::Provider(error.to_string()))?
            .request_async(&self.asker)
            .await
            .map_err(|error| OidcError::Provider(error.to_string()))?;
        let email = more.email().ok_or(OidcError::NoAddress)?;
        verified(email, more.email_verified())
    }

    /// What the provider says of itself, now or a short while ago.
    async fn client(&self) -> Result<Client, OidcError> {
        let mut known = self.known.lock().await;
        let fresh = known
            .as_ref()
            .filter(|(since, _)| since.elapsed() < KNOWN_FOR);
        let metadata = if let Some((_, metadata)) = fresh {
            metadata.clone()
        } else {
            let asked =
                CoreProviderMetadata::discover_async(self.issuer.clone(), &self.asker).await;
            let metadata = asked.map_err(|error| OidcError::Provider(error.to_string()))?;
            *known = Some((Stopwatch::start(), metadata.clone()));
            metadata
        };
        drop(known);
        let id = ClientId::new(self.agreement.client_id.clone());
        let secret = ClientSecret::new(self.agreement.client_secret.clone());
        Ok(
            CoreClient::from_provider_metadata(metadata, id, Some(secret))
                .set_redirect_uri(self.back.clone()),
        )
    }
}

/// An address is believed when the provider has seen that it is theirs.
fn verified(email: &str, is_verified: Option<bool>) -> Result<String, OidcError> {
    match is_verified {
        Some(true) => Ok(email.to_lowercase()),
        Some(false) | None => Err(OidcError::NoAddress),
    }
}
