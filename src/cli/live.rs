//! A view that is drawn again and again in the same place of a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

/// The view, on stderr, so that what a command answers stays alone on stdout.
#[derive(Debug)]
pub(super) struct Live {
    is_terminal: bool,
    /// Lines drawn the last time.
    drawn: usize,
}

impl Live {
    /// A view where there is a terminal; elsewhere only lines are told.
    pub fn begin() -> Self {
        let is_terminal = io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self {
            is_terminal,
            drawn: 0,
        }
    }

    /// Whether there is a terminal to draw in.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Draws over what was drawn before, in one write, so that nothing flickers.
    pub fn draw(&mut self, text: &str) {
        let mut out = String::new();
        if self.drawn > 0 {
            let _ = write!(out, "\x1b[{}A", self.drawn);
        }
        for line in text.lines() {
            out.push_str(line);
            // What is left of a longer line goes.
            out.push_str("\x1b[K\n");
        }
        // And what is left of a longer view.
        out.push_str("\x1b[J");
        self.drawn = text.lines().count();
        say(&out);
    }

    /// A line that stays.
    pub fn line(&mut self, line: &str) {
        self.drawn = 0;
        say(&format!("{line}\n"));
    }
}

/// To people, on stderr. Nobody may be reading any more; that stops nothing.
pub(super) fn say(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
