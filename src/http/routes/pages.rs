//! The pages: static, the same for every deployment of a release.

use crate::base::assets::{Asset, asset};
use crate::http::Origin;
use crate::http::refusal::Refusal;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

const ROOM: &str = "report/";
const OPENAPI: &str = include_str!("../openapi.json");

fn page(path: &str) -> Option<&'static Asset> {
    asset(&format!("{ROOM}{path}"))
}

pub(super) fn is_page(path: &str) -> bool {
    path.strip_prefix('/').and_then(page).is_some()
}

fn serve(request: &HttpRequest, asset: &'static Asset) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let brotli = asset.brotli.filter(|_| accepted.split(',').any(|coding| coding.trim() == "br"));
    let mut answer = HttpResponse::Ok();
    answer.content_type(asset.media_type).insert_header((header::VARY, "accept-encoding"));
    match brotli {
        Some(bytes) => answer.insert_header((header::CONTENT_ENCODING, "br")).body(bytes),
        None => answer.body(asset.bytes),
    }
}

pub(super) async fn front(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    page("index.html").map(|asset| serve(&request, asset)).ok_or(Refusal("not_found"))
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
