//! Root file system of an instance: overlay, mounts, masks, devices, pivot.
