//! Fetches what a browser would of a shop, and no further than it may.

use reqwest::{
    Client, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN},
    redirect::Policy,
};
use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::net::lookup_host;

/// A page, or a file of it, comes within this.
const PATIENCE: Duration = Duration::from_secs(15);
/// Most that is read of it, in bytes.
const MOST: usize = 4 << 20;
/// Most redirects that are followed.
const REDIRECTS: usize = 5;
/// Who asks.
const AGENT: &str = concat!("Crumbtrail/", env!("CARGO_PKG_VERSION"), " (site verify)");

/// How far looking goes. Whoever asks over the network must not be shown, by what this machine
/// can reach, what they can't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere.
    Anywhere,
    /// To addresses of the public internet.
    Public,
}

/// Why something didn't come.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// It couldn't be reached.
    #[error("{0} can't be reached: {1}")]
    Unreachable(Url, String),
    /// It is on an address of a private network.
    #[error(
        "{0} is on an address that only its own network knows; `crumbtrail site verify`, on a machine there, looks at it"
    )]
    NotPublic(String),
    /// It answers with a status that is no success.
    #[error("{0} answers {1}")]
    Status(Url, StatusCode),
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// Where it led on to, as relative addresses are meant.
    pub url: Url,
    /// Its content type.
    pub kind: String,
    /// Its headers `Content-Security-Policy`.
    pub policies: Vec<String>,
    /// Its body, as text.
    pub text: String,
    status: StatusCode,
}

/// Fetches.
pub(super) struct Visitor {
    client: Result<Client, String>,
    reach: Reach,
}

impl Visitor {
    pub fn new(reach: Reach) -> Self {
        let builder = Client::builder()
            .timeout(PATIENCE)
            .user_agent(AGENT)
            .redirect(Policy::custom(move |attempt| {
                if attempt.previous().len() > REDIRECTS {
                    attempt.error("it redirects too often")
                } else if let Err(refused) = reach.allows(attempt.url()) {
                    attempt.error(refused)
                } else {
                    attempt.follow()
                }
            }));
        let builder = match reach {
            Reach::Anywhere => builder,
            // A proxy would look names up by itself.
            Reach::Public => builder.no_proxy().dns_resolver(Arc::new(PublicNames)),
        };
        let client = builder.build().map_err(|error| error.to_string());
        Self { client, reach }
    }

    /// What is there. A status that is no success is a fault.
    pub async fn get(&self, url: &Url, origin: Option<&str>) -> Result<Answer, Fault> {
        let answer = self.ask(url, origin).await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(Fault::Status(answer.url, answer.status))
        }
    }

    /// What is answered to a page of that origin, whatever its status.
    pub async fn ask(&self, url: &Url, origin: Option<&str>) -> Result<Answer, Fault> {
        self.reach
            .allows(url)
            .map_err(|NotPublic(host)| Fault::NotPublic(host))?;
        let unreachable = |error: &dyn Display| Fault::Unreachable(url.clone(), error.to_string());
        let client = self.client.as_ref().map_err(|error| unreachable(error))?;
        let mut request = client.get(url.clone());
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let answer = request.send().await.map_err(|error| fault(url, error))?;
        let header = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = answer.headers();
        let (kind, policies) = (
            headers.get(CONTENT_TYPE).map(header).unwrap_or_default(),
            headers
                .get_all(CONTENT_SECURITY_POLICY)
                .iter()
                .map(header)
                .collect(),
        );
        let (at, status) = (answer.url().clone(), answer.status());
        let text = read(answer).await.map_err(|error| fault(url, error))?;
        Ok(Answer {
            url: at,
            kind,
            policies,
            text,
            status,
        })
    }
}

/// The body, as far as it is read. Pages that say so are of other encodings than UTF-8, but
/// what is looked for is ASCII in all of them that browsers take for scripts and tags.
async fn read(mut answer: reqwest::Response) -> reqwest::Result<String> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            body.truncate(MOST);
            break;
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Why a request failed, by the innermost cause, which says most.
fn fault(url: &Url, error: reqwest::Error) -> Fault {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<NotPublic>() {
        Some(NotPublic(host)) => Fault::NotPublic(host.clone()),
        None => Fault::Unreachable(url.clone(), cause.to_string()),
    }
}

/// A host is not of the public internet.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not public")]
struct NotPublic(String);

impl Reach {
    /// Whether an address may be asked, as far as it can be told without its name's lookup.
    fn allows(self, url: &Url) -> Result<(), NotPublic> {
        let ip = match url.host() {
            Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip),
            _ => return Ok(()),
        };
        if self == Self::Anywhere || is_public(ip) {
            Ok(())
        } else {
            Err(NotPublic(ip.to_string()))
        }
    }
}

/// Looks names up, and gives public addresses alone.
struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> = found.into_iter().filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic(name.as_str().to_owned()).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is of the public internet (IANA's registries of special-purpose addresses).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let is_special = match ip.octets() {
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] | [192, 0, 0 | 2, _] => true,
        // Shared by providers; benchmarks; documentation.
        [100, b, ..] => b & 0xc0 == 64,
        [172, b, ..] => b & 0xf0 == 16,
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Multicast, and reserved.
        [a, ..] => a >= 224,
    };
    !is_special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(ip) = ip.to_ipv4_mapped() {
        return is_public_v4(ip);
    }
    // Global unicast, without what stands for addresses of version 4 and documentation.
    match ip.segments() {
        [0x2001, 0 | 0xdb8, ..] | [0x2002 | 0x3fff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_only_a_network_knows_are_not_public() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.1.1",
            "198.20.0.1",
            "2606:4700::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn what_is_not_public_is_not_asked() {
        let visitor = Visitor::new(Reach::Public);
        for url in [
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "http://localhost:1/",
            "http://2130706433:1/",
            "http://0x7f.1:1/",
        ] {
            let fault = visitor
                .get(&Url::parse(url).unwrap(), None)
                .await
                .unwrap_err();
            assert!(matches!(fault, Fault::NotPublic(_)), "{url}: {fault}");
        }
    }
}
