//! What somebody who has logged in may do, as a table.

use std::fmt;
use std::str::FromStr;

/// What somebody is to an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Keeps accounts and workflows; may do everything.
    Admin,
    /// The tovholder: holds all the threads of all holds.
    Coordinator,
    /// Selects candidates and follows them, on all holds.
    EducationConsultant,
    /// Of a jobcentre: its own candidates, and no others.
    JobConsultant,
    /// Has candidates in praktik: those in whose cases they fill a role.
    InternshipHost,
    /// Reads figures, and nobody's name.
    Reader,
}

/// What pages let people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum May {
    /// Read figures, years and holds, without names.
    ReadFigures,
    /// Read about the cases that are theirs.
    ReadCases,
    /// Say what has happened in the cases that are theirs, as far as the workflow lets their role.
    Act,
    /// The same for anybody, in anybody's place.
    ActForOthers,
    /// Write notes on the cases that are theirs, and put files to them.
    AddToCases,
    /// Read notes that others have written for those who hold all the threads.
    ReadConfidential,
    /// Nominate candidates of the own jobcentre to a hold.
    Nominate,
    /// Read mail about the cases that are theirs.
    ReadMail,
    /// Hold mail, let it go, try it again.
    SteerMail,
    /// Make holds, move their dates and the version they follow, let them or a candidate pause, cancel them, take in
    /// candidates.
    RunHolds,
    /// Publish workflows.
    Publish,
    /// Open and close accounts.
    KeepAccounts,
}

impl Role {
    /// All, the one that may do most first.
    pub const ALL: [Self; 6] = [
        Self::Admin,
        Self::Coordinator,
        Self::EducationConsultant,
        Self::JobConsultant,
        Self::InternshipHost,
        Self::Reader,
    ];

    /// As stored, typed, and called in workflows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Coordinator => "coordinator",
            Self::EducationConsultant => "education_consultant",
            Self::JobConsultant => "job_consultant",
            Self::InternshipHost => "internship_host",
            Self::Reader => "reader",
        }
    }

    /// Danish.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Admin => "Administrator",
            Self::Coordinator => "Tovholder",
            Self::EducationConsultant => "Uddannelseskonsulent",
            Self::JobConsultant => "Jobkonsulent",
            Self::InternshipHost => "Praktikvært",
            Self::Reader => "Læser",
        }
    }

    /// Whether somebody with this role may do it.
    ///
    /// ```
    /// use tovholder::access::{May, Role};
    /// assert!(Role::Coordinator.may(May::SteerMail) && !Role::JobConsultant.may(May::SteerMail));
    /// assert!(Role::Reader.may(May::ReadFigures) && !Role::Reader.may(May::ReadCases));
    /// ```
    #[must_use]
    pub fn may(self, what: May) -> bool {
        use Role::{Admin, Coordinator, EducationConsultant, InternshipHost, JobConsultant};
        match what {
            May::ReadFigures => true,
            May::ReadCases | May::Act => self != Self::Reader,
            May::ReadMail | May::AddToCases => !matches!(self, Self::Reader | InternshipHost),
            May::Nominate => self == JobConsultant,
            May::ActForOthers | May::ReadConfidential | May::SteerMail | May::RunHolds => {
                matches!(self, Admin | Coordinator)
            }
            May::Publish | May::KeepAccounts => match self {
                Admin => true,
                Coordinator
                | EducationConsultant
                | JobConsultant
                | InternshipHost
                | Self::Reader => false,
            },
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    /// # Errors
    /// What there is instead.
    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|role| role.as_str()).collect();
            format!("»{word}« er ikke en rolle. Der er {}.", known.join(", "))
        })
    }
}
