//! Rehearsing a dialplan by microphone: a call like any other, whose callee is the browser that asks for it.

use crate::app::station::Station;
use crate::call::headset::Line;
use crate::call::task::{self, CallSpec};
use crate::desk::board::{CardLead, Entry, Named};
use crate::desk::browser::{Browsers, Gate, Link};
use crate::sip::Target;
use crate::terms::{CallId, Clock, Phone};
use crate::web::rehearse::{Speak, Spoken};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tracing::warn;

/// The browser has this long to connect before the robot gives up.
const CONNECTS_WITHIN: Duration = Duration::from_secs(15);

pub struct ByMicrophone {
    pub station: Arc<Station>,
    pub browsers: Browsers,
    pub clock: Clock,
}

#[async_trait::async_trait]
impl Speak for ByMicrophone {
    async fn start(&self, spoken: Spoken) -> Result<(String, CallId), String> {
        let call = CallId(format!(
            "r{:x}-{:08x}",
            self.clock.unix_ms(),
            rand::random::<u32>()
        ));
        let line = Line::new(call.0.clone(), spoken.name.clone());
        let gate = Gate::default();
        gate.set(true);
        let (link, mut linked) = watch::channel(None);
        let answered = self
            .browsers
            .answer(
                &line,
                &gate,
                &spoken.sdp,
                Box::new(move |now| {
                    link.send_replace(Some(now));
                }),
            )
            .await
            .map_err(|e| e.to_string())?;
        let lang = spoken.plan.first_lang(&spoken.lead.vars);
        self.station.board.enter(
            &call,
            Entry {
                tenant: spoken.tenant,
                campaign: Named::default(),
                lead: CardLead::default(),
                phone: String::new(),
                lang,
                dialplan: spoken.plan.name.clone(),
                started_unix_ms: self.clock.unix_ms(),
                rehearsal: true,
            },
        );
        let spec = CallSpec {
            id: call.clone(),
            target: Target::Uri(String::new()),
            trunk: String::new(),
            caller_id: String::new(),
            phone: Phone::new(""),
            lang,
            dialplan: spoken.plan,
            dialplan_dir: spoken.recordings,
            lead: spoken.lead,
            ring_timeout: Duration::ZERO,
            recording: None,
        };
        let (kit, board, id) = (
            self.station.rehearsal.clone(),
            self.station.board.clone(),
            call.clone(),
        );
        tokio::spawn(async move {
            let peer = answered.peer;
            let up = linked.wait_for(|l| *l == Some(Link::Up));
            let connected = tokio::time::timeout(CONNECTS_WITHIN, up).await;
            if connected.is_ok_and(|up| up.is_ok()) {
                tokio::select! {
                    ran = task::run_on_line(kit, spec, &line) => if let Err(e) = ran {
                        warn!("a rehearsal could not begin: {e}");
                    },
                    _ = linked.wait_for(|l| *l == Some(Link::Over)) => {}
                }
            }
            board.leave(&id);
            drop(peer);
        });
        Ok((answered.sdp, call))
    }
}
