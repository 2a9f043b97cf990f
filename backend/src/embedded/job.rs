//! One statement on its own thread: its session, its answer, its rows.
//!
//! Owns the order given, the channels to and from the client, whether the answer is streamed or made
//! whole, and how the settings of one request become a session's. Must not know how many run, nor HTTP.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use super::chdb::{Connection, Counts, RowStream};
use super::engine::Engine;
use super::exception::{Exception, Kind};
use super::formats::Joiner;
use super::statement::{Statement, classify};

/// How long a client may leave an answer unread, or an insert's body unsent, before its statement is
/// stopped.
pub const STALL: Duration = Duration::from_secs(60);
/// An answer is handed on in slices of at most this.
const SLICE_BYTES: usize = 256 * 1024;

/// What a request asks of the engine.
#[derive(Debug, Default)]
pub struct Order {
    pub text: Vec<u8>,
    pub database: Option<String>,
    /// The format of the answer where the text names none.
    pub format: String,
    /// Names are checked by the caller to be plain identifiers.
    pub settings: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
}

/// An answer as it comes. A channel that closes without `End` or an exception was cut short.
pub enum Piece {
    /// Sent once, before any rows; what was read and written up to then.
    Start {
        counts: Counts,
    },
    Rows(Bytes),
    End,
}

/// The rows of an insert as they come. A channel that closes without `End` cancels the insert.
pub enum Feed {
    Rows(Bytes),
    End,
}

/// Held by the thread of a statement as long as it runs.
pub struct Alive {
    pub stop: AtomicBool,
    pub mark: u64,
}

impl Alive {
    /// Stands at the end of `log_comment`, the one setting that changes nothing and that a statement's
    /// entry in `system.processes` shows: libchdb takes no query_id. (A statement that sets
    /// `log_comment` in its own SETTINGS clause can't be found, nor killed, by it.)
    fn comment(&self) -> String {
        format!("[crumbtrail {}]", self.mark)
    }

    /// Names this statement in `KILL QUERY WHERE …`.
    pub fn condition(&self) -> String {
        format!("endsWith(Settings['log_comment'], '{}')", self.comment())
    }
}

/// A statement with its slot.
pub struct Job {
    pub engine: Arc<Engine>,
    pub order: Order,
    pub alive: Arc<Alive>,
    /// Freed when the statement has ended and its connection is closed.
    pub _slot: OwnedSemaphorePermit,
}

impl Job {
    pub fn answer(&self, out: &Outlet) -> Result<(), Exception> {
        let mut connection = self.session()?;
        match classify(&self.order.text) {
            Statement::Several => Err(Exception::new(
                Kind::SyntaxError,
                "Syntax error (Multi-statements are not allowed)",
            )),
            Statement::Select {
                format,
                totals: false,
            } if !self.frames_rows() => match Joiner::of(format.unwrap_or(&self.order.format)) {
                Some(joiner) => self.streamed(&mut connection, joiner, out),
                None => self.whole(&mut connection, out),
            },
            _ => self.whole(&mut connection, out),
        }
    }

    /// Settings that put something around the rows, which a piece would carry each time.
    fn frames_rows(&self) -> bool {
        const FRAMING: [&str; 2] = ["extremes", "output_format_json_array_of_rows"];
        let text = String::from_utf8_lossy(&self.order.text);
        let set = |name: &str| {
            self.order
                .settings
                .iter()
                .any(|(setting, _)| setting == name)
        };
        FRAMING.iter().any(|name| set(name)) || text.contains(FRAMING[1])
    }

    fn streamed(
        &self,
        connection: &mut Connection,
        joiner: Joiner,
        out: &Outlet,
    ) -> Result<(), Exception> {
        match connection.stream(&self.order.text, &self.order.format, &self.order.params) {
            // Refused before it ran, for it only looks like a SELECT: run below.
            Err(text) if text.contains("Streaming query is not supported") => {}
            Err(text) => return Err(Exception::of_engine(text)),
            Ok(rows) => return send_rows(rows, joiner, out),
        }
        self.whole(connection, out)
    }

    fn whole(&self, connection: &mut Connection, out: &Outlet) -> Result<(), Exception> {
        let answer = connection.query(&self.order.text, &self.order.format, &self.order.params);
        let answer = answer.map_err(Exception::of_engine)?;
        out.send(Ok(Piece::Start {
            counts: answer.counts(),
        }))?;
        out.send_sliced(answer.bytes())
    }

