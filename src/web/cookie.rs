//! The cookies: the session, what was said last, and the language.

use axum::http::{HeaderMap, HeaderValue, header};

/// What was said last: shown once on the next page.
pub(super) const SAID: &str = "tovholder_sagt";
/// The language that somebody asked for.
pub(super) const LANGUAGE: &str = "tovholder_sprog";

/// The session's. Over HTTPS it has the prefix that browsers hold to this host alone (RFC 6265bis, 4.1.3.2).
pub(super) fn session(is_secure: bool) -> &'static str {
    if is_secure {
        "__Host-tovholder"
    } else {
        "tovholder"
    }
}

/// What somebody holds who has gone elsewhere to log in.
#[cfg(feature = "oidc")]
pub(super) fn outside(is_secure: bool) -> &'static str {
    if is_secure {
        "__Host-tovholder_andet"
    } else {
        "tovholder_andet"
    }
}

/// What the browser holds under a name.
pub(super) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all.filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// Lets the browser hold a value until it is closed, or so many seconds; none forgets it.
pub(super) fn set(
    name: &str,
    value: Option<&str>,
    seconds: Option<u32>,
    is_secure: bool,
) -> HeaderValue {
    let age = match (value, seconds) {
        (None, _) => "; Max-Age=0".to_owned(),
        (_, Some(seconds)) => format!("; Max-Age={seconds}"),
        _ => String::new(),
    };
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={}; Path=/; HttpOnly; SameSite=Lax{age}{secure}",
        value.unwrap_or_default()
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; tovholder=x=y"),
        );
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(read(&headers, "tovholder"), Some("x=y"));
        assert_eq!(read(&headers, "b"), Some("2"));
        assert_eq!(read(&headers, "tov"), None);
        let set = set(session(true), Some("x"), None, true);
        assert_eq!(
            set,
            "__Host-tovholder=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
