//! Starting and stopping.

use super::{Origin, headers, routes, socket};
use crate::base::event::{Event, emit};
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

const KEEP_ALIVE: Duration = Duration::from_secs(15);
const SHUTDOWN_SECONDS: u64 = 10;
const CONNECTIONS_MAX: usize = 4096;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Address and headers.
    pub head: Duration,
    /// The body, from its first byte to its last.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), body: Duration::from_secs(120) }
    }
}

/// Where to listen: an address, a Unix socket, or both.
#[derive(Clone, Debug, Default)]
pub struct Listen {
    /// TCP.
    pub tcp: Option<SocketAddr>,
    /// Unix socket, readable by its group: for tor or a proxy.
    pub unix: Option<PathBuf>,
    /// Threads that serve.
    pub workers: usize,
    /// How long a client may take.
    pub patience: Patience,
}

/// The server could not start.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address or socket is taken or may not be used.
    #[error("cannot listen there")]
    Bind,
    /// Neither address nor socket was given.
    #[error("there is nowhere to listen")]
    Nowhere,
}

/// A server that runs in a thread of its own.
pub struct Running {
    /// Where it listens on TCP.
    pub tcp: Option<SocketAddr>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Lets requests under way end, then stops.
    pub fn stop(mut self) {
        emit(Event::ServerStopping);
        // The future only sends a message; the thread does the work.
        drop(self.handle.stop(true));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts serving.
pub fn start(origin: Arc<Origin>, listen: &Listen) -> Result<Running, HttpError> {
    if listen.tcp.is_none() && listen.unix.is_none() {
        return Err(HttpError::Nowhere);
    }
    let (started, starting) = sync_channel(1);
    let listen = listen.clone();
    let thread = std::thread::Builder::new().name("http".into()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            match bind(origin, &listen) {
                Ok((server, tcp)) => {
                    let _ = started.send(Ok((server.handle(), tcp)));
                    if server.await.is_err() {
                        emit(Event::Internal);
                    }
                }
                Err(error) => drop(started.send(Err(error))),
            }
        });
    });
    let thread = thread.map_err(|_| HttpError::Bind)?;
    let (handle, tcp) = starting.recv().map_err(|_| HttpError::Bind)??;
    emit(Event::ServerStarted);
    Ok(Running { tcp, handle, thread: Some(thread) })
}

fn bind(origin: Arc<Origin>, listen: &Listen) -> Result<(actix_web::dev::Server, Option<SocketAddr>), HttpError> {
    let (data, patience) = (web::Data::from(origin), web::Data::new(listen.patience));
    let app = move || {
        let app = App::new().app_data(data.clone()).app_data(patience.clone());
        let app = app.configure(routes::all).default_service(web::to(routes::nothing_here));
        // The outermost is named last: what the inner ones refuse has its headers too.
        app.wrap(from_fn(headers::within_bounds)).wrap(headers::all())
    };
    let mut server = HttpServer::new(app)
        .workers(listen.workers.max(1))
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(listen.patience.head)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    if let Some(address) = listen.tcp {
        server = server.bind(address).map_err(|_| HttpError::Bind)?;
    }
    let tcp = server.addrs().first().copied();
    if let Some(path) = &listen.unix {
        server = server.listen_uds(socket::listen(path).map_err(|_| HttpError::Bind)?).map_err(|_| HttpError::Bind)?;
    }
    Ok((server.run(), tcp))
}

/// Waits for SIGINT or SIGTERM.
pub fn wait_for_signal() {
    actix_web::rt::System::new().block_on(async {
        let terminate = actix_web::rt::signal::unix::signal(actix_web::rt::signal::unix::SignalKind::terminate());
        let Ok(mut terminate) = terminate else {
            let _ = actix_web::rt::signal::ctrl_c().await;
            return;
        };
        let mut interrupt = std::pin::pin!(actix_web::rt::signal::ctrl_c());
        std::future::poll_fn(|cx| {
            let asked = terminate.poll_recv(cx).is_ready() || interrupt.as_mut().poll(cx).is_ready();
            if asked { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    });
}
