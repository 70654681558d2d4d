//! Status codes (RFC 3463) and what they mean for an address.
//!
//! Few codes say that an address is of no use: most say that this mail, this server or this moment is the
//! trouble. Only those few are hard.

/// What a report means for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The server is still trying.
    Delayed,
    /// This mail did not arrive; the next may.
    Soft,
    /// There is no such address, or nobody behind it any more.
    Hard,
}

impl Weight {
    /// As stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

/// Codes that say that nobody is there: no such mailbox, no such domain, not an address, moved without a
/// forwarding address, no mail at this domain (RFC 7505), switched off.
const NOBODY: [&str; 6] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];

/// What servers write behind a code that says nothing else.
const NOBODY_WORDS: [&str; 16] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no mailbox here by that name",
    "user doesn't exist",
    "user does not exist",
    "account does not exist",
    "address does not exist",
    "mailbox does not exist",
    "recipient not found",
    "unknown recipient",
    "unknown or illegal alias",
    "invalid recipient",
    "not listed in domino directory",
];

/// Words beside which a code of that kind is about something else: policy, a full mailbox, a filter.
const OTHERWISE: [&str; 19] = [
    "spam",
    "block",
    "reputation",
    "policy",
    "denied",
    "quota",
    "full",
    "blacklist",
    "listed by",
    "rejected due to",
    "relay",
    "authenticat",
    "greylist",
    "rate",
    "too many",
    "temporar",
    "try again",
    "verification",
    "dmarc",
];

/// An enhanced status code in a text: three numbers of one, up to three and up to three digits.
pub(super) fn enhanced(text: &str) -> Option<String> {
    let is_code = |word: &str| {
        let mut numbers = word.split('.');
        let class = numbers.next()?;
        let (subject, detail) = (numbers.next()?, numbers.next()?);
        let is_number = |digits: &str| {
            (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_one = matches!(class, "2" | "4" | "5") && is_number(subject) && is_number(detail);
        (is_one && numbers.next().is_none()).then(|| word.to_owned())
    };
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|word| word.trim_matches('.'))
        .find_map(is_code)
}

/// The server's reply code in its words: `550`, where it stands at the beginning or after a server's name.
pub(super) fn reply(text: &str) -> Option<u16> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .filter(|word| word.len() == 3)
        .find_map(|word| word.parse().ok().filter(|code| (400..600).contains(code)))
}

/// What a report of a failure means for the address, by the code and the server's words.
///
/// A code that says nothing (`5.0.0`) is read together with the server's own.
pub(super) fn weight(status: Option<&str>, words: &str) -> Weight {
    let said = words.to_lowercase();
    let own = status.filter(|code| !code.ends_with(".0.0"));
    let code = own.map(ToOwned::to_owned).or_else(|| enhanced(words));
    let is_otherwise = OTHERWISE.iter().any(|word| said.contains(word));
    let is_nobody = match code.as_deref() {
        // 5.2.1 is also said of mailboxes that take nothing right now, and 5.1.2 of domains that do not answer.
        Some(code) => NOBODY.contains(&code) && (code == "5.1.1" || !is_otherwise),
        None => {
            matches!(reply(words), Some(550 | 551 | 553))
                && NOBODY_WORDS.iter().any(|word| said.contains(word))
                && !is_otherwise
        }
    };
    // Servers that hide who exists behind 5.1.1 say so in words.
    let is_filter = [
        "spam",
        "block",
        "reputation",
        "policy",
        "blacklist",
        "dmarc",
    ]
    .iter()
    .any(|word| said.contains(word));
    // The server's own reply is of this moment although the report was given up for good.
    let is_for_now = reply(words).is_some_and(|code| code < 500)
        || status.is_some_and(|code| code.starts_with('4'));
    if is_nobody && !is_filter && !is_for_now {
        Weight::Hard
    } else {
        Weight::Soft
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_that_nobody_is_there_is_hard() {
        let table = [
            (Some("5.1.1"), "550 5.1.1 User unknown", Weight::Hard),
            (Some("5.1.10"), "550 5.1.10 RecipientNotFound", Weight::Hard),
            (Some("5.0.0"), "smtp; 550 No such user here", Weight::Hard),
            (Some("5.0.0"), "550 5.1.1 no mailbox", Weight::Hard),
            (Some("5.1.2"), "Host or domain name not found", Weight::Hard),
            (Some("5.2.1"), "550 5.2.1 mailbox disabled", Weight::Hard),
            (
                Some("5.2.1"),
                "550 5.2.1 the user is receiving mail at a rate that",
                Weight::Soft,
            ),
            (Some("5.2.2"), "552 5.2.2 mailbox full", Weight::Soft),
            (Some("5.7.1"), "550 5.7.1 rejected by policy", Weight::Soft),
            (
                Some("5.1.1"),
                "550 5.1.1 blocked by our spam filter",
                Weight::Soft,
            ),
            (Some("5.1.1"), "450 4.1.1 unverified address", Weight::Soft),
            (Some("4.1.1"), "450 4.1.1 User unknown", Weight::Soft),
            (
                Some("5.4.1"),
                "550 5.4.1 Recipient address rejected: Access denied",
                Weight::Soft,
            ),
            (
                Some("5.0.0"),
                "550 Access denied, no such user or blocked",
                Weight::Soft,
            ),
            (Some("5.0.0"), "550 rejected", Weight::Soft),
            (None, "", Weight::Soft),
        ];
        for (status, words, expect) in table {
            assert_eq!(weight(status, words), expect, "{status:?} {words}");
        }
    }

    #[test]
    fn codes_are_found_where_they_stand_and_addresses_are_none() {
        for (text, expect) in [
            ("550 5.1.1 <a@b.example>", Some("5.1.1")),
            ("(#5.1.1)", Some("5.1.1")),
            ("#< #5.1.10 smtp;550", Some("5.1.10")),
            ("10.2.3.4 said", None),
            ("version 5.1", None),
            ("5.1.1.1", None),
        ] {
            assert_eq!(enhanced(text).as_deref(), expect, "{text}");
        }
        assert_eq!(
            reply("host mx.b.example[192.0.2.5] said: 550 5.1.1"),
            Some(550)
        );
    }
}
