//! Where in a prompt its voice is quiet: the places at which it can go on so that a listener follows.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::audio::RATE;

const MS: usize = RATE as usize / 1000;
/// Sound is looked at in steps of this many samples: 10 ms.
const STEP: usize = 10 * MS;
/// Nothing quieter is voice: about -48 dBFS.
const FAINT: i32 = 130;
/// At most so much of the quiet in front of a prompt is left out.
const LEAD_MOST: usize = 80 * MS;
/// … and so much of it is kept.
const LEAD_KEEP: usize = 5 * MS;
/// The gap between two words is looked for so far back.
const WORD_BACK: usize = 200 * MS;
/// A pause between clauses is at least so long, and looked for between so far back.
const PAUSE: usize = 60 * MS;
const CLAUSE_NEAR: usize = 300 * MS;
const CLAUSE_FAR: usize = 2500 * MS;

/// The first sample worth hearing.
pub(super) fn lead(samples: &[i16]) -> usize {
    let most = samples.len().min(LEAD_MOST);
    let first = samples[..most]
        .iter()
        .position(|s| i32::from(*s).abs() > FAINT)
        .unwrap_or(most);
    first.saturating_sub(LEAD_KEEP)
}

/// The quietest place in the last 200 ms before `at`, the nearest of equals.
pub(super) fn between_words(samples: &[i16], at: usize) -> usize {
    let from = at.saturating_sub(WORD_BACK);
    (from..=at.saturating_sub(STEP).max(from))
        .step_by(STEP)
        .min_by_key(|i| (peak(samples, *i), at - *i))
        .unwrap_or(at)
}

/// The end of the last pause between 0.3 and 2.5 s before `at`, but not before the clause that begins at `clause`; the gap between two
/// words where there is no pause, and `clause` itself where it is nearer.
pub(super) fn between_clauses(samples: &[i16], at: usize, clause: usize) -> usize {
    let far = at.saturating_sub(CLAUSE_FAR).max(clause);
    let near = at.saturating_sub(CLAUSE_NEAR);
    if near <= far {
        return clause.max(far).min(at);
    }
    let mut quiet = 0;
    let mut best = None;
    for i in (far..near).step_by(STEP) {
        if peak(samples, i) <= FAINT {
            quiet += STEP;
        } else {
            if quiet >= PAUSE {
                best = Some(i);
            }
            quiet = 0;
        }
    }
    match best {
        Some(i) => i,
        None if far == clause && clause > 0 => clause,
        None if at - clause <= CLAUSE_FAR / 2 => clause,
        None => between_words(samples, at.saturating_sub(CLAUSE_FAR / 3)),
    }
}

/// The largest sample in the step that begins at `i`.
fn peak(samples: &[i16], i: usize) -> i32 {
    let to = (i + STEP).min(samples.len());
    samples[i.min(to)..to]
        .iter()
        .map(|s| i32::from(*s).abs())
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of `word` ms with gaps of `gap` ms between.
    fn words(n: usize, word: usize, gap: usize) -> Vec<i16> {
        (0..n)
            .flat_map(|_| {
                std::iter::repeat_n(5000, word * MS).chain(std::iter::repeat_n(0, gap * MS))
            })
            .collect()
    }

    #[test]
    fn it_goes_on_in_the_gap_before_the_word_it_stopped_in() {
        let s = words(10, 250, 30);
        // 100 ms into the third word.
        let at = (2 * 280 + 100) * MS;
        let on = between_words(&s, at);
        assert!(s[on] == 0 && at - on <= 150 * MS, "{on} {at}");
        assert_eq!(between_words(&s, 0), 0);
    }

    #[test]
    fn after_a_long_stop_it_goes_back_to_a_pause_and_never_to_the_start_of_a_long_line() {
        // A line of one clause: 3 s of words, a comma, 3 s of words.
        let mut s = words(15, 170, 30);
        s.extend(vec![0; 120 * MS]);
        s.extend(words(15, 170, 30));
        let comma = (3000 + 120) * MS;
        let at = comma + 1000 * MS;
        assert_eq!(between_clauses(&s, at, 0) / STEP, comma / STEP);
        // In the middle of the first 3 s there is no pause: it goes back by words.
        let at = 2900 * MS;
        let on = between_clauses(&s, at, 0);
        assert!(on > 1500 * MS && on < at, "{on}");
        // Just begun.
        assert_eq!(between_clauses(&s, 700 * MS, 0), 0);
    }

    #[test]
    fn the_quiet_in_front_is_left_out() {
        let mut s = vec![3; 50 * MS];
        s.extend([5000; 800]);
        assert_eq!(lead(&s), 45 * MS);
        assert_eq!(lead(&[5000; 800]), 0);
        assert_eq!(lead(&[0; 20]), 0);
    }
}
