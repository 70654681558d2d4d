//! What stands in one cell or option: dates, moments, addresses, and what must never be there.

use jiff::civil::{Date, DateTime};

use super::Wrong;
use super::sheet::is_error;
use crate::message::{Mailbox, cpr};

/// A telephone number is no longer than this.
const PHONE_CHARS_MAX: usize = 40;

/// Reads a date as people write it: `2026-02-02`, `02-02-2026`, `2.2.2026`, `2/2/2026`.
///
/// ```
/// use tovholder::runner::desk::read_date;
/// assert_eq!(read_date("2.2.2026"), Ok(jiff::civil::date(2026, 2, 2)));
/// assert!(read_date("2.2.26").is_err());
/// ```
pub fn read_date(text: &str) -> Result<Date, Wrong> {
    let wrong = || Wrong::new(format!("»{text}« er ikke en dato."));
    let parts: Vec<&str> = text.trim().split(['-', '.', '/']).collect();
    let &[first, month, last] = parts.as_slice() else {
        return Err(wrong().help("Skriv den som 2026-02-28 eller 28-02-2026."));
    };
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(year) && digits(month) && digits(day)) {
        return Err(wrong().help("Skriv den som 2026-02-28 eller 28-02-2026."));
    }
    if year.len() != 4 {
        return Err(wrong().help("Skriv årstallet med fire cifre."));
    }
    let date = year
        .parse()
        .ok()
        .zip(month.parse().ok())
        .zip(day.parse().ok());
    date.and_then(|((year, month), day)| Date::new(year, month, day).ok())
        .ok_or_else(|| wrong().help("Den dag findes ikke."))
}

/// Reads a local moment: `2026-03-12T13:00`, `2026-03-12 13.00`, `12-03-2026 13:00`.
pub fn read_moment(text: &str) -> Result<DateTime, Wrong> {
    let wrong = || {
        Wrong::new(format!("»{text}« er ikke en dag med klokkeslæt."))
            .help("Skriv den som 2026-03-12T13:00.")
    };
    let (day, time) = text.trim().split_once(['T', ' ']).ok_or_else(wrong)?;
    let (hour, minute) = time
        .trim()
        .trim_start_matches("kl.")
        .trim()
        .split_once([':', '.'])
        .ok_or_else(wrong)?;
    let number = |part: &str| {
        (part.len() <= 2 && !part.is_empty())
            .then(|| part.parse::<i8>().ok())
            .flatten()
    };
    let time = number(hour)
        .zip(number(minute))
        .and_then(|(hour, minute)| jiff::civil::Time::new(hour, minute, 0, 0).ok());
    Ok(read_date(day)?.to_datetime(time.ok_or_else(wrong)?))
}

/// The day of birth of somebody who can be a candidate today.
pub(super) fn read_born(text: &str, today: Date) -> Result<Date, Wrong> {
    let born = read_date(text)?;
    if born >= today || born.year() < 1900 {
        let wrong = Wrong::new(format!("»{text}« kan ikke være en fødselsdato."));
        return Err(wrong.help("Skriv den med årstallet i fire cifre, fx 1987-04-12."));
    }
    Ok(born)
}

/// A mail address, and a name that can stand in a mail's header.
pub(super) fn read_mailbox(name: &str, email: &str) -> Result<Mailbox, Wrong> {
    Mailbox::parse("", email).map_err(|_| {
        Wrong::new(format!("»{email}« er ikke en e-mailadresse."))
            .column("email")
            .help("Den ser ud som navn@sted.dk.")
    })?;
    Mailbox::parse(name, email).map_err(|_| {
        let wrong = Wrong::new(
            "Navnet er for langt eller rummer et linjeskift eller et tegn, der ikke kan vises.",
        );
        wrong
            .column("navn")
            .help("Et navn er højst 200 tegn på én linje.")
    })
}

/// A telephone number is taken as it stands, as long as it can be shown.
pub(super) fn read_phone(text: &str) -> Result<Option<String>, Wrong> {
    if text.chars().any(char::is_control) || text.chars().count() > PHONE_CHARS_MAX {
        return Err(
            Wrong::new("Det er ikke et telefonnummer.").help("Skriv højst 40 tegn på én linje.")
        );
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Refuses what looks like a CPR number: it has no place in this system, in no cell and no text.
pub(super) fn refuse_cpr(text: &str) -> Result<(), Wrong> {
    if cpr(text).is_some() {
        let wrong = Wrong::new("Her står noget, der ligner et CPR-nummer.");
        return Err(wrong.help("Slet det: systemet må ikke rumme CPR-numre."));
    }
    Ok(())
}

/// Refuses what may stand in no cell of a list: what looks like a CPR number, and the error of a formula.
pub(super) fn refuse_unfit(cell: &str) -> Result<(), Wrong> {
    if is_error(cell) {
        let wrong = Wrong::new(format!("Cellen viser en fejl: {cell}."));
        return Err(wrong.help("Ret formlen i Excel, eller skriv det, der skal stå."));
    }
    refuse_cpr(cell)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_as_danes_write_them() {
        for text in ["1987-04-12", "12-04-1987", "12.4.1987", " 12/04/1987 "] {
            assert_eq!(read_date(text), Ok(date(1987, 4, 12)), "{text}");
        }
        for (text, help) in [
            ("12-04-87", "fire cifre"),
            ("31-02-1987", "findes ikke"),
            ("april", "2026-02-28"),
            ("12-april-1987", "2026-02-28"),
            ("", "2026-02-28"),
        ] {
            let wrong = read_date(text).expect_err(text);
            assert!(
                wrong.help.as_deref().unwrap_or_default().contains(help),
                "{text}: {wrong:?}"
            );
        }
    }

    #[test]
    fn moments_are_read_with_their_clock_time() {
        for text in [
            "2026-03-12T13:00",
            "2026-03-12 13.00",
            "12-03-2026 kl. 13.00",
        ] {
            assert_eq!(
                read_moment(text),
                Ok(date(2026, 3, 12).at(13, 0, 0, 0)),
                "{text}"
            );
        }
        for text in ["2026-03-12", "2026-03-12T25:00", "2026-03-12T13", "13:00"] {
            assert!(read_moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_those_already_born_can_be_candidates() {
        let today = date(2026, 1, 5);
        assert!(read_born("2003-10-11", today).is_ok());
        assert!(read_born("2026-10-11", today).is_err());
        assert!(read_born("1887-10-11", today).is_err());
    }
}
