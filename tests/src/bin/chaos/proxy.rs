//! A stretch of network that loses requests and answers, and is late.
//!
//! It knows of HTTP/1.1 only where messages end, so that it can break off at a chosen place.
//! Each connection carries one request.

use crate::{
    chance::mixed,
    message::{self, Request},
    status::Status,
};
use anyhow::{Context as _, Result};
use rand::RngExt as _;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// Connections at once.
const CONNECTIONS: usize = 256;
/// Nothing takes longer on a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It passes, and so does its answer.
    Pass,
    /// Its answer comes later.
    Late(Duration),
    /// A part of it passes, in hundredths, and the connection breaks.
    BreakRequest(usize),
    /// All of it passes, and the connection breaks at once.
    ResetAtOnce,
    /// All of it passes and is answered, and then the connection breaks.
    LoseAnswer,
    /// A part of the answer passes, in hundredths, and the connection breaks.
    BreakAnswer(usize),
}

impl Fate {
    /// That of the `number`-th request over this stretch.
    fn draw(seed: u64, name: &str, number: u64) -> Self {
        let mut chance = mixed(seed, name, number);
        match chance.random_range(0..1000) {
            0..40 => Self::ResetAtOnce,
            40..80 => Self::LoseAnswer,
            80..100 => Self::BreakAnswer(chance.random_range(0..100)),
            100..120 => Self::BreakRequest(chance.random_range(0..100)),
            120..160 => Self::Late(Duration::from_millis(chance.random_range(50..900))),
            // Longer than who waits for it does.
            160..163 => Self::Late(Duration::from_secs(7)),
            _ => Self::Pass,
        }
    }
}

/// A stretch of network to one place.
pub struct Proxy {
    /// What tells its fates from another's.
    pub name: &'static str,
    /// The run's seed.
    pub seed: u64,
    /// Where it leads.
    pub to: SocketAddr,
    /// Is told of resets.
    pub status: Arc<Status>,
}

impl Proxy {
    /// Opens it; gives where it begins. It stays for as long as the program runs.
    pub async fn open(self) -> Result<SocketAddr> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(Arc::new(self).run(listener));
        Ok(address)
    }

    async fn run(self: Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        for number in 0.. {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            // The browser gave up before it was its turn.
            let Ok((client, _)) = listener.accept().await else {
                continue;
            };
            let proxy = Arc::clone(&self);
            tokio::spawn(async move {
                let fate = Fate::draw(proxy.seed, proxy.name, number);
                let carried = timeout(PATIENCE, proxy.carry(client, fate)).await;
                if let Ok(Err(error)) = carried
                    && error.is::<message::Unframed>()
                {
                    eprintln!(
                        "  the network can't carry what was sent to {}: {error}",
                        proxy.to
                    );
                }
                drop(place);
            });
        }
    }

    /// Carries one request, as far as its fate lets it. Errors are those of a network.
    async fn carry(&self, mut client: TcpStream, fate: Fate) -> Result<()> {
        let Some(request) = Request::read(&mut client).await? else {
            return Ok(());
        };
        let Ok(mut server) = TcpStream::connect(self.to).await else {
            return reset(&client);
        };
        server.set_nodelay(true)?;
        let bytes = request.closing();
        if let Fate::BreakRequest(percent) = fate {
            server.write_all(part(&bytes, percent)).await?;
            self.status.broke();
            return reset(&client);
        }
        server.write_all(&bytes).await?;
        if fate == Fate::ResetAtOnce {
            self.status.reset();
            return reset(&client);
        }
        let (answer, is_whole) = message::read_answer(&mut server).await?;
        match fate {
            Fate::LoseAnswer => {
                self.status.reset();
                return reset(&client);
            }
            Fate::BreakAnswer(percent) => {
                client.write_all(part(&answer, percent)).await?;
                self.status.reset();
                // What was written is to arrive before the reset does.
                sleep(Duration::from_millis(5)).await;
                return reset(&client);
            }
            Fate::Late(by) => sleep(by).await,
            Fate::Pass | Fate::BreakRequest(_) | Fate::ResetAtOnce => {}
        }
        client.write_all(&answer).await?;
        if !is_whole {
            return reset(&client);
        }
        client.shutdown().await.context("closing")
    }
}

/// So many hundredths of it, and never all.
fn part(bytes: &[u8], percent: usize) -> &[u8] {
    bytes.get(..bytes.len() * percent / 100).unwrap_or_default()
}

/// Makes the end of a connection a reset, whatever is under way on it.
fn reset(stream: &TcpStream) -> Result<()> {
    stream.set_zero_linger().context("a reset")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates_are_drawn_from_the_seed_and_most_requests_pass() {
        let fates = |seed, name| -> Vec<_> {
            let numbers = 0..1_000;
            numbers
                .map(|number| Fate::draw(seed, name, number))
                .collect()
        };
        assert_eq!(fates(1, "direct"), fates(1, "direct"));
        assert_ne!(fates(1, "direct"), fates(2, "direct"));
        assert_ne!(fates(1, "direct"), fates(1, "worker"));
        let fates = fates(1, "direct");
        let share = |fate| fates.iter().filter(|drawn| **drawn == fate).count();
        assert!((750..900).contains(&share(Fate::Pass)));
        assert!((20..60).contains(&share(Fate::LoseAnswer)));
        assert!((20..60).contains(&share(Fate::ResetAtOnce)));
    }
}
