//! Unpacks image layers: digest, inflate, tar, safe extraction. Two threads a layer:
//!
//! ```text
//! write() -> [A: sha256(compressed) + inflate] -> 256 KiB blocks, bounded -> [B: sha256(tar) + tar + files]
//! ```

mod attributes;
pub mod compare;
mod directories;
pub mod error;
mod extract;
mod inflate;
pub mod inherit;
mod path;
mod pipeline;
pub mod sink;
pub mod tar;
pub mod tree;

pub use error::{Kind, LayerError};
pub use extract::{Extractor, Limits, Unpacked};
pub use sink::{LayerOptions, LayerResult, Sink};
