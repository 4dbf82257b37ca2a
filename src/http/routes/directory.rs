//! The directory, its versions, and taking a new one.

use super::body::json;
use super::{blocking, pages};
use crate::http::Origin;
use crate::http::refusal::Refusal;
use actix_web::http::header;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const DIRECTORY_MAX_BYTES: usize = 2 << 20;
const JSON: &str = "application/json";

/// The one answer that is compressed as it is asked for: it is public, and the heaviest thing a page needs beside itself.
pub(super) async fn read(origin: Data<Origin>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let small = pages::takes(&request, "gzip");
    let found =
        blocking(move || origin.directories.bundle().map(|bundle| bundle.map(|json| if small { gzip(&json) } else { Ok(json) }))).await?;
    let body = found.ok_or(Refusal("no_such_version"))?.map_err(|_| Refusal("shutting_down"))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(JSON).insert_header((header::VARY, "accept-encoding"));
    if small {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.body(body))
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
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
