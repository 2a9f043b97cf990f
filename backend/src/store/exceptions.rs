//! ClickHouse's exceptions, each by what it means for us. No other place judges a code.

use Meaning::{Heavy, Passes, Row};

/// What an exception means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It goes by itself: a transfer broke, ClickHouse is busy or starting, a replica is away.
    Passes,
    /// The statement costs more than it may: an insert's turn comes, a question is to be smaller.
    Heavy,
    /// A row's value can't be taken; the rows beside it can.
    Row,
    /// Somebody has to do something. So does every exception that is not in the table.
    Hand,
}

/// What an exception of this code means.
#[must_use]
pub fn meaning(code: u32) -> Meaning {
    let known = EXCEPTIONS.iter().find(|(_, known, _)| *known == code);
    known.map_or(Meaning::Hand, |(meaning, ..)| *meaning)
}

/// The table: meaning, code and ClickHouse's name.
///
/// `TYPE_MISMATCH` and `CANNOT_CONVERT_TYPE` are not in it: they are about whole columns, so the
/// tables are not this build's, and by halves all rows would be set aside for that.
pub const EXCEPTIONS: &[(Meaning, u32, &str)] = &[
    // The transfer broke. Our rows are written with their lengths: a body that ends too early
    // was cut on its way.
    (Passes, 3, "UNEXPECTED_END_OF_FILE"),
    (Passes, 23, "CANNOT_READ_FROM_ISTREAM"),
    (Passes, 24, "CANNOT_WRITE_TO_OSTREAM"),
    (Passes, 32, "ATTEMPT_TO_READ_AFTER_EOF"),
    (Passes, 33, "CANNOT_READ_ALL_DATA"),
    (Passes, 95, "CANNOT_READ_FROM_SOCKET"),
    (Passes, 96, "CANNOT_WRITE_TO_SOCKET"),
    (Passes, 198, "DNS_ERROR"),
    (Passes, 203, "NO_FREE_CONNECTION"),
    (Passes, 209, "SOCKET_TIMEOUT"),
    (Passes, 210, "NETWORK_ERROR"),
    (Passes, 279, "ALL_CONNECTION_TRIES_FAILED"),
    // It has too much to do, or too little room; merges and retention make room.
    (Passes, 75, "CANNOT_WRITE_TO_FILE_DESCRIPTOR"),
    (Passes, 173, "CANNOT_ALLOCATE_MEMORY"),
    (Passes, 201, "QUOTA_EXCEEDED"),
    (Passes, 202, "TOO_MANY_SIMULTANEOUS_QUERIES"),
    (Passes, 243, "NOT_ENOUGH_SPACE"),
    (Passes, 252, "TOO_MANY_PARTS"),
    (Passes, 298, "CANNOT_PIPE"),
    (Passes, 364, "RECEIVED_ERROR_TOO_MANY_REQUESTS"),
    (Passes, 439, "CANNOT_SCHEDULE_TASK"),
    (Passes, 473, "DEADLOCK_AVOIDED"),
    (Passes, 574, "DISTRIBUTED_TOO_MANY_PENDING_BYTES"),
    (Passes, 692, "TOO_MANY_MUTATIONS"),
    (Passes, 700, "USER_SESSION_LIMIT_EXCEEDED"),
    (Passes, 745, "SERVER_OVERLOADED"),
    (Passes, 749, "TCP_CONNECTION_LIMIT_REACHED"),
    (Passes, 762, "HTTP_CONNECTION_LIMIT_REACHED"),
    (Passes, 776, "RESOURCE_LIMIT_EXCEEDED"),
    (Passes, 777, "MEMORY_RESERVATION_KILLED"),
    (Passes, 778, "MEMORY_RESERVATION_FAILED"),
    // It starts, stops, or was told to leave off.
    (Passes, 236, "ABORTED"),
    (Passes, 394, "QUERY_WAS_CANCELLED"),
    (Passes, 677, "THREAD_WAS_CANCELED"),
    (Passes, 696, "ASYNC_LOAD_CANCELED"),
    (Passes, 722, "ASYNC_LOAD_WAIT_FAILED"),
    (Passes, 733, "TABLE_IS_BEING_RESTARTED"),
    (Passes, 735, "QUERY_WAS_CANCELLED_BY_CLIENT"),
    // A cluster has not made up its mind. Whether an insert was stored, its repetition finds out.
    (Passes, 225, "NO_ZOOKEEPER"),
    (Passes, 242, "TABLE_IS_READ_ONLY"),
    (Passes, 254, "NO_ACTIVE_REPLICAS"),
    (Passes, 265, "NO_AVAILABLE_REPLICA"),
    (Passes, 280, "NO_AVAILABLE_DATA"),
    (Passes, 285, "TOO_FEW_LIVE_REPLICAS"),
    (Passes, 286, "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE"),
    (Passes, 289, "REPLICA_IS_NOT_IN_QUORUM"),
    (Passes, 297, "SHARD_HAS_NO_CONNECTIONS"),
    (Passes, 319, "UNKNOWN_STATUS_OF_INSERT"),
    (Passes, 341, "UNFINISHED"),
    (Passes, 369, "ALL_REPLICAS_ARE_STALE"),
    (Passes, 384, "PART_IS_TEMPORARILY_LOCKED"),
    (Passes, 416, "REPLICA_STATUS_CHANGED"),
    (Passes, 517, "CANNOT_ASSIGN_ALTER"),
    (Passes, 519, "NO_REMOTE_SHARD_AVAILABLE"),
    (Passes, 529, "NOT_A_LEADER"),
    (Passes, 738, "PART_IS_LOCKED"),
    (Passes, 904, "TOO_MANY_UNAVAILABLE_SHARDS"),
    (Passes, 999, "KEEPER_EXCEPTION"),
    // The bounds on time, memory, rows and bytes, and those on a statement's size and depth.
    (Heavy, 158, "TOO_MANY_ROWS"),
    (Heavy, 159, "TIMEOUT_EXCEEDED"),
    (Heavy, 160, "TOO_SLOW"),
    (Heavy, 162, "TOO_DEEP_SUBQUERIES"),
    (Heavy, 167, "TOO_DEEP_AST"),
    (Heavy, 168, "TOO_BIG_AST"),
    (Heavy, 191, "SET_SIZE_LIMIT_EXCEEDED"),
    (Heavy, 229, "QUERY_IS_TOO_LARGE"),
    (Heavy, 241, "MEMORY_LIMIT_EXCEEDED"),
    (Heavy, 306, "TOO_DEEP_RECURSION"),
    (Heavy, 307, "TOO_MANY_BYTES"),
    (Heavy, 396, "TOO_MANY_ROWS_OR_BYTES"),
    // A value that doesn't parse, doesn't fit, or that a constraint forbids.
    (Row, 6, "CANNOT_PARSE_TEXT"),
    (Row, 25, "CANNOT_PARSE_ESCAPE_SEQUENCE"),
    (Row, 26, "CANNOT_PARSE_QUOTED_STRING"),
    (Row, 27, "CANNOT_PARSE_INPUT_ASSERTION_FAILED"),
    (Row, 38, "CANNOT_PARSE_DATE"),
    (Row, 41, "CANNOT_PARSE_DATETIME"),
    (Row, 69, "ARGUMENT_OUT_OF_BOUND"),
    (Row, 72, "CANNOT_PARSE_NUMBER"),
    (Row, 117, "INCORRECT_DATA"),
    (Row, 128, "TOO_LARGE_ARRAY_SIZE"),
    (Row, 131, "TOO_LARGE_STRING_SIZE"),
    (Row, 190, "SIZES_OF_ARRAYS_DONT_MATCH"),
    (Row, 248, "INVALID_PARTITION_VALUE"),
    (Row, 321, "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE"),
    (Row, 349, "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN"),
    (Row, 376, "CANNOT_PARSE_UUID"),
    (Row, 407, "DECIMAL_OVERFLOW"),
    (Row, 467, "CANNOT_PARSE_BOOL"),
    (Row, 469, "VIOLATED_CONSTRAINT"),
    (Row, 632, "UNEXPECTED_DATA_AFTER_PARSED_VALUE"),
    (Row, 691, "UNKNOWN_ELEMENT_OF_ENUM"),
];
