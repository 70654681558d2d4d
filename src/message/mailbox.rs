//! A person's name and mail address, parsed once so that nobody has to check them again.

use std::fmt;
use std::str::FromStr;

/// Longest name that goes into a header; RFC 5322 allows 998 octets in a line.
const NAME_CHARS_MAX: usize = 200;
/// Longest address SMTP carries (RFC 5321, 4.5.3.1.3).
const ADDRESS_OCTETS_MAX: usize = 254;

/// One name and one address.
///
/// ```
/// use tovholder::message::Mailbox;
///
/// let anna = Mailbox::parse("Anna Ærø", "anna@kommune.example").unwrap();
/// assert_eq!(anna.to_string(), "Anna Ærø <anna@kommune.example>");
/// assert!(Mailbox::parse("Anna\r\nBcc: x@y.example", "anna@kommune.example").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox {
    name: Option<String>,
    address: lettre::Address,
}

/// Why a name and an address cannot be a [`Mailbox`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// The address is not one that mail can be sent to.
    #[error("\"{address}\" is not a mail address: {reason}")]
    Address {
        /// The text as given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The name cannot stand in a mail's header.
    #[error("the name {name:?} of {address} {reason}")]
    Name {
        /// The name as given.
        name: String,
        /// The address beside it.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Mailbox {
    /// Parses a name, which may be empty, and a bare address.
    pub fn parse(name: &str, address: &str) -> Result<Mailbox, BadAddress> {
        let parsed = parse_address(address.trim())?;
        let name = name.trim();
        let refuse = |reason: &str| BadAddress::Name {
            name: name.to_owned(),
            address: parsed.to_string(),
            reason: reason.to_owned(),
        };
        if name.chars().any(char::is_control) {
            return Err(refuse("holds a line break or another control character"));
        }
        if name.chars().count() > NAME_CHARS_MAX {
            return Err(refuse("is longer than 200 characters"));
        }
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Mailbox {
            name,
            address: parsed,
        })
    }

    /// The name people see, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The bare address, `local@domain`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.address.as_ref()
    }

    pub(super) fn to_lettre(&self) -> lettre::message::Mailbox {
        lettre::message::Mailbox::new(self.name.clone(), self.address.clone())
    }
}

fn parse_address(address: &str) -> Result<lettre::Address, BadAddress> {
    let bad = |reason: String| BadAddress::Address {
        address: address.to_owned(),
        reason,
    };
    if address.len() > ADDRESS_OCTETS_MAX {
        return Err(bad("it is longer than 254 octets".to_owned()));
    }
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("it holds white space or a control character".to_owned()));
    }
    address
        .parse()
        .map_err(|error: lettre::address::AddressError| bad(error.to_string()))
}

/// Reads `anna@kommune.example` and `Anna Ærø <anna@kommune.example>`, as settings write them.
impl FromStr for Mailbox {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Mailbox, BadAddress> {
        let text = text.trim();
        match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => Mailbox::parse(name.trim().trim_matches('"'), address),
            None => Mailbox::parse("", text),
        }
    }
}

/// For people; a header needs quoting and encoding, which [`freeze`](super::freeze) does.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_parsed_or_refused() {
        let table = [
            ("anna@kommune.example", Some("anna@kommune.example")),
            (
                " Anna Ærø <anna@kommune.example> ",
                Some("Anna Ærø <anna@kommune.example>"),
            ),
            (
                "\"Bo, Søn\" <bo@kommune.example>",
                Some("Bo, Søn <bo@kommune.example>"),
            ),
            ("søren@kommune.example", Some("søren@kommune.example")),
            ("anna", None),
            ("anna@", None),
            ("anna@kommune.example\r\nBcc: x@y.example", None),
            ("Anna\nX <anna@kommune.example>", None),
            ("anna @kommune.example", None),
            ("<a@b.example> <c@d.example", None),
        ];
        for (given, expect) in table {
            let parsed = given
                .parse::<Mailbox>()
                .ok()
                .map(|mailbox| mailbox.to_string());
            assert_eq!(parsed.as_deref(), expect, "{given:?}");
        }
    }

    #[test]
    fn an_error_names_what_was_wrong() {
        let error = Mailbox::parse("", "anna").unwrap_err();
        assert!(error.to_string().contains("\"anna\""), "{error}");
        let error = Mailbox::parse(&"x".repeat(201), "a@b.example").unwrap_err();
        assert!(error.to_string().contains("200 characters"), "{error}");
    }
}
