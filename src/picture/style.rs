//! The colours of pictures, light and dark, and the style sheet that carries them.

use std::fmt::Write as _;

/// A colour by its name in the style sheet: light, dark.
type Colour = (&'static str, &'static str, &'static str);

/// All colours. Which of them meet as text on a ground, or as a line on one, the tests know.
const COLOURS: [Colour; 19] = [
    ("ground", "#ffffff", "#12181f"),
    ("ink", "#16212b", "#e8edf2"),
    ("muted", "#4d5b68", "#a9b6c2"),
    ("line", "#4b5a67", "#9fb0bf"),
    ("grid", "#e3e8ec", "#28333d"),
    ("closed", "#cfd6dc", "#3d4a56"),
    ("weekend", "#f0f3f5", "#1a222b"),
    ("compound", "#f3f6f9", "#1a232c"),
    ("state", "#ffffff", "#24303b"),
    ("phase", "#1d5fa8", "#74b3f0"),
    ("meeting", "#8a4b00", "#f0b45c"),
    ("mail", "#5a3fa0", "#bba6f2"),
    ("on", "#ffffff", "#12181f"),
    ("success", "#17663a", "#7fd6a2"),
    ("success-fill", "#e4f4ea", "#16301f"),
    ("neutral", "#41525f", "#b3c1cd"),
    ("neutral-fill", "#edf1f4", "#222d37"),
    ("dropout", "#a1241b", "#f5a096"),
    ("dropout-fill", "#fdeceb", "#3a1d1b"),
];

/// What the colours are put on.
const RULES: &str = "\
text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif;fill:var(--ink)}
.title{font-size:20px;font-weight:700}
.heading{font-size:15px;font-weight:700}
.name{font-size:14px;font-weight:700}
.small{font-size:12px}
.muted{fill:var(--muted)}
.on{fill:var(--on)}
.halo{paint-order:stroke;stroke:var(--ground);stroke-width:5px;stroke-linejoin:round}
.ground{fill:var(--ground)}
.atomic{fill:var(--state);stroke:var(--line);stroke-width:1.5}
.compound{fill:var(--compound);stroke:var(--line)}
.success{fill:var(--success-fill);stroke:var(--success);stroke-width:2.5}
.neutral{fill:var(--neutral-fill);stroke:var(--neutral);stroke-width:1.5}
.dropout{fill:var(--dropout-fill);stroke:var(--dropout);stroke-width:1.5;stroke-dasharray:7 3}
.next{fill:var(--ground);stroke:var(--mail);stroke-width:1.5;stroke-dasharray:2 3}
.wire,.sign{fill:none;stroke:var(--line);stroke-width:1.5}
.wire.success,.sign.success{fill:none;stroke:var(--success);stroke-width:1.5}
.wire.neutral,.sign.neutral{fill:none;stroke:var(--neutral)}
.wire.dropout,.sign.dropout{fill:none;stroke:var(--dropout)}
.wire.next,.sign.next{fill:none;stroke:var(--mail)}
.sign{stroke-width:2;stroke-dasharray:none}
.tip{fill:var(--line)}
.tip.success{fill:var(--success);stroke:none}
.tip.neutral{fill:var(--neutral);stroke:none}
.tip.dropout{fill:var(--dropout);stroke:none}
.tip.next{fill:var(--mail);stroke:none}
.grid{fill:none;stroke:var(--grid)}
.flag{fill:none;stroke:var(--ink)}
.closed{fill:var(--closed)}
.weekend{fill:var(--weekend)}
.phase{fill:var(--phase)}
.open{fill:none;stroke:var(--phase);stroke-width:1.5;stroke-dasharray:4 3}
.meeting{fill:var(--meeting)}
.window{fill:none;stroke:var(--meeting);stroke-width:1.5}
.mail{fill:var(--mail)}
.break{fill:none;stroke:var(--line);stroke-dasharray:1 4}
";

/// What only the phases of a hold have: where it is now is filled.
pub(super) const PHASES: &str = "\
.bar{fill:var(--state);stroke:var(--phase);stroke-width:1.5}
.bar.now{fill:var(--phase)}
.today{fill:none;stroke:var(--ink);stroke-width:2}
";

/// What only a wheel has.
pub(super) const WHEEL: &str = "\
.later{fill:var(--state);stroke:var(--phase);stroke-width:1.5}
.draft{fill:var(--ground);stroke:var(--phase);stroke-width:1.5;stroke-dasharray:4 3}
.clash{fill:var(--dropout-fill);stroke:var(--dropout);stroke-width:2}
.today{stroke-width:2}
.now{fill:var(--ink)}
";

/// The whole style sheet. Dark is the reader's choice, by `prefers-color-scheme`.
pub(super) fn sheet() -> String {
    let vars = |pick: fn(&Colour) -> &'static str| {
        COLOURS.iter().fold(String::new(), |mut out, colour| {
            let _ = write!(out, "--{}:{};", colour.0, pick(colour));
            out
        })
    };
    let (light, dark) = (vars(|colour| colour.1), vars(|colour| colour.2));
    format!(
        "svg{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{svg{{{dark}}}}}\n{RULES}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of WCAG 2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect("hex");
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn contrast_is_enough_in_light_and_dark() {
        let text = 4.5;
        let shape = 3.0;
        let table = [
            (
                "ink",
                &["ground", "state", "compound", "weekend", "closed"][..],
                text,
            ),
            (
                "ink",
                &["success-fill", "neutral-fill", "dropout-fill"],
                text,
            ),
            ("muted", &["ground", "state", "compound"], text),
            (
                "muted",
                &["success-fill", "neutral-fill", "dropout-fill"],
                text,
            ),
            ("on", &["mail", "meeting", "phase"], text),
            ("line", &["ground", "state", "compound"], shape),
            ("success", &["ground", "compound", "success-fill"], shape),
            ("neutral", &["ground", "compound", "neutral-fill"], shape),
            ("dropout", &["ground", "compound", "dropout-fill"], shape),
            ("mail", &["ground", "compound", "closed", "weekend"], shape),
            ("phase", &["ground", "closed", "weekend", "state"], shape),
            ("meeting", &["ground", "closed", "weekend"], shape),
        ];
        let find = |name: &str| COLOURS.iter().find(|colour| colour.0 == name).expect(name);
        for (front, backs, least) in table {
            for back in backs {
                for pick in [|colour: &Colour| colour.1, |colour: &Colour| colour.2] {
                    let (a, b) = (luminance(pick(find(front))), luminance(pick(find(back))));
                    let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(ratio >= least, "{front} on {back}: {ratio:.2}");
                }
            }
        }
    }
}
