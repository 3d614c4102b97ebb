//! Clients that go to any of several servers: they need no stickiness, and go elsewhere where nobody listens.

use crate::crash::{Calls, Client, Heard, Violation};
use crate::support::moment;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Within which every request is answered: the two seconds of the contract, and what a machine that is busy takes beyond them.
const WITHIN: Duration = Duration::from_secs(5);

/// The ports at which servers listen; those of servers that are gone too, until they are told of.
#[derive(Debug, Default)]
pub struct Doors {
    ports: Mutex<Vec<u16>>,
    turn: AtomicU64,
    /// Connections that ended before a reply was there.
    cut: AtomicU64,
}

impl Doors {
    pub fn new(ports: &[u16]) -> Self {
        Self { ports: Mutex::new(ports.to_vec()), ..Self::default() }
    }

    fn ports(&self) -> MutexGuard<'_, Vec<u16>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server listens at another port now.
    pub fn moved(&self, from: u16, to: u16) {
        self.ports().iter_mut().filter(|port| **port == from).for_each(|port| *port = to);
    }

    /// How many connections ended before a reply was there, since this was last asked.
    pub fn cut(&self) -> u64 {
        self.cut.swap(0, Ordering::SeqCst)
    }

    /// A client that keeps its connections.
    pub fn client(&self) -> Roaming<'_> {
        Roaming { doors: self, keeps: true, clients: BTreeMap::new() }
    }

    /// A client that has a connection for each request.
    pub fn client_of_one_request(&self) -> Roaming<'_> {
        Roaming { doors: self, keeps: false, clients: BTreeMap::new() }
    }

    /// The ports in the order in which one client tries them, from another one on each time.
    fn order(&self) -> Vec<u16> {
        let mut ports = self.ports().clone();
        let turn = self.turn.fetch_add(1, Ordering::SeqCst) % (ports.len() as u64);
        ports.rotate_left(usize::try_from(turn).unwrap());
        ports
    }
}

/// A client with a connection to each server.
pub struct Roaming<'a> {
    doors: &'a Doors,
    keeps: bool,
    clients: BTreeMap<u16, Client>,
}

impl Roaming<'_> {
    /// A connection to any server that listens.
    fn any(&mut self) -> Result<(u16, Client), Violation> {
        for _ in 0..6000 {
            for port in self.doors.order() {
                if let Some(client) = self.clients.remove(&port).or_else(|| Client::connect(port)) {
                    return Ok((port, client));
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(Violation::unexpected("no server listens"))
    }
}

impl Calls for Roaming<'_> {
    fn call(&mut self, path: &str, body: &Value) -> Result<Heard, Violation> {
        let (port, mut client) = self.any()?;
        let begun = moment();
        let heard = client.call(path, body)?;
        match &heard {
            Heard::Reply(reply) if begun.elapsed() > WITHIN => {
                return Err(Violation::unexpected(format!("answered after {:?}: {path} {reply}", begun.elapsed())));
            }
            Heard::Reply(_) if self.keeps => drop(self.clients.insert(port, client)),
            Heard::Reply(_) => {}
            Heard::Cut => drop(self.doors.cut.fetch_add(1, Ordering::SeqCst)),
        }
        Ok(heard)
    }
}
