//! A name server that knows one host.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

/// Where resolvers look for it; an address of this machine that nobody else has in use.
pub const ADDRESS: &str = "127.0.0.77";

const PORT: u16 = 53;
const HEADER: usize = 12;
const TYPE_A: [u8; 2] = [0, 1];

/// Answers until the end of the test process that the host is this machine, and that there is no other.
pub fn serve(host: &'static str) {
    let address: SocketAddr = format!("{ADDRESS}:{PORT}").parse().unwrap();
    let socket = UdpSocket::bind(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut query) {
            let _ = socket.send_to(&answer(&query[..length], host), from);
        }
    });
}

/// RFC 1035, 4.1: the header and the question again, and an address if there is one.
fn answer(query: &[u8], host: &str) -> Vec<u8> {
    let labels = host.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    let name: Vec<u8> = labels.chain([0]).collect();
    let asked = &query[HEADER..];
    let is_known = asked.starts_with(&name);
    let is_address = is_known && asked[name.len()..].starts_with(&TYPE_A);
    let question = asked.iter().position(|byte| *byte == 0).unwrap() + 5;
    let mut answer = query[..2].to_vec();
    // A response, recursion available, without an error or with NXDOMAIN; one question, no or one answer.
    answer.extend([0x81, if is_known { 0x80 } else { 0x83 }, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    answer.extend(&asked[..question]);
    if is_address {
        // The name is that at HEADER; a minute; four bytes.
        answer.extend([0xc0, HEADER as u8, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(Ipv4Addr::LOCALHOST.octets());
    }
    answer
}
