//! What the screen asks of the desk. Each answer is JSON; each refusal a problem with a stable code.

use super::guard::Whence;
use super::{Screen, download};
use crate::base::assets::{Asset, asset};
use crate::desk::{Desk, DeskError};
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::PoisonError;

const SECRET_HEADER: &str = "x-amparo-session";
const JSON_MAX_BYTES: usize = 1 << 20;

pub(super) fn all(config: &mut ServiceConfig) {
    config
        .app_data(web::JsonConfig::default().limit(JSON_MAX_BYTES))
        .route("/api/session", web::post().to(begin))
        .route("/api/me", web::get().to(me))
        .route("/api/sync", web::post().to(sync))
        .route("/api/inbox", web::get().to(inbox))
        .route("/api/cases/{id}", web::get().to(open))
        .route("/api/cases/{id}/reply", web::post().to(reply))
        .route("/api/cases/{id}/refer", web::post().to(refer))
        .route("/api/cases/{id}/note", web::post().to(note))
        .route("/api/cases/{id}/export", web::post().to(export))
        .route("/api/cases/{id}/attachments/{blob}", web::post().to(download::prepare))
        .route("/download/{ticket}", web::get().to(download::download))
        .route("/", web::get().to(front))
        .route("/{file:[a-z0-9][A-Za-z0-9._/-]*}", web::get().to(file));
}

fn problem(status: StatusCode, code: &str, title: &str, detail: &str) -> HttpResponse {
    let body =
        json!({"type": format!("urn:amparo:problem:{code}"), "title": title, "status": status.as_u16(), "code": code, "detail": detail});
    HttpResponse::build(status).content_type("application/problem+json").body(body.to_string())
}

fn failed(error: &DeskError) -> HttpResponse {
    problem(StatusCode::CONFLICT, error.code(), &error.to_string(), error.what_to_do())
}

fn header_text(request: &HttpRequest, name: impl header::AsHeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

pub(super) fn is_from_here(screen: &Screen, request: &HttpRequest) -> bool {
    let (host, origin) = (header_text(request, header::HOST), header_text(request, header::ORIGIN));
    screen.guard.is_from_here(&Whence { host, origin, fetch_site: header_text(request, "sec-fetch-site") })
}

pub(super) fn stranger() -> HttpResponse {
    problem(StatusCode::FORBIDDEN, "not_from_here", "This screen answers its own page alone", "open the address that the program printed")
}

/// Runs a deed for the page that began the session, and for no other.
pub(super) async fn deed<T: Serialize + Send + 'static>(
    screen: Data<Screen>,
    request: HttpRequest,
    act: impl FnOnce(&mut Desk) -> Result<T, DeskError> + Send + 'static,
) -> HttpResponse {
    if !is_from_here(&screen, &request) || !screen.guard.knows(header_text(&request, SECRET_HEADER)) {
        return stranger();
    }
    let done = web::block(move || act(&mut screen.desk.lock().unwrap_or_else(PoisonError::into_inner))).await;
    match done {
        Ok(Ok(value)) => HttpResponse::Ok().json(value),
        Ok(Err(error)) => failed(&error),
        Err(_) => problem(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The program is stopping", "start it again"),
    }
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

async fn begin(screen: Data<Screen>, request: HttpRequest, body: Json<Token>) -> HttpResponse {
    if !is_from_here(&screen, &request) {
        return stranger();
    }
    match screen.guard.begin(&body.token) {
        Some(session) => HttpResponse::Ok().json(json!({"session": session})),
        None => stranger(),
    }
}

async fn me(screen: Data<Screen>, request: HttpRequest) -> HttpResponse {
    deed(screen, request, |desk| desk.me()).await
}

async fn sync(screen: Data<Screen>, request: HttpRequest) -> HttpResponse {
    deed(screen, request, Desk::sync).await
}

async fn inbox(screen: Data<Screen>, request: HttpRequest) -> HttpResponse {
    deed(screen, request, |desk| Ok(desk.inbox())).await
}

async fn open(screen: Data<Screen>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    deed(screen, request, move |desk| desk.open_case(&id)).await
}

#[derive(Deserialize)]
struct ReplyBody {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    status: Option<crate::caselog::StatusWord>,
}

async fn reply(screen: Data<Screen>, request: HttpRequest, id: Path<String>, body: Json<ReplyBody>) -> HttpResponse {
    let body = body.into_inner();
    let act = move |desk: &mut Desk| {
        desk.reply(&id, body.text.as_deref(), body.status)?;
        desk.open_case(&id)
    };
    deed(screen, request, act).await
}

#[derive(Deserialize)]
struct ReferBody {
    office: String,
    why: String,
}

async fn refer(screen: Data<Screen>, request: HttpRequest, id: Path<String>, body: Json<ReferBody>) -> HttpResponse {
    let act = move |desk: &mut Desk| {
        desk.refer(&id, &body.office, &body.why)?;
        desk.open_case(&id)
    };
    deed(screen, request, act).await
}

#[derive(Deserialize)]
struct NoteBody {
    text: String,
}

async fn note(screen: Data<Screen>, request: HttpRequest, id: Path<String>, body: Json<NoteBody>) -> HttpResponse {
    let act = move |desk: &mut Desk| {
        desk.note(&id, &body.text)?;
        desk.open_case(&id)
    };
    deed(screen, request, act).await
}

#[derive(Serialize)]
struct Exported {
    file: String,
}

async fn export(screen: Data<Screen>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| DeskError::State);
    deed(screen, request, move |desk| Ok(Exported { file: text(desk.export(&id)?)? })).await
}

fn page(request: &HttpRequest, asset: Option<&'static Asset>, screen: &Screen) -> HttpResponse {
    match asset {
        Some(asset) if is_from_here(screen, request) => HttpResponse::Ok().content_type(asset.media_type).body(asset.bytes),
        Some(_) => stranger(),
        None => problem(StatusCode::NOT_FOUND, "not_found", "There is nothing here", ""),
    }
}

async fn front(screen: Data<Screen>, request: HttpRequest) -> HttpResponse {
    page(&request, asset("desk/index.html"), &screen)
}

async fn file(screen: Data<Screen>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    page(&request, asset(&format!("desk/{path}")), &screen)
}
