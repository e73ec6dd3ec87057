//! What a mistyped word was meant to be.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// The known word with the smallest edit distance, when it is near enough to be a slip.
pub(super) fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|k| (distance(name, k), *k))
        .filter(|(d, k)| *d <= 3.min(k.len() / 2 + 1))
        .min()
        .map(|(_, k)| k)
}

/// Levenshtein distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(ca != cb))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["host", "channels", "caller_ids"];
        assert_eq!(nearest("hsot", &known), Some("host"));
        assert_eq!(nearest("callerids", &known), Some("caller_ids"));
        assert_eq!(nearest("colour", &known), None);
    }
}
