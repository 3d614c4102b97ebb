//! What can be wrong with a configuration. No message has the value of a secret in it.

use std::path::PathBuf;

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{}: it is empty", .0.display())]
    EmptyFile(PathBuf),
    #[error("{}, line {line}: {message}", path.display())]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{}: there is no setting {key}{meant}", path.display())]
    UnknownKey { path: PathBuf, key: String, meant: String },
    #[error("{source_name}: {name} {why}")]
    Value { name: String, source_name: String, why: String },
    #[error("{one} and {other} say the same thing twice; give one of them")]
    Twice { one: String, other: String },
    #[error("environment {0}: it is not UTF-8")]
    NotUtf8(String),
    #[error("{0}")]
    Tls(String),
    #[error("{source_name}: {why}")]
    App { source_name: String, why: String },
}

pub(super) type Result<T> = std::result::Result<T, ConfigError>;
