//! The suite over the engine in memory.

use cubby_store::{Engine, Memory};
use std::sync::Arc;

suite!(crate::memory::store());

pub fn store() -> (Arc<Engine>, ()) {
    (Arc::new(Engine::Memory(Memory::default())), ())
}
