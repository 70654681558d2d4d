//! The only `now()`. Real, scaled (a virtual day in seconds), or moved by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Where the time comes from. Cheap to clone; clones show the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// The database's, of several processes, as it was when it was asked last.
    Shared(Arc<Shared>),
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

/// What another clock showed, and what has passed since.
///
/// Two processes that ask the same clock show the same up to the length of one question and answer, and
/// what their machines' clocks lose in between: none is ahead of it by more than that loss (10 parts in
/// 100,000 of 15 seconds: under 2 ms), or behind by more than that and the answer's way.
#[derive(Debug)]
pub struct Shared {
    anchor: Mutex<(std::time::Instant, i64)>,
    shown: AtomicI64,
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

    /// A clock that shows `at` now, as another one does, and goes on by itself.
    #[must_use]
    pub fn shared(at: Timestamp) -> Self {
        Self::Shared(Arc::new(Shared {
            anchor: Mutex::new((std::time::Instant::now(), at.as_microsecond())),
            shown: AtomicI64::new(at.as_microsecond()),
        }))
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
            Self::Shared(shared) => micros(shared.now()),
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
                tokio::time::sleep(positive(at.duration_since(self.now()))).await;
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

impl Shared {
    /// Another clock showed `at` at some moment of the last `took`, while it was asked. What is shown is
    /// put right only if it cannot be right: a slow answer does not hold the clock up.
    pub fn put_right(&self, at: Timestamp, took: Duration) {
        let earliest = at.as_microsecond();
        let latest = earliest.saturating_add(i64::try_from(took.as_micros()).unwrap_or(i64::MAX));
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let shows = reading(*anchor);
        *anchor = (std::time::Instant::now(), shows.clamp(earliest, latest));
    }

    /// Goes on with the machine's uptime, not with its wall clock, which somebody may set. It never goes
    /// back: where the other clock has, it stands still until that one has come as far.
    fn now(&self) -> i64 {
        let anchor = *self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = reading(anchor);
        self.shown.fetch_max(reading, Ordering::SeqCst).max(reading)
    }
}

fn reading((since, at): (std::time::Instant, i64)) -> i64 {
    at.saturating_add(i64::try_from(since.elapsed().as_micros()).unwrap_or(i64::MAX))
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
    fn a_shared_clock_is_put_right_and_never_goes_back() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let hours = SignedDuration::from_hours;
        let clock = Clock::shared(at);
        let Clock::Shared(shared) = &clock else {
            unreachable!("it is shared")
        };
        assert!(clock.now() >= at && clock.now() < at + hours(1));
        // The answer took long: the clock may be right, and goes on.
        shared.put_right(at - hours(1), Duration::from_hours(2));
        assert!(clock.now() >= at && clock.now() < at + hours(1));
        shared.put_right(at + hours(2), Duration::ZERO);
        let ahead = clock.now();
        assert!(ahead >= at + hours(2) && ahead < at + hours(3));
        // The other clock was set back: this one waits for it.
        shared.put_right(at, Duration::ZERO);
        assert!(clock.now() >= ahead && clock.now() < ahead + hours(1));
        shared.put_right(ahead + hours(1), Duration::ZERO);
        assert!(clock.now() >= ahead + hours(1));
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
