//! One archive from one of several sources into a `.part` file that later tries and later runs go on with.
//!
//! RFC 9110: a resumed request names the bytes it has (Range, section 14.2) and the form of the file they belong to (If-Range,
//! 13.1.5); a server that has another file, or knows no ranges, answers with the whole one (200) and it begins again.

use super::{FetchError, Options, Progress, disk};
use crate::engines::models::hash_file;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tries at one source that bring nothing new before the next source is asked.
const TRIES: u32 = 3;
/// A connection that brings no byte for this long is dead.
const STALL: Duration = Duration::from_secs(30);

pub struct Download<'a> {
    pub name: &'a str,
    pub part: &'a Path,
    pub sources: &'a [String],
    /// Bytes, where they are known for sure.
    pub size: Option<u64>,
    pub sha256: Option<&'a str>,
    /// Bytes that unpacking will need besides.
    pub room: u64,
    pub options: &'a Options,
}

/// Why a try failed.
enum Trouble {
    /// Nothing that another source would mend.
    End(FetchError),
    /// The connection broke; bytes came before that.
    Cut(String),
    /// This source does not have it.
    Source(String),
    /// What is here does not belong to what the source has now.
    Changed,
}

type Tell<'a> = &'a mut dyn FnMut(Progress<'_>);

impl Download<'_> {
    /// Downloads, and gives the SHA-256 of what came.
    pub fn run(&self, tell: Tell<'_>) -> Result<String, FetchError> {
        let mut failures = Vec::new();
        if self.have() > 0 && Some(self.have()) == self.size {
            tell(Progress::Checking);
            // A whole archive from before, whose unpacking failed for want of room.
            if let Ok(sha256) = self.verify("") {
                return Ok(sha256);
            }
        }
        for url in self.sources {
            let why = match self.from(&agent(url), url, tell) {
                Ok(sha256) => return Ok(sha256),
                Err(Trouble::End(e)) => return Err(e),
                Err(Trouble::Cut(why) | Trouble::Source(why)) => why,
                Err(Trouble::Changed) => "it changes while it is read".to_owned(),
            };
            tell(Progress::Failed { why: &why });
            failures.push(format!("{url}: {why}"));
        }
        Err(FetchError::NoSource {
            name: self.name.to_owned(),
            kept: self.have(),
            failures,
        })
    }

    fn from(&self, agent: &ureq::Agent, url: &str, tell: Tell<'_>) -> Result<String, Trouble> {
        let mut tries = 0;
        loop {
            let before = self.have();
            let trouble = match self.once(agent, url, tell) {
                Ok(pieced) => {
                    tell(Progress::Checking);
                    match self.verify(url) {
                        Ok(sha256) => return Ok(sha256),
                        // Bytes of an earlier try may be the wrong ones: once more, from the start.
                        Err(Trouble::Source(_)) if pieced => Trouble::Changed,
                        Err(e) => {
                            forget(self.part);
                            return Err(e);
                        }
                    }
                }
                Err(e) => e,
            };
            match trouble {
                Trouble::Changed => {
                    forget(self.part);
                    tries += 1;
                }
                Trouble::Cut(_) if self.have() > before => tries = 0,
                Trouble::Cut(_) => tries += 1,
                other => return Err(other),
            }
            if tries >= TRIES {
                return Err(trouble);
            }
            if let Trouble::Cut(why) = &trouble {
                tell(Progress::Failed { why });
                std::thread::sleep(self.options.pause);
            }
        }
    }

    /// One request, to its end. True when what is here came in more than one piece.
    fn once(&self, agent: &ureq::Agent, url: &str, tell: Tell<'_>) -> Result<bool, Trouble> {
        let have = self.have();
        let note = Note::read(self.part).filter(|n| n.url == url);
        // Without a mark of what the bytes belong to, only a checksum can tell in the end whether the rest fits.
        let resume =
            have > 0 && (note.as_ref().is_some_and(|n| n.strong()) || self.sha256.is_some());
        tell(Progress::Asking {
            url,
            have: if resume { have } else { 0 },
        });
        let mut request = agent.get(url);
        if resume {
            request = request.set("Range", &format!("bytes={have}-"));
            if let Some(note) = note.as_ref().filter(|n| n.strong()) {
                request = request.set("If-Range", &note.mark);
            }
        }
        let response = match request.call() {
            Ok(response) => response,
            // The range begins behind the end: all is here, or it belongs to something else.
            Err(ureq::Error::Status(416, r)) if resume => {
                return if range_total(r.header("Content-Range")) == Some(have) {
                    Ok(true)
                } else {
                    Err(Trouble::Changed)
                };
            }
            Err(ureq::Error::Status(code, r)) => {
                return Err(Trouble::Source(format!("HTTP {code} {}", r.status_text())));
            }
            Err(ureq::Error::Transport(e)) => {
                let why = e.to_string();
                let why = why.strip_prefix(&format!("{url}: ")).unwrap_or(&why);
                let why = why.to_owned();
                // Nobody there at all: the next source. Half a file is worth waiting for.
                return Err(if have == 0 {
                    Trouble::Source(why)
                } else {
                    Trouble::Cut(why)
                });
            }
        };
        let mark = mark(&response);
        let (start, total) = if response.status() == 206 {
            let range = response.header("Content-Range");
            if !resume || range_start(range) != Some(have) {
                return Err(Trouble::Changed);
            }
            if note.is_some_and(|n| !n.mark.is_empty() && n.mark != mark) {
                return Err(Trouble::Changed);
            }
            (have, range_total(range))
        } else {
            let length = response.header("Content-Length");
            (0, length.and_then(|l| l.parse().ok()))
        };
        if let (Some(total), Some(size)) = (total, self.size)
            && total != size
        {
            return Err(Trouble::Source(format!(
                "it has {total} bytes there, not {size}"
            )));
        }
        self.make_room(total.or(self.size).unwrap_or(start) - start)?;
        let (url, mark) = (url.to_owned(), mark);
        Note { url, mark }.write(self.part).map_err(Trouble::End)?;
        self.copy(response.into_reader(), start, total, tell)?;
        Ok(start > 0)
    }

    fn copy(
        &self,
        mut body: impl Read,
        start: u64,
        total: Option<u64>,
        tell: Tell<'_>,
    ) -> Result<(), Trouble> {
        let here = |e| Trouble::End(self.full(e, total.map_or(0, |t| t - start)));
        let mut file = File::options()
            .create(true)
            .append(start > 0)
            .truncate(start == 0)
            .write(true)
            .open(self.part)
            .map_err(here)?;
        let mut done = start;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = match body.read(&mut buffer) {
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Trouble::Cut(format!("the connection broke: {e}"))),
            };
            if n == 0 {
                break;
            }
            file.write_all(&buffer[..n]).map_err(here)?;
            done += n as u64;
            if self.size.is_some_and(|size| done > size) {
                return Err(Trouble::Changed);
            }
            tell(Progress::Bytes { done, total });
        }
        file.sync_all().map_err(here)?;
        match total {
            Some(total) if done < total => {
                let why = format!("the connection broke after {done} of {total} bytes");
                Err(Trouble::Cut(why))
            }
            _ => Ok(()),
        }
    }

    fn make_room(&self, coming: u64) -> Result<(), Trouble> {
        let needed = coming + self.room;
        let folder = self.part.parent().unwrap_or(self.part);
        match (self.options.free)(folder) {
            Some(free) if free < needed => Err(Trouble::End(FetchError::DiskFull {
                path: folder.to_owned(),
                needed: Some(needed.div_ceil(1_000_000)),
                free: free / 1_000_000,
            })),
            _ => Ok(()),
        }
    }

    fn full(&self, error: std::io::Error, needed: u64) -> FetchError {
        match disk::trouble(self.part, error) {
            FetchError::DiskFull { path, free, .. } => FetchError::DiskFull {
                path,
                needed: Some((needed + self.room).div_ceil(1_000_000)),
                free,
            },
            other => other,
        }
    }

    fn verify(&self, url: &str) -> Result<String, Trouble> {
        let found = hash_file(self.part).map_err(|e| Trouble::End(disk::trouble(self.part, e)))?;
        match self.sha256 {
            Some(wanted) if wanted != found => Err(Trouble::Source(format!(
                "what came from {url} has SHA-256 {found}, wanted is {wanted}; it was thrown away"
            ))),
            _ => Ok(found),
        }
    }

    fn have(&self) -> u64 {
        fs::metadata(self.part).map_or(0, |m| m.len())
    }
}

