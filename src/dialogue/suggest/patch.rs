//! Puts examples into a dialplan's text where a person would, and leaves every other character alone. What comes out is
//! checked by whoever uses it: a file written in an unusual way may not allow the edit.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// The text with these examples added to an intent, or with the intent added. `None` when the text gives no place for it.
#[must_use]
pub fn add_examples(text: &str, intent: &str, lang: &str, examples: &[String]) -> Option<String> {
    let quoted: Vec<String> = examples.iter().map(|e| scalar(e)).collect();
    let list = quoted.join(", ");
    let entry = |indent: &str| format!("{indent}{}: {{ examples: [{list}] }}", scalar(intent));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let Some(section) = Section::find(&lines, "intents") else {
        return with_section(&lines, "intents", &entry("  "));
    };
    match section.entry(&lines, intent) {
        None => Some(section.append(&lines, &entry(&section.indent))),
        Some((first, end)) => {
            let before: String = lines[..first].concat();
            let own: String = lines[first..end].concat();
            let after: String = lines[end..].concat();
            let own = into_entry(&own, lang, &quoted)?;
            Some(before + &own + &after)
        }
    }
}

/// The text with a global answer added. `None` when there is one already, or no place for it.
#[must_use]
pub fn add_global(text: &str, intent: &str, say: &str) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let entry = |indent: &str| format!("{indent}{}: {{ say: {} }}", scalar(intent), scalar(say));
    match Section::find(&lines, "globals") {
        None => with_section(&lines, "globals", &entry("  ")),
        Some(section) if section.entry(&lines, intent).is_some() => None,
        Some(section) => Some(section.append(&lines, &entry(&section.indent))),
    }
}

/// True when the text itself says something of this intent.
#[must_use]
pub fn has_intent(text: &str, intent: &str) -> bool {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    Section::find(&lines, "intents").is_some_and(|s| s.entry(&lines, intent).is_some())
}

/// The lines of a top-level mapping in block style.
struct Section {
    first: usize,
    /// The line after its last entry.
    end: usize,
    indent: String,
}

impl Section {
    fn find(lines: &[&str], name: &str) -> Option<Section> {
        let head = lines.iter().position(|l| {
            let rest = l.strip_prefix(name).and_then(|r| r.strip_prefix(':'));
            rest.is_some_and(|r| r.trim().is_empty() || r.trim_start().starts_with('#'))
        })?;
        let mut end = head + 1;
        let mut indent = None;
        for (i, line) in lines.iter().enumerate().skip(head + 1) {
            if is_blank(line) {
                continue;
            }
            let space = leading(line);
            if space.is_empty() {
                break;
            }
            indent.get_or_insert_with(|| space.to_string());
            end = i + 1;
        }
        Some(Section {
            first: head + 1,
            end,
            indent: indent.unwrap_or_else(|| "  ".into()),
        })
    }

    /// First and end line of an entry.
    fn entry(&self, lines: &[&str], name: &str) -> Option<(usize, usize)> {
        let at_level = |l: &str| !is_blank(l) && leading(l) == self.indent;
        let first = (self.first..self.end).find(|i| {
            let line = lines[*i];
            at_level(line) && key(line.trim_start()).is_some_and(|k| k == name)
        })?;
        let next = (first + 1..self.end).find(|i| at_level(lines[*i]));
        let mut end = next.unwrap_or(self.end);
        // Comments before the next entry belong to that one.
        while end > first + 1 && is_blank(lines[end - 1]) {
            end -= 1;
        }
        Some((first, end))
    }

    fn append(&self, lines: &[&str], entry: &str) -> String {
        let mut out: String = lines[..self.end].concat();
        let newline = newline(lines);
        if !out.ends_with('\n') {
            out.push_str(newline);
        }
        out.push_str(entry);
        out.push_str(newline);
        out + &lines[self.end..].concat()
    }
}

