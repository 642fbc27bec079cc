//! Places: what a recipe knows of a parameter when it makes its initializer.

use alloc::vec::Vec;

use super::error::RecipeCause;
use super::framework::Framework;
use super::scheme::Scheme;
use crate::fan::{Axis, Fan, Layout};
use crate::init::{Composite, Law};
use crate::scalar::Scalar;

/// A parameter's shape, and what its rule and the framework say of it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) shape: &'a [usize],
    pub(super) layout: Option<Layout>,
    pub(super) groups: Option<usize>,
    pub(super) fan: Option<Fan>,
    pub(super) framework: Option<Framework>,
    pub(super) kind: Option<&'a str>,
    pub(super) layers: Option<usize>,
}

impl Place<'_> {
    /// The layout, named or known; never guessed.
    pub(super) fn layout(&self) -> Result<Layout, RecipeCause> {
        match self.layout {
            Some(layout) => Ok(layout),
            None if self.shape.len() < 2 => Err(RecipeCause::NoFan { dimensions: self.shape.len() }),
            None => Err(RecipeCause::NoLayout { shape: self.shape.into() }),
        }
    }

    /// The fans, given or those of the layout.
    pub(super) fn fan(&self) -> Result<Fan, RecipeCause> {
        if let Some(fan) = self.fan {
            return Ok(fan);
        }
        let fan = Fan::from_shape(self.shape, self.layout()?);
        Ok(self.groups.map_or(fan, |groups| fan.groups(groups)))
    }

    /// The sides of a matrix.
    pub(super) fn rows_and_cols(&self) -> Result<[usize; 2], RecipeCause> {
        self.shape.try_into().map_err(|_| RecipeCause::NoMatrix { dimensions: self.shape.len() })
    }

    /// The shape of a kernel that has a number of outputs less, one for each pixel that a pixel shuffle makes of one; as it is where
    /// the number of outputs does not allow it, which the initializer refuses.
    pub(super) fn before_upscaling(&self, upscale: usize) -> Result<Vec<usize>, RecipeCause> {
        let outputs = self.axis(Axis::Out)?;
        let mut shape = Vec::from(self.shape);
        let pixels = shape.iter().skip(2).try_fold(1_usize, |pixels, _| pixels.checked_mul(upscale));
        if let Some(pixels) = pixels.filter(|&pixels| pixels > 0 && shape[outputs].is_multiple_of(pixels)) {
            shape[outputs] /= pixels;
        }
        Ok(shape)
    }

    /// What the framework does with a parameter of this shape unless told.
    pub(super) fn framework_default(&self) -> Result<Law, RecipeCause> {
        let framework = self.framework.ok_or(RecipeCause::NoFramework)?;
        framework.default_law(self)
    }

    /// Which axis of the shape counts this; the only one, if there is one only.
    fn axis(&self, axis: Axis) -> Result<usize, RecipeCause> {
        if self.shape.len() == 1 {
            return Ok(0);
        }
        let layout = self.layout()?;
        let mut axes = (0..self.shape.len()).filter(|&i| layout.axis(i, self.shape.len()) == Some(axis));
        match (axes.next(), axes.next()) {
            (Some(i), None) => Ok(i),
            _ => Err(RecipeCause::NoAxis { axis, layout }),
        }
    }

    /// Blocks that share the axis by these parts, equal ones if there are none.
    pub(super) fn composite<T: Scalar>(
        &self,
        schemes: &[Scheme],
        axis: Axis,
        parts: &[usize],
    ) -> Result<Composite<T>, RecipeCause> {
        let axis = self.axis(axis)?;
        let length = self.shape[axis];
        let parts = if parts.is_empty() { alloc::vec![1; schemes.len()] } else { Vec::from(parts) };
        let uneven = || RecipeCause::Parts { schemes: schemes.len(), parts: parts.clone(), length };
        let sum = parts.iter().try_fold(0_usize, |sum, &part| sum.checked_add(part)).filter(|&sum| sum > 0);
        let sum = sum
            .filter(|&sum| schemes.len() == parts.len() && length.is_multiple_of(sum))
            .ok_or_else(uneven)?;
        let mut shape = Vec::from(self.shape);
        let mut composite = Composite::new(self.shape, axis);
        for (scheme, part) in schemes.iter().zip(&parts) {
            shape[axis] = length / sum * part;
            let block = Place { shape: &shape, ..*self };
            composite = composite.block(shape[axis], scheme.initializer::<T>(&block)?);
        }
        Ok(composite)
    }
}
