//! YAML as a tree that knows where each of its words stands, so that a finding about the meaning can point at a line.
//! Scalars stay as they are written: `version: 1.10`, `yes` and `007` are text until a field asks for something else.
//! Anchors, aliases, tags and merge keys are refused: a dialplan needs none of them, and they are how a small file grows large.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::diagnostic::{At, Diagnostic, Severity};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// Deeper nesting than any dialplan has.
const MAX_DEPTH: usize = 24;
/// More nodes than any dialplan of the allowed size needs.
const MAX_NODES: usize = 100_000;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: At,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub text: String,
    pub at: At,
}

impl Node {
    /// What it is, in words for a message.
    pub fn is(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// Reads one document. `index` goes into its places.
pub(super) fn parse(text: &str, file: &str, index: u16) -> Result<Node, Diagnostic> {
    let mut tree = Tree {
        events: Parser::new_from_str(text),
        text,
        file,
        index,
        nodes: 0,
    };
    let node = tree.document();
    node.map_err(|fault| {
        let line = text.lines().nth((fault.at.line as usize).saturating_sub(1));
        Diagnostic::new(file, fault.at, Severity::Error, fault.message, fault.advice)
            .quoting(line.unwrap_or_default())
    })
}

struct Fault {
    at: At,
    message: String,
    advice: String,
}

struct Tree<'a, I: serde_saphyr::granit_parser::BorrowedInput<'a>> {
    events: Parser<'a, I>,
    text: &'a str,
    file: &'a str,
    index: u16,
    nodes: usize,
}

impl<'a, I: serde_saphyr::granit_parser::BorrowedInput<'a>> Tree<'a, I> {
    fn document(&mut self) -> Result<Node, Fault> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) => {}
                Event::StreamEnd | Event::DocumentEnd => {
                    return Err(Fault {
                        at: self.at(&span),
                        message: format!("{} is empty", self.file),
                        advice: "a dialplan begins with `callsmith: 1`".into(),
                    });
                }
                other => {
                    let root = self.node(other, span, 0)?;
                    self.only_one()?;
                    return Ok(root);
                }
            }
        }
    }

    fn only_one(&mut self) -> Result<(), Fault> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart(..) => {
                    return Err(Fault {
                        at: self.at(&span),
                        message: "a second document begins here".into(),
                        advice: "one file holds one dialplan: remove the `---` and what follows"
                            .into(),
                    });
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        loop {
            let got = self.events.next_event();
            match got {
                None => return Ok((Event::StreamEnd, Span::default())),
                Some(Err(e)) => return Err(self.syntax(&e)),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(pair)) => return Ok(pair),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Fault> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(Fault {
                at: self.at(&span),
                message: format!(
                    "nested deeper than {MAX_DEPTH} levels, or more than {MAX_NODES} entries"
                ),
                advice: "a dialplan never needs this: split the conversation into two files".into(),
            });
        }
        let (anchor, tagged) = match &event {
            Event::Scalar(_, _, a, t) => (*a, t.is_some()),
            Event::SequenceStart(_, a, t) | Event::MappingStart(_, a, t) => (*a, t.is_some()),
            _ => (0, false),
        };
        if anchor != 0 || tagged || matches!(event, Event::Alias(_)) {
            return Err(Fault {
                at: self.at(&span),
                message: "anchors (&), aliases (*) and tags (!) are not allowed".into(),
                advice:
                    "write the text out; if the text itself begins with &, * or !, put it in quotes"
                        .into(),
            });
        }
        let place = self.at(&span);
        let kind = match event {
            Event::Scalar(text, style, ..) => {
                let bare = style == ScalarStyle::Plain;
                match text.as_ref() {
                    "" | "~" | "null" if bare => Kind::Null,
                    t => Kind::Text(t.to_string()),
                }
            }
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.map(depth)?,
            _ => Kind::Null,
        };
        Ok(Node { at: place, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd | Event::StreamEnd) {
                return Ok(Kind::List(items));
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Fault> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                return Ok(Kind::Map(entries));
            }
            let key = self.node(event, span, depth + 1)?;
            let place = key.at;
            let text = match key.kind {
                Kind::Text(t) => t,
                _ => {
                    return Err(Fault {
                        at: place,
                        message: format!("{} cannot be a key", key.is()),
                        advice:
                            "if this was meant as text that begins with { or [, put it in quotes"
                                .into(),
                    });
                }
            };
            if !seen.insert(text.clone()) {
                return Err(Fault {
                    at: place,
                    message: format!("{text:?} stands twice in the same place"),
                    advice: "keep one of them: the second would silently replace the first".into(),
                });
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            entries.push((Key { text, at: place }, value));
        }
    }

    fn syntax(&self, e: &ScanError) -> Fault {
        let line = e.marker().line().max(1);
        let text = self.text.lines().nth(line - 1).unwrap_or("");
        let advice = if e.info().contains("anchor") {
            "a text that begins with & or * must stand in quotes; anchors and aliases are not allowed"
        } else if text.trim_start_matches(' ').starts_with('\t') {
            "indent with spaces, never with tabs"
        } else if text.contains('{') || text.contains('[') {
            "inside { } or [ ] a text that holds {name}, a comma or a colon must stand in quotes"
        } else if text.matches(": ").count() > 1 {
            "a text that holds \": \" must stand in quotes"
        } else {
            "look at the indentation and the quotes of this line and the one before"
        };
        Fault {
            at: At {
                file: self.index,
                line: line as u32,
                column: e.marker().col() as u32 + 1,
                len: 1,
            },
            message: format!("not readable as YAML: {}", e.info()),
            advice: advice.into(),
        }
    }

    fn at(&self, span: &Span) -> At {
        let one_line = span.start.line() == span.end.line();
        let len = if one_line {
            span.end.col().saturating_sub(span.start.col())
        } else {
            1
        };
        At {
            file: self.index,
            line: span.start.line() as u32,
            column: span.start.col() as u32 + 1,
            len: len as u32,
        }
    }
}
