//! HTTP: connections in, requests to the surface whose path they have, replies out. What a request means is not known here. Plain HTTP
//! is served and the Host header is not looked at; what can be read in two ways is refused, or read as chunks and the connection
//! closed, by hyper; replies are never compressed.

use crate::app::App;
use crate::bounds::Bounds;
use crate::connections::{Connection, Connections};
use crate::health;
use crate::openapi;
use crate::reply::Reply;
use crate::v4;
use bytes::Bytes;
use cubby_store::Store;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

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
/// How long a request that has not come whole when the server is stopped may take to.
const ARRIVE_WITHIN: Duration = Duration::from_secs(2);

struct Shared<S: Store> {
    app: Arc<App<S>>,
    bounds: Bounds,
    stopping: AtomicBool,
}

/// Serves on a listener until `stop` is done or the store has failed, then answers what is in hand.
pub async fn serve<S: Store>(
    app: Arc<App<S>>,
    bounds: Bounds,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Ended {
    let connections = Arc::new(Connections::new(bounds.connections));
    let drain_within = bounds.drain_within;
    let shared = Arc::new(Shared { app: Arc::clone(&app), bounds, stopping: AtomicBool::new(false) });
    let failed = {
        let accepting = pin!(accept(Arc::clone(&shared), listener, Arc::clone(&connections)));
        let (stop, failed) = (pin!(stop), pin!(app.store.failed()));
        tokio::select! {
            () = accepting => false,
            () = stop => false,
            () = failed => true,
        }
    };
    shared.stopping.store(true, Ordering::Relaxed);
    let drained = tokio::time::timeout(drain_within, connections.end()).await.is_ok();
    match (failed, drained) {
        (true, _) => Ended::StoreFailed,
        (false, true) => Ended::Drained,
        (false, false) => Ended::CutOff,
    }
}

async fn accept<S: Store>(shared: Arc<Shared<S>>, listener: TcpListener, connections: Arc<Connections>) {
    loop {
        connections.room().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let entered = connections.enter(shared.app.clock.monotonic());
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { converse(shared, stream, &entered.connection).await });
            }
            Err(error) => {
                // Out of descriptors, or the client went away again: neither ends the server.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Answers the requests of one connection, one after another.
async fn converse<S: Store>(shared: Arc<Shared<S>>, stream: TcpStream, connection: &Arc<Connection>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    let bounds = &shared.bounds;
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_within)
        .max_buf_size(bounds.head_bytes)
        // A client may send its request, close its own side and wait for the reply.
        .half_close(true);
    let service = service_fn(|request| {
        let (shared, connection) = (Arc::clone(&shared), Arc::clone(connection));
        async move {
            let reply = answer(&shared, request, &connection).await;
            connection.idle(shared.app.clock.monotonic());
            Ok::<_, Infallible>(response(reply))
        }
    });
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = connection.asked_to_leave() => {
            serving.as_mut().graceful_shutdown();
            let within = if connection.makes_room() { ROOM_WITHIN } else { ARRIVE_WITHIN };
            loop {
                match tokio::time::timeout(within, serving.as_mut()).await {
                    Ok(ended) => break ended,
                    // Half of a request is none that is in hand.
                    Err(_) if !connection.is_busy() => break Ok(()),
                    Err(_) => {}
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer<S: Store>(shared: &Shared<S>, request: Request<Incoming>, connection: &Connection) -> Reply {
    let stopping = shared.stopping.load(Ordering::Relaxed);
    let plain = |(status, body): (u16, String)| Reply { status, body: body.into(), close: false };
    match request.uri().path() {
        "/health" => plain(health::health(&shared.app)),
        "/ready" => plain(health::ready(&shared.app, stopping)),
        "/openapi.json" => Reply { status: 200, body: openapi::bytes(), close: false },
        _ => v4::answer(&shared.app, &shared.bounds, request, || connection.busy()).await,
    }
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    const PRODUCT: &str = concat!("cubby/", env!("CARGO_PKG_VERSION"));
    let mut response = Response::new(Full::new(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(SERVER, HeaderValue::from_static(PRODUCT));
    if reply.close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
