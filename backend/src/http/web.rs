//! The web app: its files, which are part of the program.
//!
//! Every address that is no file and no route of the API is the app's own: a browser that opens it
//! gets the page. What the page may load is the backend's alone: no script stands in it, and none
//! comes from elsewhere.

use super::problem;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Response},
};
use rust_embed::RustEmbed;

/// What `cargo xtask build web` made of `web`: each file, and the same compressed with Brotli as
/// `….br`. Nothing where it was not built.
#[derive(RustEmbed)]
#[folder = "../build/web"]
#[allow_missing = true]
struct Files;

/// The page that is the app.
const PAGE: &str = "index.html";

/// What the app's pages may do. The one style that is none of its files is what react-aria-components
/// adds for whatever can be pressed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Gives a file of the app, or, to a browser that opens an address, its page.
pub async fn serve(request: Request) -> Response {
    let headers = request.headers();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path().trim_start_matches('/');
    let found = if !is_read || path == "v1" || path.starts_with("v1/") {
        None
    } else if path.is_empty() || (Files::get(path).is_none() && opens(headers)) {
        file(PAGE, headers)
    } else {
        file(path, headers)
    };
    match found {
        Some(response) => response,
        None => problem::no_route(request).await.into_response(),
    }
}

/// Whether a browser opens an address: what a page loads is asked for as something else.
fn opens(headers: &HeaderMap) -> bool {
    lists(headers, header::ACCEPT, "text/html")
}

/// Whether a header's list, as it is written by browsers, names something.
fn lists(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    let list = headers.get(name).and_then(|list| list.to_str().ok());
    list.unwrap_or_default().split(',').any(|one| {
        let (one, weight) = one.split_once(';').unwrap_or((one, ""));
        one.trim() == wanted && weight.trim() != "q=0"
    })
}

/// A file as the browser takes it.
fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Files::get(path)?;
    let kind = plain.metadata.mimetype().to_owned();
    let tag = format!("\"{}\"", hex::encode(plain.metadata.sha256_hash()));
    let known = headers.get(header::IF_NONE_MATCH);
    let is_known = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let takes_brotli = lists(headers, header::ACCEPT_ENCODING, "br");
    let brotli = takes_brotli
        .then(|| Files::get(&format!("{path}.br")))
        .flatten();
    // What lies in `assets` has a hash of its content in its name.
    let lasts = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut own = vec![
        (header::CONTENT_TYPE, kind.as_str()),
        (header::CACHE_CONTROL, lasts),
        (header::ETAG, &tag),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    if is_known {
        return Some((StatusCode::NOT_MODIFIED, AppendHeaders(own)).into_response());
    }
    if brotli.is_some() {
        own.push((header::CONTENT_ENCODING, "br"));
    }
    let bytes = brotli.unwrap_or(plain).data.into_owned();
    // The bytes alone would say that they are of no kind.
    let mut response = bytes.into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    Some((AppendHeaders(own), response).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_what_it_does_not_refuse() {
        let names = |list: &'static str, wanted| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, list.parse().unwrap());
            lists(&headers, header::ACCEPT_ENCODING, wanted)
        };
        assert!(names("gzip, deflate, br, zstd", "br"));
        assert!(names("br;q=0.5", "br"));
        assert!(!names("gzip, br;q=0", "br"));
        assert!(!names("brotli", "br"));
    }
}
