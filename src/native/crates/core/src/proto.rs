//! Frames between addon, zygote and supervisors.
