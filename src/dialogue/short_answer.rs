//! Yes or no in few words: idioms and double negations that neither statistics nor single words get right.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::builtin;
use super::intent::pattern::Pattern;
use super::intent::text::Token;
use super::intent::{Classifier, Context, IntentError, Vectors};
use crate::terms::Lang;
use std::ops::Range;
use std::sync::LazyLock;

/// Reads a reply as yes (`true`) or no (`false`), with the words that said so; None when it is neither or not clear.
#[must_use]
pub fn yes_or_no(text: &str, lang: Lang) -> Option<(bool, String)> {
    static ZH: LazyLock<Result<Classifier, IntentError>> = LazyLock::new(|| trained(Lang::Zh));
    static EN: LazyLock<Result<Classifier, IntentError>> = LazyLock::new(|| trained(Lang::En));
    let classifier = match lang {
        Lang::Zh => ZH.as_ref(),
        Lang::En => EN.as_ref(),
    }
    .ok()?;
    let expected = ["affirm".to_owned(), "deny".to_owned()];
    let context = Context {
        expected: &expected,
        ..Context::default()
    };
    let best = classifier
        .read(text, &context)
        .into_iter()
        .find(|r| matches!(r.intent.as_str(), "affirm" | "deny"))?;
    Some((best.intent == "affirm", best.evidence))
}

/// An idiom or double negation in a clause, with the tokens it takes; the longest wins.
#[must_use]
pub fn idiom(tokens: &[Token], lang: Lang) -> Option<(bool, Range<usize>)> {
    static ZH: LazyLock<Vec<(bool, Pattern)>> = LazyLock::new(|| parsed(ZH_IDIOMS, Lang::Zh));
    static EN: LazyLock<Vec<(bool, Pattern)>> = LazyLock::new(|| parsed(EN_IDIOMS, Lang::En));
    let list = match lang {
        Lang::Zh => &*ZH,
        Lang::En => &*EN,
    };
    let (mut answer, mut best): (bool, Option<super::intent::pattern::Hit>) = (false, None);
    for (yes, pattern) in list {
        if let Some(hit) = pattern.find(tokens, lang)
            && hit.exact
            && !asks_either_or(tokens, hit.begin)
            && best.is_none_or(|b| hit.named > b.named)
        {
            (answer, best) = (*yes, Some(hit));
        }
    }
    best.map(|hit| (answer, hit.begin..hit.end))
}

/// 能不能不… is a question; its 不能不 is no idiom.
fn asks_either_or(tokens: &[Token], at: usize) -> bool {
    at > 0
        && tokens
            .get(at + 1)
            .is_some_and(|next| next.form == tokens[at - 1].form)
}

fn trained(lang: Lang) -> Result<Classifier, IntentError> {
    Classifier::train(lang, &builtin::specs(lang), &Vectors::default())
}

fn parsed(list: &[(bool, &str)], lang: Lang) -> Vec<(bool, Pattern)> {
    list.iter()
        .filter_map(|(yes, p)| Some((*yes, Pattern::parse(p, lang).ok()?)))
        .collect()
}

