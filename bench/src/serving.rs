//! What the servers that the product is compared with share: its own HTTP and gate before a store of the benchmark's, for the one
//! application of a run. It knows no store.

use crate::Failure;
use crate::requests::{APP, KEY};
use cubby_domain::{Application, ApplicationKey, Edition, SdkAppId, Settings};
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Listener};
use cubby_store::Store;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The application of a run.
pub(crate) fn application() -> Application {
    let settings = Settings { edition: Edition::Ultimate, ..Settings::default() };
    let keys = vec![ApplicationKey { text: KEY.into(), added: Clock::system().now() }];
    Application { id: SdkAppId(APP), keys, disabled: false, settings }
}

/// Serves until standard input ends, so that it never outlives the run that started it.
pub(crate) fn serve(store: impl Store, port_file: &Path) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(until_the_end_of_input(store, port_file))
}

async fn until_the_end_of_input(store: impl Store, port_file: &Path) -> Result<(), Failure> {
    let applications = Applications::load(&store, CallRates::OFF).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    std::fs::write(port_file, format!("{}\n", listener.local_addr()?.port()))?;
    let app = Arc::new(App::new(store, applications, Clock::system()));
    let (ended, stop) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        // Whether the input ends or cannot be read, the run is over.
        let _at_end = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ended);
    });
    cubby_server::serve(app, Bounds::default(), vec![Listener::plain(listener)], async { drop(stop.await) }).await;
    Ok(())
}
