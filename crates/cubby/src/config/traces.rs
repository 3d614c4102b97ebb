//! `[traces]`: where traces of requests are sent, by a build with the feature `otel`; the variables are those that OpenTelemetry names.
//! What else it names (headers, sampling, attributes) the exporter reads by itself.

use super::key::{Key, Takes};

#[derive(Debug, Clone)]
pub(crate) struct Traces {
    /// A collector that speaks OTLP over HTTP; none where nothing is sent.
    pub(crate) endpoint: Option<String>,
    /// The name under which they are sent.
    pub(crate) service_name: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self { endpoint: None, service_name: "cubby".to_owned() }
    }
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "traces.endpoint",
        env: Some("OTEL_EXPORTER_OTLP_ENDPOINT"),
        takes: Takes::Text,
        secret: false,
        read: |config| config.traces.endpoint.clone(),
        write: |config, text| {
            let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
            if host.is_none_or(|host| host.is_empty() || host.starts_with('/') || host.contains('@')) {
                return Err("takes the URL of a collector, such as http://127.0.0.1:4318".to_owned());
            }
            config.traces.endpoint = Some(text.trim_end_matches('/').to_owned());
            Ok(())
        },
    },
    Key {
        name: "traces.service_name",
        env: Some("OTEL_SERVICE_NAME"),
        takes: Takes::Text,
        secret: false,
        read: |config| Some(config.traces.service_name.clone()),
        write: |config, text| {
            if text.is_empty() {
                return Err("takes a name".to_owned());
            }
            text.clone_into(&mut config.traces.service_name);
            Ok(())
        },
    },
];
