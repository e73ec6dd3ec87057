//! `callsmith voices list`.

use crate::engines::kokoro::catalog;
use crate::voice::traits::Synthesizer;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};

pub fn run(all: bool) -> Result<bool> {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["name", "language", "", "made of", "sample"]);
    let named = catalog::read()?;
    for v in &named {
        table.add_row([
            v.name.as_str(),
            v.lang.code(),
            &v.gender,
            &v.voice,
            &v.sample,
        ]);
    }
    println!("{table}");
    if all {
        let voice = super::kokoro()?;
        let own: Vec<&str> = voice
            .voices()
            .iter()
            .map(String::as_str)
            .filter(|v| named.iter().all(|n| n.name != *v))
            .collect();
        println!("the model's own: {}", own.join(" "));
    } else {
        println!("`voices list --all` names the model's own voices too.");
    }
    println!(
        "A dialplan takes any of these names, or a blend: `voice: {{ name: 0.6*mei+0.4*af_heart }}`. `callsmith voices play NAME` speaks the sample."
    );
    Ok(true)
}
