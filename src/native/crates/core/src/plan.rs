//! The start plan of one instance, as bytes that cross in a sealed memfd.
