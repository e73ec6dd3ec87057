use serde::{Deserialize, Serialize};

/// A phone number in E.164 form (`+8613800138000`), or as given when it could not be understood.
/// `Display` and `Debug` mask the middle, so that a number cannot slip into a log; [`Phone::full`] is for the wire and
/// the database.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Phone(number.into())
    }

    /// The whole number. Never log it.
    #[must_use]
    pub fn full(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chars: Vec<char> = self.0.chars().collect();
        // At most the country code and the last two digits stay readable.
        let (head, tail) = if chars.len() >= 9 {
            (chars.len() - 8, 2)
        } else {
            (0, chars.len().min(2))
        };
        for (i, c) in chars.iter().enumerate() {
            let open = i < head.min(5) || i + tail >= chars.len();
            write!(f, "{}", if open { *c } else { '*' })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_hides_its_middle() {
        let p = Phone::new("+8613800138000");
        assert_eq!(p.to_string(), "+8613*******00");
        assert_eq!(format!("{p:?}"), "+8613*******00");
        assert_eq!(Phone::new("12345").to_string(), "***45");
    }
}
