//! What explains a recorded call to a developer: which of its fields nobody read, what it passed by leniency, which check refused it, and
//! the call as a `curl` command and as a scenario. Pure, and called only when somebody looks at a call; nothing here serves one.

mod check;
mod curl;
mod ignored;
mod scenario;
#[cfg(test)]
mod tests;
mod tolerated;
mod walk;

pub use check::Check;
pub use curl::as_curl;
pub use ignored::{Ignored, Likeness, Meant, ignored};
pub use scenario::{Recorded, as_scenario};
pub use tolerated::{Part, Tolerated, tolerated};

use serde::Serialize;

/// A text in English and in Chinese that was made for one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// English.
    pub en: String,
    /// 中文.
    pub zh: String,
}

/// How many findings of a kind are told of one call.
pub const TOLD_MAX: usize = 50;

/// A foreign text as it is shown: short, and without characters that would move the cursor of a terminal.
pub(crate) fn cut(text: &str) -> String {
    const CUT_MAX: usize = 100;
    let mut cut: String =
        text.chars().take(CUT_MAX).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect();
    if text.chars().nth(CUT_MAX).is_some() {
        cut.push('…');
    }
    cut
}
