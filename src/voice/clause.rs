//! Cuts a line where a person would breathe, so that the voice gets stretches it speaks well (60–150 symbols; it would cut
//! blindly beyond 400) and an interrupted prompt can go on at a sensible place.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// A clause this long is closed at the next end of a sentence.
pub const ENOUGH: usize = 60;
/// A clause is not lengthened beyond this.
pub const PLENTY: usize = 150;
/// The engine cuts longer input in mid-word.
pub const LIMIT: usize = 400;

/// Silence after a comma and after a full stop, milliseconds, on top of what trimming leaves.
pub const COMMA_MS: u32 = 120;
pub const STOP_MS: u32 = 300;

/// One stretch to be spoken in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Milliseconds of silence behind it; 0 after the last.
    pub pause_ms: u32,
}

/// While a caller waits, the first clause may end at any mark behind this many symbols (a second of speech), the second
/// behind so many more, and so on: the voice speaks three times as fast as it is heard.
const LIVE: [usize; 2] = [12, 36];

/// Cuts `text`, figures already in words. `symbols` says how many symbols the voice needs for a stretch of it.
#[must_use]
pub fn cut(text: &str, symbols: &dyn Fn(&str) -> usize) -> Vec<Piece> {
    cut_by(text, symbols, &|_, length, pause_ms| {
        length >= ENOUGH && pause_ms == STOP_MS
    })
}

/// As [`cut`], with short clauses first, for a line that is to be heard before all of it is spoken.
#[must_use]
pub fn cut_live(text: &str, symbols: &dyn Fn(&str) -> usize) -> Vec<Piece> {
    cut_by(
        text,
        symbols,
        &|done, length, pause_ms| match LIVE.get(done) {
            Some(enough) => length >= *enough && pause_ms > 0,
            None => length >= ENOUGH && pause_ms == STOP_MS,
        },
    )
}

/// `full` says whether a clause ends here: how many are done, its symbols so far, the pause that follows.
fn cut_by(
    text: &str,
    symbols: &dyn Fn(&str) -> usize,
    full: &dyn Fn(usize, usize, u32) -> bool,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut current = Piece {
        text: String::new(),
        pause_ms: 0,
    };
    let mut length = 0;
    for (atom, pause_ms) in atoms(text) {
        for (atom, pause_ms) in shorten(atom, pause_ms, symbols) {
            let n = symbols(&atom);
            if length > 0 && length + n > PLENTY {
                pieces.push(std::mem::replace(&mut current, empty()));
                length = 0;
            }
            current.text.push_str(&atom);
            length += n;
            if n > 0 {
                current.pause_ms = pause_ms;
            }
            if full(pieces.len(), length, pause_ms) {
                pieces.push(std::mem::replace(&mut current, empty()));
                length = 0;
            }
        }
    }
    if length > 0 {
        pieces.push(current);
    }
    for piece in &mut pieces {
        piece.text = piece.text.trim().to_owned();
    }
    if let Some(last) = pieces.last_mut() {
        last.pause_ms = 0;
    }
    pieces
}

fn empty() -> Piece {
    Piece {
        text: String::new(),
        pause_ms: 0,
    }
}

/// The text cut behind every mark at which a speaker pauses, with the length of that pause.
fn atoms(text: &str) -> Vec<(String, u32)> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut atom = String::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        i += 1;
        atom.push(c);
        let Some(mut pause) = pause_after(c, chars.get(i).copied()) else {
            continue;
        };
        // Closing quotes and further marks belong to what they close.
        while let Some(next) = chars.get(i).copied() {
            match pause_after(next, chars.get(i + 1).copied()) {
                Some(more) => pause = pause.max(more),
                None if matches!(next, '”' | '’' | '"' | ')' | '）' | '」' | '』' | '》') =>
                    {}
                None => break,
            }
            atom.push(next);
            i += 1;
        }
        out.push((std::mem::take(&mut atom), pause));
    }
    if !atom.trim().is_empty() {
        out.push((atom, COMMA_MS));
    }
    out
}

fn pause_after(c: char, next: Option<char>) -> Option<u32> {
    let ends_word = next.is_none_or(|n| n.is_whitespace() || matches!(n, '"' | '”' | '’' | ')'));
    match c {
        '。' | '！' | '？' | '；' | '…' | '\n' | '!' | '?' | ';' => Some(STOP_MS),
        '.' if ends_word => Some(STOP_MS),
        '，' | '、' | '：' | '—' => Some(COMMA_MS),
        ',' | ':' if ends_word || next.is_some_and(|n| !n.is_ascii()) => Some(COMMA_MS),
        _ => None,
    }
}

