//! What a change would bring, as it stands on pages: how many of each kind, then like cases together.

use crate::runner::change::When;
use crate::runner::desk::Verdict;
use crate::web::answer::Page;

/// What is to be said of so many.
pub(super) fn words(page: &Page, verdict: Verdict) -> &'static str {
    let english = match verdict {
        Verdict::Unchanged => "unchanged",
        Verdict::DatesMove => "other dates",
        Verdict::MailsMove => "mail at other times or in other words",
        Verdict::MailsAdded => "mail is added",
        Verdict::MailsDropped => "mail does not leave",
        Verdict::Repeats => "something would be said again",
        Verdict::Impossible => "something can no longer be kept",
        Verdict::Blocked => "cannot come along",
        Verdict::CannotEnd => "would never come to an end",
    };
    page.say(verdict.da(), english)
}

/// Whether somebody has to look at it.
pub(super) fn is_late(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Repeats | Verdict::Impossible | Verdict::Blocked | Verdict::CannotEnd
    )
}

/// When a mail leaves; nothing when it does not.
pub(super) fn when(at: Option<&When>) -> String {
    at.map_or_else(String::new, When::da)
}
