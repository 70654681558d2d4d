//! Who comes in: accounts, logging in, and what somebody who has logged in sees.
//!
//! Sessions, codes and locks go by the machine's time, also where the installation plays by a clock of its own.

use serde::Serialize;

use super::{Desk, DeskError, Wrong};
use crate::access::{May, Password, Role, Second, Secret, check_password, hash_of, wait_after};
use crate::clock::Clock;
use crate::message::Mailbox;
use crate::store::{Account, AccountNew, NewOrganisation, PersonImport, Sees, Session};

pub(super) const SECOND: i64 = 1_000_000;
/// Nobody works so long without a pause.
pub(super) const IDLE: i64 = 2 * 3_600 * SECOND;
/// A day's work.
const SESSION: i64 = 12 * 3_600 * SECOND;
/// Long enough for a weekend between the link and the password.
const WELCOME: i64 = 4 * 24 * 3_600 * SECOND;
/// A session that goes on is written down this often at most.
const EXTEND_EVERY: i64 = 60 * SECOND;

/// Somebody who has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The account's row id.
    pub account: i64,
    /// Its id as a history says who did it.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The address.
    pub login: String,
    /// What they are.
    pub role: Role,
    /// They have a second factor.
    pub has_second: bool,
    sees: Sees,
}

/// What became of somebody who wants in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// They are in; the browser holds this.
    In(Secret),
    /// The password is right; a code is asked for as well.
    CodeWanted,
    /// Address, password or code is wrong; which is not told.
    Wrong,
    /// After too many of these nobody gets in for so many seconds.
    Wait(i64),
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountLine {
    /// Its id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The address.
    pub login: String,
    /// What they are, as typed.
    pub role: String,
    /// The same in Danish.
    pub title: String,
    /// `åben`, `ny` (no password chosen yet) or `lukket`.
    pub stands: String,
    /// They have a second factor.
    pub has_second: bool,
}

/// An account to be opened.
#[derive(Clone, Debug, Default)]
pub struct AccountAsked {
    /// The address.
    pub email: String,
    /// What they are to be.
    pub role: String,
    /// The name of somebody who is not known yet.
    pub name: Option<String>,
    /// Their organisation.
    pub organisation: Option<String>,
}

impl Visitor {
    /// Whether they may.
    #[must_use]
    pub fn may(&self, what: May) -> bool {
        self.role.may(what)
    }
}

impl Desk {
    /// The desk as somebody sees it who has logged in: their cases, and what they read is written down.
    #[must_use]
    pub fn of(&self, visitor: &Visitor) -> Self {
        let mut desk = self.clone().seen_by(visitor.sees);
        desk.reader = Some(visitor.account);
        desk.is_confided = visitor.may(May::ReadConfidential);
        desk
    }

    /// Opens an account, or gives one another role; answers it with the link's secret, by which a password is chosen.
    pub async fn open_account(
        &self,
        asked: &AccountAsked,
    ) -> Result<(AccountLine, Secret), DeskError> {
        let role: Role =
            (asked.role.parse()).map_err(|message: String| Wrong::new(message).column("--role"))?;
        let store = self.runner().store();
        let known = store.person_by_email(asked.email.trim()).await?;
        let belongs = known.is_some_and(|known| known.organisation.is_some());
        // Asked before anything is stored.
        if role == Role::JobConsultant && !belongs && asked.organisation.is_none() {
            return Err(Wrong::new(
                "En jobkonsulent ser sit eget jobcenters kandidater, men personen hører ikke til noget.",
            )
            .help("Angiv jobcentret med --organisation, som det hedder på listen over organisationer.")
            .into());
        }
        let person = self.somebody(asked).await?;
        let account = store
            .open_account(AccountNew {
                public_id: uuid::Uuid::now_v7().to_string(),
                person_id: person,
                login: asked.email.trim().to_owned(),
                role: role.as_str().to_owned(),
                at: now(),
            })
            .await?;
        let secret = self.welcome(account).await?;
        let line = self.account_line(&asked.email).await?;
        Ok((line, secret))
    }

