//! Calls in a database, as a campaign would have left them: scripted conversations with the journal a live call writes.

use callsmith::dialogue::event::Event;
use callsmith::dialogue::rehearse::Told;
use callsmith::dialogue::{AgentNews, Effect};
use callsmith::store::{
    Afterwards, AttemptOutcome, Begun, Caps, LeadNext, LeadRow, NewAttempt, Store, StoreOptions,
};
use callsmith::terms::{
    CallEvent, CallId, CauseKind, Clock, Disposition, EndedBy, HangupCause, Happening, Lang, LegId,
    Ms, Phone,
};
use std::path::Path;

/// 2026-11-21 10:00 in Shanghai.
pub const BEGAN: i64 = 1_795_226_400_000;
const ANSWERED_AT: u64 = 4000;

/// The journal of a rehearsed conversation.
pub fn events(call: &str, log: &[Told]) -> Vec<CallEvent> {
    let mut tape = Tape {
        call: CallId(call.into()),
        out: Vec::new(),
        by: EndedBy::Callee,
        ending: (Disposition::Abandoned, None),
        cut: false,
    };
    tape.push(
        Ms(0),
        Happening::Dialing {
            trunk: "t".into(),
            caller_id: "02112345678".into(),
        },
    );
    for told in log {
        tape.take(told);
    }
    tape.out
}

struct Tape {
    call: CallId,
    out: Vec<CallEvent>,
    by: EndedBy,
    ending: (Disposition, Option<String>),
    /// The callee stopped a line; the journal tells of it when the words have come.
    cut: bool,
}

impl Tape {
    fn push(&mut self, at: Ms, what: Happening) {
        self.out.push(CallEvent {
            call: self.call.clone(),
            at,
            what,
        });
    }

    fn take(&mut self, told: &Told) {
        let at = Ms(told.at.0 + ANSWERED_AT);
        match &told.event {
            Some(Event::Answered) => self.push(at, Happening::Answered),
            Some(Event::SpeechStarted) => self.push(at, Happening::SpeechStarted),
            Some(Event::Interrupted { .. }) => self.cut = true,
            Some(Event::Heard { text, .. }) => {
                let heard = Happening::Heard {
                    text: text.clone(),
                    confidence: 0.9,
                    began: at,
                    ended: at,
                };
                self.push(at, heard);
                if std::mem::take(&mut self.cut) {
                    self.push(
                        at,
                        Happening::Said {
                            spoken_ms: 500,
                            interrupted: true,
                        },
                    );
                }
            }
            Some(Event::Said { .. }) => self.push(
                at,
                Happening::Said {
                    spoken_ms: 1000,
                    interrupted: false,
                },
            ),
            Some(Event::Key(digit)) => self.push(at, Happening::Key { digit: *digit }),
            Some(Event::NotUnderstood) => {
                self.push(
                    at,
                    Happening::NotUnderstood {
                        why: "noise".into(),
                    },
                );
            }
            Some(Event::Agent(news)) => self.agent(at, *news),
            Some(Event::LookedUp { result, .. }) => self.push(
                at,
                Happening::Lookup {
                    ok: result.is_ok(),
                    why: result.clone().err(),
                },
            ),
            Some(Event::HungUp) => {
                let ended = |w: &Happening| matches!(w, Happening::Ended { .. });
                if self.out.iter().any(|e| ended(&e.what)) {
                    return;
                }
                let cause = HangupCause::new(CauseKind::Normal, self.by, "bye");
                self.push(
                    at,
                    Happening::LegEnded {
                        leg: LegId::Callee,
                        cause: cause.clone(),
                    },
                );
                let (disposition, result) = self.ending.clone();
                self.push(
                    at,
                    Happening::Ended {
                        disposition,
                        result,
                        cause: Some(cause),
                        ring_ms: ANSWERED_AT,
                        talk_ms: told.at.0,
                    },
                );
            }
            _ => {}
        }
        for effect in &told.effects {
            self.effect(at, effect);
        }
    }

