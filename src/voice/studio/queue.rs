//! The studio's work queue and its threads.

use super::super::cache::{Disk, Key, Memory, Sound};
use super::super::traits::{Clause, Synthesizer};
use super::super::{post, recording};
use super::{StudioConfig, VoiceError};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// One sound to be made.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) task: Task,
}

#[derive(Clone, Debug)]
pub(super) enum Task {
    Clause(Clause),
    Recording(PathBuf),
}

type Answer = Result<Sound, VoiceError>;

struct Made {
    /// What it is remembered under.
    key: Key,
    sound: Sound,
    /// It is not on disk yet.
    is_new: bool,
}

/// Jobs that wait, jobs that run, and sounds that are there.
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    disk: Disk,
    voice: Arc<dyn Synthesizer>,
}

struct State {
    memory: Memory,
    urgent: VecDeque<Job>,
    background: VecDeque<Job>,
    /// Jobs that a thread has taken.
    running: HashSet<Key>,
    /// Everybody who waits for a job, waiting or running.
    waiting: HashMap<Key, Vec<oneshot::Sender<Answer>>>,
    closed: bool,
}

/// Which jobs a thread takes.
#[derive(Copy, Clone, PartialEq)]
enum Duty {
    UrgentOnly,
    All,
}

impl Queue {
    pub(super) fn start(
        voice: Arc<dyn Synthesizer>,
        dir: PathBuf,
        config: &StudioConfig,
    ) -> Arc<Queue> {
        let queue = Arc::new(Queue {
            state: Mutex::new(State {
                memory: Memory::new(config.memory_mib.max(1) << 20),
                urgent: VecDeque::new(),
                background: VecDeque::new(),
                running: HashSet::new(),
                waiting: HashMap::new(),
                closed: false,
            }),
            work: Condvar::new(),
            disk: Disk::new(dir),
            voice,
        });
        // A thread's priority can be lowered by anybody but raised again only by root: hence two kinds of threads.
        let duties = std::iter::once(Duty::UrgentOnly)
            .chain(std::iter::repeat_n(Duty::All, config.workers.max(1)));
        for (i, duty) in duties.enumerate() {
            let queue = queue.clone();
            let started = std::thread::Builder::new()
                .name(format!("voice-{i}"))
                .spawn(move || {
                    if duty == Duty::All {
                        lower_priority();
                    }
                    queue.serve(duty);
                });
            if let Err(error) = started {
                tracing::error!(%error, "a voice thread could not be started");
            }
        }
        queue
    }

    /// Queues a job unless its sound is in memory or on its way; the future waits for the sound.
    pub(super) fn submit(&self, job: Job, urgent: bool) -> impl Future<Output = Answer> + use<> {
        let (tell, told) = oneshot::channel();
        let mut state = self.lock();
        // A recording may have been replaced: its thread looks at the file's time first.
        let remembered = match job.task {
            Task::Clause(_) => state.memory.get(&job.key),
            Task::Recording(_) => None,
        };
        if let Some(sound) = remembered {
            let _ = tell.send(Ok(sound));
        } else if state.closed {
            let _ = tell.send(Err(VoiceError::Closed));
        } else {
            state.enqueue(job, urgent, tell);
            drop(state);
            self.work.notify_all();
        }
        async move { told.await.unwrap_or(Err(VoiceError::Closed)) }
    }

    /// The sound of a clause that was spoken before, from memory or disk.
    pub(super) fn cached(&self, key: &Key) -> Option<Sound> {
        let remembered = self.lock().memory.get(key);
        remembered.or_else(|| {
            let sound = self.disk.read(key)?;
            self.lock().memory.put(key.clone(), sound.clone());
            Some(sound)
        })
    }

    /// Somebody is speaking this just now.
    pub(super) fn begun(&self, key: &Key) -> bool {
        self.lock().running.contains(key)
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.urgent.clear();
        state.background.clear();
        drop(state);
        self.work.notify_all();
    }

