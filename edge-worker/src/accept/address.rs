//! Where an answer leads to.

use crate::config::SiteConfig;

/// Whether it can stand in a header, and leads to the web.
pub(super) fn is_address(url: &str) -> bool {
    origin(url).len() > "https://".len() && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Scheme, host and port; empty where it is no address of the web.
pub(super) fn origin(url: &str) -> &str {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let rest = host.map_or(0, |rest| {
        rest.find(['/', '?', '#', '\\'])
            .map_or(0, |at| rest.len() - at)
    });
    match host {
        Some(_) => url.get(..url.len() - rest).unwrap_or_default(),
        None => "",
    }
}

/// Where somebody goes on from a page of `from`, an origin of the site's: `next` is a path from
/// `/`, or a whole address on one of the site's origins. `None` where it leads elsewhere.
pub(super) fn onward(site: &SiteConfig, from: &str, next: &str) -> Option<String> {
    // A backslash is a slash to browsers (WHATWG URL, 4.4), and not to others.
    let is_odd = |byte: u8| byte.is_ascii_control() || byte == b'\\';
    if next.bytes().any(is_odd) {
        return None;
    }
    // What begins with two slashes begins with a host.
    if next.starts_with('/') && !next.starts_with("//") {
        return Some(escape(&format!("{from}{next}")));
    }
    site.allows(origin(next)).then(|| escape(next))
}

/// Percent-encodes what can't stand in a header; an address that is encoded stays as it is.
fn escape(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_begins_with_its_origin() {
        for (url, expected) in [
            ("https://shop.example/sale/?a=b#c", "https://shop.example"),
            ("https://shop.example", "https://shop.example"),
            ("http://localhost:8787?x", "http://localhost:8787"),
            (
                "https://shop.example\\@evil.example/",
                "https://shop.example",
            ),
            (
                "https://shop.example@evil.example/",
                "https://shop.example@evil.example",
            ),
            ("javascript:alert(1)", ""),
            ("//evil.example/", ""),
        ] {
            assert_eq!(origin(url), expected, "{url}");
        }
        for bad in [
            "",
            "https://",
            "https:///a",
            "https://a b/",
            "https://a/\r\nx",
            "ftp://a/",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(is_address("https://shop.example/%D7%A7"));
    }
}
