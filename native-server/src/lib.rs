//! A real HTTP/1.1 server whose scheduling model is a flag.

pub mod http;
