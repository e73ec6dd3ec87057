mod workbooks;

use super::*;
use crate::terms::Lang;
use std::io::Write;

struct Read {
    leads: Vec<LeadRow>,
    errors: Vec<RowError>,
    summary: ListSummary,
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

fn read_with(bytes: &[u8], options: ListOptions) -> Result<Read, ListError> {
    let file = file(bytes);
    let mut reader = ListReader::open(file.path(), options)?;
    let (mut leads, mut errors) = (Vec::new(), Vec::new());
    for item in reader.by_ref() {
        match item {
            Ok(lead) => leads.push(lead),
            Err(error) => errors.push(error),
        }
    }
    Ok(Read {
        leads,
        errors,
        summary: reader.summary().clone(),
    })
}

fn read(bytes: impl AsRef<[u8]>) -> Read {
    read_with(bytes.as_ref(), ListOptions::default()).expect("a list")
}

fn data(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lists");
    std::fs::read(path.join(name)).expect(name)
}

fn phones(read: &Read) -> Vec<&str> {
    read.leads.iter().map(|l| l.phones[0].full()).collect()
}

#[test]
fn a_chinese_list_reads_the_same_from_utf8_with_mark_and_from_gb18030() {
    let utf8 = data("chinese-utf8-bom.csv");
    let text = std::str::from_utf8(&utf8[3..]).expect("UTF-8");
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let from_utf8 = read(&utf8);
    let from_gb = read(&gb);
    assert_eq!(from_utf8.summary.encoding, "UTF-8");
    assert_eq!(from_gb.summary.encoding, "GB18030");
    assert_eq!(from_utf8.leads, from_gb.leads);
    assert_eq!(from_utf8.leads.len(), 3);
    let first = &from_utf8.leads[0];
    assert_eq!(first.phones[0].full(), "+8613800138000");
    assert_eq!(first.name.as_deref(), Some("李雷"));
    assert_eq!(first.lang, Some(Lang::Zh));
    assert_eq!(first.vars["城市"], "上海");
    assert_eq!(first.vars["name"], "李雷");
    assert_eq!(first.row, 2);
}

#[test]
fn an_english_list_with_semicolons_quotes_and_two_numbers_is_understood() {
    let options = ListOptions {
        country: "US".into(),
        ..ListOptions::default()
    };
    let list = "Full Name;Mobile Phone;Work Phone;Lang;Time Zone;Home City\r\n\
        \"Smith; Ann \"\"Annie\"\"\";(415) 555-2671;212-555-0123;en-US;America/Los_Angeles;San Jose\r\n";
    let read = read_with(list.as_bytes(), options).expect("a list");
    assert_eq!(read.errors, []);
    let lead = &read.leads[0];
    assert_eq!(lead.name.as_deref(), Some("Smith; Ann \"Annie\""));
    let full: Vec<&str> = lead.phones.iter().map(Phone::full).collect();
    assert_eq!(full, ["+14155552671", "+12125550123"]);
    assert_eq!(lead.lang, Some(Lang::En));
    assert_eq!(lead.tz.as_deref(), Some("America/Los_Angeles"));
    assert_eq!(lead.vars["home_city"], "San Jose");
    assert_eq!(read.summary.delimiter, ';');
}

#[test]
fn a_bad_row_is_named_as_the_spreadsheet_shows_it_and_stops_nothing() {
    let read = read(data("bad-rows.csv"));
    assert_eq!(phones(&read), ["+8613800138000", "+8613900139000"]);
    let told: Vec<(u64, &str, &str)> = read
        .errors
        .iter()
        .map(|e| (e.row, e.column.as_str(), e.problem.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "手机号", "Excel has cut this number to a few digits"),
            (4, "手机号", "there is no number"),
            (6, "手机号", "this is not a number that can be called"),
            (7, "手机号", "the same number stands in row 2 already"),
            (8, "语言", "this language is not known"),
            (9, "", "4 cells, but the header has 3"),
        ]
    );
    assert!(read.errors.iter().all(|e| !e.advice.is_empty()));
    let s = &read.summary;
    assert_eq!(
        (s.rows, s.good, s.errors, s.duplicates, s.blank),
        (8, 2, 6, 1, 1)
    );
}

#[test]
fn an_error_shows_the_cell_without_giving_the_number_away() {
    let read = read("phone\n1380013800099\n");
    let text = read.errors[0].to_string();
    assert!(text.contains("row 2, column phone"), "{text}");
    assert!(!text.contains("1380013800099"), "{text}");
    assert!(text.contains("138********99"), "{text}");
}

