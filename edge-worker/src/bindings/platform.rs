//! The world outside, as Cloudflare's runtime has it: see `platform.mjs`.

use super::task::settled;
use crate::{
    accept::{Answer, Asked, Details, Platform, Unread},
    enrich::{Origins, RawAgent, RawPlace},
    forward::{Post, Reply},
};
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{ReadableStream, ReadableStreamDefaultReader, Request, Response};
use worker::{Env, console_error};

#[wasm_bindgen]
extern "C" {
    /// Fills `bytes` from the platform's source for keys (W3C Web Cryptography, 10.1.1).
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_randomly(bytes: &mut [u8]);
}

#[wasm_bindgen(raw_module = "crumbtrail-platform")]
extern "C" {
    fn head(request: &Request) -> String;
    fn details(request: &Request) -> String;
    fn origins(request: &Request) -> String;
    fn address(request: &Request) -> String;
    #[wasm_bindgen(catch, js_name = respond)]
    fn respond_with(status: u16, fields: &str, body: &[u8]) -> Result<Response, JsValue>;
    fn post(url: &str, fields: &str, body: &[u8], timeout_ms: u32) -> Promise;
    fn bytes(buffer: &JsValue) -> Vec<u8>;
}

#[wasm_bindgen]
extern "C" {
    /// What `wrangler.toml` binds, where it does.
    type Bindings;

    #[wasm_bindgen(method, getter, js_name = QUEUE)]
    fn queue(this: &Bindings) -> Option<Queue>;

    #[wasm_bindgen(method, getter, js_name = RATE_LIMIT)]
    fn rate_limit(this: &Bindings) -> Option<RateLimit>;

    type Queue;

    #[wasm_bindgen(method, catch)]
    fn send(this: &Queue, body: &Uint8Array, options: &Object) -> Result<Promise, JsValue>;

    type RateLimit;

    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimit, options: &Object) -> Result<Promise, JsValue>;
}

/// What is read of a request before its body; and its query, without the question mark.
pub(super) fn ask(request: &Request) -> (Asked, String) {
    let head = head(request);
    let mut lines = head.split('\n').map(String::from);
    let mut line = || lines.next().unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let method = line();
    let (path, query) = split(&line());
    let asked = Asked {
        method,
        path,
        content_length: line().parse().ok(),
        origin: some(line()),
        fetch_site: some(line()),
        privacy_control: some(line()),
        cookie: some(line()),
    };
    (asked, query)
}

/// Path and query of an address, as the platform writes one (WHATWG URL, serializing).
fn split(url: &str) -> (String, String) {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let from = rest.find('/').unwrap_or(rest.len());
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    let rest = rest.get(from..).unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (path.into(), query.into())
}

/// Makes the response.
pub(super) fn respond(answer: &Answer) -> Result<Response, JsValue> {
    let fields = answer.headers.iter();
    let fields = fields.map(|(name, value)| (*name, value.as_ref()));
    respond_with(answer.status, &lines(fields), &answer.body)
}

/// Names and values of headers by turns, a line each.
fn lines<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut lines = String::new();
    for (name, value) in fields {
        for text in [name, value] {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(text);
        }
    }
    lines
}

/// The platform, seen from one request, or from the queue's consumer.
pub(super) struct Workers<'a> {
    bindings: &'a Bindings,
    request: Option<&'a Request>,
    query: &'a str,
    content_length: Option<u64>,
}

impl<'a> Workers<'a> {
    pub(super) fn new(
        env: &'a Env,
        request: &'a Request,
        query: &'a str,
        content_length: Option<u64>,
    ) -> Self {
        Self {
            bindings: env.unchecked_ref(),
            request: Some(request),
            query,
            content_length,
        }
    }

    pub(super) fn of_queue(env: &'a Env) -> Self {
        Self {
            bindings: env.unchecked_ref(),
            request: None,
            query: "",
            content_length: None,
        }
    }

    /// What `read` says of the request, by lines.
    fn said(&self, read: fn(&Request) -> String) -> String {
        self.request.map(read).unwrap_or_default()
    }
}

/// Whether an address asks too often. It goes no further than this.
async fn ask_limit(limit: &RateLimit, address: &str) -> Result<bool, JsValue> {
    let options = object("key", &address.into())?;
    let outcome = settled(limit.limit(&options)?).await?;
    Ok(Reflect::get(&outcome, &"success".into())?.is_falsy())
}

