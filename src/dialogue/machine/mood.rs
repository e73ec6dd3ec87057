//! Signs that the callee is upset: complaints and abuse in words, a voice much louder than before. Only where the file asks
//! for it and the compliance profile allows it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Machine;
use crate::dialogue::effect::Effect;
use crate::dialogue::intent::Reading;

/// So much louder than the callee's own turns before counts as raising the voice, dB.
const RAISED_DB: f32 = 6.0;

impl Machine {
    pub(super) fn notice_mood(&mut self, text: &str, readings: &[Reading], out: &mut Vec<Effect>) {
        if !self.plan.emotion {
            return;
        }
        let found = |names: &[&str]| readings.iter().find(|r| names.contains(&r.intent.as_str()));
        let raised = self.besides.louder_db.is_some_and(|db| db >= RAISED_DB);
        // A raised voice alone may be a bad line; with a refusal it is not.
        let sign = found(&["abuse", "complaint"]).map(|r| (r.score, r.evidence.clone()));
        let loud = found(&["deny", "opt_out"])
            .filter(|_| raised)
            .map(|r| (0.6, format!("{} (louder)", r.evidence)));
        let shouted =
            (raised && self.memory.raised > 0).then(|| (0.55, format!("{text} (louder)")));
        self.memory.raised += u32::from(raised);
        if let Some((score, evidence)) = sign.or(loud).or(shouted) {
            self.tag("upset", score, &evidence, out);
        }
    }
}
