//! libchdb behind safe types: the only module of the product with `unsafe`.
//!
//! Owns the C interface: loading the library, connections, answers, row streams, insert streams,
//! and that each is freed once, in order. Must not know HTTP, settings, or which statement is which.
//!
//! What holds of the C interface (engine 26.7, tried): connections of one process share one engine
//! and one path; one statement at a time on a connection, so every call takes `&mut`; connections run
//! side by side on any threads. Text goes as pointer and length, may hold zero bytes, and is copied
//! during the call. An answer is the caller's own and outlives its connection. Cancelling a row
//! stream waits for the block being computed and must not run beside a fetch (it hangs): a running
//! statement is stopped from outside, by `KILL QUERY` on another connection.
#![expect(
    unsafe_code,
    reason = "libchdb is a C library, loaded by dlopen; every call into it stands here"
)]

mod symbols;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use symbols::{Count, Handle, Raw, Run, Symbols};

/// A loaded libchdb. It is never unloaded: the engine's threads and exit hooks live in it. Once all
/// connections are closed the process may exit; `chdb_shutdown` is not called, for it fails once a
/// MergeTree table was opened (26.7.3), and a process that exits does not need it.
pub struct Library {
    symbols: Symbols,
    _loaded: ManuallyDrop<libloading::Library>,
}

impl Library {
    /// Loads the library and tells it to leave the process's signal handlers alone.
    ///
    /// # Errors
    /// The loader's own words: no such file, another architecture, or a missing function (an older libchdb).
    pub fn load(path: &Path) -> Result<Arc<Self>, libloading::Error> {
        // SAFETY: running the initialisers of the library named is what the caller asked for; libchdb's
        // allocate and register, and touch nothing of ours.
        let loaded = unsafe { libloading::Library::new(path) }?;
        let symbols = Symbols::find(&loaded)?;
        // SAFETY: takes a flag; to be called at any time, by chdb.h.
        unsafe { (symbols.set_signal_handlers)(0) };
        Ok(Arc::new(Self {
            symbols,
            _loaded: ManuallyDrop::new(loaded),
        }))
    }

    /// chdb's own release, as `26.7.3`. The engine's is `SELECT version()`.
    pub fn version(&self) -> String {
        // SAFETY: no arguments; returns a constant string of the library, or null.
        unsafe { text((self.symbols.version)()) }.unwrap_or_default()
    }

    /// A connection to the engine on `path`, which the first one starts. `None` when the engine refuses:
    /// it says no more than that, but prints the reason to stderr.
    pub fn connect(self: &Arc<Self>, path: &str) -> Option<Connection> {
        let args = [
            CString::new("clickhouse").ok()?,
            CString::new(format!("--path={path}")).ok()?,
        ];
        let mut argv = args.each_ref().map(|arg| arg.as_ptr().cast_mut());
        // SAFETY: argv holds as many zero-ended strings as argc says, alive for the call; they are not written to.
        let raw = unsafe { (self.symbols.connect)(argv.len() as c_int, argv.as_mut_ptr()) };
        let raw = NonNull::new(raw)?;
        // SAFETY: a non-null return points at a handle owned by the library until chdb_close_conn.
        if unsafe { *raw.as_ptr() }.is_null() {
            return None;
        }
        Some(Connection {
            library: Arc::clone(self),
            raw,
        })
    }
}

/// A session of the engine: its own settings, current database and temporary tables.
pub struct Connection {
    library: Arc<Library>,
    raw: NonNull<Handle>,
}

// SAFETY: the library ties no connection to a thread; `&mut self` on every call keeps it to one at a time.
unsafe impl Send for Connection {}

