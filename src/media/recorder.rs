//! Two-channel recordings (left: robot and agent, right: callee), written by one thread for all calls. The tick only
//! puts frames into a bounded channel; a slow or full disk costs the recording, never the call.

use super::MediaError;
use crate::audio::wav::{TwoChannelWriter, repair};
use crate::audio::{FRAME_MS, Frame, SILENCE};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use tokio::sync::oneshot;

/// Frames that may wait for the disk, over all calls: 20 s of 200 calls.
const QUEUE: usize = 200 * 50 * 20 / 50;

/// The writing thread's handle; cheap to clone. The thread ends when all handles and recordings are gone.
#[derive(Clone, Debug)]
pub struct Recorder {
    orders: SyncSender<Order>,
    next: Arc<std::sync::atomic::AtomicU64>,
}

/// What a finished recording is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingInfo {
    pub path: PathBuf,
    /// Milliseconds on disk.
    pub ms: u64,
    /// Frames replaced by silence because the disk was too slow.
    pub dropped: u64,
    /// Why it stopped before the call did (disk full), if it did.
    pub failed: Option<String>,
}

/// One call's recording. Dropping it closes the file as well.
#[derive(Debug)]
pub struct Recording {
    id: u64,
    path: PathBuf,
    orders: SyncSender<Order>,
    frames: u64,
    dropped: u64,
    failed: Arc<OnceLock<String>>,
    finished: bool,
}

enum Order {
    Open {
        id: u64,
        path: PathBuf,
        failed: Arc<OnceLock<String>>,
    },
    Frame {
        id: u64,
        at: u64,
        left: Box<Frame>,
        right: Box<Frame>,
    },
    Finish {
        id: u64,
        frames: u64,
        done: Option<oneshot::Sender<u64>>,
    },
}

impl Recorder {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start() -> Result<Self, MediaError> {
        let (orders, inbox) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || write_all(&inbox))
            .map_err(MediaError::Thread)?;
        Ok(Recorder {
            orders,
            next: Arc::default(),
        })
    }

    /// Begins a recording. Never blocks: that the file cannot be made shows in [`Recording::failed`] soon after.
    #[must_use]
    pub fn open(&self, path: &Path) -> Recording {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let failed = Arc::new(OnceLock::new());
        let order = Order::Open {
            id,
            path: path.into(),
            failed: failed.clone(),
        };
        if self.orders.try_send(order).is_err() {
            let _ = failed.set(format!("{}: the recorder is overloaded", path.display()));
        }
        Recording {
            id,
            path: path.into(),
            orders: self.orders.clone(),
            frames: 0,
            dropped: 0,
            failed,
            finished: false,
        }
    }
}

impl Recording {
    /// Adds 20 ms. Never blocks; when the queue is full these 20 ms become silence and are counted.
    pub fn push(&mut self, left: &Frame, right: &Frame) {
        let at = self.frames;
        self.frames += 1;
        if self.failed.get().is_some() {
            return;
        }
        let order = Order::Frame {
            id: self.id,
            at,
            left: Box::new(*left),
            right: Box::new(*right),
        };
        if self.orders.try_send(order).is_err() {
            self.dropped += 1;
        }
    }

    /// Why nothing is recorded any more, once that is so.
    #[must_use]
    pub fn failed(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    /// Frames dropped so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Closes the file and waits until it is whole.
    pub async fn finish(mut self) -> RecordingInfo {
        let (done, whole) = oneshot::channel();
        self.finished = true;
        let mut order = Order::Finish {
            id: self.id,
            frames: self.frames,
            done: Some(done),
        };
        // The end of a call may wait a moment for a slow disk; its ticks are over.
        while let Err(std::sync::mpsc::TrySendError::Full(back)) = self.orders.try_send(order) {
            order = back;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let frames = whole.await.unwrap_or(0);
        RecordingInfo {
            path: self.path.clone(),
            ms: frames * FRAME_MS,
            dropped: self.dropped,
            failed: self.failed.get().cloned(),
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if !self.finished {
            // Should the queue be full, the file stays open until the thread ends; its header is true all the same.
            let _ = self.orders.try_send(Order::Finish {
                id: self.id,
                frames: self.frames,
                done: None,
            });
        }
    }
}

/// Makes every recording in a folder playable that a killed process left behind; returns how many were mended. Files
/// that are no recordings are passed over.
///
/// # Errors
/// When the folder cannot be read.
pub fn repair_folder(folder: &Path) -> std::io::Result<usize> {
    let mut mended = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "wav") {
            continue;
        }
        match repair(&path) {
            Ok(changed) => mended += usize::from(changed),
            Err(e) => tracing::warn!("a recording cannot be repaired: {e}"),
        }
    }
    Ok(mended)
}

struct Open {
    file: TwoChannelWriter,
    frames: u64,
    failed: Arc<OnceLock<String>>,
}

impl Open {
    fn push(&mut self, left: &Frame, right: &Frame) -> bool {
        if self.failed.get().is_some() {
            return false;
        }
        match self.file.push(left, right) {
            Ok(()) => self.frames += 1,
            Err(e) => self.stop(&e.to_string()),
        }
        self.failed.get().is_none()
    }

