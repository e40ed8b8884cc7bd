//! What somebody can ask of an authority about themselves: everything that is stored of them, and that it ends.

mod erasure;
mod file;

pub use erasure::ErasureCertificate;
pub use file::PersonFile;