    pub fn insert(&self, mut rows: mpsc::Receiver<Feed>) -> Result<Counts, Exception> {
        let mut connection = self.session()?;
        let stream = connection.insert(&self.order.text, &self.order.format, &self.order.params);
        let mut stream = stream.map_err(Exception::of_engine)?;
        loop {
            match rows.blocking_recv() {
                Some(Feed::Rows(bytes)) => stream.append(&bytes).map_err(Exception::of_engine)?,
                Some(Feed::End) if !self.stopped() => {
                    return stream.finish().map_err(Exception::of_engine);
                }
                _ => {
                    return Err(Exception::new(
                        Kind::Cancelled,
                        "the client went before the end of its rows",
                    ));
                }
            }
        }
    }

    /// A connection of its own with the order's database and settings, all set at once so that
    /// `readonly` does not forbid the others.
    fn session(&self) -> Result<Connection, Exception> {
        let mut connection = self.engine.connect()?;
        let mut run = |sql: String| {
            connection
                .query(sql.as_bytes(), "Null", &[])
                .map(drop)
                .map_err(Exception::of_engine)
        };
        if let Some(database) = &self.order.database {
            run(format!(
                "USE `{}`",
                database.replace('\\', "\\\\").replace('`', "\\`")
            ))?;
        }
        run(self.settings_statement())?;
        if self.stopped() {
            return Err(Exception::new(
                Kind::Cancelled,
                "the client went before the statement began",
            ));
        }
        Ok(connection)
    }

    fn settings_statement(&self) -> String {
        let mut comment = self.alive.comment();
        // libchdb alone takes `x + 1` for `SELECT x + 1`; a server does not.
        let mut sql = "SET implicit_select = 0".to_owned();
        for (name, value) in &self.order.settings {
            if name == "log_comment" {
                comment = format!("{value} {comment}");
            } else {
                sql.push_str(&format!(", {name} = {}", quoted(value)));
            }
        }
        sql.push_str(&format!(", log_comment = {}", quoted(&comment)));
        sql
    }

    fn stopped(&self) -> bool {
        self.alive.stop.load(Ordering::Acquire)
    }
}

fn send_rows(mut rows: RowStream<'_>, mut joiner: Joiner, out: &Outlet) -> Result<(), Exception> {
    let mut started = false;
    while let Some(piece) = rows.next().map_err(Exception::of_engine)? {
        if !started {
            out.send(Ok(Piece::Start {
                counts: piece.counts(),
            }))?;
            started = true;
        }
        let Some(bytes) = joiner.join(piece.bytes()) else {
            return Err(Exception::new(
                Kind::Broken,
                "the pieces of the answer differ in their headers",
            ));
        };
        out.send_sliced(bytes)?;
    }
    if started {
        Ok(())
    } else {
        out.send(Ok(Piece::Start {
            counts: Counts::default(),
        }))
    }
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Where the thread of a statement puts its answer; waits for the client, but not for ever.
pub struct Outlet {
    sender: mpsc::Sender<Result<Piece, Exception>>,
    runtime: tokio::runtime::Handle,
    /// Once the client has gone or stalled, nothing more is tried.
    closed: Cell<bool>,
}

impl Outlet {
    /// Must be called in the runtime.
    pub fn to(sender: mpsc::Sender<Result<Piece, Exception>>) -> Self {
        let runtime = tokio::runtime::Handle::current();
        Self {
            sender,
            runtime,
            closed: Cell::new(false),
        }
    }

    pub fn send(&self, piece: Result<Piece, Exception>) -> Result<(), Exception> {
        if self.closed.get() {
            return Err(Exception::new(Kind::Cancelled, "the client went"));
        }
        // Built inside block_on: a timer needs the runtime's context.
        let sending = async { timeout(STALL, self.sender.send(piece)).await };
        let sent = self.runtime.block_on(sending);
        self.closed.set(!matches!(sent, Ok(Ok(()))));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_gone)) => Err(Exception::new(Kind::Cancelled, "the client went")),
            Err(_late) => {
                let message = format!("the client read nothing for {} s", STALL.as_secs());
                Err(Exception::new(Kind::TimedOut, message))
            }
        }
    }

    fn send_sliced(&self, bytes: &[u8]) -> Result<(), Exception> {
        bytes
            .chunks(SLICE_BYTES)
            .try_for_each(|slice| self.send(Ok(Piece::Rows(Bytes::copy_from_slice(slice)))))
    }
}
