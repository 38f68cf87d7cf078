//! Each fault does what it says, to the calls it is for.

use super::client::{Client, DEADLINE, Echo, LATE, Wire, tunnel};
use super::{S3, mirror};
use crate::support::internet::{Call, Fault, Internet, Outcome, Response, When};
use hyper::body::Bytes;
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// Longer than a call takes.
const SHORT: Duration = Duration::from_millis(500);

/// A host with a server that counts what it did.
fn world() -> (Internet, Echo, Client) {
    let internet = Internet::start();
    let echo = Echo::start();
    internet.forward(S3, echo.address);
    let client = Client::new(&internet);
    (internet, echo, client)
}

fn get(client: &Client, target: &str) -> Result<u16, String> {
    client.get(&format!("https://{S3}{target}")).map(|response| response.status)
}

fn outcomes(internet: &Internet) -> Vec<Outcome> {
    internet.calls().into_iter().map(|call| call.outcome).collect()
}

/// The outcome of the first call, as soon as it is known.
fn first_outcome(internet: &Internet) -> Outcome {
    let ended = |call: &Call| call.outcome != Outcome::Pending;
    let calls = internet.wait(DEADLINE, "the first call ends", |calls| calls.first().is_some_and(ended));
    calls[0].outcome.clone()
}

/// A call whose answer nobody has waited for yet.
fn asked(internet: &Internet) -> Wire {
    let mut stream = tunnel(internet, S3);
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {S3}\r\n\r\n").as_bytes()).unwrap();
    stream
}

#[test]
fn an_answer_comes_instead_of_the_server_s() {
    let (internet, echo, client) = world();
    internet.fault(Fault::answer(Response::new(429).with_header("retry-after", "7")).first(2));
    internet.fault(Fault::answer(Response::xml(503, "<Error><Code>SlowDown</Code></Error>")).nth(2));
    for expected in [429, 429, 200] {
        let response = client.get(&format!("https://{S3}/")).unwrap();
        assert_eq!((response.status, response.header("retry-after") == "7"), (expected, expected == 429));
    }
    assert_eq!(echo.heads().len(), 1);
    assert_eq!(outcomes(&internet), [429, 429, 200].map(Outcome::Answered));
}

#[test]
fn a_fault_is_only_for_what_it_names() {
    let (internet, _echo, client) = world();
    internet.answer("iam.cloud.ibm.com", mirror());
    let answer = |status| Fault::answer(Response::new(status));
    internet.faults(vec![
        answer(501).host("*.cloud.ibm.com"),
        answer(502).method("DELETE"),
        answer(503).path("b?tag"),
        answer(504).matching(|request| request.header("x-amz-acl") == "private"),
        answer(505).path("/count").range(2..=3),
    ]);
    let send = |method: &str, url: &str, headers: &[(&str, &str)]| {
        client.send(method, &format!("https://{url}"), headers, Bytes::new()).unwrap().status
    };
    assert_eq!(send("GET", "iam.cloud.ibm.com/", &[]), 501);
    assert_eq!(send("DELETE", &format!("{S3}/"), &[]), 502);
    assert_eq!(send("GET", &format!("{S3}/b?tagging"), &[]), 503);
    assert_eq!(send("GET", &format!("{S3}/"), &[("x-amz-acl", "private")]), 504);
    assert_eq!([1, 2, 3, 4].map(|_| send("GET", &format!("{S3}/count"), &[])), [200, 505, 505, 200]);
    internet.clear_faults();
    assert_eq!(send("DELETE", &format!("{S3}/"), &[]), 200);
}

#[test]
fn a_refused_call_does_not_reach_the_server_and_a_lost_response_does() {
    for (fault, when, reached) in [(Fault::refuse(), When::Before, 0), (Fault::lose_response(), When::After, 1)] {
        let (internet, echo, client) = world();
        internet.fault(fault);
        assert_ne!(get(&client, "/").unwrap_err(), LATE);
        assert_eq!(echo.heads().len(), reached);
        assert_eq!(outcomes(&internet), [Outcome::Closed(when)]);
    }
}

