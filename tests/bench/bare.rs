//! What nothing can be faster than: bytes written and synced; a file streamed by a bare actix handler.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

const PIECE: usize = 1 << 20;

/// Writes so many bytes as `dd conv=fsync` does; gives the time.
pub fn write(path: &Path, bytes: usize) -> Duration {
    let piece: Vec<u8> = (0..PIECE).map(|i| u8::try_from((i * 31 + (i >> 7)) % 256).unwrap()).collect();
    let begun = Instant::now();
    let mut file = File::create(path).unwrap();
    for _ in 0..bytes / PIECE {
        file.write_all(&piece).unwrap();
    }
    file.sync_all().unwrap();
    begun.elapsed()
}

/// The same bytes as files of 8 MiB, each durable by itself as a part must be: written, synced, named, its folder synced.
pub fn write_parts(folder: &Path, bytes: usize) -> Duration {
    let piece: Vec<u8> = (0..PIECE).map(|i| u8::try_from((i * 31 + (i >> 7)) % 256).unwrap()).collect();
    std::fs::create_dir(folder).unwrap();
    let begun = Instant::now();
    for n in 0..bytes / (8 * PIECE) {
        let (new, name) = (folder.join("new"), folder.join(n.to_string()));
        let mut file = File::create(&new).unwrap();
        (0..8).for_each(|_| file.write_all(&piece).unwrap());
        file.sync_all().unwrap();
        std::fs::rename(new, name).unwrap();
        File::open(folder).unwrap().sync_all().unwrap();
    }
    let taken = begun.elapsed();
    std::fs::remove_dir_all(folder).unwrap();
    taken
}

/// A bare server of one file: reads 64 KiB off the serving thread, sends, reads on.
pub struct Bare {
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: std::thread::JoinHandle<()>,
}

impl Bare {
    pub fn start(path: PathBuf) -> Self {
        let (started, starting) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || App::new().app_data(web::Data::new(path.clone())).route("/", web::get().to(stream));
                let server = HttpServer::new(app).workers(2).disable_signals().bind("127.0.0.1:0").unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                started.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = starting.recv().unwrap();
        Self { address, handle, thread }
    }

    pub fn stop(self) {
        drop(self.handle.stop(false));
        self.thread.join().unwrap();
    }
}

async fn stream(path: web::Data<PathBuf>) -> HttpResponse {
    let file = File::open(path.as_path()).unwrap();
    let length = file.metadata().unwrap().len();
    HttpResponse::Ok().body(Pieces { length, reading: Some(read(file)) })
}

type Reading = Pin<Box<dyn Future<Output = (web::Bytes, File)>>>;

fn read(mut file: File) -> Reading {
    let begun = web::block(move || {
        let mut piece = vec![0; 64 << 10];
        let n = file.read(&mut piece).unwrap();
        piece.truncate(n);
        (web::Bytes::from(piece), file)
    });
    Box::pin(async { begun.await.unwrap() })
}

struct Pieces {
    length: u64,
    reading: Option<Reading>,
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let (piece, file) = std::task::ready!(reading.as_mut().poll(cx));
        self.reading = (!piece.is_empty()).then(|| read(file));
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

/// Sends a request and throws the answer away; its length without the head.
pub fn ask(address: SocketAddr, request: &[u8]) -> usize {
    let mut line = TcpStream::connect(address).unwrap();
    line.write_all(request).unwrap();
    let (mut piece, mut start, mut all) = (vec![0; 256 << 10], Vec::new(), 0);
    loop {
        let n = line.read(&mut piece).unwrap();
        if n == 0 {
            break;
        }
        if start.len() < 4096 {
            start.extend_from_slice(&piece[..n.min(4096)]);
        }
        all += n;
    }
    assert!(start.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&start[..start.len().min(600)]));
    all - start.windows(4).position(|w| w == b"\r\n\r\n").unwrap() - 4
}

pub fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
