//! The server's end of the socket `control` in its data directory: it lets a command in another process move the store that this process
//! holds. One copy at a time; where whoever asked goes away, the copy is broken off and the server serves on.

use crate::config::{Place, StoreSection};
use crate::control::{Asked, Told, line, socket};
use crate::copying;
use cubby_server::App;
use cubby_store::copy::Options;
use cubby_store::{Embedded, Engine};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Bytes of a request.
const REQUEST_MAX: u64 = 64 << 10;
/// How long whoever connects may take to say what is wanted.
const ASK_WITHIN: Duration = Duration::from_secs(5);

/// The socket, for as long as the server serves.
pub(super) struct Control {
    task: JoinHandle<()>,
    ending: oneshot::Sender<()>,
    path: PathBuf,
}

impl Control {
    /// Opens the socket where the store is in a directory. A server without it serves all the same.
    pub(super) fn start(app: &Arc<App<Engine>>, store: &StoreSection) -> Option<Self> {
        let Place::Directory(directory) = &store.place else { return None };
        let path = socket(directory);
        match bind(&path) {
            Ok((listener, owner)) => {
                let (ending, ended) = oneshot::channel::<()>();
                let (app, store, runtime) = (Arc::clone(app), store.clone(), Handle::current());
                // A thread of its own: what a copy computes is not to wait for requests, nor they for it.
                let task = tokio::task::spawn_blocking(move || {
                    runtime.block_on(async {
                        tokio::select! {
                            () = serve(listener, owner, &app, &store) => {}
                            _ = ended => {}
                        }
                    });
                });
                Some(Self { task, ending, path })
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "no control socket: `cubby copy` cannot ask this server");
                None
            }
        }
    }

    /// Breaks off what is under way; once it answers, nothing holds the store.
    pub(super) async fn stop(self) {
        // An error says that it has ended already.
        let _ended = self.ending.send(());
        drop(self.task.await);
        drop(fs::remove_file(&self.path));
    }
}

/// The socket, and the user who owns it. The directory's lock is ours: a socket that is there was left by a server that was killed.
fn bind(path: &Path) -> io::Result<(UnixListener, u32)> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok((listener, fs::metadata(path)?.uid()))
}

/// Whether it is the server's own user, or root, who asks; it tells even of those who connected before the socket had its mode.
fn is_admitted(stream: &UnixStream, owner: u32) -> bool {
    const ROOT: u32 = 0;
    stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == ROOT)
}

async fn serve(listener: UnixListener, owner: u32, app: &App<Engine>, store: &StoreSection) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        if !is_admitted(&stream, owner) {
            continue;
        }
        let mut answering = Box::pin(answer(stream, app, store));
        loop {
            tokio::select! {
                () = &mut answering => break,
                other = listener.accept() => {
                    if let Ok((mut other, _)) = other
                        && is_admitted(&other, owner)
                    {
                        let busy = Told::Failed("a copy of this store is under way already".to_owned());
                        drop(other.write_all(&line(&busy)).await);
                    }
                }
            }
        }
    }
}

async fn answer(stream: UnixStream, app: &App<Engine>, store: &StoreSection) {
    let Engine::Embedded(engine) = &app.store else { return };
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read.take(REQUEST_MAX));
    let mut request = Vec::new();
    let arrived = tokio::time::timeout(ASK_WITHIN, read.read_until(b'\n', &mut request)).await;
    let told = match serde_json::from_slice(&request) {
        Ok(asked) if matches!(arrived, Ok(Ok(_))) => {
            copy(engine, asked, store, read.into_inner().into_inner(), &mut write).await
        }
        _ => Told::Failed("the server does not understand what is asked of it: use the version that it has".to_owned()),
    };
    // Who asked may have gone.
    drop(write.write_all(&line(&told)).await);
}

async fn copy(
    engine: &Embedded,
    asked: Asked,
    store: &StoreSection,
    mut read: OwnedReadHalf,
    write: &mut OwnedWriteHalf,
) -> Told {
    let Asked::Copy { to, passes, compare_stopped } = asked;
    let (to, options) = (to.place(), Options { passes, compare_stopped });
    // Nothing more is said by whoever asked; the end of the connection is all that can come.
    let gone = async move { while matches!(read.read(&mut [0; 64]).await, Ok(1..)) {} };
    let tell = async |text| drop(write.write_all(&line(&Told::Progress(text))).await);
    tracing::info!(%to, "a copy of the store begins");
    match Box::pin(copying::copy(engine, &to, store, &options, tell, gone)).await {
        Ok(report) => {
            tracing::warn!(%to, units = report.counts.units(), "the store was moved; writes are refused here from now on");
            Told::Moved(copying::figures(&report))
        }
        Err(error) => {
            tracing::warn!(%error, "the store was not moved, and is served as before");
            Told::Failed(error.to_string())
        }
    }
}
