//! A line as sound, ready to be played.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// Where one clause lies in a [`Prompt`]. The pause after a clause belongs to no clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseSpan {
    /// First sample.
    pub start: usize,
    /// One past the last sample.
    pub end: usize,
    /// The words as they are spoken, figures written out.
    pub text: String,
}

/// A line as sound: 8 kHz, mono, 16 bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    pub samples: Vec<i16>,
    /// In order and without overlap; empty for a line without words.
    pub clauses: Vec<ClauseSpan>,
}

impl Prompt {
    /// Adds a clause at the end, and a pause behind it.
    pub fn add(&mut self, sound: &[i16], text: String, pause_ms: u32) {
        let start = self.samples.len();
        self.samples.extend_from_slice(sound);
        self.clauses.push(ClauseSpan {
            start,
            end: self.samples.len(),
            text,
        });
        let pause = pause_ms * crate::audio::RATE / 1000;
        self.samples.extend(std::iter::repeat_n(0, pause as usize));
    }

    /// Length in milliseconds.
    #[must_use]
    pub fn ms(&self) -> u64 {
        samples_to_ms(self.samples.len())
    }

    /// How many clauses lie wholly before `sample`.
    #[must_use]
    pub fn clauses_before(&self, sample: usize) -> usize {
        self.clauses.iter().filter(|c| c.end <= sample).count()
    }

    /// Where to go on after a pause at `sample`: the start of the clause it lies in, or of the next one when it lies in
    /// a pause between two.
    #[must_use]
    pub fn clause_start(&self, sample: usize) -> usize {
        self.clauses
            .iter()
            .find(|c| sample < c.end)
            .map_or(sample, |c| c.start)
    }
}

/// Milliseconds of a number of samples at 8 kHz.
#[must_use]
pub(crate) fn samples_to_ms(samples: usize) -> u64 {
    samples as u64 * 1000 / u64::from(crate::audio::RATE)
}
