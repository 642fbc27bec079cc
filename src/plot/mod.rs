//! Pictures: prediction beside measurement, the singular values, the edge of chaos.
//!
//! Each picture is a value that is built, then [saved](Picture::save) as SVG or PNG. They are legible
//! when printed in grey and to the colour-blind: nothing is told by colour alone. A PNG carries
//! its own font (a subset of DejaVu Sans: Latin-1, Greek, some signs) and needs none on the
//! system; an SVG names `sans-serif` and leaves the choice to who shows it.
//!
//! ```
//! use fanin::plot::{Layers, Picture};
//!
//! let picture = Layers::new("ReLU, 5 layers", "log10 of mean-square \u{3b4}")
//!     .predicted(&[0.0; 5])
//!     .band(&[-0.4, -0.3, -0.2, -0.1, 0.0], &[0.4, 0.3, 0.2, 0.1, 0.0])
//!     .measured(&[0.2, 0.1, -0.1, 0.05, 0.0]);
//! assert!(picture.to_svg()?.starts_with("<svg"));
//! assert!(picture.to_png()?.starts_with(b"\x89PNG"));
//! # Ok::<(), fanin::plot::PlotError>(())
//! ```

mod canvas;
mod edge_of_chaos;
mod error;
mod font;
mod histogram;
mod layers;
mod style;

use std::path::Path;

pub use edge_of_chaos::EdgeOfChaos;
pub use error::PlotError;
pub use histogram::Histogram;
pub use layers::Layers;
use plotters::drawing::IntoDrawingArea;
use plotters::prelude::SVGBackend;

use canvas::Canvas;
use style::{FINE, Paint, SIZE};

/// A picture that can be shown as SVG and as PNG, 900 x 540 points in size.
///
/// Sealed: implemented by the pictures of this module.
pub trait Picture: Paint {
    /// The picture as SVG.
    ///
    /// # Errors
    /// [`PlotError::NothingToDraw`] if no value given is finite.
    fn to_svg(&self) -> Result<String, PlotError> {
        let mut svg = String::new();
        let (width, height) = SIZE;
        let fine = (width * FINE, height * FINE);
        self.paint(&SVGBackend::with_string(&mut svg, fine).into_drawing_area())?;
        // Drawn on a finer grid than it is shown at.
        let header = |(width, height): (u32, u32)| format!("width=\"{width}\" height=\"{height}\"");
        Ok(svg.replacen(&header(fine), &header(SIZE), 1))
    }

    /// The picture as PNG, 1800 x 1080 pixels.
    ///
    /// # Errors
    /// As [`to_svg`](Picture::to_svg).
    fn to_png(&self) -> Result<Vec<u8>, PlotError> {
        let mut pixels = canvas::pixels()?;
        self.paint(&Canvas::on(&mut pixels).into_drawing_area())?;
        pixels.encode_png().map_err(|error| PlotError::Drawing { message: error.to_string() })
    }

    /// Writes the picture to a file, as SVG or PNG by its ending.
    ///
    /// # Errors
    /// As [`to_svg`](Picture::to_svg); [`PlotError::Ending`] for any other ending;
    /// [`PlotError::File`] if the file cannot be written.
    fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError>
    where
        Self: Sized,
    {
        let path = path.as_ref();
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let bytes = match ending.as_deref() {
            Some("svg") => self.to_svg()?.into_bytes(),
            Some("png") => self.to_png()?,
            _ => return Err(PlotError::Ending { path: path.to_owned() }),
        };
        std::fs::write(path, bytes).map_err(|source| PlotError::File { path: path.to_owned(), source })
    }
}

impl<P: Paint> Picture for P {}
