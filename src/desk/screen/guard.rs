//! Who may speak to the screen.

use crate::base::encode;
use crate::crypto::{self, same};
use std::sync::{Mutex, PoisonError};

/// The secret of the one session, and the token that begins it, once.
pub(super) struct Guard {
    host: String,
    origin: String,
    token: Mutex<Option<[u8; 32]>>,
    session: Mutex<Option<[u8; 32]>>,
}

/// What a request says of where it comes from.
pub(super) struct Whence<'a> {
    pub(super) host: Option<&'a str>,
    pub(super) origin: Option<&'a str>,
    pub(super) fetch_site: Option<&'a str>,
}

impl Guard {
    /// For a port on loopback; gives the token as text.
    pub(super) fn new(port: u16) -> (Self, String) {
        let token = crypto::random();
        let host = format!("127.0.0.1:{port}");
        let origin = format!("http://{host}");
        (Self { host, origin, token: Mutex::new(Some(token)), session: Mutex::new(None) }, encode::hex(&token))
    }

    /// Another host name (a page that rebinds its own name to loopback), another origin or another site is refused.
    pub(super) fn is_from_here(&self, whence: &Whence<'_>) -> bool {
        let host = whence.host == Some(self.host.as_str());
        let origin = whence.origin.is_none_or(|origin| origin == self.origin);
        let site = whence.fetch_site.is_none_or(|site| site == "same-origin" || site == "none");
        host && origin && site
    }

    /// The token, once, for a session secret.
    pub(super) fn begin(&self, token: &str) -> Option<String> {
        let given: [u8; 32] = encode::from_hex_array(token)?;
        let mut wanted = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if !wanted.as_ref().is_some_and(|wanted| same(wanted, &given)) {
            return None;
        }
        *wanted = None;
        let secret: [u8; 32] = crypto::random();
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
        Some(encode::hex(&secret))
    }

    /// Whether this is the session's secret.
    pub(super) fn knows(&self, secret: Option<&str>) -> bool {
        let given = secret.and_then(encode::from_hex_array::<32>);
        let wanted = *self.session.lock().unwrap_or_else(PoisonError::into_inner);
        matches!((given, wanted), (Some(given), Some(wanted)) if same(&given, &wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whence<'a>(host: &'a str, origin: Option<&'a str>, fetch_site: Option<&'a str>) -> Whence<'a> {
        Whence { host: Some(host), origin, fetch_site }
    }

    #[test]
    fn a_page_of_another_name_or_origin_is_refused() {
        let (guard, _) = Guard::new(4000);
        let here = "127.0.0.1:4000";
        assert!(guard.is_from_here(&whence(here, None, Some("none"))));
        assert!(guard.is_from_here(&whence(here, Some("http://127.0.0.1:4000"), Some("same-origin"))));
        assert!(!guard.is_from_here(&whence("rebound.example:4000", None, None)));
        assert!(!guard.is_from_here(&whence("localhost:4000", None, None)));
        assert!(!guard.is_from_here(&whence(here, Some("http://evil.example"), None)));
        assert!(!guard.is_from_here(&whence(here, Some("null"), None)));
        assert!(!guard.is_from_here(&whence(here, None, Some("cross-site"))));
        assert!(!guard.is_from_here(&Whence { host: None, origin: None, fetch_site: None }));
    }

    #[test]
    fn the_token_begins_one_session_and_no_more() {
        let (guard, token) = Guard::new(4000);
        assert!(!guard.knows(None) && !guard.knows(Some(&token)));
        assert!(guard.begin(&token.replace(char::is_numeric, "0")).is_none());
        let secret = guard.begin(&token).unwrap();
        assert!(guard.knows(Some(&secret)) && !guard.knows(Some(&token)));
        assert!(guard.begin(&token).is_none());
        assert!(guard.knows(Some(&secret)));
    }
}
