//! Where everything that is drawn comes from: one seed, and a source of its own for each purpose,
//! so that how often one was asked changes nothing in another.

use rand::SeedableRng as _;

/// The source of all chance. PCG's output for a seed is stable across versions.
pub use tests::page::Chance;

/// The source for the `number`-th of a purpose.
pub fn mixed(seed: u64, purpose: &str, number: u64) -> Chance {
    // FNV-1a: it has to tell names apart, and to stay as it is.
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    let purpose = purpose.bytes().fold(0xCBF2_9CE4_8422_2325, hash);
    // An odd factor spreads the numbers; the generator mixes them.
    Chance::seed_from_u64(seed ^ purpose ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}
