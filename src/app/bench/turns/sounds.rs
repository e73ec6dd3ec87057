//! What the callees say, as WAV files with the pauses the text asks for. The clauses come from the prompt cache.

use crate::app::dial;
use crate::audio::{RATE, wav};
use crate::terms::{Lang, Line};
use crate::voice::studio::Studio;
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Quieter than this is no sound of the voice, dBFS: the far end's own border.
const VOICED_DBFS: f32 = -45.0;
const FRAME: usize = RATE as usize / 50;
/// Kept before the first and behind the last voiced frame, ms.
const MARGIN_MS: usize = 20;

/// Renders a text and writes it to `path`. A `|400|` in it is 400 ms without voice.
pub async fn write(
    studio: &Arc<Studio>,
    text: &str,
    voice: &str,
    lang: Lang,
    path: &Path,
    progress: &ProgressBar,
) -> Result<()> {
    let mut lines = Vec::new();
    let mut pauses = Vec::new();
    for (i, piece) in text.split('|').enumerate() {
        if i % 2 == 0 {
            lines.push(Line {
                text: piece.to_owned(),
                lang,
                voice: voice.to_owned(),
                speed_percent: 100,
                recording: None,
            });
        } else {
            pauses.push(piece.parse::<usize>().with_context(|| text.to_owned())?);
        }
    }
    let pieces = dial::render_all(studio, lines, &PathBuf::new(), progress).await?;
    let mut sound = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        if let Some(ms) = i.checked_sub(1).and_then(|i| pauses.get(i)) {
            let silence = ms.saturating_sub(2 * MARGIN_MS) * RATE as usize / 1000;
            sound.resize(sound.len() + silence, 0);
        }
        sound.extend_from_slice(voiced(&piece.samples));
    }
    wav::write(path, &sound, RATE).with_context(|| path.display().to_string())
}

/// The part from the first to the last voiced frame, with a margin.
fn voiced(samples: &[i16]) -> &[i16] {
    let loud = |f: &[i16]| crate::audio::level::rms_dbfs(f) > VOICED_DBFS;
    let Some(first) = samples.chunks(FRAME).position(loud) else {
        return &[];
    };
    let last = samples.chunks(FRAME).rposition(loud).unwrap_or(first);
    let margin = MARGIN_MS * RATE as usize / 1000;
    let from = (first * FRAME).saturating_sub(margin);
    let to = ((last + 1) * FRAME + margin).min(samples.len());
    &samples[from..to]
}

/// The text without its pauses, as the report shows it.
#[must_use]
pub fn plain(text: &str, lang: Lang) -> String {
    let between = match lang {
        Lang::Zh => "…",
        Lang::En => " … ",
    };
    text.split('|').step_by(2).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_cut_to_its_voice_and_a_margin() {
        let mut sound = vec![0i16; 800];
        sound.extend([3000; 1600]);
        sound.extend([0; 1600]);
        assert_eq!(voiced(&sound).len(), 1600 + 2 * 160);
        assert!(voiced(&[0; 800]).is_empty());
    }

    #[test]
    fn pauses_are_dots_in_the_report() {
        assert_eq!(plain("好|350|可以的。", Lang::Zh), "好…可以的。");
        assert_eq!(plain("Well|350|yes", Lang::En), "Well … yes");
    }
}
