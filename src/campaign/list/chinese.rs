//! What is wrong with a row, in Chinese: the same words as in English, sentence by sentence.

use super::RowError;

/// (English, Chinese); `{}` stands for what differs, in both at the same places in order.
const WORDS: &[(&str, &str)] = &[
    // What is wrong.
    (
        "Excel has cut this number to a few digits",
        "号码被 Excel 变成了科学计数法，位数已丢失",
    ),
    ("there are letters in this number", "号码里有字母或文字"),
    ("this number has an extension", "号码带有分机号"),
    ("this is a short or service number", "这是短号或服务号码"),
    (
        "this is not a number that can be called",
        "这不是可以拨打的号码",
    ),
    (
        "the country of this number is not known",
        "无法识别号码所属的国家",
    ),
    ("there is a NUL character in it", "单元格里有空字符（NUL）"),
    (
        "there is a control character ({}) in it",
        "单元格里有控制字符（{}）",
    ),
    (
        "the spreadsheet shows an error here",
        "表格在这里显示的是公式错误",
    ),
    (
        "it has {} characters; at most {} are taken",
        "内容有 {} 个字，最多 {} 个字",
    ),
    ("this language is not known", "无法识别的语言"),
    ("this time zone is not known", "无法识别的时区"),
    (
        "{} cells, but the header has {}",
        "这一行有 {} 个单元格，而表头只有 {} 列",
    ),
    ("there is no number", "没有填号码"),
    (
        "the dialplan needs {} and the cell is empty",
        "话术需要“{}”，而单元格是空的",
    ),
    (
        "no time zone is known for this country, so no calling window can be kept",
        "不知道这个国家的时区，无法保证在允许的时段内拨打",
    ),
    (
        "the same number stands in row {} already",
        "与第 {} 行的号码重复",
    ),
    ("the list has more than {} rows", "名单超过 {} 行"),
    ("this row has no end", "这一行没有结尾"),
    (
        "the file cannot be read further: {}",
        "文件无法继续读取：{}",
    ),
    // What to do.
    (
        "format the column as text in Excel, enter the number again and save; the digits are lost in this file",
        "在 Excel 里把这一列设为文本格式，重新填写号码后保存；这个文件里的位数已经找不回来",
    ),
    (
        "write digits only, with + and the country code or without",
        "只写数字，可以带 + 和国家码",
    ),
    (
        "extensions cannot be dialled; give a direct number",
        "分机无法直接拨打，请填直线号码",
    ),
    (
        "give a full number; short and emergency numbers are never called",
        "请填完整号码；短号和紧急号码不会被拨打",
    ),
    (
        "name it with two letters, such as CN, US or GB",
        "用两个字母表示，例如 CN、US 或 GB",
    ),
    (
        "check for missing or additional digits; numbers of other countries need + and the country code",
        "检查是否少了或多了数字；其他国家的号码要带 + 和国家码",
    ),
    (
        "this is not plain text; export the list again as CSV",
        "这不是纯文本，请重新导出为 CSV",
    ),
    (
        "keep each cell to one line of plain text",
        "每个单元格只写一行普通文字",
    ),
    (
        "correct the formula, or put the value itself into the cell",
        "修正公式，或直接填写数值",
    ),
    (
        "shorten it: it may be spoken in a call",
        "请缩短：这些内容可能会在通话中读出来",
    ),
    (
        "use zh or en (中文, 英文), or leave it empty",
        "请填 中文 或 英文（zh、en），或留空",
    ),
    (
        "use an IANA name such as Asia/Shanghai or America/Chicago",
        "请用 IANA 时区名，例如 Asia/Shanghai 或 America/Chicago",
    ),
    (
        "put a cell that holds the delimiter into double quotes",
        "含有分隔符的单元格要用双引号括起来",
    ),
    ("fill the cell in or delete the row", "请填写，或删除这一行"),
    ("fill the cell in", "请填写"),
    (
        "add a column timezone, e.g. Asia/Dubai",
        "增加一列“时区”，例如 Asia/Dubai",
    ),
    (
        "that row is kept, this one is left out",
        "保留前面那一行，这一行略过",
    ),
    (
        "this row and the rest were not read; split the list into several files",
        "这一行和后面的行没有读取；请把名单拆成几个文件",
    ),
    (
        "probably a double quote is not closed; correct it and import again, this row and the rest were not read",
        "可能有双引号没有闭合；改正后重新导入，这一行和后面的行没有读取",
    ),
    (
        "import it again; rows that went in already are skipped",
        "请重新导入；已经导入的行会自动跳过",
    ),
];

impl RowError {
    /// What is wrong and what to do, in Chinese.
    #[must_use]
    pub fn zh(&self) -> (String, String) {
        (chinese(&self.problem), chinese(&self.advice))
    }
}

/// The sentence in Chinese; as it is when nobody put it into Chinese.
fn chinese(english: &str) -> String {
    WORDS
        .iter()
        .find_map(|(en, zh)| Some(filled(zh, &held(en, english)?)))
        .unwrap_or_else(|| english.to_owned())
}

/// What stands in the places of a pattern, when the text is one of it.
fn held<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut held = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let end = match parts.peek() {
            None => rest.strip_suffix(part)?.len(),
            Some(_) => rest.find(part)?,
        };
        held.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(held)
}

fn filled(pattern: &str, held: &[&str]) -> String {
    let mut out = String::new();
    let mut held = held.iter();
    for (i, part) in pattern.split("{}").enumerate() {
        if i > 0 {
            out.push_str(held.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{BadNumber, ListOptions, ListReader, Wanted};
    use super::*;
    use std::io::Write;

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
    }

    #[test]
    fn every_row_error_has_its_words_in_chinese() {
        let long = "很".repeat(201);
        let list = format!(
            "phone,name,lang,tz\n1.38E+10\nabc12345678\n010-65529988转1\n110\n138001380001\n13800138000,a\u{0}\n\
             13800138000,a\u{7}\n13800138000,#N/A\n13800138000,{long}\n13800138000,x,klingon\n13800138000,x,,Moon/Base\n\
             13800138000,x,,,,y\n,x\n13800138000\n13900139000,ok\n13900139000,ok\n+93 70 123 4567,ok\n13700137000,\"open\n"
        );
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(list.as_bytes()).expect("written");
        let wanted = Wanted {
            name: "name".into(),
            required: true,
        };
        let options = ListOptions {
            wanted: vec![wanted],
            ..ListOptions::default()
        };
        let reader = ListReader::open(file.path(), options).expect("a list");
        let errors: Vec<RowError> = reader.filter_map(Result::err).collect();
        assert_eq!(errors.len(), 17, "{errors:#?}");
        for error in &errors {
            let (problem, advice) = error.zh();
            assert!(is_chinese(&problem), "{}", error.problem);
            assert!(is_chinese(&advice), "{}", error.advice);
        }
        let twice = errors.iter().find(|e| e.problem.contains("same number"));
        assert_eq!(twice.expect("there").zh().0, "与第 16 行的号码重复");
        assert!(is_chinese(&chinese(&BadNumber::Country.to_string())));
        assert!(is_chinese(&chinese(BadNumber::Country.advice())));
        assert_eq!(chinese("something else"), "something else");
    }
}
