//! Whether a reply says yes or no, read from its grammar: what a negation takes with it, negations that undo each other,
//! questions that are answers, a point conceded before the real one (好是好, 可…; `sounds lovely but`), an objection waved
//! aside (不用解释了直接办; `no need to wait, do it now`). Cues are phrases with a sense; the longest take their words, and
//! what remains is weighed in the order it was said. Where it stays open it says so: a doubtful yes is asked about.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod decide;
mod en;
mod zh;

use super::pattern::Pattern;
use super::text::{Clause, Token, form_key, surface};
use super::{filler, negation};
use crate::terms::Lang;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a cue adds to the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// Tells the caller to do it (给我报上, `book me in`).
    Commit,
    Yes,
    /// A yes that may still be taken back (挺好的, 不是不愿意).
    LeanYes,
    /// A no undone (不是不想): a yes when nothing follows, else half an excuse.
    Undone,
    /// A no not said (没说不去): neither yet.
    Hedge,
    No,
    /// Not needed (没必要, `no need`): a no when little follows; else it may only wave something aside.
    NoNeed,
    /// A no that may still be overcome.
    LeanNo,
    /// A question that means yes, or no.
    AskedYes,
    AskedNo,
    /// Says neither, whatever negations it holds.
    Void,
    /// What follows counts more than what went before.
    But,
    Later,
    Price,
    Wonder,
}

/// What the grammar of a reply says about yes and no.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// The answer with its score and words.
    pub answer: Option<(bool, f32, String)>,
    /// It speaks of yes or no, and it is open which. The flag is the side it leans to.
    pub doubt: Option<(bool, String)>,
    /// Built-in intents found besides: `busy`, `price`, `hesitate`.
    pub besides: Vec<(&'static str, f32, String)>,
    /// Intents that something said later put aside.
    pub overtaken: Vec<&'static str>,
    /// The words of the cues (and the intent a cue is for), which mean nothing else: `no time like the present` is not `no time`.
    pub claimed: Vec<(&'static str, String)>,
    /// A bare no stands in it.
    pub refuses: bool,
    /// A "but" with something behind it that is not understood.
    pub turned: bool,
    /// Nothing but words that say nothing: no guess about them is worth much.
    pub empty: bool,
}

struct Cue {
    sense: Sense,
    pattern: Pattern,
}

/// The cues of a language by the words that they can begin with.
struct Book {
    cues: Vec<Cue>,
    by_first: BTreeMap<String, Vec<usize>>,
}

/// A cue in a reply.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub sense: Sense,
    pub clause: usize,
    pub begin: usize,
    pub end: usize,
    pub words: String,
}

/// Parses the cues of a language, so that no call waits for it.
pub(super) fn prepare(lang: Lang) {
    let _ = cues(lang);
}

/// Reads the clauses of a reply.
#[must_use]
pub(super) fn verdict(clauses: &[Clause], lang: Lang) -> Verdict {
    let mut found = Vec::new();
    let mut open = Vec::new();
    for (n, clause) in clauses.iter().enumerate() {
        let (cues, negations) = read(n, clause, lang);
        found.extend(cues);
        open.extend(negations.into_iter().map(|at| (n, at)));
    }
    let end = clauses
        .last()
        .map_or((0, 0), |c| (clauses.len() - 1, c.tokens.len()));
    // What no cue and no filler explains, by place.
    let mut strange = Vec::new();
    for (n, clause) in clauses.iter().enumerate() {
        for at in 0..clause.tokens.len() {
            let held = found
                .iter()
                .any(|f| f.clause == n && (f.begin..f.end).contains(&at));
            if !held && filler::run_at(&clause.tokens[at..], lang) == 0 {
                strange.push((n, at));
            }
        }
    }
    let (few, many) = match lang {
        Lang::Zh => (6, 10),
        Lang::En => (4, 8),
    };
    let mut verdict = decide::decide(
        &found,
        |(n, at), cue| links(&clauses[n].tokens, at, cue.begin, lang),
        &open,
        &strange,
        (few, many),
        end,
        asks_at_last(&found, clauses, lang),
    );
    // `nah you're alright`: what a bare no opens is no yes by guess.
    verdict.refuses = open
        .iter()
        .any(|&(n, at)| matches!(clauses[n].tokens[at].form.as_str(), "no" | "nah" | "nope"));
    verdict.empty = clauses.iter().enumerate().all(|(n, clause)| {
        let held = |i: usize| {
            found
                .iter()
                .any(|f| f.clause == n && f.sense == Sense::Void && (f.begin..f.end).contains(&i))
        };
        let rest: Vec<Token> = (0..clause.tokens.len())
            .filter(|&i| !held(i))
            .map(|i| clause.tokens[i].clone())
            .collect();
        rest.len() < clause.tokens.len() && filler::is_only_filler(&rest, lang)
    });
    verdict
}

