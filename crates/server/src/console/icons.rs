//! The drawings of the menu: paths of 24 by 24, drawn with a line.

pub(super) const TERMINAL: &str = "M4 17l6-5-6-5M12 19h8";
