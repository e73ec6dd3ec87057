//! Voice activity: earshot (weights inside the crate, always there) and Silero (a model file, on the shared ONNX runtime), which is
//! far better in noise: of street and car noise at -20 dBFS it takes no frame for speech, earshot most.

use super::runtime::{self, EngineError};
use crate::audio::Frame;
use crate::hearing::traits::Vad;
use ort::session::Session;
use ort::value::Tensor;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// earshot looks at 16 ms of 16 kHz sound at a time; a frame's probability is the largest of the windows that ended in it.
pub struct Earshot {
    detector: Box<earshot::Detector>,
    pending: Vec<i16>,
}

const EARSHOT_WINDOW: usize = 256;

impl Earshot {
    #[must_use]
    pub fn new() -> Self {
        Earshot {
            detector: Box::default(),
            pending: Vec::new(),
        }
    }
}

impl Default for Earshot {
    fn default() -> Self {
        Self::new()
    }
}

impl Vad for Earshot {
    fn name(&self) -> &'static str {
        "earshot"
    }

    fn probability(&mut self, frame: &Frame) -> f32 {
        // Zeros between the samples mirror the spectrum into 4..8 kHz. That is no proper interpolation, on purpose: with an empty
        // upper half earshot takes every steady noise for speech (pink noise 99 % of frames), speech scores the same.
        self.pending.extend(frame.iter().flat_map(|s| [*s, 0]));
        let mut most: f32 = 0.0;
        while self.pending.len() >= EARSHOT_WINDOW {
            most = most.max(self.detector.predict_i16(&self.pending[..EARSHOT_WINDOW]));
            self.pending.drain(..EARSHOT_WINDOW);
        }
        most
    }
}

/// The Silero model, shared by all calls; each call has its own state.
#[derive(Clone)]
pub struct SileroModel(Arc<Mutex<Session>>);

impl SileroModel {
    /// Loads `silero_vad.onnx` (version 5 or 6) on the runtime `library`.
    pub fn load(file: &Path, library: &Path) -> Result<Self, EngineError> {
        runtime::load(library)?;
        let session = runtime::session(file)?;
        for want in ["input", "state", "sr"] {
            if !session.inputs().iter().any(|i| i.name() == want) {
                return Err(EngineError::WrongModel {
                    path: file.to_owned(),
                    why: format!("it has no input {want:?}"),
                });
            }
        }
        Ok(SileroModel(Arc::new(Mutex::new(session))))
    }

    /// One call's detector.
    #[must_use]
    pub fn open(&self) -> Box<dyn Vad> {
        Box::new(Silero {
            model: self.0.clone(),
            context: vec![0.0; SILERO_CONTEXT],
            state: vec![0.0; SILERO_STATE],
            pending: Vec::new(),
            last: 0.0,
            failed: false,
        })
    }
}

/// At 8 kHz: 32 ms at a time, behind the last 4 ms of the window before.
const SILERO_WINDOW: usize = 256;
const SILERO_CONTEXT: usize = 32;
const SILERO_STATE: usize = 2 * 128;

struct Silero {
    model: Arc<Mutex<Session>>,
    context: Vec<f32>,
    state: Vec<f32>,
    pending: Vec<f32>,
    last: f32,
    failed: bool,
}

impl Silero {
    fn run(&mut self, window: &[f32]) -> Result<f32, ort::Error> {
        let mut input = self.context.clone();
        input.extend_from_slice(window);
        self.context = window[SILERO_WINDOW - SILERO_CONTEXT..].to_vec();
        let mut model = self.model.lock().unwrap_or_else(|e| e.into_inner());
        let out = model.run(ort::inputs![
            "input" => Tensor::from_array(([1usize, input.len()], input))?,
            "state" => Tensor::from_array(([2usize, 1, 128], self.state.clone()))?,
            "sr" => Tensor::from_array((Vec::<i64>::new(), vec![8000i64]))?,
        ])?;
        let probability = out[0].try_extract_tensor::<f32>()?.1.first().copied();
        let state = out[1].try_extract_tensor::<f32>()?.1;
        if state.len() == SILERO_STATE {
            self.state.copy_from_slice(state);
        }
        Ok(probability.unwrap_or(0.0))
    }
}

impl Vad for Silero {
    fn name(&self) -> &'static str {
        "silero"
    }

    fn probability(&mut self, frame: &Frame) -> f32 {
        self.pending
            .extend(frame.iter().map(|s| f32::from(*s) / 32768.0));
        while self.pending.len() >= SILERO_WINDOW {
            let window: Vec<f32> = self.pending.drain(..SILERO_WINDOW).collect();
            match self.run(&window) {
                Ok(p) => self.last = p,
                Err(e) => {
                    // Said once a call. The endpointer's level still tells voice from silence.
                    if !std::mem::replace(&mut self.failed, true) {
                        tracing::warn!("silero fails, every frame counts as possible speech: {e}");
                    }
                    self.last = 0.6;
                }
            }
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{FRAME, SILENCE};
    use crate::engines::runtime::testing::{installed, shared_data};

    /// Share of frames above one half.
    fn voiced(vad: &mut dyn Vad, samples: &[i16]) -> f32 {
        let frames = samples.chunks_exact(FRAME);
        let count = frames.len() as f32;
        frames
            .filter(|c| {
                let mut f = SILENCE;
                f.copy_from_slice(c);
                vad.probability(&f) > 0.5
            })
            .count() as f32
            / count
    }

    fn all() -> Vec<Box<dyn Vad>> {
        let mut vads: Vec<Box<dyn Vad>> = vec![Box::new(Earshot::new())];
        if let Some((library, folder)) = installed("silero-vad") {
            let model = SileroModel::load(&folder.join("silero_vad.onnx"), &library).unwrap();
            vads.push(model.open());
        }
        vads
    }

    #[test]
    fn silence_and_hiss_are_not_speech() {
        let mut seed = 7u32;
        let hiss: Vec<i16> = (0..24_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((seed >> 16) as i16) / 64
            })
            .collect();
        for mut vad in all() {
            assert!(voiced(&mut *vad, &[0; 16_000]) < 0.05, "{}", vad.name());
            let share = voiced(&mut *vad, &hiss);
            assert!(share < 0.3, "{}: {share}", vad.name());
        }
    }

    #[test]
    fn recorded_speech_is_speech() {
        let Some(data) = shared_data() else { return };
        for mut vad in all() {
            let wav = data.join("speech/dev/aishell-s0150/BAC009S0150W0008.wav");
            let samples: Vec<i16> = hound::WavReader::open(wav)
                .unwrap()
                .into_samples::<i16>()
                .map(Result::unwrap)
                .collect();
            let share = voiced(&mut *vad, &samples);
            println!(
                "{}: {:.0} % of a sentence's frames",
                vad.name(),
                share * 100.0
            );
            assert!(share > 0.3, "{}: {share}", vad.name());
        }
    }

    #[test]
    fn a_missing_or_foreign_model_is_an_error() {
        let Some((library, folder)) = installed("whisper-base") else {
            return;
        };
        assert!(matches!(
            SileroModel::load(Path::new("/nonexistent.onnx"), &library),
            Err(EngineError::Missing(_))
        ));
        assert!(matches!(
            SileroModel::load(&folder.join("enc.onnx"), &library),
            Err(EngineError::WrongModel { .. })
        ));
    }
}
