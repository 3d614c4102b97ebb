//! The sockets that a server listens on, plain and of TLS, and the one queue in which their connections come. What is said over a
//! connection is not known here.

use crate::tls::Certificate;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A socket that a server listens on.
pub struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    /// One of HTTP.
    pub fn plain(socket: TcpListener) -> Self {
        Self { socket, tls: None }
    }

    /// One of HTTPS.
    ///
    /// # Errors
    /// Where TLS cannot be spoken at all.
    pub fn tls(socket: TcpListener, certificate: Arc<Certificate>) -> Result<Self, rustls::Error> {
        Ok(Self { socket, tls: Some(TlsAcceptor::from(Arc::new(certificate.config()?))) })
    }
}

/// A connection as it comes, and how TLS begins where it is to.
pub(crate) type Accepted = (TcpStream, Option<TlsAcceptor>);

/// All of them.
pub(crate) struct Listeners {
    all: Vec<Listener>,
    /// Whose turn it is to be asked first, so that a flood at one does not starve the other.
    turn: usize,
}

impl Listeners {
    pub(crate) fn new(all: Vec<Listener>) -> Self {
        Self { all, turn: 0 }
    }

    /// The next connection of any of them.
    pub(crate) async fn accept(&mut self) -> io::Result<Accepted> {
        self.turn = (self.turn + 1) % self.all.len().max(1);
        let (before, after) = self.all.split_at(self.turn);
        poll_fn(|context| {
            for listener in after.iter().chain(before) {
                if let Poll::Ready(accepted) = listener.socket.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| (stream, listener.tls.clone())));
                }
            }
            Poll::Pending
        })
        .await
    }
}
