//! Why a mail does not leave, or left as it did: a code that the outbox keeps, and the Danish words for it.
//!
//! What a reason is about (a role, a field) stands after the code: `no-address: Jobkonsulent`. A person
//! is never named there, since reasons outlive the erasing of people.

use std::fmt;

use crate::store::GATHERED_DAY;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    // Said by the store.
    Late,
    Restored,
    Asked,
    /// What it follows from was taken back.
    Undone,
    /// The store looks for it: what somebody has seen to waits for nobody.
    Seen,
    Orphaned,
    Superseded,
    Erased,
    GatheredDay,
    // It is not wanted any more.
    MomentPassed,
    LeftState,
    HoldCancelled,
    TakenBack,
    ConditionFails,
    MeetingChanged,
    TaskClosed,
    MeetingBooked,
    NotInVersion,
    NothingToWithdraw,
    NothingNew,
    ToldInOtherRole,
    CandidateNotConcerned,
    JobcentreNotConcerned,
    RoleGiven,
    NothingToSay,
    AllAnonymised,
    NoneWanted,
    Unsubscribed,
    LetGo,
    Dropped,
    // Somebody has to do something first.
    Gone,
    NoOrganisation,
    NobodyInRole,
    NoAddress,
    BadAddress,
    AddressReturns,
    NoTemplate,
    CprNumber,
    Confidential,
    Unreadable,
    HeldByHand,
    EditedBefore,
}

/// Code and words; where the words have `{}`, what it is about stands.
const WORDS: &[(Reason, &str, &str)] = &[
    (
        Reason::Late,
        "late",
        "for sent, efter at udsendelsen har stået stille; nogen skal se på den",
    ),
    (
        Reason::Restored,
        "restored",
        "databasen er lagt tilbage fra en kopi; det vides ikke, om den er sendt",
    ),
    (Reason::Asked, "asked", "nogen har bedt om det"),
    (Reason::Seen, "seen", "nogen har set til den {}"),
    (
        Reason::Orphaned,
        "orphaned",
        "tjenesten stoppede, mens den blev sendt",
    ),
    (
        Reason::Superseded,
        "superseded",
        "en nyere mail om det samme er trådt i stedet",
    ),
    (Reason::Erased, "erased", "personen er slettet"),
    (
        Reason::GatheredDay,
        GATHERED_DAY,
        "modtageren har fået nok mails i dag; den samles med andre, når dagen er ved at være slut",
    ),
    (Reason::MomentPassed, "moment-passed", "øjeblikket er forbi"),
    (Reason::Undone, "undone", "det, den følger af, er fortrudt"),
    (Reason::LeftState, "left-state", "kandidaten er gået videre"),
    (Reason::HoldCancelled, "hold-cancelled", "holdet er aflyst"),
    (
        Reason::TakenBack,
        "taken-back",
        "kandidaten var taget ind ved en fejl og er taget ud igen",
    ),
    (
        Reason::ConditionFails,
        "condition-fails",
        "betingelsen er ikke opfyldt længere",
    ),
    (
        Reason::MeetingChanged,
        "meeting-changed",
        "mødet er flyttet, holdt eller aflyst",
    ),
    (
        Reason::TaskClosed,
        "task-closed",
        "opgaven er løst eller bortfaldet",
    ),
    (Reason::MeetingBooked, "meeting-booked", "mødet er booket"),
    (
        Reason::NotInVersion,
        "not-in-version",
        "den version af forløbet, som holdet nu følger, sender den ikke",
    ),
    (
        Reason::NothingToWithdraw,
        "nothing-to-withdraw",
        "der er ikke sendt noget, som den skulle trække tilbage",
    ),
    (
        Reason::NothingNew,
        "nothing-new",
        "den ville ikke sige noget nyt",
    ),
    (
        Reason::ToldInOtherRole,
        "told-in-other-role",
        "samme person har fået den i en anden rolle",
    ),
    (
        Reason::CandidateNotConcerned,
        "candidate-not-concerned",
        "den angår ikke kandidaten længere",
    ),
    (
        Reason::JobcentreNotConcerned,
        "jobcentre-not-concerned",
        "den angår ingen af stedets kandidater længere",
    ),
    (
        Reason::RoleGiven,
        "role-given",
        "personen har ikke rollen længere",
    ),
    (
        Reason::NothingToSay,
        "nothing-to-say",
        "der er intet at fortælle",
    ),
    (
        Reason::AllAnonymised,
        "all-anonymised",
        "alle, den handler om, er anonymiseret",
    ),
    (
        Reason::NoneWanted,
        "none-wanted",
        "intet af det samlede er aktuelt længere",
    ),
    (
        Reason::Unsubscribed,
        "unsubscribed",
        "modtageren har frameldt sig",
    ),
    (
        Reason::LetGo,
        "let-go",
        "de forsinkede mails er givet fri eller er faldet bort",
    ),
    (
        Reason::Dropped,
        "dropped",
        "nogen har bestemt, at den ikke skal sendes",
    ),
    (Reason::Gone, "gone", "sagen eller holdet findes ikke"),
    (
        Reason::NoOrganisation,
        "no-organisation",
        "kandidaten hører ikke til et jobcenter eller et andet sted; sæt det på kandidaten",
    ),
    (
        Reason::NobodyInRole,
        "nobody-in-role",
        "ingen har rollen {}; sæt en person på",
    ),
    (
        Reason::NoAddress,
        "no-address",
        "{} har ingen mailadresse; skriv den ind",
    ),
    (
        Reason::BadAddress,
        "bad-address",
        "{} har en mailadresse, der ikke kan bruges; ret den",
    ),
    (
        Reason::AddressReturns,
        "address-returns",
        "adressen tager ikke imod mail; ret den, eller lad mailen gå alligevel",
    ),
    (
        Reason::NoTemplate,
        "no-template",
        "skabelonen {} findes ikke",
    ),
    (
        Reason::CprNumber,
        "cpr-number",
        "der står noget i {}, der ligner et CPR-nummer; fjern det, hvor det er skrevet",
    ),
    (
        Reason::Confidential,
        "confidential",
        "teksten rummer den fortrolige oplysning {}; fjern den, hvor den er skrevet",
    ),
    (Reason::Unreadable, "unreadable", "den kan ikke skrives: {}"),
    (
        Reason::HeldByHand,
        "held-by-hand",
        "nogen har bedt om, at den venter",
    ),
    (
        Reason::EditedBefore,
        "edited-before",
        "den er rettet i hånden, og det, den bygger på, har ændret sig siden",
    ),
];

