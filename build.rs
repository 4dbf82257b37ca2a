//! Builds the pages of `web/` into the binary.
//!
//! Writes `$OUT_DIR/assets.rs`: `pub static ASSETS: &[Asset]` with every file of the bundler's output. `AMPARO_WEB_DIST` names a folder that a packager
//! built before; else `npm ci` runs when `node_modules` is older than `package-lock.json`, and the bundler when any source changed.

#![expect(clippy::print_stderr, reason = "a build script speaks to the person who builds")]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

const SOURCES: [&str; 11] = [
    "web/report",
    "web/desk",
    "web/locales",
    "web/icon.svg",
    "web/build.mjs",
    "web/build",
    "web/package.json",
    "web/package-lock.json",
    "config/questionnaire.json",
    "src/words/bip39",
    "build.rs",
];

fn main() {
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    println!("cargo:rerun-if-env-changed=AMPARO_WEB_DIST");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));
    let dist = match env::var_os("AMPARO_WEB_DIST") {
        Some(built) => PathBuf::from(built),
        None => bundle(&root.join("web"), &out.join("web")),
    };
    let mut files = Vec::new();
    collect(&dist, &dist, &mut files);
    files.sort();
    if files.is_empty() {
        fail(&format!("{} holds no pages", dist.display()), "build web/ first, or unset AMPARO_WEB_DIST");
    }
    write_table(&dist, &files, &out.join("assets.rs"));
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("{name} is not set"), "run this through cargo"))
}

fn fail(what_is_so: &str, what_to_do: &str) -> ! {
    eprintln!("{what_is_so}\n{what_to_do}");
    exit(1)
}

fn bundle(web: &Path, dist: &Path) -> PathBuf {
    let lock = web.join("package-lock.json");
    let installed = web.join("node_modules/.package-lock.json");
    let time = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
    if time(&installed).is_none() || time(&installed) < time(&lock) {
        run(web, "npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts=false"]);
    }
    run(web, "node", &["build.mjs", &dist.to_string_lossy()]);
    dist.to_owned()
}

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output
        .unwrap_or_else(|_| fail(&format!("{program} cannot be started"), "install Node.js 20 or newer with npm, or set AMPARO_WEB_DIST"));
    if !output.status.success() {
        eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        fail(&format!("{program} {} failed", arguments.join(" ")), "see above; the pages are in web/");
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| fail(&format!("{} cannot be read", folder.display()), "build web/ first"));
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Files `x.br` and `x.gz` are compressed forms of `x`, not pages.
fn write_table(dist: &Path, files: &[String], to: &Path) {
    let mut table = String::from("/// The pages, by path below the bundler's output.\npub static ASSETS: &[Asset] = &[\n");
    for file in files.iter().filter(|file| !file.ends_with(".br") && !file.ends_with(".gz")) {
        let form = |ending: &str| {
            let name = format!("{file}.{ending}");
            if files.contains(&name) { format!("Some(include_bytes!({:?}))", dist.join(name)) } else { "None".to_owned() }
        };
        let (brotli, gzip) = (form("br"), form("gz"));
        let bytes = format!("include_bytes!({:?})", dist.join(file));
        let _ = writeln!(
            table,
            "    Asset {{ path: {file:?}, bytes: {bytes}, brotli: {brotli}, gzip: {gzip}, media_type: {:?} }},",
            media_type(file)
        );
    }
    table.push_str("];\n");
    fs::write(to, table).unwrap_or_else(|_| fail("the table of pages cannot be written", "check that the disk is not full"));
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
