//! Why ClickHouse did not do what it was asked: exceptions by [`super::exceptions`], and what
//! befell the connection.

use super::exceptions::{Meaning, meaning};
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
    /// The disk is too full for a table to be changed.
    #[error("the disk is full: tables are changed once there is room")]
    NoRoom,
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
    /// It says that rows are stored, again and again, and has none of them.
    #[error("ClickHouse says that rows are stored, and has none of them")]
    Vanished,
    /// What is in a table is not as this build writes it.
    #[error("a row in ClickHouse is not as this build writes it: {0}")]
    Unreadable(String),
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
            Self::Unreachable(_) | Self::NoRoom | Self::Overloaded { .. } | Self::TooHeavy { .. }
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
        match meaning(code) {
            Meaning::Heavy => Self::TooHeavy { code, message },
            Meaning::Passes => Self::Overloaded { code, message },
            Meaning::Row => Self::Data { code, message },
            Meaning::Hand => Self::Refused { code, message },
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Network(source) => Self::Unreachable(chain(&*source)),
            Error::TimedOut => Self::Unreachable("no answer in time".into()),
            // A row that breaks off: whatever stands between cut the answer and ended it neatly.
            Error::NotEnoughData => Self::Unreachable("the answer was cut".into()),
            Error::BadResponse(text) => match code_of(&text) {
                Some(code) => Self::by_code(code, text),
                None if is_of_a_gateway(&text) => Self::Unreachable(text),
                None => Self::by_code(0, text),
            },
            other => Self::Refused {
                code: 0,
                message: chain(&other),
            },
        }
    }
}

/// The number in `Code: 60. DB::Exception: …`, or in `Code: 60` alone, which is what is left
/// where only the header of an answer came.
fn code_of(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("Code: ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// Whether a proxy or balancer before ClickHouse says that it can't reach it.
fn is_of_a_gateway(text: &str) -> bool {
    let says = ["502 Bad Gateway", "503 Service", "504 Gateway"];
    says.iter().any(|said| text.contains(said))
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
        assert!(error("Code: 252").may_pass());
        assert!(!error("Code: 60. DB::Exception: Unknown table").may_pass());
        assert!(!error("nonsense").may_pass());
        assert!(error("502 Bad Gateway").may_pass());
        assert!(!error("404 Not Found").may_pass());
        assert!(StoreError::from(Error::TimedOut).may_pass());
        assert!(StoreError::from(Error::NotEnoughData).may_pass());
        assert!(matches!(
            error("Code: 241. DB::Exception: Memory limit exceeded"),
            StoreError::TooHeavy { code: 241, .. }
        ));
    }
}
