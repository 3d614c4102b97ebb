//! `[server]`: where and how `cubby serve` listens. HTTPS is in `tls.rs`.

use super::key::{Key, Takes, number, truth};
use cubby_server::Share;
use cubby_server::openapi::LISTEN;
use std::num::NonZeroU32;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// HOST:PORT; port 0 is a free one.
    pub(crate) listen: String,
    /// Where the port is written once it is known.
    pub(crate) port_file: Option<PathBuf>,
    /// Calls a second of every command instead of the applications' own; 0 is off.
    pub(crate) call_rate: Option<u32>,
    /// How the rates hold over several servers.
    pub(crate) call_rates: Share,
    /// Whether metrics are shown at `/metrics`.
    pub(crate) metrics: bool,
    pub(crate) bounds: cubby_server::Bounds,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: LISTEN.to_owned(),
            port_file: None,
            call_rate: None,
            call_rates: Share::default(),
            metrics: true,
            bounds: cubby_server::Bounds::default(),
        }
    }
}

const RATE_MAX: u64 = 1_000_000;
const SERVERS_MAX: u64 = 10_000;

/// An address to listen on.
pub(super) fn host_and_port(text: &str, such_as: &str) -> Result<String, String> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
    if port.is_none_or(|port| port.parse::<u16>().is_err()) {
        return Err(format!("takes HOST:PORT, such as {such_as}, not {text:?}"));
    }
    Ok(text.to_owned())
}

/// How rates hold over several servers, in the words of `Share`.
fn share(text: &str) -> Result<Share, String> {
    let of = |servers: &str| number(servers, 1, SERVERS_MAX).ok().and_then(NonZeroU32::new).map(Share::OneOf);
    let found = match text {
        "per-server" => Some(Share::PerServer),
        "exact" => Some(Share::Exact),
        _ => text.strip_prefix("share:").and_then(of),
    };
    found.ok_or_else(|| {
        format!("takes per-server, share:N with N servers from 1 to {SERVERS_MAX}, or exact, not {text:?}")
    })
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "server.listen",
        env: Some("CUBBY_LISTEN"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.server.listen.clone()),
        write: |config, text| {
            config.server.listen = host_and_port(text, LISTEN)?;
            Ok(())
        },
    },
    Key {
        name: "server.port_file",
        env: Some("CUBBY_PORT_FILE"),
        takes: Takes::Text,
        secret: false,
        read: |config| config.server.port_file.as_ref().map(|path| path.display().to_string()),
        write: |config, text| {
            if text.is_empty() {
                return Err("takes the path of a file".to_owned());
            }
            config.server.port_file = Some(text.into());
            Ok(())
        },
    },
    Key {
        name: "server.call_rate",
        env: Some("CUBBY_CALL_RATE"),
        takes: Takes::Number,
        secret: false,
        read: |config| config.server.call_rate.map(|rate| rate.to_string()),
        write: |config, text| {
            config.server.call_rate = Some(number(text, 0, RATE_MAX)?);
            Ok(())
        },
    },
    Key {
        name: "server.call_rates",
        env: Some("CUBBY_CALL_RATES"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.server.call_rates.to_string()),
        write: |config, text| {
            config.server.call_rates = share(text)?;
            Ok(())
        },
    },
    Key {
        name: "server.metrics",
        env: Some("CUBBY_METRICS"),
        takes: Takes::Truth,
        secret: false,
        read: |config| Some(config.server.metrics.to_string()),
        write: |config, text| {
            config.server.metrics = truth(text)?;
            Ok(())
        },
    },
];
