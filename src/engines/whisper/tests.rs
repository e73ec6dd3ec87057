use super::*;
use crate::engines::runtime::testing::{installed, shared_data};
use std::time::Instant;

fn whisper() -> Option<Arc<Whisper>> {
    let (library, folder) = installed("whisper-base")?;
    Some(Whisper::load(&folder, &library, Arc::new(Pool::new(1)), 1).unwrap())
}
