//! The C functions of libchdb by name and type, as `chdb.h` declares them.
//!
//! Owns the pairing of a name with its type. Must not call any of them.

use std::ffi::{c_char, c_int, c_void};

/// `chdb_connection`: an opaque handle; what `chdb_connect` returns is a pointer to one.
pub type Handle = *mut c_void;
pub type Raw = *mut c_void;

type Connect = unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut Handle;
type CloseConnection = unsafe extern "C" fn(*mut Handle);
/// The connection, the statement, the format, then the parameters: names and lengths, values and lengths, count.
pub type Run = unsafe extern "C" fn(
    Handle,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *const *const c_char,
    *const usize,
    *const *const c_char,
    *const usize,
    usize,
) -> Raw;
type Fetch = unsafe extern "C" fn(Handle, Raw) -> Raw;
type CancelRows = unsafe extern "C" fn(Handle, Raw);
type Append = unsafe extern "C" fn(Raw, *const c_void, usize) -> c_int;
type Done = unsafe extern "C" fn(Raw) -> Raw;
type Dispose = unsafe extern "C" fn(Raw);
type Text = unsafe extern "C" fn(Raw) -> *const c_char;
type Length = unsafe extern "C" fn(Raw) -> usize;
pub type Count = unsafe extern "C" fn(Raw) -> u64;
type Seconds = unsafe extern "C" fn(Raw) -> f64;
type Version = unsafe extern "C" fn() -> *const c_char;
type SignalHandlers = unsafe extern "C" fn(c_int);

/// The C functions used. Plain function pointers: valid as long as the library stays loaded.
pub struct Symbols {
    pub connect: Connect,
    pub close_connection: CloseConnection,
    pub query: Run,
    pub stream_query: Run,
    pub stream_fetch: Fetch,
    pub stream_cancel: CancelRows,
    pub stream_insert: Run,
    pub insert_append: Append,
    pub insert_done: Done,
    pub insert_cancel: Dispose,
    pub insert_destroy: Dispose,
    pub insert_error: Text,
    pub result_destroy: Dispose,
    pub result_buffer: Text,
    pub result_length: Length,
    pub result_error: Text,
    pub result_elapsed: Seconds,
    pub result_rows_read: Count,
    pub result_storage_rows_read: Count,
    pub result_storage_bytes_read: Count,
    pub result_rows_written: Count,
    pub result_bytes_written: Count,
    pub version: Version,
    pub set_signal_handlers: SignalHandlers,
}

impl Symbols {
    /// All of them, or the loader's word on the first that is missing.
    pub fn find(library: &libloading::Library) -> Result<Self, libloading::Error> {
        /// One function by name, as the type of the field it goes to.
        fn get<T: Copy>(library: &libloading::Library, name: &str) -> Result<T, libloading::Error> {
            // SAFETY: T is the type chdb.h gives the function of that name; the table below pairs them.
            unsafe { library.get::<T>(name.as_bytes()) }.map(|symbol| *symbol)
        }
        Ok(Self {
            connect: get(library, "chdb_connect")?,
            close_connection: get(library, "chdb_close_conn")?,
            query: get(library, "chdb_query_with_params_n")?,
            stream_query: get(library, "chdb_stream_query_with_params_n")?,
            stream_fetch: get(library, "chdb_stream_fetch_result")?,
            stream_cancel: get(library, "chdb_stream_cancel_query")?,
            stream_insert: get(library, "chdb_stream_insert_with_params_n")?,
            insert_append: get(library, "chdb_stream_append")?,
            insert_done: get(library, "chdb_stream_done")?,
            insert_cancel: get(library, "chdb_stream_cancel_insert")?,
            insert_destroy: get(library, "chdb_destroy_insert_stream")?,
            insert_error: get(library, "chdb_stream_insert_error")?,
            result_destroy: get(library, "chdb_destroy_query_result")?,
            result_buffer: get(library, "chdb_result_buffer")?,
            result_length: get(library, "chdb_result_length")?,
            result_error: get(library, "chdb_result_error")?,
            result_elapsed: get(library, "chdb_result_elapsed")?,
            result_rows_read: get(library, "chdb_result_rows_read")?,
            result_storage_rows_read: get(library, "chdb_result_storage_rows_read")?,
            result_storage_bytes_read: get(library, "chdb_result_storage_bytes_read")?,
            result_rows_written: get(library, "chdb_result_rows_written")?,
            result_bytes_written: get(library, "chdb_result_bytes_written")?,
            version: get(library, "chdb_version")?,
            set_signal_handlers: get(library, "chdb_set_signal_handlers_enabled")?,
        })
    }
}
