//! Chance that a seed decides: `SplitMix64`, which is a few lines and the same everywhere.

/// Numbers by a seed.
#[derive(Clone, Debug)]
pub(in crate::runner) struct Dice(u64);

impl Dice {
    pub(in crate::runner) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::runner) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below a number; 0 of none.
    pub(in crate::runner) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or_default()
    }

    /// The same as a number of minutes, days and the like.
    pub(in crate::runner) fn upto(&mut self, count: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(count).unwrap_or_default())).unwrap_or_default()
    }

    /// Once in so many times.
    pub(in crate::runner) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(in crate::runner) fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}
