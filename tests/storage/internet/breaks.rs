//! A client can be cut off between any two calls.

use super::client::{Client, DEADLINE, Echo, LATE, tunnel};
use super::{S3, mirror};
use crate::support::internet::{Call, Fault, Internet, Outcome, When};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

const IAM: &str = "iam.cloud.ibm.com";

fn world() -> (Internet, Echo) {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward(S3, echo.address);
    internet.answer(IAM, mirror());
    (internet, echo)
}

/// Four calls to two hosts; how each went.
fn work(client: &Client) -> [bool; 4] {
    [(IAM, "/0"), (S3, "/1"), (IAM, "/2"), (S3, "/3")]
        .map(|(host, path)| client.get(&format!("https://{host}{path}")).is_ok())
}

#[test]
fn one_call_breaks_and_the_others_go_through() {
    for (when, reached) in [(When::Before, 1), (When::After, 2)] {
        let (internet, echo) = world();
        internet.break_at(2, when);
        assert!(!internet.broke());
        assert_eq!(work(&Client::new(&internet)), [true, false, true, true]);
        assert!(internet.broke());
        assert_eq!(echo.heads().len(), reached);
        assert_eq!(internet.calls()[1].outcome, Outcome::Closed(when));
    }
}

#[test]
fn a_sweep_cuts_at_every_call_until_none_is_left() {
    for when in [When::Before, When::After] {
        let (internet, echo) = world();
        let mut k = 1;
        loop {
            internet.clear_calls();
            let before = echo.heads().len();
            internet.cut_at(k, when);
            let client = Client::new(&internet);
            let went = work(&client);
            if !internet.broke() {
                break;
            }
            assert_eq!(went, std::array::from_fn(|i| i + 1 < k));
            let calls = internet.calls();
            assert_eq!(calls.len(), k, "nothing after the cut gets through: {calls:?}");
            assert_eq!(calls[k - 1].outcome, Outcome::Closed(when));
            let done = if when == When::Before { k - 1 } else { k };
            assert_eq!(echo.heads().len() - before, done / 2);
            internet.mend();
            assert_eq!(work(&client), [true; 4]);
            k += 1;
        }
        assert_eq!(k, 5);
    }
}

#[test]
fn a_cut_ends_what_is_under_way() {
    let (internet, echo) = world();
    let (fault, hold) = Fault::hold(When::After);
    internet.fault(fault);
    let client = Client::new(&internet);
    let asking = std::thread::spawn(move || (client.get(&format!("https://{S3}/")), client));
    hold.reached(DEADLINE);
    internet.cut();
    let (answer, client) = asking.join().unwrap();
    assert_ne!(answer.unwrap_err(), LATE);
    assert_eq!(work(&client), [false; 4]);
    assert_eq!(echo.heads().len(), 1);
    assert_eq!(internet.calls()[0].outcome, Outcome::Abandoned);
    internet.mend();
    hold.release();
    assert_eq!(work(&client), [true; 4]);
}

#[test]
fn a_server_does_not_notice_that_its_client_was_cut_off() {
    let internet = Internet::start();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    internet.forward(S3, server.local_addr().unwrap());
    let mut client = tunnel(&internet, S3);
    client.write_all(format!("DELETE / HTTP/1.1\r\nHost: {S3}\r\n\r\n").as_bytes()).unwrap();
    let (mut asked, _) = server.accept().unwrap();
    assert!(asked.read(&mut [0; 4096]).unwrap() > 0);
    internet.cut();
    let abandoned = |call: &Call| call.outcome == Outcome::Abandoned;
    internet.wait(DEADLINE, "the call is cut", |calls| calls.iter().any(abandoned));
    asked.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert_eq!(asked.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock, "the connection is closed");
}
