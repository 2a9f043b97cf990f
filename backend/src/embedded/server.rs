//! ClickHouse's HTTP interface over the engine.
//!
//! Owns the route table, the secret, how a body becomes a statement or rows, and how an answer leaves:
//! streamed, with the exception in the stream and the connection cut where it fails midway, so that a
//! failed answer is never taken for a short one. Must not know libchdb.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::chdb::Counts;
use super::engine::{Engine, Running};
use super::exception::{Exception, Kind};
use super::formats::media_type;
use super::job::{Feed, Order, Piece, STALL};
use super::request::Ask;
use super::secret::Secret;
use super::statement::{Statement, classify};

/// A body that is a statement, or a form, is held in memory up to this; rows of an insert are not.
const MOST_HELD_BYTES: usize = 16 * 1024 * 1024;
/// With `wait_end_of_query` an answer is held up to this.
const MOST_WAITED_BYTES: usize = 64 * 1024 * 1024;
/// After a failed insert so much of the body is still read, so that the client reads the answer rather
/// than meet a closed connection.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// After an exception in the stream: hyper drops what it has not yet written when it cuts a connection,
/// so a client gets this long to read up to the exception. One that knows it by its frame goes at once.
const FAREWELL: Duration = Duration::from_secs(2);

pub struct Server {
    pub engine: Arc<Engine>,
    /// Without one, whoever can connect can read and write.
    pub secret: Option<Secret>,
    /// Where the marks of exceptions in a stream come from: data must not be able to contain them.
    pub marks: RandomState,
    pub next_mark: AtomicU64,
}

/// The route table.
pub fn routes(server: Server) -> Router {
    Router::new()
        .route("/ping", get(|| async { "Ok.\n" }))
        .route("/", any(root))
        .with_state(Arc::new(server))
}

async fn root(State(server): State<Arc<Server>>, request: Request) -> Response {
    let answered = Box::pin(server.answer(request)).await;
    answered.unwrap_or_else(|exception| refusal(&exception))
}

impl Server {
    async fn answer(&self, request: Request) -> Result<Response, Exception> {
        let (head, body) = request.into_parts();
        let mut ask = Ask::read(&head.method, head.uri.query(), &head.headers)?;
        self.admit(ask.key.as_deref())?;
        let body = body.into_data_stream();
        if let Some(boundary) = boundary(&head.headers) {
            read_form(&mut ask, body, boundary).await?;
            let text = ask.query.clone().into_bytes();
            return self.statement(ask, text).await;
        }
        if head.method == Method::POST
            && let Statement::Insert { head, format } = classify(ask.query.as_bytes())
        {
            let order = Order {
                text: head.to_vec(),
                format: format.to_owned(),
                ..order(&mut ask)
            };
            return self.insert(&ask, order, body).await;
        }
        let mut text = ask.query.clone().into_bytes();
        read_statement(&mut text, body).await?;
        if text.is_empty() && matches!(head.method, Method::GET | Method::HEAD) {
            return Ok("Ok.\n".into_response());
        }
        self.statement(ask, text).await
    }

    fn admit(&self, key: Option<&str>) -> Result<(), Exception> {
        match &self.secret {
            Some(secret) if !key.is_some_and(|key| secret.is(key)) => Err(Exception::new(
                Kind::AuthenticationFailed,
                "default: Authentication failed: password is incorrect, or there is no user with such name. \
                 The embedded ClickHouse expects its secret in the header X-ClickHouse-Key",
            )),
            _ => Ok(()),
        }
    }

    async fn statement(&self, mut ask: Ask, text: Vec<u8>) -> Result<Response, Exception> {
        let format = match classify(&text) {
            Statement::Select { format, .. } | Statement::Other { format } => {
                format.map(str::to_owned)
            }
            Statement::Insert { .. } | Statement::Several => None,
        };
        let format = format.unwrap_or_else(|| ask.format());
        let order = Order {
            text,
            format: ask.format(),
            ..order(&mut ask)
        };
        let (mut pieces, running) = self.engine.answer(order).await?;
        let counts = match next(&mut pieces).await? {
            Piece::Start { counts } => counts,
            Piece::Rows(_) | Piece::End => Counts::default(),
        };
        let mut response = Response::default();
        headers(&mut response, &ask, &format, &counts);
        // The first bytes or the end decide the status: only what fails later fails in the stream.
        let first = next(&mut pieces).await?;
        *response.body_mut() = match first {
            Piece::Rows(first) if ask.wait_end_of_query => {
                Body::from(wait_for_all(first, &mut pieces).await?)
            }
            Piece::Rows(first) => {
                let mark = self.mark();
                put(&mut response, "x-clickhouse-exception-tag", &mark);
                Body::from_stream(stream_rows(first, pieces, running, mark))
            }
            Piece::Start { .. } | Piece::End => Body::empty(),
        };
        Ok(response)
    }

