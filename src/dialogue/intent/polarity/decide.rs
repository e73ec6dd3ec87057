//! From the cues of a reply to its answer.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::{Found, Sense, Verdict, before};

/// A yes that needs nothing beside it.
const PLAIN_YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "sure",
    "certainly",
    "absolutely",
    "definitely",
    "是的",
    "对的",
    "对",
    "可以",
    "可以的",
    "好的",
];

/// `asks`: what stands after the last "but" is a question.
/// `few`, `many`: how much of that makes a yes doubtful.
/// `links`: whether the negation at a place reaches on to a cue.
/// `strange`: places that neither a cue nor a filler explains. `open`: clause and place of the negations that no cue holds. `end`: the last clause and its length.
pub(super) fn decide(
    found: &[Found],
    links: impl Fn((usize, usize), &Found) -> bool,
    open: &[(usize, usize)],
    strange: &[(usize, usize)],
    (few, many): (usize, usize),
    end: (usize, usize),
    asks: bool,
) -> Verdict {
    let mut out = Verdict::default();
    let last = |wanted: &[Sense]| found.iter().rfind(|f| wanted.contains(&f.sense));
    let yes = last(&[Sense::Commit, Sense::Yes, Sense::AskedYes]);
    let unneeded = |f: &&Found| {
        f.sense == Sense::NoNeed
            && strange
                .iter()
                .filter(|&&at| at > (f.clause, f.begin))
                .count()
                <= 2
            && !found.iter().any(|g| before(f, g) && g.sense != Sense::No)
    };
    let no = last(&[Sense::No, Sense::AskedNo]).or_else(|| found.iter().rfind(unneeded));
    let waved = last(&[Sense::NoNeed]).filter(|_| no.is_none());
    let lean_yes = last(&[Sense::LeanYes, Sense::Undone, Sense::Hedge]);
    let lean_no = last(&[Sense::LeanNo]);
    let later = last(&[Sense::Later]);
    let wonder = last(&[Sense::Wonder]);
    let price = last(&[Sense::Price]);
    let but_between = |a: &Found, b: &Found| {
        found
            .iter()
            .any(|f| f.sense == Sense::But && before(a, f) && before(f, b))
    };
    // Something said after a "but" that no cue explains.
    let but_after = |a: &Found| {
        found
            .iter()
            .any(|f| f.sense == Sense::But && before(a, f) && (f.clause, f.end) < end)
    };
    let after_but = |at: (usize, usize)| {
        found
            .iter()
            .rfind(|f| f.sense == Sense::But)
            .is_some_and(|b| at >= (b.clause, b.end))
    };
    let open_after = |a: &Found| open.iter().any(|&at| at > (a.clause, a.begin));
    let after = |a: Option<&Found>, b: &Found| a.is_some_and(|a| before(b, a));
    let answer = |yes: bool, score: f32, f: &Found| Some((yes, score, f.words.clone()));
    let doubt = |yes: bool, f: &Found| Some((yes, f.words.clone()));

    let scoffs = |f: &Found| {
        [
            "no way",
            "no chance",
            "forget it",
            "you must be joking",
            "没门",
        ]
        .contains(&f.words.to_lowercase().as_str())
    };

    match (yes, no) {
        (Some(y), Some(n)) if before(y, n) => {
            out.answer = answer(false, 0.82, n);
        }
        (Some(y), Some(n)) => {
            // "No — hold on — yes, that's fine": a bare no gives way to a yes said at length.
            let bare = matches!(
                n.words.to_lowercase().as_str(),
                "no" | "nope" | "nah" | "不了" | "不用" | "没"
            );
            if y.sense == Sense::Commit || but_between(n, y) || bare {
                out.answer = answer(true, 0.78, y);
            } else {
                out.doubt = doubt(true, y);
            }
        }
        (Some(y), None) => {
            let commits = y.sense == Sense::Commit;
            // `sure, but how much is it` asks, and takes nothing back.
            let taken_back =
                after(lean_no, y) || (but_after(y) && !commits && !asks) || open_after(y);
            let unclear = !commits
                && open.iter().any(|&at| at < (y.clause, y.begin))
                && !found.iter().any(|f| f.sense == Sense::But && before(f, y))
                && open.iter().any(|&at| at.0 == y.clause);
            let put_off = later.is_some_and(|l| before(y, l) || (!commits && !but_between(l, y)));
            // A yes in a sentence that is mostly something else (`fat lot of good that would do me`).
            let said: usize = found
                .iter()
                .filter(|f| f.sense != Sense::But)
                .map(|f| f.end - f.begin)
                .sum();
            let lost = strange.len() >= many || (strange.len() >= few && strange.len() > said + 1);
            // `yes, I own the house`: a plain yes that opens the reply is one, whatever explains it.
            let opens =
                found.first().is_some_and(|f| std::ptr::eq(f, y)) && y.clause == 0 && y.begin == 0;
            let plain = opens && PLAIN_YES.contains(&y.words.to_lowercase().as_str());
            let vague = lost && y.sense == Sense::Yes && !plain;
            if after(wonder, y) || put_off || vague || taken_back || unclear {
                out.doubt = doubt(true, y);
            } else {
                out.answer = answer(true, 0.85, y);
            }
        }
        (None, Some(n)) => {
            // Two negations in one clause may undo each other (`there isn't a day that doesn't suit me`).
            let tangled = n.sense == Sense::No
                && open
                    .iter()
                    .any(|&at| at.0 == n.clause && at.1 < n.begin && links(at, n))
                && !found
                    .iter()
                    .any(|f| f.sense == Sense::But && f.clause == n.clause && before(f, n));
            let softened = tangled
                || (but_after(n)
                    && strange.iter().filter(|&&at| after_but(at)).count() >= 2
                    && !after(lean_no, n))
                || after(lean_yes, n) && lean_yes.is_some_and(|l| but_between(n, l));
            if softened || after(wonder, n) {
                out.doubt = doubt(false, n);
            } else {
                out.answer = answer(
                    false,
                    match n.sense {
                        // `forty quid, are you serious` is about the money.
                        Sense::AskedNo if price.is_some() => 0.6,
                        _ if price.is_some_and(|p| before(p, n)) && scoffs(n) => 0.6,
                        _ if open_after(n) => 0.74,
                        _ => 0.85,
                    },
                    n,
                );
            }
        }
        (None, None) => match (lean_yes, lean_no) {
            (Some(y), None) => {
                let half = match y.sense {
                    Sense::Hedge => true,
                    Sense::Undone => (y.clause, y.end + 2) < end,
                    _ => false,
                };
                // A friendly word in a long strange sentence says little.
                if half
                    || strange.len() > 4
                    || but_after(y)
                    || !open.is_empty()
                    || later.is_some()
                    || wonder.is_some()
                {
                    out.doubt = doubt(true, y);
                } else {
                    out.answer = answer(true, 0.7, y);
                }
            }
            (None, Some(n)) => {
                if later.is_some() || wonder.is_some() || price.is_some() {
                    out.doubt = doubt(false, n);
                } else {
                    out.answer = answer(false, 0.68, n);
                }
            }
            (Some(y), Some(n)) => {
                let plain = y.sense == Sense::LeanYes;
                if plain && before(y, n) && later.is_none() && wonder.is_none() {
                    out.answer = answer(false, 0.64, n);
                } else {
                    out.doubt = doubt(before(n, y), n);
                }
            }
            (None, None) => {
                if let Some(n) = waved {
                    out.doubt = doubt(false, n);
                }
            }
        },
    }
    if let Some(l) = later {
        let settled = matches!(out.answer, Some((true, ..))) && yes.is_some_and(|y| before(l, y));
        let refused = matches!(out.answer, Some((false, ..)))
            && no.is_some_and(|n| n.sense == Sense::No && before(l, n) && but_between(l, n));
        if settled || refused {
            out.overtaken.push("busy");
        }
        out.besides
            .push(("busy", if settled { 0.45 } else { 0.86 }, l.words.clone()));
    }
    if let Some(p) = price {
        // 贵点没事我要了, "free or not I don't want it": the answer comes after the money.
        let settled = [yes, no]
            .into_iter()
            .flatten()
            .filter(|f| !scoffs(f))
            .any(|f| before(p, f) && matches!(f.sense, Sense::Commit | Sense::Yes | Sense::No));
        if settled && out.answer.is_some() {
            out.overtaken.push("price");
        }
        let refused = matches!(out.answer, Some((false, ..)));
        let asked = no.is_some_and(|n| n.sense == Sense::AskedNo || scoffs(n));
        out.besides.push((
            "price",
            if settled {
                0.45
            } else if refused && !asked {
                0.7
            } else {
                0.86
            },
            p.words.clone(),
        ));
    }
    if let Some(w) = wonder {
        let overtaken = out.answer.is_some()
            && (yes.is_some_and(|y| before(w, y)) || no.is_some_and(|n| before(w, n)));
        if overtaken {
            out.overtaken.push("hesitate");
        } else {
            out.besides.push(("hesitate", 0.8, w.words.clone()));
        }
    }
    out.turned = out.answer.is_none()
        && found
            .iter()
            .rfind(|f| f.sense == Sense::But)
            .is_some_and(|b| (b.clause, b.end) < end);
    out.claimed = found
        .iter()
        .map(|f| {
            let names = match f.sense {
                Sense::Later => "busy",
                Sense::Price => "price",
                Sense::Wonder => "hesitate",
                _ => "",
            };
            (names, f.words.to_lowercase())
        })
        .collect();
    out
}
