//! Turns a claimed lead into a live call: trunk, caller ID, dialplan by language, lead variables, recording.

use super::live::Live;
use super::station::Errand;
use super::tally::Tallies;
use crate::call::effect::Outcome;
use crate::call::kit::Kit;
use crate::call::task::{self, CallSpec};
use crate::campaign::dialer::{Ended, Launch, Route};
use crate::campaign::zones;
use crate::desk::board::{Board, CardLead, Entry};
use crate::dialogue::Dialplan;
use crate::dialogue::Lead;
use crate::sip::Target;
use crate::store::ClaimedLead;
use crate::terms::{CallId, CauseKind, Clock, Disposition, EndedBy, HangupCause};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tracing::warn;

/// A dialplan ready to be spoken, with the folder of its recordings.
#[derive(Clone)]
pub struct Loaded {
    pub dialplan: Arc<Dialplan>,
    pub dir: PathBuf,
}

pub struct Launcher {
    pub kit: Arc<Kit>,
    pub board: Board,
    pub errand: Errand,
    pub clock: Clock,
    /// Recordings go here; none are made without it.
    pub recordings: Option<PathBuf>,
    pub tallies: Arc<Tallies>,
    pub live: Option<Arc<Live>>,
}

impl Launcher {
    /// The lead's own language, or the only one there is.
    fn plan_for(&self, lead: &ClaimedLead) -> Option<Loaded> {
        if let Some(lang) = lead.lang {
            return self.errand.dialplans.current(lang);
        }
        let all = self.errand.dialplans.all();
        all.values().next().filter(|_| all.len() == 1).cloned()
    }

    /// What people see of a call before it is placed.
    fn entry(&self, lead: &ClaimedLead, plan: &Loaded) -> Entry {
        Entry {
            tenant: self.errand.tenant,
            campaign: self.errand.campaign.clone(),
            lead: CardLead {
                id: lead.id.0,
                row: lead.row,
                name: lead.name.clone(),
            },
            phone: lead.phone.to_string(),
            lang: lead.lang.unwrap_or(plan.dialplan.lang),
            dialplan: plan.dialplan.name.clone(),
            started_unix_ms: self.clock.unix_ms(),
            rehearsal: false,
        }
    }

    /// The same callee sees the same number each time.
    fn caller_id(&self, lead: &ClaimedLead) -> Option<String> {
        let ids = &self.errand.trunk.caller_ids;
        let sum: usize = lead.phone.full().bytes().map(usize::from).sum();
        ids.get(sum % ids.len().max(1)).cloned()
    }
}

impl Launch for Launcher {
    fn route(&self, lead: &ClaimedLead) -> Result<Route, Disposition> {
        if self.plan_for(lead).is_none() {
            warn!(
                row = lead.row,
                "no dialplan for this lead's language; add one with --dialplan"
            );
            return Err(Disposition::Canceled);
        }
        let caller_id = self.caller_id(lead).ok_or(Disposition::BadCallerId)?;
        Ok(Route {
            trunk: self.errand.trunk.name.clone(),
            caller_id,
        })
    }

    fn ready(&self) -> bool {
        !self.kit.recognizer.overloaded()
    }

    fn launch(
        &self,
        call: CallId,
        lead: ClaimedLead,
        route: Route,
    ) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
        let plan = self.plan_for(&lead);
        let recording = self
            .recordings
            .as_ref()
            .map(|dir| dir.join(format!("{call}.wav")));
        let recording_name = recording
            .as_ref()
            .and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
        if let Some(live) = &self.live {
            live.label(
                &call,
                lead.name.as_deref().unwrap_or(&format!("row {}", lead.row)),
            );
        }
        let now_local = local_now(
            self.clock.unix_ms(),
            &zones::of_callee(&lead.phone, lead.tz.as_deref()),
        );
        let (kit, trunk) = (self.kit.clone(), self.errand.trunk.clone());
        let ring_timeout = self.errand.ring_timeout;
        if let Some(plan) = &plan {
            self.board.enter(&call, self.entry(&lead, plan));
        }
        let (tallies, board) = (self.tallies.clone(), self.board.clone());
        Box::pin(async move {
            let outcome = match plan {
                Some(plan) => {
                    let mut vars = lead.vars;
                    if let Some(lang) = lead.lang {
                        vars.entry("lang".into())
                            .or_insert_with(|| lang.code().into());
                    }
                    let spec = CallSpec {
                        id: call.clone(),
                        target: Target::Trunk {
                            trunk,
                            number: lead.phone.clone(),
                        },
                        trunk: route.trunk,
                        caller_id: route.caller_id,
                        phone: lead.phone.clone(),
                        lang: plan.dialplan.first_lang(&vars),
                        dialplan: plan.dialplan,
                        dialplan_dir: plan.dir,
                        lead: Lead {
                            vars,
                            phone: lead.phone.full().to_string(),
                            contact: lead.contact,
                            now_local,
                        },
                        ring_timeout,
                        recording,
                    };
                    task::run(kit, spec)
                        .await
                        .unwrap_or_else(|e| never_placed(&e.to_string()))
                }
                None => never_placed("no dialplan for this language"),
            };
            // A call that never came to life told nobody of its end.
            board.leave(&call);
            let tally = tallies.take(&call);
            Ended {
                recording: recording_name.filter(|_| outcome.answered),
                outcome,
                tags: tally.recap.tags,
                slots: tally.recap.slots,
                agent: tally.recap.bridged,
                callback_evidence: tally.callback_evidence,
                card: tally.recap.card,
                contact: tally.recap.contact,
                follow_ups: tally.recap.follow_ups,
            }
        })
    }
}

/// The callee's own date and time, for "tomorrow at ten"; of several possible zones, the first.
fn local_now(unix_ms: i64, zones: &[jiff::tz::TimeZone]) -> jiff::civil::DateTime {
    let zone = zones.first().cloned().unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(unix_ms)
        .unwrap_or_default()
        .to_zoned(zone)
        .datetime()
}

/// The INVITE could not leave (no RTP port, for one): our fault, the callee noticed nothing.
fn never_placed(why: &str) -> Outcome {
    Outcome {
        disposition: Disposition::TrunkError,
        result: None,
        cause: Some(HangupCause::new(CauseKind::TrunkError, EndedBy::Us, why)),
        grade: None,
        reasons: Vec::new(),
        callback_at: None,
        rang: false,
        answered: false,
        bridged: false,
        ring_ms: 0,
        talk_ms: 0,
        line_status: None,
    }
}
