//! English cues. Contractions are open here: "don't" is `do not`, "I'd" is `i would`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod no;
mod rest;
mod yes;

use super::super::text::Token;
use super::Sense;

/// Ends that ask for nothing but consent.
pub(super) const TAGS: &[&str] = &[
    "okay",
    "all right",
    "alright",
    "right",
    "yeah",
    "you know",
    "would you",
    "will you",
    "please",
];

pub(super) const CLASSES: &[(&str, &str)] = &[
    (
        "me",
        "me|us|him|her|them|my wife|my husband|my son|my daughter|the kids|both of us|the two of us|us both|my name|the family|mum|mom|dad",
    ),
    (
        "it",
        "it|that|this|one|them|those|these|any|some|anything|another|yours|any of it|any of that|either|two|all of it|more",
    ),
    (
        "bei",
        "i am|we are|i would be|we would be|i am really|i am very|i am quite",
    ),
    ("iwe", "i|we"),
    (
        "adv",
        "really|honestly|actually|truly|just|still|definitely|certainly|particularly|exactly|even|quite|personally|currently|ever|necessarily|at all|also|so",
    ),
    (
        "want",
        "want|need|require|like|fancy|care|wish|use|see the point|have any use|have a use|have the use|plan|intend|feel like|own|do that sort|buy|believe in|bother|deal",
    ),
    (
        "bad",
        "dream of saying no|dream of missing|dream of refusing|turn|refuse|mind|object|pass it up|pass that up|pass up|complain|say no|decline|reject|resist|argue|fault|disagree|knock it|miss|hurt|regret|hesitate|stop you|dream of missing|have a problem|have a bad word|see why not|want to miss|stand in|begrudge|let it slip|walk away",
    ),
    (
        "nota",
        "opposed|against|averse|uninterested|unwilling|impossible|unreasonable|unhappy|bothered by|a bad|bad|an issue|a problem|a bother|in the way|too far|unlikely|uncomfortable|a crazy|a terrible|gonna say no|going to say no|going to refuse|going to argue|going to complain|going to turn|going to object|about to say no|too proud",
    ),
    (
        "wave",
        "wait|explain|ask|worry|rush|apologi|apologize|apologise|remind|confirm|think|hang up|shout|sell|convince|check|email|text|write|repeat|say|go|be sorry|hurry|tell|thank|mention|panic|persuade|beg|twist|spell|go over|go through|run through|bother checking|fret|read|talk|discuss|say any more|look it up|sugar|pitch|keep explaining|go on about",
    ),
    (
        "rush",
        "tomorrow|tonight|later|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|next month|this evening|this afternoon|in the morning|in the evening|the weekend|another day|another time|some other time|some other day|a different day|a different time|a better time|after|in a bit|in a while|in an hour|in half|in ten|in five|in twenty|in a few|in a couple|around|about|at|when i|when we|once i|once we|some time|evenings|mornings|afternoons|next time|first thing|another|a bit later|anytime after|any time after|this weekend|on my break|over lunch",
    ),
    (
        "ring",
        "call|ring|phone|try|catch|contact|reach|buzz|bell|get back to|speak|talk|chat|do this|continue|pick this up|finish|have this|check back|discuss|call back|ring back|get me|get hold",
    ),
    ("money", "money|cash|budget|funds|income|savings|means"),
];

/// All cues.
pub(super) const CUES: &[&[(Sense, &str)]] = &[yes::CUES, no::CUES, rest::CUES];

/// Whether the words are in the order of a question that wants an answer.
pub(super) fn opens_question(tokens: &[Token]) -> bool {
    const AUX: &[&str] = &[
        "do", "does", "did", "is", "are", "am", "was", "were", "can", "could", "will", "would",
        "should", "shall", "have", "has", "may",
    ];
    const WH: &[&str] = &[
        "what", "how", "where", "when", "who", "why", "which", "whose",
    ];
    const SUBJECT: &[&str] = &[
        "i", "you", "we", "they", "he", "she", "it", "this", "that", "there", "the", "your", "my",
        "anyone", "someone", "any",
    ];
    let form = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    const LEAD: &[&str] = &[
        "so", "and", "well", "oh", "um", "uh", "okay", "but", "hang", "on", "wait", "sorry", "hey",
        "hmm", "yeah", "yes",
    ];
    let at = (0..tokens.len())
        .find(|&i| !LEAD.contains(&form(i)))
        .unwrap_or(0);
    WH.contains(&form(at))
        || (AUX.contains(&form(at))
            && (SUBJECT.contains(&form(at + 1))
                || (form(at + 1) == "not" && SUBJECT.contains(&form(at + 2)))))
}
