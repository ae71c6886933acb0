//! The digits of base64 (RFC 4648 §4 and §5), without a branch or a table: neither may tell a secret.

/// What distinguishes the two alphabets: how far digit 62 is from where digits end, and 63 from 62.
#[derive(Clone, Copy)]
pub(crate) struct Alphabet {
    sixty_two: i32,
    sixty_three: i32,
}

/// `+` and `/`.
pub(crate) const STANDARD: Alphabet = Alphabet {
    sixty_two: 15,
    sixty_three: 3,
};
/// `-` and `_`.
pub(crate) const URL: Alphabet = Alphabet {
    sixty_two: 13,
    sixty_three: 49,
};

/// The digit for the low six bits.
#[inline]
pub(crate) const fn digit(alphabet: Alphabet, group: u32) -> u8 {
    let six = (group & 63).cast_signed();
    // Beyond the end of a range the mask is all ones, and the distance to the next range is added.
    let code = six
        .wrapping_add(65)
        .wrapping_add(beyond(six, 25) & 6)
        .wrapping_sub(beyond(six, 51) & 75)
        .wrapping_sub(beyond(six, 61) & alphabet.sixty_two)
        .wrapping_add(beyond(six, 62) & alphabet.sixty_three);
    let [.., low] = code.to_be_bytes();
    low
}

/// All ones if `six` is greater than `last`, else zero.
#[inline]
const fn beyond(six: i32, last: i32) -> i32 {
    last.wrapping_sub(six) >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_64_digits_are_those_of_rfc_4648() {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        for (alphabet, end) in [(STANDARD, b"+/"), (URL, b"-_")] {
            for (value, expected) in (0_u32..).zip(digits.iter().chain(end)) {
                assert_eq!(digit(alphabet, value), *expected);
                assert_eq!(digit(alphabet, value | 0xffff_ffc0), *expected);
            }
        }
    }
}
