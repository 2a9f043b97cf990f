//! What kind of statement a text is: does it select, does it take rows, or neither.
//!
//! Owns just enough of ClickHouse's lexing to tell them apart: words, quotes, comments, brackets.
//! Must not know what a statement means: the engine alone judges that. Where this reading is in doubt
//! the statement goes to the engine whole, which is always right and only less economical.

/// How a statement is to be run.
#[derive(Debug, PartialEq, Eq)]
pub enum Statement<'a> {
    /// Rows come out, perhaps many. `format` is that of its FORMAT clause; `totals`: it has rows beside the rows.
    Select {
        format: Option<&'a str>,
        totals: bool,
    },
    /// `INSERT … FORMAT f` or `INSERT … VALUES` with nothing after it: the rows are the body.
    /// `head` is the statement without that clause.
    Insert { head: &'a [u8], format: &'a str },
    /// Anything else: run whole.
    Other { format: Option<&'a str> },
    /// More than one statement. A ClickHouse server refuses that over HTTP; libchdb would run them all.
    Several,
}

/// Reads as much of `text` as is needed: rows that follow an INSERT in the text are not looked at.
pub fn classify(text: &[u8]) -> Statement<'_> {
    let mut tokens = Tokens {
        text,
        at: 0,
        depth: 0,
    };
    match tokens.next() {
        Some(first) if first.is("INSERT") => insert(tokens, first),
        Some(first) => other(first, tokens),
        None => Statement::Other { format: None },
    }
}

fn insert<'a>(mut tokens: Tokens<'a>, first: Token<'a>) -> Statement<'a> {
    let whole = Statement::Other { format: None };
    let mut before = first;
    while let Some(token) = tokens.next() {
        if token.depth > 0 {
            continue;
        }
        let names_a_table = before.is("INTO") || before.is("TABLE") || before.bytes == b".";
        let head = &tokens.text[..token.start];
        if !names_a_table && token.is("VALUES") {
            return if tokens.is_at_end() {
                Statement::Insert {
                    head,
                    format: "Values",
                }
            } else {
                whole
            };
        }
        if !names_a_table && token.is("FORMAT") {
            return match tokens.next().and_then(|name| name.word()) {
                Some(format) if tokens.is_at_end() => Statement::Insert { head, format },
                _ => whole,
            };
        }
        if !names_a_table && (token.is("SELECT") || token.is("WITH")) {
            return whole;
        }
        before = token;
    }
    whole
}

fn other<'a>(first: Token<'a>, tokens: Tokens<'a>) -> Statement<'a> {
    let (mut format, mut totals, mut ended) = (None, false, false);
    let mut before = first;
    for token in tokens {
        if token.bytes == b";" {
            ended = true;
        } else if ended {
            return Statement::Several;
        }
        if before.depth == 0 && before.is("FORMAT") && token.word().is_some() {
            format = token.word();
        }
        totals |= (before.is("WITH") && token.is("TOTALS")) || token.is("extremes");
        before = token;
    }
    if first.is("SELECT") || first.is("WITH") || first.bytes == b"(" {
        Statement::Select { format, totals }
    } else {
        Statement::Other { format }
    }
}

/// A word, a quoted name or text, or one other character. `depth` counts the brackets around it.
#[derive(Clone, Copy)]
struct Token<'a> {
    bytes: &'a [u8],
    start: usize,
    depth: u32,
}

impl<'a> Token<'a> {
    fn is(&self, word: &str) -> bool {
        self.bytes.eq_ignore_ascii_case(word.as_bytes())
    }

    fn word(&self) -> Option<&'a str> {
        let word = std::str::from_utf8(self.bytes).ok()?;
        word.bytes().all(is_word).then_some(word)
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks_and_comments();
        let start = self.at;
        let first = *self.text.get(start)?;
        self.at = match first {
            b'\'' | b'"' | b'`' => self.after_quote(first),
            b'$' => self.after_heredoc(),
            _ if is_word(first) => {
                let rest = &self.text[start..];
                start
                    + rest
                        .iter()
                        .position(|byte| !is_word(*byte))
                        .unwrap_or(rest.len())
            }
            _ => start + 1,
        };
        if matches!(first, b')' | b']' | b'}') {
            self.depth = self.depth.saturating_sub(1);
        }
        let token = Token {
            bytes: &self.text[start..self.at],
            start,
            depth: self.depth,
        };
        if matches!(first, b'(' | b'[' | b'{') {
            self.depth += 1;
        }
        Some(token)
    }
}

