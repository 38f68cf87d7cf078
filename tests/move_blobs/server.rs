//! Small servers for what azurite is not: a login service, a proxy, a Blob service whose copies fail.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server on this machine that remembers what it was asked.
pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request, given as its first line, headers and body, with what `answer` makes of it.
    pub fn answering(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream, head, asked| {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).unwrap();
            let request = format!("{head}{}", String::from_utf8(body).unwrap());
            // Before it is answered, so that nobody who has the answer misses it.
            asked.lock().unwrap().push(request.clone());
            stream.get_mut().write_all(answer(&request).as_bytes()).unwrap();
        })
    }

    /// A proxy that connects to wherever it is asked to.
    pub fn proxy() -> Self {
        Self::start(|stream, head, asked| {
            asked.lock().unwrap().push(head.clone());
            let to = TcpStream::connect(head.split(' ').nth(1).unwrap()).unwrap();
            let mut from = stream.into_inner();
            from.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut read, mut write) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut read, &mut write));
            let _ = io::copy(&mut &to, &mut from);
        })
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn start(serve: impl Fn(BufReader<TcpStream>, String, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (serve, asked) = (Arc::new(serve), Arc::new(Mutex::new(Vec::new())));
        let shared = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (serve, asked) = (Arc::clone(&serve), Arc::clone(&shared));
                thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if stream.read_line(&mut head).unwrap() == 0 {
                            return;
                        }
                    }
                    serve(stream, head, &asked);
                });
            }
        });
        Server { url, asked }
    }
}

/// An answer after which the connection ends. HEAD gets headers alone: its body must be empty.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{length}{headers}\r\n{body}")
}
