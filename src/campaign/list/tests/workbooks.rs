//! Excel workbooks, good and hostile.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

fn book(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().expect("a workbook")
}

/// One sheet of texts.
fn texts(rows: &[&[&str]]) -> Vec<u8> {
    book(|book| {
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, text) in (0..).zip(*cells) {
                sheet.write_string(row, column, *text).expect("written");
            }
        }
    })
}

fn refusal(bytes: &[u8]) -> String {
    match read_with(bytes, ListOptions::default()) {
        Err(e) => e.to_string(),
        Ok(read) => panic!("it was taken: {:?}", read.errors),
    }
}

#[test]
fn a_workbook_reads_as_the_same_list_in_csv_does() {
    let rows: &[&[&str]] = &[
        &["手机号", "姓名", "语言", "城市"],
        &["13800138000", "李雷", "中文", "上海"],
        &["110", "坏", "", ""],
        &["13900139000", "韩梅梅", "en", "北京"],
        &["138-0013-8000", "重复", "", ""],
    ];
    let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
    let from_csv = read(lines.join("\n"));
    let from_book = read(texts(rows));
    assert_eq!(from_book.leads, from_csv.leads);
    assert_eq!(from_book.errors, from_csv.errors);
    assert_eq!(from_book.summary.duplicates, 1);
    assert_eq!(from_book.summary.encoding, "XLSX");
}

#[test]
fn numbers_and_dates_are_read_as_people_mean_them() {
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        let day = Format::new().set_num_format("yyyy/m/d");
        let hour = Format::new().set_num_format("h:mm");
        let digits = Format::new().set_num_format("000-0000-0000");
        for (column, name) in (0..).zip(["手机", "日期", "时间", "金额", "会员", "公式"])
        {
            sheet.write_string(0, column, name).expect("written");
        }
        for (row, phone) in (1..).zip([13800138000.0, 13900139000.0, 8613700137000.0]) {
            sheet.write_number(row, 0, phone).expect("written");
        }
        sheet
            .write_number_with_format(2, 0, 13900139000.0, &digits)
            .expect("written");
        let date = ExcelDateTime::from_ymd(2026, 11, 21).expect("a date");
        sheet
            .write_datetime_with_format(1, 1, &date, &day)
            .expect("written");
        let time = ExcelDateTime::from_hms(14, 30, 0.0).expect("a time");
        sheet
            .write_datetime_with_format(1, 2, &time, &hour)
            .expect("written");
        sheet.write_number(1, 3, 0.1 + 0.2).expect("written");
        sheet.write_boolean(1, 4, true).expect("written");
        let formula = Formula::new("=HYPERLINK(\"http://x\",\"点\")").set_result("点");
        sheet.write_formula(1, 5, formula).expect("written");
    });
    let read = read(bytes);
    assert_eq!(read.errors, []);
    assert_eq!(
        phones(&read),
        ["+8613800138000", "+8613900139000", "+8613700137000"]
    );
    let vars = &read.leads[0].vars;
    let values: Vec<&str> = ["日期", "时间", "金额", "会员", "公式"]
        .iter()
        .map(|k| vars[*k].as_str())
        .collect();
    assert_eq!(values, ["2026-11-21", "14:30", "0.3", "TRUE", "点"]);
}

#[test]
fn a_number_that_excel_cut_as_text_is_refused_and_not_called() {
    let read = read(texts(&[&["phone"], &["1.38E+10"], &["13800138000"]]));
    assert_eq!(phones(&read), ["+8613800138000"]);
    assert!(read.errors[0].problem.contains("cut"));
}

#[test]
fn hidden_rows_stay_blank_rows_count_and_the_sheet_can_be_chosen() {
    let bytes = book(|book| {
        let first = book.add_worksheet().set_name("说明").expect("named");
        first.write_string(0, 0, "请看第二页").expect("written");
        let second = book.add_worksheet().set_name("名单").expect("named");
        for (row, text) in [(0, "手机号"), (2, "13800138000"), (5, "13900139000")] {
            second.write_string(row, 0, text).expect("written");
        }
        second.set_row_hidden(2).expect("hidden");
        let hidden = book.add_worksheet().set_name("内部").expect("named");
        hidden.write_string(0, 0, "phone").expect("written");
        hidden.set_hidden(true);
    });
    let sheet = |name: &str| ListOptions {
        sheet: Some(name.into()),
        ..ListOptions::default()
    };
    let read = read_with(&bytes, sheet("名单")).expect("a list");
    let rows: Vec<u64> = read.leads.iter().map(|l| l.row).collect();
    assert_eq!(rows, [3, 6], "as Excel numbers them");
    assert!(refusal(&bytes).contains("no column is a phone number"));
    let error = read_with(&bytes, sheet("内部")).err().expect("hidden");
    assert!(error.to_string().contains("说明, 名单"), "{error}");
    let file = file(&bytes);
    let seen = preview(file.path(), Some("名单"), "CN").expect("a preview");
    assert_eq!(seen.sheets, ["说明", "名单"]);
    assert_eq!((seen.kind, seen.rows), (Kind::Xlsx, Some(5)));
}

