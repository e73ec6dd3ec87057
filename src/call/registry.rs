//! The live calls, as others see them.

use super::command::Command;
use crate::terms::CallId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;
use tokio::sync::mpsc;

/// How others reach one live call.
#[derive(Clone, Debug)]
pub struct CallHandle {
    pub id: CallId,
    pub commands: mpsc::Sender<Command>,
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
pub struct Registry(Arc<Mutex<BTreeMap<CallId, mpsc::Sender<Command>>>>);

impl Registry {
    /// Commands that may wait for one call before senders are told that it is busy.
    const WAITING: usize = 16;

    /// Enters a call; it leaves when the returned receiver's owner calls [`Registry::leave`].
    #[must_use]
    pub fn enter(&self, id: &CallId) -> mpsc::Receiver<Command> {
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

    /// Sends a command without waiting; the sender learns at once when it cannot be taken.
    pub fn send(&self, id: &CallId, command: Command) -> Result<(), CommandError> {
        let calls = self.lock();
        let tx = calls
            .get(id)
            .ok_or_else(|| CommandError::NoSuchCall(id.clone()))?;
        tx.try_send(command).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => CommandError::Busy(id.clone()),
            mpsc::error::TrySendError::Closed(_) => CommandError::NoSuchCall(id.clone()),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<CallId, mpsc::Sender<Command>>> {
        // A map of senders is whole after any panic; a poisoned lock says nothing about it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
