//! `[tls]`: whether and where `cubby serve` listens for HTTPS too, and whose certificate it shows.

use super::key::{Key, Takes, truth};
use super::server::host_and_port;
use super::{Config, ConfigError, Source};
use std::path::{Path, PathBuf};

/// Where HTTPS is served, where nothing else is said.
const LISTEN: &str = "127.0.0.1:8443";

#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {
    /// HOST:PORT; port 0 is a free one.
    listen: Option<String>,
    pub(crate) self_signed: bool,
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    /// Where the local authority's certificate is written.
    pub(crate) ca_file: Option<PathBuf>,
}

/// HTTPS as it is to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Https {
    pub(crate) listen: String,
    pub(crate) shows: Shows,
}

/// Whose certificate clients are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shows {
    /// One of the local authority's.
    Own,
    /// That of these files.
    Files { cert: PathBuf, key: PathBuf },
}

impl Config {
    /// Whether HTTPS is to be served, and how. What is set must fit together.
    pub(crate) fn https(&self) -> Result<Option<Https>, ConfigError> {
        let tls = &self.tls;
        let named = |setting: &str, flag: &str| match self.source(setting) {
            Source::Default | Source::Flag(_) => flag.to_owned(),
            other => format!("{setting} ({other})"),
        };
        let (cert, key) = (named("tls.cert", "--tls-cert"), named("tls.key", "--tls-key"));
        let own = named("tls.self_signed", "--tls-self-signed");
        let shows = match (tls.self_signed, &tls.cert, &tls.key) {
            (true, None, None) => Shows::Own,
            (false, Some(cert), Some(key)) => Shows::Files { cert: cert.clone(), key: key.clone() },
            (true, _, _) => {
                let other = if tls.cert.is_some() { cert } else { key };
                return Err(ConfigError::Tls(format!("{own} and {other} exclude each other; give one of them")));
            }
            (false, Some(_), None) => return Err(ConfigError::Tls(format!("{cert} needs --tls-key beside it"))),
            (false, None, Some(_)) => return Err(ConfigError::Tls(format!("{key} needs --tls-cert beside it"))),
            (false, None, None) if tls.listen.is_some() => {
                let listen = named("tls.listen", "--tls-listen");
                let why = format!("{listen} needs a certificate: --tls-self-signed, or --tls-cert and --tls-key");
                return Err(ConfigError::Tls(why));
            }
            (false, None, None) => return self.no_ca_file(&named("tls.ca_file", "--tls-ca-file")).map(|()| None),
        };
        if shows != Shows::Own {
            self.no_ca_file(&named("tls.ca_file", "--tls-ca-file"))?;
        }
        Ok(Some(Https { listen: tls.listen.clone().unwrap_or_else(|| LISTEN.to_owned()), shows }))
    }

    /// Only the local authority has a certificate to write.
    fn no_ca_file(&self, named: &str) -> Result<(), ConfigError> {
        match &self.tls.ca_file {
            None => Ok(()),
            Some(_) => Err(ConfigError::Tls(format!("{named} needs --tls-self-signed beside it"))),
        }
    }
}

fn shown(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

fn file(text: &str) -> Result<Option<PathBuf>, String> {
    if text.is_empty() { Err("takes the path of a file".to_owned()) } else { Ok(Some(Path::new(text).to_owned())) }
}

pub(super) static KEYS: &[Key] = &[
    Key {
        name: "tls.listen",
        env: Some("CUBBY_TLS_LISTEN"),
        takes: Takes::Text,
        secret: false,
        read: |config| config.tls.listen.clone(),
        write: |config, text| {
            config.tls.listen = Some(host_and_port(text, LISTEN)?);
            Ok(())
        },
    },
    Key {
        name: "tls.self_signed",
        env: Some("CUBBY_TLS_SELF_SIGNED"),
        takes: Takes::Truth,
        secret: false,
        read: |config| Some(config.tls.self_signed.to_string()),
        write: |config, text| {
            config.tls.self_signed = truth(text)?;
            Ok(())
        },
    },
    Key {
        name: "tls.cert",
        env: Some("CUBBY_TLS_CERT"),
        takes: Takes::Text,
        secret: false,
        read: |config| shown(config.tls.cert.as_ref()),
        write: |config, text| {
            config.tls.cert = file(text)?;
            Ok(())
        },
    },
    Key {
        name: "tls.key",
        env: Some("CUBBY_TLS_KEY"),
        takes: Takes::Text,
        secret: false,
        read: |config| shown(config.tls.key.as_ref()),
        write: |config, text| {
            config.tls.key = file(text)?;
            Ok(())
        },
    },
    Key {
        name: "tls.ca_file",
        env: Some("CUBBY_TLS_CA_FILE"),
        takes: Takes::Text,
        secret: false,
        read: |config| shown(config.tls.ca_file.as_ref()),
        write: |config, text| {
            config.tls.ca_file = file(text)?;
            Ok(())
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn https(settings: &[(&str, &str)]) -> Result<Option<Https>, String> {
        let mut config = Config::default();
        for (name, value) in settings {
            let key = KEYS.iter().find(|key| key.name == *name).unwrap();
            (key.write)(&mut config, value).unwrap();
        }
        config.https().map_err(|why| why.to_string())
    }

    #[test]
    fn https_is_served_where_there_is_a_certificate_at_the_usual_address_or_another() {
        assert_eq!(https(&[]), Ok(None));
        let own = |listen: &str| Ok(Some(Https { listen: listen.to_owned(), shows: Shows::Own }));
        assert_eq!(https(&[("tls.self_signed", "true")]), own("127.0.0.1:8443"));
        assert_eq!(https(&[("tls.self_signed", "true"), ("tls.listen", "0.0.0.0:443")]), own("0.0.0.0:443"));
        let files = https(&[("tls.cert", "a"), ("tls.key", "b")]).unwrap().unwrap();
        assert_eq!(files.shows, Shows::Files { cert: "a".into(), key: "b".into() });
    }

    #[test]
    fn what_does_not_fit_together_is_told_with_its_flags() {
        for (settings, says) in [
            (&[("tls.cert", "a")][..], "--tls-cert needs --tls-key"),
            (&[("tls.key", "a")], "--tls-key needs --tls-cert"),
            (&[("tls.listen", "h:1")], "--tls-listen needs a certificate"),
            (&[("tls.self_signed", "true"), ("tls.cert", "a")], "--tls-self-signed and --tls-cert exclude"),
            (&[("tls.self_signed", "true"), ("tls.key", "a")], "--tls-self-signed and --tls-key exclude"),
            (&[("tls.ca_file", "a")], "--tls-ca-file needs --tls-self-signed"),
            (&[("tls.ca_file", "a"), ("tls.cert", "a"), ("tls.key", "b")], "--tls-ca-file needs --tls-self-signed"),
        ] {
            let why = https(settings).unwrap_err();
            assert!(why.contains(says), "{settings:?}: {why}");
        }
    }
}
