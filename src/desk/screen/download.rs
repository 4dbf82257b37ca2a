//! Attachments for the browser's own downloads: a ticket that opens one address once, and bytes that no page may run.

use super::Screen;
use super::routes::{deed, is_from_here, stranger};
use crate::base::encode;
use crate::crypto;
use crate::desk::{AttachmentFetch, DeskError};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// Tickets that wait; the oldest goes when there are more.
const WAITING_MAX: usize = 8;
const NAME_CHARS: usize = 100;

type Ticket = [u8; 16];

/// An attachment that was asked for and not yet fetched.
struct Waiting {
    ticket: Ticket,
    fetch: AttachmentFetch,
    about: (String, String),
}

/// Downloads that may begin.
#[derive(Default)]
pub(super) struct Downloads(Mutex<Vec<Waiting>>);

impl Downloads {
    fn put(&self, fetch: AttachmentFetch, about: (String, String)) -> Ticket {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING_MAX {
            waiting.remove(0);
        }
        let ticket = crypto::random();
        waiting.push(Waiting { ticket, fetch, about });
        ticket
    }

    fn take(&self, ticket: &str) -> Option<Waiting> {
        let ticket: Ticket = encode::from_hex_array(ticket)?;
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|one| crypto::same(&one.ticket, &ticket))?;
        Some(waiting.remove(at))
    }
}

/// The page asks with its session's secret, which a link cannot carry; it gets an address that works once.
pub(super) async fn prepare(screen: Data<Screen>, request: HttpRequest, path: Path<(String, String)>) -> HttpResponse {
    let (about, downloads) = (path.into_inner(), screen.clone());
    let act = move |desk: &mut crate::desk::Desk| {
        let fetch = desk.attachment(&about.0, &about.1)?;
        let ticket = downloads.downloads.put(fetch, about);
        Ok(json!({"path": format!("/download/{}", encode::hex(&ticket))}))
    };
    deed(screen, request, act).await
}

pub(super) async fn download(screen: Data<Screen>, request: HttpRequest, ticket: Path<String>) -> HttpResponse {
    let waiting = if is_from_here(&screen, &request) { screen.downloads.take(&ticket) } else { None };
    let Some(Waiting { fetch, about, .. }) = waiting else { return stranger() };
    let (length, name) = (fetch.view.size, disposition(&fetch.view.name));
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(Outgoing { length, reading: next(fetch, screen.clone(), about.clone()), screen, about })
}

/// The name as a reporter's client gave it, without what a file system or a reader could be misled by.
fn disposition(name: &str) -> String {
    let is_misleading = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c) || ('\u{200b}'..='\u{206f}').contains(&c) || c == '\u{feff}';
    let safe: String = name.chars().map(|c| if is_misleading(c) { '_' } else { c }).collect();
    let safe: String = safe.trim_matches(['.', ' ']).chars().take(NAME_CHARS).collect();
    let safe = if safe.is_empty() { "attachment".into() } else { safe };
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    format!("attachment; filename=\"attachment\"; filename*=UTF-8''{}", safe.bytes().map(one).collect::<String>())
}

type Next = Result<Option<(Bytes, AttachmentFetch)>, DeskError>;
type Reading = Pin<Box<dyn Future<Output = Result<Next, actix_web::error::BlockingError>>>>;

/// Fetches the next part; what is not what the message says is noted with the case.
fn next(mut fetch: AttachmentFetch, screen: Data<Screen>, (id, blob): (String, String)) -> Reading {
    Box::pin(web::block(move || {
        let part = fetch.next_part();
        if let Err(error) = &part {
            screen.desk.lock().unwrap_or_else(PoisonError::into_inner).note_attachment(&id, &blob, error)?;
        }
        Ok(part?.map(|bytes| (Bytes::copy_from_slice(&bytes), fetch)))
    }))
}

struct Outgoing {
    length: u64,
    reading: Reading,
    screen: Data<Screen>,
    about: (String, String),
}

/// A download that fails is cut off before its length is reached: the browser tells it from a whole one.
#[derive(Debug, thiserror::Error)]
#[error("the attachment cannot be given out")]
struct CutOff;

impl MessageBody for Outgoing {
    type Error = CutOff;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        let this = self.get_mut();
        loop {
            return Poll::Ready(match ready!(this.reading.as_mut().poll(cx)) {
                Ok(Ok(Some((bytes, fetch)))) => {
                    this.reading = next(fetch, this.screen.clone(), this.about.clone());
                    // A last part can hold nothing but padding.
                    if bytes.is_empty() {
                        continue;
                    }
                    Some(Ok(bytes))
                }
                Ok(Ok(None)) => None,
                _ => Some(Err(CutOff)),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_folder_or_hide_its_ending() {
        let of = |name: &str| disposition(name).split_once("UTF-8''").unwrap().1.to_owned();
        assert_eq!(of("foto de la entrada.jpg"), "foto%20de%20la%20entrada.jpg");
        assert_eq!(of("../../.bashrc"), "_.._.bashrc");
        assert_eq!(of("a\u{202e}gpj.exe"), "a_gpj.exe");
        assert_eq!((of(""), of(". ..")), ("attachment".into(), "attachment".into()));
        assert_eq!(of("a\r\nset-cookie: x\";"), "a__set-cookie_%20x_%3B");
        assert!(disposition(&"x".repeat(5000)).len() < 200);
    }
}
