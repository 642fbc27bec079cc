//! SIMD width, chosen in this one place: at run time, for x86-64 built with `std`. Elsewhere (NEON, wasm) the
//! compiler vectorizes for the target that it is given. Every width gives the same bits, because the arithmetic of
//! a lane is that of the scalar code.

/// Compiles a function for each instruction set, and calls the version for the widest that the machine has.
macro_rules! widest {
    ($($function:tt)*) => {
        #[cfg_attr(
            feature = "std",
            multiversion::multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+bmi2",
                "x86_64+avx2+bmi2"
            ))
        )]
        $($function)*
    };
}
pub(crate) use widest;

/// The same without the widest: what a test compares.
#[cfg(test)]
macro_rules! second_widest {
    ($($function:tt)*) => {
        #[cfg_attr(feature = "std", multiversion::multiversion(targets("x86_64+avx2+bmi2")))]
        $($function)*
    };
}
#[cfg(test)]
pub(crate) use second_widest;
