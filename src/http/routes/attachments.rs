//! Parts of attachments: streamed in by a reporter's client, streamed out to a desk, in constant memory.

use super::blocking;
use super::body::{binary, length_of, patience};
use crate::feed::PartAnswer;
use crate::http::Origin;
use crate::http::refusal::Refusal;
use crate::intake::{PART_FRONT_BYTES, PART_REQUEST_MAX_BYTES, PARTS_QUERY_BYTES, PartAdmission, PartIntake};
use crate::store::PartReader;
use actix_web::body::{BodySize, BodyStream, MessageBody};
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A part must be there within this time, however slow its line: 8 MiB at 2.4 KiB a second.
const PART_TIMEOUT: Duration = Duration::from_secs(3600);
/// What is handed to the disk at once.
const BATCH_BYTES: usize = 256 << 10;
const BINARY: &str = "application/octet-stream";

/// A body as it comes in; a line that is silent for as long as a small body may take is dead, and the part is sent again.
struct Incoming {
    payload: Pin<Box<BodyStream<Payload>>>,
    silence: Duration,
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let chunk = timeout(self.silence, poll_fn(|cx| self.payload.as_mut().poll_next(cx))).await.map_err(|_| Refusal("timeout"))?;
        chunk.transpose().map_err(|_| Refusal("malformed"))
    }

    /// Lets the rest come and go: who is refused in the midst of sending would hear of a broken line alone.
    async fn refuse(mut self, refusal: Refusal) -> Refusal {
        let whole = self.silence;
        let rest = async {
            loop {
                match self.next().await {
                    Ok(Some(_)) => {}
                    Ok(None) => return refusal,
                    Err(broken) => return broken,
                }
            }
        };
        timeout(whole, rest).await.unwrap_or(Refusal("timeout"))
    }
}

pub(super) async fn send(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let length = length_of(&request, BINARY, PART_REQUEST_MAX_BYTES)?;
    let mut incoming = Incoming { payload: Box::pin(BodyStream::new(payload)), silence: patience(&request).body };
    let Some(part_length) = length.checked_sub(PART_FRONT_BYTES) else { return Err(incoming.refuse(Refusal("wrong_length")).await) };
    let mut front = Vec::with_capacity(PART_FRONT_BYTES);
    while front.len() < PART_FRONT_BYTES {
        front.extend_from_slice(&incoming.next().await?.ok_or(Refusal("malformed"))?);
    }
    let begun = front.split_off(PART_FRONT_BYTES);
    let part_length = u64::try_from(part_length).unwrap_or(u64::MAX);
    match blocking(move || origin.intake.begin_part(&front, part_length)).await {
        Ok(PartAdmission::Open(part)) => timeout(PART_TIMEOUT, take(part, begun, incoming)).await.map_err(|_| Refusal("timeout"))?,
        Ok(PartAdmission::Here) => match incoming.refuse(Refusal("")).await {
            Refusal("") => Ok(HttpResponse::NoContent().finish()),
            refusal => Err(refusal),
        },
        Err(refusal) => Err(incoming.refuse(refusal).await),
    }
}

/// While one batch is hashed and written, the next comes in.
async fn take(part: Box<PartIntake>, begun: Vec<u8>, mut incoming: Incoming) -> Result<HttpResponse, Refusal> {
    let mut batch = begun;
    let mut written = write(part, Vec::new());
    while let Some(chunk) = incoming.next().await? {
        batch.extend_from_slice(&chunk);
        if batch.len() >= BATCH_BYTES {
            let part = written.await?;
            written = write(part, std::mem::take(&mut batch));
        }
    }
    let part = written.await?;
    let part = write(part, batch).await?;
    blocking(move || part.finish()).await?;
    Ok(HttpResponse::NoContent().finish())
}

type Written = Pin<Box<dyn Future<Output = Result<Box<PartIntake>, Refusal>>>>;

/// Begins at once, whether it is awaited or not.
fn write(mut part: Box<PartIntake>, batch: Vec<u8>) -> Written {
    let begun = web::block(move || part.write(&batch).map(|()| part));
    Box::pin(async { begun.await.map_err(|_| Refusal("shutting_down"))?.map_err(Refusal::from) })
}

pub(super) async fn held(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let bytes = binary(&request, payload, PARTS_QUERY_BYTES).await?;
    let answer = blocking(move || origin.intake.held_parts(&bytes)).await?;
    Ok(HttpResponse::Ok().content_type(BINARY).body(answer))
}

/// The answer to a desk: what stands before the part, then the part.
pub(super) fn answer(part: PartAnswer) -> HttpResponse {
    let length = u64::try_from(part.front.len()).unwrap_or(u64::MAX).saturating_add(part.length);
    let body = Outgoing { length, front: Some(part.front), reading: read(part.reader) };
    HttpResponse::Ok().content_type(BINARY).body(body)
}

type Reading = Pin<Box<dyn Future<Output = Result<(Option<Vec<u8>>, Box<dyn PartReader>), Refusal>>>>;

/// Begins at once: while one piece is sent, the next is read.
fn read(mut reader: Box<dyn PartReader>) -> Reading {
    let begun = web::block(move || reader.read().map(|piece| (piece, reader)));
    Box::pin(async { begun.await.map_err(|_| Refusal("shutting_down"))?.map_err(Refusal::from) })
}

struct Outgoing {
    length: u64,
    front: Option<Vec<u8>>,
    reading: Reading,
}

impl MessageBody for Outgoing {
    type Error = Refusal;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Refusal>>> {
        let this = self.get_mut();
        if let Some(front) = this.front.take() {
            return Poll::Ready(Some(Ok(front.into())));
        }
        match this.reading.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(refusal)) => Poll::Ready(Some(Err(refusal))),
            Poll::Ready(Ok((None, _))) => Poll::Ready(None),
            Poll::Ready(Ok((Some(piece), reader))) => {
                this.reading = read(reader);
                Poll::Ready(Some(Ok(piece.into())))
            }
        }
    }
}
