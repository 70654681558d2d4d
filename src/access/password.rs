//! Passwords: what a good one is, and how it is kept (Argon2id with the parameters of RFC 9106 and OWASP: 19 MiB,
//! two passes), so that nobody who reads the database knows it.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use super::Secret;

/// The fewest characters: a sentence of three or four words.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// More than anybody types; a hash of megabytes would be an attack.
const BYTES_MAX: usize = 500;
/// Fewer different characters than this are a key held down.
const DIFFERENT_MIN: usize = 5;

/// What is wrong with a password. Danish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// It is guessed too fast.
    #[error(
        "Adgangskoden er for kort: mindst {PASSWORD_CHARS_MIN} tegn. Brug fx tre eller fire ord, som ikke hører sammen."
    )]
    Short,
    /// It would only cost time.
    #[error("Adgangskoden er for lang: højst {BYTES_MAX} tegn.")]
    Long,
    /// It says the same over and over.
    #[error("Adgangskoden er for let at gætte: den gentager de samme få tegn.")]
    Simple,
    /// Everybody would try it.
    #[error("Adgangskoden må ikke indeholde din mailadresse eller dit navn.")]
    Yours,
}

/// A password as it is kept: a PHC string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Makes what is kept, with a salt of its own. Takes tens of milliseconds of a processor, and is meant to.
    #[must_use]
    pub fn of(password: &str) -> Self {
        let salt = Secret::fresh();
        let hash =
            Argon2::default().hash_password_with_salt(password.as_bytes(), &salt.bytes()[..16]);
        // Parameters and salt are ours and right, so that there is nothing to refuse; an empty string fits nothing.
        Self(hash.map_or_else(|_| String::new(), |hash: PasswordHash| hash.to_string()))
    }

    /// What was kept.
    #[must_use]
    pub fn kept(phc: &str) -> Self {
        Self(phc.to_owned())
    }

    /// As it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is it. Takes as long as [`of`](Self::of), whatever is kept.
    #[must_use]
    pub fn is(&self, password: &str) -> bool {
        if password.len() > BYTES_MAX {
            return false;
        }
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        })
    }
}

/// Whether somebody of this address and name may choose a password.
///
/// # Errors
/// What is wrong with it, for the person who chose it.
pub fn check_password(password: &str, login: &str, name: &str) -> Result<(), BadPassword> {
    let small = password.to_lowercase();
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(BadPassword::Short);
    }
    if password.len() > BYTES_MAX {
        return Err(BadPassword::Long);
    }
    let mut different: Vec<char> = small.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return Err(BadPassword::Simple);
    }
    let before_at = login.split('@').next().unwrap_or_default();
    let parts = name.split_whitespace().chain([before_at, login]);
    let mut long = parts.filter(|part| part.chars().count() >= 4);
    if long.any(|part| small.contains(&part.to_lowercase())) {
        return Err(BadPassword::Yours);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_fits_its_password_alone_and_is_never_the_same() {
        let (one, other) = (
            Password::of("tre blå cykler i regn"),
            Password::of("tre blå cykler i regn"),
        );
        assert_ne!(one, other);
        assert!(
            one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{one:?}"
        );
        assert!(one.is("tre blå cykler i regn") && other.is("tre blå cykler i regn"));
        for wrong in ["", "tre blå cykler i Regn", "tre blå cykler i regn "] {
            assert!(!one.is(wrong), "{wrong:?}");
        }
        assert!(!Password::kept("").is("") && !Password::kept("spoilt").is("spoilt"));
    }

    #[test]
    fn what_is_guessed_too_fast_is_refused() {
        for (password, expect) in [
            ("kort", Err(BadPassword::Short)),
            ("aaaaaaaaaaaaaaaa", Err(BadPassword::Simple)),
            ("ababababababab", Err(BadPassword::Simple)),
            ("Kim.Vestergaard-2026", Err(BadPassword::Yours)),
            ("hej kv123 hej hej", Err(BadPassword::Yours)),
            ("tre blå cykler i regn", Ok(())),
        ] {
            assert_eq!(
                check_password(password, "kv123@kommune.example", "Kim Vestergaard"),
                expect,
                "{password}"
            );
        }
        let long = "tre blå cykler ".repeat(40);
        assert_eq!(
            check_password(&long, "kv@kommune.example", "Kim"),
            Err(BadPassword::Long)
        );
    }
}
