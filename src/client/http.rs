//! Plain HTTP with nothing in it that tells who asks: no user agent, no cookies, no redirects, names resolved by the proxy.

use super::ClientError;
use crate::base::encode;
use crate::crypto::work::NONCE_BYTES;
use serde::Deserialize;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body, Proxy};

/// The longest answer that is read: a feed page, and some.
const ANSWER_MAX_BYTES: u64 = 16 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
/// Long: a page of the feed over Tor takes its time.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(300);
/// A part of 8 MiB at 2.4 KiB a second.
const PART_TIMEOUT: Duration = Duration::from_secs(3600);
const BINARY: &str = "application/octet-stream";
const SOCKS: &str = "socks5h://";

/// A refusal of the server (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// HTTP status.
    #[serde(default)]
    pub status: u16,
    /// Plain English, if there is any.
    #[serde(default)]
    pub detail: String,
}

/// A server's challenge.
pub(super) struct Challenge {
    pub nonce: [u8; NONCE_BYTES],
    pub bits: u8,
}

/// A connection to one server.
#[derive(Clone)]
pub struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// `server` is `http://…` or `https://…` without a path; `proxy` is `socks5h://host:port` (the proxy resolves names, so none leak).
    pub fn new(server: &str, proxy: Option<&str>) -> Result<Self, ClientError> {
        let base = server.trim_end_matches('/').to_owned();
        let host = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://")).ok_or(ClientError::BadAddress)?;
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
            return Err(ClientError::BadAddress);
        }
        let proxy = proxy.map(socks).transpose()?;
        let config = Agent::config_builder()
            .proxy(proxy)
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(WHOLE_TIMEOUT));
        Ok(Self { agent: config.build().new_agent(), base })
    }

    /// GET; the body of a 200.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        finish(self.agent.get(self.url(path)).call())
    }

    /// GET with a bearer token.
    pub fn get_with_token(&self, path: &str, token: &str) -> Result<Vec<u8>, ClientError> {
        finish(self.agent.get(self.url(path)).header("authorization", format!("Bearer {token}")).call())
    }

    /// POST of bytes; the body of a 200, empty for a 204.
    pub fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, ClientError> {
        finish(self.agent.post(self.url(path)).content_type(BINARY).send(body))
    }

    /// POST of bytes that may take long: parts of attachments over slow lines.
    pub(super) fn post_long(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, ClientError> {
        let request = self.agent.post(self.url(path)).content_type(BINARY);
        finish(request.config().timeout_global(Some(PART_TIMEOUT)).build().send(body))
    }

    /// POST of JSON.
    pub fn post_json(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, ClientError> {
        finish(self.agent.post(self.url(path)).content_type("application/json").send(body))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A fresh nonce and the work it asks.
    pub(super) fn challenge(&self) -> Result<Challenge, ClientError> {
        #[derive(Deserialize)]
        struct Wire {
            nonce: String,
            bits: u8,
        }
        let wire: Wire = serde_json::from_slice(&self.get("/api/v1/challenge")?).map_err(|_| ClientError::Strange)?;
        let nonce = encode::from_base64(&wire.nonce).and_then(|n| n.try_into().ok()).ok_or(ClientError::Strange)?;
        Ok(Challenge { nonce, bits: wire.bits })
    }
}

fn socks(proxy: &str) -> Result<Proxy, ClientError> {
    if !proxy.starts_with(SOCKS) {
        return Err(ClientError::BadAddress);
    }
    Proxy::new(proxy).map_err(|_| ClientError::BadAddress)
}

fn finish(answer: Result<Response<Body>, ureq::Error>) -> Result<Vec<u8>, ClientError> {
    let mut answer = answer.map_err(|_| ClientError::Unreachable)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(ANSWER_MAX_BYTES).read_to_vec().map_err(|_| ClientError::Unreachable)?;
    match status {
        200..=299 => Ok(body),
        _ => Err(refusal(status, &body)),
    }
}

fn refusal(status: u16, body: &[u8]) -> ClientError {
    let problem = serde_json::from_slice::<Problem>(body).ok().filter(|problem| is_code(&problem.code));
    problem.map_or(ClientError::Strange, |problem| ClientError::Refused(Problem { status, ..problem }))
}

/// A code is shown to people: only the form of one is believed.
fn is_code(code: &str) -> bool {
    (1..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_leak_nothing_are_taken() {
        assert!(Http::new("http://127.0.0.1:8080", None).is_ok());
        assert!(Http::new("https://example.org/", Some("socks5h://127.0.0.1:9050")).is_ok());
        for (server, proxy) in [
            ("ftp://x", None),
            ("127.0.0.1", None),
            ("http://user@x", None),
            ("http://x/path", None),
            ("http://", None),
            ("http://x", Some("socks5://127.0.0.1:1")),
            ("http://x", Some("http://127.0.0.1:1")),
        ] {
            assert!(matches!(Http::new(server, proxy), Err(ClientError::BadAddress)), "{server} {proxy:?}");
        }
    }

    #[test]
    fn a_strange_refusal_is_not_shown() {
        assert!(matches!(refusal(500, b"<html>"), ClientError::Strange));
        assert!(matches!(refusal(409, br#"{"code":"\u001b[2J"}"#), ClientError::Strange));
        assert!(matches!(refusal(409, br#"{"code":"mailbox_taken"}"#), ClientError::Refused(p) if p.status == 409));
    }
}
