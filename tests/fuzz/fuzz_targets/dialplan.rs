//! Any bytes as a dialplan; one that loads is played with a few events drawn from the same bytes.
#![no_main]

use callsmith::dialogue::event::Besides;
use callsmith::dialogue::{Dialplan, Effect, Event, Lead, Machine};
use callsmith::terms::Ms;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

const WORDS: [&str; 12] = [
    "是的", "不需要", "可以", "多少钱", "转人工", "明天下午三点", "不要再打了", "", "yes", "no thanks", "{{name}}", "138 0013 8000",
];

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match Dialplan::parse(&text, "fuzz.yaml") {
        Ok(plan) => play(Arc::new(plan), bytes),
        Err(found) => {
            assert!(!found.is_empty());
            for d in found {
                assert!(d.line >= 1);
                d.render(&text);
            }
        }
    }
});

fn play(plan: Arc<Dialplan>, bytes: &[u8]) {
    let mut machine = Machine::new(plan, Lead::default());
    let (mut now, mut out) = (Ms(0), Vec::new());
    machine.on(now, Event::Answered, &mut out);
    let mut said = None;
    for byte in bytes.iter().take(40) {
        for effect in out.drain(..) {
            match effect {
                Effect::Say { say, .. } => said = Some(say),
                Effect::Hangup { .. } => return,
                _ => {}
            }
        }
        now = now.after(u64::from(*byte) * 20);
        let event = match byte % 6 {
            0 => Event::SpeechStarted,
            1 => Event::NotUnderstood,
            2 => Event::Key(char::from(b'0' + byte % 10)),
            3 if said.is_some() => Event::Said { say: said.unwrap_or_default() },
            _ => Event::Heard {
                text: WORDS[usize::from(*byte) % WORDS.len()].to_string(),
                confidence: 0.9,
                over_prompt: byte % 2 == 0,
                more: Besides::default(),
            },
        };
        machine.on(now, event, &mut out);
        if let Some((at, _)) = machine.deadline()
            && byte % 3 == 0
        {
            now = now.max(at);
            machine.wake(now, &mut out);
        }
    }
}
