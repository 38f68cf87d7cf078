//! A client can be cut off between any two calls.

use super::client::{Client, Echo};
use super::{S3, mirror};
use crate::support::internet::{Fault, Internet, Outcome, When};
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
fn a_cut_ends_what_is_under_way_and_what_was_asked_is_done() {
    let (internet, echo) = world();
    let (fault, hold) = Fault::hold(When::After);
    internet.fault(fault);
    let client = Client::new(&internet);
    let asking = std::thread::spawn(move || (client.get(&format!("https://{S3}/")).is_ok(), client));
    hold.reached(Duration::from_secs(20));
    internet.cut();
    let (answered, client) = asking.join().unwrap();
    assert!(!answered && work(&client) == [false; 4]);
    assert_eq!(echo.heads().len(), 1);
    assert_eq!(internet.calls()[0].outcome, Outcome::Abandoned);
    internet.mend();
    hold.release();
    assert_eq!(work(&client), [true; 4]);
}
