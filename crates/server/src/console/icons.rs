//! The drawings of the menu: paths of 24 by 24, drawn with a line.

pub(super) const TERMINAL: &str = "M4 17l6-5-6-5M12 19h8";
pub(super) const COLUMNS: &str = "M4 4h4v16H4zM10 4h4v11h-4zM16 4h4v7h-4z";
pub(super) const PERSON: &str = "M8 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M4 21c0-4.4 3.6-7 8-7s8 2.6 8 7";
pub(super) const PEOPLE: &str = "M5.5 8a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M2 20c0-4 3.1-6.2 7-6.2s7 2.2 7 6.2M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2c2.5.8 4 2.8 4 5.8";