    async fn insert(
        &self,
        ask: &Ask,
        order: Order,
        mut body: BodyDataStream,
    ) -> Result<Response, Exception> {
        let format = order.format.clone();
        // Dropping `feed` without an end, as every early return does, cancels the insert.
        let (feed, outcome, running) = self.engine.insert(order).await?;
        let mut refused = false;
        while let Some(rows) = next_rows(&mut body).await? {
            if feed.send(Feed::Rows(rows)).await.is_err() {
                refused = true;
                break;
            }
        }
        if refused {
            let _whatever_came = timeout(DRAIN_TIME, drain(&mut body)).await;
        } else {
            // Refused just now: the outcome says why.
            let _refused = feed.send(Feed::End).await;
        }
        let counts = outcome.await.map_err(|_| lost())??;
        drop(running);
        let mut response = Response::default();
        headers(&mut response, ask, &format, &counts);
        Ok(response)
    }

    /// 16 letters that no one can foresee.
    fn mark(&self) -> String {
        let mut number = self
            .marks
            .hash_one(self.next_mark.fetch_add(1, Ordering::Relaxed));
        let mut letters = String::with_capacity(16);
        for _ in 0..16 {
            letters.push(char::from(b'a' + (number % 16) as u8));
            number /= 16;
        }
        letters
    }
}

fn order(ask: &mut Ask) -> Order {
    Order {
        database: ask.database.take(),
        settings: std::mem::take(&mut ask.settings),
        params: std::mem::take(&mut ask.params),
        ..Order::default()
    }
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content_type).ok()
}

/// Fields of a form count like those of the URL. Files (external tables) are refused.
async fn read_form(ask: &mut Ask, body: BodyDataStream, boundary: String) -> Result<(), Exception> {
    let limits = multer::SizeLimit::new().whole_stream(MOST_HELD_BYTES as u64);
    let mut form = multer::Multipart::with_constraints(
        body,
        boundary,
        multer::Constraints::new().size_limit(limits),
    );
    let unreadable = |error: multer::Error| {
        Exception::new(
            Kind::BadArguments,
            format!("the form can't be read: {error}"),
        )
    };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.file_name().is_some() {
            return Err(Exception::new(
                Kind::NotSupported,
                "The embedded ClickHouse takes no external tables",
            ));
        }
        let name = field.name().unwrap_or_default().to_owned();
        // Not `text()`, which would take a byte order mark off the value.
        let value = field.bytes().await.map_err(unreadable)?;
        let value = String::from_utf8(value.into()).map_err(|_| {
            Exception::new(Kind::BadArguments, format!("the field {name} is not UTF-8"))
        })?;
        ask.field(&name, value)?;
    }
    Ok(())
}

/// Adds the body to what the URL began, with a line end between, as a ClickHouse server does.
async fn read_statement(text: &mut Vec<u8>, mut body: BodyDataStream) -> Result<(), Exception> {
    let url_only = text.len();
    if url_only > 0 {
        text.push(b'\n');
    }
    while let Some(bytes) = next_rows(&mut body).await? {
        if text.len() + bytes.len() > MOST_HELD_BYTES {
            let message = format!(
                "a statement in the body may have {MOST_HELD_BYTES} bytes; for an INSERT with more, put the statement \
                 in the URL's query and the rows in the body"
            );
            return Err(Exception::new(Kind::TooLarge, message));
        }
        text.extend_from_slice(&bytes);
    }
    if text.len() == url_only + 1 && url_only > 0 {
        text.pop();
    }
    Ok(())
}

