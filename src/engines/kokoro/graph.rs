//! Kokoro's graph in one session that any number of threads run at once: tokens i64 `[1, n]`, style f32 `[1, 256]`, speed
//! f32 `[1]` → sound f32 at 24 kHz.

use crate::engines::runtime::{self, EngineError};
use ort::session::Session;
use ort::value::Tensor;
use std::cell::UnsafeCell;
use std::path::Path;

const INPUTS: [&str; 3] = ["tokens", "style", "speed"];

pub struct Graph {
    session: UnsafeCell<Session>,
    /// Of its only output.
    output: String,
}

// SAFETY: ONNX Runtime lets threads share one session ("multiple threads can invoke Run on the same session", C API, OrtApi::Run);
// `Session::run` asks for `&mut` only for the sake of execution providers that we do not use, and changes nothing in it.
unsafe impl Sync for Graph {}

impl Graph {
    pub fn load(model: &Path) -> Result<Graph, EngineError> {
        let session = runtime::session(model)?;
        let wrong = |why: String| EngineError::WrongModel {
            path: model.to_owned(),
            why,
        };
        for want in INPUTS {
            if !session.inputs().iter().any(|i| i.name() == want) {
                return Err(wrong(format!("it has no input {want:?}")));
            }
        }
        let output = match session.outputs() {
            [only] => only.name().to_owned(),
            more => return Err(wrong(format!("it has {} outputs", more.len()))),
        };
        Ok(Graph {
            session: UnsafeCell::new(session),
            output,
        })
    }

    /// Mono samples. `tokens` with the pads at both ends.
    pub fn run(
        &self,
        tokens: Vec<i64>,
        style: Vec<f32>,
        speed: f32,
    ) -> Result<Vec<f32>, ort::Error> {
        let tokens = Tensor::from_array(([1usize, tokens.len()], tokens))?;
        let style = Tensor::from_array(([1usize, style.len()], style))?;
        let speed = Tensor::from_array(([1usize], vec![speed]))?;
        // SAFETY: see the impl of Sync.
        let session = unsafe { &mut *self.session.get() };
        let out =
            session.run(ort::inputs!["tokens" => tokens, "style" => style, "speed" => speed])?;
        let sound = out
            .get(&self.output)
            .ok_or_else(|| ort::Error::new("the graph gave no sound"))?;
        Ok(sound.try_extract_tensor::<f32>()?.1.to_vec())
    }
}
