//! `amparo serve`, the true server, in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_amparo");

/// The shell ends the server when its own standard input closes: also when the tests end without a word.
const KEEPER: &str =
    r#""$0" serve --config "$1" >"$2" 2>&1 </dev/null & p=$!; echo $p; read -r _; kill $p; wait $p; [ -z "$3" ] || rm -rf "$3""#;

pub struct Server {
    pub url: String,
    pub port: u16,
    pub pid: u32,
    /// The store's folder.
    pub data: PathBuf,
    /// Standard output and standard error.
    pub log: PathBuf,
    keeper: Child,
}

impl Server {
    /// Starts one in `folder` under a name; `goes` is a folder that is removed after it ended.
    pub fn start(folder: &Path, (name, authority): (&str, &str), batch_minutes: u32, goes: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (data, log, config) =
            (folder.join(format!("{name}-store")), folder.join(format!("{name}.log")), folder.join(format!("{name}.toml")));
        let settings = format!(
            "data = {data:?}\nauthority = {:?}\nwork_bits = 4\nlog = \"trace\"\n[listen]\ntcp = \"127.0.0.1:{port}\"\n[schedule]\nbatch_minutes = {batch_minutes}\n",
            folder.join(authority)
        );
        fs::write(&config, settings).unwrap();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, PROGRAM]).args([&config, &log]).arg(goes);
        let mut keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let pid = pid.trim().parse().unwrap();
        let server = Self { url: format!("http://127.0.0.1:{port}"), port, pid, data, log, keeper };
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the server does not listen: {}", fs::read_to_string(&server.log).unwrap_or_default());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
