//! Numbers as text, without the formatting machinery, which would be a tenth of
//! the pixel.

use alloc::string::String;

/// `number` in lower-case hex, without leading zeros.
#[must_use]
pub fn hex(number: u64) -> String {
    let digits = (16 - number.leading_zeros() / 4).max(1);
    (0..digits)
        .rev()
        .map(|place| {
            let digit = (number >> (place * 4)) & 0xF;
            let base = if digit < 10 { b'0' } else { b'a' - 10 };
            // A digit is below 16.
            char::from(base + digit.to_le_bytes()[0])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::hex;
    use proptest::prelude::*;

    #[test]
    fn the_ends() {
        assert_eq!((hex(0), hex(u64::MAX)), ("0".into(), "f".repeat(16)));
    }

    proptest! {
        #[test]
        fn is_what_the_standard_library_writes(number: u64, shift in 0..64_u32) {
            let number = number >> shift;
            prop_assert_eq!(hex(number), format!("{number:x}"));
        }
    }
}
