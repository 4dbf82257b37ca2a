//! Reading a body: its length is known and bounded before a byte of it is read.

use crate::http::Patience;
use crate::http::refusal::Refusal;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::{Data, Payload};

const BINARY: &str = "application/octet-stream";

/// The body of a binary request of at most `max` bytes.
pub(super) async fn binary(request: &HttpRequest, payload: Payload, max: usize) -> Result<Vec<u8>, Refusal> {
    of_type(request, payload, max, BINARY).await
}

/// The body of a JSON request of at most `max` bytes.
pub(super) async fn json(request: &HttpRequest, payload: Payload, max: usize) -> Result<Vec<u8>, Refusal> {
    of_type(request, payload, max, "application/json").await
}

/// The length of a request of this type; known and bounded.
pub(super) fn length_of(request: &HttpRequest, wanted: &str, max: usize) -> Result<usize, Refusal> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header(header::CONTENT_TYPE) != Some(wanted) {
        return Err(Refusal("wrong_type"));
    }
    let length = header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).ok_or(Refusal("length_required"))?;
    if length > max {
        return Err(Refusal("too_large"));
    }
    Ok(length)
}

/// How long this server waits.
pub(super) fn patience(request: &HttpRequest) -> Patience {
    request.app_data::<Data<Patience>>().map_or_else(Patience::default, |patience| *patience.get_ref())
}

async fn of_type(request: &HttpRequest, payload: Payload, max: usize, wanted: &str) -> Result<Vec<u8>, Refusal> {
    length_of(request, wanted, max)?;
    let body = timeout(patience(request).body, payload.to_bytes_limited(max)).await.map_err(|_| Refusal("timeout"))?;
    let body = body.map_err(|_| Refusal("too_large"))?.map_err(|_| Refusal("malformed"))?;
    Ok(body.to_vec())
}
