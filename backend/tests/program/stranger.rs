//! Requests of somebody who has keys of other sites and wants to know about the site `canary`:
//! over every route, with its name wherever one may stand, in every disguise.

use crate::{disguises::NAMES, nest::FEATHER};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// What the stranger has.
pub struct Stranger {
    /// Keys of a site that nothing is known of, so that every row in an answer is another's.
    pub silent: Vec<String>,
    /// Keys of a site that they may send to.
    pub sending: Vec<String>,
    /// Keys that are none, are over, or are half the canary's.
    pub bad: Vec<String>,
    /// Ids of the canary's keys.
    pub ids: Vec<String>,
    random: u64,
}

/// A request as it goes out.
pub struct Request {
    pub wire: String,
    /// What a good answer to it has, where a row in it is another's.
    pub none: Vec<(&'static str, Value)>,
}

impl Stranger {
    pub const fn new(
        silent: Vec<String>,
        sending: Vec<String>,
        bad: Vec<String>,
        ids: Vec<String>,
    ) -> Self {
        Self {
            silent,
            sending,
            bad,
            ids,
            random: 7,
        }
    }

    /// A number below `bound` (`SplitMix64`, by Steele and others, 2014).
    pub fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) % bound as u64).unwrap()
    }

    pub fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn key(&mut self, sends: bool) -> String {
        if self.below(8) == 0 {
            let at = self.below(self.bad.len());
            return self.bad[at].clone();
        }
        let at = self.below(3);
        if sends {
            self.sending[at].clone()
        } else {
            self.silent[at].clone()
        }
    }

    /// The next request for a path of the API's description.
    pub fn request(&mut self, method: &Method, path: &str) -> Request {
        let sends = ["/events", "/v1/ingest", "/v1/batch", "/v1/track"]
            .iter()
            .any(|end| path.ends_with(end));
        let own = if sends { "demo" } else { "other" };
        let site = if self.below(3) == 0 {
            own
        } else {
            self.one_of(&NAMES)
        };
        let id = self.below(self.ids.len());
        let target = path.replace("{site}", site).replace("{id}", &self.ids[id]);
        let target = target.replace("{segment}", FEATHER);
        let key = self.key(sends);
        // Without it nothing is told.
        let query = if path.ends_with("/top") {
            "?of=pages".to_owned()
        } else {
            self.query()
        };
        let headers = self.headers(&key);
        let body = self.body(path, own, &key).to_string();
        let wire = format!(
            "{method} {target}{query} HTTP/1.1\r\nhost: backend\r\nconnection: close\r\n\
             content-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let none = match path {
            "/v1/segments/preview" => vec![("/count", json!(0)), ("/sample", json!([]))],
            "/v1/sites/{site}/quality" if *method == Method::GET => vec![("/days", json!([]))],
            "/v1/sites/{site}/overview" if *method == Method::GET => vec![
                ("/now/total/visitors", json!(0)),
                ("/now/total/online/orders", json!(0)),
            ],
            "/v1/sites/{site}/top" if *method == Method::GET => vec![("", json!([]))],
            "/v1/sites/{site}/segments" if *method == Method::GET => vec![("", json!([]))],
            _ => Vec::new(),
        };
        Request { wire, none }
    }

    fn query(&mut self) -> String {
        let name = self.one_of(&NAMES);
        match self.below(8) {
            0 => format!("?site={name}"),
            1 => format!("?site=other&site={name}"),
            2 => format!("?site[]={name}&SITE={name}"),
            3 => "?from=2020-01-01&to=2020-12-31".to_owned(),
            4 => format!("?from=2026-01-01&to=2026-12-31&site={name}"),
            5 => format!("?overlap_s=0;site={name}"),
            _ => String::new(),
        }
    }

    fn headers(&mut self, key: &str) -> String {
        let name = self.one_of(&["canary", "CANARY", "other,canary"]);
        let other = match self.below(8) {
            0 => format!("x-site: {name}\r\nsite: {name}\r\n"),
            1 => format!(
                "x-original-url: /v1/sites/{name}\r\nx-rewrite-url: /v1/sites/{name}/keys\r\n"
            ),
            2 => format!("cookie: site={name}; __Host-crumb-{name}=1\r\n"),
            3 => format!("x-forwarded-host: {name}\r\nforwarded: host={name}\r\n"),
            4 => format!("x-http-method-override: GET\r\ncrumb-key: {name}\r\n"),
            5 => format!("authorization: Bearer {name}\r\n"),
            _ => String::new(),
        };
        let authorization = format!("authorization: Bearer {key}\r\n");
        if self.below(2) == 0 {
            authorization + &other
        } else {
            other + &authorization
        }
    }
}

/// Sends bytes as they are, and gives the whole answer; of a stream that never ends, its head.
pub async fn send(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = async {
        let streams = |answer: &[u8]| String::from_utf8_lossy(answer).contains("text/event-stream");
        while !streams(&answer)
            && stream
                .read_buf(&mut answer)
                .await
                .is_ok_and(|read| read > 0)
        {}
    };
    timeout(Duration::from_secs(20), read)
        .await
        .expect("no answer");
    String::from_utf8_lossy(&answer).into_owned()
}
