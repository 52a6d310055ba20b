//! napi surface of the engine. One module a family; this file is their list.

mod containers;
mod layers;
mod net;
