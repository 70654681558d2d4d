//! A page of a list, and the cursor that says where the next one begins. A cursor holds ids of what was shown, and
//! nothing else.

use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Code, Problem};

/// As many as a page has when nothing is said.
const LIMIT: u16 = 50;
/// As many as a page has at most.
pub(super) const LIMIT_MAX: u16 = 200;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// What is on it, in an order that stays.
    pub(super) items: Vec<T>,
    /// What to give as `cursor` for the next page; null on the last.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A page after which there may be more: it goes on behind what `id` gives of the last one.
    pub(super) fn new(items: Vec<T>, is_more: bool, id: impl Fn(&T) -> String) -> Self {
        let next = items.last().filter(|_| is_more).map(|last| hex(&id(last)));
        Self { items, next }
    }
}

/// How many are asked for.
pub(super) fn limit_of(limit: Option<u16>) -> Result<usize, Problem> {
    match limit.unwrap_or(LIMIT) {
        limit @ 1..=LIMIT_MAX => Ok(limit.into()),
        _ => Err(Problem::new(
            Code::BadRequest,
            format!("En side har fra 1 til {LIMIT_MAX}."),
        )),
    }
}

/// The id that a cursor holds.
pub(super) fn behind(cursor: Option<&str>) -> Result<Option<String>, Problem> {
    cursor
        .map(|cursor| unhex(cursor).ok_or_else(bad_cursor))
        .transpose()
}

/// A cursor that is none of ours, or whose place is gone.
pub(super) fn bad_cursor() -> Problem {
    Problem::new(
        Code::BadRequest,
        "Den side findes ikke. Begynd forfra uden cursor.",
    )
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<String> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let bytes = (0..text.len()).step_by(2);
    let bytes = bytes.map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_given() {
        let page = Page::new(vec!["a-1".to_owned(), "å".to_owned()], true, Clone::clone);
        let next = page.next.expect("there is more");
        assert_eq!(behind(Some(&next)).expect("ours"), Some("å".to_owned()));
        for cursor in ["x", "0", "æ", "fffe", "+1"] {
            assert!(behind(Some(cursor)).is_err(), "{cursor}");
        }
        assert!(
            Page::new(vec![1], false, ToString::to_string)
                .next
                .is_none()
        );
    }
}
