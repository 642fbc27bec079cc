//! Why there is no picture.

use std::fmt;
use std::path::PathBuf;

/// Why a picture cannot be drawn or saved.
///
/// ```
/// use fanin::plot::{Layers, Picture, PlotError};
///
/// let empty = Layers::new("empty", "nothing").measured(&[f64::NAN]);
/// assert_eq!(empty.to_svg().unwrap_err(), PlotError::NothingToDraw);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlotError {
    /// No value is finite.
    NothingToDraw,
    /// The file's name ends neither in svg nor in png.
    Ending {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// The drawing library fails.
    Drawing {
        /// What it says.
        message: String,
    },
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToDraw => f.write_str("there is nothing to draw: no value is finite"),
            Self::Ending { path } => {
                write!(f, "{}: a picture's name must end in .svg or .png", path.display())
            }
            Self::File { path, message } => write!(f, "{}: {message}", path.display()),
            Self::Drawing { message } => write!(f, "the picture cannot be drawn: {message}"),
        }
    }
}

impl std::error::Error for PlotError {}