/// A new section, before the steps or at the end.
fn with_section(lines: &[&str], name: &str, entry: &str) -> Option<String> {
    // In flow style, or written another way, it is there and not understood.
    if lines.iter().any(|l| l.starts_with(&format!("{name}:"))) {
        return None;
    }
    let at = lines
        .iter()
        .position(|l| l.starts_with("steps:"))
        .unwrap_or(lines.len());
    let newline = newline(lines);
    let mut out: String = lines[..at].concat();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(newline);
    }
    out.push_str(&format!("{name}:{newline}{entry}{newline}{newline}"));
    Some(out + &lines[at..].concat())
}

/// An intent's own text with more examples.
fn into_entry(own: &str, lang: &str, quoted: &[String]) -> Option<String> {
    let list = quoted.join(", ");
    if let Some(at) = find_key(own, "examples", 0) {
        let value = at + own[at..].len() - own[at..].trim_start_matches([' ', '\t']).len();
        return match own[value..].chars().next() {
            Some('[') => into_list(own, value, &list),
            // A list a language.
            Some('{') => {
                let inner = find_key(own, lang, value)?;
                let open = inner + own[inner..].find('[')?;
                into_list(own, open, &list)
            }
            _ => into_block(own, value, quoted),
        };
    }
    let newline = if own.contains("\r\n") { "\r\n" } else { "\n" };
    let first = own.find('\n').map_or(own, |n| &own[..n]);
    let colon = first.find(':')?;
    let rest = first[colon + 1..].trim();
    if rest.starts_with('{') {
        let open = own.find('{')? + 1;
        return Some(format!(
            "{} examples: [{list}],{}",
            &own[..open],
            &own[open..]
        ));
    }
    if rest.is_empty() || rest.starts_with('#') {
        let indent = format!("{}  ", leading(own));
        let at = first.len() + 1;
        if own.len() < at {
            return Some(format!("{own}{newline}{indent}examples: [{list}]{newline}"));
        }
        return Some(format!(
            "{}{indent}examples: [{list}]{newline}{}",
            &own[..at],
            &own[at..]
        ));
    }
    None
}

/// Before the bracket that closes the list opened at `open`.
fn into_list(own: &str, open: usize, list: &str) -> Option<String> {
    let close = closing(own, open)?;
    let inside = own[open + 1..close].trim_end();
    let joint = match inside.trim() {
        "" => "",
        s if s.ends_with(',') => " ",
        _ => ", ",
    };
    let at = open + 1 + inside.len();
    Some(format!("{}{joint}{list}{}", &own[..at], &own[at..]))
}

/// After the last `- item` that follows the key.
fn into_block(own: &str, key_end: usize, quoted: &[String]) -> Option<String> {
    let mut at = key_end + own[key_end..].find('\n')? + 1;
    let mut last = None;
    for line in own[at..].split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with("- ") {
            last = Some((at + line.len(), leading(line).to_string()));
        } else if !is_blank(line) {
            break;
        }
        at += line.len();
    }
    let (end, indent) = last?;
    let newline = if own.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = own[..end].to_string();
    if !out.ends_with('\n') {
        out.push_str(newline);
    }
    for example in quoted {
        out.push_str(&format!("{indent}- {example}{newline}"));
    }
    Some(out + &own[end..])
}

/// Just after `name:`, where it stands as a key at or after `from`.
fn find_key(own: &str, name: &str, from: usize) -> Option<usize> {
    let wanted = format!("{name}:");
    let mut at = from;
    while let Some(found) = own[at..].find(&wanted) {
        let start = at + found;
        let before = own[..start].chars().next_back();
        if before.is_none_or(|c| matches!(c, ' ' | '{' | ',' | '\n' | '\t')) {
            return Some(start + wanted.len());
        }
        at = start + wanted.len();
    }
    None
}

