//! The addresses, a file a noun.

mod attachments;
mod body;
mod desk;
mod directory;
mod pages;
mod reporter;

use super::refusal::Refusal;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, ResponseError, Route, guard};

const READ: &str = "GET, HEAD";
const WRITE: &str = "POST";

/// Every address there is, and its methods. Other methods are refused with 405.
pub(super) fn all(config: &mut ServiceConfig) {
    config
        .service(at("/api/v1/directory", "GET, HEAD, POST").route(get().to(directory::read)).post(directory::publish))
        .service(at("/api/v1/directory/{version}", READ).route(get().to(directory::read_version)))
        .service(at("/api/v1/challenge", READ).route(get().to(reporter::challenge)))
        .service(at("/api/v1/reports", WRITE).post(reporter::send))
        .service(at("/api/v1/attachments", WRITE).post(attachments::send))
        .service(at("/api/v1/attachments/held", WRITE).post(attachments::held))
        .service(at("/api/v1/mailbox", WRITE).post(reporter::mailbox))
        .service(at("/api/v1/gate", WRITE).post(desk::login))
        .service(at("/api/v1/feed", READ).route(get().to(desk::feed)))
        .service(at("/api/v1/freshness", WRITE).post(desk::freshness))
        .service(at("/api/v1/cases", WRITE).post(desk::case))
        .service(at("/api/v1/replies", WRITE).post(desk::reply))
        .service(at("/api/v1/openapi.json", READ).route(get().to(pages::openapi)))
        .service(at("/authority", READ).route(get().to(pages::authority)))
        .service(at("/", READ).route(get().to(pages::front)))
        .service(web::resource(FILE).route(get().to(pages::file)).default_service(web::to(no_file)));
}

const FILE: &str = "/{file:[a-z0-9][A-Za-z0-9._/-]*}";

fn at(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move { wrong_method(allow) }))
}

/// HEAD is answered as GET is, without the body: the codec sees to that.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Any other address.
pub(super) async fn nothing_here() -> HttpResponse {
    Refusal("not_found").error_response()
}

/// Unknown files take no method at all.
async fn no_file(request: HttpRequest) -> HttpResponse {
    if pages::is_page(request.path()) { wrong_method(READ) } else { nothing_here().await }
}

fn wrong_method(allow: &'static str) -> HttpResponse {
    let mut answer = Refusal("method_not_allowed").error_response();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    answer
}

/// Runs a deed that may wait for the disk, off the threads that serve.
async fn blocking<T: Send + 'static, E: Into<Refusal> + Send + 'static>(
    deed: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Refusal> {
    web::block(deed).await.map_err(|_| Refusal("shutting_down"))?.map_err(Into::into)
}
