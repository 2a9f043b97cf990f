//! Dwell: how long a page had somebody's attention.
//!
//! Time counts while the page is visible and the last input is at most [`INPUT_MS`]
//! ago. It is taken in increments, so that sums are right even when a tab dies.
//! Times come from a clock that never goes back.

/// After this long without input, nobody is taken to be there.
pub const INPUT_MS: u64 = 30_000;

/// The attention that one page gets.
#[derive(Debug)]
pub struct Dwell {
    visible: bool,
    /// Up to when time has been counted, or judged not to count.
    settled_at_ms: u64,
    last_input_ms: u64,
    active_ms: u64,
    scroll_percent: u8,
}

impl Dwell {
    /// A page that comes up at `now_ms`. Coming up counts as input.
    pub const fn new(now_ms: u64, visible: bool) -> Self {
        Self {
            visible,
            settled_at_ms: now_ms,
            last_input_ms: now_ms,
            active_ms: 0,
            scroll_percent: 0,
        }
    }

    /// Another page comes up in its place, and takes over what was not taken.
    pub fn restart(&mut self, now_ms: u64) {
        self.settle(now_ms);
        self.scroll_percent = 0;
    }

    /// Whether the page is in view.
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// The visitor did something at `now_ms`, and has seen so much of the page's height.
    pub fn input(&mut self, now_ms: u64, scroll_percent: u8) {
        self.settle(now_ms);
        // It may be told later than it was.
        self.last_input_ms = self.last_input_ms.max(now_ms);
        self.saw(scroll_percent);
    }

    /// So much of the page's height was seen.
    pub fn saw(&mut self, scroll_percent: u8) {
        self.scroll_percent = self.scroll_percent.max(scroll_percent.min(100));
    }

    /// The page was shown or hidden at `now_ms`. Being shown counts as input.
    pub fn set_visible(&mut self, now_ms: u64, visible: bool) {
        self.settle(now_ms);
        self.visible = visible;
        if visible {
            self.last_input_ms = self.settled_at_ms;
        }
    }

    /// Active milliseconds that were not taken yet, as of `now_ms`.
    pub fn pending_ms(&mut self, now_ms: u64) -> u64 {
        self.settle(now_ms);
        self.active_ms
    }

    /// Whether nobody is taken to be there any more, until the next input.
    pub fn is_over(&self, now_ms: u64) -> bool {
        !self.visible || now_ms.saturating_sub(self.last_input_ms) >= INPUT_MS
    }

    /// Takes the active milliseconds since the last taking.
    pub fn take(&mut self, now_ms: u64) -> u64 {
        self.settle(now_ms);
        core::mem::take(&mut self.active_ms)
    }

    /// The greatest share of the page's height that was seen so far.
    pub fn scroll_percent(&self) -> u8 {
        self.scroll_percent
    }

    fn settle(&mut self, now_ms: u64) {
        let now_ms = now_ms.max(self.settled_at_ms);
        if self.visible {
            let until = now_ms.min(self.last_input_ms.saturating_add(INPUT_MS));
            self.active_ms += until.saturating_sub(self.settled_at_ms);
        }
        self.settled_at_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_while_visible_and_used() {
        let mut dwell = Dwell::new(0, true);
        assert_eq!(dwell.take(10_000), 10_000);
        dwell.input(25_000, 0);
        dwell.set_visible(40_000, false);
        dwell.set_visible(100_000, true);
        assert_eq!(dwell.take(101_000), 30_000 + 1_000);
    }

    #[test]
    fn nobody_is_there_after_half_a_minute() {
        let mut dwell = Dwell::new(0, true);
        assert!(!dwell.is_over(INPUT_MS - 1));
        assert!(dwell.is_over(INPUT_MS));
        assert_eq!(dwell.take(INPUT_MS + 5_000), 30_000);
        dwell.input(60_000, 0);
        assert_eq!(dwell.take(61_000), 1_000);
    }

    #[test]
    fn a_hidden_page_has_none() {
        let mut dwell = Dwell::new(0, false);
        dwell.input(5_000, 0);
        assert_eq!(dwell.take(9_000), 0);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Input,
        Visible(bool),
        Take,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Input),
            any::<bool>().prop_map(Step::Visible),
            Just(Step::Take),
        ]
    }

    proptest! {
        #[test]
        fn increments_sum_up_and_never_exceed_the_wall(
            steps in prop::collection::vec((-5_000..40_000_i64, step()), 1..60),
        ) {
            // The same history, once with takings in between and once without.
            let (mut now, mut last, mut taken) = (0_u64, 0_u64, 0_u64);
            let (mut piecewise, mut whole) = (Dwell::new(0, true), Dwell::new(0, true));
            for (jump, step) in steps {
                now = now.saturating_add_signed(jump);
                last = last.max(now);
                match step {
                    Step::Input => [&mut piecewise, &mut whole].map(|d| d.input(now, 0)),
                    Step::Visible(v) => [&mut piecewise, &mut whole].map(|d| d.set_visible(now, v)),
                    Step::Take => {
                        taken += piecewise.take(now);
                        prop_assert_eq!(taken, whole.pending_ms(now));
                        prop_assert!(taken <= last);
                        continue;
                    }
                };
            }
            taken += piecewise.take(last);
            prop_assert!(taken <= last);
            prop_assert_eq!(taken, whole.take(last));
        }
    }
}
