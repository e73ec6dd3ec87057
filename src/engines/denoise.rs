//! Denoisers for the ears path: RNNoise (48 kHz inside) and GTCRN (16 kHz inside, through sherpa-onnx). None of them belongs in
//! front of Whisper: each costs words at every noise level.

use super::runtime::EngineError;
use crate::audio::{FRAME, Frame};
use crate::hearing::traits::Denoiser;
use nnnoiseless::DenoiseState;
use sherpa_onnx::{OnlineSpeechDenoiser, OnlineSpeechDenoiserConfig};
use std::collections::VecDeque;
use std::path::Path;

/// A choice in the settings.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum DenoiserKind {
    Off,
    #[default]
    Rnnoise,
    Gtcrn,
}

impl std::str::FromStr for DenoiserKind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "off" => Ok(DenoiserKind::Off),
            "rnnoise" => Ok(DenoiserKind::Rnnoise),
            "gtcrn" => Ok(DenoiserKind::Gtcrn),
            other => Err(format!(
                "denoiser {other:?} is not known; use off, rnnoise or gtcrn"
            )),
        }
    }
}

/// One call's denoiser; `gtcrn` is the model file that [`DenoiserKind::Gtcrn`] needs.
pub fn open(kind: DenoiserKind, gtcrn: &Path) -> Result<Option<Box<dyn Denoiser>>, EngineError> {
    Ok(match kind {
        DenoiserKind::Off => None,
        DenoiserKind::Rnnoise => Some(Box::new(Rnnoise::new())),
        DenoiserKind::Gtcrn => Some(Box::new(Gtcrn::load(gtcrn)?)),
    })
}

/// RNNoise (Valin 2018) with the weights inside nnnoiseless.
pub struct Rnnoise {
    up: Up,
    down: Down,
    state: Box<DenoiseState<'static>>,
}

impl Rnnoise {
    #[must_use]
    pub fn new() -> Self {
        Rnnoise {
            up: Up::new(6),
            down: Down::new(6),
            state: DenoiseState::new(),
        }
    }
}

impl Default for Rnnoise {
    fn default() -> Self {
        Self::new()
    }
}

impl Denoiser for Rnnoise {
    fn name(&self) -> &'static str {
        "rnnoise"
    }

    fn clean(&mut self, frame: &mut Frame) {
        let fast = self.up.take(frame);
        let mut clean = vec![0.0; fast.len()];
        for (i, o) in fast
            .chunks_exact(DenoiseState::FRAME_SIZE)
            .zip(clean.chunks_exact_mut(DenoiseState::FRAME_SIZE))
        {
            self.state.process_frame(o, i);
        }
        for (s, c) in frame.iter_mut().zip(self.down.take(&clean)) {
            *s = to_i16(c);
        }
    }
}

/// GTCRN (Rong 2024) with its state in sherpa-onnx; one model instance a call (0.5 MB of weights).
pub struct Gtcrn {
    up: Up,
    down: Down,
    net: OnlineSpeechDenoiser,
    /// Cleaned 16 kHz samples that wait for their frame.
    ready: VecDeque<f32>,
}

impl Gtcrn {
    /// The model must carry sherpa-onnx's metadata: without it the C library ends the whole process, so that is looked for first.
    pub fn load(model: &Path) -> Result<Self, EngineError> {
        let wrong = |why: &str| EngineError::WrongModel {
            path: model.to_owned(),
            why: why.to_owned(),
        };
        let bytes = std::fs::read(model).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => EngineError::Missing(model.to_owned()),
            _ => EngineError::Unreadable {
                path: model.to_owned(),
                why: e.to_string(),
            },
        })?;
        let has = |key: &[u8]| bytes.windows(key.len()).any(|w| w == key);
        if !has(b"hop_length") || !has(b"sample_rate") {
            return Err(wrong("it lacks the metadata of a denoiser for sherpa-onnx"));
        }
        let mut config = OnlineSpeechDenoiserConfig::default();
        config.model.gtcrn.model = Some(model.to_string_lossy().into_owned());
        let net =
            OnlineSpeechDenoiser::create(&config).ok_or_else(|| wrong("sherpa-onnx refuses it"))?;
        if net.sample_rate() != 16_000 {
            return Err(wrong("it does not run at 16 kHz"));
        }
        Ok(Gtcrn {
            up: Up::new(2),
            down: Down::new(2),
            net,
            // The net answers in hops of 16 ms with a window's delay: two frames ahead it never runs dry.
            ready: vec![0.0; 4 * FRAME].into(),
        })
    }
}

impl Denoiser for Gtcrn {
    fn name(&self) -> &'static str {
        "gtcrn"
    }

    fn clean(&mut self, frame: &mut Frame) {
        let fast: Vec<f32> = self.up.take(frame).iter().map(|s| s / 32768.0).collect();
        self.ready.extend(self.net.run(&fast, 16_000).samples);
        let clean: Vec<f32> = (0..2 * FRAME)
            .map(|_| self.ready.pop_front().unwrap_or(0.0) * 32768.0)
            .collect();
        for (s, c) in frame.iter_mut().zip(self.down.take(&clean)) {
            *s = to_i16(c);
        }
    }
}

fn to_i16(v: f32) -> i16 {
    v.round().clamp(-32768.0, 32767.0) as i16
}

/// Zero crossings of the sinc on each side, in samples of the slow rate.
const REACH: usize = 12;

