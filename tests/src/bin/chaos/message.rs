//! Where an HTTP/1.1 message ends (RFC 9112, 6): as much of the protocol as the network between
//! two parts has to know.

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A head is shorter.
const HEAD_BYTES: usize = 64 << 10;
/// A body is shorter.
const BODY_BYTES: usize = 9 << 20;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A request that doesn't say how long it is, or is too long.
#[derive(Debug, thiserror::Error)]
#[error("a request without a length, or longer than {HEAD_BYTES} and {BODY_BYTES} bytes")]
pub struct Unframed;

/// A whole request.
#[derive(Debug)]
pub struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads one; none where the connection ends before its end.
    pub async fn read(stream: &mut TcpStream) -> Result<Option<Self>> {
        let Some((head, mut body)) = read_head(stream).await? else {
            return Ok(None);
        };
        let length = content_length(&head).filter(|length| *length <= BODY_BYTES);
        let length = length.ok_or(Unframed)?;
        if header(&head, "expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        while body.len() < length {
            if stream.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self { head, body }))
    }

    /// Its bytes, as the only request of a connection.
    pub fn closing(&self) -> Vec<u8> {
        let lines = self.head.split("\r\n").filter(|line| !line.is_empty());
        let lines =
            lines.filter(|line| !is_header(line, "connection") && !is_header(line, "expect"));
        let mut bytes = Vec::with_capacity(self.head.len() + self.body.len() + 24);
        for line in lines.chain(["connection: close", ""]) {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Reads an answer, as far as it comes; and whether that is to its end.
pub async fn read_answer(stream: &mut TcpStream) -> Result<(Vec<u8>, bool)> {
    let Some((head, mut body)) = read_head(stream).await? else {
        return Ok((Vec::new(), false));
    };
    // One without a length ends with its connection.
    let length = if is_without_body(&head) {
        Some(0)
    } else {
        header(&head, "content-length").and_then(|length| length.parse().ok())
    };
    let most = length.unwrap_or(BODY_BYTES);
    let mut is_whole = true;
    while body.len() < most {
        if stream.read_buf(&mut body).await.unwrap_or_default() == 0 {
            is_whole = length.is_none();
            break;
        }
    }
    Ok(([head.into_bytes(), body].concat(), is_whole))
}

/// A head with the empty line behind it, and what was read beyond; none where the connection ends
/// before.
async fn read_head(stream: &mut TcpStream) -> Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = find(&bytes, HEAD_END) {
            let body = bytes.split_off(end + HEAD_END.len());
            return Ok(Some((String::from_utf8(bytes)?, body)));
        }
        if bytes.len() > HEAD_BYTES {
            return Err(Unframed.into());
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// 204 has none (RFC 9110, 15.3.5).
fn is_without_body(head: &str) -> bool {
    head.split(' ').nth(1) == Some("204")
}

/// How many bytes follow the head.
fn content_length(head: &str) -> Option<usize> {
    if header(head, "transfer-encoding").is_some() {
        return None;
    }
    match header(head, "content-length") {
        Some(length) => length.parse().ok(),
        None => Some(0),
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n");
    let line = lines.find(|line| is_header(line, name))?;
    Some(line.split_once(':')?.1.trim())
}

fn is_header(line: &str, name: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_or_it_is_none() {
        let length = |fields: &str| content_length(&format!("POST / HTTP/1.1\r\n{fields}\r\n"));
        assert_eq!(length("Content-Length: 12\r\n"), Some(12));
        assert_eq!(length(""), Some(0));
        assert_eq!(length("content-length: x\r\n"), None);
        assert_eq!(length("Transfer-Encoding: chunked\r\n"), None);
    }

    #[test]
    fn a_204_has_no_body() {
        assert!(is_without_body("HTTP/1.1 204 No Content\r\n\r\n"));
        assert!(!is_without_body("HTTP/1.1 202 Accepted\r\n\r\n"));
    }

    #[test]
    fn the_only_request_of_a_connection_says_so() {
        let request = Request {
            head: "POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n".to_owned(),
            body: b"body".to_vec(),
        };
        let expected = b"POST / HTTP/1.1\r\nHost: a\r\nconnection: close\r\n\r\nbody";
        assert_eq!(request.closing(), expected);
    }
}
