//! Errors of drawing and saving a picture.

use std::path::PathBuf;
use std::{fmt, io};

/// An error of drawing or saving a picture. The message of [`File`](PlotError::File) names the file; what the
/// system says of it is the error's [`source`](std::error::Error::source).
///
/// ```
/// use fanin::plot::{Layers, Picture, PlotError};
/// use std::error::Error;
///
/// let empty = Layers::new("empty", "nothing").measured(&[f64::NAN]);
/// assert!(matches!(empty.to_svg(), Err(PlotError::NothingToDraw)));
///
/// let picture = Layers::new("one layer", "q").measured(&[1.0]);
/// let error = picture.save("no such folder/q.svg").unwrap_err();
/// assert_eq!(error.to_string(), "no such folder/q.svg cannot be written");
/// assert!(error.source().is_some_and(|source| source.is::<std::io::Error>()));
/// ```
#[derive(Debug)]
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
        source: io::Error,
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
            Self::File { path, .. } => write!(f, "{} cannot be written", path.display()),
            Self::Drawing { message } => write!(f, "the picture cannot be drawn: {message}"),
        }
    }
}

impl std::error::Error for PlotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