/// The bracket that closes the one at `open`; quotes and comments are passed over.
fn closing(own: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    let mut quote: Option<char> = None;
    let mut before = ' ';
    let mut comment = false;
    for (i, c) in own[open..].char_indices() {
        match (quote, c) {
            _ if comment => comment = c != '\n',
            (Some('"'), '\\') if before == '\\' => {
                before = ' ';
                continue;
            }
            (Some(q), c) if c == q && !(q == '"' && before == '\\') => quote = None,
            (Some(_), _) => {}
            (None, '#') if before.is_whitespace() => comment = true,
            // A quote inside a plain word is no quote.
            (None, '"' | '\'') if matches!(before, ' ' | '[' | ',' | '\n') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + i);
                }
            }
            _ => {}
        }
        before = c;
    }
    None
}

fn key(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    Some(name.trim().trim_matches(['"', '\'']))
}

fn leading(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn newline(lines: &[&str]) -> &'static str {
    if lines.iter().any(|l| l.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    }
}

/// A text as YAML writes it: plain where nothing could be misread, else in double quotes.
fn scalar(text: &str) -> String {
    let words = [
        "yes", "no", "on", "off", "true", "false", "null", "y", "n", "~",
    ];
    let plain = text
        .chars()
        .all(|c| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, ' ' | '_'))
        && text.chars().next().is_some_and(char::is_alphabetic)
        && !text.ends_with(' ')
        && !words.contains(&text.to_lowercase().as_str());
    if plain {
        return text.to_string();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, intent: &str) -> String {
        let examples = ["能开发票吗".to_string(), "it's: \"fine\"".to_string()];
        add_examples(text, intent, "zh", &examples).unwrap()
    }

    #[test]
    fn examples_go_where_the_list_is_whatever_its_style() {
        let new = "能开发票吗, \"it's: \\\"fine\\\"\"";
        for (text, intent, wanted) in [
            (
                "intents:\n  a: { examples: [一, 二] }\nsteps: {}\n",
                "a",
                format!("intents:\n  a: {{ examples: [一, 二, {new}] }}\nsteps: {{}}\n"),
            ),
            (
                "intents:\n  a:\n    tag: t\n    examples: [一,\n      \"]二\"]  # more\n    exact: [三]\n  b: {}\n",
                "a",
                format!("intents:\n  a:\n    tag: t\n    examples: [一,\n      \"]二\", {new}]  # more\n    exact: [三]\n  b: {{}}\n"),
            ),
            (
                "intents:\n  a:\n    examples:\n      - 一\n      - 二\n    tag: t\n",
                "a",
                "intents:\n  a:\n    examples:\n      - 一\n      - 二\n      - 能开发票吗\n      - \"it's: \\\"fine\\\"\"\n    tag: t\n".into(),
            ),
            (
                "intents:\n  a: { patterns: [x] }\n",
                "a",
                format!("intents:\n  a: {{ examples: [{new}], patterns: [x] }}\n"),
            ),
            (
                "intents:\n  a: { examples: { en: [one], zh: [一] } }\n",
                "a",
                format!("intents:\n  a: {{ examples: {{ en: [one], zh: [一, {new}] }} }}\n"),
            ),
            (
                "intents:\n  a: { examples: [一] }\n\n# the steps\nsteps: {}\n",
                "b",
                format!("intents:\n  a: {{ examples: [一] }}\n  b: {{ examples: [{new}] }}\n\n# the steps\nsteps: {{}}\n"),
            ),
            (
                "name: x\r\nsteps: {}\r\n",
                "b",
                format!("name: x\r\nintents:\r\n  b: {{ examples: [{new}] }}\r\n\r\nsteps: {{}}\r\n"),
            ),
        ] {
            assert_eq!(added(text, intent), wanted, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_edited_safely_is_left_alone() {
        let one = ["一".to_string()];
        assert_eq!(add_examples("intents: { a: {} }\n", "a", "zh", &one), None);
        assert_eq!(add_global("globals:\n  a: { say: x }\n", "a", "y"), None);
        let text = add_global("globals:\n  a: { say: x }\n", "b", "可以的，当天就能开。").unwrap();
        assert_eq!(
            text,
            "globals:\n  a: { say: x }\n  b: { say: \"可以的，当天就能开。\" }\n"
        );
        assert!(has_intent("intents:\n  'a': {}\n", "a") && !has_intent("steps:\n  a: {}\n", "a"));
    }
}
