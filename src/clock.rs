//! The only `now()`. Real, scaled (a virtual day in seconds), or moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Where the time comes from. Cheap to clone; clones show the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// The machine's, put right by what the database's clock was ahead of it when it was asked: the
    /// clock of several processes on one database.
    Shared(SignedDuration),
    /// Runs from an instant at a rate; the same for every process that knows the anchor.
    Scaled(Scale),
    /// Stands still until it is moved.
    Manual(Arc<Hand>),
}

/// A clock's anchor and rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The real instant at which the virtual one was shown.
    pub real: Timestamp,
    /// The virtual instant.
    pub virtual_at: Timestamp,
    /// Virtual seconds per real second; above 0.
    pub rate: f64,
}

/// The hand of a manual clock.
#[derive(Debug)]
pub struct Hand {
    micros: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// A manual clock at an instant.
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(Hand {
            micros: AtomicI64::new(at.as_microsecond()),
            moved: Notify::new(),
        }))
    }

    /// A clock that shows `at` now, as another one does, and goes on with the machine's.
    #[must_use]
    pub fn shared(at: Timestamp) -> Self {
        Self::Shared(at.duration_since(Timestamp::now()))
    }

    /// A clock that shows `virtual_at` now and runs at `rate` virtual seconds a second.
    #[must_use]
    pub fn scaled_from_now(virtual_at: Timestamp, rate: f64) -> Self {
        Self::Scaled(Scale {
            real: Timestamp::now(),
            virtual_at,
            rate,
        })
    }

    /// The time, UTC, in whole microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => micros(Timestamp::now().as_microsecond()),
            Self::Shared(ahead) => micros((Timestamp::now() + *ahead).as_microsecond()),
            Self::Scaled(scale) => scale.at(Timestamp::now()),
            Self::Manual(hand) => micros(hand.micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward; it never goes back, and the others cannot be moved.
    pub fn move_to(&self, at: Timestamp) {
        if let Self::Manual(hand) = self {
            hand.micros.fetch_max(at.as_microsecond(), Ordering::SeqCst);
            hand.moved.notify_waiters();
        }
    }

    /// Waits until the clock shows an instant.
    pub async fn sleep_until(&self, at: Timestamp) {
        match self {
            Self::Real | Self::Shared(_) => {
                tokio::time::sleep(positive(at.duration_since(self.now()))).await
            }
            Self::Scaled(scale) => {
                let left = positive(at.duration_since(self.now()));
                tokio::time::sleep(left.div_f64(scale.rate)).await;
            }
            Self::Manual(hand) => {
                while self.now() < at {
                    let moved = hand.moved.notified();
                    if self.now() < at {
                        moved.await;
                    }
                }
            }
        }
    }
}

impl Scale {
    fn at(&self, real: Timestamp) -> Timestamp {
        let elapsed = real.duration_since(self.real).as_secs_f64() * self.rate;
        let virtual_at = SignedDuration::try_from_secs_f64(elapsed).unwrap_or(SignedDuration::ZERO);
        micros((self.virtual_at + virtual_at).as_microsecond())
    }
}

fn micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

fn positive(duration: SignedDuration) -> Duration {
    Duration::try_from(duration).unwrap_or(Duration::ZERO)
}

/// Real time elapsed, for measurements only: nothing is decided by it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_clock_runs_at_its_rate_from_its_anchor() {
        let real: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let virtual_at: Timestamp = "2026-02-02T07:00:00Z".parse().expect("a timestamp");
        let scale = Scale {
            real,
            virtual_at,
            rate: 86_400.0,
        };
        assert_eq!(scale.at(real), virtual_at);
        assert_eq!(
            scale.at(real + SignedDuration::from_secs(2)),
            virtual_at + SignedDuration::from_hours(48)
        );
    }

    #[test]
    fn a_manual_clock_never_goes_back() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let clock = Clock::manual(at);
        clock.move_to(at + SignedDuration::from_secs(5));
        clock.move_to(at);
        assert_eq!(clock.now(), at + SignedDuration::from_secs(5));
    }
}
