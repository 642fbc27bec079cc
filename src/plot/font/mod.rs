//! The one font that PNGs are lettered in.

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// DejaVu Sans, cut down; its licence stands beside it.
const BYTES: &[u8] = include_bytes!("DejaVuSans-subset.ttf");

/// The font; `None` never, as a test makes sure.
pub(super) fn face() -> Option<Face<'static>> {
    Face::parse(BYTES, 0).ok()
}

/// The width of a text in units of its size.
pub(super) fn width(text: &str) -> f32 {
    let Some(face) = face() else { return 0.0 };
    let advances = text.chars().map(|c| f32::from(face.glyph_hor_advance(glyph(&face, c)).unwrap_or(0)));
    advances.sum::<f32>() / f32::from(face.units_per_em())
}

/// The outlines of a text of size 1 that begins at (0, 0), the base line, with y downwards.
pub(super) fn outlines(text: &str) -> Option<Path> {
    let face = face()?;
    let mut pen = Pen { path: PathBuilder::new(), x: 0.0 };
    for c in text.chars() {
        let glyph = glyph(&face, c);
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0));
    }
    let unit = 1.0 / f32::from(face.units_per_em());
    pen.path.finish()?.transform(Transform::from_scale(unit, -unit))
}

/// Glyph 0 is the box that stands for what the font lacks.
fn glyph(face: &Face<'_>, c: char) -> GlyphId {
    face.glyph_index(c).unwrap_or(GlyphId(0))
}

/// Draws one glyph after another.
struct Pen {
    path: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_what_pictures_are_lettered_with() {
        let face = face().unwrap();
        for c in
            "azAZ09 .,:()[]/+\u{2212}\u{d7}\u{b2}\u{221a}\u{3b4}\u{3c3}\u{3c7}\u{3c6}\u{2081}\u{2264}".chars()
        {
            assert!(face.glyph_index(c).is_some(), "{c}");
        }
        // A control: not everything is there.
        assert!(face.glyph_index('\u{4e00}').is_none());
    }

    #[test]
    fn widths_add_up() {
        assert_eq!(width(""), 0.0);
        assert!((width("ab") - width("a") - width("b")).abs() < 1e-6);
        assert!(outlines("layer").unwrap().bounds().right() <= width("layer"));
    }
}
