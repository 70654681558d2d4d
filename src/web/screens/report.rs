//! What a change would bring, as it stands on pages: how many of each kind, then like cases together.

use crate::runner::change::When;
use crate::runner::desk::{Verdict, Verdicts};
use crate::web::answer::Page;

/// What is to be said of a group, or of so many.
pub(super) struct Said {
    /// In words.
    pub(super) words: &'static str,
    /// Somebody has to look at it.
    pub(super) is_late: bool,
}

/// Of how many what is to be said.
pub(super) fn counted(page: &Page, counts: &Verdicts) -> Vec<(usize, Said)> {
    let all = counts.said().into_iter();
    all.map(|(verdict, count)| (count, said(page, verdict)))
        .collect()
}

/// What is to be said of a group.
pub(super) fn all(page: &Page, verdicts: &[Verdict]) -> Vec<Said> {
    let all = verdicts.iter();
    all.map(|verdict| said(page, *verdict)).collect()
}

fn said(page: &Page, verdict: Verdict) -> Said {
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
    let is_late = matches!(
        verdict,
        Verdict::Repeats | Verdict::Impossible | Verdict::Blocked | Verdict::CannotEnd
    );
    Said {
        words: page.say(verdict.da(), english),
        is_late,
    }
}

/// When a mail leaves; nothing when it does not.
pub(super) fn when(at: Option<&When>) -> String {
    at.map_or_else(String::new, When::da)
}
