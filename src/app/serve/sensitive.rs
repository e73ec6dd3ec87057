//! Watched words in what is said right now raise an alert on the call's card.

use crate::desk::board::{Alert, AlertKind};
use crate::terms::{CallEvent, Happening};
use crate::web::Web;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Watches until `stop` or the end of the events.
pub async fn watch(web: Web, mut events: broadcast::Receiver<CallEvent>, stop: CancellationToken) {
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => return,
            event = events.recv() => event,
        };
        match event {
            Ok(event) => look_at(&web, &event),
            // What was missed is found at the call's end.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

fn look_at(web: &Web, event: &CallEvent) {
    let text = match &event.what {
        Happening::Saying { text, .. }
        | Happening::Heard { text, .. }
        | Happening::AgentSaid { text, .. } => text,
        _ => return,
    };
    let Some(tenant) = web.board.tenant_of(&event.call) else {
        return;
    };
    for word in web.calls.watch.hits(tenant, text) {
        let alert = Alert {
            kind: AlertKind::Sensitive,
            text: word.word,
            at_unix_ms: web.clock.unix_ms(),
        };
        web.board.alert(&event.call, alert);
    }
}