async fn enqueue(queue: &Queue, envelope: &[u8]) -> Result<(), JsValue> {
    let options = object("contentType", &"bytes".into())?;
    settled(queue.send(&Uint8Array::from(envelope), &options)?).await?;
    Ok(())
}

fn object(name: &str, value: &JsValue) -> Result<Object, JsValue> {
    let object = Object::new();
    Reflect::set(&object, &name.into(), value)?;
    Ok(object)
}

impl Platform for Workers<'_> {
    fn now_ms(&self) -> u64 {
        // A whole number of milliseconds, far below 2⁵³.
        js_sys::Date::now() as u64
    }

    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        fill_randomly(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn details(&self) -> Details {
        let said = self.said(details);
        let mut lines = said.split('\n').map(String::from);
        let mut line = || lines.next().unwrap_or_default();
        Details {
            query: self.query.into(),
            user_agent: line(),
            referer: line(),
            accept_language: line(),
            purpose: line(),
            content_type: line(),
        }
    }

    fn origins(&self) -> Origins {
        let said = self.said(origins);
        let mut lines = said.split('\n').map(String::from);
        let mut line = || lines.next().unwrap_or_default();
        Origins {
            place: RawPlace {
                country: line(),
                region: line(),
                city: line(),
                time_zone: line(),
            },
            agent: RawAgent {
                device: line(),
                browser: line(),
                os: line(),
                bot: line() == "bot",
            },
        }
    }

    async fn is_too_often(&self) -> bool {
        let Some(limit) = self.bindings.rate_limit() else {
            return false;
        };
        let address = self.said(address);
        if address.is_empty() {
            return false;
        }
        ask_limit(&limit, &address).await.unwrap_or_else(|error| {
            console_error!("the rate limit is not to be had: {}", describe(&error));
            false
        })
    }

    async fn enqueue(&self, envelope: &[u8]) -> Option<Result<(), String>> {
        let queue = self.bindings.queue()?;
        let sent = enqueue(&queue, envelope).await;
        Some(sent.map_err(|error| describe(&error)))
    }

    async fn read_body(&self, limit: usize) -> Result<Vec<u8>, Unread> {
        let Some(request) = self.request else {
            return Ok(Vec::new());
        };
        match self.content_length.map(usize::try_from) {
            // HTTP lets no body be longer than its declared length, and reading
            // it at once is the cheapest.
            Some(Ok(length)) if length <= limit => read_whole(request).await,
            Some(_) => Err(Unread::TooLarge),
            None => match request.body() {
                None => Ok(Vec::new()),
                Some(body) => read_pieces(body, limit).await,
            },
        }
    }

    async fn post(&self, post: &Post<'_>) -> Reply {
        match send(post).await {
            Ok(reply) => reply,
            Err(error) => Reply::Unreachable(describe(&error)),
        }
    }

    fn report(&self, message: &str) {
        console_error!("{message}");
    }
}

async fn read_whole(request: &Request) -> Result<Vec<u8>, Unread> {
    let broken = |_| Unread::Broken;
    let buffer = settled(request.array_buffer().map_err(broken)?).await;
    Ok(bytes(&buffer.map_err(broken)?))
}

/// Reads piece by piece, so that never more than `limit` bytes and one piece are
/// held, however much there is.
async fn read_pieces(body: ReadableStream, limit: usize) -> Result<Vec<u8>, Unread> {
    let broken = |_| Unread::Broken;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let piece = settled(reader.read()).await.map_err(broken)?;
        let value = Reflect::get(&piece, &"value".into()).map_err(broken)?;
        let Ok(value) = value.dyn_into::<Uint8Array>() else {
            return Ok(bytes);
        };
        if bytes.len() + value.length() as usize > limit {
            return Err(Unread::TooLarge);
        }
        bytes.extend(value.to_vec());
    }
}

async fn send(made: &Post<'_>) -> Result<Reply, JsValue> {
    let fields = made.headers.iter();
    let fields = lines(fields.map(|(name, value)| (*name, value.as_str())));
    let promise = post(made.url, &fields, &made.body, made.timeout_ms);
    let said = settled(promise).await?.as_string();
    let said = said.unwrap_or_default();
    let (status, retry_after) = said.split_once('\n').unwrap_or_default();
    Ok(Reply::Answered {
        status: status.parse().unwrap_or_default(),
        retry_after: Some(retry_after)
            .filter(|text| !text.is_empty())
            .map(Into::into),
    })
}

fn describe(error: &JsValue) -> String {
    let error: &js_sys::Error = error.unchecked_ref();
    String::from(error.message())
}
