//! The port to what is kept: trait Store, its makers, shred keys.
