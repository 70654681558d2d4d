//! The organisation's picture at the top of every mail, sent with it: nothing is fetched from the net.

use serde_json::{Value as Json, json};

/// A logo in octets: it travels with every mail, and is kept with every mail that was sent.
const OCTETS_MAX: usize = 50_000;
/// How large it is shown, in points of a screen.
const SHOWN_WIDTH_MAX: u32 = 240;
const SHOWN_HEIGHT_MAX: u32 = 56;

/// A picture that every mail program shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    bytes: Vec<u8>,
    kind: Format,
    width: u32,
    height: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    Gif,
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLogo {
    /// Another kind of file, such as SVG, which no mail program shows.
    #[error("det er ikke et billede i PNG, JPEG eller GIF")]
    Format,
    /// Too much to send with every mail.
    #[error(
        "billedet fylder {} kB, og {} kB er det meste: det sendes med hver mail. Gør det mindre", .0.div_ceil(1000), OCTETS_MAX / 1000
    )]
    Large(usize),
}

impl Logo {
    /// Reads a picture.
    ///
    /// ```
    /// use tovholder::message::{BadLogo, Logo};
    /// let gif = b"GIF89a\x78\x00\x28\x00\x80\x00\x00";
    /// assert!(Logo::read(gif.to_vec()).is_ok());
    /// assert_eq!(Logo::read(b"<svg/>".to_vec()).unwrap_err(), BadLogo::Format);
    /// ```
    pub fn read(bytes: Vec<u8>) -> Result<Self, BadLogo> {
        if bytes.len() > OCTETS_MAX {
            return Err(BadLogo::Large(bytes.len()));
        }
        let (kind, (width, height)) = size(&bytes)
            .filter(|(_, (width, height))| *width > 0 && *height > 0)
            .ok_or(BadLogo::Format)?;
        Ok(Self {
            bytes,
            kind,
            width,
            height,
        })
    }

    /// The picture itself.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its media type.
    pub(super) fn media_type(&self) -> &'static str {
        match self.kind {
            Format::Png => "image/png",
            Format::Jpeg => "image/jpeg",
            Format::Gif => "image/gif",
        }
    }

    /// Its `Content-ID` without the angle brackets, by which the HTML names it.
    pub(super) fn id(host: &str) -> String {
        format!("logo@{host}")
    }

    /// What the layout needs of it: where it is, and how large it is shown.
    #[must_use]
    pub fn data(&self, host: &str) -> Json {
        let (width, height) = self.shown();
        json!({"src": format!("cid:{}", Self::id(host)), "width": width, "height": height})
    }

    /// Whole, never larger than it is, and within the space at the top of a mail.
    fn shown(&self) -> (u32, u32) {
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let (most_wide, most_high) = (u64::from(SHOWN_WIDTH_MAX), u64::from(SHOWN_HEIGHT_MAX));
        let by_height = (width * most_high / height, most_high);
        let by_width = (most_wide, height * most_wide / width);
        let (w, h) = if width <= most_wide && height <= most_high {
            (width, height)
        } else if by_height.0 <= most_wide {
            by_height
        } else {
            by_width
        };
        let small = |n: u64| u32::try_from(n.max(1)).unwrap_or(SHOWN_WIDTH_MAX);
        (small(w), small(h))
    }
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({:?}, {}x{})", self.kind, self.width, self.height)
    }
}

/// Format, width and height, as the first bytes of the file say.
fn size(bytes: &[u8]) -> Option<(Format, (u32, u32))> {
    let long = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let little = |at: usize| {
        let two = bytes.get(at..at + 2)?;
        Some(u32::from(u16::from_le_bytes(two.try_into().ok()?)))
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((Format::Png, (long(16)?, long(20)?)));
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Some((Format::Gif, (little(6)?, little(8)?)));
    }
    bytes
        .starts_with(b"\xff\xd8\xff")
        .then(|| jpeg_size(bytes))
        .flatten()
        .map(|size| (Format::Jpeg, size))
}

/// A JPEG is a row of segments; one that begins a frame says how large it is.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| {
        let two = bytes.get(at..at + 2)?;
        Some(u32::from(u16::from_be_bytes(two.try_into().ok()?)))
    };
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        let begins_frame = (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker);
        if begins_frame {
            return Some((short(at + 7)?, short(at + 5)?));
        }
        // A padding byte stands alone; any other segment says its length.
        at += match marker {
            0xff => 1,
            _ => 2 + usize::try_from(short(at + 2)?).ok()?.max(2),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn it_is_shown_whole_and_never_larger_than_it_is() {
        for (is, shown) in [
            ((120, 40), (120, 40)),
            ((480, 112), (240, 56)),
            ((1000, 100), (240, 24)),
            ((200, 400), (28, 56)),
            ((9000, 1), (240, 1)),
        ] {
            let logo = Logo::read(png(is.0, is.1)).expect("a picture");
            assert_eq!(logo.shown(), shown, "{is:?}");
        }
    }

    #[test]
    fn the_size_of_a_jpeg_stands_behind_other_segments() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08\0\x28\0\x78\x03";
        let logo = Logo::read(jpeg.to_vec()).expect("a picture");
        assert_eq!(
            (logo.width, logo.height, logo.media_type()),
            (120, 40, "image/jpeg")
        );
    }

    #[test]
    fn what_is_no_picture_or_too_much_is_refused() {
        for bytes in [
            &b""[..],
            b"<svg/>",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0\0",
            b"GIF89a\0\0\0\0",
        ] {
            assert_eq!(Logo::read(bytes.to_vec()).unwrap_err(), BadLogo::Format);
        }
        let mut large = png(1, 1);
        large.resize(OCTETS_MAX + 1, 0);
        assert_eq!(
            Logo::read(large).unwrap_err(),
            BadLogo::Large(OCTETS_MAX + 1)
        );
    }
}
