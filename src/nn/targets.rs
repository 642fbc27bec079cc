//! The right answers: class labels, or values.

use alloc::borrow::Cow;

use super::{Batch, NnError};
use crate::scalar::Scalar;

/// What a network's outputs should be, for every sample of a batch.
///
/// Integers of any type are class labels: the index of the output that should be the largest, one
/// label a sample, in a slice, `Vec` or array (with the feature `ndarray`, an `Array1` or a view).
/// Scalars are values, `[samples, outputs]`, in anything that is a [`Batch`]: numbers to be met, or
/// the probabilities of classes.
///
/// The trait is sealed.
///
/// ```
/// use fanin::{Activation, Loss, Network};
///
/// let net = Network::<f64>::new(1).dense(2, Activation::Identity);
/// let batch = [[1.0], [2.0], [3.0]];
/// let labels: &[u8] = &[0, 1, 1];
/// let one_hot = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]];
/// let loss = Loss::SoftmaxCrossEntropy;
/// assert_eq!(net.loss(&batch, labels, loss)?, net.loss(&batch, &one_hot, loss)?);
/// # Ok::<(), fanin::nn::NnError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither class labels nor values for the outputs of a network of `{T}`",
    label = "no targets of `{T}`",
    note = "class labels are slices, `Vec`s and arrays of any integer type; values are what is a `Batch` of `{T}`"
)]
pub trait Targets<T: Scalar> {
    #[doc(hidden)]
    fn target(&self) -> Target<'_, T>;
}

/// Targets of a known kind.
#[derive(Debug)]
pub enum Target<'a, T: Scalar> {
    /// One class a sample.
    Labels(Labels<'a>),
    /// Row-major, with the length of a row where it is known.
    Values(Cow<'a, [T]>, Option<usize>),
}

/// The targets of one sample.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a, T> {
    Class(usize),
    Values(&'a [T]),
}

impl<T: Scalar> Target<'_, T> {
    /// Whether these are targets for `[samples, outputs]`.
    pub(super) fn check(&self, samples: usize, outputs: usize) -> Result<(), NnError> {
        let count = |found| {
            if found == samples { Ok(()) } else { Err(NnError::Targets { expected: samples, found }) }
        };
        match self {
            Self::Labels(labels) => {
                count(labels.len())?;
                let is_class = |&sample: &usize| (0..outputs as i128).contains(&labels.get(sample));
                match (0..samples).find(|sample| !is_class(sample)) {
                    Some(sample) => {
                        Err(NnError::Label { sample, label: labels.get(sample), classes: outputs })
                    }
                    None => Ok(()),
                }
            }
            Self::Values(values, columns) => {
                if let Some(found) = columns.filter(|&columns| columns != outputs) {
                    return Err(NnError::Outputs { expected: outputs, found });
                }
                if !values.len().is_multiple_of(outputs) {
                    return Err(NnError::NotRows { tensor: "targets", length: values.len(), width: outputs });
                }
                count(values.len() / outputs)?;
                match values.iter().position(|value| !value.is_finite()) {
                    Some(at) => {
                        let (sample, output) = (at / outputs, at % outputs);
                        Err(NnError::TargetNotFinite { sample, output, value: Scalar::to_f64(values[at]) })
                    }
                    None => Ok(()),
                }
            }
        }
    }

    /// The targets of a sample with so many outputs, once they were checked.
    pub(super) fn row(&self, sample: usize, outputs: usize) -> Row<'_, T> {
        match self {
            Self::Labels(labels) => Row::Class(labels.get(sample) as usize),
            Self::Values(values, _) => Row::Values(&values[sample * outputs..][..outputs]),
        }
    }
}

impl<T: Scalar> Row<'_, T> {
    /// The target of one output: of a class, its one-hot row.
    pub(super) fn at(self, output: usize) -> f64 {
        match self {
            Self::Class(class) => f64::from(u8::from(class == output)),
            Self::Values(values) => Scalar::to_f64(values[output]),
        }
    }
}

impl<B: Batch + ?Sized> Targets<B::Element> for B {
    fn target(&self) -> Target<'_, B::Element> {
        Target::Values(self.row_major(), self.columns())
    }
}

macro_rules! labels {
    ($($Variant:ident: $L:ty,)*) => {
        /// Class labels of any integer type.
        #[derive(Debug)]
        pub enum Labels<'a> {
            $(
                #[doc = concat!("As `", stringify!($L), "`.")]
                $Variant(Cow<'a, [$L]>),
            )*
        }

        impl Labels<'_> {
            fn len(&self) -> usize {
                match self {
                    $(Self::$Variant(labels) => labels.len(),)*
                }
            }

            /// The label of a sample, in a type that holds all of them.
            fn get(&self, sample: usize) -> i128 {
                match self {
                    $(Self::$Variant(labels) => labels[sample] as i128,)*
                }
            }
        }

        $(
            impl<T: Scalar> Targets<T> for [$L] {
                fn target(&self) -> Target<'_, T> {
                    Target::Labels(Labels::$Variant(self.into()))
                }
            }

            labels!(deref [$L], [] Vec<$L>);
            labels!(deref [$L], [const N: usize] [$L; N]);
            labels!(deref [$L], [] &[$L]);

            #[cfg(feature = "ndarray-017")]
            impl<T: Scalar> Targets<T> for ndarray::ArrayRef1<$L> {
                fn target(&self) -> Target<'_, T> {
                    let labels = self.as_slice().map_or_else(|| self.iter().copied().collect(), Cow::from);
                    Target::Labels(Labels::$Variant(labels))
                }
            }

            #[cfg(feature = "ndarray-017")]
            labels!(deref ndarray::ArrayRef1<$L>, [] ndarray::Array1<$L>);
            #[cfg(feature = "ndarray-017")]
            labels!(deref ndarray::ArrayRef1<$L>, [] ndarray::ArrayView1<'_, $L>);
        )*
    };
    (deref $Inner:ty, [$($generics:tt)*] $Container:ty) => {
        impl<T: Scalar, $($generics)*> Targets<T> for $Container {
            fn target(&self) -> Target<'_, T> {
                <$Inner>::target(self)
            }
        }
    };
}

labels! {
    U8: u8,
    U16: u16,
    U32: u32,
    U64: u64,
    Usize: usize,
    I8: i8,
    I16: i16,
    I32: i32,
    I64: i64,
    Isize: isize,
}
