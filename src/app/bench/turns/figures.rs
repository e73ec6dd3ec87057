//! From what the far end saw to the bench's figures.

use super::calls::{Events, Planned};
use super::cast::Part;
use crate::app::carrier::{WireReport, WireSpan};
use crate::app::percentile::percentile;
use crate::terms::{Happening, Lang};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a run used.
#[derive(Copy, Clone, Debug)]
pub struct Cost {
    pub cpu_s: f64,
    pub wall_s: f64,
}

/// One thing a callee said, and what came of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub at_once: u32,
    pub lang: Lang,
    pub part: Part,
    pub said: String,
    pub end: End,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Answered so many milliseconds after the last voiced frame.
    Answered(u64),
    /// The robot began while the callee was still speaking.
    CutOff,
    /// The robot said nothing.
    Unanswered,
    /// The robot's last voiced frame came so many milliseconds after the first voiced one of the callee.
    Stopped(u64),
    /// A sign of listening left the line whole; the robot was quiet for so many milliseconds in its middle.
    Kept(u64),
    /// A sign of listening cost the robot its line.
    Lost,
}

/// All cases of all runs.
pub struct All {
    pub cases: Vec<Case>,
    /// From the end of speech as the robot saw it to its first frame, by run, ms.
    pub inside: Vec<(u32, u64)>,
    /// How late the far end's own beat was at worst, by run, ms: what the figures can be trusted to.
    pub far_late: BTreeMap<u32, u64>,
    /// Acts of callees that ran into their limit.
    pub notes: usize,
}

/// Holds the wire report against the plan.
#[must_use]
pub fn collect(planned: &[Planned], wire: &WireReport, events: &Events) -> All {
    let mut all = All {
        cases: Vec::new(),
        inside: Vec::new(),
        far_late: BTreeMap::new(),
        notes: 0,
    };
    for plan in planned {
        let Some(call) = wire.calls.iter().find(|c| c.number == plan.number) else {
            continue;
        };
        let told = events
            .get(&plan.number)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let late = all.far_late.entry(plan.at_once).or_default();
        *late = (*late).max(call.worst_tick_delay_ms);
        all.notes += call.notes.len();
        let mut add = |said: &str, end| {
            all.cases.push(Case {
                at_once: plan.at_once,
                lang: plan.lang,
                part: plan.part,
                said: said.to_owned(),
                end,
            });
        };
        match plan.part {
            Part::Interrupt => {
                for i in &call.interrupts {
                    add(&i.text, i.stop_ms.map_or(End::Unanswered, End::Stopped));
                }
            }
            Part::BackChannel => {
                for i in &call.interrupts {
                    // Both sides count from the INVITE.
                    let lost = told.iter().any(|e| {
                        matches!(
                            e.what,
                            Happening::Said {
                                interrupted: true,
                                ..
                            }
                        ) && (i.first_speech_ms..i.first_speech_ms + LOST_WITHIN_MS)
                            .contains(&e.at.0)
                    });
                    let end = match lost {
                        true => End::Lost,
                        false => End::Kept(gap_at(i.first_speech_ms, &call.robot_spans)),
                    };
                    add(&i.text, end);
                }
            }
            _ => {
                for turn in call.turns.iter().filter(|t| t.id == "turn") {
                    let end = match (turn.cut_in_ms, turn.latency_ms) {
                        (Some(_), _) => End::CutOff,
                        (None, Some(ms)) => End::Answered(ms),
                        (None, None) => End::Unanswered,
                    };
                    add(&turn.text, end);
                }
                all.inside.extend(told.iter().filter_map(|e| match e.what {
                    Happening::TurnLatency { ms } => Some((plan.at_once, ms)),
                    _ => None,
                }));
            }
        }
    }
    all
}

/// A line that is given up so soon after a sign was lost to it, ms.
const LOST_WITHIN_MS: u64 = 3000;

/// The longest time without the robot's voice that begins within a second after `at`.
fn gap_at(at: u64, spans: &[WireSpan]) -> u64 {
    spans
        .windows(2)
        .filter(|w| w[0].to_ms >= at.saturating_sub(100) && w[0].to_ms <= at + 1000)
        .map(|w| w[1].from_ms - w[0].to_ms)
        .max()
        .unwrap_or(0)
}

