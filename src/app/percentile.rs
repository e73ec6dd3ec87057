//! Percentiles as every table of this program means them.

/// Nearest-rank percentile of sorted values; nothing of nothing.
#[must_use]
pub fn percentile(sorted: &[u64], p: usize) -> Option<u64> {
    let rank = (sorted.len() * p).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninety_fifth_of_twenty_is_the_nineteenth() {
        let values: Vec<u64> = (1..=20).collect();
        assert_eq!(percentile(&values, 95), Some(19));
        assert_eq!(percentile(&values, 50), Some(10));
        assert_eq!(percentile(&values[..1], 95), Some(1));
        assert_eq!(percentile(&[], 50), None);
    }
}
