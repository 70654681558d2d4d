//! What programs show instead of a password, and calendars' secret addresses: made, listed, revoked, and looked up.
//!
//! As sessions do, they go by the machine's time.

use serde::Serialize;

use super::entry::{now, visitor_of};
use super::{Desk, DeskError, Visitor, Wrong, cells};
use crate::access::{Scope, Secret, hash_of};
use crate::store::{Request, Token, TokenKind, TokenNew};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 3_600 * SECOND;
/// A key makes a request count once for so long; a program that tries again later than this has forgotten why.
const KEYS_KEPT: i64 = 7 * DAY;
/// That a token is used is written down this often at most.
const USED_EVERY: i64 = 60 * SECOND;
/// What every token begins with, so that programs that look for secrets in the wrong places know one.
const BEGINS: &str = "tov_";
/// The longest that a token may last, in days.
const DAYS_MAX: u32 = 730;
/// The longest that its title may be, in characters.
const TITLE_MAX: usize = 100;

/// A token to be made.
#[derive(Clone, Debug, Default)]
pub struct TokenAsked {
    /// The address of whose it is to be.
    pub email: String,
    /// What it is for.
    pub title: String,
    /// What it may do: `read`, `act`, `mail`, `manage`.
    pub scopes: Vec<String>,
    /// How long it lasts.
    pub days: u32,
}

/// A token in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TokenLine {
    /// Its id; not the token itself.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// Whose it is.
    pub login: String,
    /// What it may do; empty for a calendar.
    pub scopes: Vec<String>,
    /// UTC.
    pub created: jiff::Timestamp,
    /// UTC; none is never.
    pub ends: Option<jiff::Timestamp>,
    /// UTC, to the minute.
    pub used: Option<jiff::Timestamp>,
    /// UTC.
    pub revoked: Option<jiff::Timestamp>,
}