#[test]
fn hostile_cells_of_a_workbook_cost_their_row_and_nothing_else() {
    let long = "x".repeat(30_000);
    let read = read(texts(&[
        &["phone", "name"],
        &["13800138000", long.as_str()],
        &["13900139000", "\u{202E}李\u{200B}雷"],
        &["13700137000", "a\u{7}b"],
        &["=1+1", "formula"],
        &["13600136000", "ok", "one too many"],
    ]));
    assert_eq!(phones(&read), ["+8613900139000"]);
    assert_eq!(read.leads[0].name.as_deref(), Some("李雷"));
    let rows: Vec<u64> = read.errors.iter().map(|e| e.row).collect();
    assert_eq!(rows, [2, 4, 5, 6]);
}

#[test]
fn a_workbook_of_many_rows_is_unpacked_and_read_to_its_end() {
    let rows: Vec<[String; 2]> = (0..3000)
        .map(|i| [format!("138{i:08}"), format!("名字{i}")])
        .collect();
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["phone", "name"]).expect("written");
        sheet.write_row_matrix(1, 0, &rows).expect("written");
    });
    let read = read(bytes);
    let name = |l: &LeadRow| l.name.clone().unwrap_or_default();
    assert!(read.leads.len() > 2900, "{}", read.leads.len());
    assert!(
        read.leads
            .iter()
            .all(|l| name(l) == format!("名字{}", l.row - 2))
    );
}

/// A ZIP archive of parts as they are: (name, method, packed, size it says).
fn zip(parts: &[(&str, u16, &[u8], u32)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, method, packed, size) in parts {
        let at = out.len() as u32;
        let mut common = Vec::new();
        common.extend([20, 0, 0, 0]);
        common.extend(method.to_le_bytes());
        common.extend([0; 8]);
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, length) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((parts.len() as u16).to_le_bytes());
    out.extend((parts.len() as u16).to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A DEFLATE stream of one byte, again and again: 13 bits for each further 258 of it (RFC 1951, fixed codes).
fn bomb(byte: u8, bytes: usize) -> Vec<u8> {
    let (mut out, mut have, mut bits) = (Vec::new(), 0_u32, 0_u64);
    let mut put = |value: u32, count: u32, reversed: bool| {
        for i in 0..count {
            let place = if reversed { count - 1 - i } else { i };
            bits |= u64::from(value >> place & 1) << have;
            have += 1;
            if have == 8 {
                out.push(bits as u8);
                have = 0;
                bits = 0;
            }
        }
    };
    put(0b011, 3, false);
    put(0x30 + u32::from(byte), 8, true);
    for _ in 0..bytes / 258 {
        put(0b1100_0101, 8, true);
        put(0, 5, true);
    }
    put(0, 7, true);
    put(0, 8, false);
    out
}

#[test]
fn a_zip_bomb_is_refused_before_it_fills_the_memory() {
    let tags = bomb(b'<', 40 << 20);
    assert!(tags.len() < 300_000, "{}", tags.len());
    let error = refusal(&zip(&[("xl/styles.xml", 8, &tags, 100)]));
    assert!(
        error.contains("too large") && error.contains("CSV"),
        "{error}"
    );
    let cell = bomb(b'A', 5 << 20);
    let error = refusal(&zip(&[("xl/worksheets/sheet1.xml", 8, &cell, 100)]));
    assert!(error.contains("one cell"), "{error}");
}

#[test]
fn a_workbook_that_lies_about_itself_is_refused() {
    let strings = b"<?xml version=\"1.0\"?><sst uniqueCount=\"99999999999999\" ></sst>";
    let size = strings.len() as u32;
    let error = refusal(&zip(&[("xl/sharedStrings.xml", 0, strings, size)]));
    assert!(error.contains("texts"), "{error}");
    let hidden = b"<!-- <sst uniqueCount=\"1\"> --><sst uniqueCount=\"99999999999999\"></sst>";
    let size = hidden.len() as u32;
    let error = refusal(&zip(&[("xl/sharedStrings.xml", 0, hidden, size)]));
    assert!(error.contains("table of texts"), "{error}");
    let error = refusal(&zip(&[("xl/styles.xml", 0, b"<a/>", 9)]));
    assert!(error.contains("another size"), "{error}");
    let twice: (&str, u16, &[u8], u32) = ("xl/styles.xml", 0, b"<a/>", 4);
    let other: (&str, u16, &[u8], u32) = ("XL\\styles.XML", 0, b"<a/>", 4);
    assert!(refusal(&zip(&[twice, other])).contains("twice"));
}

#[test]
fn damaged_workbooks_end_with_words_whatever_is_broken() {
    let good = texts(&[&["phone"], &["13800138000"]]);
    assert!(refusal(&good[..good.len() - 30]).contains("workbook is damaged"));
    assert!(refusal(b"PK\x03\x04").contains("workbook is damaged"));
    assert!(refusal(&zip(&[("nothing.txt", 0, b"x", 1)])).contains("workbook"));
    // Any byte turned over is an error or a list, never a panic or a hang.
    for at in (0..good.len()).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 0xFF;
        let _ = read_with(&bad, ListOptions::default());
    }
}

#[test]
fn old_and_encrypted_workbooks_are_named_as_what_they_are() {
    let mut ole = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    ole.extend([0; 3000]);
    assert!(refusal(&ole).contains(".xls"));
    ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(refusal(&ole).contains("password"));
}
