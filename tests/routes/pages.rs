//! Pages and addresses: an anonymous visitor, and one who tries things.

use crate::document::DOCUMENT;
use crate::wire::{Answer, Question, over_tcp};
use crate::world::World;
use std::io::Write;
use std::net::TcpStream;

const PAGES: [&str; 9] =
    ["/", "/index.html", "/choice.js", "/style.css", "/es/", "/pt/", "/en/main.js", "/es/comeback.js", "/words/es.txt"];

fn accepting(world: &World, path: &str, coding: &str) -> Answer {
    let headers = vec![("accept-encoding", coding.to_owned())];
    world.ask(&Question { method: "GET", path, headers, body: &[], length: None })
}

#[test]
fn every_visitor_gets_the_same_pages() {
    let (world, other) = (World::empty(), World::new());
    for path in PAGES {
        let (one, two) = (world.get(path), other.get(path));
        assert_eq!(one.status, 200, "{path}");
        assert!(one.undated() == two.undated() && !one.body.is_empty(), "{path} differs between deployments");
        // Nothing that a visitor sends changes what she gets, nor makes the server remember her.
        let told = ["user-agent", "cookie", "accept-language", "referer", "x-forwarded-for", "if-none-match", "range"];
        let headers = told.map(|name| (name, "bytes=0-9".to_owned())).to_vec();
        let answer = world.ask(&Question { method: "GET", path, headers, body: &[], length: None });
        assert!(answer.undated() == one.undated(), "{path}");
    }
}

#[test]
fn pages_are_compressed_for_those_who_ask_and_nothing_else_is() {
    let world = World::new();
    for path in ["/es/main.js", "/style.css", "/pt/"] {
        let plain = world.get(path);
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        for (asked, given) in [("gzip, br", "br"), ("gzip", "gzip"), ("gzip;q=0.5, br;q=0", "gzip"), ("GZIP", "gzip")] {
            let small = accepting(&world, path, asked);
            assert_eq!(small.header("content-encoding"), Some(given), "{path} {asked}");
            assert!(small.body.len() < plain.body.len(), "{path} {asked}");
        }
        for asked in ["identity", "gzip;q=0", "brotli", "x-gzip", ""] {
            assert_eq!(accepting(&world, path, asked).header("content-encoding"), None, "{path} {asked}");
        }
        assert_eq!(accepting(&world, path, "gzip").unpacked(), plain.body, "{path}");
    }
    // The directory is public and heavy: gzip for those who ask. That it unpacks to what was documented is checked with every answer.
    let (plain, small) = (world.get("/api/v1/directory"), accepting(&world, "/api/v1/directory", "br, gzip"));
    assert_eq!((plain.header("content-encoding"), small.header("content-encoding")), (None, Some("gzip")));
    assert!(small.body.len() < plain.body.len() && small.unpacked() == plain.body);
    // That these are not compressed is checked with every answer; here they are asked for it.
    for path in ["/api/v1/openapi.json", "/api/v1/directory", "/api/v1/challenge", "/authority", "/nothing", "/api/nothing"] {
        assert_eq!(accepting(&world, path, "br").header("content-encoding"), None, "{path}");
    }
    let case = world.reported(100);
    let request = crate::made::mailbox_request((1, 0), &case.reporter, world.nonce(), &world.deployment());
    let headers = vec![("content-type", "application/octet-stream".to_owned()), ("accept-encoding", "br, gzip".to_owned())];
    let answer = world.ask(&Question { method: "POST", path: "/api/v1/mailbox", headers, body: &request, length: Some(136) });
    assert_eq!(answer.body.len(), 40_960);
}

#[test]
fn an_address_that_there_is_not_is_not_found_whatever_the_method() {
    let world = World::empty();
    let paths = [
        "/nothing",
        "/desk",
        "/desk/index.html",
        "/report/index.html",
        "/index.htm",
        "/es/main.js.br",
        "/es/main.js.gz",
        "/es/main.js/",
        "/main.js",
        "//es/main.js",
        "/es",
        "/fr/",
        "/cli/es.json",
        "/ES/",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/es/../style.css",
        "/es/%2e%2e/style.css",
        "/./style.css",
        "/text/",
        "/text",
        "/es//main.js",
        "/text/fr.json",
        "/words/fr.txt",
        "/es/main.js%00",
        "/%00",
        "/.well-known/x",
        "/.git/config",
        "/a/b/c",
        "/authority/",
        "/authority/x",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/challenge",
        "/api/v1/challenge/",
        "/api/v1/reports/",
        "/api/v1/Reports",
        "/api//v1/challenge",
        "/API/v1/challenge",
        "/api/v1/directory/1/2",
        "/api/v1/mailbox/x",
        "/es%2fmain.js",
        "/api%2fv1%2fchallenge",
        "*",
        "/~x",
    ];
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
            let answer = world.by_method(method, path);
            let wanted = if method == "HEAD" { "" } else { "not_found" };
            assert_eq!(answer.told(), (404, wanted.to_owned()), "{method} {path}");
        }
    }
}

