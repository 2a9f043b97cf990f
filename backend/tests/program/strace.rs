//! What `strace` saw a program do, call by call.

use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Stdio},
};

/// A system call. Its beginning and end are lines of the log, so they tell what came before what.
#[derive(Debug)]
pub struct Call {
    pub thread: String,
    pub name: String,
    /// The file's path, or the socket's two ends.
    pub file: String,
    /// What was read or written.
    pub data: Vec<u8>,
    pub result: Option<i64>,
    pub begin: usize,
    pub end: usize,
}

/// The command, traced into `log`. It has to end when its standard input does: whoever kills
/// `strace` doesn't kill what it traces.
pub fn traced(command: &Command, log: &Path) -> Command {
    let mut strace = Command::new("strace");
    let calls = "trace=read,recvfrom,write,writev,sendto,pwrite64,fsync,fdatasync";
    strace
        .args(["-f", "-qq", "-yy", "-xx", "-s", "70000", "--seccomp-bpf"])
        .args(["-e", calls, "-o"])
        .arg(log)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::piped());
    for (name, value) in command.get_envs() {
        strace.env(name, value.unwrap());
    }
    strace
}

/// Reads a log.
pub fn calls(log: &str) -> Vec<Call> {
    let mut begun: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut calls = Vec::new();
    for (line, text) in log.lines().enumerate() {
        let (thread, text) = text.split_once(' ').unwrap();
        let text = text.trim_start();
        if let Some(text) = text.strip_suffix("<unfinished ...>") {
            begun.insert(thread, (line, text.trim_end()));
        } else if let Some((_, rest)) = text.split_once("resumed>") {
            let (begin, text) = begun.remove(thread).unwrap();
            calls.extend(call(thread, &format!("{text}{rest}"), begin, line));
        } else {
            calls.extend(call(thread, text, line, line));
        }
    }
    calls
}

/// The call of `name(fd<file>, "data", …) = result`; none where it is a signal, or an exit.
fn call(thread: &str, text: &str, begin: usize, end: usize) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (_, rest) = rest.split_once('<')?;
    let at = rest.find(">,").or_else(|| rest.find(">)"))?;
    let (file, rest) = rest.split_at(at);
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let texts = arguments.split('"').skip(1).step_by(2);
    Some(Call {
        thread: thread.to_owned(),
        name: name.to_owned(),
        file: String::from_utf8(bytes(file)).unwrap(),
        data: texts.flat_map(bytes).collect(),
        result: result.split(' ').next()?.parse().ok(),
        begin,
        end,
    })
}

/// The bytes of a text that has some of them as `\x2f`.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}

#[test]
fn a_log_is_read() {
    let log = r#"7 pwrite64(5<\x2f\x61>, "\x68\x69", 2, 0) = 2
7 fsync(5<\x2f\x61> <unfinished ...>
8 writev(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base="\x61", iov_len=1}, {iov_base="\x62", iov_len=1}], 2) = 2
7 <... fsync resumed>)          = 0
8 +++ exited with 0 +++"#;
    let read = |call: Call| {
        let data = String::from_utf8(call.data).unwrap();
        let span = (call.begin, call.end, call.result);
        format!("{} {} {:?} {span:?}\n", call.name, call.file, data)
    };
    let read: String = calls(log).into_iter().map(read).collect();
    expect_test::expect![[r#"
        pwrite64 /a "hi" (0, 0, Some(2))
        writev TCP:[127.0.0.1:1->127.0.0.1:2] "ab" (2, 2, Some(2))
        fsync /a "" (1, 3, Some(0))
    "#]]
    .assert_eq(&read);
}