#[test]
fn rows_after_a_cell_with_line_breaks_keep_their_spreadsheet_numbers() {
    let read = read("phone,note\n13800138000,\"ok\"\n110,x\n\n13900139000,y\nbad,\n");
    let rows: Vec<u64> = read.errors.iter().map(|e| e.row).collect();
    assert_eq!(rows, [3, 6]);
    let read = super::tests::read("phone,note\n13800138000,\"two\nlines\"\n110,\n");
    let rows: Vec<u64> = read.errors.iter().map(|e| e.row).collect();
    assert_eq!(rows, [2, 3], "the line break is refused, and counts no row");
}

#[test]
fn files_that_are_no_csv_are_refused_with_the_way_out() {
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain("phone\n1".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let refusal = |bytes: &[u8]| match read_with(bytes, ListOptions::default()) {
        Err(e) => e.to_string(),
        Ok(_) => panic!("it was taken"),
    };
    assert!(refusal(&utf16).contains("CSV UTF-8"));
    assert!(refusal(b"PK\x03\x04rest of an xlsx").contains("workbook"));
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"\xEF\xBB\xBF\r\n\r\n").contains("empty"));
    assert!(refusal("姓名,城市\n李雷,上海\n".as_bytes()).contains("--map COLUMN=phone"));
    assert!(refusal("手机号,语言,language\n".as_bytes()).contains("both are the language"));
    let gone = ListReader::open(Path::new("/no/such/list.csv"), ListOptions::default());
    assert!(
        gone.err()
            .is_some_and(|e| e.to_string().contains("/no/such/list.csv"))
    );
}

#[test]
fn a_column_can_be_mapped_by_hand() {
    let map = |column: &str, field: &str| ListOptions {
        map: vec![(column.into(), field.into())],
        ..ListOptions::default()
    };
    let list = "客户线索,姓名\n13800138000,李雷\n".as_bytes();
    let read = read_with(list, map("客户线索", "phone")).expect("a list");
    assert_eq!(phones(&read), ["+8613800138000"]);
    let wrong = read_with(list, map("线索", "phone"))
        .err()
        .expect("an error");
    assert!(wrong.to_string().contains("客户线索, 姓名"), "{wrong}");
    let list = "phone,称呼,姓名\n13800138000,李女士,李雷\n".as_bytes();
    let read = read_with(list, map("姓名", "name")).expect("a list");
    assert_eq!(read.leads[0].name.as_deref(), Some("李雷"));
    assert_eq!(read.leads[0].vars["称呼"], "李女士");
    assert_eq!(read.summary.warnings.len(), 1);
}

#[test]
fn what_the_dialplan_needs_must_be_there_and_what_it_does_not_know_is_mentioned() {
    let wanted = |name: &str, required| Wanted {
        name: name.into(),
        required,
    };
    let options = ListOptions {
        wanted: vec![wanted("name", true), wanted("child", false)],
        ..ListOptions::default()
    };
    let list = "phone,name,city\n13800138000,李雷,上海\n13900139000,,北京\n".as_bytes();
    let read = read_with(list, options.clone()).expect("a list");
    assert_eq!(phones(&read), ["+8613800138000"]);
    assert_eq!(
        (read.errors[0].row, read.errors[0].column.as_str()),
        (3, "name")
    );
    let warnings = read.summary.warnings.join("\n");
    assert!(
        warnings.contains("child") && warnings.contains("city"),
        "{warnings}"
    );
    let error = read_with(b"phone\n13800138000\n", options)
        .err()
        .expect("an error");
    assert!(error.to_string().contains("needs name"), "{error}");
}

#[test]
fn hostile_cells_are_refused_and_their_neighbours_kept() {
    let long = "很".repeat(201);
    let list = format!(
        "phone,name\n13800138000,{long}\n13900139000,a\u{0}b\n13700137000,a\u{7}b\n13600136000,\u{202E}李\u{200B}雷\n"
    );
    let read = read(&list);
    assert_eq!(read.errors.len(), 3);
    assert_eq!(read.leads.len(), 1);
    assert_eq!(read.leads[0].name.as_deref(), Some("李雷"));
}

#[test]
fn an_unclosed_quote_ends_the_list_with_advice_instead_of_eating_the_memory() {
    let mut list = String::from("phone,name\n13800138000,ok\n13900139000,\"open\n");
    for _ in 0..40_000 {
        list.push_str("13700137000,next\n");
    }
    let read = read(&list);
    assert_eq!(read.leads.len(), 1);
    assert_eq!(read.errors.len(), 1);
    assert_eq!(read.errors[0].row, 3);
    assert!(read.errors[0].advice.contains("double quote"));
}

#[test]
fn a_list_longer_than_allowed_says_where_it_stopped() {
    let options = ListOptions {
        max_rows: 2,
        ..ListOptions::default()
    };
    let list = b"phone\n13800138000\n13900139000\n13700137000\n";
    let read = read_with(list, options).expect("a list");
    assert_eq!(read.leads.len(), 2);
    assert_eq!(read.errors[0].row, 4);
}

