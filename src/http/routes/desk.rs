//! What a member's program asks.

use super::body::binary;
use super::{attachments, blocking};
use crate::base::encode;
use crate::directory::NOTE_BYTES;
use crate::feed::{CASE_REQUEST_MAX_BYTES, CaseAnswer, REPLY_REQUEST_BYTES, TOKEN_SECONDS};
use crate::http::Origin;
use crate::http::refusal::Refusal;
use actix_web::http::header;
use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

const LOGIN_BYTES: usize = 36 + 64;
const BINARY: &str = "application/octet-stream";

pub(super) async fn login(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let bytes = binary(&request, payload, LOGIN_BYTES).await?;
    let token = origin.feed.login(&bytes).map_err(Refusal::from)?;
    let answer = json!({"token": encode::base64(&token), "seconds": TOKEN_SECONDS});
    Ok(HttpResponse::Ok().content_type("application/json").body(answer.to_string()))
}

#[derive(Deserialize)]
pub(super) struct From {
    from: u32,
}

pub(super) async fn feed(origin: Data<Origin>, request: HttpRequest, from: Option<Query<From>>) -> Result<HttpResponse, Refusal> {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).and_then(encode::from_base64);
    let token: [u8; 32] = token.and_then(|token| token.try_into().ok()).ok_or(Refusal("token_expired"))?;
    let from = from.ok_or(Refusal("malformed"))?.from;
    let page = blocking(move || origin.feed.page(&token, from)).await?;
    Ok(HttpResponse::Ok().content_type(BINARY).body(page))
}

pub(super) async fn freshness(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let bytes = binary(&request, payload, NOTE_BYTES).await?;
    blocking(move || origin.feed.take_freshness(&bytes)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn case(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    about_case(origin, request, payload, false).await
}

pub(super) async fn reply(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    about_case(origin, request, payload, true).await
}

async fn about_case(origin: Data<Origin>, request: HttpRequest, payload: Payload, replies: bool) -> Result<HttpResponse, Refusal> {
    let max = if replies { REPLY_REQUEST_BYTES } else { CASE_REQUEST_MAX_BYTES };
    let bytes = binary(&request, payload, max).await?;
    let answer = blocking(move || origin.feed.case_request(&bytes, replies)).await?;
    Ok(match answer {
        CaseAnswer::Body(body) => HttpResponse::Ok().content_type(BINARY).body(body),
        CaseAnswer::Part(part) => attachments::answer(part),
        CaseAnswer::Done => HttpResponse::NoContent().finish(),
    })
}
