//! The descriptions say what the code does: a command asks a request for exactly the fields that are described.
