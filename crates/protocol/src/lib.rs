//! What crosses a wire: bodies of requests and answers. Shapes only: what they mean stands in `domain`, how they come
//! about in `app`.
//!
//! Every key of an answer is always there; what isn't known is `null`. New keys may come, none go.

pub mod frames;
pub mod http;
