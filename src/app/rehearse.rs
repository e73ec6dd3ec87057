//! `callsmith rehearse`: a conversation with a dialplan, typed or spoken, and `.call` files.

use super::check;
use super::cli::RehearseArgs;
use super::wiring;
use crate::dialogue::intent::ACCEPT;
use crate::dialogue::rehearse::{CallFile, Rehearsal, Reply, show};
use crate::dialogue::{Effect, Lead};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

pub async fn run(args: &RehearseArgs) -> Result<bool> {
    let mind = wiring::mind_or_say();
    let plan = Arc::new(check::load_with(&args.dialplan, mind.as_ref())?);
    if let Some(script) = &args.script {
        let text = std::fs::read_to_string(script).with_context(|| script.display().to_string())?;
        let file = CallFile::parse(&text, &script.display().to_string())?;
        let played = file.play_with(plan, mind.as_ref());
        return Ok(match played.failures.first() {
            None => {
                print_all(&played.effects);
                println!("{}: went as written", script.display());
                true
            }
            Some(e) => {
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
            mind,
        )
        .await;
    }
    println!("Type what the callee says, or /help. An empty line or Ctrl-D ends.\n");
    let paint = Paint(std::io::stdout().is_terminal());
    let mut rehearsal = Rehearsal::new(plan, lead).with_mind(mind.as_ref());
    let effects = rehearsal.answer();
    paint.reply(&Reply {
        effects,
        ..Reply::default()
    });
    println!("{}", paint.grey(&rehearsal.standing()));
    let stdin = std::io::stdin();
    while !rehearsal.over() {
        print!("callee> ");
        std::io::stdout().flush()?;
        let mut line = String::new();
        if stdin.lock().read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        match rehearsal.typed(line.trim()) {
            Ok(reply) => {
                paint.reply(&reply);
                println!("{}", paint.grey(&rehearsal.standing()));
            }
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

/// Colours, on a terminal.
struct Paint(bool);

impl Paint {
    fn with(&self, colour: u8, text: &str) -> String {
        if self.0 {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    fn grey(&self, text: &str) -> String {
        self.with(90, &format!("      {text}"))
    }

    fn reply(&self, reply: &Reply) {
        for line in &reply.text {
            println!("  {line}");
        }
        if !reply.readings.is_empty() {
            let all: Vec<String> = reply
                .readings
                .iter()
                .map(|r| {
                    let weak = if r.score < ACCEPT { "?" } else { "" };
                    format!("{}{weak} {:.2} “{}”", r.intent, r.score, r.evidence)
                })
                .collect();
            println!("{}", self.grey(&format!("may mean: {}", all.join(" · "))));
        }
        for effect in &reply.effects {
            let Some(line) = show(effect) else { continue };
            let colour = match effect {
                Effect::Say { .. } => 36,
                Effect::Intent { .. } | Effect::Tag { .. } | Effect::Slot { .. } => 32,
                Effect::Graded { .. } => 35,
                Effect::NoInput { .. } | Effect::NoMatch { .. } => 33,
                Effect::OptOut { .. } | Effect::Hangup { .. } => 31,
                _ => 90,
            };
            println!("{}", self.with(colour, &line));
        }
    }
}
