//! Secrets that the server makes.

/// A new key or token: 64 hexadecimal digits from the system's randomness.
///
/// # Errors
/// Where the system gives none.
pub fn random_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect())
}

/// Enough of a secret to tell it from others: its first letters and its length. A short one shows no letter: four of a few are too many.
pub fn masked(text: &str) -> String {
    const SHOWN: usize = 4;
    const SHOWN_FROM: usize = 16;
    let letters = text.chars().count();
    let start: String = text.chars().take(if letters >= SHOWN_FROM { SHOWN } else { 0 }).collect();
    format!("{start}… ({letters} letters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_first_letters_and_its_length() {
        assert_eq!(masked("5bd2850fff3ecb11"), "5bd2… (16 letters)");
        assert_eq!(masked("short"), "… (5 letters)");
    }

    #[test]
    fn a_random_secret_has_64_hexadecimal_digits_and_is_another_each_time() {
        let (one, other) = (random_secret().unwrap(), random_secret().unwrap());
        assert!(one.len() == 64 && one.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }
}
