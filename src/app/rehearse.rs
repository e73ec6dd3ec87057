//! `callsmith rehearse`: a conversation with a dialplan, typed or spoken, and `.call` files.

use super::check;
use super::cli::RehearseArgs;
use crate::dialogue::rehearse::{CallFile, Rehearsal, show};
use crate::dialogue::{Effect, Lead};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::Arc;

pub async fn run(args: &RehearseArgs) -> Result<bool> {
    let plan = Arc::new(check::load(&args.dialplan)?);
    if let Some(script) = &args.script {
        let text = std::fs::read_to_string(script).with_context(|| script.display().to_string())?;
        let file = CallFile::parse(&text, &script.display().to_string())?;
        return Ok(match file.run(plan) {
            Ok(effects) => {
                print_all(&effects);
                println!("{}: went as written", script.display());
                true
            }
            Err(e) => {
                eprintln!("{e}");
                false
            }
        });
    }
    let mut vars = BTreeMap::new();
    for pair in &args.lead {
        let (key, value) = pair
            .split_once('=')
            .with_context(|| format!("--lead {pair}: write KEY=VALUE"))?;
        vars.insert(key.to_string(), value.to_string());
    }
    let missing = plan.missing(&vars);
    if !missing.is_empty() {
        bail!(
            "the dialplan needs {}; give each as --lead {}=…",
            missing.join(", "),
            missing[0]
        );
    }
    let lead = Lead {
        vars,
        phone: String::new(),
        contact: std::collections::BTreeSet::new(),
        now_local: jiff::Zoned::now().datetime(),
    };
    if args.mic {
        return super::microphone::run(
            plan,
            args.dialplan.parent().map(Into::into).unwrap_or_default(),
            lead,
        )
        .await;
    }
    println!(
        "Type what the callee says. /silence, /key 1, /agent ringing|joined|nobody, /hangup; an empty line or Ctrl-D ends.\n"
    );
    let mut rehearsal = Rehearsal::new(plan, lead);
    print_all(&rehearsal.answer());
    let stdin = std::io::stdin();
    while !rehearsal.over() {
        print!("callee> ");
        std::io::stdout().flush()?;
        let mut line = String::new();
        if stdin.lock().read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        match rehearsal.typed(line.trim()) {
            Ok(effects) => print_all(&effects),
            Err(e) => println!("  {e}"),
        }
    }
    Ok(true)
}

fn print_all(effects: &[Effect]) {
    for line in effects.iter().filter_map(show) {
        println!("{line}");
    }
}
