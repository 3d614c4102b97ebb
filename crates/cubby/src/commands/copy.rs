//! `cubby copy`: moves everything from one store to another. A directory that a server holds is copied by that server, which is asked
//! through its control socket; every other store is opened here.

use super::Error;
use crate::config::{Config, Flags, Place, StoreSection, secret};
use crate::control::{Asked, Told, Where, line, socket};
use crate::copying;
use crate::offline::has_store;
use crate::output;
use clap::Args;
use cubby_store::copy::{CopyError, Copyable, Differences, Options, compare};
use cubby_store::{Embedded, Postgres, StoreError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyingError {
    #[error("{0}")]
    Place(String),
    #[error("a store in memory is within its server alone and cannot be copied")]
    InMemory,
    #[error("{}: there is no store", .0.display())]
    NoStore(PathBuf),
    #[error("a server holds {}, and cannot be asked through {}: {error}", directory.display(), socket(directory).display())]
    NoControl { directory: PathBuf, error: io::Error },
    #[error("a server holds {}: stop it first", .0.display())]
    Held(PathBuf),
    #[error("{0}")]
    Store(StoreError),
    #[error("not moved: {0}")]
    NotMoved(#[from] CopyError),
    #[error("not moved: {0}")]
    Told(String),
    #[error("the server ended before the copy did; it goes on with the same command")]
    Ended,
    #[error("no runtime: {0}")]
    Machine(#[from] io::Error),
}

/// What `cubby copy --help` says first.
pub(crate) const LONG: &str = "\
Moves everything from one store to another: users, chat groups and applications, with keys, settings
and counters.

The source is served meanwhile. Passes copy what differs; the last pass refuses writes for a short
while (60008, \"repeat it\"; reads go on). At its end every user and chat group was found at the
destination with the same checksum, and as many of them. Then, and only then, the source is marked as
moved: it refuses writes, and no server opens it any more. Start the servers on the destination, and
send requests there.

A copy that was interrupted or failed leaves the source as it was. Begin it again with the same
command, and it goes on where it was. The destination must be empty, or have the beginning of this
very copy, and no server may be over it.

A directory that a server holds is copied by that server, which is asked through DIR/control.";

const EXAMPLES: &str = "\
Examples:
  cubby copy --from ./cubby-data --to postgres://cubby@db.example/cubby
  cubby copy --from-file source-url --to /var/lib/cubby
  cubby copy --check --from ./cubby-data --to postgres://cubby@db.example/cubby
  cubby copy --undo-move --from ./cubby-data

The exit status is 0 where everything was moved and verified (or, with --check, is the same), else 1.";

/// The flags of `copy`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Copy {
    /// The source: a directory, or the URL of a PostgreSQL database
    #[arg(long, value_name = "PLACE", required_unless_present = "from_file", conflicts_with = "from_file")]
    from: Option<String>,
    /// The source as the content of a file, for a URL that has a password in it
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// The destination, likewise
    #[arg(long, value_name = "PLACE", required_unless_present_any = ["to_file", "undo_move"], conflicts_with = "to_file")]
    to: Option<String>,
    /// The destination as the content of a file
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// The most passes before writes are refused; fewer are made where a pass has little to copy
    #[arg(long, value_name = "N", default_value_t = Options::default().passes, value_parser = clap::value_parser!(u32).range(1..=1000))]
    passes: u32,
    /// Compare the content of everything while writes are refused, instead of just before; they are refused for longer then
    #[arg(long)]
    compare_stopped: bool,
    /// Copy nothing: read all of both stores and say whether they are the same; no server may hold a directory meanwhile
    #[arg(long, conflicts_with_all = ["undo_move", "compare_stopped"])]
    check: bool,
    /// Let the source of a move be served again, as it was then: what the destination took since is not in it
    #[arg(long, conflicts_with_all = ["to", "to_file"])]
    undo_move: bool,
}

/// A store that this process has open.
enum Opened {
    Embedded(Embedded),
    Postgres(Postgres),
}

impl Opened {
    async fn close(self) -> Result<(), CopyingError> {
        match self {
            Self::Embedded(engine) => engine.close().await.map_err(CopyingError::Store),
            Self::Postgres(engine) => {
                engine.close();
                Ok(())
            }
        }
    }
}

fn place(text: Option<String>, file: Option<&Path>) -> Result<Place, Error> {
    let text = match (text, file) {
        (Some(text), _) => text,
        (None, Some(file)) => secret(file)?,
        (None, None) => String::new(),
    };
    Place::named(&text).map_err(|why| CopyingError::Place(format!("a place {why}")).into())
}

/// Opens a store where no server holds it: `None` where one does.
async fn open(place: &Place, store: &StoreSection) -> Result<Option<Opened>, CopyingError> {
    match place {
        Place::Memory => Err(CopyingError::InMemory),
        Place::Directory(directory) if !has_store(directory) => Err(CopyingError::NoStore(directory.clone())),
        Place::Directory(directory) => match Embedded::open_to_copy(directory, &store.bounds) {
            Ok(engine) => Ok(Some(Opened::Embedded(engine))),
            Err(StoreError::Locked(_)) => Ok(None),
            Err(error) => Err(CopyingError::Store(error)),
        },
        Place::Postgres(url) => {
            let opened = Postgres::open_to_copy(url.reveal(), &store.postgres).await;
            opened.map(|engine| Some(Opened::Postgres(engine))).map_err(CopyingError::Store)
        }
    }
}

impl Copy {
    pub(crate) fn run(self, file: Option<&Path>) -> Result<ExitCode, Error> {
        let config = Config::load(file, Flags::default())?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CopyingError::Machine)?;
        let from = place(self.from.clone(), self.from_file.as_deref())?;
        if self.undo_move {
            runtime.block_on(undo_move(&from, &config.store))?;
            return Ok(ExitCode::SUCCESS);
        }
        let to = place(self.to.clone(), self.to_file.as_deref())?;
        if self.check {
            return Ok(runtime.block_on(check(&from, &to, &config.store))?);
        }
        let options = Options { passes: self.passes, compare_stopped: self.compare_stopped };
        let figures = runtime.block_on(Box::pin(move_all(&from, &to, &config.store, &options)))?;
        output::line(format!("Everything was moved from {from} to {to}, and verified:"));
        output::table(&figures);
        output::line(format!("Start the servers on {to}. {from} takes no changes any more, and no server opens it."));
        Ok(ExitCode::SUCCESS)
    }
}

async fn move_all(
    from: &Place,
    to: &Place,
    store: &StoreSection,
    options: &Options,
) -> Result<Vec<Vec<String>>, CopyingError> {
    let Some(source) = open(from, store).await? else {
        let Place::Directory(directory) = from else { return Err(CopyingError::Ended) };
        return ask(directory, to, options).await;
    };
    let tell = async |text| output::error(text);
    let moved = match &source {
        Opened::Embedded(engine) => Box::pin(copying::copy(engine, to, store, options, tell, asked_to_end()?)).await,
        Opened::Postgres(engine) => Box::pin(copying::copy(engine, to, store, options, tell, asked_to_end()?)).await,
    };
    source.close().await?;
    Ok(copying::figures(&moved?))
}

/// Waits for SIGINT or SIGTERM, so that a source that refuses writes is let go in order.
fn asked_to_end() -> io::Result<impl Future<Output = ()> + Send> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Asks the server that holds the directory. Ending this process breaks the copy off.
async fn ask(directory: &Path, to: &Place, options: &Options) -> Result<Vec<Vec<String>>, CopyingError> {
    let Options { passes, compare_stopped } = *options;
    let to = Where::of(to)?.ok_or(CopyingError::InMemory)?;
    let failed = |error| CopyingError::NoControl { directory: directory.to_owned(), error };
    let mut stream = UnixStream::connect(socket(directory)).await.map_err(failed)?;
    // A server that is busy says so and closes, perhaps before this is written: what it said is read all the same.
    drop(stream.write_all(&line(&Asked::Copy { to, passes, compare_stopped })).await);
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Told::Progress(text)) => output::error(text),
            Ok(Told::Moved(figures)) => return Ok(figures),
            Ok(Told::Failed(why)) => return Err(CopyingError::Told(why)),
            Err(error) => return Err(CopyingError::Told(error.to_string())),
        }
    }
    Err(CopyingError::Ended)
}

