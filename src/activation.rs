/// stub
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    Identity,
    Relu,
    LeakyRelu { negative_slope: f64 },
    Tanh,
}
impl Activation {
    pub fn gain(&self) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Relu => core::f64::consts::SQRT_2,
            Self::LeakyRelu { negative_slope: a } => libm::sqrt(2.0 / (1.0 + a * a)),
            Self::Tanh => 5.0 / 3.0,
        }
    }
}
