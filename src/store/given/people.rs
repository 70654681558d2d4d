//! People and organisations, as they are given.

use serde::Serialize;

/// A person to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPerson {
    /// In full.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
    /// Row id.
    pub organisation_id: Option<i64>,
}

/// An organisation, known by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewOrganisation {
    /// Unique.
    pub name: String,
    /// Empty leaves what is known.
    pub kind: String,
    /// `None` leaves what is known.
    pub email: Option<String>,
}

/// One line of a file of staff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonImport {
    /// In full.
    pub name: String,
    /// Mail address: who it is. Without one the person is always new.
    pub email: Option<String>,
    /// `None` leaves what is known.
    pub phone: Option<String>,
    /// `None` leaves what is known.
    pub born: Option<String>,
    /// `None` leaves what is known.
    pub organisation: Option<NewOrganisation>,
    /// `(workflow, role)`, added to those the person has; workflow `""` is every workflow.
    pub roles: Vec<(String, String)>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCount {
    /// People not known before.
    pub created: usize,
    /// People known before, now different.
    pub updated: usize,
    /// People known before, as they were.
    pub unchanged: usize,
}

/// Whose a new case is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonRef {
    /// Known.
    Id(i64),
    /// Created with it.
    New(NewPerson),
}
