//! Which known words a misspelt one may have meant.

/// The known words that are nearest, all as near as each other; none where nothing is near.
pub fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const SHOWN_MAX: usize = 3;
    let known = known.into_iter().filter_map(|one| Some((distance(word, one)?, one)));
    let found: Vec<(usize, &str)> = known.collect();
    let least = found.iter().map(|(far, _)| *far).min();
    found.into_iter().filter(|(far, _)| Some(*far) == least).map(|(_, one)| one).take(SHOWN_MAX).collect()
}

/// How far two names are apart, where they are near; the last part alone (`get_contact_group`) is as good as the whole.
fn distance(word: &str, known: &str) -> Option<usize> {
    fn last(text: &str) -> &str {
        text.rsplit(['/', '.']).next().unwrap_or_default()
    }
    let near_enough = |one: &str, other: &str| {
        let (letters, theirs) = (one.chars().count(), other.chars().count());
        let most = (letters / 4).max(1);
        // Each letter more or less is an edit: what is far by that alone is not compared letter by letter, however long it is.
        if letters.abs_diff(theirs) > most {
            return None;
        }
        Some(edits(one, other)).filter(|far| *far <= most)
    };
    let parts = if last(word).is_empty() { None } else { near_enough(last(word), last(known)) };
    [near_enough(word, known), parts].into_iter().flatten().min()
}

/// How many letters must be put in, taken out or replaced.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, letter) in one.chars().enumerate() {
        let mut next = vec![n + 1];
        let mut left = n + 1;
        for ((above_left, above), theirs) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            left = (above_left + usize::from(letter != *theirs)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_word_that_was_meant() {
        let known =
            ["recentcontact/get_contact_group", "recentcontact/mark_contact", "im_open_login_svc/account_import"];
        assert_eq!(near("get_contact_group", known), [known[0]]);
        assert_eq!(near("recentcontact/mark_contakt", known), [known[1]]);
        assert_eq!(near("v4/account_imprt", known), [known[2]]);
        assert!(near("openim/sendmsg", known).is_empty());
        assert!(near("", known).is_empty());
        assert!(near(&"mark_contact".repeat(80_000), known).is_empty());
    }

    #[test]
    fn edits_are_counted() {
        for (one, other, wanted) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("abc", "abc", 0)] {
            assert_eq!(edits(one, other), wanted, "{one} {other}");
        }
    }
}