impl Reason {
    fn code(self) -> &'static str {
        let mut known = WORDS.iter();
        known
            .find(|(reason, ..)| *reason == self)
            .map_or("", |(_, code, _)| code)
    }

    /// As the outbox keeps it.
    pub(super) fn stored(self) -> String {
        self.code().to_owned()
    }

    /// As the outbox keeps it, with what it is about.
    pub(super) fn about(self, what: impl fmt::Display) -> String {
        format!("{}: {what}", self.code())
    }
}

/// What the outbox has kept, in Danish. What nobody knows any more is told as it stands.
pub(super) fn reason_words(stored: &str) -> String {
    let (code, about) = stored.split_once(": ").unwrap_or((stored, ""));
    let mut known = WORDS.iter();
    known.find(|(_, known, _)| *known == code).map_or_else(
        || stored.to_owned(),
        |(_, _, words)| words.replace("{}", about),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_one_code_and_its_words() {
        let codes: BTreeSet<&str> = WORDS.iter().map(|(_, code, _)| *code).collect();
        assert_eq!(codes.len(), WORDS.len());
        for (reason, code, words) in WORDS {
            assert_eq!(reason.code(), *code);
            assert_eq!(
                reason_words(&reason.about("Mentor")),
                words.replace("{}", "Mentor")
            );
        }
        // The last of the enumeration: were one missing above, the count would differ.
        assert_eq!(WORDS.len(), Reason::EditedBefore as usize + 1);
    }

    #[test]
    fn what_is_kept_is_told_in_danish() {
        for (stored, told) in [
            (
                "late",
                "for sent, efter at udsendelsen har stået stille; nogen skal se på den",
            ),
            (
                "nobody-in-role: Mentor",
                "ingen har rollen Mentor; sæt en person på",
            ),
            (
                "something: of an older build",
                "something: of an older build",
            ),
        ] {
            assert_eq!(reason_words(stored), told);
        }
    }
}
