//! One live call's card, and how it follows the call's events.

use crate::call::command::WatchMode;
use crate::store::TenantId;
use crate::terms::{CallId, Grade, Happening, Lang};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The newest alerts a card keeps.
const ALERTS: usize = 5;
/// So many no-matches or silences in a row and somebody should look.
const STUCK: u32 = 2;

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    Dialing,
    Ringing,
    /// Answered, and it is not yet known by whom.
    Screening,
    Talking,
    /// An agent is wanted.
    Waiting,
    Bridged,
    Ended,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    Hot,
    AgentWanted,
    NoAgent,
    NoMatch,
    NoInput,
    Sensitive,
    OptOut,
    Degraded,
    Silence,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    pub kind: AlertKind,
    pub text: String,
    pub at_unix_ms: i64,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    Callee,
    Robot,
    Agent,
}

/// The last words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Last {
    pub who: Voice,
    pub text: String,
    pub partial: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Watcher {
    pub user: i64,
    pub name: String,
    #[schema(value_type = String, example = "listen")]
    pub mode: WatchMode,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardAgent {
    pub user: Option<i64>,
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    pub id: i64,
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardLead {
    pub id: i64,
    pub row: u64,
    pub name: Option<String>,
}

/// Who the agents of the calls' events are: user and name by id.
#[derive(Clone, Debug, Default)]
pub struct Staff(pub BTreeMap<String, (Option<i64>, String)>);

impl Staff {
    fn card_of(&self, agent: &str) -> CardAgent {
        let (user, name) = self
            .0
            .get(agent)
            .cloned()
            .unwrap_or_else(|| (None, agent.to_string()));
        CardAgent {
            user,
            id: agent.to_string(),
            name,
        }
    }
}

/// What is known of a call before it is placed.
#[derive(Clone, Debug)]
pub struct Entry {
    pub tenant: TenantId,
    pub campaign: Named,
    pub lead: CardLead,
    /// Masked.
    pub phone: String,
    pub lang: Lang,
    pub dialplan: String,
    pub started_unix_ms: i64,
    /// A call that is only tried: it can be followed, and is not on the wall.
    pub rehearsal: bool,
}

/// A live call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Card {
    #[schema(value_type = String)]
    pub call: CallId,
    pub campaign: Named,
    pub lead: CardLead,
    pub phone: String,
    #[schema(value_type = String, example = "zh")]
    pub lang: Lang,
    pub dialplan: String,
    pub state: CallState,
    pub step: Option<String>,
    #[schema(value_type = Option<String>, example = "A")]
    pub grade: Option<Grade>,
    #[schema(value_type = Option<String>)]
    pub grade_was: Option<Grade>,
    pub tags: Vec<String>,
    pub last: Option<Last>,
    pub alerts: Vec<Alert>,
    pub agent: Option<CardAgent>,
    pub watchers: Vec<Watcher>,
    pub started_unix_ms: i64,
    pub answered_unix_ms: Option<i64>,
    pub rev: u64,
}

impl Card {
    #[must_use]
    pub fn new(call: &CallId, entry: Entry, rev: u64) -> Card {
        Card {
            call: call.clone(),
            campaign: entry.campaign,
            lead: entry.lead,
            phone: entry.phone,
            lang: entry.lang,
            dialplan: entry.dialplan,
            state: CallState::Dialing,
            step: None,
            grade: None,
            grade_was: None,
            tags: Vec::new(),
            last: None,
            alerts: Vec::new(),
            agent: None,
            watchers: Vec::new(),
            started_unix_ms: entry.started_unix_ms,
            answered_unix_ms: None,
            rev,
        }
    }

    pub fn alert(&mut self, alert: Alert) {
        self.alerts.retain(|a| a.kind != alert.kind);
        self.alerts.push(alert);
        if self.alerts.len() > ALERTS {
            self.alerts.remove(0);
        }
    }

    fn raise(&mut self, at_unix_ms: i64, kind: AlertKind, text: String) {
        self.alert(Alert {
            kind,
            text,
            at_unix_ms,
        });
    }

    fn bridged(&mut self) {
        self.state = CallState::Bridged;
        self.calm(AlertKind::AgentWanted);
        self.calm(AlertKind::Silence);
    }

    fn back_to_robot(&mut self) {
        if self.state == CallState::Bridged {
            self.state = CallState::Talking;
        }
    }

    fn calm(&mut self, kind: AlertKind) {
        self.alerts.retain(|a| a.kind != kind);
    }

    fn says(&mut self, who: Voice, text: &str, partial: bool) {
        self.last = Some(Last {
            who,
            text: text.to_string(),
            partial,
        });
    }

    /// Follows one event; false when the card looks the same.
    pub fn take(&mut self, what: &Happening, now: i64, staff: &Staff) -> bool {
        match what {
            Happening::Ringing { .. } => self.state = CallState::Ringing,
            Happening::Answered => {
                self.state = CallState::Talking;
                self.answered_unix_ms = Some(now);
            }
            Happening::Step { step } => self.step = Some(step.clone()),
            Happening::Saying { text, .. } => self.says(Voice::Robot, text, false),
            Happening::Partial { text } => self.says(Voice::Callee, text, true),
            Happening::Heard { text, .. } => {
                self.calm(AlertKind::NoInput);
                self.says(Voice::Callee, text, false);
            }
            Happening::Tag { tag, .. } => {
                if self.tags.contains(tag) {
                    return false;
                }
                self.tags.push(tag.clone());
            }
            Happening::Graded { grade, reasons, .. } => {
                if self.grade != Some(*grade) {
                    self.grade_was = self.grade;
                }
                self.grade = Some(*grade);
                if *grade == Grade::A {
                    self.raise(now, AlertKind::Hot, reasons.join("; "));
                }
            }
            Happening::NoInput { count } if *count >= STUCK => {
                self.raise(now, AlertKind::NoInput, count.to_string())
            }
            Happening::NoMatch { count } if *count >= STUCK => {
                self.raise(now, AlertKind::NoMatch, count.to_string())
            }
            Happening::OptOut { evidence } => self.raise(now, AlertKind::OptOut, evidence.clone()),
            Happening::Degraded { what } => self.raise(now, AlertKind::Degraded, what.clone()),
            Happening::Language { lang } => self.lang = *lang,
            Happening::AgentWanted { reason, .. } => {
                self.raise(now, AlertKind::AgentWanted, reason.clone());
                self.state = CallState::Waiting;
            }
            Happening::AgentAnswered { agent } => self.agent = Some(staff.card_of(agent)),
            Happening::Bridged { agent } => {
                self.bridged();
                self.agent = Some(staff.card_of(agent));
            }
            Happening::TakenOver { user, by } => {
                self.bridged();
                self.agent = Some(CardAgent {
                    user: Some(*user),
                    id: by.clone(),
                    name: by.clone(),
                });
            }
            Happening::LineBack { .. } => self.bridged(),
            Happening::AgentGone { .. } => {
                self.agent = None;
                self.back_to_robot();
            }
            Happening::HandedBack { to, .. } => match to {
                Some(agent) => self.agent = Some(staff.card_of(agent)),
                None => {
                    self.agent = None;
                    self.back_to_robot();
                }
            },
            Happening::Resumed { .. } => {
                self.calm(AlertKind::Silence);
                self.back_to_robot();
            }
            Happening::NobodyCame { why, .. } => {
                self.calm(AlertKind::AgentWanted);
                self.raise(now, AlertKind::NoAgent, why.clone());
                self.state = CallState::Talking;
            }
            Happening::LineLost { who, .. } => self.raise(now, AlertKind::Silence, who.clone()),
            Happening::AgentSaid { text, .. } => self.says(Voice::Agent, text, false),
            Happening::AgentPartial { text, .. } => self.says(Voice::Agent, text, true),
            Happening::Watching { user, name, mode } => {
                self.watchers.retain(|w| w.user != *user);
                self.watchers.push(Watcher {
                    user: *user,
                    name: name.clone(),
                    mode: *mode,
                });
            }
            Happening::WatchEnded { user, .. } => self.watchers.retain(|w| w.user != *user),
            _ => return false,
        }
        true
    }
}
