//! `amparo serve` as a process that is killed and started again on the same folder.

use crate::founding::Founding;
use amparo::client::Http;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const START_TRIES: usize = 5;
const START_MAX: Duration = Duration::from_secs(20);

pub struct Server {
    folder: tempfile::TempDir,
    child: Child,
    pub http: Http,
    pub founding: Arc<Founding>,
    /// The longest start so far.
    pub slowest_start: Duration,
}

/// What can end the server from another thread.
pub struct Killer(pub u32);

impl Killer {
    pub fn kill(&self) {
        let status = Command::new("kill").args(["-9", &self.0.to_string()]).status().unwrap();
        assert!(status.success(), "the server had ended before it was killed");
    }
}

impl Server {
    /// A new deployment, its directory published.
    pub fn new() -> Self {
        let (folder, founding) = (tempfile::tempdir().unwrap(), Founding::now(&[]));
        fs::write(folder.path().join("authority.json"), serde_json::to_vec(&founding.authority).unwrap()).unwrap();
        let (child, http, took) = start(&folder);
        http.post_json("/api/v1/directory", &founding.directory_json()).unwrap();
        Self { folder, child, http, founding: Arc::new(founding), slowest_start: took }
    }

    /// SIGKILL: no handler runs, nothing is written after it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub fn killer(&self) -> Killer {
        Killer(self.child.id())
    }

    /// Starts at once on the same folder, before the killed process is even reaped.
    pub fn restart(&mut self) {
        let (child, http, took) = start(&self.folder);
        let mut killed = std::mem::replace(&mut self.child, child);
        let status = killed.wait().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "it ended by itself: {status}");
        (self.http, self.slowest_start) = (http, self.slowest_start.max(took));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(folder: &tempfile::TempDir) -> (Child, Http, Duration) {
    let began = Instant::now();
    // A port that was free may be taken before the server has it.
    for _ in 0..START_TRIES {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "data = \"store\"\nauthority = \"authority.json\"\nwork_bits = 2\nlog = \"error\"\n\
             [schedule]\nbatch_minutes = 0\n[listen]\ntcp = \"127.0.0.1:{port}\"\n"
        );
        fs::write(folder.path().join("amparo.toml"), config).unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_amparo"));
        let serve = serve.args(["serve", "--config", "amparo.toml"]).current_dir(folder.path()).stdout(Stdio::null());
        let mut child = serve.spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                let http = Http::new(&format!("http://127.0.0.1:{port}"), None).unwrap();
                return (child, http, began.elapsed());
            }
            assert!(began.elapsed() < START_MAX, "the server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    panic!("the server does not start");
}
