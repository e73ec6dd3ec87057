//! One recording's way through the product on a virtual clock: G.711, 20 ms frames, VAD, endpointer, recogniser. The clock
//! stands while a decode runs; its answer arrives as much later as it took.

use crate::app::wiring::Listening;
use crate::audio::g711::Law;
use crate::audio::{FRAME, Frame};
use crate::hearing::pipeline::{HearingEvent, Pipeline, PipelineConfig};
use crate::hearing::traits::{DecodeId, Ear, Recognised, RecognisedKind};
use crate::terms::{Expectation, Ms};
use anyhow::{Result, bail};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Silence of the line in front of a recording and behind it, milliseconds.
const LEAD_MS: usize = 300;
const TAIL_MS: usize = 2600;
/// A decode that takes longer than this has hung.
const PATIENCE: Duration = Duration::from_secs(60);
/// A rough text that is nothing is never answered.
const ROUGH_PATIENCE: Duration = Duration::from_millis(800);

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub events: Vec<(Ms, HearingEvent)>,
    /// Process time, milliseconds.
    pub cpu_ms: f64,
    /// When the recording's last speech ended, on the virtual clock.
    pub speech_ended: Ms,
}

/// Runs `samples` (8 kHz) through a new pipeline.
pub async fn through(
    listening: &Listening,
    config: &PipelineConfig,
    expectation: &Arc<Expectation>,
    samples: &[i16],
) -> Result<Heard> {
    let (tell, mut told) = mpsc::channel(64);
    let asked = Arc::new(Asked::default());
    let ear = Counted {
        inner: listening.recognizer.open(tell),
        asked: asked.clone(),
    };
    let mut pipeline = Pipeline::new(
        config.clone(),
        (listening.denoiser)(),
        (listening.vad)(),
        Box::new(ear),
    );
    pipeline.expect(expectation.clone());
    let mut heard = Heard {
        speech_ended: Ms((LEAD_MS + speech_end(samples)) as u64),
        ..Heard::default()
    };
    let began = cpu_time();
    let mut now = Ms(0);
    let mut events = Vec::new();
    let mut arriving: VecDeque<(Ms, Recognised)> = VecDeque::new();
    let (mut finals, mut rough) = (0, 0);
    for frame in frames(samples) {
        now = now.after(20);
        pipeline.frame(now, &frame, &mut events);
        let wall = Instant::now();
        while finals < asked.finals.load(Ordering::Relaxed) {
            let Ok(Some(r)) = tokio::time::timeout(PATIENCE, told.recv()).await else {
                bail!("the recogniser did not answer within {PATIENCE:?}");
            };
            if is_rough(&r) {
                arriving.push_back((now, r));
                continue;
            }
            finals += 1;
            let late = wall.elapsed().as_millis() as u64;
            arriving.push_back((now.after(late), r));
        }
        while rough < asked.rough.load(Ordering::Relaxed) {
            rough += 1;
            if let Ok(Some(r)) = tokio::time::timeout(ROUGH_PATIENCE, told.recv()).await {
                arriving.push_back((now.after(wall.elapsed().as_millis() as u64), r));
            }
        }
        while arriving.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, r)) = arriving.pop_front() {
                pipeline.recognised(now, r, &mut events);
            }
        }
        heard.events.extend(events.drain(..).map(|e| (now, e)));
    }
    for (at, r) in arriving {
        now = now.max(at);
        pipeline.recognised(now, r, &mut events);
        heard.events.extend(events.drain(..).map(|e| (now, e)));
    }
    heard.cpu_ms = (cpu_time() - began).as_secs_f64() * 1000.0;
    Ok(heard)
}

fn is_rough(r: &Recognised) -> bool {
    matches!(r.kind, RecognisedKind::Partial(_))
}

/// The line's frames: μ-law and back, with silence around.
fn frames(samples: &[i16]) -> Vec<Frame> {
    let mut whole = vec![0i16; LEAD_MS * 8];
    whole.extend_from_slice(samples);
    whole.extend(std::iter::repeat_n(0, TAIL_MS * 8));
    let law = Law::Mu;
    whole
        .chunks(FRAME)
        .map(|chunk| {
            let mut frame = [0i16; FRAME];
            frame[..chunk.len()].copy_from_slice(chunk);
            law.decode_frame(&law.encode_frame(&frame))
        })
        .collect()
}

/// Milliseconds from the start to the end of the last 10 ms that stand out: no more than 30 dB below the loudest, and 10 dB
/// above the recording's own noise.
fn speech_end(samples: &[i16]) -> usize {
    let power: Vec<f64> = samples
        .chunks(80)
        .map(|c| c.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / c.len() as f64)
        .collect();
    let mut sorted = power.clone();
    sorted.sort_by(f64::total_cmp);
    let most = sorted.last().copied().unwrap_or(0.0);
    let noise = sorted.get(sorted.len() / 10).copied().unwrap_or(0.0);
    let border = (most / 1000.0).max(noise * 10.0).min(most / 10.0);
    power
        .iter()
        .rposition(|p| *p > border)
        .map_or(0, |at| (at + 1) * 10)
}

/// User and system time of this process.
pub fn cpu_time() -> Duration {
    // SAFETY: getrusage only fills the struct it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let of = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
    };
    of(usage.ru_utime) + of(usage.ru_stime)
}

/// How many answers are on their way.
#[derive(Default)]
struct Asked {
    finals: AtomicUsize,
    rough: AtomicUsize,
}

/// An ear that counts what it is asked.
struct Counted {
    inner: Box<dyn Ear>,
    asked: Arc<Asked>,
}

impl Ear for Counted {
    fn expect(&mut self, expectation: &Arc<Expectation>) {
        self.inner.expect(expectation);
    }
    fn begin(&mut self, utterance: u32, preroll: &[i16]) {
        self.inner.begin(utterance, preroll);
    }
    fn audio(&mut self, frame: &Frame) {
        self.inner.audio(frame);
    }
    fn partial(&mut self, id: DecodeId) {
        self.asked.rough.fetch_add(1, Ordering::Relaxed);
        self.inner.partial(id);
    }
    fn idle_partial(&mut self, id: DecodeId) {
        self.asked.rough.fetch_add(1, Ordering::Relaxed);
        self.inner.idle_partial(id);
    }
    fn withdraw(&mut self, id: DecodeId) {
        self.inner.withdraw(id);
    }
    fn decode(&mut self, id: DecodeId) {
        self.asked.finals.fetch_add(1, Ordering::Relaxed);
        self.inner.decode(id);
    }
    fn end(&mut self) {
        self.inner.end();
    }
}
