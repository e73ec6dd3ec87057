//! What is left of a call: its report and its recording.

use super::Call;
use crate::farend::{report, wav};
use std::path::{Path, PathBuf};

impl Call {
    pub(super) async fn deliver(mut self) {
        let report = &mut self.report;
        report.sip = std::mem::take(&mut self.dialog.log);
        let spans = self.ears.spans().to_vec();
        if let Some(script) = self.script.take() {
            for (at, speech) in script.speeches.iter().enumerate() {
                let until = script.speeches.get(at + 1).and_then(|next| next.first_ms);
                if speech.over {
                    report.interrupts.extend(report::interrupt(speech, &spans));
                } else {
                    report.turns.extend(report::turn(speech, &spans, until));
                }
            }
            if let Some(answered) = report.answered_ms {
                report.longest_dead_air_ms =
                    report::dead_air(&spans, &script.speeches, answered, report.ended_ms);
            }
            report.notes.extend(script.notes);
        }
        if let Some(media) = self.media.take() {
            report.codec = Some(media.codec_name().into());
            let counts = media.counts();
            (report.rtp_in, report.keys) = (counts.rtp_in, counts.keys);
            (report.rtp_sent, report.rtp_dropped) = (counts.sent, counts.dropped);
            report.first_rtp_after_answer_ms = counts
                .first_ms
                .zip(report.answered_ms)
                .map(|(first, at)| first - at);
        }
        if let Some(answered) = report.answered_ms {
            let first = spans.iter().find(|span| span.to_ms >= answered);
            report.first_voice_after_answer_ms =
                first.map(|span| span.from_ms.saturating_sub(answered));
        }
        report.tones = self.ears.tones();
        report.robot_voiced_ms = self.ears.voiced_ms;
        report.robot_spans = spans;
        if let (Some(path), true) = (&self.callee.record, report.answered_ms.is_some()) {
            let (path, heard) = (numbered(path, report.nth), std::mem::take(&mut self.heard));
            // Not on the thread that beats for the other calls.
            let written = tokio::task::spawn_blocking(move || wav::write(&path, &heard)).await;
            if let Ok(Err(error)) = written {
                report
                    .notes
                    .push(format!("the recording was not written: {error}"));
            }
        }
        // Fails only when the far end is gone.
        drop(self.world.reports.send(self.report).await);
    }
}

/// `name.wav` for the first call, `name-2.wav` for the second.
fn numbered(path: &Path, nth: u32) -> PathBuf {
    if nth < 2 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path
        .extension()
        .map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-{nth}{end}"))
}