/// What stands after the last "but" is a question.
fn asks_at_last(found: &[Found], clauses: &[Clause], lang: Lang) -> bool {
    let but = found.iter().rfind(|f| f.sense == Sense::But);
    let rest = but.and_then(|b| Some((clauses.get(b.clause)?, b.end)));
    rest.is_some_and(|(clause, end)| {
        let rest = clause.tokens.get(end..).unwrap_or_default();
        let begins = rest.first().map(|t| t.form.as_str());
        let word = [
            "how", "what", "when", "where", "is", "do", "does", "will", "can", "who",
        ];
        match lang {
            Lang::Zh => !rest.is_empty() && negation::asks(rest, lang),
            Lang::En => begins.is_some_and(|w| word.contains(&w)),
        }
    })
}

/// The cues of a clause in order, and the negations that belong to none.
fn read(n: usize, clause: &Clause, lang: Lang) -> (Vec<Found>, Vec<usize>) {
    let tokens = clause.tokens.as_slice();
    let mut hits: Vec<(usize, usize, usize, Sense)> = Vec::new();
    let bare = filler::stripped(tokens, lang);
    let lead = (0..tokens.len())
        .find(|&o| tokens[o..].starts_with(bare))
        .unwrap_or(0);
    let body = lead..lead + bare.len();
    let book = cues(lang);
    for begin in 0..tokens.len() {
        // 能不能不要 is a question; its 不能不 is no double negation.
        let either_or = begin > 0
            && tokens
                .get(begin + 1)
                .is_some_and(|next| next.form == tokens[begin - 1].form)
            && negation::negates(&tokens[begin], lang);
        // Nor is the second half of 行不行吧 an 行吧.
        let second_half = begin > 1
            && tokens[begin - 2].form == tokens[begin].form
            && negation::negates(&tokens[begin - 1], lang);
        if either_or || (lang == Lang::Zh && second_half) {
            continue;
        }
        let known = book.by_first.get(&tokens[begin].form);
        for cue in known.into_iter().flatten().map(|&i| &book.cues[i]) {
            if let Some(hit) = cue.pattern.at(tokens, &body, begin, lang) {
                // Whoever asks "who would say no" means the question, not its last words.
                let asked = matches!(cue.sense, Sense::AskedYes | Sense::AskedNo);
                let named = hit.named + if asked { 2 } else { 0 };
                hits.push((hit.begin, hit.end, named, cue.sense));
            }
        }
    }
    if lang == Lang::Zh {
        hits.extend(zh::built(tokens));
    }
    // The most words named win; of equals the tighter, then the earlier.
    hits.sort_by_key(|&(begin, end, named, sense)| {
        let firm = sense != Sense::NoNeed;
        (usize::MAX - named, firm, end - begin, begin)
    });
    let mut taken: Vec<(usize, usize, usize, Sense)> = Vec::new();
    for hit in hits {
        if taken.iter().all(|t| hit.1 <= t.0 || t.1 <= hit.0) {
            taken.push(hit);
        }
    }
    taken.sort_by_key(|t| t.0);
    let negations: Vec<usize> = negation::positions(tokens, lang)
        .into_iter()
        .filter(|&i| !taken.iter().any(|t| (t.0..t.1).contains(&i)))
        .collect();
    // 不不不没事你讲: a run of no in front pushes aside what the caller feared.
    let run = tokens
        .iter()
        .skip(lead)
        .take_while(|t| matches!(t.form.as_str(), "不" | "no"))
        .count();
    let negations: Vec<usize> = negations
        .into_iter()
        .filter(|&i| run < 2 || i >= lead + run)
        .collect();
    let asks = is_question(clause, lang);
    // 要是不收费的话 supposes, it does not say.
    let supposed = (1..tokens.len())
        .find(|&i| lang == Lang::Zh && tokens[i - 1].form == "的" && tokens[i].form == "话")
        .unwrap_or(0);
    let mut out: Vec<Found> = Vec::new();
    for (begin, end, _, sense) in taken {
        // 不打算|给孩子报, `I don't want to|book it`: what a refusal's verb takes with it.
        let governed = out.last().is_some_and(|l| {
            matches!(l.sense, Sense::No | Sense::NoNeed | Sense::LeanNo)
                && l.end == begin
                && governs(&tokens[l.end - 1], lang)
        });
        let denied = negations
            .iter()
            .any(|&i| negation::reaches(tokens, i, begin, lang));
        let sense = match sense {
            Sense::Yes | Sense::LeanYes | Sense::Commit if denied => Sense::LeanNo,
            Sense::No | Sense::LeanNo | Sense::NoNeed | Sense::Yes | Sense::LeanYes
                if supposes(tokens, begin, lang) =>
            {
                Sense::Hedge
            }
            Sense::Later if denied => Sense::Void,
            // `no reason to|refuse`, 没必要|拒绝: the refusal is refused.
            Sense::No | Sense::NoNeed if undone(&tokens[end..], lang) => Sense::Undone,
            Sense::Yes | Sense::LeanYes | Sense::Commit if governed => Sense::Void,
            Sense::Yes | Sense::LeanYes | Sense::No | Sense::LeanNo | Sense::Price
                if end <= supposed =>
            {
                Sense::Void
            }
            Sense::Yes if asks && begin > 0 && insists(&tokens[begin], lang) => Sense::Yes,
            Sense::Yes | Sense::LeanYes | Sense::No | Sense::NoNeed | Sense::LeanNo if asks => {
                Sense::Void
            }
            sense => sense,
        };
        out.push(Found {
            sense,
            clause: n,
            begin,
            end,
            words: surface(&tokens[begin..end]),
        });
    }
    (out, negations)
}

