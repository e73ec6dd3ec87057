//! A dialplan and the files it includes, as one tree whose places know their files.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::known::INCLUDED;
use super::reader::{Reader, Source};
use super::{MAX_BYTES, Sources};
use crate::dialogue::diagnostic::{At, advise};
use crate::dialogue::yaml::{self, Key, Kind, Node};

/// How deep includes may go: the dialplan's own includes are the first level.
const MAX_DEPTH: usize = 4;
/// More files than any dialplan includes; what an include bomb meets.
const MAX_FILES: usize = 64;

/// Lists that go on where the file's own end.
const APPENDED: [&str; 3] = ["grade", "remember", "follow_up"];
/// Mappings that are merged key by key.
const MERGED: [&str; 12] = [
    "values",
    "pronounce",
    "lead",
    "intents",
    "steps",
    "globals",
    "faq",
    "card",
    "busy",
    "handoff",
    "no_input",
    "no_match",
];

type Entries = Vec<(Key, Node)>;

/// Reads the text and everything it includes. What is wrong is noted in `reader`; `None` when nothing can be made of it.
pub(super) fn gather(
    reader: &mut Reader,
    text: &str,
    name: &str,
    sources: Option<&dyn Sources>,
) -> Option<Node> {
    let mut gather = Gather {
        reader,
        sources,
        folder: folder(name).to_string(),
        chain: vec![file_name(name).to_string()],
        seen: Vec::new(),
    };
    gather.file(text, name)
}

struct Gather<'a> {
    reader: &'a mut Reader,
    sources: Option<&'a dyn Sources>,
    /// The dialplan's own folder as it was given, for the names in messages.
    folder: String,
    /// The files being read, each included by the one before; paths from the dialplan's folder.
    chain: Vec<String>,
    seen: Vec<String>,
}

impl Gather<'_> {
    fn file(&mut self, text: &str, name: &str) -> Option<Node> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let index = self.reader.files.len() as u16;
        let too_large = text.len() > MAX_BYTES;
        self.reader.files.push(Source {
            name: name.to_string(),
            text: if too_large { "" } else { text }.to_string(),
        });
        if too_large {
            let at = At {
                file: index,
                ..At::default()
            };
            self.reader.error(
                at,
                format!(
                    "{} bytes are more than a dialplan may have ({MAX_BYTES})",
                    text.len()
                ),
                "split the conversation into several files",
            );
            return None;
        }
        let mut tree = match yaml::parse(text, name, index) {
            Ok(tree) => tree,
            Err(found) => {
                self.reader.found.push(found);
                return None;
            }
        };
        if let Kind::Map(entries) = &mut tree.kind
            && let Some(i) = entries.iter().position(|(k, _)| k.text == "include")
        {
            let (_, list) = entries.remove(i);
            let mut under: Entries = Vec::new();
            for (path, at) in self.reader.texts(&list, "include") {
                if let Some(mut entries) = self.included(&path, at) {
                    lay_over(&mut entries, under);
                    under = entries;
                }
            }
            lay_over(entries, under);
        }
        Some(tree)
    }

    fn included(&mut self, path: &str, at: At) -> Option<Entries> {
        if let Some(advice) = leaves(path) {
            let message = format!("include {path:?} leaves the dialplan's folder");
            self.reader.error(at, message, advice);
            return None;
        }
        let here = self.chain.last().map_or("", |c| folder(c));
        let path = format!("{here}{}", path.trim_start_matches("./"));
        if let Some(i) = self.chain.iter().position(|c| *c == path) {
            let mut circle: Vec<&str> = self.chain[i..].iter().map(String::as_str).collect();
            circle.push(&path);
            let message = format!(
                "files include each other in a circle: {}",
                circle.join(" → ")
            );
            let advice = "take this include out, or move what both need into a third file";
            self.reader.error(at, message, advice);
            return None;
        }
        if self.chain.len() > MAX_DEPTH {
            let message = format!(
                "includes go deeper than {MAX_DEPTH} files: {} → {path}",
                self.chain.join(" → ")
            );
            let advice = "include the last file from the dialplan itself";
            self.reader.error(at, message, advice);
            return None;
        }
        // A file that two others include counts once.
        if self.seen.contains(&path) {
            return None;
        }
        if self.seen.len() >= MAX_FILES {
            let message = format!("more than {MAX_FILES} files are included");
            self.reader.error(at, message, "join some of them");
            return None;
        }
        let Some(sources) = self.sources else {
            self.reader.error(
                at,
                format!("{path:?} cannot be included here: this text stands alone"),
                "save it as a file beside the files it includes",
            );
            return None;
        };
        self.seen.push(path.clone());
        let text = match sources.read(&path) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("{path:?} cannot be included: {why}");
                let advice = "paths are relative to the file that includes";
                self.reader.error(at, message, advice);
                return None;
            }
        };
        let name = format!("{}{path}", self.folder);
        self.chain.push(path);
        let tree = self.file(&text, &name);
        self.chain.pop();
        self.sections(tree?)
    }

    /// The sections of an included file; those that only a dialplan has are refused.
    fn sections(&mut self, tree: Node) -> Option<Entries> {
        let Kind::Map(mut entries) = tree.kind else {
            let message = format!("an included file must be a mapping, and is {}", tree.is());
            let advice = "write sections such as `faq:` or `intents:`, as in a dialplan";
            self.reader.error(tree.at, message, advice);
            return None;
        };
        entries.retain(|(key, _)| {
            let known = INCLUDED.contains(&key.text.as_str());
            if !known {
                let advice = if super::known::TOP.contains(&key.text.as_str()) {
                    format!(
                        "{:?} belongs into the dialplan that includes this file",
                        key.text
                    )
                } else {
                    advise(&key.text, INCLUDED.iter().copied())
                };
                let message = format!("an included file has no field {:?}", key.text);
                self.reader.error(key.at, message, advice);
            }
            known
        });
        Some(entries)
    }
}

/// Puts what `top` lacks under it.
fn lay_over(top: &mut Entries, under: Entries) {
    for (key, node) in under {
        let Some((_, own)) = top.iter_mut().find(|(k, _)| k.text == key.text) else {
            top.push((key, node));
            continue;
        };
        match (&mut own.kind, node.kind) {
            (kind @ Kind::Null, other) => *kind = other,
            (Kind::List(own), Kind::List(more)) if APPENDED.contains(&key.text.as_str()) => {
                own.extend(more);
            }
            (Kind::Map(own), Kind::Map(more)) if MERGED.contains(&key.text.as_str()) => {
                for (k, n) in more {
                    if own.iter().all(|(o, _)| o.text != k.text) {
                        own.push((k, n));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Why a path is not one inside the dialplan's folder.
fn leaves(path: &str) -> Option<&'static str> {
    let outside = path.starts_with(['/', '\\', '~'])
        || path.contains([':', '\0'])
        || path.split(['/', '\\']).any(|p| p == "..");
    if outside {
        return Some("give a path relative to this file, without ..");
    }
    path.contains('\\')
        .then_some("write folders with / between them")
}

/// The folder part of a path, with its slash.
fn folder(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |i| &path[..=i])
}

fn file_name(path: &str) -> &str {
    &path[folder(path).len()..]
}
