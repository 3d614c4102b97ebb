//! The spans of requests, from a server to a collector that takes their bytes. Names and ids stand in those as they are.

use super::{Traces, follow};
use crate::config::Traces as Configured;
use cubby_domain::commands::{ApplicationChange, ChangeApplication};
use cubby_domain::{Context, SdkAppId};
use cubby_protocol::usersig;
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Listener};
use cubby_store::{Memory, Store};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use tracing_subscriber::layer::SubscriberExt;

/// Takes what is posted: request lines and bodies.
fn collector() -> (SocketAddr, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (taken, taking) = sync_channel(100);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut first, mut line) = (0, String::new(), String::new());
            stream.read_line(&mut first).unwrap();
            while line != "\r\n" {
                line.clear();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            taken.send((first.trim_end().to_owned(), body)).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").unwrap();
        }
    });
    (address, taking)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

const APP: u64 = 1_400_000_001;
const KEY: &str = "an example of a key";

/// A signed call with a header of its own; the reply.
fn ask(server: SocketAddr, path: &str, header: &str, body: &str) -> String {
    let now = i64::try_from(Clock::system().now().0).unwrap();
    let signature = usersig::make(APP, KEY.as_bytes(), "administrator", 60, now, None);
    let query = format!("sdkappid={APP}&identifier=administrator&usersig={signature}&random=7&contenttype=json");
    let length = body.len();
    let head = format!("POST /v4/{path}?{query} HTTP/1.1\r\nHost: test\r\n{header}\r\nConnection: close");
    let request = format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

/// Serves in this thread, which has the subscriber, while a client asks from another.
fn served(follow: Option<cubby_server::Follow>, client: impl FnOnce(SocketAddr) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Memory::default();
        let context = Context { app: SdkAppId(APP), now: Clock::system().now(), settings: Arc::default() };
        let create = ChangeApplication { changes: vec![ApplicationChange::Create(KEY.into())] };
        store.execute(create, context).await.unwrap().unwrap().unwrap();
        let applications = Applications::load(&store, CallRates::OFF).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Arc::new(App::new(store, applications, Clock::system()).traced_by(follow));
        let asked = tokio::task::spawn_blocking(move || client(address));
        let stop = async { asked.await.unwrap() };
        Box::pin(cubby_server::serve(app, Bounds::default(), vec![Listener::plain(listener)], stop)).await;
    });
}

#[test]
fn a_request_becomes_spans_of_the_trace_that_it_names() {
    let (address, taking) = collector();
    let configured = Configured { endpoint: Some(format!("http://{address}")), service_name: "a-name".to_owned() };
    let traces = Traces::start(&configured).unwrap().unwrap();
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    tracing::subscriber::with_default(subscriber, || {
        served(Some(follow), |server| {
            let parent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
            let body = r#"{"Accounts":["a-user"]}"#;
            let reply = ask(server, "im_open_login_svc/multiaccount_import", parent, body);
            assert!(reply.contains("\"ErrorCode\":0"), "{reply}");
        });
    });
    traces.end();
    // The last spans were sent before the end.
    let (lines, bodies): (Vec<_>, Vec<_>) = taking.try_iter().unzip();
    assert!(!lines.is_empty() && lines.iter().all(|line| line == "POST /v1/traces HTTP/1.1"), "{lines:?}");
    let taken = bodies.concat();
    for name in
        ["im_open_login_svc/multiaccount_import", "gate", "body", "decode", "execute", "encode", "code", "a-name"]
    {
        assert!(has(&taken, name.as_bytes()), "no {name}");
    }
    for secret in [KEY, "usersig", "administrator", "a-user", "1400000001"] {
        assert!(!has(&taken, secret.as_bytes()), "{secret} is in a span");
    }
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
    assert!(has(&taken, &trace), "the trace that the request named");
    assert!(has(&taken, &0xb7ad_6b71_6920_3331_u64.to_be_bytes()), "the span that is its parent");
}

#[test]
fn without_a_collector_nothing_is_sent() {
    assert!(Traces::start(&Configured::default()).unwrap().is_none());
}