#[test]
fn an_address_takes_the_documented_methods_and_no_other() {
    let world = World::new();
    for (_, template, _) in DOCUMENT.operations() {
        let path = template.replace("{version}", "1").replace("/words/{file}", "/words/es.txt").replace("{language}", "es");
        let path = path.replace("/es/{file}", "/es/main.js").replace("{file}", "choice.js");
        let methods = DOCUMENT.0["paths"][&template].as_object().unwrap();
        let takes = |method: &str| methods.contains_key(&method.to_lowercase()) || method == "HEAD" && methods.contains_key("get");
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
            // That 405 says what is allowed is checked with every answer.
            let answer = world.by_method(method, &path);
            assert_eq!(answer.status == 405, !takes(method), "{method} {path}");
            assert_ne!(answer.status, 404, "{method} {path}");
        }
    }
}

#[test]
fn a_body_needs_its_type_and_its_length_before_it_is_read_everywhere() {
    let world = World::new();
    for (method, path, operation) in DOCUMENT.operations() {
        let Some(content) = operation.pointer("/requestBody/content") else { continue };
        let media_type = content.as_object().unwrap().keys().next().unwrap().as_str();
        let ask = |media_type: &str, more: &[(&'static str, &str)], length| {
            let mut headers = vec![("content-type", media_type.to_owned())];
            headers.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            world.ask(&Question { method: &method, path: &path, headers, body: &[], length }).told()
        };
        assert_eq!(ask(media_type, &[], None), (411, "length_required".into()), "{path}");
        assert_eq!(ask(media_type, &[("transfer-encoding", "chunked")], None), (411, "length_required".into()), "{path}");
        assert_eq!(ask(media_type, &[], Some(9 << 20)), (413, "too_large".into()), "{path}");
        for other in ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "", "*/*"] {
            assert_eq!(ask(other, &[], Some(100)), (415, "wrong_type".into()), "{path} {other}");
        }
        assert_eq!(ask(&format!("{media_type}; charset=utf-8"), &[], Some(100)), (415, "wrong_type".into()), "{path}");
    }
}

#[test]
fn an_address_or_headers_too_long_are_refused_everywhere() {
    let world = World::new();
    let long = "x".repeat(16 << 10);
    for (method, template, _) in DOCUMENT.operations() {
        let path = template.replace("{version}", "1").replace("{language}", "es").replace("{file}", "main.js");
        let question = |path: &str, header: &str| {
            let headers = vec![("x-long", header.to_owned())];
            world.ask(&Question { method: &method, path, headers, body: &[], length: None }).told()
        };
        let wanted = (431, "headers_too_large".to_owned());
        assert_eq!((question(&path, &long), question(&format!("{path}?{long}"), "")), (wanted.clone(), wanted), "{path}");
    }
    let room = (16 << 10) - 200;
    let headers = vec![("x-long", "x".repeat(room))];
    assert_eq!(world.ask(&Question { method: "GET", path: "/", headers, body: &[], length: None }).status, 200);
}

/// These never come as far as the house: the line itself answers, without a body and without our headers, and closes.
#[test]
fn what_is_no_http_is_answered_by_nothing_but_a_status() {
    let world = World::empty();
    let many: String = (0..100).map(|n| format!("x-{n}: x\r\n")).collect();
    let asked = [
        ("nonsense\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nhost: x\r\nbroken header\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(200 << 10)), 431),
    ];
    for (question, status) in asked {
        let answer = over_tcp(world.address, question.as_bytes());
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{:.60}", question);
        assert!(answer.headers.iter().all(|(name, _)| ["content-length", "date", "connection"].contains(&name.as_str())), "{answer:?}");
    }
    assert_eq!(world.get("/").status, 200);
}

#[test]
fn who_is_too_slow_is_answered_and_the_line_is_closed() {
    let world = World::impatient();
    let mut line = TcpStream::connect(world.address).unwrap();
    line.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    assert_eq!(crate::wire::over(line, b"").status, 408);
    for (method, path, operation) in DOCUMENT.operations() {
        let Some(content) = operation.pointer("/requestBody/content") else { continue };
        let headers = vec![("content-type", content.as_object().unwrap().keys().next().unwrap().clone())];
        let answer = world.ask(&Question { method: &method, path: &path, headers, body: b"{", length: Some(100) });
        assert_eq!(answer.told(), (408, "timeout".into()), "{path}");
    }
}
