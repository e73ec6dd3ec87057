//! The dialplan file, read into a [`Dialplan`]. The format's fields are the lists of [`known`].
//!
//! The YAML becomes a tree with places first ([`super::yaml`]), included files are merged into it, and it is read by hand from
//! there: a file may hold a text where a mapping may stand as well, and every mistake is to be reported at once, each with its
//! file and line.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod action;
mod include;
pub(in crate::dialogue) mod known;
mod lookup;
mod parts;
mod prompt;
pub(in crate::dialogue) mod reader;
mod rules;
mod slots;
mod step;
#[cfg(test)]
#[allow(clippy::disallowed_methods)] // the tests read their dialplans from files
mod tests;
mod top;
mod train;
mod when;
mod words;

use super::check;
use super::diagnostic::Diagnostic;
use super::plan::Dialplan;
pub(in crate::dialogue) use lookup::url_host;
pub(in crate::dialogue) use parts::BUILTIN_TAGS;
use reader::Reader;

/// The largest file read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Where included files come from.
pub trait Sources {
    /// The text of the file at `path`, relative to the dialplan's folder and inside it.
    ///
    /// # Errors
    /// Why there is none, in words for the dialplan's author.
    fn read(&self, path: &str) -> Result<String, String>;
}

impl Dialplan {
    /// Reads and checks a dialplan's text that includes no other files. `file_name` is for the messages.
    ///
    /// # Errors
    /// Everything wrong with it, in the order of the file, warnings included.
    pub fn parse(text: &str, file_name: &str) -> Result<Dialplan, Vec<Diagnostic>> {
        read(text, file_name, None)
    }

    /// Reads and checks a dialplan and the files it includes.
    ///
    /// # Errors
    /// Everything wrong with them, file by file in the order of the lines, warnings included.
    pub fn parse_with(
        text: &str,
        file_name: &str,
        sources: &dyn Sources,
    ) -> Result<Dialplan, Vec<Diagnostic>> {
        read(text, file_name, Some(sources))
    }
}

fn read(
    text: &str,
    name: &str,
    sources: Option<&dyn Sources>,
) -> Result<Dialplan, Vec<Diagnostic>> {
    let mut reader = Reader::default();
    let tree = include::gather(&mut reader, text, name, sources);
    let mut plan = tree.and_then(|tree| reader.plan(&tree));
    if let Some(plan) = &plan {
        check::run(plan, &mut reader);
    }
    // Training is the slow part, and worth it only for a file that will be used.
    if reader.usable()
        && let Some(plan) = &mut plan
    {
        train::train(plan, &mut reader);
        if reader.usable() {
            check::trained(plan, &mut reader);
        }
    }
    let usable = reader.usable();
    let order = |name: &str| reader.files.iter().position(|f| f.name == name);
    let mut found = std::mem::take(&mut reader.found);
    found.sort_by_cached_key(|d| (order(&d.file), d.line, d.column));
    match plan {
        Some(mut plan) if usable => {
            plan.warnings = found;
            Ok(plan)
        }
        _ => Err(found),
    }
}