impl Connection {
    /// Runs a statement to its end and keeps the whole answer in memory.
    pub fn query(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<Answer, String> {
        let run = self.library.symbols.query;
        let raw = self.run(run, sql, format, params);
        Answer::take(&self.library, raw)
    }

    /// Starts a query whose rows are fetched in pieces. Only what selects can be streamed; the engine
    /// refuses anything else before running it.
    pub fn stream(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<RowStream<'_>, String> {
        let run = self.library.symbols.stream_query;
        let raw = self.run(run, sql, format, params);
        // The start's own answer is the stream's handle: it is freed by RowStream, or here on a refusal.
        let start = ManuallyDrop::new(Answer::take(&self.library, raw)?);
        Ok(RowStream {
            raw: start.raw,
            ended: false,
            connection: self,
        })
    }

    /// Opens an `INSERT` (without FORMAT clause) that takes its rows in `format`, in pieces.
    pub fn insert(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[(String, String)],
    ) -> Result<InsertStream<'_>, String> {
        let run = self.library.symbols.stream_insert;
        let raw = self.run(run, sql, format, params);
        let raw = NonNull::new(raw).ok_or_else(no_answer)?;
        let stream = InsertStream {
            raw,
            open: true,
            library: Arc::clone(&self.library),
            connection: PhantomData,
        };
        match stream.error() {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    fn run(&mut self, run: Run, sql: &[u8], format: &str, params: &[(String, String)]) -> Raw {
        let names: Vec<_> = params
            .iter()
            .map(|(name, _)| name.as_ptr().cast::<c_char>())
            .collect();
        let values: Vec<_> = params
            .iter()
            .map(|(_, value)| value.as_ptr().cast::<c_char>())
            .collect();
        let name_lens: Vec<_> = params.iter().map(|(name, _)| name.len()).collect();
        let value_lens: Vec<_> = params.iter().map(|(_, value)| value.len()).collect();
        // SAFETY: the handle is open (closed in Drop only); each pointer goes with its length and outlives
        // the call; the four arrays have params.len() elements. The library copies what it keeps.
        unsafe {
            run(
                *self.raw.as_ptr(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                array(&names),
                array(&name_lens),
                array(&values),
                array(&value_lens),
                params.len(),
            )
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: `raw` came from chdb_connect, is closed here once, and no stream borrows the connection now.
        unsafe { (self.library.symbols.close_connection)(self.raw.as_ptr()) };
    }
}

/// The result of a statement, or one piece of a streamed one.
pub struct Answer {
    library: Arc<Library>,
    raw: NonNull<c_void>,
}

impl Answer {
    /// Takes ownership of a result; an error in it becomes `Err` with the engine's text.
    fn take(library: &Arc<Library>, raw: Raw) -> Result<Self, String> {
        let raw = NonNull::new(raw).ok_or_else(no_answer)?;
        let answer = Self {
            library: Arc::clone(library),
            raw,
        };
        // SAFETY: `raw` is a live result; the text belongs to it and is copied here.
        match unsafe { text((library.symbols.result_error)(raw.as_ptr())) } {
            Some(error) if !error.is_empty() => Err(error),
            _ => Ok(answer),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        let raw = self.raw.as_ptr();
        // SAFETY: buffer and length describe memory that the result owns until it is destroyed in Drop;
        // nothing writes to it. A null buffer is an empty answer.
        unsafe {
            let buffer = (self.library.symbols.result_buffer)(raw);
            let length = (self.library.symbols.result_length)(raw);
            if buffer.is_null() || length == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(buffer.cast(), length)
            }
        }
    }

    /// Rows of this piece.
    pub fn rows(&self) -> u64 {
        self.count(self.library.symbols.result_rows_read)
    }

    /// What the engine did up to this piece.
    pub fn counts(&self) -> Counts {
        let symbols = &self.library.symbols;
        // SAFETY: `raw` is a live result, read only.
        let elapsed = unsafe { (symbols.result_elapsed)(self.raw.as_ptr()) };
        Counts {
            read_rows: self.count(symbols.result_storage_rows_read),
            read_bytes: self.count(symbols.result_storage_bytes_read),
            written_rows: self.count(symbols.result_rows_written),
            written_bytes: self.count(symbols.result_bytes_written),
            elapsed_ns: (elapsed * 1e9) as u64,
        }
    }

    fn count(&self, of: Count) -> u64 {
        // SAFETY: `raw` is a live result, read only.
        unsafe { of(self.raw.as_ptr()) }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: owned by this value alone and destroyed once.
        unsafe { (self.library.symbols.result_destroy)(self.raw.as_ptr()) };
    }
}

/// Rows and bytes read from storage and written to it, and the engine's own time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub read_rows: u64,
    pub read_bytes: u64,
    pub written_rows: u64,
    pub written_bytes: u64,
    pub elapsed_ns: u64,
}

/// A query in progress. Nothing is computed ahead of the fetches; dropping it stops the query, after
/// the block being computed.
pub struct RowStream<'c> {
    connection: &'c mut Connection,
    raw: NonNull<c_void>,
    ended: bool,
}

impl RowStream<'_> {
    /// The next piece: about 65,000 rows, each piece a whole document of the format. `None` at the end.
    pub fn next(&mut self) -> Result<Option<Answer>, String> {
        if self.ended {
            return Ok(None);
        }
        let library = &self.connection.library;
        // SAFETY: handle and stream are live, and `&mut` keeps both to this call.
        let raw = unsafe {
            (library.symbols.stream_fetch)(*self.connection.raw.as_ptr(), self.raw.as_ptr())
        };
        let piece = Answer::take(library, raw);
        let more = piece
            .as_ref()
            .is_ok_and(|piece| piece.rows() > 0 || !piece.bytes().is_empty());
        self.ended = !more;
        piece.map(|piece| more.then_some(piece))
    }
}

impl Drop for RowStream<'_> {
    fn drop(&mut self) {
        let symbols = &self.connection.library.symbols;
        // SAFETY: handle and stream are live; a stream that has not ended is cancelled first, then freed once.
        unsafe {
            if !self.ended {
                (symbols.stream_cancel)(*self.connection.raw.as_ptr(), self.raw.as_ptr());
            }
            (symbols.result_destroy)(self.raw.as_ptr());
        }
    }
}

