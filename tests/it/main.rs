//! Properties and end-to-end tests, one file per theme.

#[cfg(feature = "approx")]
mod approx;
#[cfg(any(feature = "nalgebra-035", feature = "faer-024"))]
mod arrays;
#[cfg(feature = "nn")]
mod bad_input_networks;
#[cfg(all(feature = "half", feature = "ndarray"))]
mod bad_input_table;
#[cfg(feature = "nn")]
mod band_calibration;
mod chain;
#[cfg(feature = "complex")]
mod complex;
#[cfg(feature = "std")] // fresh seeds
mod composite;
mod copies;
#[cfg(feature = "nn")]
mod diagnosis;
#[cfg(all(feature = "nn", feature = "plot"))]
mod errors;
#[cfg(feature = "std")] // unseeded fills
mod face;
mod golden;
#[cfg(feature = "nn")]
mod gradient_flow;
#[cfg(feature = "half")]
mod half;
mod house;
mod initializer;
#[cfg(feature = "spectrum")]
mod jacobian;
mod laws;
#[cfg(feature = "nn")]
mod lsuv;
#[cfg(feature = "std")] // unwinding
mod model;
#[cfg(feature = "nn")]
mod nn;
mod orthogonal;
#[cfg(feature = "plot")]
mod plot;
#[cfg(feature = "nn")]
mod precision;
#[cfg(feature = "nn")]
mod prediction;
#[cfg(feature = "nn")]
mod preservation;
mod quality;
#[cfg(feature = "recipe")]
mod recipe;
mod reference;
mod related_weights;
mod report;
mod scaled;
mod shaped;
#[cfg(all(feature = "proptest", feature = "nn"))]
mod strategies;
mod stream;
mod testing;
#[cfg(feature = "rayon")]
mod threads;
mod twins;
