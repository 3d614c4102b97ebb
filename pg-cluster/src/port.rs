//! Free ports on loopback. They are taken below the range of which the system gives ports to clients, so that nobody takes one while its
//! server is stopped for a moment.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

const FIRST: u64 = 12_000;
const COUNT: u64 = 20_000;
const TRIES: usize = 1000;

/// A listener on a random port that was free.
pub(crate) fn listen() -> TcpListener {
    let random = || u16::try_from(FIRST + RandomState::new().hash_one(()) % COUNT).expect("a port");
    let mut tries = std::iter::repeat_with(|| TcpListener::bind((Ipv4Addr::LOCALHOST, random()))).take(TRIES);
    tries.find_map(Result::ok).expect("a free port on 127.0.0.1")
}

/// A port that was free a moment ago.
pub(crate) fn free() -> u16 {
    number(&listen())
}

/// The port of a listener.
pub(crate) fn number(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("a bound listener").port()
}
