//! Sends one message so many times through lettre's own pooled transport: `peers-lettre PORT MAILS
//! CONNECTIONS`, the message on the input; says how many seconds it took.

use std::io::Read as _;
use std::time::Instant;

use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let numbers: Result<Vec<usize>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    let [port, mails, connections] = numbers?[..] else {
        return Err("PORT MAILS CONNECTIONS".into());
    };
    let mut message = Vec::new();
    std::io::stdin().read_to_end(&mut message)?;
    let pool = PoolConfig::new().max_size(u32::try_from(connections)?);
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(u16::try_from(port)?)
        .pool_config(pool)
        .build();
    let envelope = Envelope::new(Some("a@b.example".parse()?), vec!["c@d.example".parse()?])?;
    let begun = Instant::now();
    let mut sending = JoinSet::new();
    for connection in 0..connections {
        let share = mails / connections + usize::from(connection < mails % connections);
        let (transport, envelope, message) = (transport.clone(), envelope.clone(), message.clone());
        sending.spawn(async move {
            for _ in 0..share {
                transport.send_raw(&envelope, &message).await?;
            }
            Ok::<(), Failed>(())
        });
    }
    for sent in sending.join_all().await {
        sent?;
    }
    println!("{}", begun.elapsed().as_secs_f64());
    Ok(())
}