/// Latencies and early cut-offs of some cases.
struct Turns {
    n: usize,
    p50: Option<u64>,
    p95: Option<u64>,
    early_cutoff: f64,
    unanswered: usize,
}

fn turns<'a>(cases: impl Iterator<Item = &'a Case>) -> Turns {
    let (mut ms, mut cut, mut unanswered) = (Vec::new(), 0, 0);
    for case in cases {
        match case.end {
            End::Answered(v) => ms.push(v),
            End::CutOff => cut += 1,
            End::Unanswered if case.part != Part::Interrupt => unanswered += 1,
            _ => {}
        }
    }
    ms.sort_unstable();
    let n = ms.len() + cut + unanswered;
    Turns {
        n,
        p50: percentile(&ms, 50),
        p95: percentile(&ms, 95),
        early_cutoff: share(cut, n),
        unanswered,
    }
}

impl Turns {
    fn json(&self) -> Value {
        json!({"n": self.n, "p50": self.p50, "p95": self.p95, "early_cutoff": self.early_cutoff, "unanswered": self.unanswered})
    }
}

/// Stops for words, and lines lost to signs of listening.
struct Stops {
    n: usize,
    p50: Option<u64>,
    p95: Option<u64>,
    signs: usize,
    lost: usize,
    pause_p50: Option<u64>,
    pause_p95: Option<u64>,
}

fn stops<'a>(cases: impl Iterator<Item = &'a Case>) -> Stops {
    let (mut ms, mut pauses, mut lost) = (Vec::new(), Vec::new(), 0);
    for case in cases {
        match case.end {
            End::Stopped(v) => ms.push(v),
            End::Kept(v) => pauses.push(v),
            End::Lost => lost += 1,
            _ => {}
        }
    }
    ms.sort_unstable();
    pauses.sort_unstable();
    Stops {
        n: ms.len(),
        p50: percentile(&ms, 50),
        p95: percentile(&ms, 95),
        signs: pauses.len() + lost,
        lost,
        pause_p50: percentile(&pauses, 50),
        pause_p95: percentile(&pauses, 95),
    }
}

impl Stops {
    fn interrupt(&self) -> Value {
        json!({"n": self.n, "p50": self.p50, "p95": self.p95})
    }

    fn back_channel(&self) -> Value {
        json!({"n": self.signs, "lost_line": share(self.lost, self.signs), "pause_p50": self.pause_p50, "pause_p95": self.pause_p95})
    }
}

fn share(part: usize, of: usize) -> f64 {
    (part as f64 / of.max(1) as f64 * 1000.0).round() / 1000.0
}

const QUESTIONS: [Part; 4] = [Part::YesNo, Part::Open, Part::Number, Part::Date];

/// The line for programs.
#[must_use]
pub fn json(all: &All, costs: &BTreeMap<u32, Cost>, recognizer: &str) -> Value {
    let cases = || all.cases.iter();
    let of = |part| cases().filter(move |c: &&Case| c.part == part);
    let by_profile: Map<String, Value> = QUESTIONS
        .into_iter()
        .map(|p| (p.name().into(), turns(of(p)).json()))
        .collect();
    let by_lang: Map<String, Value> = [Lang::Zh, Lang::En]
        .into_iter()
        .map(|lang| {
            let mine = || cases().filter(move |c| c.lang == lang);
            let stops = stops(mine());
            let one = json!({"turns": turns(mine()).json(), "interrupt": stops.interrupt(), "back_channel": stops.back_channel()});
            (lang.to_string(), one)
        })
        .collect();
    let by_calls: Map<String, Value> = costs
        .iter()
        .map(|(n, cost)| {
            let mine = || cases().filter(|c| c.at_once == *n);
            let stops = stops(mine());
            let one = json!({
                "turns": turns(mine()).json(),
                "interrupt": stops.interrupt(),
                "back_channel": stops.back_channel(),
                "inside": inside(all, *n),
                "cores": round(cost.cpu_s / cost.wall_s.max(0.1)),
                "wall_s": round(cost.wall_s),
                "far_end_late_ms": all.far_late.get(n),
            });
            (n.to_string(), one)
        })
        .collect();
    let stops = stops(cases());
    json!({
        "turns": turns(cases()).json(),
        "interrupt": stops.interrupt(),
        "by_calls": by_calls,
        "by_profile": by_profile,
        "by_lang": by_lang,
        "back_channel": stops.back_channel(),
        "recognizer": recognizer,
    })
}