/// Throws away what came.
pub fn forget(part: &Path) {
    let _ = fs::remove_file(part);
    let _ = fs::remove_file(Note::path(part));
}

fn agent(url: &str) -> ureq::Agent {
    // The proxy of the environment cannot know this machine's own servers.
    let host = url.split("://").nth(1).unwrap_or_default();
    let here = ["127.", "localhost", "[::1]"]
        .iter()
        .any(|h| host.starts_with(h));
    ureq::AgentBuilder::new()
        .try_proxy_from_env(!here)
        .timeout_connect(Duration::from_secs(20))
        .timeout_read(STALL)
        .user_agent(concat!("callsmith/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Where the bytes of a part came from, and the mark the server gave them.
struct Note {
    url: String,
    mark: String,
}

impl Note {
    fn path(part: &Path) -> PathBuf {
        part.with_extension("part.from")
    }

    fn read(part: &Path) -> Option<Note> {
        let text = fs::read_to_string(Self::path(part)).ok()?;
        let (url, mark) = text.split_once('\n')?;
        let (url, mark) = (url.to_owned(), mark.trim_end().to_owned());
        Some(Note { url, mark })
    }

    fn write(&self, part: &Path) -> Result<(), FetchError> {
        let path = Self::path(part);
        fs::write(&path, format!("{}\n{}\n", self.url, self.mark))
            .map_err(|e| disk::trouble(&path, e))
    }

    /// Weak marks may stand for other bytes (RFC 9110, 8.8.1).
    fn strong(&self) -> bool {
        !self.mark.is_empty() && !self.mark.starts_with("W/")
    }
}

/// The ETag, or the time of the last change.
fn mark(response: &ureq::Response) -> String {
    let header = |name| response.header(name).map(str::to_owned);
    header("ETag")
        .or_else(|| header("Last-Modified"))
        .unwrap_or_default()
}

/// `bytes START-END/TOTAL`
fn range_start(header: Option<&str>) -> Option<u64> {
    let (start, _) = header?.strip_prefix("bytes ")?.split_once('-')?;
    start.parse().ok()
}

/// `bytes START-END/TOTAL` or `bytes */TOTAL`
fn range_total(header: Option<&str>) -> Option<u64> {
    header?.rsplit_once('/')?.1.parse().ok()
}
