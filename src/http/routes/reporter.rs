//! What a reporter's client asks.

use super::blocking;
use super::body::binary;
use crate::base::encode;
use crate::crypto::work::PUZZLES;
use crate::http::Origin;
use crate::http::refusal::Refusal;
use crate::intake::REQUEST_MAX_BYTES;
use crate::mailbox::REQUEST_BYTES;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

pub(super) async fn challenge(origin: Data<Origin>) -> HttpResponse {
    let nonce = origin.nonces.issue(origin.clock.today());
    let answer = json!({"nonce": encode::base64(&nonce), "bits": origin.work_bits, "puzzles": PUZZLES});
    HttpResponse::Ok().content_type("application/json").body(answer.to_string())
}

pub(super) async fn send(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let bytes = binary(&request, payload, REQUEST_MAX_BYTES).await?;
    blocking(move || origin.intake.admit(&bytes)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn mailbox(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let bytes = binary(&request, payload, REQUEST_BYTES).await?;
    let answer = blocking(move || origin.mailbox.answer(&bytes)).await?;
    Ok(HttpResponse::Ok().content_type("application/octet-stream").body(answer))
}
