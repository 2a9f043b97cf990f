//! The world outside, as Cloudflare's runtime has it.

use crate::{
    accept::{AskedImage, Platform, Unread},
    enrich::RawPlace,
    forward::{Post, Reply, TIMEOUT_MS},
};
use js_sys::{Array, Reflect, Uint8Array, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{
    AbortSignal, ReadableStream, ReadableStreamDefaultReader, RequestInit, RequestRedirect,
    Response, WorkerGlobalScope,
};
use worker::{Request, console_error};

#[wasm_bindgen]
extern "C" {
    /// Fills `bytes` from the platform's source for keys (W3C Web Cryptography, 10.1.1).
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_randomly(bytes: &mut [u8]);
}

/// The platform, seen from one request.
pub(super) struct Workers<'a> {
    request: &'a Request,
    content_length: Option<u64>,
}

impl<'a> Workers<'a> {
    pub(super) const fn new(request: &'a Request, content_length: Option<u64>) -> Self {
        Self {
            request,
            content_length,
        }
    }
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

    fn asked_image(&self) -> AskedImage {
        let headers = self.request.headers();
        // A name is refused only where it is none.
        let read = |name| headers.get(name).ok().flatten().unwrap_or_default();
        let url = self.request.inner().url();
        AskedImage {
            query: url.split_once('?').map_or("", |(_, query)| query).into(),
            referer: read("referer"),
            accept_language: read("accept-language"),
            purpose: read("sec-purpose"),
        }
    }

    fn place(&self) -> RawPlace {
        self.request
            .cf()
            .map_or_else(RawPlace::default, |cf| RawPlace {
                country: cf.country().unwrap_or_default(),
                region: cf.region().unwrap_or_default(),
                city: cf.city().unwrap_or_default(),
            })
    }

    async fn read_body(&self, limit: usize) -> Result<Vec<u8>, Unread> {
        let request = self.request.inner();
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
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
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