fn inside(all: &All, at_once: u32) -> Value {
    let mut ms: Vec<u64> = all
        .inside
        .iter()
        .filter(|(n, _)| *n == at_once)
        .map(|(_, ms)| *ms)
        .collect();
    ms.sort_unstable();
    json!({"p50": percentile(&ms, 50), "p95": percentile(&ms, 95)})
}

/// The tables for people.
#[must_use]
pub fn tables(all: &All, costs: &BTreeMap<u32, Cost>, recognizer: &str) -> String {
    let mut turn_table = table([
        "at once",
        "question",
        "",
        "n",
        "p50 ms",
        "p95 ms",
        "cut off early",
        "no answer",
    ]);
    let mut stop_table = table([
        "at once",
        "",
        "words n",
        "stop p50 ms",
        "p95 ms",
        "signs n",
        "line lost",
        "pause p50/p95 ms",
    ]);
    for n in costs.keys() {
        for lang in [Lang::Zh, Lang::En] {
            let mine = || {
                all.cases
                    .iter()
                    .filter(move |c| c.at_once == *n && c.lang == lang)
            };
            for part in QUESTIONS {
                turn_row(
                    &mut turn_table,
                    *n,
                    part.name(),
                    lang.code(),
                    &turns(mine().filter(|c| c.part == part)),
                );
            }
            let s = stops(mine());
            if s.n + s.signs > 0 {
                stop_table.add_row([
                    n.to_string(),
                    lang.to_string(),
                    s.n.to_string(),
                    ms(s.p50),
                    ms(s.p95),
                    s.signs.to_string(),
                    s.lost.to_string(),
                    format!("{}/{}", ms(s.pause_p50), ms(s.pause_p95)),
                ]);
            }
        }
        turn_row(
            &mut turn_table,
            *n,
            "all",
            "",
            &turns(all.cases.iter().filter(|c| c.at_once == *n)),
        );
    }
    let mut worst: Vec<&Case> = all.cases.iter().filter(|c| slowness(c.end) > 0).collect();
    worst.sort_by_key(|c| std::cmp::Reverse(slowness(c.end)));
    let worst: Vec<String> = worst
        .iter()
        .take(10)
        .map(|c| {
            format!(
                "  {:?} {} {} at {}: {}",
                c.end,
                c.part.name(),
                c.lang,
                c.at_once,
                c.said
            )
        })
        .collect();
    let load: Vec<String> = costs
        .iter()
        .map(|(n, c)| format!("{n}: {:.2}", c.cpu_s / c.wall_s.max(0.1)))
        .collect();
    format!(
        "Turns ({recognizer}): last voiced frame sent to the robot's first voiced frame heard, at the far end\n{turn_table}\nTalking over a line: first voiced frame of the words to the robot's last\n{stop_table}\ncores used by calls at once: {}; the far end's own beat was late by at most {} ms; {} acts gave up waiting\nworst turns:\n{}",
        load.join(", "),
        all.far_late.values().max().unwrap_or(&0),
        all.notes,
        worst.join("\n"),
    )
}

fn turn_row(table: &mut Table, n: u32, question: &str, lang: &str, t: &Turns) {
    if t.n > 0 {
        table.add_row([
            n.to_string(),
            question.into(),
            lang.into(),
            t.n.to_string(),
            ms(t.p50),
            ms(t.p95),
            format!("{:.1} %", t.early_cutoff * 100.0),
            t.unanswered.to_string(),
        ]);
    }
}

/// What makes a turn worth looking at: a cut-off, a lost line, silence, then the slowest.
fn slowness(end: End) -> u64 {
    match end {
        End::CutOff | End::Unanswered | End::Lost => u64::MAX,
        End::Answered(ms) => ms.saturating_sub(500),
        End::Stopped(ms) => ms.saturating_sub(250) * 2,
        End::Kept(_) => 0,
    }
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

fn ms(v: Option<u64>) -> String {
    v.map_or("–".into(), |v| v.to_string())
}

fn round(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}
