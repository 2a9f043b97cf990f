//! What a 2xx stands for: the spool was flushed to the disk before it was said. A killed process
//! can't show that, for the kernel still has what was written; only its system calls can.

use crate::{
    server::{Server, batch, now_ms, stamped},
    strace::{Call, calls},
};
use futures_util::{StreamExt as _, stream};
use protocol::{envelope::append_to_body, event::Action};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::HashMap;

/// Stands in each request, so that it is found again on its way to the disk.
const MARK: &str = "durable-";
const MARK_LENGTH: usize = MARK.len() + 4;

const REQUESTS: usize = 600;

#[tokio::test]
async fn an_fsync_of_the_spool_stands_between_each_append_and_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("strace.log");
    let server = Server::traced(&log);
    let key = server.key_of("demo", "write");
    let requests = (0..REQUESTS).map(|number| post(&server, &key, number));
    // One by one, then many at once, which share commits.
    let mut requests = stream::iter(requests);
    requests.by_ref().take(24).for_each(|request| request).await;
    requests.buffer_unordered(30).collect::<Vec<_>>().await;
    server.end();

    let log = std::fs::read_to_string(log).unwrap();
    let trace = Trace::new(calls(&log));
    assert_eq!(trace.answers.len(), REQUESTS, "answers");
    let unsafe_ones: Vec<_> = trace
        .answers
        .keys()
        .filter_map(|mark| trace.fault(mark))
        .collect();
    assert!(
        unsafe_ones.is_empty(),
        "{} of {REQUESTS}: {unsafe_ones:#?}",
        unsafe_ones.len()
    );
    trace.flushed_the_folder();
}

/// As edges, bulk senders and SDKs send, in turns.
async fn post(server: &Server, key: &str, number: usize) {
    let mark = format!("{MARK}{number:04}");
    let answer = match number % 3 {
        0 => {
            let action = Action::Search { term: &mark };
            let batch = batch("demo", number as u64, now_ms(), &[action]);
            let mut body = Vec::new();
            append_to_body(&mut body, &stamped(1, now_ms(), None, &batch));
            server.ingest(body).await
        }
        1 => {
            let event =
                json!([{ "id": mark, "type": "page_view", "ts": now_ms(), "anonymous_id": "a" }]);
            let path = "/v1/sites/demo/events";
            server.ask(Method::POST, path, key, Some(event)).await
        }
        _ => {
            let message = json!({ "messageId": mark, "anonymousId": "a", "event": "x" });
            let request = server.http.post(format!("{}/v1/track", server.url));
            let request = request.basic_auth(key, None::<&str>).json(&message);
            request.send().await.unwrap()
        }
    };
    let expected = [StatusCode::ACCEPTED, StatusCode::ACCEPTED, StatusCode::OK];
    assert_eq!(answer.status(), expected[number % 3]);
    answer.bytes().await.unwrap();
}

struct Trace {
    calls: Vec<Call>,
    /// By a request's mark, the call that began its answer.
    answers: HashMap<Vec<u8>, usize>,
    /// By a request's mark, the call that first wrote it to the spool's log.
    appends: HashMap<Vec<u8>, usize>,
}

impl Trace {
    fn new(calls: Vec<Call>) -> Self {
        let (mut answers, mut appends) = (HashMap::new(), HashMap::new());
        // What came on each connection and was not answered yet.
        let mut asked: HashMap<&str, Vec<u8>> = HashMap::new();
        for (at, call) in calls.iter().enumerate() {
            let connection = call.file.starts_with("TCP");
            match call.name.as_str() {
                "read" | "recvfrom" if connection => {
                    asked.entry(&call.file).or_default().extend(&call.data);
                }
                "write" | "writev" | "sendto" if connection => {
                    let asked = asked.remove(call.file.as_str()).unwrap_or_default();
                    if call.data.starts_with(b"HTTP/1.1 2") {
                        answers.extend(marks(&asked).map(|mark| (mark, at)));
                    }
                }
                "pwrite64" if is_log(call) => {
                    for mark in marks(&call.data) {
                        appends.entry(mark).or_insert(at);
                    }
                }
                _ => {}
            }
        }
        Self {
            answers,
            appends,
            calls,
        }
    }

    /// Why the answer to a request came too early, if it did.
    fn fault(&self, mark: &[u8]) -> Option<String> {
        let name = String::from_utf8_lossy(mark);
        let Some(append) = self.appends.get(mark) else {
            return Some(format!("{name} was answered and never written"));
        };
        let committed = self.committed(*append);
        let answered = self.calls[self.answers[mark]].begin;
        let flushed = self.calls.iter().any(|call| {
            is_flush(call) && is_log(call) && call.begin > committed && call.end < answered
        });
        (!flushed).then(|| format!("{name}: committed {committed}, answered {answered}"))
    }

    /// Where the transaction was written whole whose page call `at` wrote: up to the frame that
    /// says how many pages the database has now (SQLite's file format, 4.1). A frame is written
    /// as its header of 24 bytes, then its page.
    fn committed(&self, at: usize) -> usize {
        let thread = &self.calls[at].thread;
        let is_header = |call: &Call| is_log(call) && call.data.len() == 24;
        let before = self.calls[..at]
            .iter()
            .rposition(|call| is_header(call) && call.thread == *thread)
            .unwrap();
        let mut after = self.calls[before..]
            .iter()
            .filter(|call| call.thread == *thread);
        after
            .by_ref()
            .find(|call| is_header(call) && call.data[4..8] != [0; 4])
            .expect("the transaction never ends");
        after.find(|call| is_log(call)).unwrap().end
    }

    /// The log is a new file, which is found again only if its folder is on the disk too.
    fn flushed_the_folder(&self) {
        let began = self.calls.iter().find(|call| is_log(call)).unwrap();
        let folder = began.file.strip_suffix("/spool.sqlite-wal").unwrap();
        let answered = self.answers.values().min().unwrap();
        let flushed = self.calls.iter().any(|call| {
            let between = call.begin > began.begin && call.end < self.calls[*answered].begin;
            is_flush(call) && call.file == folder && between
        });
        assert!(flushed, "the folder of the spool's log was not flushed");
    }
}

fn is_log(call: &Call) -> bool {
    call.file.ends_with("/spool.sqlite-wal")
}

fn is_flush(call: &Call) -> bool {
    matches!(call.name.as_str(), "fsync" | "fdatasync") && call.result == Some(0)
}

/// The marks in some bytes.
fn marks(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let marks = bytes.windows(MARK_LENGTH);
    marks
        .filter(|bytes| bytes.starts_with(MARK.as_bytes()))
        .map(<[u8]>::to_vec)
}
