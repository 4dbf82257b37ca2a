//! The screen: pages on loopback that draw what this program gives them and do no cryptography.
//!
//! A one-time token in the address is exchanged for a session secret that the page keeps in memory. Host and Origin must be exactly this address, so that
//! no other page of the browser can speak to it.

mod download;
mod guard;
mod routes;

use self::download::Downloads;
use self::guard::Guard;
use super::Desk;
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpServer, web};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// No free port on loopback.
    #[error("the screen cannot listen on this machine")]
    Bind,
}

/// The desk and who may speak to it.
pub(super) struct Screen {
    desk: Mutex<Desk>,
    guard: Guard,
    downloads: Downloads,
}

/// Serves the screen until the program is stopped; `say` is told its address, with the token.
pub fn run_screen(desk: Desk, say: &mut dyn FnMut(&str)) -> Result<(), ScreenError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|_| ScreenError::Bind)?;
    let port = listener.local_addr().map_err(|_| ScreenError::Bind)?.port();
    let (guard, token) = Guard::new(port);
    let screen = web::Data::new(Screen { desk: Mutex::new(desk), guard, downloads: Downloads::default() });
    let app = move || App::new().app_data(screen.clone()).wrap(headers()).configure(routes::all);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(app).workers(1).listen(listener).map_err(|_| ScreenError::Bind)?.run();
        say(&format!("http://127.0.0.1:{port}/#{token}"));
        server.await.map_err(|_| ScreenError::Bind)
    })
}

fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("content-security-policy", CONTENT_SECURITY_POLICY))
        .add(("referrer-policy", "no-referrer"))
        .add(("x-content-type-options", "nosniff"))
        .add(("x-frame-options", "DENY"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add(("cache-control", "no-store"))
}
