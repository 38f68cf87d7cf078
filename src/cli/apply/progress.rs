//! Progress on standard error: a line that is rewritten on a terminal, else a line for each change.

use super::output;
use std::io::{IsTerminal, Write};

pub(super) struct Progress {
    is_terminal: bool,
    shown: String,
}

impl Progress {
    pub(super) fn new() -> Self {
        Progress { is_terminal: std::io::stderr().is_terminal(), shown: String::new() }
    }

    /// Shows what is waited for.
    pub(super) fn show(&mut self, text: &str) {
        let text = format!("waiting: {}", output::visible(text));
        if self.is_terminal {
            // Without wrapping, so that the line can be taken back.
            write(&format!("\r\u{1b}[2K\u{1b}[?7l{text}\u{1b}[?7h"));
        } else if self.shown != text {
            write(&format!("{text}\n"));
        }
        self.shown = text;
    }

    /// Makes room for other lines.
    pub(super) fn pause(&self) {
        if self.is_terminal && !self.shown.is_empty() {
            write("\r\u{1b}[2K");
        }
    }
}

fn write(text: &str) {
    // There is nowhere else to say that standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
