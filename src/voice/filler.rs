//! A few syllables that cover a pause while the answer is still being spoken into the cache.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::{Lang, Line};

const ZH: [&str; 3] = ["嗯，", "好的，", "我看一下，"];
const EN: [&str; 3] = ["Let me see,", "Right,", "Well,"];

/// The fillers of a line's language in its voice.
#[must_use]
pub fn lines(like: &Line) -> Vec<Line> {
    let texts = match like.lang {
        Lang::Zh => ZH,
        Lang::En => EN,
    };
    texts
        .iter()
        .map(|text| Line {
            text: (*text).to_owned(),
            recording: None,
            ..like.clone()
        })
        .collect()
}