/// Whether a negation and a refusal behind it are one statement: `there isn't a day that doesn't suit me`, 没有哪天不行.
fn links(tokens: &[Token], at: usize, begin: usize, lang: Lang) -> bool {
    match lang {
        Lang::Zh => {
            let closed = |t: &Token| matches!(t.form.as_str(), "了" | "是");
            begin - at <= 2 && !tokens[at..begin].iter().any(closed)
        }
        Lang::En => {
            !matches!(tokens[at].form.as_str(), "no" | "nah" | "nope")
                && tokens[at.max(begin.saturating_sub(3))..=begin]
                    .iter()
                    .any(|t| {
                        matches!(
                            t.form.as_str(),
                            "that"
                                | "who"
                                | "which"
                                | "if"
                                | "why"
                                | "without"
                                | "unless"
                                | "say"
                                | "think"
                                | "believe"
                                | "imagine"
                        )
                    })
        }
    }
}

/// 要是不想去…, `if I didn't want it…`: the words right behind an "if" are only supposed.
fn supposes(tokens: &[Token], begin: usize, lang: Lang) -> bool {
    let key = form_key(&tokens[begin.saturating_sub(3)..begin]);
    match lang {
        Lang::Zh => ["要是", "如果", "假如", "万一", "若是"]
            .iter()
            .any(|w| key.contains(w)),
        Lang::En => key.split(' ').any(|w| w == "if"),
    }
}

/// Whether what follows a refusal is itself one.
fn undone(rest: &[Token], lang: Lang) -> bool {
    let key = form_key(rest);
    let bad: &[&str] = match lang {
        Lang::Zh => &[
            "拒绝",
            "反对",
            "推辞",
            "推脱",
            "不去",
            "不来",
            "不要",
            "不买",
            "不同意",
            "不答应",
        ],
        Lang::En => &[
            "refuse",
            "decline",
            "object",
            "say no",
            "turn it down",
            "turn that down",
            "turn you down",
            "complain",
            "disagree",
            "resist",
            "cancel",
            "pass it up",
            "pass that up",
            "miss it",
        ],
    };
    bad.iter().any(|b| key.starts_with(b))
}

/// Whether a word waits for what follows it.
fn governs(token: &Token, lang: Lang) -> bool {
    let words: &[&str] = match lang {
        Lang::Zh => &[
            "算", "想", "要", "备", "用", "意", "虑", "会", "能", "再", "肯", "敢", "必", "得",
            "给", "划",
        ],
        Lang::En => &[
            "to", "you", "want", "need", "not", "a", "the", "your", "any",
        ],
    };
    words.contains(&token.form.as_str())
}

/// `are you mad, of course I do`: an answer behind a question.
fn insists(token: &Token, lang: Lang) -> bool {
    lang == Lang::En
        && matches!(
            token.form.as_str(),
            "of" | "yes" | "yeah" | "sure" | "absolutely" | "definitely" | "certainly"
        )
}

/// A question that wants an answer; a request's tag (行吗, `okay?`) is none.
fn is_question(clause: &Clause, lang: Lang) -> bool {
    let key = form_key(&clause.tokens);
    match lang {
        Lang::Zh => {
            let tag = zh::TAGS.iter().any(|t| key.ends_with(t));
            !tag && (clause.question || ["吗", "么", "没有啊"].iter().any(|q| key.ends_with(q)))
        }
        Lang::En => {
            let tag = en::TAGS.iter().any(|t| key.ends_with(t));
            !tag && (clause.question || en::opens_question(&clause.tokens))
        }
    }
}

fn cues(lang: Lang) -> &'static Book {
    static ZH: LazyLock<Book> = LazyLock::new(|| parsed(zh::CUES, zh::CLASSES, Lang::Zh));
    static EN: LazyLock<Book> = LazyLock::new(|| parsed(en::CUES, en::CLASSES, Lang::En));
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

fn parsed(lists: &[&[(Sense, &str)]], classes: &[(&str, &str)], lang: Lang) -> Book {
    let mut book = Book {
        cues: Vec::new(),
        by_first: BTreeMap::new(),
    };
    for (sense, source) in lists.iter().copied().flatten() {
        let mut source = (*source).to_owned();
        for (name, words) in classes {
            source = source.replace(&format!("{{{name}}}"), &format!("({words})"));
        }
        for pattern in Pattern::each(&source, lang).unwrap_or_default() {
            for word in pattern.first() {
                book.by_first.entry(word).or_default().push(book.cues.len());
            }
            book.cues.push(Cue {
                sense: *sense,
                pattern,
            });
        }
    }
    book
}

/// How far two places of a reply are in order.
pub(super) fn before(a: &Found, b: &Found) -> bool {
    (a.clause, a.begin) < (b.clause, b.begin)
}

#[cfg(test)]
mod tests;
