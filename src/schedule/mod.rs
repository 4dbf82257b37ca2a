//! Fixed hours: letters, feed batches, retention.
