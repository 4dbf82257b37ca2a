//! HTTP/1.1 by hand, so that wrong requests can be made.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code; the code of what is no problem is empty.
    pub fn told(&self) -> (u16, String) {
        (self.status, self.code())
    }

    /// The body as it was before gzip.
    pub fn unpacked(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        match self.header("content-encoding") {
            Some("gzip") => std::io::copy(&mut flate2::read::GzDecoder::new(&self.body[..]), &mut plain).map(|_| plain).unwrap(),
            _ => self.body.clone(),
        }
    }

    /// All but the date, which may turn between two answers.
    pub fn undated(&self) -> (u16, Vec<(String, String)>, Vec<u8>) {
        let mut headers: Vec<_> = self.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
        headers.sort();
        (self.status, headers, self.body.clone())
    }
}

/// What is asked. `length` says another length than the body has, or none.
pub struct Question<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub body: &'a [u8],
    pub length: Option<usize>,
}

impl Question<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(length) = self.length {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        [head.as_bytes(), b"\r\n", self.body].concat()
    }
}

pub fn over_tcp(address: SocketAddr, question: &[u8]) -> Answer {
    let line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    over(line, question)
}

/// Reads one answer. A server that refuses before it has read all may reset the line: what came before counts.
pub fn over(mut line: impl Read + Write, question: &[u8]) -> Answer {
    let _ = line.write_all(question);
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    while !is_whole(&bytes) {
        match line.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
    }
    let (status, headers, start) = head(&bytes).expect("an answer with a head");
    Answer { status, headers, body: bytes[start..].to_vec() }
}

type Head = (u16, Vec<(String, String)>, usize);

/// Status, headers, where the body starts.
fn head(bytes: &[u8]) -> Option<Head> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let text = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    Some((status, headers, end + 4))
}

/// An answer to HEAD is shorter than it says, and ends with the line.
fn is_whole(bytes: &[u8]) -> bool {
    let Some((_, headers, start)) = head(bytes) else { return false };
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse::<usize>().ok());
    length.is_some_and(|length| length > 0 && bytes.len() >= start + length)
}
