//! The second factor: codes of six digits from a phone, a new one every 30 seconds (RFC 6238, with SHA-1, as every
//! authenticator app has it).

use jiff::Timestamp;
use ring::hmac;

use super::Secret;

/// How long a code is shown, in seconds.
const STEP_SECONDS: i64 = 30;
/// How many steps a phone's clock may be off.
const STEPS_OFF: i64 = 1;
/// As many as RFC 4226 recommends, in bytes.
const BYTES: usize = 20;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a phone and the database both know.
#[derive(Clone, PartialEq, Eq)]
pub struct Second(Vec<u8>);

/// The number of the step that an instant lies in.
#[must_use]
pub fn step_at(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP_SECONDS)
}

impl Second {
    /// A new one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Secret::fresh().bytes()[..BYTES].to_vec())
    }

    /// What was kept.
    #[must_use]
    pub fn kept(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key as a person types it into an app, in groups of four.
    #[must_use]
    pub fn typed(&self) -> String {
        let mut text = String::new();
        let (mut held, mut bits) = (0_u32, 0);
        for byte in &self.0 {
            held = held << 8 | u32::from(*byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                let at = usize::try_from(held >> bits & 31).unwrap_or_default();
                if text.chars().filter(|char| *char != ' ').count() % 4 == 0 && !text.is_empty() {
                    text.push(' ');
                }
                text.push(char::from(BASE32[at]));
            }
        }
        text
    }

    /// A key as a person typed it, if it is one.
    #[must_use]
    pub fn typed_as(text: &str) -> Option<Self> {
        let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
        for char in text.chars().filter(|char| *char != ' ') {
            let at = BASE32.iter().position(|known| char::from(*known) == char)?;
            held = held << 5 & 0xffff | u32::try_from(at).ok()?;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits & 255).ok()?);
            }
        }
        (bytes.len() == BYTES).then_some(Self(bytes))
    }

    /// The address that an app opens, for an account of an installation.
    #[must_use]
    pub fn link(&self, issuer: &str, login: &str) -> String {
        let coded = |text: &str| {
            let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            // Apps read a plus as a plus.
            form.replace('+', "%20")
        };
        let (issuer, login) = (coded(issuer), coded(login));
        let key = self.typed().replace(' ', "");
        format!("otpauth://totp/{issuer}:{login}?secret={key}&issuer={issuer}")
    }

    /// The step of a code, if it is one of those that are good now and comes after the last that was taken.
    #[must_use]
    pub fn takes(&self, typed: &str, now: Timestamp, used: i64) -> Option<i64> {
        let typed: String = typed.chars().filter(|char| !char.is_whitespace()).collect();
        let code: u32 = (typed.len() == 6).then(|| typed.parse().ok())??;
        let at = step_at(now);
        let mut steps = at - STEPS_OFF..=at + STEPS_OFF;
        steps.find(|step| *step > used && self.code(*step) == code)
    }

    /// The code of a step (RFC 4226, 5.3).
    fn code(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let from = usize::from(tag[tag.len() - 1] & 15);
        let word = [tag[from] & 127, tag[from + 1], tag[from + 2], tag[from + 3]];
        u32::from_be_bytes(word) % 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, of whose eight digits these are the last six.
        let second = Second::kept(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = at(seconds);
            assert_eq!(second.takes(code, now, 0), Some(step_at(now)), "{seconds}");
        }
        assert_eq!(second.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(Second::typed_as(&second.typed()) == Some(second));
        assert!(Second::typed_as("GEZD").is_none() && Second::typed_as("gezd").is_none());
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute_and_a_half() {
        let second = Second::kept(b"12345678901234567890".to_vec());
        let step = step_at(at(59));
        assert_eq!(second.takes("287 082", at(59 + 30), 0), Some(step));
        assert_eq!(second.takes("287082", at(59 - 30), 0), Some(step));
        assert_eq!(second.takes("287082", at(59 + 61), 0), None);
        assert_eq!(second.takes("287082", at(59), step), None, "taken before");
        for wrong in ["", "28708", "2870821", "abcdef", "-87082"] {
            assert_eq!(second.takes(wrong, at(59), 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_whose_it_is() {
        let second = Second::kept(b"12345678901234567890".to_vec());
        assert_eq!(
            second.link("Holstebro Kommune", "kim@kommune.example"),
            "otpauth://totp/Holstebro%20Kommune:kim%40kommune.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Holstebro%20Kommune"
        );
    }
}
