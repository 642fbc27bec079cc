//! The words of a block: 16 interleaved xoshiro128++ generators, seeded by ChaCha8.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use crate::seed::Seed;

/// Generators that advance together, one to a SIMD lane.
pub(crate) const LANES: usize = 16;

/// ChaCha blocks of 64 bytes that hold the 16 lanes' states of 16 bytes.
const CHACHA_BLOCKS: u64 = (LANES * 16 / 64) as u64;

/// Reads the lanes of consecutive blocks.
#[derive(Debug)]
pub(crate) struct BlockSeeder(ChaCha8Rng);

impl BlockSeeder {
    /// Positioned at `block`, which is below 2^51.
    pub(crate) fn new(seed: Seed, block: u64) -> Self {
        let mut rng = ChaCha8Rng::from_seed(seed.to_bytes());
        rng.set_block_pos(block * CHACHA_BLOCKS);
        Self(rng)
    }

    /// The lanes of the next block.
    #[inline]
    pub(crate) fn next_block(&mut self) -> Lanes {
        let mut bytes = [0; LANES * 16];
        self.0.fill_bytes(&mut bytes);
        Lanes::from_bytes(&bytes)
    }
}

/// Word i of the state of lane j is `state[i][j]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes {
    state: [[u32; LANES]; 4],
}

impl Lanes {
    fn from_bytes(bytes: &[u8; LANES * 16]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            let mut any = 0;
            for (i, row) in state.iter_mut().enumerate() {
                row[lane] = u32::from_le_bytes(words[4 * lane + i]);
                any |= row[lane];
            }
            if any == 0 {
                for (row, word) in state.iter_mut().zip(INSTEAD_OF_ZERO) {
                    row[lane] = word;
                }
            }
        }
        Self { state }
    }

    /// The next word of every lane ([Blackman and Vigna 2021](https://doi.org/10.1145/3460772), "Scrambled linear pseudorandom number
    /// generators", xoshiro128++).
    #[inline(always)]
    pub(crate) fn next_words(&mut self) -> [u32; LANES] {
        let [s0, s1, s2, s3] = &mut self.state;
        let mut words = [0; LANES];
        for j in 0..LANES {
            words[j] = s0[j].wrapping_add(s3[j]).rotate_left(7).wrapping_add(s0[j]);
            let shifted = s1[j] << 9;
            s2[j] ^= s0[j];
            s3[j] ^= s1[j];
            s1[j] ^= s2[j];
            s0[j] ^= s3[j];
            s2[j] ^= shifted;
            s3[j] = s3[j].rotate_left(11);
        }
        words
    }
}

/// The state that rand's `Xoshiro128PlusPlus` takes for a seed of 16 zero bytes, from which the
/// generator would never leave: the first two outputs of SplitMix64 started at 0.
const INSTEAD_OF_ZERO: [u32; 4] = [0x7b1d_cdaf, 0xe220_a839, 0xa1b9_65f4, 0x6e78_9e6a];

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro128PlusPlus;

    #[test]
    fn each_lane_is_rands_generator() {
        let mut bytes = [0; LANES * 16];
        ChaCha8Rng::from_seed([7; 32]).fill_bytes(&mut bytes);
        bytes[16..48].fill(0); // lanes 1 and 2 meet the all-zero state
        let mut lanes = Lanes::from_bytes(&bytes);
        let mut oracles: [_; LANES] = core::array::from_fn(|lane| {
            Xoshiro128PlusPlus::from_seed(bytes[16 * lane..][..16].try_into().unwrap())
        });
        for _ in 0..300 {
            assert_eq!(lanes.next_words(), core::array::from_fn(|lane| oracles[lane].next_u32()));
        }
    }

    /// For `tests/dieharder.sh`: the words in the order of the elements, into the file that
    /// `FANIN_RAW_WORDS` names, until nobody reads it any more.
    #[cfg(feature = "std")]
    #[test]
    #[ignore = "writes without end"]
    fn write_raw_words() {
        use std::io::Write;

        let path = std::env::var("FANIN_RAW_WORDS").expect("FANIN_RAW_WORDS names a file");
        let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("the file opens"));
        let mut seeder = BlockSeeder::new(Seed::from(1), 0);
        loop {
            let mut lanes = seeder.next_block();
            for _ in 0..256 {
                for word in lanes.next_words() {
                    if file.write_all(&word.to_le_bytes()).is_err() {
                        return;
                    }
                }
            }
        }
    }
}