impl Tokens<'_> {
    fn is_at_end(&self) -> bool {
        self.text[self.at..]
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == b';')
    }

    fn skip_blanks_and_comments(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            self.at += match rest {
                [b, ..] if b.is_ascii_whitespace() => 1,
                [b'-', b'-', ..] | [b'#', b' ' | b'!', ..] => {
                    find(rest, b"\n").unwrap_or(rest.len())
                }
                [b'/', b'*', ..] => find(rest, b"*/").map_or(rest.len(), |at| at + 2),
                _ => return,
            };
        }
    }

    /// The end of a quoted text: a backslash takes the next character with it, a doubled quote is one.
    fn after_quote(&self, quote: u8) -> usize {
        let mut at = self.at + 1;
        while let Some(byte) = self.text.get(at) {
            at += 1;
            if *byte == b'\\' {
                at += 1;
            } else if *byte == quote {
                if self.text.get(at) != Some(&quote) {
                    return at;
                }
                at += 1;
            }
        }
        self.text.len()
    }

    /// `$tag$ … $tag$`, or a lone `$`.
    fn after_heredoc(&self) -> usize {
        let rest = &self.text[self.at..];
        let tag = rest[1..]
            .iter()
            .position(|byte| !is_word(*byte))
            .map(|at| at + 1);
        match tag {
            Some(end) if rest[end] == b'$' => {
                let body = &rest[end + 1..];
                find(body, &rest[..=end]).map_or(self.text.len(), |at| self.at + 2 * (end + 1) + at)
            }
            _ => self.at + 1,
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(
        clippy::needless_pass_by_value,
        reason = "expect![] is written at the call"
    )]
    fn check(text: &str, expect: Expect) {
        let line = match classify(text.as_bytes()) {
            Statement::Insert { head, format } => {
                format!("insert {:?} {format}", String::from_utf8_lossy(head))
            }
            Statement::Select { format, totals } => {
                format!(
                    "select {}{}",
                    format.unwrap_or("-"),
                    if totals { " totals" } else { "" }
                )
            }
            Statement::Other { format } => format!("other {}", format.unwrap_or("-")),
            Statement::Several => "several".to_owned(),
        };
        expect.assert_eq(&line);
    }

    #[test]
    fn selects() {
        check("SELECT 1", expect!["select -"]);
        check(
            "-- why\n /* so */ with 1 AS x select x FORMAT JSON;",
            expect!["select JSON"],
        );
        check("(SELECT 1) UNION ALL (SELECT 2)", expect!["select -"]);
        check(
            "SELECT 'a; FORMAT x', `;`, $$;$$, $a$ ; $a$ -- ;",
            expect!["select -"],
        );
        check(
            "SELECT g, sum(n) FROM t GROUP BY g WITH TOTALS FORMAT CSV",
            expect!["select CSV totals"],
        );
        check("SELECT totals FROM t", expect!["select -"]);
        check("SELECT * FROM (SELECT 1 FORMAT CSV)", expect!["select -"]);
        check(r"SELECT 'it\'s; ''so''' AS x", expect!["select -"]);
    }

    #[test]
    fn inserts_whose_rows_are_the_body() {
        check(
            "INSERT INTO t FORMAT Native",
            expect![[r#"insert "INSERT INTO t " Native"#]],
        );
        let long = "insert into d.`a b`(x, format) settings a=1 format RowBinary ;";
        check(
            long,
            expect![[r#"insert "insert into d.`a b`(x, format) settings a=1 " RowBinary"#]],
        );
        check(
            "INSERT INTO t (a) VALUES",
            expect![[r#"insert "INSERT INTO t (a) " Values"#]],
        );
        check(
            "INSERT INTO format FORMAT CSV",
            expect![[r#"insert "INSERT INTO format " CSV"#]],
        );
        check(
            "INSERT INTO d.values VALUES",
            expect![[r#"insert "INSERT INTO d.values " Values"#]],
        );
    }

    #[test]
    fn all_else_runs_whole() {
        check("INSERT INTO t VALUES (1, ';'); (2)", expect!["other -"]);
        check("INSERT INTO t FORMAT CSV\n1;2", expect!["other -"]);
        check("INSERT INTO t SELECT 1 FORMAT CSV", expect!["other -"]);
        check("INSERT INTO t", expect!["other -"]);
        check("DESCRIBE TABLE t FORMAT JSON", expect!["other JSON"]);
        check("", expect!["other -"]);
        check("SELECT 1; DROP TABLE t", expect!["several"]);
        for odd in [
            "$",
            "'unclosed",
            "$a$ unclosed",
            "/* unclosed",
            "'\\",
            "#",
            "-",
            ")",
        ] {
            check(odd, expect!["other -"]);
        }
    }
}
