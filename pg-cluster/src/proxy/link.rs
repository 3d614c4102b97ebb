//! One connection through the proxy: a thread that reads and one that writes for each direction, so that a delay holds up no reader.

use super::protocol::{Conversation, Message, Verdict};
use super::{Shared, faults};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;

const CHUNK: usize = 64 << 10;

/// How many chunks may be on the way in one direction.
const ON_THE_WAY: usize = 1024;

pub(crate) struct Link {
    client: TcpStream,
    server: OnceLock<TcpStream>,
    conversation: Mutex<Conversation>,
    cut: AtomicBool,
}

/// What is on the way to one end.
enum Parcel {
    Bytes(Vec<u8>),
    /// The other end will send no more.
    End,
    /// A fault strikes.
    Cut,
}

type Lane = SyncSender<(Instant, Parcel)>;

impl Link {
    pub(crate) fn new(client: TcpStream) -> Self {
        Self { client, server: OnceLock::new(), conversation: Mutex::default(), cut: AtomicBool::new(false) }
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// Ends it for both ends, whatever is on the way. The caller wakes those who wait in [`Shared::pass`].
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for end in [Some(&self.client), self.server.get()].into_iter().flatten() {
            // An end that is gone is as good as cut.
            drop(end.shutdown(Shutdown::Both));
        }
    }

    /// Connects and forwards until both ends are done.
    pub(crate) fn run(&self, shared: &Shared) {
        let server = shared.pass(self).then(|| TcpStream::connect((Ipv4Addr::LOCALHOST, shared.target)));
        if let Some(Ok(server)) = server {
            // Where this fails, the proxy is slower, and nothing else.
            drop((server.set_nodelay(true), self.client.set_nodelay(true)));
            self.forward(shared, self.server.get_or_init(|| server));
        }
        self.cut();
    }

    fn forward(&self, shared: &Shared, server: &TcpStream) {
        if self.is_cut() {
            return;
        }
        let (to_server, for_server) = sync_channel(ON_THE_WAY);
        let (to_client, for_client) = sync_channel(ON_THE_WAY);
        let back = to_client.clone();
        thread::scope(|scope| {
            scope.spawn(|| self.deliver(shared, for_server, server));
            scope.spawn(|| self.deliver(shared, for_client, &self.client));
            scope.spawn(move || {
                let take = |bytes: &[u8]| self.conversation().hear_server(bytes);
                read(shared, server, &to_client, &to_client, take);
            });
            let mut fault = |message: &Message| faults::strike(&mut shared.state().faults, message);
            let take = |bytes: &[u8]| self.conversation().hear_client(bytes, &mut fault);
            read(shared, &self.client, &to_server, &back, take);
            drop((to_server, back));
        });
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.conversation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes each parcel when it is due. Where the end is gone, the other direction still delivers what it has.
    fn deliver(&self, shared: &Shared, lane: Receiver<(Instant, Parcel)>, mut to: &TcpStream) {
        for (due, parcel) in lane {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let goes_on = shared.pass(self)
                && match parcel {
                    Parcel::Bytes(bytes) => to.write_all(&bytes).is_ok(),
                    Parcel::End => {
                        // As above: an end that is gone.
                        drop(to.shutdown(Shutdown::Write));
                        false
                    }
                    Parcel::Cut => {
                        shared.counts.cuts.fetch_add(1, Ordering::SeqCst);
                        self.cut();
                        false
                    }
                };
            if !goes_on {
                return;
            }
        }
    }
}

/// Reads one end until it is done. A cut goes behind what is on the way to the client, whoever finds that it is due.
fn read(shared: &Shared, mut from: &TcpStream, lane: &Lane, to_client: &Lane, mut take: impl FnMut(&[u8]) -> Verdict) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = from.read(&mut buffer).unwrap_or(0);
        let due = Instant::now() + shared.state().delay;
        let verdict = take(buffer.get(..count).unwrap_or_default());
        shared.counts.syncs.fetch_add(verdict.syncs, Ordering::SeqCst);
        shared.counts.round_trips.fetch_add(verdict.round_trips, Ordering::SeqCst);
        let parcel = if count == 0 { Parcel::End } else { Parcel::Bytes(verdict.forward) };
        if lane.send((due, parcel)).is_err() || count == 0 {
            return;
        }
        if verdict.cut && to_client.send((due, Parcel::Cut)).is_err() {
            return;
        }
    }
}
