//! Supervisors on live calls.

use super::{Desk, DeskError, Person};
use crate::call::command::{Command, Refused, WatchMode, Watcher};
use crate::terms::CallId;

impl Desk {
    /// Joins a call on one's audio line, or changes how.
    ///
    /// # Errors
    /// No line, a line in another call, or the call's own reason.
    pub async fn supervise(
        &self,
        who: &Person,
        call: &CallId,
        mode: WatchMode,
    ) -> Result<(), DeskError> {
        let (line, gate) = {
            let mut state = self.lock();
            let line = state
                .lines
                .get_mut(&who.user)
                .filter(|l| l.up.is_some())
                .ok_or(DeskError::NoLine)?;
            if line.line.in_call().is_some_and(|on| on != *call) {
                return Err(DeskError::LineBusy);
            }
            line.on = Some(call.clone());
            (line.line.clone(), line.gate.clone())
        };
        let talks = mode != WatchMode::Listen;
        if !talks {
            // Whatever the call does with him: from here on nothing of his comes in.
            gate.set(false);
        }
        let joined = self
            .0
            .registry
            .ask(
                call,
                Command::Join {
                    who: Watcher {
                        user: who.user,
                        name: who.name.clone(),
                    },
                    mode,
                    line: Some(line.clone()),
                },
            )
            .await;
        match joined {
            Ok(()) => {
                gate.set(talks);
                self.tell_me(who.user);
                Ok(())
            }
            Err(refused) => {
                // Refused a change of mode, he is what he was.
                if line.in_call().is_none()
                    && let Some(line) = self.lock().lines.get_mut(&who.user)
                {
                    line.out_of(call);
                }
                Err(sorted(refused))
            }
        }
    }

    /// Leaves a call one supervises.
    ///
    /// # Errors
    /// The call's own reason.
    pub async fn leave(&self, user: i64, call: &CallId) -> Result<(), DeskError> {
        if let Some(line) = self.lock().lines.get_mut(&user) {
            line.out_of(call);
        }
        let left = self.0.registry.ask(call, Command::Leave { user }).await;
        self.tell_me(user);
        left.map_err(sorted)
    }
}

fn sorted(refused: Refused) -> DeskError {
    match refused.code {
        "no_line" => DeskError::NoLine,
        "line_busy" => DeskError::LineBusy,
        _ => DeskError::Refused(refused),
    }
}