#[test]
fn a_delay_takes_its_time() {
    for when in [When::Before, When::After] {
        let (internet, echo, client) = world();
        internet.fault(Fault::delay(when, SHORT).nth(1));
        let start = Instant::now();
        assert_eq!(get(&client, "/"), Ok(200));
        assert!(start.elapsed() >= SHORT);
        assert_eq!(echo.heads().len(), 1);
    }
}

#[test]
fn a_frozen_call_is_never_answered() {
    for (when, reached) in [(When::Before, 0), (When::After, 1)] {
        let (internet, echo, _client) = world();
        internet.fault(Fault::freeze(when));
        let mut stream = asked(&internet);
        internet.wait(DEADLINE, "the call comes", |calls| !calls.is_empty());
        stream.sock.set_read_timeout(Some(SHORT)).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        echo.wait_for(reached);
        assert_eq!(outcomes(&internet), [Outcome::Pending]);
        drop(stream);
        assert_eq!(first_outcome(&internet), Outcome::Abandoned);
    }
}

#[test]
fn what_is_frozen_or_held_does_not_keep_the_internet_from_ending() {
    let (held, hold) = Fault::hold(When::Before);
    for fault in [Fault::freeze(When::Before), Fault::freeze(When::After), held] {
        let (internet, _echo, _client) = world();
        internet.fault(fault);
        let mut stream = asked(&internet);
        internet.wait(DEADLINE, "the call comes", |calls| !calls.is_empty());
        drop(internet);
        let ended = stream.read(&mut [0]).map_err(|error| error.kind());
        assert!(matches!(ended, Err(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)), "{ended:?}");
    }
    hold.reached(DEADLINE);
}

#[test]
fn a_held_call_waits_before_or_after_the_server_is_asked() {
    for (when, reached) in [(When::Before, 0), (When::After, 1)] {
        let (internet, echo, client) = world();
        let (fault, hold) = Fault::hold(when);
        internet.fault(fault.path("/held").nth(2));
        let asking =
            std::thread::spawn(move || ["/other", "/held/1", "/held/2", "/held/3"].map(|path| get(&client, path)));
        assert_eq!(hold.reached(DEADLINE).target, "/held/2");
        assert_eq!((echo.heads().len(), outcomes(&internet).pop()), (2 + reached, Some(Outcome::Pending)));
        hold.release();
        assert_eq!(asking.join().unwrap(), [200; 4].map(Ok));
        assert_eq!(echo.heads().len(), 4);
    }
}

#[test]
fn a_client_that_dies_before_the_call_went_on_leaves_nothing_behind() {
    let (internet, echo, client) = world();
    let (fault, hold) = Fault::hold(When::Before);
    internet.fault(fault);
    let stream = asked(&internet);
    hold.reached(DEADLINE);
    drop(stream);
    assert_eq!(first_outcome(&internet), Outcome::Abandoned);
    hold.release();
    assert_eq!(get(&client, "/next"), Ok(200));
    assert!(echo.heads().len() == 1 && echo.heads()[0].starts_with("GET /next "), "{:?}", echo.heads());
}

#[test]
#[should_panic(expected = "no call came to be held")]
fn a_call_that_does_not_come_is_not_waited_for_for_ever() {
    let (internet, _echo, client) = world();
    let (fault, hold) = Fault::hold(When::Before);
    internet.fault(fault.method("PUT"));
    assert_eq!(get(&client, "/"), Ok(200));
    hold.reached(Duration::from_millis(1));
}

#[test]
fn an_unknown_ca_is_not_trusted() {
    let (internet, _echo, client) = world();
    internet.fault(Fault::unknown_ca().host(S3).nth(1));
    let error = get(&client, "/").unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(get(&client, "/"), Ok(200));
    let Outcome::NoTls(_) = first_outcome(&internet) else { panic!("{:?}", internet.calls()) };
    let endpoint = internet.listen(S3);
    internet.fault(Fault::unknown_ca());
    let error = client.get(&endpoint.https()).unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(client.get(&endpoint.http()).unwrap().status, 200);
}
