//! `[log]`: what is logged, to standard error, and in which form.

use super::key::{Key, Takes};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) format: Format,
    /// A level, or directives such as `info,cubby_store=debug`; checked when it is taken.
    pub(crate) filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Text, filter: "info".to_owned() }
    }
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "log.format",
        env: Some("CUBBY_LOG_FORMAT"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(if config.log.format == Format::Json { "json" } else { "text" }.to_owned()),
        write: |config, text| {
            config.log.format = match text {
                "text" => Format::Text,
                "json" => Format::Json,
                _ => return Err(format!("takes text or json, not {text:?}")),
            };
            Ok(())
        },
    },
    Key {
        name: "log.filter",
        env: Some("CUBBY_LOG_FILTER"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.log.filter.clone()),
        write: |config, text| {
            if text.is_empty() || EnvFilter::try_new(text).is_err() {
                let takes = "takes off, error, warn, info, debug, trace, or such as \"info,cubby_store=debug\"";
                return Err(format!("{takes}, not {text:?}"));
            }
            text.clone_into(&mut config.log.filter);
            Ok(())
        },
    },
];