async fn next_rows(body: &mut BodyDataStream) -> Result<Option<Bytes>, Exception> {
    match timeout(STALL, body.next()).await {
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
        Ok(Some(Err(error))) => Err(Exception::new(
            Kind::Cancelled,
            format!("the body broke off: {error}"),
        )),
        Ok(None) => Ok(None),
        Err(_late) => Err(Exception::new(
            Kind::TimedOut,
            format!("nothing of the body came for {} s", STALL.as_secs()),
        )),
    }
}

async fn drain(body: &mut BodyDataStream) {
    let mut left = DRAINED_BYTES;
    while let Some(Ok(bytes)) = body.next().await {
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            return;
        }
    }
}

async fn next(pieces: &mut mpsc::Receiver<Result<Piece, Exception>>) -> Result<Piece, Exception> {
    pieces.recv().await.unwrap_or_else(|| Err(lost()))
}

fn lost() -> Exception {
    Exception::new(
        Kind::Broken,
        "the thread of the statement ended without an answer",
    )
}

async fn wait_for_all(
    first: Bytes,
    pieces: &mut mpsc::Receiver<Result<Piece, Exception>>,
) -> Result<Vec<u8>, Exception> {
    let mut all = first.to_vec();
    while let Piece::Rows(rows) = next(pieces).await? {
        if all.len() + rows.len() > MOST_WAITED_BYTES {
            let message =
                format!("an answer with wait_end_of_query may have {MOST_WAITED_BYTES} bytes");
            return Err(Exception::new(Kind::TooLarge, message));
        }
        all.extend_from_slice(&rows);
    }
    Ok(all)
}

/// The state of an answer being sent. Dropped with the client's connection, and then `running` stops the statement.
struct Rows {
    first: Option<Bytes>,
    pieces: mpsc::Receiver<Result<Piece, Exception>>,
    mark: String,
    failed: bool,
    _running: Running,
}

/// The answer's bytes. One that fails ends with the exception as ClickHouse 25.11 and later frame it,
/// then with an error, on which hyper cuts the connection without the end of a chunked body.
fn stream_rows(
    first: Bytes,
    pieces: mpsc::Receiver<Result<Piece, Exception>>,
    running: Running,
    mark: String,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let rows = Rows {
        first: Some(first),
        pieces,
        mark,
        failed: false,
        _running: running,
    };
    stream::unfold(rows, |mut rows| async move {
        if rows.failed {
            tokio::time::sleep(FAREWELL).await;
            return Some((Err(std::io::Error::other("the query failed midway")), rows));
        }
        if let Some(first) = rows.first.take() {
            return Some((Ok(first), rows));
        }
        match next(&mut rows.pieces).await {
            Ok(Piece::Rows(bytes)) => Some((Ok(bytes), rows)),
            Ok(Piece::Start { .. } | Piece::End) => None,
            Err(exception) => {
                rows.failed = true;
                Some((Ok(exception_in_stream(&rows.mark, &exception)), rows))
            }
        }
    })
}

fn exception_in_stream(mark: &str, exception: &Exception) -> Bytes {
    let length = exception.text.len() + 1;
    let text = &exception.text;
    Bytes::from(format!(
        "\r\n__exception__\r\n{mark}\r\n{text}\n{length} {mark}\r\n__exception__\r\n"
    ))
}

fn headers(response: &mut Response, ask: &Ask, format: &str, counts: &Counts) {
    put(response, header::CONTENT_TYPE.as_str(), media_type(format));
    put(response, "x-clickhouse-format", format);
    if let Some(id) = &ask.query_id {
        put(response, "x-clickhouse-query-id", id);
    }
    let summary = serde_json::json!({
        "read_rows": counts.read_rows.to_string(),
        "read_bytes": counts.read_bytes.to_string(),
        "written_rows": counts.written_rows.to_string(),
        "written_bytes": counts.written_bytes.to_string(),
        "elapsed_ns": counts.elapsed_ns.to_string(),
    });
    put(response, "x-clickhouse-summary", &summary.to_string());
}

/// A value that can't stand in a header (a query_id with a line end) is left out.
fn put(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

fn refusal(exception: &Exception) -> Response {
    tracing::debug!(code = exception.code, text = exception.text, "refused");
    let mut response = (exception.status(), format!("{}\n", exception.text)).into_response();
    put(
        &mut response,
        "x-clickhouse-exception-code",
        &exception.code.to_string(),
    );
    response
}
