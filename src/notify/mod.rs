//! Letters to members: the same letter at fixed hours.