const ZH_IDIOMS: &[(bool, &str)] = &[
    (
        true,
        "不是(不愿意|不想|不要|不可以|不行|不需要|没兴趣|没有兴趣|没时间|不感兴趣|不能)",
    ),
    (
        true,
        "(没有|没|没什么|没啥)(不同意|不愿意|不行|不可以|不方便|意见)",
    ),
    (
        true,
        "(我|)不反对|没有理由不|没理由不|不会不|不能不|不得不|何乐而不为|求之不得|巴不得|恭敬不如从命",
    ),
    (true, "(可不是|可不)(吗|嘛|啊|)$"),
    (
        true,
        "有什么不(行|可以|好|同意|愿意)|有啥不(行|可以|好)|怎么(不|会不|能不)(行|可以|愿意|想|好|需要)",
    ),
    (
        true,
        "(没什么|没啥|没有什么)(不好|不可以|不行|不方便|问题)|再好不过|不能更好",
    ),
    (
        true,
        "那还用(说|问)|当然(可以|行|好|要|有|愿意|想|需要|是)|必须(的|可以)",
    ),
    (false, "谁(说|告诉你)*(要|想|需要|有兴趣|同意|可以|报|答应)"),
    (
        true,
        "谁不(想|愿意|要|喜欢|感兴趣)|怎么会(没|不)(有|)(兴趣|想|愿意|需要|要)",
    ),
    (false, "一点(儿|)*(都|也)(没|不)"),
    (
        false,
        "(当然|肯定|绝对|根本|完全|真的|真)(不|没)(是|要|想|行|可以|需要|用|有|同意|愿意|感兴趣)",
    ),
    (
        false,
        "(并|又)不是很(想|需要|愿意|感兴趣)|不是很(想|需要|愿意|感兴趣)|不是特别(想|需要|感兴趣)",
    ),
    (
        false,
        "用不(着|上)|没(那个|这个|有那个|有这个)(必要|需求|需要|打算|想法)|(没有|没)*(必要|需求)$",
    ),
    (
        false,
        "(哪|哪里)有(时间|兴趣|钱|空)|(有什么|有啥)(好|可)(了解|聊|说|学|听)(的|)",
    ),
];

const EN_IDIOMS: &[(bool, &str)] = &[
    (
        true,
        "(do|would) not mind|no objections|nothing against (it|that)|have no problem with|not a problem|no problem at all",
    ),
    (
        true,
        "not that i (do not|would not) (need|want|like) (it|that|to|one)|it is not that i (do not|would not)",
    ),
    (
        true,
        "why not|why would i not|how could i (say no|refuse)|(can|could) not (say no|agree more|refuse|complain)",
    ),
    (
        true,
        "(would|will) not (hurt|say no)|would not miss it|no reason not to|i (do not|would not) (disagree|object)|i am not against",
    ),
    (
        true,
        "i am not (uninterested|saying no)|i did not say no|nothing wrong with (it|that)|not opposed",
    ),
    (
        true,
        "could not be better|no doubt|not bad at all|you bet|by all means|who would not|of course (i|we|it|you|that)*",
    ),
    (
        false,
        "(who|nobody|no one) (said|says) (i|we) (want|wanted|need|needed|asked|was|were|am|are)*",
    ),
    (
        true,
        "who would not (want|like|love|be)|who does not (want|like|love)",
    ),
    (
        false,
        "(it|that) is a no|(never|did not) (say|said|say that) (i|we) (was|am|were|are|wanted|want)* (interested|it|that)",
    ),
    (
        false,
        "why (would|should) i (want|need|do|care|be interested)|what makes you think|as if",
    ),
    (
        false,
        "of course not|absolutely not|certainly not|definitely not|hell no|no way|not at all|not really|not a chance|not in a million years",
    ),
    (
        false,
        "i would rather not|(could|can) not care less|not (so|very|too|that|all that|particularly|really) (interested|keen|fussed)",
    ),
    (
        false,
        "(do|does|did|would|will) not (really |)(want|need|care for) (it|any|one|this|that|anything)|i am (good|fine|all set|okay) (thanks|thank you)",
    ),
    (
        false,
        "(no|not any|have not got any) (need|use|interest) (for|in)|there is no need|no need",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_idiom_can_be_read() {
        assert_eq!(parsed(ZH_IDIOMS, Lang::Zh).len(), ZH_IDIOMS.len());
        assert_eq!(parsed(EN_IDIOMS, Lang::En).len(), EN_IDIOMS.len());
    }

    #[test]
    fn double_negation_and_idiom_are_read_by_their_sense() {
        let zh = |s| yes_or_no(s, Lang::Zh).map(|(yes, _)| yes);
        assert_eq!(zh("我不是不愿意"), Some(true));
        assert_eq!(zh("没有不同意"), Some(true));
        assert_eq!(zh("谁说我要了"), Some(false));
        assert_eq!(zh("可不是嘛"), Some(true));
        let en = |s| yes_or_no(s, Lang::En).map(|(yes, _)| yes);
        assert_eq!(en("I don't mind"), Some(true));
        assert_eq!(en("of course not"), Some(false));
        assert_eq!(en("why not"), Some(true));
        assert_eq!(en("maybe the second house"), None);
    }
}