    /// A new link for somebody who has forgotten the password, or let the link grow old.
    pub async fn new_link(&self, email: &str) -> Result<(AccountLine, Secret), DeskError> {
        let account = self.known_account(email).await?;
        let secret = self.welcome(account.id).await?;
        Ok((line_of(account), secret))
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<AccountLine>, DeskError> {
        let accounts = self.runner().store().accounts().await?;
        Ok(accounts.into_iter().map(line_of).collect())
    }

    /// Closes an account: its sessions end at once.
    pub async fn close_account(&self, email: &str) -> Result<AccountLine, DeskError> {
        let account = self.known_account(email).await?;
        let store = self.runner().store();
        if !store.close_account(account.id, now()).await? {
            return Err(Wrong::new(format!("{email} er allerede lukket.")).into());
        }
        self.account_line(email).await
    }

    /// Takes the second factor from an account whose phone is gone.
    pub async fn drop_second(&self, email: &str) -> Result<AccountLine, DeskError> {
        let account = self.known_account(email).await?;
        self.runner().store().set_second(account.id, None).await?;
        self.account_line(email).await
    }

    /// Somebody wants in. It takes as long for an address that is not known as for one that is.
    pub async fn enter(
        &self,
        login: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<Entry, DeskError> {
        let (now, at) = (Clock::Real.now(), now());
        let store = self.runner().store();
        let account = store.account(login).await?;
        let account = account.filter(|account| account.closed_at.is_none());
        if let Some(account) = &account
            && account.locked_until > at
        {
            let left = (account.locked_until - at).div_euclid(SECOND) + 1;
            return Ok(Entry::Wait(left));
        }
        let kept = account
            .as_ref()
            .and_then(|account| account.password.clone());
        let is_right = is_password(kept, password.to_owned()).await;
        let Some(account) = account else {
            return Ok(Entry::Wrong);
        };
        if !is_right {
            return self.missed(&account, at).await;
        }
        let mut used = 0;
        if let Some(second) = account.second.clone() {
            let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
                return Ok(Entry::CodeWanted);
            };
            match Second::kept(second).takes(code, now, account.used) {
                Some(step) => used = step,
                None => return self.missed(&account, at).await,
            }
        }
        let secret = Secret::fresh();
        let session = Session {
            hash: hash_of(&secret.text()),
            is_welcome: false,
            account_id: account.id,
            at,
            ends_at: at + IDLE,
        };
        Ok(if store.begin_session(session, used).await? {
            Entry::In(secret)
        } else {
            Entry::Wrong
        })
    }

    /// Who it is that a browser holds this of, if the session is good; it goes on from now.
    pub async fn visitor(&self, held: &str) -> Result<Option<Visitor>, DeskError> {
        let (hash, at) = (hash_of(held), now());
        let store = self.runner().store();
        let Some((account, seen_at)) = store.session(&hash, false, at).await? else {
            return Ok(None);
        };
        if at - seen_at > EXTEND_EVERY {
            store.extend_session(&hash, at, at + IDLE, SESSION).await?;
        }
        visitor_of(account).map(Some)
    }

    /// Ends a session.
    pub async fn leave(&self, held: &str) -> Result<(), DeskError> {
        Ok(self.runner().store().end_session(&hash_of(held)).await?)
    }

    /// Whose link this is, if it is good.
    pub async fn welcomed(&self, link: &str) -> Result<Option<Visitor>, DeskError> {
        let store = self.runner().store();
        let account = store.session(&hash_of(link), true, now()).await?;
        account.map(|(account, _)| visitor_of(account)).transpose()
    }

    /// Somebody chooses a password by their link, which is used up by it. False when it is no longer good.
    pub async fn choose_password(&self, link: &str, password: &str) -> Result<bool, DeskError> {
        let Some(visitor) = self.welcomed(link).await? else {
            return Ok(false);
        };
        check_password(password, &visitor.login, &visitor.name)
            .map_err(|bad| Wrong::new(bad.to_string()))?;
        let password = password.to_owned();
        let kept = tokio::task::spawn_blocking(move || Password::of(&password));
        let kept = kept
            .await
            .map_err(|_| Wrong::new("Det lykkedes ikke. Prøv igen."))?;
        let store = self.runner().store();
        Ok(store
            .choose_password(&hash_of(link), kept.as_str(), now())
            .await?)
    }

    /// A second factor begins when a code of it was shown. False when the code is wrong.
    pub async fn begin_second(
        &self,
        visitor: &Visitor,
        second: &Second,
        code: &str,
    ) -> Result<bool, DeskError> {
        if second.takes(code, Clock::Real.now(), 0).is_none() {
            return Ok(false);
        }
        let kept = Some(second.bytes().to_vec());
        self.runner()
            .store()
            .set_second(visitor.account, kept)
            .await?;
        Ok(true)
    }

    /// Writes down that somebody who has logged in reads about these; the commands are the operator's.
    pub(super) async fn saw(&self, subjects: &[i64], what: &str) -> Result<(), DeskError> {
        if let Some(reader) = self.reader
            && !subjects.is_empty()
        {
            let store = self.runner().store();
            store.log_access(reader, subjects, what, now()).await?;
        }
        Ok(())
    }

    async fn welcome(&self, account: i64) -> Result<Secret, DeskError> {
        let secret = Secret::fresh();
        let at = now();
        let link = Session {
            hash: hash_of(&secret.text()),
            is_welcome: true,
            account_id: account,
            at,
            ends_at: at + WELCOME,
        };
        self.runner().store().welcome(link).await?;
        Ok(secret)
    }

    async fn missed(&self, account: &Account, at: i64) -> Result<Entry, DeskError> {
        let wait = wait_after(account.misses + 1);
        let until = at + wait * SECOND;
        self.runner().store().missed(account.id, until).await?;
        Ok(if wait > 0 {
            Entry::Wait(wait)
        } else {
            Entry::Wrong
        })
    }

    /// The person that an account is for: known by the address, or new.
    async fn somebody(&self, asked: &AccountAsked) -> Result<i64, DeskError> {
        let store = self.runner().store();
        let known = store.person_by_email(asked.email.trim()).await?;
        let name = match (&asked.name, &known) {
            (Some(name), _) => name.trim().to_owned(),
            (None, Some(known)) if asked.organisation.is_none() => return Ok(known.id),
            (None, Some(known)) => known.name.clone(),
            (None, None) => {
                return Err(
                    Wrong::new(format!("Der er ingen med adressen »{}«.", asked.email))
                        .help("Angiv personens navn med --name, eller importér personen først.")
                        .into(),
                );
            }
        };
        Mailbox::parse(&name, asked.email.trim()).map_err(|_| {
            Wrong::new(format!("»{}« er ikke en mailadresse.", asked.email))
                .help("Skriv den som kim@kommune.example.")
        })?;
        let organisation = match &asked.organisation {
            None => None,
            Some(title) => Some(self.organisation(title).await?),
        };
        Ok(store
            .upsert_person(PersonImport {
                name,
                email: Some(asked.email.trim().to_owned()),
                organisation,
                ..PersonImport::default()
            })
            .await?)
    }

    /// An organisation that is known: whoever misspells one must not see nothing, or make a new one.
    async fn organisation(&self, title: &str) -> Result<NewOrganisation, DeskError> {
        let found = self
            .runner()
            .store()
            .organisation_by_name(title.trim())
            .await?;
        let found = found.ok_or_else(|| {
            Wrong::new(format!("Der er ingen organisation »{title}«."))
                .column("--organisation")
                .help("Importér den først: tovholder people import FIL.csv")
        })?;
        Ok(NewOrganisation {
            name: found.name,
            kind: found.kind,
            email: found.email,
        })
    }

    pub(super) async fn known_account(&self, email: &str) -> Result<Account, DeskError> {
        let found = self.runner().store().account(email).await?;
        Ok(found.ok_or_else(|| {
            Wrong::new(format!("Der er ingen konto for »{email}«."))
                .help("Se dem, der er, med: tovholder account list")
        })?)
    }

    async fn account_line(&self, email: &str) -> Result<AccountLine, DeskError> {
        Ok(line_of(self.known_account(email).await?))
    }
}

/// The machine's time, µs UTC.
pub(super) fn now() -> i64 {
    Clock::Real.now().as_microsecond()
}

/// Whether a password is the one that is kept, on a thread of its own: it takes a processor's tens of milliseconds.
async fn is_password(kept: Option<String>, password: String) -> bool {
    let asked = tokio::task::spawn_blocking(move || match kept {
        Some(kept) => Password::kept(&kept).is(&password),
        None => {
            // As long as if there were one.
            drop(Password::of(&password));
            false
        }
    });
    asked.await.unwrap_or(false)
}

/// Somebody who comes in by this account.
pub(super) fn visitor_of(account: Account) -> Result<Visitor, DeskError> {
    let role: Role = account.role.parse().map_err(Wrong::new)?;
    let sees = match role {
        Role::Admin | Role::Coordinator | Role::EducationConsultant => Sees::All,
        Role::JobConsultant => account
            .organisation_id
            .map_or(Sees::Nobody, Sees::Organisation),
        Role::InternshipHost => Sees::Seats(account.person_id),
        Role::Reader => Sees::Nobody,
    };
    Ok(Visitor {
        account: account.id,
        id: account.public_id,
        name: account.name,
        login: account.login,
        role,
        has_second: account.second.is_some(),
        sees,
    })
}

fn line_of(account: Account) -> AccountLine {
    let stands = match (&account.closed_at, &account.password) {
        (Some(_), _) => "lukket",
        (None, None) => "ny",
        (None, Some(_)) => "åben",
    };
    let title = account.role.parse().map_or("ukendt", Role::title);
    AccountLine {
        id: account.public_id,
        name: account.name,
        login: account.login,
        title: title.to_owned(),
        role: account.role,
        stands: stands.to_owned(),
        has_second: account.second.is_some(),
    }
}
