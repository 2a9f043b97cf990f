//! Numbers and ratings as people write them.

use serde_json::{Value, json};

/// A number: `1,234.50`, `₪ 1,200`, `12%`, `12,5`, `5-`, `(120)`.
///
/// # Errors
/// What would fit.
pub fn read_number(text: &str) -> Result<Value, String> {
    let fits = || "a number such as 1,234.50 fits".to_owned();
    let signs = |c: &char| !c.is_whitespace() && !matches!(c, '₪' | '$' | '€' | '£' | '%' | '\'');
    let bare: String = text.chars().filter(signs).collect();
    let bare = bare.replace(['−', '–'], "-");
    let bare = bare.trim_end_matches("ש\"ח").trim_end_matches("ש״ח");
    let inner = bare.strip_prefix('(').and_then(|b| b.strip_suffix(')'));
    let signed = inner
        .or_else(|| bare.strip_prefix('-'))
        .or_else(|| bare.strip_suffix('-'));
    let digits = plain(signed.unwrap_or(bare)).ok_or_else(fits)?;
    let number: f64 = digits.parse().map_err(|_| fits())?;
    let number = if signed.is_some() { -number } else { number };
    let whole: Option<i64> = digits.parse().ok();
    let whole = whole.map(|whole| if signed.is_some() { -whole } else { whole });
    Ok(whole.map_or_else(|| json!(number), Value::from))
}

/// Digits with a point before their fraction, without marks between thousands.
fn plain(text: &str) -> Option<String> {
    let (commas, points) = (text.matches(',').count(), text.matches('.').count());
    let by_thousands = |mark: char| {
        let mut groups = text.split(mark);
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
    };
    let plain = match (commas, points) {
        (0, 0 | 1) => text.to_owned(),
        (1, 0) if !by_thousands(',') => text.replace(',', "."),
        (_, 0) if by_thousands(',') => text.replace(',', ""),
        (0, _) if by_thousands('.') => text.replace('.', ""),
        (_, 1) if text.rfind(',') < text.find('.') => text.replace(',', ""),
        (1, _) if text.rfind('.') < text.find(',') => text.replace('.', "").replace(',', "."),
        _ => return None,
    };
    let is_digits = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let has_digit = plain.bytes().any(|b| b.is_ascii_digit());
    (is_digits && has_digit).then_some(plain)
}

/// A rating: `4`, `4.0`, `4/5`, or stars.
///
/// # Errors
/// What would fit.
pub fn read_rating(text: &str) -> Result<Value, String> {
    let stars = text.chars().filter(|c| matches!(c, '★' | '⭐')).count();
    if stars > 0 {
        return Ok(stars.into());
    }
    let rating = text.split('/').next().unwrap_or_default();
    let rating = rating.strip_suffix(".0").unwrap_or(rating).trim();
    let rating: Option<u64> = rating.parse().ok();
    rating
        .map(Value::from)
        .ok_or_else(|| "a whole number of stars fits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_ratings() {
        for (text, read) in [
            ("1,234.50", json!(1234.5)),
            ("₪ 1,200", json!(1200)),
            ("1.234,5", json!(1234.5)),
            ("12,5", json!(12.5)),
            ("1,234,567", json!(1_234_567)),
            ("5-", json!(-5)),
            ("(120)", json!(-120)),
            ("12%", json!(12)),
            ("120 ש\"ח", json!(120)),
            ("0.5", json!(0.5)),
        ] {
            assert_eq!(read_number(text), Ok(read), "{text}");
        }
        for text in ["", ".", "12a", "1,23,4", "--5", "inf", "1e5"] {
            assert!(read_number(text).is_err(), "{text}");
        }
        for text in ["4", "4.0", "4/5", "★★★★☆"] {
            assert_eq!(read_rating(text), Ok(json!(4)), "{text}");
        }
        assert!(read_rating("טוב").is_err());
    }

    proptest! {
        #[test]
        fn numbers_come_back(number in -9_007_199_254_740_991_i64..=9_007_199_254_740_991) {
            let digits = number.abs().to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let sign = if number < 0 { "-" } else { "" };
            prop_assert_eq!(read_number(&format!("{sign}{grouped}")), Ok(json!(number)));
            prop_assert_eq!(read_number(&format!("{sign}{digits}")), Ok(json!(number)));
        }

        #[test]
        fn no_text_panics(text in "[0-9.,()₪% /-]{0,12}|\\PC*") {
            let _ = (read_number(&text), read_rating(&text));
        }
    }
}
