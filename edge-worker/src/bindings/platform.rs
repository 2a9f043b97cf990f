//! The world outside, as Cloudflare's runtime has it.

use crate::{
    accept::{Details, Platform, Unread},
    enrich::{Origins, RawAgent, RawPlace},
    forward::{Post, Reply},
};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{
    AbortSignal, ReadableStream, ReadableStreamDefaultReader, RequestInit, RequestRedirect,
    Response, WorkerGlobalScope,
};
use worker::{Env, Request, console_error};

#[wasm_bindgen]
extern "C" {
    /// Fills `bytes` from the platform's source for keys (W3C Web Cryptography, 10.1.1).
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_randomly(bytes: &mut [u8]);
}

#[wasm_bindgen(raw_module = "crumbtrail-agent")]
extern "C" {
    /// What a `User-Agent` says: see `agent.mjs`.
    #[wasm_bindgen(js_name = describe)]
    fn describe_agent(user_agent: &str) -> String;
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

/// The platform, seen from one request, or from the queue's consumer.
pub(super) struct Workers<'a> {
    bindings: &'a Bindings,
    request: Option<&'a Request>,
    content_length: Option<u64>,
}

impl<'a> Workers<'a> {
    pub(super) fn new(env: &'a Env, request: &'a Request, content_length: Option<u64>) -> Self {
        Self {
            bindings: env.unchecked_ref(),
            request: Some(request),
            content_length,
        }
    }

    pub(super) fn of_queue(env: &'a Env) -> Self {
        Self {
            bindings: env.unchecked_ref(),
            request: None,
            content_length: None,
        }
    }

    /// A header; empty where it is absent.
    fn header(&self, name: &str) -> String {
        let headers = self.request.map(Request::headers);
        // A name is refused only where it is none.
        let found = headers.and_then(|headers| headers.get(name).ok().flatten());
        found.unwrap_or_default()
    }
}

/// Whether an address asks too often. It goes no further than this.
async fn ask_limit(limit: &RateLimit, address: &str) -> Result<bool, JsValue> {
    let options = object("key", &address.into())?;
    let outcome = JsFuture::from(limit.limit(&options)?).await?;
    Ok(Reflect::get(&outcome, &"success".into())?.is_falsy())
}

/// The platform doesn't always know it.
fn time_zone(request: &Request) -> Option<String> {
    let cf = Reflect::get(request.inner(), &"cf".into()).ok()?;
    Reflect::get(&cf, &"timezone".into()).ok()?.as_string()
}

async fn enqueue(queue: &Queue, envelope: &[u8]) -> Result<(), JsValue> {
    let options = object("contentType", &"bytes".into())?;
    JsFuture::from(queue.send(&Uint8Array::from(envelope), &options)?).await?;
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
        let url = self.request.map(|request| request.inner().url());
        let url = url.unwrap_or_default();
        Details {
            query: url.split_once('?').map_or("", |(_, query)| query).into(),
            user_agent: self.header("user-agent"),
            referer: self.header("referer"),
            accept_language: self.header("accept-language"),
            purpose: self.header("sec-purpose"),
        }
    }

    fn origins(&self) -> Origins {
        let cf = self.request.and_then(Request::cf);
        let place = cf.map_or_else(RawPlace::default, |cf| RawPlace {
            country: cf.country().unwrap_or_default(),
            region: cf.region().unwrap_or_default(),
            city: cf.city().unwrap_or_default(),
            time_zone: self.request.and_then(time_zone).unwrap_or_default(),
        });
        let said = describe_agent(&self.header("user-agent"));
        let mut words = said.split('\n').map(String::from);
        let mut word = || words.next().unwrap_or_default();
        let agent = RawAgent {
            device: word(),
            browser: word(),
            os: word(),
            bot: word() == "bot",
        };
        Origins { place, agent }
    }

    async fn is_too_often(&self) -> bool {
        let address = self.header("cf-connecting-ip");
        let Some(limit) = self.bindings.rate_limit().filter(|_| !address.is_empty()) else {
            return false;
        };
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
        let Some(request) = self.request.map(Request::inner) else {
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

async fn read_whole(request: &web_sys::Request) -> Result<Vec<u8>, Unread> {
    let broken = |_| Unread::Broken;
    let buffer = JsFuture::from(request.array_buffer().map_err(broken)?);
    let buffer = buffer.await.map_err(broken)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Reads piece by piece, so that never more than `limit` bytes and one piece are
/// held, however much there is.
async fn read_pieces(body: ReadableStream, limit: usize) -> Result<Vec<u8>, Unread> {
    let broken = |_| Unread::Broken;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(broken)?;
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

async fn send(post: &Post<'_>) -> Result<Reply, JsValue> {
    let headers: Array = post
        .headers
        .iter()
        .map(|(name, value)| Array::of2(&(*name).into(), &value.into()))
        .collect();
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body_opt_u8_array(Some(&Uint8Array::from(post.body.as_slice())));
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(post.timeout_ms)));
    let world: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(world.fetch_with_str_and_init(post.url, &init)).await?;
    let response: Response = response.unchecked_into();
    let reply = Reply::Answered {
        status: response.status(),
        retry_after: response.headers().get("retry-after")?,
    };
    if let Some(body) = response.body() {
        // Its text is nobody's here; an unread body would hold the connection.
        let _ = body.cancel();
    }
    Ok(reply)
}

fn describe(error: &JsValue) -> String {
    let error: &js_sys::Error = error.unchecked_ref();
    String::from(error.message())
}
