//! What somebody is called.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Filled;
use crate::dialogue::intent::filler;
use crate::dialogue::intent::text::{self, Token, form_key};
use crate::terms::Lang;

/// Common family names (Ministry of Public Security name report 2020, most frequent first), two-character ones last.
const FAMILY: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪温芦俞";
const DOUBLE: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯",
];
/// How people spell a family name, which a recogniser's homophone cannot spoil.
const SPELLED: &[(&str, &str)] = &[
    ("弓长", "张"),
    ("立早", "章"),
    ("木子", "李"),
    ("耳东", "陈"),
    ("双木", "林"),
    ("口天", "吴"),
    ("古月", "胡"),
    ("言午", "许"),
    ("禾呈", "程"),
    ("草头", "黄"),
    ("三横", "王"),
    ("走肖", "赵"),
    ("双人", "徐"),
    ("人未", "何"),
    ("木易", "杨"),
    ("刀口", "邵"),
    ("日月", "明"),
];

pub(super) fn fill(tokens: &[Token], lang: Lang) -> Option<Filled> {
    match lang {
        Lang::Zh => zh(tokens),
        Lang::En => en(tokens),
    }
}

fn zh(tokens: &[Token]) -> Option<Filled> {
    let key = form_key(tokens);
    if let Some((_, family)) = SPELLED.iter().find(|(spelling, _)| key.contains(spelling)) {
        return Some(Filled {
            value: (*family).to_owned(),
            evidence: text::surface(tokens),
        });
    }
    for lead in [
        "名字叫",
        "名字是",
        "我叫",
        "叫做",
        "叫我",
        "就叫",
        "免贵姓",
        "我姓",
        "姓",
        "叫",
        "我是",
        "我就是",
    ] {
        let n = lead.chars().count();
        let begin = (0..(tokens.len() + 1).saturating_sub(n))
            .find(|&b| form_key(&tokens[b..b + n]) == lead)
            .map(|b| b + n);
        if let Some(begin) = begin
            && let Some(end) = name_end(tokens, begin)
            && (!lead.ends_with('是') || is_family(tokens, begin))
        {
            return Some(Filled {
                value: form_key(&tokens[begin..end]),
                evidence: text::surface(&tokens[begin - n..end]),
            });
        }
    }
    let bare = filler::stripped(tokens, Lang::Zh);
    let end = name_end(bare, 0)?;
    (is_family(bare, 0) && end + 2 >= bare.len()).then(|| Filled {
        value: form_key(&bare[..end]),
        evidence: text::surface(bare),
    })
}

fn is_family(tokens: &[Token], at: usize) -> bool {
    let two = tokens.get(at..at + 2).map(form_key);
    two.is_some_and(|t| DOUBLE.contains(&t.as_str()))
        || tokens
            .get(at)
            .and_then(Token::han)
            .is_some_and(|c| FAMILY.contains(c))
}

/// One to four Han characters, up to a particle, a title or the end.
fn name_end(tokens: &[Token], begin: usize) -> Option<usize> {
    const STOPS: &[&str] = &[
        "啊", "吧", "呢", "呀", "的", "了", "嘛", "哦", "先生", "女士", "小姐", "老师", "就", "你",
        "我", "他", "什么", "不", "谢谢", "可以", "怎么", "妈妈", "爸爸", "哪",
    ];
    let mut end = begin;
    while end < tokens.len() && end - begin < 4 && tokens[end].han().is_some() {
        if STOPS.iter().any(|s| {
            s.chars().count() <= tokens.len() - end
                && form_key(&tokens[end..end + s.chars().count()]) == *s
        }) {
            break;
        }
        end += 1;
    }
    (end > begin).then_some(end)
}

fn en(tokens: &[Token]) -> Option<Filled> {
    const LEADS: &[&str] = &[
        "my name is",
        "the name is",
        "name is",
        "i am called",
        "you can call me",
        "call me",
        "just call me",
        "this is",
        "i am",
        "it is",
        "they call me",
    ];
    const STOPS: &[&str] = &[
        "and",
        "but",
        "from",
        "here",
        "speaking",
        "please",
        "thanks",
        "thank",
        "you",
        "i",
        "the",
        "a",
        "not",
        "no",
        "yes",
        "yeah",
        "yep",
        "sure",
        "okay",
        "that",
        "is",
        "it",
        "my",
        "what",
        "who",
        "why",
        "how",
        "sir",
        "so",
        "just",
        "well",
        "am",
        "are",
        "do",
        "can",
        "busy",
        "driving",
        "fine",
        "good",
        "calling",
        "of",
        "interested",
        "in",
        "at",
        "on",
        "to",
        "going",
        "right",
    ];
    let is_name =
        |t: &Token| t.form.chars().all(char::is_alphabetic) && !STOPS.contains(&t.form.as_str());
    let run = |begin: usize| {
        let mut end = begin;
        // Spelled letters may be many; words of a name are at most three.
        let mut words = 0;
        while end < tokens.len() && is_name(&tokens[end]) {
            words += usize::from(tokens[end].form.len() > 1);
            if words > 3 {
                break;
            }
            end += 1;
        }
        end
    };
    let mut found = None;
    for lead in LEADS {
        let n = lead.split(' ').count();
        if let Some(b) = (0..(tokens.len() + 1).saturating_sub(n))
            .find(|&b| form_key(&tokens[b..b + n]) == *lead)
        {
            let end = run(b + n);
            if end > b + n {
                found = Some((b, b + n, end));
                break;
            }
        }
    }
    let (from, begin, end) = found.or_else(|| {
        let bare = filler::stripped(tokens, Lang::En);
        let shift = (0..=tokens.len() - bare.len()).find(|&o| tokens[o..].starts_with(bare))?;
        let end = run(shift);
        let rest = &tokens[end..];
        let closed = rest.is_empty()
            || rest.iter().all(|t| {
                matches!(
                    t.form.as_str(),
                    "speaking" | "here" | "please" | "thanks" | "thank" | "you" | "sir"
                )
            });
        (end > shift && closed).then_some((shift, shift, end))
    })?;
    Some(Filled {
        value: spelled_out(&tokens[begin..end]),
        evidence: text::surface(&tokens[from..end]),
    })
}

/// `john smith` → John Smith; `j o h n` → John.
fn spelled_out(tokens: &[Token]) -> String {
    let words: Vec<String> = if tokens.len() > 2 && tokens.iter().all(|t| t.form.len() == 1) {
        vec![tokens.iter().map(|t| t.form.as_str()).collect()]
    } else {
        tokens.iter().map(|t| t.form.clone()).collect()
    };
    let capital = |w: String| {
        let mut chars = w.chars();
        chars
            .next()
            .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    };
    words
        .into_iter()
        .map(capital)
        .collect::<Vec<String>>()
        .join(" ")
}
