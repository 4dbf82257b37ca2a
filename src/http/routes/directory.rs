//! The directory, its versions, and taking a new one.

use super::blocking;
use super::body::json;
use crate::http::Origin;
use crate::http::refusal::Refusal;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

const DIRECTORY_MAX_BYTES: usize = 2 << 20;
const JSON: &str = "application/json";

pub(super) async fn read(origin: Data<Origin>) -> Result<HttpResponse, Refusal> {
    let bundle = blocking(move || origin.directories.bundle()).await?.ok_or(Refusal("no_such_version"))?;
    Ok(HttpResponse::Ok().content_type(JSON).body(bundle))
}

pub(super) async fn read_version(origin: Data<Origin>, version: Path<String>) -> Result<HttpResponse, Refusal> {
    // One form of a number: no sign, no leading zeros.
    let number: Option<u32> = version.parse().ok().filter(|number: &u32| number.to_string() == *version);
    let version = number.ok_or(Refusal("no_such_version"))?;
    let signed = blocking(move || origin.directories.version(version)).await?.ok_or(Refusal("no_such_version"))?;
    let answer = [&br#"{"directory":"#[..], &signed, b"}"].concat();
    Ok(HttpResponse::Ok().content_type(JSON).body(answer))
}

pub(super) async fn publish(origin: Data<Origin>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let signed = json(&request, payload, DIRECTORY_MAX_BYTES).await?;
    blocking(move || origin.directories.take(&signed)).await?;
    Ok(HttpResponse::NoContent().finish())
}
