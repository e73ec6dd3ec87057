//! What a readable dialplan may still get wrong: names that do not exist, steps nobody reaches, dead ends, words that cannot
//! be filled, a disclosure that does not disclose.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod disclosure;
mod flow;
mod names;

use super::file::reader::Reader;
use super::plan::Dialplan;

/// Looks at everything; findings go to `reader`. `source` is the file's text, for exact places.
pub(super) fn run(plan: &Dialplan, reader: &mut Reader<'_>, source: &str) {
    names::check(plan, reader);
    names::variables(plan, reader, source);
    flow::check(plan, reader);
    disclosure::check(plan, reader);
}
