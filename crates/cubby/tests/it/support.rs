//! What the wire tests share: a server of their own, calls signed as clients sign them, and bytes over a socket. It knows nothing of
//! the server's own types, so that no mistake can be made on both sides alike.

use crate::{coverage, description};
use cubby_protocol::usersig;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// The application that every server of the tests has.
pub const APP: u64 = 1_400_000_001;
/// Its key.
pub const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
/// Its administrator.
pub const ADMINISTRATOR: &str = "administrator";

/// A server in a process of its own, over a directory of its own; it ends with the test.
pub struct Server {
    process: Option<Child>,
    pub port: u16,
    /// The port of HTTPS, where it serves that.
    pub https_port: Option<u16>,
    pub directory: TempDir,
    flags: Vec<String>,
    launch: Launch,
}

/// Makes of the usual command line another that starts the server: under a tracer, say, or a broken one of the tests' own.
pub type Launch = Box<dyn Fn(Command) -> Command + Send + Sync>;

/// A command line that is run by another program, which is given these arguments before it.
pub fn run_by(program: &str, arguments: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program);
    outer.args(arguments).arg(command.get_program()).args(command.get_args());
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer
}

/// A reply as it came over the socket.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|why| panic!("{why}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The `ErrorCode`.
    pub fn code(&self) -> i64 {
        self.json()["ErrorCode"].as_i64().expect("an ErrorCode")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

pub fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a client has its own clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// A moment, to tell how long a call took. No test asserts it; a few must know whether a second may have passed.
pub fn moment() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a client has its own clock")]
    Instant::now()
}

/// A UserSig of the tests' application for its administrator.
pub fn signature() -> String {
    usersig::make(APP, KEY.as_bytes(), ADMINISTRATOR, 86400, now(), None)
}

/// The usual query string of a call.
pub fn query() -> String {
    format!("sdkappid={APP}&identifier={ADMINISTRATOR}&usersig={}&random=7&contenttype=json", signature())
}

