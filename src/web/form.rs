//! What a form gives: names with values, in order, of which a name may come several times.

use axum::body::Bytes;

/// More than any form of ours has.
const FIELDS_MAX: usize = 500;

/// A form as it was sent, or the query of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads what was sent; what is no form has no fields.
    pub(super) fn read(body: &Bytes) -> Self {
        Self::of(body)
    }

    /// Reads the query of an address.
    pub(super) fn query(uri: &axum::http::Uri) -> Self {
        Self::of(uri.query().unwrap_or_default().as_bytes())
    }

    /// What was read otherwise.
    pub(super) fn of_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().take(FIELDS_MAX).collect())
    }

    fn of(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        Self::of_pairs(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// The value of a name, trimmed; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// The value of a name, trimmed, if anything was given.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        values
            .next()
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether a name was sent at all, with or without a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// All values of a name.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let values = self.0.iter().filter(move |(known, _)| known == name);
        values.map(|(_, value)| value.trim())
    }

    /// A value as it was given, with blanks: a password's belong to it.
    pub(super) fn raw(&self, name: &str) -> &str {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        values.next().map_or("", |(_, value)| value)
    }

    /// What was given under names that begin so, without that beginning.
    pub(super) fn below<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let name = name.strip_prefix(prefix)?;
            Some((name, value.trim())).filter(|(_, value)| !value.is_empty())
        })
    }
}
