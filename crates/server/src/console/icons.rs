//! The drawings of the menu: paths of 24 by 24, drawn with a line.

pub(super) const TERMINAL: &str = "M4 17l6-5-6-5M12 19h8";
pub(super) const COLUMNS: &str = "M4 4h4v16H4zM10 4h4v11h-4zM16 4h4v7h-4z";
