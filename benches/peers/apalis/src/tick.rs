//! Looks for due jobs at an interval, as `poll_with_interval` is to.
//!
//! The interval strategy of apalis-core 1.0.0 asks nobody to wake it when a look has taken longer than
//! the interval: on a busy machine it then sleeps until the next heartbeat, half a minute later. This is
//! the same strategy through the trait that the crate documents for own ones, without that pause.

use std::task::{Context, Poll};
use std::time::Duration;

use apalis::prelude::{PollSnapshot, PollStrategy};
use tokio::time::{Interval, MissedTickBehavior, interval};

pub struct Tick(Interval);

impl Tick {
    pub fn every(period: Duration) -> Self {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(ticks)
    }
}

impl PollStrategy for Tick {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut ticked = false;
        // Until it says that it will wake.
        while self.0.poll_tick(cx).is_ready() {
            ticked = true;
        }
        if ticked {
            Poll::Ready(Some(()))
        } else {
            Poll::Pending
        }
    }
}