/// Who shows a token, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Whose it is.
    pub visitor: Visitor,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Desk {
    /// Makes a token for an account; it is shown now and never again.
    pub async fn new_token(&self, asked: &TokenAsked) -> Result<(TokenLine, String), DeskError> {
        let mut wrongs = Vec::new();
        let mut scopes: Vec<Scope> = Vec::new();
        for word in &asked.scopes {
            match word.parse() {
                Ok(scope) => scopes.push(scope),
                Err(message) => wrongs.push(Wrong::new(message).column("--scope")),
            }
        }
        if scopes.is_empty() && wrongs.is_empty() {
            wrongs.push(
                Wrong::new("Nøglen må ingenting.")
                    .column("--scope")
                    .help("Skriv fx --scope read."),
            );
        }
        if asked.days == 0 || asked.days > DAYS_MAX {
            wrongs.push(
                Wrong::new(format!("En nøgle gælder fra 1 til {DAYS_MAX} dage.")).column("--days"),
            );
        }
        wrongs.extend(bad_title(&asked.title));
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        scopes.sort_unstable();
        scopes.dedup();
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let new = New {
            email: &asked.email,
            title: &asked.title,
            kind: TokenKind::Api,
            hold: None,
            scopes: words.join(","),
            days: Some(asked.days),
        };
        let text = format!("{BEGINS}{}", Secret::fresh().text());
        Ok((self.keep_token(new, &text).await?, text))
    }

    /// Makes a secret address of a calendar, of one hold or of all; it is shown now and never again.
    pub async fn new_calendar(
        &self,
        email: &str,
        title: &str,
        hold: Option<&str>,
    ) -> Result<(TokenLine, Secret), DeskError> {
        if let Some(wrong) = bad_title(title) {
            return Err(wrong.into());
        }
        let hold = match hold {
            Some(typed) => Some(self.cohort(typed).await?.row.id),
            None => None,
        };
        let secret = Secret::fresh();
        let new = New {
            email,
            title,
            kind: TokenKind::Calendar,
            hold,
            scopes: String::new(),
            days: None,
        };
        Ok((self.keep_token(new, &secret.text()).await?, secret))
    }

    async fn keep_token(&self, new: New<'_>, text: &str) -> Result<TokenLine, DeskError> {
        let store = self.runner().store();
        let account = self.known_account(new.email).await?;
        if account.closed_at.is_some() {
            return Err(Wrong::new(format!("{} er lukket.", new.email)).into());
        }
        let (at, public_id) = (now(), uuid::Uuid::now_v7().to_string());
        let token = TokenNew {
            public_id: public_id.clone(),
            hash: hash_of(text),
            kind: new.kind,
            account_id: account.id,
            hold_id: new.hold,
            title: new.title.trim().to_owned(),
            scopes: new.scopes,
            at,
            ends_at: new.days.map(|days| at + i64::from(days) * DAY),
        };
        store.new_token(token).await?;
        let all = store.tokens(new.kind, Some(account.id)).await?;
        let kept = all.into_iter().find(|token| token.public_id == public_id);
        let kept = kept.ok_or_else(|| Wrong::new("Den blev ikke gemt. Prøv igen."))?;
        Ok(line_of(kept))
    }

    /// Tokens, or calendars' addresses: of one account (row id), or of all.
    pub async fn tokens(
        &self,
        kind: TokenKind,
        account: Option<i64>,
    ) -> Result<Vec<TokenLine>, DeskError> {
        let tokens = self.runner().store().tokens(kind, account).await?;
        Ok(tokens.into_iter().map(line_of).collect())
    }

    /// Revokes a token or an address by its id, or the beginning of it; of one account (row id), or whosever it is.
    /// None when there is no such thing.
    pub async fn revoke_token(
        &self,
        kind: TokenKind,
        id: &str,
        account: Option<i64>,
    ) -> Result<Option<TokenLine>, DeskError> {
        let store = self.runner().store();
        let mut named = store.tokens(kind, account).await?;
        named.retain(|token| !id.is_empty() && token.public_id.starts_with(id));
        let (Some(token), true) = (named.pop(), named.is_empty()) else {
            return Ok(None);
        };
        store.revoke_token(token.id, now()).await?;
        let all = store.tokens(kind, account).await?;
        let token = all.into_iter().find(|known| known.id == token.id);
        Ok(token.map(line_of))
    }

    /// Whose token this is, and what it may, if it is good.
    pub async fn bearer(&self, text: &str) -> Result<Option<Bearer>, DeskError> {
        let Some((token, visitor)) = self.token(text, TokenKind::Api).await? else {
            return Ok(None);
        };
        let scopes = token.scopes.split(',');
        let scopes = scopes.filter_map(|word| word.parse().ok()).collect();
        Ok(Some(Bearer { visitor, scopes }))
    }

    /// A good token and whose it is.
    pub(super) async fn token(
        &self,
        text: &str,
        kind: TokenKind,
    ) -> Result<Option<(Token, Visitor)>, DeskError> {
        let (store, at) = (self.runner().store(), now());
        let Some((token, account)) = store.token(&hash_of(text), kind, at).await? else {
            return Ok(None);
        };
        if token.used_at.is_none_or(|used| at - used > USED_EVERY) {
            store.used_token(token.id, at).await?;
        }
        Ok(Some((token, visitor_of(account)?)))
    }

    /// Somebody asks for something by a key that makes it count once; `request` is a hash of what it is.
    pub async fn begin_request(
        &self,
        visitor: &Visitor,
        key: &str,
        request: &str,
    ) -> Result<Request, DeskError> {
        let (at, store) = (now(), self.runner().store());
        let times = (at, at - KEYS_KEPT);
        Ok(store
            .begin_request(visitor.account, key, request, times)
            .await?)
    }

    /// What somebody has asked for by a key is done.
    pub async fn end_request(&self, visitor: &Visitor, key: &str) -> Result<(), DeskError> {
        let store = self.runner().store();
        Ok(store.end_request(visitor.account, key).await?)
    }
}

/// A token, or an address, to be kept.
struct New<'a> {
    email: &'a str,
    title: &'a str,
    kind: TokenKind,
    hold: Option<i64>,
    scopes: String,
    days: Option<u32>,
}

fn bad_title(title: &str) -> Option<Wrong> {
    let title = title.trim();
    let wrong = match title.chars().count() {
        0 => Some(
            Wrong::new("Det mangler, hvad den er til.").help("Skriv fx --title \"Fagsystemet\"."),
        ),
        1..=TITLE_MAX => cells::refuse_cpr(title).err(),
        _ => Some(Wrong::new(format!(
            "Titlen er for lang: højst {TITLE_MAX} tegn."
        ))),
    };
    wrong.map(|wrong| wrong.column("--title"))
}

fn line_of(token: Token) -> TokenLine {
    let at = |at: i64| jiff::Timestamp::from_microsecond(at).unwrap_or_default();
    let scopes = token.scopes.split(',').filter(|word| !word.is_empty());
    TokenLine {
        id: token.public_id,
        title: token.title,
        login: token.login,
        scopes: scopes.map(str::to_owned).collect(),
        created: at(token.created_at),
        ends: token.ends_at.map(at),
        used: token.used_at.map(at),
        revoked: token.revoked_at.map(at),
    }
}