    fn agent(&mut self, at: Ms, news: AgentNews) {
        let agent = "li".to_string();
        match news {
            AgentNews::Ringing => self.push(at, Happening::AgentRinging { agent }),
            AgentNews::Joined => self.push(at, Happening::Bridged { agent }),
            AgentNews::Left => self.push(
                at,
                Happening::AgentGone {
                    agent,
                    why: "left".into(),
                },
            ),
            AgentNews::Nobody | AgentNews::Closed => self.push(
                at,
                Happening::NobodyCame {
                    why: "nobody is free".into(),
                    after_hours: news == AgentNews::Closed,
                },
            ),
            AgentNews::Lost => self.push(
                at,
                Happening::LineLost {
                    who: agent,
                    user: None,
                },
            ),
        }
    }

    fn effect(&mut self, at: Ms, effect: &Effect) {
        let what = match effect.clone() {
            Effect::Say { step, line, .. } => Happening::Saying {
                step,
                text: line.text,
            },
            Effect::Enter { step } => Happening::Step { step },
            Effect::Intent {
                intent,
                score,
                evidence,
            } => Happening::Intent {
                intent,
                score,
                evidence,
            },
            Effect::Tag {
                tag,
                score,
                evidence,
            } => Happening::Tag {
                tag,
                evidence,
                score,
            },
            Effect::Slot {
                name,
                value,
                evidence,
            } => Happening::Slot {
                name,
                value,
                evidence,
            },
            Effect::Graded { grade, reasons } => Happening::Graded {
                grade,
                reasons,
                by: None,
            },
            Effect::NoInput { count } => Happening::NoInput { count },
            Effect::NoMatch { count } => Happening::NoMatch { count },
            Effect::OptOut { evidence } => Happening::OptOut { evidence },
            Effect::Callback { evidence, at } => Happening::Callback { evidence, at },
            Effect::WantAgent { reason, skill } => Happening::AgentWanted { reason, skill },
            Effect::Hangup {
                disposition,
                result,
            } => {
                self.by = EndedBy::Us;
                self.ending = (disposition, result);
                return;
            }
            _ => return,
        };
        self.push(at, what);
    }
}

/// A call's id, the lead's columns and what happened.
type Call<'a> = (&'a str, &'a [(&'a str, &'a str)], Vec<CallEvent>);

/// Puts calls into a database: one lead a call, with these columns.
pub async fn store(data: &Path, dialplan: &str, calls: &[Call<'_>]) {
    let options = StoreOptions {
        caps: Caps::NONE,
        ..StoreOptions::default()
    };
    let store = Store::open_with(data, Clock::fixed(BEGAN), options)
        .await
        .unwrap();
    let campaign = store
        .campaign_create("trial", dialplan, "list.csv")
        .await
        .unwrap();
    let lead = |(row, (_, vars, _)): (u64, &Call<'_>)| LeadRow {
        row,
        phones: vec![Phone::new(format!("+86138000000{row:02}"))],
        name: None,
        lang: Some(Lang::Zh),
        tz: None,
        vars: vars
            .iter()
            .map(|(k, v)| ((*k).to_string(), (*v).to_string()))
            .collect(),
    };
    let leads: Vec<LeadRow> = (2..).zip(calls).map(lead).collect();
    store.import(campaign, &leads).await.unwrap();
    let claim = store.claim(campaign, BEGAN, 100).await.unwrap();
    for (lead, (call, _, events)) in claim.leads.iter().zip(calls) {
        let new = NewAttempt {
            lead: lead.id,
            call: CallId((*call).into()),
            phone: lead.phone.clone(),
            trunk: "t".into(),
            caller_id: "02112345678".into(),
        };
        let Begun::Started { id, .. } = store.begin_attempt(&new).await.unwrap() else {
            panic!("not started");
        };
        for event in events {
            store.journal().write(event.clone());
        }
        store.journal().flush().await;
        let outcome = AttemptOutcome {
            attempt: id,
            call: CallId((*call).into()),
            disposition: Disposition::Completed,
            result: None,
            grade: None,
            reasons: Vec::new(),
            cause: None,
            ring_ms: 0,
            talk_ms: 0,
            bridged: None,
            recording: None,
            ended_unix_ms: BEGAN + 60_000,
            tags: Vec::new(),
            slots: Vec::new(),
            callback: None,
            after: Afterwards::default(),
            next: LeadNext::Done,
        };
        store.finish_attempt(&outcome).await.unwrap();
    }
    store.close().await;
}
