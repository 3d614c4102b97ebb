//! HTTP: connections in, requests to the surface whose path they have, replies out. What a request means is not known here. Plain HTTP
//! is served beside HTTPS and the Host header is not looked at; what can be read in two ways is refused, or read as chunks and the
//! connection closed, by hyper; replies are never compressed.

use crate::access::EMULATOR_HEADER;
use crate::admin;
use crate::app::App;
use crate::bounds::Bounds;
use crate::connections::{Connection, Connections, Entered};
use crate::console;
use crate::health;
use crate::hearing::keep_up;
use crate::listener::{Accepted, Listener, Listeners};
use crate::live::Live;
use crate::metrics;
use crate::openapi;
use crate::reply::{CutOff, Reply, ReplyBody};
use crate::tls::HTTP2;
use crate::truncated::Truncated;
use crate::v4;
use bytes::Bytes;
use cubby_store::Store;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::fmt::Display;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to end, and every request in hand was answered.
    Drained,
    /// It was asked to end, and some requests took longer than they may.
    CutOff,
    /// The store failed; the process must be started again.
    StoreFailed,
}

/// How long a connection that is asked to make room, and has no request in hand, may take to send the rest of its last reply.
const ROOM_WITHIN: Duration = Duration::from_millis(100);
/// How long the first request of a new connection is waited for when the server is stopped.
const FIRST_WITHIN: Duration = Duration::from_millis(200);
/// How long a request that has not come whole when the server is stopped may take to.
const ARRIVE_WITHIN: Duration = Duration::from_secs(2);

/// Connections that the system holds for a server that is stopped, at most; and how long it is waited for the next of them.
const WAITING_MAX: usize = 1024;
const WAITING_WITHIN: Duration = Duration::from_millis(5);

struct Shared<S: Store> {
    app: Arc<App<S>>,
    bounds: Bounds,
    connections: Arc<Connections>,
}

/// What everything that runs for one connection holds: while it does, the connection is in the list. The fields are dropped in this order,
/// so that nothing holds the store once the list is empty.
struct Seat<S: Store> {
    shared: Arc<Shared<S>>,
    entered: Entered,
}

/// Serves on listeners until `stop` is done or the store has failed, then answers what is in hand.
pub async fn serve<S: Store>(
    app: Arc<App<S>>,
    bounds: Bounds,
    listeners: Vec<Listener>,
    stop: impl Future<Output = ()>,
) -> Ended {
    let connections = Arc::new(Connections::new(bounds.connections));
    let (drain_within, registry_poll) = (bounds.drain_within, bounds.registry_poll);
    let shared = Arc::new(Shared { app: Arc::clone(&app), bounds, connections: Arc::clone(&connections) });
    let mut listeners = Listeners::new(listeners);
    let served = async {
        let failed = {
            let accepting = pin!(accept(&shared, &mut listeners, &connections));
            let (stop, failed) = (pin!(stop), pin!(app.store.failed()));
            tokio::select! {
                () = accepting => false,
                () = stop => false,
                () = failed => true,
            }
        };
        app.stopping.send_replace(true);
        accept_waiting(&shared, listeners, &connections).await;
        let drained = tokio::time::timeout(drain_within, connections.end()).await.is_ok();
        match (failed, drained) {
            (true, _) => Ended::StoreFailed,
            (false, true) => Ended::Drained,
            (false, false) => Ended::CutOff,
        }
    };
    // It ends with serving: no task of its own could hold the store for longer.
    tokio::select! {
        ended = served => ended,
        never = keep_up(&app, registry_poll) => match never {},
    }
}

/// Takes in what the system has accepted already, whose requests would be lost with the socket, and closes the socket.
async fn accept_waiting<S: Store>(shared: &Arc<Shared<S>>, mut listeners: Listeners, connections: &Arc<Connections>) {
    for _ in 0..WAITING_MAX {
        match tokio::time::timeout(WAITING_WITHIN, listeners.accept()).await {
            Ok(Ok(accepted)) => let_in(shared, connections, accepted),
            _ => return,
        }
    }
}

fn let_in<S: Store>(shared: &Arc<Shared<S>>, connections: &Arc<Connections>, accepted: Accepted) {
    let entered = connections.enter(shared.app.clock.monotonic());
    tokio::spawn(welcome(Arc::new(Seat { shared: Arc::clone(shared), entered }), accepted));
}

