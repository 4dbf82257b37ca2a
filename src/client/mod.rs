//! What a reporter and a member do, over HTTP or SOCKS.
