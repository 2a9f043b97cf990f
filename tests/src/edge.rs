//! Sends shoppers' batches to the edge, as their browsers would: one after the other,
//! with the cookie that the first answer set.

use crate::shoppers::{PageLoad, Person};
use anyhow::{Context as _, Result, bail};
use protocol::attempt::{Attempt, Head};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{COOKIE, RETRY_AFTER, SET_COOKIE, USER_AGENT},
};
use std::{net::Ipv4Addr, time::Duration};

/// Tries of one batch before the sending is given up.
const TRIES: u32 = 20;

/// An edge to send to.
#[derive(Clone)]
pub struct Edge {
    client: Client,
    endpoint: String,
    now_ms: fn() -> u64,
}

/// What was sent and acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Batches.
    pub batches: usize,
    /// Events.
    pub events: usize,
}

impl Edge {
    /// The edge whose batches go to `endpoint` (`…/c/e`).
    #[must_use]
    pub fn new(endpoint: String, now_ms: fn() -> u64) -> Self {
        Self {
            client: Client::new(),
            endpoint,
            now_ms,
        }
    }

    /// Sends all that a visitor did, in order. They come from an address of their own, of the network
    /// that tests have (RFC 2544), by the header that says so to an edge on this machine: the edge
    /// bounds what comes of one.
    ///
    /// # Errors
    /// Where a batch is refused, or not acknowledged after many tries.
    pub async fn send_person(&self, person: &Person, nth: u64) -> Result<Sent> {
        let [.., high, middle, low] = nth.to_be_bytes();
        let address = Ipv4Addr::new(198, 18 | (high & 1), middle, low);
        let mut cookie = None;
        let mut sent = Sent::default();
        for load in &person.loads {
            let response = self.send(person, load, address, cookie.as_deref()).await?;
            cookie = cookie_of(&response).or(cookie);
            sent.batches += 1;
            sent.events += load.events;
        }
        Ok(sent)
    }

    /// One try to send a sealed batch, made at that time by the browser's clock.
    pub fn attempt(&self, batch: &[u8], sent_at_ms: u64, cookie: Option<&str>) -> RequestBuilder {
        let token = "";
        let head = Head { sent_at_ms, token };
        let attempt = Attempt { head, batch };
        let request = self.client.post(&self.endpoint).body(attempt.encode());
        match cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    async fn send(
        &self,
        person: &Person,
        load: &PageLoad,
        address: Ipv4Addr,
        cookie: Option<&str>,
    ) -> Result<Response> {
        for _ in 0..TRIES {
            let request = self.attempt(&load.batch, (self.now_ms)(), cookie);
            let request = request
                .header(USER_AGENT, person.user_agent)
                .header("cf-connecting-ip", address.to_string());
            let response = request.send().await.context("the edge can't be reached")?;
            match response.status() {
                status if status.is_success() => return Ok(response),
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                    tokio::time::sleep(pause(&response)).await;
                }
                status => {
                    let text = response.text().await.unwrap_or_default();
                    bail!("the edge refused a batch: {status} {text}");
                }
            }
        }
        bail!("the edge did not take a batch in {TRIES} tries");
    }
}

/// The cookie that an answer sets, as it is sent back.
#[must_use]
pub fn cookie_of(response: &Response) -> Option<String> {
    let set = response.headers().get(SET_COOKIE)?.to_str().ok()?;
    set.split(';').next().map(str::to_owned)
}

fn pause(response: &Response) -> Duration {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}
