//! Packet-loss concealment. Pure.
//!
//! The idea of ITU-T G.711 Appendix I: find the pitch period in what was heard last, go on repeating it, fade it out
//! from 10 to 60 ms, and blend into the true sound when it comes back. No look-ahead, so no delay is added.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// Longest and shortest pitch period, in samples: 66 Hz to 200 Hz, as in Appendix I.
const MAX_PITCH: usize = 120;
const MIN_PITCH: usize = 40;
/// What the correlation compares: 20 ms.
const COMPARE: usize = 160;
const HISTORY: usize = MAX_PITCH + COMPARE + 32;
/// Samples before the fade begins, and at which nothing is left.
const FADE_FROM: usize = 80;
const FADE_TO: usize = 480;
/// Samples over which the true sound is blended in.
const BLEND: usize = 40;

/// Remembers what was played and invents what is missing.
#[derive(Clone, Debug)]
pub struct Concealer {
    history: Vec<i16>,
    /// One pitch period, when something is being concealed.
    period: Vec<f32>,
    /// Samples concealed since the last true one.
    run: usize,
}

impl Default for Concealer {
    fn default() -> Self {
        Concealer {
            history: vec![0; HISTORY],
            period: Vec::new(),
            run: 0,
        }
    }
}

impl Concealer {
    /// True sound: blended in after a gap, and remembered.
    pub fn good(&mut self, samples: &mut [i16]) {
        if self.run > 0 {
            let n = BLEND.min(samples.len());
            for (i, sample) in samples.iter_mut().take(n).enumerate() {
                let w = (i + 1) as f32 / (n + 1) as f32;
                let old = self.invent(i);
                *sample = (f32::from(*sample) * w + old * (1.0 - w)) as i16;
            }
            self.run = 0;
            self.period.clear();
        }
        self.remember(samples);
    }

    /// Fills `out` with what might have been said.
    pub fn conceal(&mut self, out: &mut [i16]) {
        if self.run == 0 {
            self.find_period();
        }
        for (i, sample) in out.iter_mut().enumerate() {
            *sample = self.invent(i) as i16;
        }
        self.run += out.len();
        self.remember(out);
    }

    /// A silence that was meant: what follows is not blended with what came before.
    pub fn pause(&mut self, samples: usize) {
        self.run = 0;
        self.period.clear();
        let n = samples.min(HISTORY);
        self.history.drain(..n);
        self.history.resize(HISTORY, 0);
    }

    /// Samples concealed in one piece up to now.
    #[must_use]
    pub fn run(&self) -> usize {
        self.run
    }

    fn invent(&self, i: usize) -> f32 {
        let at = self.run + i;
        if self.period.is_empty() || at >= FADE_TO {
            return 0.0;
        }
        let left = (FADE_TO - at.max(FADE_FROM)) as f32 / (FADE_TO - FADE_FROM) as f32;
        self.period[at % self.period.len()] * left
    }

    fn remember(&mut self, samples: &[i16]) {
        let n = samples.len().min(HISTORY);
        self.history.drain(..n);
        self.history.extend(&samples[samples.len() - n..]);
    }

    fn find_period(&mut self) {
        let h = &self.history;
        let recent = &h[HISTORY - COMPARE..];
        // Every second lag first, then the neighbours of the best.
        let score = |lag: usize| correlation(recent, &h[HISTORY - COMPARE - lag..HISTORY - lag]);
        let best_of = |lags: &mut dyn Iterator<Item = usize>| {
            lags.map(|lag| (lag, score(lag)))
                .fold((MIN_PITCH, f32::MIN), |a, b| if b.1 > a.1 { b } else { a })
        };
        let (rough, _) = best_of(&mut (MIN_PITCH..=MAX_PITCH).step_by(2));
        let near = rough.saturating_sub(1).max(MIN_PITCH)..=(rough + 1).min(MAX_PITCH);
        let (lag, _) = best_of(&mut near.into_iter());
        let tail = &h[HISTORY - lag..];
        let before = &h[HISTORY - 2 * lag..HISTORY - lag];
        // The last quarter leans towards the period before, so that the end meets the beginning without a step.
        let quarter = lag / 4;
        self.period.clear();
        self.period.extend((0..lag).map(|i| {
            let w = (i + quarter).saturating_sub(lag) as f32 / quarter as f32;
            f32::from(tail[i]) * (1.0 - w) + f32::from(before[i]) * w
        }));
    }
}

/// Normalised, so that a loud stretch does not win by being loud.
fn correlation(a: &[i16], b: &[i16]) -> f32 {
    let (mut dot, mut power) = (0i64, 0i64);
    for (x, y) in a.iter().zip(b) {
        dot += i64::from(*x) * i64::from(*y);
        power += i64::from(*y) * i64::from(*y);
    }
    // A quiet stretch counts as if it had a little noise (Appendix I does the same).
    dot as f32 / (power.max(COMPARE as i64 * 250) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level::rms_dbfs;
    use crate::audio::tone::{Tone, level_of};

    #[test]
    fn a_voice_goes_on_through_one_lost_packet() {
        let mut voice = Tone::new(110.0, -20.0);
        let mut concealer = Concealer::default();
        let mut heard = Vec::new();
        for i in 0..20 {
            let mut frame = voice.frame();
            if i == 10 {
                concealer.conceal(&mut frame);
            } else {
                concealer.good(&mut frame);
            }
            heard.extend(frame);
        }
        assert!(level_of(&heard[1600..1760], 110.0) > -24.0);
        // No click: no step larger than twice the steepest of the tone itself.
        let steep = heard[..1600]
            .windows(2)
            .map(|w| (w[1] - w[0]).abs())
            .max()
            .unwrap();
        let worst = heard.windows(2).map(|w| (w[1] - w[0]).abs()).max().unwrap();
        assert!(worst <= 2 * steep, "{worst} against {steep}");
    }

    #[test]
    fn a_long_gap_fades_to_silence_within_60_ms() {
        let mut voice = Tone::new(110.0, -10.0);
        let mut concealer = Concealer::default();
        for _ in 0..10 {
            concealer.good(&mut voice.frame());
        }
        let levels: Vec<f32> = (0..4)
            .map(|_| {
                let mut out = [0; 160];
                concealer.conceal(&mut out);
                rms_dbfs(&out)
            })
            .collect();
        assert!(levels[0] > levels[1] && levels[1] > levels[2]);
        assert_eq!(levels[3], crate::audio::level::SILENT_DBFS);
    }

    #[test]
    fn after_silence_nothing_is_invented() {
        let mut concealer = Concealer::default();
        let mut out = [99; 160];
        concealer.conceal(&mut out);
        assert_eq!(out, [0; 160]);
        concealer.good(&mut Tone::new(300.0, -10.0).frame());
        concealer.pause(160);
        concealer.pause(5000);
        concealer.conceal(&mut out);
        assert_eq!(out, [0; 160]);
    }
}
