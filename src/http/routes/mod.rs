//! The addresses, a file a noun.

mod body;
mod desk;
mod directory;
mod pages;
mod reporter;

use super::refusal::Refusal;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

/// Every address there is, and its methods. Other methods are refused with 405.
pub(super) fn all(config: &mut ServiceConfig) {
    let other = || web::to(wrong_method);
    config
        .service(web::resource("/api/v1/directory").get(directory::read).post(directory::publish).default_service(other()))
        .service(web::resource("/api/v1/directory/{version}").get(directory::read_version).default_service(other()))
        .service(web::resource("/api/v1/challenge").get(reporter::challenge).default_service(other()))
        .service(web::resource("/api/v1/reports").post(reporter::send).default_service(other()))
        .service(web::resource("/api/v1/mailbox").post(reporter::mailbox).default_service(other()))
        .service(web::resource("/api/v1/gate").post(desk::login).default_service(other()))
        .service(web::resource("/api/v1/feed").get(desk::feed).default_service(other()))
        .service(web::resource("/api/v1/freshness").post(desk::freshness).default_service(other()))
        .service(web::resource("/api/v1/cases").post(desk::case).default_service(other()))
        .service(web::resource("/api/v1/replies").post(desk::reply).default_service(other()))
        .service(web::resource("/api/v1/openapi.json").get(pages::openapi).default_service(other()))
        .service(web::resource("/authority").get(pages::authority).default_service(other()))
        .service(web::resource("/").get(pages::front).default_service(other()))
        .service(web::resource("/{file:[a-z0-9][A-Za-z0-9._/-]*}").get(pages::file).default_service(other()));
}

/// Any other address.
pub(super) async fn nothing_here() -> HttpResponse {
    Refusal("not_found").error_response()
}

async fn wrong_method(request: HttpRequest) -> HttpResponse {
    // Unknown files take no method at all.
    let known = request.path().starts_with("/api/") || pages::is_page(request.path());
    if known { Refusal("method_not_allowed").error_response() } else { Refusal("not_found").error_response() }
}

/// Runs a deed that may wait for the disk, off the threads that serve.
async fn blocking<T: Send + 'static, E: Into<Refusal> + Send + 'static>(
    deed: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Refusal> {
    web::block(deed).await.map_err(|_| Refusal("shutting_down"))?.map_err(Into::into)
}
