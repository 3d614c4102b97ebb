//! `cubby serve`: opens the store, registers applications and serves until it is told to stop.

use clap::Args;
use cubby_domain::commands::{ApplicationChange, ChangeApplication};
use cubby_domain::{Context, Edition, SdkAppId, Settings};
use cubby_server::{App, Applications, Bounds, CallRates, Clock, Ended};
use cubby_store::{Embedded, Engine, Memory, Store};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(long)]
    data_dir: Option<PathBuf>,
    #[arg(long)]
    in_memory: bool,
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: String,
    #[arg(long)]
    port_file: Option<PathBuf>,
    #[arg(long)]
    app: Vec<String>,
    #[arg(long)]
    call_rate: Option<u32>,
}

impl Serve {
    pub(crate) fn run(self) -> ExitCode {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> ExitCode {
        let engine = if self.in_memory {
            Engine::Memory(Memory::default())
        } else {
            let dir = self.data_dir.clone().unwrap_or_else(|| "cubby-data".into());
            match Embedded::open(&dir, &cubby_store::Bounds::default()) {
                Ok(engine) => Engine::Embedded(engine),
                Err(error) => {
                    eprintln!("{error}");
                    return ExitCode::FAILURE;
                }
            }
        };
        let clock = Clock::system();
        for app in &self.app {
            let parts: Vec<&str> = app.split(':').collect();
            let change = ApplicationChange::Register(parts[1].into(), parts.get(2).and_then(|e| Edition::parse(e)));
            let context = Context {
                app: SdkAppId(parts[0].parse().unwrap()),
                now: clock.now(),
                settings: Arc::new(Settings::default()),
            };
            engine.execute(ChangeApplication { changes: vec![change] }, context).await.unwrap().unwrap().unwrap();
        }
        let rates = self.call_rate.map_or(CallRates::OfSettings, CallRates::All);
        let applications = Applications::load(&engine, rates).await.unwrap();
        let listener = tokio::net::TcpListener::bind(&self.listen).await.unwrap();
        if let Some(file) = &self.port_file {
            std::fs::write(file, format!("{}\n", listener.local_addr().unwrap().port())).unwrap();
        }
        let app = Arc::new(App { store: engine, applications, clock });
        let stop = async {
            let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
            term.recv().await;
        };
        let ended = cubby_server::serve(Arc::clone(&app), Bounds::default(), listener, stop).await;
        if let Some(app) = Arc::into_inner(app) {
            app.store.close().await.unwrap();
        }
        if ended == Ended::StoreFailed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
