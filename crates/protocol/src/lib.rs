//! The wire, over the rules: what a request's bytes mean and which bytes answer it. No I/O, no clock, no store.

pub mod codes;
mod conversation;
mod decode;
pub mod endpoint;
pub mod envelope;
pub mod explain;
mod field;
pub mod hosts;
pub mod json;
mod message;
pub mod near;
pub mod openapi;
pub mod url;
pub mod usersig;
pub mod v4;

pub use conversation::Echo;
pub use decode::{BODY_BYTES_MAX, BadBody, Body};
pub use field::{BadField, Fields, Flaw, MessageFlaw};