    fn serve(&self, duty: Duty) {
        while let Some((job, urgent)) = self.next(duty) {
            // A bug in one clause must not cost the thread that all others need.
            let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.make(&job)))
                .unwrap_or_else(|_| Err(VoiceError::Engine("it panicked".into())));
            // A slow disk keeps nobody waiting who talks to somebody.
            if !urgent {
                self.store(&made);
            }
            let mut state = self.lock();
            if let Ok(made) = &made {
                state.memory.put(made.key.clone(), made.sound.clone());
            }
            state.running.remove(&job.key);
            let waiting = state.waiting.remove(&job.key).unwrap_or_default();
            drop(state);
            for tell in waiting {
                let _ = tell.send(made.as_ref().map(|m| m.sound.clone()).map_err(Clone::clone));
            }
            if urgent {
                self.store(&made);
            }
        }
    }

    fn store(&self, made: &Result<Made, VoiceError>) {
        if let Ok(made) = made
            && made.is_new
        {
            self.disk.write(&made.key, &made.sound);
        }
    }

    /// A job, and whether somebody waits for it on a call.
    fn next(&self, duty: Duty) -> Option<(Job, bool)> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let urgent = state.urgent.pop_front().map(|job| (job, true));
            let next = urgent.or_else(|| match duty {
                Duty::UrgentOnly => None,
                Duty::All => Some((state.background.pop_front()?, false)),
            });
            if let Some((job, urgent)) = next {
                state.running.insert(job.key.clone());
                return Some((job, urgent));
            }
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn make(&self, job: &Job) -> Result<Made, VoiceError> {
        match &job.task {
            Task::Clause(clause) => {
                let key = job.key.clone();
                if let Some(sound) = self.disk.read(&key) {
                    return Ok(Made {
                        key,
                        sound,
                        is_new: false,
                    });
                }
                let sound = synthesise(self.voice.as_ref(), clause)?;
                Ok(Made {
                    key,
                    sound: Arc::new(sound),
                    is_new: true,
                })
            }
            Task::Recording(path) => self.recording(path).map(|(key, sound)| Made {
                key,
                sound,
                is_new: false,
            }),
        }
    }

    /// A recording's sound, and the key it is remembered under.
    fn recording(&self, path: &Path) -> Result<(Key, Sound), VoiceError> {
        let wrong = |why: String| VoiceError::Recording {
            path: path.display().to_string(),
            why,
        };
        let file = std::fs::metadata(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => wrong("the file does not exist".into()),
            _ => wrong(e.to_string()),
        })?;
        let (name, len) = (path.to_string_lossy(), file.len().to_string());
        let changed = format!("{:?}", file.modified().ok());
        let key = Key::of(&["recording", &name, &len, &changed]);
        if let Some(sound) = self.lock().memory.get(&key) {
            return Ok((key, sound));
        }
        let sound = recording::read(path).map_err(wrong)?;
        Ok((key, Arc::new(sound)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enqueue(&mut self, job: Job, urgent: bool, tell: oneshot::Sender<Answer>) {
        let known = self.waiting.entry(job.key.clone()).or_default();
        known.push(tell);
        if known.len() == 1 {
            let line = if urgent {
                &mut self.urgent
            } else {
                &mut self.background
            };
            line.push_back(job);
        } else if urgent {
            // It waits already, or runs: if it waits among the unhurried, it overtakes them.
            if let Some(at) = self.background.iter().position(|j| j.key == job.key) {
                self.background.remove(at);
                self.urgent.push_back(job);
            }
        }
    }
}

/// One clause as telephone sound. Blocks for about a third of its length.
pub(super) fn synthesise(voice: &dyn Synthesizer, clause: &Clause) -> Result<Vec<i16>, VoiceError> {
    let raw = voice
        .speak(clause)
        .map_err(|e| VoiceError::Engine(e.to_string()))?;
    let sound = post::finish(&raw, voice.rate());
    if sound.is_empty() {
        let what = format!("it gave only silence for {:?}", clause.phonemes);
        return Err(VoiceError::Engine(what));
    }
    Ok(sound)
}

/// Leaves the processor to live calls.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // SAFETY: setpriority takes plain numbers; on Linux "process 0" is the calling thread alone.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