/// Halves a stretch that no mark divides until the engine takes it, at a space where there is one.
fn shorten(atom: String, pause_ms: u32, symbols: &dyn Fn(&str) -> usize) -> Vec<(String, u32)> {
    if symbols(&atom) <= LIMIT {
        return vec![(atom, pause_ms)];
    }
    let middle = atom.len() / 2;
    let near = |at: &usize| at.abs_diff(middle);
    let inside = |at: &usize| *at > 0 && *at < atom.len();
    let space = atom
        .char_indices()
        .filter(|(_, c)| c.is_whitespace())
        .map(|(at, c)| at + c.len_utf8())
        .filter(inside)
        .min_by_key(near);
    let at = space.or_else(|| {
        atom.char_indices()
            .map(|(at, _)| at)
            .filter(inside)
            .min_by_key(near)
    });
    let Some(at) = at else {
        return vec![(atom, pause_ms)];
    };
    let (head, tail) = (atom[..at].to_owned(), atom[at..].to_owned());
    let mut out = shorten(head, 0, symbols);
    out.extend(shorten(tail, pause_ms, symbols));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two symbols a letter, five a Chinese character, none for the rest: roughly what the voice needs.
    fn symbols(text: &str) -> usize {
        text.chars()
            .map(|c| match c {
                '\u{4e00}'..='\u{9fff}' => 5,
                _ if c.is_alphabetic() => 1,
                _ => 0,
            })
            .sum()
    }

    fn texts(text: &str) -> Vec<(String, u32)> {
        cut(text, &symbols)
            .into_iter()
            .map(|p| (p.text, p.pause_ms))
            .collect()
    }

    #[test]
    fn a_short_line_is_one_clause_and_pauses_nowhere() {
        assert_eq!(texts("您好。"), [("您好。".to_owned(), 0)]);
        assert_eq!(texts("Hi, Mr Li."), [("Hi, Mr Li.".to_owned(), 0)]);
        assert!(texts("").is_empty());
        assert!(texts(" 。！").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_at_sentences_first() {
        let line = "您好，我是晨光教育的智能语音助手，本次通话会录音。您之前了解过我们的数学试听课，请问现在方便聊两句吗？";
        let got = texts(line);
        assert_eq!(got.len(), 2);
        assert!(got[0].0.ends_with("录音。"));
        assert_eq!((got[0].1, got[1].1), (STOP_MS, 0));
        assert_eq!(got.iter().map(|p| p.0.as_str()).collect::<String>(), line);
    }

    #[test]
    fn a_sentence_beyond_150_symbols_is_cut_at_a_comma() {
        let line = "如果您方便的话我们可以先给孩子安排一节免费的试听课，上课时间可以由您来挑选平时晚上或者周末都可以的，您看可以吗？";
        let got = texts(line);
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].1, COMMA_MS);
        assert!(got[0].0.ends_with('，'));
    }

    #[test]
    fn nothing_the_engine_would_cut_itself_reaches_it() {
        for line in ["好".repeat(500), "word ".repeat(300), "x".repeat(2000)] {
            let got = cut(&line, &symbols);
            assert!(got.len() > 1);
            assert!(got.iter().all(|p| symbols(&p.text) <= LIMIT));
            let kept: usize = got.iter().map(|p| symbols(&p.text)).sum();
            assert_eq!(kept, symbols(&line), "nothing is lost");
        }
    }

    #[test]
    fn a_line_that_is_waited_for_begins_with_a_short_clause_and_loses_nothing() {
        let line = "好的，您家大概是一百二十平方米，那全屋的预算大约是十二万八千元，包含设计、材料和施工。您看可以吗？";
        let got = cut_live(line, &symbols);
        let lengths: Vec<usize> = got.iter().map(|p| symbols(&p.text)).collect();
        assert!(got.len() >= 2 && lengths[0] < 100, "{got:?}");
        assert!(lengths[0] < symbols(&cut(line, &symbols)[0].text));
        assert_eq!(
            got.iter().map(|p| p.text.as_str()).collect::<String>(),
            line
        );
        assert!(got[..got.len() - 1].iter().all(|p| p.pause_ms > 0));
        assert_eq!(cut_live("您好。", &symbols).len(), 1);
    }

    #[test]
    fn quotes_stay_with_what_they_close_and_points_inside_words_do_not_cut() {
        let line = format!(
            "{} \"yes.\" Then go to a.b.c and stay there.",
            "word ".repeat(20)
        );
        let got = texts(&line);
        assert!(got[0].0.ends_with("\"yes.\""), "{got:?}");
        assert_eq!(got[1].0, "Then go to a.b.c and stay there.");
    }
}
