//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::common;

/// Prints every scheme with its formula, its variance as promised and as measured, and the rate of the gradient in a deep
/// network that starts with it.
#[derive(Debug, Parser)]
#[command(name = "schemes", version)]
pub(crate) struct Arguments {
    /// Units of each hidden layer, and inputs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1024), default_value_t = 256)]
    pub(crate) width: u32,

    /// Hidden layers; a linear layer of 10 outputs comes on top
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(3..=1000), default_value_t = 50)]
    pub(crate) depth: u32,

    /// Seed of all weights
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the picture goes [default: CARGO_TARGET_DIR, or else target]
    #[arg(long, value_name = "FOLDER", default_value_os_t = common::target_folder(), hide_default_value = true)]
    pub(crate) out: PathBuf,
}

impl Arguments {
    /// The arguments, if memory suffices for the network.
    pub(crate) fn checked(self) -> Result<Self, clap::Error> {
        common::check_size(Self::command(), self.depth, self.width)?;
        Ok(self)
    }
}
