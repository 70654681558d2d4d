//! Whose cases somebody may read. Every read of cases for people takes one and asks the database for no other
//! rows, so that what is not theirs is not there: it cannot be shown, counted or found by its id.

use super::sql::Statement;

/// Whose cases may be read. Holds, workflows and their own dates are open to everybody who has logged in; what is
/// said to people about them is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sees {
    /// All of them: who runs the courses, and the commands.
    #[default]
    All,
    /// Those that belong to an organisation: a jobcentre's own.
    Organisation(i64),
    /// Those in which a person fills a role.
    Seats(i64),
    /// None: who reads figures.
    Nobody,
}

impl Sees {
    /// The two parameters that [`seen_case`](super::seen_case) asks for.
    pub(super) fn bind_to(self, statement: Statement) -> Statement {
        let (what, id) = match self {
            Self::All => ("all", 0),
            Self::Organisation(id) => ("organisation", id),
            Self::Seats(id) => ("seats", id),
            Self::Nobody => ("nobody", 0),
        };
        statement.bind(what).bind(id)
    }
}

/// The condition that a row of `subject_keys` or `subjects` is seen, by the numbers of two parameters.
macro_rules! seen_case {
    ($row:literal, $what:literal, $id:literal) => {
        concat!(
            "(CAST($",
            $what,
            " AS TEXT) = 'all' \
             OR (CAST($",
            $what,
            " AS TEXT) = 'organisation' AND ",
            $row,
            ".organisation_id = $",
            $id,
            ") \
             OR (CAST($",
            $what,
            " AS TEXT) = 'seats' AND EXISTS (SELECT 1 FROM seats AS seat \
                 WHERE seat.person_id = $",
            $id,
            " AND seat.case_id = ",
            $row,
            ".id)))"
        )
    };
}
pub(super) use seen_case;
