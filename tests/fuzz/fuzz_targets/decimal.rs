//! Fixed point says what the text says, digit by digit, or why it cannot.
#![no_main]

use alpaca_auth::response::json::{Number, from_slice};
use alpaca_auth::response::{Decimal, FixedError, Rounding};
use libfuzzer_sys::fuzz_target;

/// Sign, digits without zeros at their ends, and the power of ten of the last: one form for each number.
fn canonical(text: &str) -> (bool, String, i128) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    // At most 60 digits: it fits no i64, but an i128 clamped is as far out.
    let exponent: i128 = exponent.parse().unwrap_or(if exponent.starts_with('-') { -1 << 100 } else { 1 << 100 });
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let short = digits.trim_end_matches('0');
    let power = exponent - fraction.len() as i128 + (digits.len() - short.len()) as i128;
    if short.is_empty() {
        return (false, String::new(), 0);
    }
    (negative, short.to_owned(), power)
}

fn judge(text: &str, places: u32, fixed: Result<i128, FixedError>) {
    let (negative, digits, power) = canonical(text);
    match fixed {
        Ok(value) => {
            let (sign, same, shifted) = canonical(&value.to_string());
            let back = if same.is_empty() { 0 } else { shifted - i128::from(places) };
            assert_eq!((sign, same, back), (negative, digits, power), "{text} {places}");
        }
        Err(FixedError::LostDigits) => assert!(power < -i128::from(places), "{text} {places}"),
        Err(FixedError::Overflow) => {
            // i128 has 39 digits.
            let length = digits.len() as i128 + power + i128::from(places);
            assert!(length >= 39, "{text} {places}");
        }
    }
}

fn judge_rounded(exact: Result<i128, FixedError>, near: Result<i128, FixedError>, zero: Result<i128, FixedError>) {
    match (exact, near, zero) {
        (Ok(exact), near, zero) => assert_eq!((near, zero), (Ok(exact), Ok(exact))),
        (Err(FixedError::Overflow), near, zero) => {
            assert_eq!((near, zero), (Err(FixedError::Overflow), Err(FixedError::Overflow)));
        }
        (Err(FixedError::LostDigits), Ok(near), Ok(zero)) => {
            assert!(near.abs_diff(zero) <= 1 && near.unsigned_abs() >= zero.unsigned_abs());
        }
        (Err(FixedError::LostDigits), near, _) => assert_eq!(near, Err(FixedError::Overflow)),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((places, text)) = input.split_first() else { return };
    let places = match places {
        255 => u32::MAX,
        places => u32::from(places % 48),
    };
    let Ok(text) = core::str::from_utf8(text) else { return };
    if let Ok(decimal) = Decimal::parse(text) {
        assert_eq!(decimal.text(), text);
        let exact = decimal.to_fixed(places);
        judge(text, places, exact);
        let rounded = |rounding| decimal.to_fixed_rounded(places, rounding);
        judge_rounded(exact, rounded(Rounding::HalfEven), rounded(Rounding::TowardZero));
    }
    let number = from_slice::<Number>(text.as_bytes());
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    match number {
        Ok(number) => {
            assert!(theirs.as_ref().map_or_else(|error| error.to_string().starts_with("number out of"), serde_json::Value::is_number));
            assert_eq!(number.text(), text.trim());
            let exact = number.to_fixed(places);
            judge(number.text(), places, exact);
            let rounded = |rounding| number.to_fixed_rounded(places, rounding);
            judge_rounded(exact, rounded(Rounding::HalfEven), rounded(Rounding::TowardZero));
        }
        Err(_) => assert!(text.trim().len() > 64 || !theirs.is_ok_and(|value| value.is_number()), "{text}"),
    }
});