/// Windowed sinc (Blackman) that passes up to 3.5 kHz of the slow rate's 4 kHz; `gain` 1.
fn low_pass(factor: usize) -> Vec<f32> {
    let half = (REACH * factor) as f32;
    let cut = 0.9 / factor as f32;
    let taps: Vec<f32> = (0..=2 * REACH * factor)
        .map(|i| {
            let x = i as f32 - half;
            let sinc = if x == 0.0 {
                1.0
            } else {
                let a = std::f32::consts::PI * x * cut;
                a.sin() / a
            };
            let w = std::f32::consts::PI * (x / half + 1.0);
            sinc * (0.42 - 0.5 * w.cos() + 0.08 * (2.0 * w).cos())
        })
        .collect();
    let sum: f32 = taps.iter().sum();
    taps.iter().map(|t| t / sum).collect()
}

/// 8 kHz to `factor` times that, with 1.5 ms of delay.
struct Up {
    factor: usize,
    taps: Vec<f32>,
    history: Vec<f32>,
}

impl Up {
    fn new(factor: usize) -> Self {
        Up {
            factor,
            taps: low_pass(factor),
            history: vec![0.0; 2 * REACH + 1],
        }
    }

    fn take(&mut self, slow: &[i16]) -> Vec<f32> {
        let mut out = Vec::with_capacity(slow.len() * self.factor);
        for s in slow {
            self.history.rotate_left(1);
            if let Some(last) = self.history.last_mut() {
                *last = f32::from(*s);
            }
            for phase in 0..self.factor {
                // The newest sample is weighed by taps[phase], the one before by taps[phase + factor], ...
                let taps = self.taps.iter().skip(phase).step_by(self.factor);
                let v: f32 = self
                    .history
                    .iter()
                    .rev()
                    .zip(taps)
                    .map(|(h, t)| h * t)
                    .sum();
                out.push(v * self.factor as f32);
            }
        }
        out
    }
}

/// `factor` times 8 kHz back to 8 kHz, with 1.5 ms of delay.
struct Down {
    factor: usize,
    taps: Vec<f32>,
    history: Vec<f32>,
}

impl Down {
    fn new(factor: usize) -> Self {
        let taps = low_pass(factor);
        Down {
            factor,
            history: vec![0.0; taps.len() - 1],
            taps,
        }
    }

    fn take(&mut self, fast: &[f32]) -> Vec<f32> {
        self.history.extend_from_slice(fast);
        let out = self
            .history
            .windows(self.taps.len())
            .step_by(self.factor)
            .map(|w| w.iter().zip(&self.taps).map(|(a, b)| a * b).sum())
            .collect();
        let keep = self.taps.len() - 1;
        self.history.drain(..self.history.len() - keep);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::runtime::testing::installed;

    fn tone(hz: f32, amplitude: f32, from: usize) -> Frame {
        std::array::from_fn(|i| {
            let t = (from + i) as f32 / 8000.0;
            (amplitude * (2.0 * std::f32::consts::PI * hz * t).sin()) as i16
        })
    }

    fn power(f: &[i16]) -> f64 {
        f.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / f.len() as f64
    }

    fn noise(seed: &mut u32) -> Frame {
        std::array::from_fn(|_| {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((*seed >> 16) as i16) / 16
        })
    }

    #[test]
    fn going_up_and_down_again_keeps_the_voice_band_and_every_sample() {
        for factor in [2, 6] {
            let (mut up, mut down) = (Up::new(factor), Down::new(factor));
            let mut last = Vec::new();
            for k in 0..10 {
                last = down.take(&up.take(&tone(1000.0, 8000.0, k * FRAME)));
                assert_eq!(last.len(), FRAME);
            }
            let out: Vec<i16> = last.iter().map(|v| to_i16(*v)).collect();
            let ratio = power(&out) / power(&tone(1000.0, 8000.0, 0));
            assert!((0.97..1.03).contains(&ratio), "factor {factor}: {ratio}");
        }
    }

    /// Noise left after two seconds to settle, as a share of its power.
    fn noise_left(d: &mut dyn Denoiser) -> f64 {
        let mut seed = 1;
        let (mut before, mut after) = (0.0, 0.0);
        for k in 0..150 {
            let mut f = noise(&mut seed);
            let p = power(&f);
            d.clean(&mut f);
            if k >= 100 {
                before += p;
                after += power(&f);
            }
        }
        after / before
    }

    #[test]
    fn rnnoise_takes_steady_noise_down_by_10_db() {
        let left = noise_left(&mut Rnnoise::new());
        assert!(left < 0.1, "{left}");
    }

    #[test]
    fn gtcrn_takes_steady_noise_down_and_a_missing_or_foreign_model_is_an_error() {
        assert!(matches!(
            open(DenoiserKind::Gtcrn, Path::new("/nonexistent.onnx")),
            Err(EngineError::Missing(_))
        ));
        if let Some((_, vad)) = installed("silero-vad") {
            let foreign = open(DenoiserKind::Gtcrn, &vad.join("silero_vad.onnx"));
            assert!(matches!(foreign, Err(EngineError::WrongModel { .. })));
        }
        let Some((_, folder)) = installed("gtcrn") else {
            return;
        };
        let mut d = Gtcrn::load(&folder.join("gtcrn_simple.onnx")).unwrap();
        let left = noise_left(&mut d);
        assert!(left < 0.5, "{left}");
    }
}
