//! ClickHouse's HTTP interface as it is on the wire: requests as they come, and answers that
//! go wrong.

use std::io;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpStream,
};

pub struct Request {
    /// As it came, but for the connection, which is closed after each.
    pub wire: Vec<u8>,
    /// Its SQL, without the quotes around names.
    pub statement: String,
}

/// How an exception is told.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// By header and text, as ClickHouse does before it has sent anything.
    Whole,
    /// Without the text.
    Header,
    /// Without the header, as old servers and some balancers leave it.
    Text,
    /// In the middle of an answer that began with a 200.
    Late,
    /// The same, as servers before 25.11 do.
    LateUntagged,
}

/// Reads one request.
pub async fn read(client: &mut BufReader<TcpStream>) -> io::Result<Request> {
    let mut wire = Vec::new();
    let line = line(client, &mut wire).await?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    let query = target.split_once('?').unwrap_or_default().1;
    let statement = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "query");
    let statement = statement.map(|(_, statement)| statement.into_owned());
    wire.extend(b"connection: close\r\n");
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = self::line(client, &mut wire).await?.to_ascii_lowercase();
        match header
            .split_once(':')
            .map(|(name, value)| (name, value.trim()))
        {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", value)) => chunked = value == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    let head = wire.len();
    if chunked {
        while chunk(client, &mut wire).await? > 0 {}
    } else {
        client.take(length).read_to_end(&mut wire).await?;
    }
    let text = || String::from_utf8_lossy(&wire[head..]).into_owned();
    Ok(Request {
        statement: statement.unwrap_or_else(text).replace('`', ""),
        wire,
    })
}

/// Reads a line, which it gives, and keeps it as it came.
async fn line(client: &mut BufReader<TcpStream>, wire: &mut Vec<u8>) -> io::Result<String> {
    let mut line = String::new();
    if client.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    wire.extend(line.as_bytes());
    Ok(line.trim_end().to_owned())
}

/// Reads one chunk of a body, with what is around it, and gives its length.
async fn chunk(client: &mut BufReader<TcpStream>, wire: &mut Vec<u8>) -> io::Result<u64> {
    let length = u64::from_str_radix(&line(client, wire).await?, 16).map_err(io::Error::other)?;
    client.take(length + 2).read_to_end(wire).await?;
    Ok(length)
}

/// An answer that is an exception.
pub fn exception(shape: Shape, code: u32, name: &str) -> Vec<u8> {
    let text = format!(
        "Code: {code}. DB::Exception: As the test wants it. ({name}) (version 26.7.2.1 (official build))\n"
    );
    let header = format!("x-clickhouse-exception-code: {code}\r\n");
    let (header, text) = match shape {
        Shape::Whole => (header, text),
        Shape::Header => (header, String::new()),
        Shape::Text => (String::new(), text),
        Shape::LateUntagged => return late("", &text),
        Shape::Late => {
            let tag = "abcdefghijklmnop";
            let text = format!(
                "\r\n__exception__\r\n{tag}\r\n{text}{} {tag}\r\n__exception__\r\n",
                text.len()
            );
            return late(&format!("x-clickhouse-exception-tag: {tag}\r\n"), &text);
        }
    };
    let status = "HTTP/1.1 500 Internal Server Error";
    format!(
        "{status}\r\n{header}content-length: {}\r\n\r\n{text}",
        text.len()
    )
    .into_bytes()
}

/// The text after some bytes of an answer; then no more comes.
fn late(header: &str, text: &str) -> Vec<u8> {
    let length = text.len() + 8;
    let head = format!("HTTP/1.1 200 OK\r\n{header}transfer-encoding: chunked\r\n\r\n");
    format!("{head}{length:x}\r\n\0\0\0\0\0\0\0\0{text}\r\n").into_bytes()
}

/// The first seven bytes of an answer's body, as if they were all of it.
pub fn short(answer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let status = text.lines().next().unwrap_or_default();
    format!("{status}\r\ncontent-length: 7\r\n\r\n1234567").into_bytes()
}