async fn accept<S: Store>(shared: &Arc<Shared<S>>, listeners: &mut Listeners, connections: &Arc<Connections>) {
    loop {
        connections.room().await;
        match listeners.accept().await {
            Ok(accepted) => let_in(shared, connections, accepted),
            Err(error) => {
                // Out of descriptors, or the client went away again: neither ends the server.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Agrees with a new connection on how to speak, and then serves it.
async fn welcome<S: Store>(seat: Arc<Seat<S>>, (stream, tls): Accepted) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    let Some(tls) = tls else { return converse(seat, TokioIo::new(stream), false).await };
    let within = seat.shared.bounds.handshake_within;
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(within, tls.accept(stream)) => shaken,
        // Who has not finished a handshake has asked for nothing yet.
        () = seat.entered.connection.asked_to_leave() => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
            Box::pin(converse(seat, TokioIo::new(stream), http2)).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

/// Answers the requests of one connection: one after another in HTTP/1.1, some at once in HTTP/2.
async fn converse<S: Store>(seat: Arc<Seat<S>>, io: impl Read + Write + Unpin + Send + 'static, http2: bool) {
    let (bounds, connection) = (&seat.shared.bounds, &seat.entered.connection);
    let service = service_fn(|request| {
        let seat = Arc::clone(&seat);
        async move { reply_to(&seat, request).await }
    });
    if http2 {
        let head_bytes = u32::try_from(bounds.head_bytes).unwrap_or(u32::MAX);
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).max_header_list_size(head_bytes).max_concurrent_streams(bounds.streams);
        // A body that is still on its way belongs to no idle connection.
        let silent = silent(&seat, bounds.head_within.max(bounds.body_within));
        until_ended(builder.serve_connection(io, service), connection, silent).await;
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head_within)
            .max_buf_size(bounds.head_bytes)
            // A client may send its request, close its own side and wait for the reply.
            .half_close(true);
        until_ended(builder.serve_connection(io, service), connection, std::future::pending()).await;
    }
}

/// Waits until a connection has been idle for that long. In HTTP/1.1 the time-out of heads does this.
async fn silent<S: Store>(seat: &Seat<S>, within: Duration) {
    loop {
        let left = within.saturating_sub(seat.entered.connection.idle_for(seat.shared.app.clock.monotonic()));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

/// Serves a connection to its end, which comes soon where it is asked to leave, or silent.
async fn until_ended<C>(serving: C, connection: &Connection, silent: impl Future<Output = ()>)
where
    C: GracefulConnection,
    C::Error: Display,
{
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => Some(ended),
        () = connection.asked_to_leave() => None,
        () = silent => None,
    };
    let ended = if let Some(ended) = ended { ended } else { leave(serving, connection).await };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Lets a connection finish what is in hand.
async fn leave<C: GracefulConnection>(mut serving: Pin<&mut C>, connection: &Connection) -> Result<(), C::Error> {
    if !connection.makes_room() && connection.is_new() {
        // Its first request may have come already and not been read: asked to end now, the connection would end without a reply.
        tokio::select! {
            ended = serving.as_mut() => return ended,
            () = first_request(connection) => {}
        }
    }
    serving.as_mut().graceful_shutdown();
    let within = if connection.makes_room() { ROOM_WITHIN } else { ARRIVE_WITHIN };
    loop {
        match tokio::time::timeout(within, serving.as_mut()).await {
            Ok(ended) => return ended,
            // Half of a request is none that is in hand.
            Err(_) if !connection.is_busy() => return Ok(()),
            Err(_) => {}
        }
    }
}

/// Waits until a request has come over a connection, for a moment at most.
async fn first_request(connection: &Connection) {
    const STEPS: u32 = 20;
    for _ in 0..STEPS {
        if !connection.is_new() {
            return;
        }
        tokio::time::sleep(FIRST_WITHIN / STEPS).await;
    }
}

/// The body of a reply on its way.
type Sent = Either<Full<Bytes>, Either<Live, Truncated>>;

async fn reply_to<S: Store>(seat: &Seat<S>, request: Request<Incoming>) -> Result<Response<Sent>, CutOff> {
    let (app, connection) = (&seat.shared.app, &seat.entered.connection);
    let http2 = request.version() == Version::HTTP_2;
    connection.used();
    if http2 {
        connection.idle(app.clock.monotonic());
    }
    let mut in_hand = None;
    let mut reply = answer(&seat.shared, request, || in_hand = Some(connection.hold(&app.clock))).await;
    drop(in_hand);
    connection.idle(app.clock.monotonic());
    // A body that is not read to its end ends its own stream in HTTP/2, not the connection.
    reply.close &= !http2;
    if app.access.emulator {
        reply = reply.with(EMULATOR_HEADER, HeaderValue::from_static("1"));
    }
    response(reply, seat)
}

async fn answer<S: Store>(shared: &Shared<S>, request: Request<Incoming>, in_hand: impl FnOnce()) -> Reply {
    let app = &shared.app;
    let plain = |(status, body): (u16, String)| Reply::json(status, body);
    match request.uri().path() {
        "/health" => plain(health::health(app)),
        "/ready" => plain(health::ready(app, app.is_stopping())),
        "/metrics" if app.metrics.are_shown() => metrics::page(app, shared.connections.counts(), request.headers()),
        "/openapi.json" => Reply::json(200, openapi::bytes()),
        _ if console::answers(app, &request) => console::answer(app, request, in_hand).await,
        path if admin::answers(path) => admin::answer(app, request, in_hand).await,
        _ => v4::answer(app, &shared.bounds, request, in_hand).await,
    }
}

/// The reply as HTTP sends it; none where the connection is to end without one.
fn response<S: Store>(reply: Reply, seat: &Seat<S>) -> Result<Response<Sent>, CutOff> {
    const PRODUCT: &str = concat!("cubby/", env!("CARGO_PKG_VERSION"));
    let mut length = None;
    let body = match reply.body {
        ReplyBody::Whole(bytes) => Either::Left(Full::new(bytes)),
        ReplyBody::Live(channel) => {
            let (connection, clock) = (Arc::clone(&seat.entered.connection), seat.shared.app.clock.clone());
            Either::Right(Either::Left(Live { channel, connection, clock }))
        }
        ReplyBody::Truncated(bytes, all) => {
            length = Some(all);
            Either::Right(Either::Right(Truncated::after(bytes)))
        }
        ReplyBody::Nothing => return Err(CutOff),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, reply.content_type);
    headers.insert(SERVER, HeaderValue::from_static(PRODUCT));
    if reply.close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    headers.extend(reply.headers);
    Ok(response)
}
