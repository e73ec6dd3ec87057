//! The desk's news in the event stream.

use crate::desk::news::DeskEvent;
use crate::web::access::May;
use crate::web::guard::Who;
use serde_json::{Value, json};

/// What one reader is told: the event's name and its data; `None` when it is not for him.
#[must_use]
pub fn told(event: &DeskEvent, who: &Who) -> Option<(&'static str, Value)> {
    let mine = |tenant, user| tenant == who.tenant && user == who.user;
    match event {
        DeskEvent::Offer {
            tenant,
            user,
            offer,
        } if mine(*tenant, *user) => Some(("offer", json!(offer))),
        DeskEvent::OfferGone { tenant, user, gone } if mine(*tenant, *user) => {
            Some(("offer_gone", json!(gone)))
        }
        DeskEvent::Me { tenant, user, me } if mine(*tenant, *user) => Some(("desk", json!(me))),
        DeskEvent::Agent { tenant, agent }
            if *tenant == who.tenant && who.may.contains(&May::DeskView) =>
        {
            Some(("agents", json!([agent])))
        }
        _ => None,
    }
}