    fn stop(&self, why: &str) {
        if self.failed.set(why.to_string()).is_ok() {
            tracing::error!("a recording stopped, its call goes on: {why}");
        }
    }

    /// Frames that were dropped become silence, so that both channels keep the call's time.
    fn fill_to(&mut self, at: u64) {
        while self.frames < at && self.push(&SILENCE, &SILENCE) {}
    }
}

fn write_all(inbox: &Receiver<Order>) {
    let mut open: BTreeMap<u64, Open> = BTreeMap::new();
    while let Ok(order) = inbox.recv() {
        match order {
            Order::Open { id, path, failed } => match TwoChannelWriter::create(&path) {
                Ok(file) => drop(open.insert(
                    id,
                    Open {
                        file,
                        frames: 0,
                        failed,
                    },
                )),
                Err(e) => {
                    tracing::error!("a call is not recorded: {e}");
                    let _ = failed.set(e.to_string());
                }
            },
            Order::Frame {
                id,
                at,
                left,
                right,
            } => {
                if let Some(recording) = open.get_mut(&id) {
                    recording.fill_to(at);
                    recording.push(&left, &right);
                }
            }
            Order::Finish { id, frames, done } => {
                let mut written = 0;
                if let Some(mut recording) = open.remove(&id) {
                    recording.fill_to(frames);
                    if let Err(e) = recording.file.flush() {
                        recording.stop(&e.to_string());
                    }
                    written = recording.frames;
                }
                if let Some(done) = done {
                    let _ = done.send(written);
                }
            }
        }
    }
    for recording in open.values_mut() {
        let _ = recording.file.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone::{Tone, level_of};

    #[tokio::test]
    async fn a_call_is_recorded_with_each_side_on_its_channel() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::start().unwrap();
        let mut recording = recorder.open(&dir.path().join("a.wav"));
        let (mut left, mut right) = (Tone::new(500.0, -20.0), Tone::new(1500.0, -20.0));
        for _ in 0..60 {
            recording.push(&left.frame(), &right.frame());
        }
        let info = recording.finish().await;
        assert_eq!((info.ms, info.dropped, &info.failed), (1200, 0, &None));
        let flat: Vec<i16> = hound::WavReader::open(&info.path)
            .unwrap()
            .samples()
            .map(Result::unwrap)
            .collect();
        assert_eq!(flat.len(), 2 * 9600);
        let l: Vec<i16> = flat.iter().step_by(2).copied().collect();
        assert!(level_of(&l, 500.0) > -21.0 && level_of(&l, 1500.0) < -70.0);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_made_costs_the_recording_only() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::start().unwrap();
        let mut bad = recorder.open(&dir.path().join("no/such/folder/a.wav"));
        bad.push(&SILENCE, &SILENCE);
        let info = bad.finish().await;
        assert!(info.failed.unwrap().contains("a.wav"));
        assert_eq!(info.ms, 0);
        let mut good = recorder.open(&dir.path().join("b.wav"));
        good.push(&SILENCE, &SILENCE);
        assert_eq!(good.finish().await.ms, 20);
    }

    #[tokio::test]
    async fn a_full_disk_stops_the_recording_with_a_reason() {
        // /dev/full refuses every byte, as a full disk does.
        let recorder = Recorder::start().unwrap();
        let mut recording = recorder.open(Path::new("/dev/full"));
        for _ in 0..200 {
            recording.push(&SILENCE, &SILENCE);
        }
        let info = recording.finish().await;
        assert!(info.failed.is_some(), "{info:?}");
    }

    #[tokio::test]
    async fn dropped_frames_become_silence_so_that_time_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::start().unwrap();
        let mut recording = recorder.open(&dir.path().join("a.wav"));
        recording.push(&[1000; 160], &[1000; 160]);
        recording.frames += 10;
        recording.push(&[1000; 160], &[1000; 160]);
        let info = recording.finish().await;
        assert_eq!(info.ms, 240);
    }

    #[test]
    fn a_folder_is_mended_at_start() {
        let dir = tempfile::tempdir().unwrap();
        let cut = dir.path().join("cut.wav");
        let mut file = TwoChannelWriter::create(&cut).unwrap();
        for _ in 0..60 {
            file.push(&SILENCE, &SILENCE).unwrap();
        }
        std::fs::OpenOptions::new()
            .write(true)
            .open(&cut)
            .unwrap()
            .set_len(5000)
            .unwrap();
        std::fs::write(dir.path().join("other.wav"), b"no sound").unwrap();
        std::fs::write(dir.path().join("note.txt"), b"text").unwrap();
        assert_eq!(repair_folder(dir.path()).unwrap(), 1);
        assert_eq!(repair_folder(dir.path()).unwrap(), 0);
        assert_eq!(hound::WavReader::open(&cut).unwrap().duration(), 4956 / 4);
    }
}
