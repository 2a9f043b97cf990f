//! What ClickHouse's errors mean for us: sorted once, here, into those that may pass
//! and those that an operator has to mend.

use clickhouse::error::Error;

/// Why ClickHouse did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, or the connection broke.
    #[error("ClickHouse can't be reached: {0}")]
    Unreachable(String),
    /// It has too much to do at the moment.
    #[error("ClickHouse is overloaded (code {code}): {message}")]
    Overloaded {
        /// ClickHouse's code.
        code: u32,
        /// Its text.
        message: String,
    },
    /// The question costs more than it may.
    #[error("the question is too heavy (code {code}): {message}")]
    TooHeavy {
        /// ClickHouse's code.
        code: u32,
        /// Its text.
        message: String,
    },
    /// It can't take the data of a row, or of some of the rows.
    #[error("ClickHouse can't take the data (code {code}): {message}")]
    Data {
        /// ClickHouse's code.
        code: u32,
        /// Its text.
        message: String,
    },
    /// It refuses.
    #[error("ClickHouse refuses (code {code}): {message}")]
    Refused {
        /// ClickHouse's code, 0 where it gave none.
        code: u32,
        /// Its text.
        message: String,
    },
    /// The tables there were made by a newer build, or were changed by hand.
    #[error("migration {number} of the tables there is not the one of this build")]
    Migration {
        /// Its number.
        number: u32,
    },
}

impl StoreError {
    /// Whether the same may succeed later, without anybody's doing.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Overloaded { .. } | Self::TooHeavy { .. }
        )
    }

    /// Rows that can't be written the way ClickHouse reads them: this build is at fault.
    #[must_use]
    pub fn unwritable(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Refused {
            code: 0,
            message: chain(&*error),
        }
    }

    fn by_code(code: u32, message: String) -> Self {
        match code {
            // TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, the bounds on rows and bytes,
            // and those on a statement's own size and depth: for an insert they pass, for a
            // question they are its weight.
            159 | 160 | 241 | 158 | 307 | 396 | 167 | 168 | 306 => Self::TooHeavy { code, message },
            // TOO_MANY_SIMULTANEOUS_QUERIES, TOO_MANY_PARTS, NOT_ENOUGH_SPACE,
            // SOCKET_TIMEOUT, NETWORK_ERROR, TABLE_IS_READ_ONLY, KEEPER_EXCEPTION.
            202 | 252 | 243 | 209 | 210 | 242 | 999 => Self::Overloaded { code, message },
            // CANNOT_PARSE_TEXT, …_QUOTED_STRING, …_INPUT_ASSERTION_FAILED, …_DATE, …_DATETIME,
            // …_NUMBER, …_UUID; CANNOT_READ_ALL_DATA, TYPE_MISMATCH, ARGUMENT_OUT_OF_BOUND,
            // CANNOT_CONVERT_TYPE, INCORRECT_DATA, TOO_LARGE_ARRAY_SIZE, TOO_LARGE_STRING_SIZE,
            // SIZES_OF_ARRAYS_DONT_MATCH, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE,
            // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN, VIOLATED_CONSTRAINT.
            6 | 26 | 27 | 38 | 41 | 72 | 376 | 33 | 53 | 69 | 70 | 117 | 128 | 131 | 190 | 321
            | 349 | 469 => Self::Data { code, message },
            _ => Self::Refused { code, message },
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Network(source) => Self::Unreachable(chain(&*source)),
            Error::TimedOut => Self::Unreachable("no answer in time".into()),
            Error::BadResponse(text) => Self::by_code(code_of(&text), text),
            other => Self::Refused {
                code: 0,
                message: chain(&other),
            },
        }
    }
}

/// The number in `Code: 60. DB::Exception: …`, or 0.
fn code_of(text: &str) -> u32 {
    text.split_once("Code: ")
        .and_then(|(_, rest)| rest.split_once('.'))
        .and_then(|(code, _)| code.trim().parse().ok())
        .unwrap_or(0)
}

/// An error with everything behind it: "connect error" alone helps nobody.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_sorted() {
        let error = |text: &str| StoreError::from(Error::BadResponse(text.into()));
        assert!(error("Code: 252. DB::Exception: Too many parts").may_pass());
        assert!(!error("Code: 60. DB::Exception: Unknown table").may_pass());
        assert!(!error("nonsense").may_pass());
        assert!(StoreError::from(Error::TimedOut).may_pass());
        assert!(matches!(
            error("Code: 241. DB::Exception: Memory limit exceeded"),
            StoreError::TooHeavy { code: 241, .. }
        ));
    }
}
