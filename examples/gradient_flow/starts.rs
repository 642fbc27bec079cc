//! Five ways to start a network.

use fanin::{Fan, He, Initializer, Law, Normal, Scalar, Uniform, Xavier};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    Small,
    Unit,
    OldUniform,
    Xavier,
    He,
}

impl Start {
    pub(crate) const ALL: [Self; 5] = [Self::Small, Self::Unit, Self::OldUniform, Self::Xavier, Self::He];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "N(0, 0.01²)",
            Self::Unit => "N(0, 1)",
            Self::OldUniform => "U(±1/√n)",
            Self::Xavier => "Xavier",
            Self::He => "He",
        }
    }

    /// The initializer of a layer with these fans.
    pub(crate) fn initializer<T: Scalar>(self, fan: Fan) -> Box<dyn Initializer<T>> {
        match self {
            Self::Small => Box::new(Normal::new(0.0, 0.01)),
            Self::Unit => Box::new(Normal::new(0.0, 1.0)),
            Self::OldUniform => {
                let limit = 1.0 / (fan.fan_in() as f64).sqrt();
                Box::new(Uniform::new(-limit, limit))
            }
            Self::Xavier => Box::new(Xavier::normal(fan)),
            Self::He => Box::new(He::normal(fan)),
        }
    }

    /// The distribution of the weights of a layer with these fans.
    pub(crate) fn law(self, fan: Fan) -> Law {
        self.initializer::<f64>(fan).law().expect("a law of ours")
    }
}
