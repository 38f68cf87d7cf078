//! Requests about content, which go to the server as they are.

use crate::support::internet::{Request, Response};
use std::io::{Read, Write};
use std::net::TcpStream;

/// Of this connection or for the front only.
const OWN: [&str; 6] =
    ["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "authorization"];

/// The server's response. It is HTTP 1.0, so that the body is what comes until the end.
pub fn pass(address: &str, request: &Request) -> Response {
    let Request { method, target, host, body, .. } = request;
    let length = body.len();
    let mut head = format!("{method} {target} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n");
    // Of which links for uploads are made.
    head.push_str("X-Forwarded-Proto: https\r\n");
    for (name, value) in request.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all((head + "\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("the answer has no end of its head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value));
    let headers = headers.filter(|(name, _)| !OWN.contains(&name.as_str()));
    let response = Response::new(status).with_body(answer[end + 4..].to_vec());
    headers.fold(response, |response, (name, value)| response.with_header(&name, value))
}
