//! Danish alphabetical order: æ, ø and å come last, and aa sorts as å (Dansk Sprognævn,
//! Retskrivningsordbogen): Zacho, Ærø, Østergaard, Aaby, Ågren.

/// A key whose order is the Danish order of the text. Case does not matter.
///
/// ```
/// use tovholder::message::danish_key;
/// let mut names = ["Ågren", "Aaby", "Østergaard", "Ærø", "Zacho"];
/// names.sort_by_key(|name| danish_key(name));
/// assert_eq!(names, ["Zacho", "Ærø", "Østergaard", "Aaby", "Ågren"]);
/// ```
#[must_use]
pub fn danish_key(text: &str) -> Vec<u32> {
    let mut key = Vec::with_capacity(text.len());
    let mut letters = text.chars().flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        let place = match letter {
            'a' if letters.peek() == Some(&'a') => {
                letters.next();
                AFTER_Z + 2
            }
            'æ' | 'ä' => AFTER_Z,
            'ø' | 'ö' => AFTER_Z + 1,
            'å' => AFTER_Z + 2,
            'é' | 'è' | 'ê' => 'e' as u32,
            'á' | 'à' => 'a' as u32,
            'ó' | 'ò' => 'o' as u32,
            'ü' => 'y' as u32,
            other => other as u32,
        };
        key.push(place);
    }
    key
}

/// The place right after z, before anything else that is a letter.
const AFTER_Z: u32 = 'z' as u32 + 1;
