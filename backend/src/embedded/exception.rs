//! An exception as ClickHouse words it, and the HTTP status that goes with it.
//!
//! Owns the text `Code: N. DB::Exception: …`, for the engine's exceptions and the adapter's own.
//! Must not know where an exception came from.

use axum::http::StatusCode;

/// Codes that the adapter itself raises, by ClickHouse's numbers and names.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    BadArguments,
    SyntaxError,
    TooManyQueries,
    TimedOut,
    CannotSchedule,
    TooLarge,
    Broken,
    NotSupported,
    AuthenticationFailed,
    Cancelled,
}

impl Kind {
    const fn number_and_name(self) -> (u32, &'static str) {
        match self {
            Self::BadArguments => (36, "BAD_ARGUMENTS"),
            Self::SyntaxError => (62, "SYNTAX_ERROR"),
            Self::TooManyQueries => (202, "TOO_MANY_SIMULTANEOUS_QUERIES"),
            Self::TimedOut => (209, "SOCKET_TIMEOUT"),
            Self::CannotSchedule => (439, "CANNOT_SCHEDULE_TASK"),
            Self::TooLarge => (307, "TOO_MANY_BYTES"),
            Self::Broken => (1001, "STD_EXCEPTION"),
            Self::NotSupported => (48, "NOT_IMPLEMENTED"),
            Self::AuthenticationFailed => (516, "AUTHENTICATION_FAILED"),
            Self::Cancelled => (394, "QUERY_WAS_CANCELLED"),
        }
    }
}

/// One exception: its number and its whole text, one line or more, without a line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub code: u32,
    pub text: String,
}

impl Exception {
    pub fn new(kind: Kind, message: impl std::fmt::Display) -> Self {
        let (code, name) = kind.number_and_name();
        Self {
            code,
            text: format!("Code: {code}. DB::Exception: {message}. ({name})"),
        }
    }

    /// The engine's own text. One without a number (chdb's own refusals) gets 1001, a plain failure.
    pub fn of_engine(text: impl Into<String>) -> Self {
        let text = text.into().trim_end().to_owned();
        let number = text
            .strip_prefix("Code: ")
            .and_then(|rest| rest.split('.').next());
        match number.and_then(|number| number.parse().ok()) {
            Some(code) => Self { code, text },
            None => Self::new(Kind::Broken, text.trim_end_matches('.')),
        }
    }

    /// Whether a part can't be read whose files are empty. On a full disk the engine may take such
    /// a part for stored, though it says that the insert failed; when it starts it sets it aside.
    pub fn is_of_empty_part(&self) -> bool {
        const CORRUPTED_DATA: u32 = 246;
        self.code == CORRUPTED_DATA && self.text.contains("Empty marks file")
    }

    /// The status a ClickHouse server gives (its `exceptionCodeToHTTPStatus`): 4xx for what repeating
    /// cannot mend, 500 for all not named. The `clickhouse` crate takes any but 200 as an error.
    pub fn status(&self) -> StatusCode {
        match self.code {
            6 | 8 | 15 | 25 | 26 | 27 | 36 | 38 | 41 | 44 | 53 | 62 | 72 | 117 | 167 | 168 => {
                StatusCode::BAD_REQUEST
            }
            192 | 193 | 497 | 516 => StatusCode::FORBIDDEN,
            46 | 47 | 50 | 56 | 60 | 63 | 73 | 81 | 115 => StatusCode::NOT_FOUND,
            159 => StatusCode::REQUEST_TIMEOUT,
            209 | 439 => StatusCode::SERVICE_UNAVAILABLE,
            307 => StatusCode::PAYLOAD_TOO_LARGE,
            48 => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_number_is_read_and_its_text_kept() {
        let exception = Exception::of_engine(
            "Code: 60. DB::Exception: Table x does not exist. (UNKNOWN_TABLE)\n",
        );
        assert_eq!(exception.code, 60);
        assert_eq!(
            exception.text,
            "Code: 60. DB::Exception: Table x does not exist. (UNKNOWN_TABLE)"
        );
        assert_eq!(exception.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_text_without_a_number_is_worded_as_clickhouse_would() {
        let exception = Exception::of_engine("send_insert does not support this");
        assert_eq!(
            exception.text,
            "Code: 1001. DB::Exception: send_insert does not support this. (STD_EXCEPTION)"
        );
        assert_eq!(exception.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
