//! Who somebody is, and what they may do: roles, passwords, second factors, secrets. Decides; stores nothing.

mod password;
mod role;
mod scope;
mod second;
mod secret;

pub use self::password::{BadPassword, PASSWORD_CHARS_MIN, Password, check_password};
pub use self::role::{May, Role};
pub use self::scope::Scope;
pub use self::second::{Second, step_at};
pub use self::secret::{Secret, hash_of};

/// Wrong passwords in a row that cost nothing but another try.
const MISSES_FREE: i64 = 4;
/// What the first one after them costs, in seconds; each one more costs twice as much.
const WAIT_SECONDS_MIN: i64 = 30;
/// What one costs at most: long enough that guessing is hopeless, short enough that nobody has to be let in by hand.
const WAIT_SECONDS_MAX: i64 = 3_600;

/// How long nobody gets in after so many wrong passwords in a row, in seconds.
///
/// ```
/// use tovholder::access::wait_after;
/// assert_eq!([1, 4, 5, 6, 11, 12, 400].map(wait_after), [0, 0, 30, 60, 1920, 3600, 3600]);
/// ```
#[must_use]
pub fn wait_after(misses: i64) -> i64 {
    let over = misses - MISSES_FREE;
    if over <= 0 {
        return 0;
    }
    let doubled = u32::try_from(over - 1).unwrap_or(u32::MAX).min(16);
    (WAIT_SECONDS_MIN << doubled).min(WAIT_SECONDS_MAX)
}
