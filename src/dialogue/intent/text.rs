//! Recognised text made comparable: one width, one case, simplified characters, contractions opened, cut into clauses of
//! tokens. A token is one Han character or one run of letters or digits; it knows how it sounds.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use crate::terms::Lang;
use pinyin::ToPinyin;

/// One Han character, or one word or number in Latin letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What is compared: lower case, contractions opened (`don't` is two tokens, `do` and `not`).
    pub form: String,
    /// The toneless pinyin syllable of a Han character, else the form.
    pub sound: String,
    /// What the recogniser wrote, for evidence; empty on the second half of a contraction.
    pub surface: String,
}

impl Token {
    /// The Han character, when the token is one.
    #[must_use]
    pub fn han(&self) -> Option<char> {
        let mut chars = self.form.chars();
        let c = chars.next()?;
        (chars.next().is_none() && is_han(c)).then_some(c)
    }
}

/// The tokens between two punctuation marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    pub tokens: Vec<Token>,
    /// It ended with a question mark.
    pub question: bool,
}

/// Cuts a text at its punctuation. Clauses without any token are dropped.
#[must_use]
pub fn clauses(text: &str, lang: Lang) -> Vec<Clause> {
    let folded = fold(text, lang);
    let chars: Vec<char> = folded.chars().collect();
    let mut out = Vec::new();
    let mut clause = Clause::default();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let inside = |j: usize| chars.get(j).is_some_and(|c| c.is_ascii_alphanumeric());
        if is_han(c) {
            close_word(&mut word, &mut clause.tokens);
            let form = c.to_string();
            let sound = c
                .to_pinyin()
                .map_or_else(|| form.clone(), |p| p.plain().to_owned());
            clause.tokens.push(Token {
                surface: form.clone(),
                form,
                sound,
            });
        } else if c.is_alphanumeric()
            || (matches!(c, '\'' | '.' | ':') && i > 0 && inside(i - 1) && inside(i + 1))
        {
            word.push(c);
        } else {
            close_word(&mut word, &mut clause.tokens);
            if is_mark(c) {
                clause.question = c == '?';
                close_clause(&mut clause, &mut out);
            }
        }
    }
    close_word(&mut word, &mut clause.tokens);
    close_clause(&mut clause, &mut out);
    out
}

/// All tokens of a text, punctuation ignored.
#[must_use]
pub fn tokens(text: &str, lang: Lang) -> Vec<Token> {
    clauses(text, lang)
        .into_iter()
        .flat_map(|c| c.tokens)
        .collect()
}

/// The forms as one string, a blank between two words but not between Han characters.
#[must_use]
pub fn form_key(tokens: &[Token]) -> String {
    joined(tokens, |t| &t.form)
}

/// The sounds as one string, a blank between any two.
#[must_use]
pub fn sound_key(tokens: &[Token]) -> String {
    let sounds: Vec<&str> = tokens.iter().map(|t| t.sound.as_str()).collect();
    sounds.join(" ")
}

/// What the recogniser wrote for these tokens.
#[must_use]
pub fn surface(tokens: &[Token]) -> String {
    joined(tokens, |t| &t.surface)
}

/// True for the characters that carry pinyin.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '〇')
}

fn joined(tokens: &[Token], of: impl Fn(&Token) -> &String) -> String {
    let mut out = String::new();
    let mut latin = false;
    for token in tokens {
        let s = of(token);
        if s.is_empty() {
            continue;
        }
        let is_latin = token.han().is_none();
        if !out.is_empty() && is_latin && latin {
            out.push(' ');
        }
        out.push_str(s);
        latin = is_latin;
    }
    out
}

fn fold(text: &str, lang: Lang) -> String {
    let narrow: String = text
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '’' | '‘' | '`' => '\'',
            c => c,
        })
        .collect();
    match lang {
        Lang::Zh => fast2s::convert(&narrow),
        Lang::En => narrow,
    }
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        ',' | '.' | '?' | '!' | ';' | '\n' | '，' | '。' | '、' | '…' | '—'
    )
}

fn close_clause(clause: &mut Clause, out: &mut Vec<Clause>) {
    if !clause.tokens.is_empty() {
        out.push(std::mem::take(clause));
    }
    clause.question = false;
}

fn close_word(word: &mut String, tokens: &mut Vec<Token>) {
    if word.is_empty() {
        return;
    }
    let surface = std::mem::take(word);
    // "p.m." and "a.m." have lost their last dot at the clause mark; the inner one goes here.
    let mut lower = surface.to_lowercase();
    if !lower.chars().any(|c| c.is_ascii_digit()) {
        lower = lower.replace('.', "");
    }
    let mut surface = Some(surface);
    for form in open(&lower) {
        let surface = surface.take().unwrap_or_default();
        tokens.push(Token {
            sound: form.clone(),
            form,
            surface,
        });
    }
}

/// Opens contractions, also where the recogniser lost the apostrophe.
fn open(word: &str) -> Vec<String> {
    let two = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    match word {
        "won't" | "wont" => return two("will", "not"),
        "can't" | "cant" | "cannot" => return two("can", "not"),
        "ain't" | "aint" => return two("is", "not"),
        "i'm" | "im" => return two("i", "am"),
        "gonna" => return two("going", "to"),
        "wanna" => return two("want", "to"),
        "gotta" => return two("got", "to"),
        "let's" | "lets" => return two("let", "us"),
        "ok" | "okey" | "kay" | "k" => return vec!["okay".into()],
        "yea" | "ya" | "yah" | "yeh" => return vec!["yeah".into()],
        "o'clock" | "oclock" => return vec!["oclock".into()],
        _ => {}
    }
    for (ending, whole) in [
        ("n't", "not"),
        ("'re", "are"),
        ("'ve", "have"),
        ("'ll", "will"),
        ("'d", "would"),
        ("'s", "is"),
    ] {
        if let Some(head) = word.strip_suffix(ending)
            && !head.is_empty()
        {
            return two(head, whole);
        }
    }
    const BARE: &[&str] = &[
        "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "wouldnt", "couldnt",
        "shouldnt", "havent", "hasnt", "hadnt",
    ];
    if BARE.contains(&word) {
        return two(&word[..word.len() - 2], "not");
    }
    match word {
        "thats" => two("that", "is"),
        "whats" => two("what", "is"),
        "hows" => two("how", "is"),
        "wheres" => two("where", "is"),
        "whos" => two("who", "is"),
        "youre" => two("you", "are"),
        "ive" => two("i", "have"),
        _ => vec![word.replace('\'', "")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, lang: Lang) -> Vec<String> {
        clauses(text, lang)
            .iter()
            .map(|c| form_key(&c.tokens))
            .collect()
    }

    #[test]
    fn a_reply_is_cut_at_its_marks_and_made_comparable() {
        assert_eq!(
            keys("嗯，謝謝！ＯＫ的。", Lang::Zh),
            ["嗯", "谢谢", "okay的"]
        );
        assert_eq!(
            keys("No, I don't. Call at 3:30 p.m.", Lang::En),
            ["no", "i do not", "call at 3:30 pm"]
        );
        assert_eq!(keys("dont", Lang::En), ["do not"]);
        assert!(keys(" …。", Lang::Zh).is_empty());
    }

    #[test]
    fn evidence_is_what_the_recogniser_wrote() {
        let t = tokens("I'm driving, ok?", Lang::En);
        assert_eq!(form_key(&t), "i am driving okay");
        assert_eq!(surface(&t), "I'm driving ok");
    }
}
