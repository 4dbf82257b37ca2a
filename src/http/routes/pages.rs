//! The pages: static, the same for every deployment of a release.

use crate::base::assets::{Asset, asset};
use crate::http::Origin;
use crate::http::refusal::Refusal;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

const ROOM: &str = "report/";
const OPENAPI: &str = include_str!("../openapi.json");

/// A folder is its page: `es/` is `es/index.html`.
fn page(path: &str) -> Option<&'static Asset> {
    let end = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
    asset(&format!("{ROOM}{path}{end}"))
}

pub(super) fn is_page(path: &str) -> bool {
    path.strip_prefix('/').and_then(page).is_some()
}

/// Whether the browser takes a coding; one that it weighs with nought it does not.
pub(super) fn takes(request: &HttpRequest, coding: &str) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_it = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        is_it && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn serve(request: &HttpRequest, asset: &'static Asset) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type(asset.media_type).insert_header((header::VARY, "accept-encoding"));
    let forms = [("br", asset.brotli), ("gzip", asset.gzip)];
    match forms.into_iter().find_map(|(coding, bytes)| bytes.filter(|_| takes(request, coding)).map(|bytes| (coding, bytes))) {
        Some((coding, bytes)) => answer.insert_header((header::CONTENT_ENCODING, coding)).body(bytes),
        None => answer.body(asset.bytes),
    }
}

pub(super) async fn front(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    page("").map(|asset| serve(&request, asset)).ok_or(Refusal("not_found"))
}

pub(super) async fn file(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, Refusal> {
    page(&path).map(|asset| serve(&request, asset)).ok_or(Refusal("not_found"))
}

/// The fingerprint, for pages that were opened without one.
pub(super) async fn authority(origin: Data<Origin>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("{}\n", origin.directories.deployment()))
}

pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(OPENAPI)
}
