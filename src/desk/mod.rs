//! The member's own program: sealed local state, inbox, replies, referral, its screen on loopback.