async fn check(from: &Place, to: &Place, store: &StoreSection) -> Result<ExitCode, CopyingError> {
    let held = |place: &Place| match place {
        Place::Directory(directory) => CopyingError::Held(directory.clone()),
        Place::Memory | Place::Postgres(_) => CopyingError::InMemory,
    };
    let one = open(from, store).await?.ok_or_else(|| held(from))?;
    let other = open(to, store).await?.ok_or_else(|| held(to))?;
    let differences = match &one {
        Opened::Embedded(one) => compare_with(one, &other).await,
        Opened::Postgres(one) => compare_with(one, &other).await,
    }?;
    one.close().await?;
    other.close().await?;
    let Differences { counts, other_units, checksums, differing } = &differences;
    output::table(
        &[
            ["", "units", "checksum"].map(str::to_owned),
            [from.to_string(), counts.units().to_string(), format!("{:032x}", checksums.0)],
            [to.to_string(), other_units.to_string(), format!("{:032x}", checksums.1)],
        ]
        .map(Vec::from),
    );
    for unit in differing {
        output::line(format!("not the same: {unit}"));
    }
    if differences.none() {
        output::line("The two stores are the same.");
        return Ok(ExitCode::SUCCESS);
    }
    output::line("The two stores are not the same.");
    Ok(ExitCode::FAILURE)
}

async fn compare_with(one: &impl Copyable, other: &Opened) -> Result<Differences, CopyError> {
    match other {
        Opened::Embedded(other) => compare(one, other).await,
        Opened::Postgres(other) => compare(one, other).await,
    }
}

async fn undo_move(from: &Place, store: &StoreSection) -> Result<(), CopyingError> {
    let was_moved = match from {
        Place::Memory => return Err(CopyingError::InMemory),
        Place::Directory(directory) if !has_store(directory) => return Err(CopyingError::NoStore(directory.clone())),
        Place::Directory(directory) => Embedded::undo_move(directory).map_err(|error| match error {
            StoreError::Locked(directory) => CopyingError::Held(directory),
            other => CopyingError::Store(other),
        })?,
        Place::Postgres(url) => {
            let engine = Postgres::open_to_copy(url.reveal(), &store.postgres).await.map_err(CopyingError::Store)?;
            let was_moved = engine.undo_move().await.map_err(CopyingError::Store)?;
            engine.close();
            was_moved
        }
    };
    output::line(if was_moved {
        format!("{from} can be served again, as it was when it was moved. Serve it or its destination, and not both.")
    } else {
        format!("{from} was not moved.")
    });
    Ok(())
}
