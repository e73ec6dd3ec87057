//! Follows the live calls' events and puts agents on those that want one.

use super::agent::Agent;
use super::queue::{Offer, Queue};
use crate::call::command::Command;
use crate::call::registry::Registry;
use crate::terms::{CallEvent, Happening};
use tokio::sync::broadcast;
use tracing::{debug, warn};

/// Runs until the event stream closes.
pub async fn run(
    agents: Vec<Agent>,
    mut events: broadcast::Receiver<CallEvent>,
    registry: Registry,
) {
    let mut queue = Queue::new(agents);
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(n)) => {
                warn!(
                    "the desk missed {n} call events; calls that wanted an agent in them fall back to the robot"
                );
                continue;
            }
            Err(broadcast::error::RecvError::Closed) => return,
        };
        for offer in follow(&mut queue, event) {
            let (call, command) = match offer {
                Offer::Ring { call, agent, uri } => (call, Command::RingAgent { agent, uri }),
                Offer::Nobody(call) => (
                    call,
                    Command::NoAgent {
                        why: "nobody is free".into(),
                        after_hours: false,
                    },
                ),
            };
            if let Err(e) = registry.send(&call, command) {
                debug!("{e}");
            }
        }
    }
}

fn follow(queue: &mut Queue, event: CallEvent) -> Vec<Offer> {
    match event.what {
        Happening::AgentWanted { skill, .. } => queue.want(event.call, skill).into_iter().collect(),
        Happening::AgentGone { agent, .. } => queue.gone(&event.call, &agent),
        Happening::Bridged { .. } => {
            queue.bridged(&event.call);
            Vec::new()
        }
        Happening::Ended { .. } => queue.ended(&event.call),
        _ => Vec::new(),
    }
}
