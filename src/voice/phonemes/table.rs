//! A sorted table of lines, searched where it lies: no index, no copy, nothing to load.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::PhonemeError;
use std::sync::Arc;

/// Lines `key TAB value…`, sorted by the bytes of their keys.
#[derive(Clone)]
pub(super) struct Table {
    name: &'static str,
    bytes: Arc<[u8]>,
}

impl Table {
    pub(super) fn new(name: &'static str, bytes: Arc<[u8]>) -> Result<Table, PhonemeError> {
        let bad = |line, what| PhonemeError::BadTable {
            table: name,
            line,
            what,
        };
        if bytes.is_empty() {
            return Err(bad(1, "the file is empty"));
        }
        if std::str::from_utf8(&bytes).is_err() {
            return Err(bad(1, "the file is not UTF-8"));
        }
        Ok(Table { name, bytes })
    }

    pub(super) fn bad(&self, line: usize, what: &'static str) -> PhonemeError {
        PhonemeError::BadTable {
            table: self.name,
            line,
            what,
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
    }

    /// The first line whose key is not before `key`: the line of the key itself, or of the first longer word that begins
    /// with it, or some other line.
    pub(super) fn at_or_after(&self, key: &str) -> Option<&str> {
        let (mut low, mut high) = (0, self.bytes.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let from = self.bytes[low..middle]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(low, |at| low + at + 1);
            let to = self.end_of_line(from);
            // TAB sorts before every character of a key, so comparing whole lines compares keys.
            if &self.bytes[from..to] < key.as_bytes() {
                low = (to + 1).min(high);
            } else {
                high = from;
            }
        }
        let line = &self.bytes[low..self.end_of_line(low)];
        std::str::from_utf8(line).ok().filter(|l| !l.is_empty())
    }

    /// What stands behind `key`, if it is in the table.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.at_or_after(key)?.strip_prefix(key)?.strip_prefix('\t')
    }

    fn end_of_line(&self, from: usize) -> usize {
        self.bytes[from..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.bytes.len(), |at| from + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_no_other() {
        let table = Table::new(
            "t",
            Arc::from("a\t1\naa\t2\nb\t3\n一\t4\n一一\t5\n".as_bytes()),
        )
        .unwrap();
        for (key, value) in [
            ("a", "1"),
            ("aa", "2"),
            ("b", "3"),
            ("一", "4"),
            ("一一", "5"),
        ] {
            assert_eq!(table.get(key), Some(value), "{key}");
        }
        for key in ["", "A", "ab", "aaa", "c", "一二", "丁"] {
            assert_eq!(table.get(key), None, "{key}");
        }
        assert_eq!(table.at_or_after("c"), Some("一\t4"));
        assert_eq!(table.at_or_after("丁"), None);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert!(Table::new("t", Arc::from(&b""[..])).is_err());
        assert!(Table::new("t", Arc::from(&b"\xff\xfe"[..])).is_err());
    }
}