impl Server {
    /// A server with the application in the ultimate edition and its call rates off.
    pub fn start() -> Self {
        Self::start_with(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"])
    }

    /// A server with these flags beside its directory and its address; none of the usual ones.
    pub fn start_with(flags: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let mut server =
            Self { process: None, port: 0, https_port: None, directory, flags, launch: Box::new(|command| command) };
        server.start_again();
        server
    }

    /// A server like that of [`Self::start`], which is not started yet and will be in this way.
    pub fn launched_by(launch: impl Fn(Command) -> Command + Send + Sync + 'static) -> Self {
        let flags = ["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "0"].map(str::to_owned).to_vec();
        Self {
            process: None,
            port: 0,
            https_port: None,
            directory: TempDir::new().unwrap(),
            flags,
            launch: Box::new(launch),
        }
    }

    /// Another way for the next start.
    pub fn set_launch(&mut self, launch: impl Fn(Command) -> Command + Send + Sync + 'static) {
        self.launch = Box::new(launch);
    }

    /// Other flags for the next start.
    pub fn set_flags(&mut self, flags: &[&str]) {
        self.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The file that the server's standard error goes to.
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// The command line that starts the server.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cubby"));
        command.arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--port-file").arg(self.port_file());
        if !self.flags.iter().any(|flag| flag == "--in-memory" || flag == "--store") {
            command.arg("--data-dir").arg(self.data());
        }
        command.args(&self.flags).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn port_file(&self) -> PathBuf {
        self.directory.path().join("port")
    }

    /// Starts it over the same directory, at another port.
    pub fn start_again(&mut self) {
        if let Err(status) = self.try_start() {
            panic!("the server ended with {status}: {}", std::fs::read_to_string(self.log()).unwrap());
        }
    }

    /// Begins to start it, and does not wait until it serves.
    pub fn begin(&self) -> Child {
        let log = std::fs::File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = (self.launch)(self.command());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// Starts it over the same directory, at another port; `Err` is how it ended where it does not start.
    pub fn try_start(&mut self) -> Result<(), ExitStatus> {
        assert!(self.process.is_none(), "it runs already");
        drop(std::fs::remove_file(self.port_file()));
        let mut process = self.begin();
        // A debug build reads a long journal slowly.
        for _ in 0..12_000 {
            if let Ok(text) = std::fs::read_to_string(self.port_file()) {
                let mut ports = text.lines().map(|line| line.parse().unwrap());
                self.port = ports.next().unwrap();
                self.https_port = ports.next();
                self.process = Some(process);
                return Ok(());
            }
            if let Some(status) = process.try_wait().unwrap() {
                return Err(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(process.kill());
        panic!("the server did not come up: {}", std::fs::read_to_string(self.log()).unwrap());
    }

    /// Runs `cubby app` over the directory of a server that is not running, with these words; what it said.
    pub fn app(&self, words: &[&str]) -> String {
        assert!(self.process.is_none(), "a store is changed by one process at a time");
        let mut command = Command::new(env!("CARGO_BIN_EXE_cubby"));
        command.arg("app").args(words).arg("--data-dir").arg(self.data());
        let run = command.output().unwrap();
        assert!(run.status.success(), "cubby app {words:?}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// SIGTERM; how it ended.
    pub fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap();
        let sent = Command::new("kill").arg("-TERM").arg(process.id().to_string()).status().unwrap();
        assert!(sent.success());
        process.wait().unwrap()
    }

    /// Waits until it has ended by itself; how.
    pub fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().unwrap();
        for _ in 0..3000 {
            if let Some(status) = process.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(process.kill());
        panic!("the server did not end: {}", std::fs::read_to_string(self.log()).unwrap());
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends bytes over a connection of their own and reads one reply.
    pub fn send(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        exchange(&mut stream, bytes)
    }

    /// A POST of a command with this query string and body. Its reply is one that docs/openapi.json describes.
    pub fn post_with(&self, path: &str, query: &str, body: &[u8]) -> Reply {
        let reply = self.send(&request("POST", &format!("/v4/{path}?{query}"), body));
        if reply.status == 200 {
            description::check_reply(path, &reply.json());
        }
        reply
    }

    /// A signed POST of a command.
    pub fn post(&self, path: &str, body: &[u8]) -> Reply {
        self.post_with(path, &query(), body)
    }

    /// A signed call; its reply, which has HTTP status 200.
    pub fn call(&self, path: &str, body: &Value) -> Value {
        let reply = self.post(path, body.to_string().as_bytes());
        assert_eq!(reply.status, 200);
        reply.json()
    }

    /// Imports accounts.
    pub fn import(&self, ids: &[&str]) {
        for some in ids.chunks(100) {
            let reply = self.call("im_open_login_svc/multiaccount_import", &json!({"Accounts": some}));
            assert_eq!((&reply["ErrorCode"], &reply["FailAccounts"]), (&json!(0), &json!([])));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// The bytes of a request.
pub fn request(method: &str, target: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Reads one reply and not a byte more, so that the next of a pipeline stays unread; `None` where the connection is closed instead.
pub fn read_reply(stream: &mut TcpStream) -> Option<Reply> {
    let mut reply = read_head(stream)?;
    let length = reply.header("content-length").map_or(0, |value| value.parse().unwrap());
    reply.body = vec![0; length];
    stream.read_exact(&mut reply.body).unwrap();
    Some(reply)
}

/// Reads the head of a reply, which is all there is of one to HEAD; `None` where the connection is closed instead.
pub fn read_head(stream: &mut TcpStream) -> Option<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Ok(_) if head.is_empty() => return None,
            other => panic!(
                "the connection ended within a reply's head: {other:?}, after {:?}",
                String::from_utf8_lossy(&head)
            ),
        }
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Some(Reply { status, headers: lines.filter_map(header).collect(), body: Vec::new() })
}

/// Sends bytes over a connection that stays open and reads one reply.
pub fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> Reply {
    stream.write_all(bytes).unwrap();
    let reply = read_reply(stream).expect("a reply");
    coverage::heard(bytes, &reply);
    reply
}

/// Reads until the server closes the connection, or resets it; how many bytes still came.
pub fn read_until_closed(stream: &mut TcpStream) -> usize {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection is open still: {error}"),
    }
    bytes.len()
}
