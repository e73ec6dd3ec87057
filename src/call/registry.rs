//! The live calls, as others see them.

use super::command::{Answer, Command, Refused};
use crate::terms::CallId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// A call answers a command within its next loop; one that does not has broken down.
const PATIENCE: Duration = Duration::from_secs(2);

/// A command on its way to a call.
#[derive(Debug)]
pub struct Order {
    pub command: Command,
    /// Where the answer goes, when somebody waits for it.
    pub answer: Option<oneshot::Sender<Answer>>,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum CommandError {
    #[error("call {0} is not live")]
    NoSuchCall(CallId),
    #[error("call {0} has too many commands waiting; try again")]
    Busy(CallId),
}

/// All live calls of this server.
#[derive(Clone, Debug, Default)]
pub struct Registry(Arc<Mutex<BTreeMap<CallId, mpsc::Sender<Order>>>>);

impl Registry {
    /// Commands that may wait for one call before senders are told that it is busy.
    const WAITING: usize = 16;

    /// Enters a call; it leaves when the returned receiver's owner calls [`Registry::leave`].
    #[must_use]
    pub fn enter(&self, id: &CallId) -> mpsc::Receiver<Order> {
        let (tx, rx) = mpsc::channel(Self::WAITING);
        self.lock().insert(id.clone(), tx);
        rx
    }

    pub fn leave(&self, id: &CallId) {
        self.lock().remove(id);
    }

    #[must_use]
    pub fn live(&self) -> usize {
        self.lock().len()
    }

    #[must_use]
    pub fn ids(&self) -> Vec<CallId> {
        self.lock().keys().cloned().collect()
    }

    #[must_use]
    pub fn is_live(&self, id: &CallId) -> bool {
        self.lock().contains_key(id)
    }

    /// Sends a command and waits for its answer, 2 s at most.
    ///
    /// # Errors
    /// The call's own reasons (see [`Command`]), and `no_such_call`, `busy`, `late`.
    pub async fn ask(&self, id: &CallId, command: Command) -> Answer {
        let (tell, answer) = oneshot::channel();
        self.order(id, command, Some(tell)).map_err(|e| {
            let code = match e {
                CommandError::NoSuchCall(_) => "no_such_call",
                CommandError::Busy(_) => "busy",
            };
            Refused::new(code, e.to_string())
        })?;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            // The call ended with the command in its queue.
            Ok(Err(_)) => Err(Refused::new(
                "no_such_call",
                CommandError::NoSuchCall(id.clone()).to_string(),
            )),
            Err(_) => Err(Refused::new(
                "late",
                format!("call {id} does not answer; try again"),
            )),
        }
    }

    /// Sends a command without waiting; the sender learns at once when it cannot be taken.
    pub fn send(&self, id: &CallId, command: Command) -> Result<(), CommandError> {
        self.order(id, command, None)
    }

    fn order(
        &self,
        id: &CallId,
        command: Command,
        answer: Option<oneshot::Sender<Answer>>,
    ) -> Result<(), CommandError> {
        let calls = self.lock();
        let tx = calls
            .get(id)
            .ok_or_else(|| CommandError::NoSuchCall(id.clone()))?;
        tx.try_send(Order { command, answer }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => CommandError::Busy(id.clone()),
            mpsc::error::TrySendError::Closed(_) => CommandError::NoSuchCall(id.clone()),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<CallId, mpsc::Sender<Order>>> {
        // A map of senders is whole after any panic; a poisoned lock says nothing about it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