/// An `INSERT` in progress. Dropped before [`InsertStream::finish`], it is cancelled: what the engine
/// has already written as whole blocks (about a million rows each) stays, as with a ClickHouse server.
pub struct InsertStream<'c> {
    library: Arc<Library>,
    raw: NonNull<c_void>,
    open: bool,
    connection: PhantomData<&'c mut Connection>,
}

impl InsertStream<'_> {
    /// Hands over bytes, cut anywhere. Waits while the engine is behind.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), String> {
        // SAFETY: the stream is live; the bytes are copied during the call.
        let state = unsafe {
            (self.library.symbols.insert_append)(
                self.raw.as_ptr(),
                bytes.as_ptr().cast(),
                bytes.len(),
            )
        };
        if state == 0 {
            Ok(())
        } else {
            Err(self.error().unwrap_or_else(no_answer))
        }
    }

    /// Ends the rows and waits until they are stored.
    pub fn finish(mut self) -> Result<Counts, String> {
        self.open = false;
        // SAFETY: the stream is live and not yet finished or cancelled; Drop frees it.
        let raw = unsafe { (self.library.symbols.insert_done)(self.raw.as_ptr()) };
        Answer::take(&self.library, raw).map(|answer| answer.counts())
    }

    fn error(&self) -> Option<String> {
        // SAFETY: the stream is live; the text belongs to it and is copied here.
        unsafe { text((self.library.symbols.insert_error)(self.raw.as_ptr())) }
    }
}

impl Drop for InsertStream<'_> {
    fn drop(&mut self) {
        // SAFETY: the stream is live; one not finished is cancelled first, and it is freed once.
        unsafe {
            if self.open {
                (self.library.symbols.insert_cancel)(self.raw.as_ptr());
            }
            (self.library.symbols.insert_destroy)(self.raw.as_ptr());
        }
    }
}

fn array<T>(of: &[T]) -> *const T {
    if of.is_empty() {
        ptr::null()
    } else {
        of.as_ptr()
    }
}

fn no_answer() -> String {
    "Code: 1001. DB::Exception: libchdb gave no answer and no reason. (STD_EXCEPTION)".to_owned()
}

/// # Safety
/// `raw` is null or a zero-ended string alive for the call.
unsafe fn text(raw: *const c_char) -> Option<String> {
    // SAFETY: by the contract above.
    (!raw.is_null()).then(|| {
        unsafe { CStr::from_ptr(raw) }
            .to_string_lossy()
            .into_owned()
    })
}
