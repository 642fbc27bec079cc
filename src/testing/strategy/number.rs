//! Numbers of a range: its ends come often, and a failure shrinks to its border.
//!
//! proptest's own floats shrink to the simplest value or not at all; its integers draw an end as rarely as any other number.

use std::ops::RangeInclusive;

use proptest::collection::SizeRange;
use proptest::num::u64::BinarySearch;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Of this many draws one is each of the ends.
const EDGES: u32 = 8;

/// Decimal places that shrinking goes to, from the first one of the range on.
const PLACES: i32 = 6;

/// Whole numbers from `low` to `high`, both included; shrinks to `low`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    low: u64,
    high: u64,
}

impl Whole {
    pub(super) const ALL: Self = Self { low: 0, high: u64::MAX };
}

/// Sizes of this range.
pub(super) fn whole(range: &SizeRange) -> impl Strategy<Value = usize> + Clone + use<> {
    let (low, high) = range.start_end_incl();
    Whole { low: low as u64, high: high as u64 }.prop_map(|number| number as usize)
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WholeTree {
    low: u64,
    above: BinarySearch,
}

impl Strategy for Whole {
    type Tree = WholeTree;
    type Value = u64;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let Self { low, high } = *self;
        let (draw, number) = (0..EDGES, low..=high).new_tree(runner)?.current();
        let number = [low, high].get(draw as usize).copied().unwrap_or(number);
        Ok(WholeTree { low, above: BinarySearch::new(number - low) })
    }
}

impl ValueTree for WholeTree {
    type Value = u64;

    fn current(&self) -> u64 {
        self.low + self.above.current()
    }

    fn simplify(&mut self) -> bool {
        self.above.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.above.complicate()
    }
}

/// Numbers of a range, its ends and the simplest of them often; shrinks to the simplest, or to a decimal of few digits next to
/// the border.
#[derive(Clone, Debug)]
pub(super) struct Real {
    range: RangeInclusive<f64>,
    simplest: f64,
}

/// Numbers of this range; the simplest is `simplest`, or what of the range is next to it.
pub(super) fn real(range: RangeInclusive<f64>, simplest: f64) -> Real {
    let simplest = simplest.max(*range.start()).min(*range.end());
    Real { range, simplest }
}

impl Strategy for Real {
    type Tree = RealTree;
    type Value = f64;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let (draw, number) = (0..EDGES, self.range.clone()).new_tree(runner)?.current();
        let edges = [*self.range.start(), *self.range.end(), self.simplest];
        Ok(RealTree::new(self, edges.get(draw as usize).copied().unwrap_or(number)))
    }
}

/// A search through numbers of one decimal place, then of two, and so on: `n` of them lie between the simplest and the
/// number.
#[derive(Clone, Debug)]
pub(super) struct RealTree {
    real: Real,
    outwards: f64,
    fails: f64,
    current: f64,
    /// Units are powers of ten.
    unit: i32,
    finest: i32,
    /// The last that is known to pass, -1 if none, and the first that is known to fail, or is beyond what fails.
    passes_at: f64,
    fails_at: f64,
    current_at: f64,
}

impl RealTree {
    fn new(real: &Real, number: f64) -> Self {
        let place = |width: f64| width.abs().log10().floor().max(-300.0) as i32;
        let width = place(real.range.end() - real.range.start());
        let away = number - real.simplest;
        let mut tree = Self {
            real: real.clone(),
            outwards: away.signum(),
            fails: number,
            current: number,
            unit: place(away).max(width - PLACES),
            finest: width - PLACES,
            passes_at: -1.0,
            fails_at: 0.0,
            current_at: 0.0,
        };
        tree.fails_at = tree.units(number);
        tree.current_at = tree.fails_at;
        tree
    }

    /// How many units a number is away from the simplest, rounded up.
    fn units(&self, number: f64) -> f64 {
        ((number - self.real.simplest).abs() / 10_f64.powi(self.unit)).ceil()
    }

    fn at(&self, n: f64) -> f64 {
        let Real { range, simplest } = &self.real;
        let n = self.outwards * n;
        // One division, so that the digits are few.
        let number = if self.unit < 0 {
            let parts = 10_f64.powi(-self.unit);
            (simplest * parts + n) / parts
        } else {
            simplest + n * 10_f64.powi(self.unit)
        };
        number.max(*range.start()).min(*range.end())
    }

    /// The next to be tried; false if there is none, and what fails is at hand.
    fn advance(&mut self) -> bool {
        while self.fails_at - self.passes_at <= 1.0 {
            if self.fails_at == 0.0 || self.unit <= self.finest {
                let before = core::mem::replace(&mut self.current, self.fails);
                self.current_at = self.fails_at;
                return before != self.fails;
            }
            self.unit -= 1;
            self.passes_at = if self.passes_at < 0.0 { -1.0 } else { 10.0 * self.passes_at };
            self.fails_at = self.units(self.fails).max(self.passes_at + 1.0);
        }
        // The simplest first.
        let middle = ((self.passes_at + self.fails_at) / 2.0).floor();
        self.current_at = if self.passes_at < 0.0 { 0.0 } else { middle };
        self.current = self.at(self.current_at);
        true
    }
}

impl ValueTree for RealTree {
    type Value = f64;

    fn current(&self) -> f64 {
        self.current
    }

    fn simplify(&mut self) -> bool {
        self.fails = self.current;
        self.fails_at = self.current_at;
        self.advance()
    }

    fn complicate(&mut self) -> bool {
        if self.current == self.fails {
            return false;
        }
        self.passes_at = self.current_at;
        self.advance()
    }
}
