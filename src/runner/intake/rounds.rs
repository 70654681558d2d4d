//! The service's third loop: it fetches once a minute, when the scheduler says so.

use std::convert::Infallible;

use tokio::sync::watch;

use crate::fetch::Inbox;
use crate::runner::serve::serve;
use crate::runner::{Mailer, RunError, Runner};

/// Serves, and takes in mail that comes back.
pub async fn serve_and_take_in(
    runner: &Runner,
    mailer: &Mailer,
    stop: watch::Receiver<bool>,
    inbox: &Inbox,
) -> Result<(), RunError> {
    let served = serve(runner, mailer, stop);
    let ended = tokio::select! {
        // What is half taken in is taken in again at the next start.
        never = intake_loop(runner, inbox) => match never {},
        ended = served => ended,
    };
    let node = &runner.settings().node;
    if let Err(error) = runner.store().leave_mailbox(&inbox.name(), node).await {
        tracing::warn!(%error, "others read the mailbox only in some minutes");
    }
    ended
}

/// Fetches when it is time, for ever. What goes wrong is told once, until it has gone right again.
async fn intake_loop(runner: &Runner, inbox: &Inbox) -> Infallible {
    let mut told = None;
    loop {
        match runner.intake_round(inbox).await {
            Ok(round) => {
                told = None;
                if round.new > 0 {
                    let (new, open) = (round.new, round.open);
                    tracing::info!(new, open, "mail has come in; see `tovholder today`");
                }
            }
            Err(error) => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    tracing::error!(
                        error = text,
                        "mail cannot be fetched; it is tried each minute"
                    );
                }
                told = Some(text);
            }
        }
        runner.inner.intake.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::clock::Clock;
    use crate::runner::Settings;
    use crate::store::Store;

    /// What was told, as an operator reads it.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("whole").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Told {
        fn lines(&self) -> Vec<String> {
            let told = String::from_utf8(self.0.lock().expect("whole").clone()).expect("UTF-8");
            told.lines().map(ToOwned::to_owned).collect()
        }
    }

    /// What a mail server does in a minute.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Minute {
        HangsUp,
        Refuses,
        HasNothing,
    }

    async fn serves(stream: TcpStream, minute: Minute) {
        if minute == Minute::HangsUp {
            return;
        }
        let mut stream = BufReader::new(stream);
        let mut answer = "* OK ready\r\n".to_owned();
        let mut line = String::new();
        loop {
            stream.write_all(answer.as_bytes()).await.expect("said");
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let (tag, command) = line.trim_end().split_once(' ').expect("a tag");
            answer = match command.split(' ').next() {
                Some("LOGIN") if minute == Minute::Refuses => format!("{tag} NO wrong\r\n"),
                Some("EXAMINE") => {
                    format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n{tag} OK done\r\n")
                }
                Some("UID") => format!("* SEARCH\r\n{tag} OK done\r\n"),
                _ => format!("{tag} OK done\r\n"),
            };
        }
    }

    /// A mailbox that cannot be reached is tried each minute, and told of when what is wrong is new.
    #[tokio::test]
    async fn what_goes_wrong_is_told_once_until_it_has_gone_right_or_wrong_otherwise() {
        let told = Told::default();
        let writer = told.clone();
        let operator = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _reads = tracing::subscriber::set_default(operator);
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = server.local_addr().expect("its address");
        let inbox = Inbox::from_address(&format!("imap://retur:kode@{at}/INBOX"), None);
        let inbox = inbox.expect("an address");
        let store = Store::open_in_memory().await.expect("a store");
        let from = "post@college.example".parse().expect("a mailbox");
        let runner = Runner::new(store, Clock::Real, Settings::new(from, "x"));
        let fetching = runner.clone();
        let rounds = tokio::spawn(async move { match intake_loop(&fetching, &inbox).await {} });
        // What the server does, and how much had been told when that minute came.
        let minutes = [
            (Minute::HangsUp, 0),
            (Minute::HangsUp, 1),
            (Minute::HangsUp, 1),
            (Minute::Refuses, 1),
            (Minute::Refuses, 2),
            (Minute::HangsUp, 2),
            (Minute::HasNothing, 3),
            (Minute::HangsUp, 3),
            (Minute::HasNothing, 4),
        ];
        for (at, (minute, expect)) in minutes.into_iter().enumerate() {
            let (stream, _) = server.accept().await.expect("a round");
            assert_eq!(told.lines().len(), expect, "{at}: {:?}", told.lines());
            // The next comes when this round has ended.
            runner.inner.intake.notify_one();
            serves(stream, minute).await;
        }
        rounds.abort();
        let lines = told.lines();
        assert!(
            lines
                .iter()
                .all(|line| line.contains("mail cannot be fetched") && !line.contains("kode")),
            "{lines:?}"
        );
    }
}
