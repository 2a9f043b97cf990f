//! What a request to ClickHouse's HTTP interface asks: who asks, the query, its parameters, its settings.
//!
//! Owns the reading of URL parameters, headers and multipart forms, their bounds, and which parameters
//! are refused rather than ignored. Must not know the engine, nor run anything.

use axum::http::{HeaderMap, Method, header};

use super::exception::{Exception, Kind};
use super::formats::DEFAULT_FORMAT;

/// Parameters, settings included, that one request may have.
const MOST_FIELDS: usize = 1_000;

/// A request's fields, from its URL, then its headers, then its form.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ask {
    pub query: String,
    pub database: Option<String>,
    pub default_format: Option<String>,
    pub query_id: Option<String>,
    pub wait_end_of_query: bool,
    pub settings: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
    /// What was sent as `X-ClickHouse-Key`, or in `Authorization`.
    pub key: Option<String>,
}

impl Ask {
    /// Reads URL and headers. A GET may not write, as with a ClickHouse server.
    pub fn read(
        method: &Method,
        url_query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Self, Exception> {
        let mut ask = Self::default();
        for (name, value) in form_urlencoded::parse(url_query.unwrap_or_default().as_bytes()) {
            ask.field(&name, value.into_owned())?;
        }
        ask.headers(headers)?;
        if matches!(*method, Method::GET | Method::HEAD) {
            let forbids_writes =
                |setting: &(String, String)| setting.0 == "readonly" && setting.1 != "0";
            if !ask.settings.iter().any(forbids_writes) {
                ask.settings.retain(|(name, _)| name != "readonly");
                ask.settings.push(("readonly".to_owned(), "2".to_owned()));
            }
        }
        Ok(ask)
    }

    /// One field of the URL or of a form. Whatever is not known here is a setting of this query alone.
    pub fn field(&mut self, name: &str, value: String) -> Result<(), Exception> {
        if self.settings.len() + self.params.len() >= MOST_FIELDS {
            return Err(bad(format!("more than {MOST_FIELDS} parameters")));
        }
        match name {
            "query" => self.query.push_str(&value),
            "database" => self.database = Some(value).filter(|name| !name.is_empty()),
            "default_format" => self.default_format = Some(value).filter(|name| !name.is_empty()),
            "query_id" => self.query_id = Some(value).filter(|id| !id.is_empty()),
            "wait_end_of_query" => self.wait_end_of_query = value != "0" && value != "false",
            "user" | "buffer_size" | "quota_key" | "stacktrace" => {}
            "compress" | "decompress" | "client_protocol_version" if value == "0" => {}
            "compress" | "decompress" => {
                return Err(refused(
                    name,
                    "use Compression::None, it is the same machine",
                ));
            }
            "client_protocol_version" => return Err(refused(name, "leave it out")),
            "session_id" | "session_timeout" | "session_check" => {
                return Err(refused(name, "each query has a session of its own"));
            }
            "role" => return Err(refused(name, "it has one user, without roles")),
            "password" => return Err(refused(name, "send it as the header X-ClickHouse-Key")),
            _ => match name.strip_prefix("param_") {
                Some(param) => put(&mut self.params, param, value)?,
                None => put(&mut self.settings, name, value)?,
            },
        }
        Ok(())
    }

    fn headers(&mut self, headers: &HeaderMap) -> Result<(), Exception> {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        if let Some(encoding) = text("content-encoding").filter(|encoding| encoding != "identity") {
            return Err(refused(
                &format!("Content-Encoding: {encoding}"),
                "send the body as it is",
            ));
        }
        self.key = text("x-clickhouse-key")
            .or_else(|| text(header::AUTHORIZATION.as_str()).and_then(|value| password(&value)));
        self.database = self
            .database
            .take()
            .or_else(|| text("x-clickhouse-database"));
        self.default_format = self
            .default_format
            .take()
            .or_else(|| text("x-clickhouse-format"));
        Ok(())
    }

    pub fn format(&self) -> String {
        self.default_format
            .clone()
            .unwrap_or_else(|| DEFAULT_FORMAT.to_owned())
    }
}

/// The last of a name counts.
fn put(fields: &mut Vec<(String, String)>, name: &str, value: String) -> Result<(), Exception> {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain
        || name
            .bytes()
            .next()
            .is_none_or(|first| first.is_ascii_digit())
    {
        return Err(bad(format!(
            "the parameter name {name:?} is not an identifier"
        )));
    }
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value));
    Ok(())
}

/// The secret of `Authorization: Bearer secret` or `Basic base64(user:secret)`.
fn password(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(base64(value.trim())?).ok()?;
    credentials
        .split_once(':')
        .map(|(_user, password)| password.to_owned())
}

/// RFC 4648, the standard alphabet, padding optional.
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for symbol in text.trim_end_matches('=').bytes() {
        let six = ALPHABET.iter().position(|known| *known == symbol)?;
        bits = (bits << 6) | u32::try_from(six).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn bad(message: String) -> Exception {
    Exception::new(Kind::BadArguments, message)
}

fn refused(what: &str, instead: &str) -> Exception {
    Exception::new(
        Kind::NotSupported,
        format!("The embedded ClickHouse does not take {what}: {instead}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: Method, url: &str) -> Result<Ask, Exception> {
        Ask::read(&method, Some(url), &HeaderMap::new())
    }

    #[test]
    fn what_is_not_known_is_a_setting() {
        let ask = read(
            Method::POST,
            "query=SELECT%201&database=d&param_x=1%2B1&max_threads=2&max_threads=3",
        )
        .unwrap();
        assert_eq!(ask.query, "SELECT 1");
        assert_eq!(ask.database.as_deref(), Some("d"));
        assert_eq!(ask.params, [("x".to_owned(), "1+1".to_owned())]);
        assert_eq!(ask.settings, [("max_threads".to_owned(), "3".to_owned())]);
    }

    #[test]
    fn a_get_may_not_write() {
        let readonly = |url| read(Method::GET, url).unwrap().settings;
        assert_eq!(readonly(""), [("readonly".to_owned(), "2".to_owned())]);
        assert_eq!(
            readonly("readonly=0"),
            [("readonly".to_owned(), "2".to_owned())]
        );
        assert_eq!(
            readonly("readonly=1"),
            [("readonly".to_owned(), "1".to_owned())]
        );
        assert_eq!(read(Method::POST, "").unwrap().settings, []);
    }

    #[test]
    fn what_would_be_ignored_in_silence_is_refused() {
        for url in [
            "compress=1",
            "decompress=1",
            "session_id=x",
            "role=x",
            "password=x",
            "a%20b=1",
            "param_1=2",
            "=1",
        ] {
            assert!(read(Method::POST, url).is_err(), "{url}");
        }
        assert!(read(Method::POST, "compress=0&decompress=0&user=x").is_ok());
    }

    #[test]
    fn the_key_comes_from_either_header() {
        let key = |name: &'static str, value: &str| {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            Ask::read(&Method::POST, None, &headers).unwrap().key
        };
        assert_eq!(key("x-clickhouse-key", "s").as_deref(), Some("s"));
        assert_eq!(key("authorization", "Bearer s").as_deref(), Some("s"));
        assert_eq!(
            key("authorization", "Basic ZGVmYXVsdDpzM2NyOnQ=").as_deref(),
            Some("s3cr:t")
        );
        assert_eq!(key("authorization", "Basic !"), None);
    }
}
