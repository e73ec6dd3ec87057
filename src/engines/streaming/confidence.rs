//! How sure a streaming model is. A transducer's search keeps the log-probability of every token; the sherpa-onnx crate leaves it out
//! of its result, so it is read from the library's own JSON. CTC search keeps none.

use serde::Deserialize;
use sherpa_onnx::{OnlineRecognizer, OnlineStream};
use sherpa_onnx_sys as sys;
use std::ffi::CStr;

/// Stands for a confidence where the search keeps no probabilities: enough to be believed, not enough for a short word over a
/// prompt to need nothing else.
const UNKNOWN: f32 = 0.8;

/// What a stream has given so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hypothesis {
    pub text: String,
    /// 0..=1: the geometric mean of the tokens' probabilities, or [`UNKNOWN`]. Not calibrated.
    pub confidence: f32,
}

#[derive(Deserialize)]
struct Json {
    text: String,
    #[serde(default)]
    ys_probs: Vec<f32>,
}

/// The hypothesis of a stream; `None` where the library gives nothing that can be read.
pub(super) fn read(recognizer: &OnlineRecognizer, stream: &OnlineStream) -> Option<Hypothesis> {
    // Infinite numbers are no JSON; the text is then read without them.
    let Some(json) = json(recognizer, stream).and_then(|j| parse(&j)) else {
        let text = recognizer.get_result(stream)?.text;
        return Some(Hypothesis {
            text,
            confidence: UNKNOWN,
        });
    };
    Some(json)
}

fn parse(json: &str) -> Option<Hypothesis> {
    let Json { text, ys_probs } = serde_json::from_str(json).ok()?;
    let confidence = if ys_probs.is_empty() {
        UNKNOWN
    } else {
        let mean = ys_probs.iter().sum::<f32>() / ys_probs.len() as f32;
        mean.exp().clamp(0.0, 1.0)
    };
    Some(Hypothesis { text, confidence })
}

// Both types hold one pointer and nothing else (sherpa-onnx is pinned to the version where this was read), which the crate keeps
// to itself.
const _: () = {
    assert!(size_of::<OnlineRecognizer>() == size_of::<*const sys::OnlineRecognizer>());
    assert!(size_of::<OnlineStream>() == size_of::<*const sys::OnlineStream>());
};

fn json(recognizer: &OnlineRecognizer, stream: &OnlineStream) -> Option<String> {
    // SAFETY: a struct as large as its only pointer holds that pointer at its beginning; both objects outlive the call, and the
    // text is copied before it is given back to the library that made it.
    unsafe {
        let recognizer = *std::ptr::from_ref(recognizer).cast::<*const sys::OnlineRecognizer>();
        let stream = *std::ptr::from_ref(stream).cast::<*const sys::OnlineStream>();
        let text = sys::SherpaOnnxGetOnlineStreamResultAsJson(recognizer, stream);
        if text.is_null() {
            return None;
        }
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        sys::SherpaOnnxDestroyOnlineStreamResultJson(text);
        Some(copy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_tokens_log_probabilities_is_the_confidence() {
        let got = parse(
            r#"{"text": "好", "tokens": ["好"], "ys_probs": [-0.1, -0.3], "is_final": false}"#,
        );
        let confidence = got.unwrap().confidence;
        assert!((confidence - (-0.2_f32).exp()).abs() < 1e-6);
        let none = parse(r#"{"text": "好", "ys_probs": []}"#).unwrap();
        assert_eq!((none.text.as_str(), none.confidence), ("好", UNKNOWN));
        assert_eq!(parse(r#"{"text": "好", "ys_probs": [-inf]}"#), None);
    }
}
