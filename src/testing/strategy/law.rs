//! Laws of one weight.

use proptest::arbitrary::Arbitrary;
use proptest::prelude::{Just, prop_oneof};
use proptest::strategy::{BoxedStrategy, Strategy};

use super::number::real;
use crate::init::{FanMode, Law};

/// Distributions of every kind that can be drawn in every scalar, of means from -4 to 4 and standard deviations from 0.001 to 4,
/// these ends, 0 and 1 often; shrinks to the normal distribution of mean 0 and standard deviation 1.
impl Arbitrary for Law {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let mean = || real(-4.0..=4.0, 0.0);
        let std_dev = || real(0.001..=4.0, 1.0);
        prop_oneof![
            (mean(), std_dev()).prop_map(|(mean, std_dev)| Self::Normal { mean, std_dev }),
            (mean(), std_dev())
                .prop_map(|(middle, half)| Self::Uniform { low: middle - half, high: middle + half }),
            (mean(), std_dev(), real(-3.0..=0.0, -2.0), real(0.1..=3.0, 2.0)).prop_map(
                |(mean, std_dev, below, above)| {
                    let [low, high] = [below, above].map(|bound: f64| mean + bound * std_dev);
                    Self::TruncatedNormal { mean, std_dev, low, high }
                }
            ),
            (real(0.001..=1.0, 0.1), real(1.1..=100.0, 10.0), 0..2_u8).prop_map(|(low, ratio, which)| {
                let high = ratio * low;
                if which == 0 {
                    Self::LogUniform { low, high }
                } else {
                    Self::InverseSoftplusLogUniform { low, high }
                }
            }),
            mean().prop_map(|value| Self::Constant { value }),
        ]
        .boxed()
    }
}

/// Shrinks to [`FanMode::FanIn`].
impl Arbitrary for FanMode {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        prop_oneof![Just(Self::FanIn), Just(Self::FanOut), Just(Self::FanAvg), Just(Self::FanGeoAvg)].boxed()
    }
}
