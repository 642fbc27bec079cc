//! Seeds: names for randomness.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// Where in the ChaCha8 stream of a seed its children are read: far beyond the blocks that weights
/// use (a tensor of 2^63 elements ends at block 2^53).
const CHILD_BLOCK: u64 = 1 << 63;

/// 256 bits that name a stream of random numbers.
///
/// The same seed gives the same weights, bit for bit, on every machine (see [`stream`](crate::stream)).
/// One seed names one tensor; a model takes one seed and gives each parameter a
/// [`child`](Seed::child) of it, so that adding or reordering layers leaves the others as they are.
///
/// ```
/// use fanin::prelude::*;
///
/// let seed = Seed::from(42);
/// let mut weight = vec![0.0_f32; 6];
/// He::normal(3).seed(seed.child("fc1.weight")).fill(&mut weight);
///
/// let mut again = vec![0.0_f32; 6];
/// He::normal(3).seed(Seed::from(42).child("fc1.weight")).fill(&mut again);
/// assert_eq!(weight, again);
/// assert_ne!(seed.child("fc1.weight"), seed.child("fc2.weight"));
/// ```
/// The default is `Seed::from(0)`. A seed names a stream and is no secret: it is not for keys, tokens or anything else that an
/// adversary must not guess.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A fresh seed from the operating system's randomness. Print it to be able to come back to it.
    ///
    /// ```
    /// use fanin::Seed;
    ///
    /// let seed = Seed::random();
    /// assert_eq!(seed.to_string().parse(), Ok(seed));
    /// ```
    #[cfg(feature = "std")]
    #[must_use]
    pub fn random() -> Self {
        Self::from_rng(&mut rand::rng())
    }

    /// A seed read from any generator of rand 0.10: the next 32 bytes of `rng`.
    ///
    /// ```
    /// use fanin::Seed;
    /// use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let a = Seed::from_rng(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    /// let b = Seed::from_rng(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    /// assert_eq!(a, b);
    /// ```
    #[must_use]
    pub fn from_rng<R: Rng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The seed of an independent stream, named by a parameter's name (`&str`, `&String`, `String`) or an index
    /// (any integer; -1 is 2^64 - 1).
    ///
    /// How it is derived is part of [stream v1](crate::stream). Names and indices never meet: `"3"` is not `3`.
    ///
    /// ```
    /// use fanin::Seed;
    ///
    /// let seed = Seed::from(7);
    /// assert_ne!(seed.child(3), seed.child(4));
    /// assert_ne!(seed.child(3), seed.child("3"));
    /// assert_ne!(seed.child("a").child("b"), seed.child("ab"));
    /// ```
    #[must_use]
    pub fn child(self, name: impl ChildName) -> Self {
        name.of(self)
    }

    fn named_child(self, name: &str) -> Self {
        let key = name.as_bytes().chunks(8).fold(self, |key, chunk| {
            let mut padded = [0; 8];
            padded[..chunk.len()].copy_from_slice(chunk);
            key.step(CHILD_BLOCK, u64::from_le_bytes(padded))
        });
        key.step(CHILD_BLOCK + 1, name.len() as u64)
    }

    fn indexed_child(self, index: u64) -> Self {
        self.step(CHILD_BLOCK + 2, index)
    }

    /// The 32 bytes of the seed.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    fn step(self, block: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::from_seed(self.0);
        rng.set_stream(stream); // resets the position, so it comes first
        rng.set_block_pos(block);
        Self::from_rng(&mut rng)
    }

    /// The number this seed was made from, if it was made from one.
    fn as_u64(self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        rest.iter().all(|&byte| byte == 0).then(|| u64::from_le_bytes(*number))
    }
}

/// The number's 8 little-endian bytes, then 24 zero bytes. ChaCha8, a pseudo-random function of
/// its key, makes unrelated streams even of neighbouring numbers.
impl From<u64> for Seed {
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Self(bytes)
    }
}

/// The 32 bytes as they are.
impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The name of a child seed: a parameter's name, such as `"fc1.weight"`, or an index, such as a layer's.
pub trait ChildName {
    #[doc(hidden)]
    fn of(self, parent: Seed) -> Seed;
}

macro_rules! names {
    ($($Name:ty),*) => {$(
        impl ChildName for $Name {
            fn of(self, parent: Seed) -> Seed {
                parent.named_child(self.as_ref())
            }
        }
    )*};
}

names!(&str, &&str, String, &String);

macro_rules! indices {
    ($($Index:ty),*) => {$(
        impl ChildName for $Index {
            fn of(self, parent: Seed) -> Seed {
                parent.indexed_child(self as u64)
            }
        }
    )*};
}

indices!(usize, u8, u16, u32, u64, i32, i64);

/// The number it was made from, else `0x` and 64 hexadecimal digits; [`FromStr`] reads both.
impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.as_u64() {
            return write!(f, "{number}");
        }
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// `Seed::from(7)`, the expression that makes it; of a seed that no number makes the text that is parsed, `Seed(0x..)`.
impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = if self.as_u64().is_some() { "::from" } else { "" };
        write!(f, "Seed{from}({self})")
    }
}

/// The text is neither a number below 2^64 nor `0x` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseSeedError;

impl fmt::Display for ParseSeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a seed is a number below 2^64, or 0x and 64 hexadecimal digits")
    }
}

impl core::error::Error for ParseSeedError {}

impl FromStr for Seed {
    type Err = ParseSeedError;

    fn from_str(text: &str) -> Result<Self, ParseSeedError> {
        let Some(digits) = text.strip_prefix("0x") else {
            return text.parse::<u64>().map(Self::from).map_err(|_| ParseSeedError);
        };
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ParseSeedError);
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).map_err(|_| ParseSeedError)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(feature = "serde")]
mod serde {
    use core::fmt;

    use ::serde::de::{Error, Visitor};
    use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Seed;

    /// As text, the way [`Display`](fmt::Display) writes it.
    impl Serialize for Seed {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    /// From that text, or from a number.
    impl<'de> Deserialize<'de> for Seed {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            // Formats that do not say what comes next hold what was written: a text.
            if deserializer.is_human_readable() {
                deserializer.deserialize_any(SeedVisitor)
            } else {
                deserializer.deserialize_str(SeedVisitor)
            }
        }
    }

    struct SeedVisitor;

    impl Visitor<'_> for SeedVisitor {
        type Value = Seed;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number below 2^64, or a text of one or of 0x and 64 hexadecimal digits")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Seed, E> {
            Ok(number.into())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Seed, E> {
            let number = u64::try_from(number);
            number.map(Seed::from).map_err(|_| E::custom("a seed must be at least 0"))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Seed, E> {
            text.parse().map_err(E::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn text_round_trips() {
        for seed in [Seed::from(0), Seed::from(u64::MAX), Seed::from([0xa5; 32])] {
            assert_eq!(seed.to_string().parse(), Ok(seed));
        }
        assert_eq!(Seed::from(42).to_string(), "42");
        for wrong in ["", "-1", "0x", "0x12", "18446744073709551616", "0xé"] {
            assert_eq!(wrong.parse::<Seed>(), Err(ParseSeedError), "{wrong}");
        }
    }

    #[test]
    fn names_that_look_alike_differ() {
        let seed = Seed::from(1);
        let names = ["", "\0", "a", "a\0", "12345678", "12345678\0", "1234567", "layer.10", "layer.1"];
        for (i, a) in names.iter().enumerate() {
            for b in &names[i + 1..] {
                assert_ne!(seed.child(*a), seed.child(*b), "{a:?} {b:?}");
            }
            assert_ne!(seed.child(*a), seed);
        }
    }
}