#[test]
fn old_mac_line_ends_tabs_and_a_missing_last_line_end_are_read() {
    let read = read("电话\t姓名\r13800138000\t李雷\r13900139000\t韩梅梅");
    assert_eq!(phones(&read), ["+8613800138000", "+8613900139000"]);
}

#[test]
fn characters_cut_by_a_block_of_the_reader_survive() {
    let mut list = String::from("phone,name\n");
    for i in 0..12_000 {
        list.push_str(&format!("138{i:08},韩梅梅{i}\n"));
    }
    let read = read(&list);
    assert!(read.leads.len() > 10_000);
    let whole = |l: &LeadRow| l.name.as_deref().is_some_and(|n| n.starts_with("韩梅梅"));
    assert!(read.leads.iter().all(whole));
    let (gb, _, _) = encoding_rs::GB18030.encode(&list);
    assert_eq!(super::tests::read(&gb).leads, read.leads);
}

#[test]
fn a_header_of_endless_columns_is_refused_before_anything_is_compared() {
    let wide = vec!["column"; 100_000].join(",");
    for header in [wide, (0..600).map(|i| format!("c{i},")).collect()] {
        let error = read_with(header.as_bytes(), ListOptions::default());
        let error = error.err().expect("an error").to_string();
        assert!(
            error.contains("columns") || error.contains("no end"),
            "{error}"
        );
    }
}

#[test]
fn columns_of_one_name_can_each_be_chosen() {
    let options = ListOptions {
        map: vec![
            ("备注".into(), "ignore".into()),
            ("备注 (2)".into(), "var:note".into()),
        ],
        ..ListOptions::default()
    };
    let list = "手机号,备注,备注\n13800138000,a,b\n".as_bytes();
    let read = read_with(list, options).expect("a list");
    assert_eq!(
        read.leads[0].vars.get("note").map(String::as_str),
        Some("b")
    );
    assert!(!read.leads[0].vars.contains_key("备注"));
}

#[test]
fn a_preview_shows_columns_and_guesses_without_whole_numbers() {
    let file = file("联系,城市,城市\n13800138000,上海,\n13900139000,北京,海淀\n".as_bytes());
    let seen = preview(file.path(), None, "CN").expect("a preview");
    let columns: Vec<(&str, String)> = seen
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.field.code()))
        .collect();
    assert_eq!(
        columns,
        [
            ("联系", "phone".to_owned()),
            ("城市", "var:城市".to_owned()),
            ("城市 (2)", "ignore".to_owned())
        ]
    );
    assert_eq!(seen.columns[0].samples[0], "138******00");
    assert_eq!(seen.columns[1].samples, ["上海", "北京"]);
    assert_eq!(seen.encoding, Some("UTF-8"));
    let other = self::file("城市,联系,城市\n".as_bytes());
    let again = preview(other.path(), None, "CN").expect("a preview");
    assert_eq!(seen.digest, again.digest, "the order does not matter");
}

#[test]
fn a_single_lead_is_checked_like_a_row() {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let one = |fields: &[(String, String)]| ListReader::one(fields, 7, ListOptions::default());
    let lead = one(&[
        field("phone", "138 0013 8000"),
        field("name", "李雷"),
        field("lang", "中文"),
        field("var:城市", "上海"),
    ]);
    let lead = lead.expect("a lead");
    assert_eq!((lead.row, lead.phones[0].full()), (7, "+8613800138000"));
    assert_eq!(
        (lead.lang, lead.vars["城市"].as_str()),
        (Some(Lang::Zh), "上海")
    );
    assert!(one(&[field("phone", "110")]).is_err());
    assert!(one(&[field("phone", ""), field("name", "x")]).is_err());
    assert!(one(&[field("phone", "13800138000"), field("name", "a\u{0}")]).is_err());
}

#[test]
fn what_a_failed_formula_leaves_is_no_value() {
    let read = read("phone,name\n13800138000,#REF!\n13900139000,#1 Shop\n");
    assert_eq!(read.errors.len(), 1);
    assert!(read.errors[0].problem.contains("error"));
    assert_eq!(read.leads[0].name.as_deref(), Some("#1 Shop"));
}

#[test]
fn our_own_export_can_be_imported_again() {
    let row = crate::store::ResultRow {
        row: 2,
        name: Some("=1+1".into()),
        lang: Some(Lang::Zh),
        phone: Phone::new("+8613800138000"),
        vars: [("城市".to_owned(), "上海".to_owned())].into(),
        lead_status: "done".into(),
        attempt: None,
        tags: Vec::new(),
        slots: Vec::new(),
        card: vec![("年级".into(), "小学".into())],
    };
    let mut out = Vec::new();
    crate::campaign::export::csv(&mut out, &[row]).expect("written");
    let read = read(&out);
    assert_eq!(phones(&read), ["+8613800138000"]);
    assert_eq!(read.leads[0].name.as_deref(), Some("=1+1"));
}
