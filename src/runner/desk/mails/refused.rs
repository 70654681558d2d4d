//! What a mail server's refusal means, in plain Danish, by its enhanced code (RFC 3463).

/// What it means, then the server's own words; only these when they have no code that is known here.
#[must_use]
pub fn in_danish(answer: &str) -> String {
    match enhanced(answer).and_then(meaning) {
        Some(meaning) => format!("{meaning} Serveren svarede: {answer}"),
        None => answer.to_owned(),
    }
}

/// What a refusal means in a few words, for a list; none when nothing is known.
#[must_use]
pub fn means(answer: &str) -> Option<&'static str> {
    enhanced(answer).and_then(meaning)
}

/// What the code of a report means, to stand within a sentence: `5.1.1` is "adressen findes ikke".
#[must_use]
pub fn of_code(code: &str) -> Option<String> {
    let told = refusal(code).and_then(meaning)?.trim_end_matches('.');
    let mut letters = told.chars();
    let first = letters.next()?;
    Some(first.to_lowercase().chain(letters).collect())
}

/// A code of class 4 or 5, number by number.
fn refusal(code: &str) -> Option<(u8, u16, u16)> {
    let mut numbers = code.split('.');
    let class: u8 = numbers.next()?.parse().ok()?;
    let subject = numbers.next()?.parse().ok()?;
    let detail = numbers.next()?.parse().ok()?;
    (matches!(class, 4 | 5) && numbers.next().is_none()).then_some((class, subject, detail))
}

/// The enhanced code behind the reply code: `550 5.1.1 no such user`, wherever in the words it stands,
/// since they name the step first. Only of a refusal: class 4 or 5.
fn enhanced(answer: &str) -> Option<(u8, u16, u16)> {
    let words: Vec<&str> = answer.split_ascii_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let reply: u16 = pair[0].parse().ok().filter(|_| pair[0].len() == 3)?;
        let code = refusal(pair[1].trim_matches(['(', ')', ':', ',']))?;
        (reply / 100 == u16::from(code.0)).then_some(code)
    })
}

/// In the order of the codes. A code without a line of its own means what its subject means.
fn meaning((class, subject, detail): (u8, u16, u16)) -> Option<&'static str> {
    let never = class == 5;
    Some(match (subject, detail) {
        (1, 0 | 1 | 3) => "Adressen findes ikke.",
        (1, 2 | 10) => "Modtagerens domæne findes ikke eller tager ikke imod mail.",
        (1, 4) => "Adressen er ikke entydig hos modtageren.",
        (1, 6) => "Modtageren er flyttet, og mailen sendes ikke videre.",
        (1, 7 | 8) => "Modtageren godtager ikke vores afsenderadresse.",
        (2, 1) => "Postkassen er lukket.",
        (2, 2) => "Postkassen er fuld.",
        (2, 3) | (3, 4) => "Mailen er for stor.",
        (2, 4) => "Postlisten kan ikke levere mailen.",
        (2, _) => "Der er noget galt med postkassen.",
        (3, 1) => "Modtagerens mailserver har ikke plads.",
        (3, _) => "Modtagerens mailserver er ikke i orden.",
        (4, 1 | 4) => "Modtagerens mailserver kan ikke nås.",
        (4, 6) => "Mailen går i ring.",
        (4, 7) => "Mailen blev ikke leveret i tide.",
        (4, _) => "Der er noget galt på vejen til modtagerens mailserver.",
        (5, 3) => "Mailen har for mange modtagere.",
        (5, _) => "Mailserverne forstod ikke hinanden.",
        (6, _) => "Modtagerens mailserver kan ikke læse mailen.",
        (7, 8 | 9 | 11) => "Vores mailserver godtager ikke brugernavn og adgangskode.",
        (7, 20..=26) => {
            "Mailen er afvist, fordi afsenderen ikke kunne bekræftes (SPF, DKIM eller DMARC)."
        }
        (7, _) if never => "Mailen er afvist af modtagerens regler.",
        (7, _) => "Modtageren tager ikke imod lige nu.",
        (1, _) => "Der er noget galt med adressen.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_told_in_plain_words() {
        let table = [
            (
                "RCPT TO <bo@k.example>: 550 5.1.1 no such user",
                "Adressen findes ikke.",
            ),
            (
                "RCPT TO <bo@k.example>: 550 5.1.10 null MX",
                "domæne findes ikke",
            ),
            ("MAIL FROM: 553 5.1.8 bad sender", "afsenderadresse"),
            (
                "RCPT TO <bo@k.example>: 550 5.2.1 disabled",
                "Postkassen er lukket.",
            ),
            (
                "RCPT TO <bo@k.example>: 552 5.2.2 over quota",
                "Postkassen er fuld.",
            ),
            (
                "RCPT TO <bo@k.example>: 452 4.2.2 over quota",
                "Postkassen er fuld.",
            ),
            ("the message: 552 5.2.3 too big", "Mailen er for stor."),
            (
                "552 5.3.4 the mail has 9 bytes, and the server takes 8 (SIZE)",
                "Mailen er for stor.",
            ),
            ("the message: 452 4.3.1 disk full", "har ikke plads"),
            ("DATA: 451 4.3.0 try later", "ikke i orden"),
            ("the message: 554 5.6.0 bad MIME", "kan ikke læse mailen"),
            (
                "the message: 554 5.7.1 looks like spam",
                "afvist af modtagerens regler",
            ),
            ("MAIL FROM: 550 5.7.26 unauthenticated", "DMARC"),
            ("RCPT TO <bo@k.example>: 451 4.7.1 greylisted", "lige nu"),
            (
                "mail.example:465: the login: 535 5.7.8 wrong password",
                "adgangskode",
            ),
        ];
        for (answer, words) in table {
            let told = in_danish(answer);
            assert!(told.contains(words), "{answer}: {told}");
            assert!(told.ends_with(answer), "the server's own words: {told}");
        }
    }

    #[test]
    fn the_code_of_a_report_is_told_within_a_sentence() {
        for (code, told) in [
            ("5.1.1", Some("adressen findes ikke")),
            ("4.2.2", Some("postkassen er fuld")),
            ("5.7.1", Some("mailen er afvist af modtagerens regler")),
            ("5.9.9", None),
            ("2.1.5", None),
            ("5.1", None),
            ("", None),
        ] {
            assert_eq!(of_code(code).as_deref(), told, "{code}");
        }
    }

    #[test]
    fn what_is_no_refusal_or_has_no_code_stands_as_it_is() {
        for answer in [
            "250 2.0.0 queued as T1",
            "RCPT TO <bo@k.example>: 550 no such user",
            "RCPT TO <bo@k.example>: 550 1.1.1 odd",
            "the message: 550 5.1 odd",
            "RCPT TO <5.1.1@k.example>: no answer within 60 s",
            "the message: 554 5.9.9 a subject that there is none of",
            "connecting: 10.5.1.1 refused",
        ] {
            assert_eq!((in_danish(answer).as_str(), means(answer)), (answer, None));
        }
    }
}
