//! A proxy before ClickHouse that does to chosen requests what servers and networks do.

pub use crate::wire::Shape;
use crate::wire::{Request, exception, read, short};
use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What befalls a request.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// ClickHouse answers with an exception, and does nothing.
    Exception(Shape, u32, &'static str),
    /// Something before ClickHouse answers in its place.
    Gateway(&'static str, &'static str),
    /// The connection is reset, before ClickHouse has the request or after it was carried out.
    Reset(Passed),
    /// No answer ever comes.
    Hang(Passed),
    /// So much of the answer comes, in percent, and then the connection's end.
    Cut(usize),
    /// The answer breaks off within a row, and looks whole.
    Short,
}

/// Whether ClickHouse had the request.
#[derive(Clone, Copy, Debug)]
pub enum Passed {
    No,
    Yes,
}

/// A fault of those requests whose statement holds `on` and whose body holds `with`.
#[derive(Clone, Debug)]
pub struct Fault {
    pub on: &'static str,
    pub with: &'static str,
    pub what: What,
}

impl Fault {
    pub const fn new(on: &'static str, what: What) -> Self {
        Self { on, with: "", what }
    }

    fn concerns(&self, request: &Request) -> bool {
        request.statement.contains(self.on) && holds(&request.wire, self.with.as_bytes())
    }
}

/// Ends when it is dropped.
pub struct Proxy {
    pub url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    upstream: String,
    fault: Mutex<Option<Fault>>,
    met: AtomicUsize,
}

impl Proxy {
    /// Before the ClickHouse at `url`.
    pub async fn open(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url.strip_prefix("http://").unwrap();
        let state = Arc::new(State {
            upstream: url.to_owned(),
            fault: Mutex::default(),
            met: AtomicUsize::default(),
        });
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn({
            let state = Arc::clone(&state);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let state = Arc::clone(&state);
                    // What breaks off is broken on purpose, or by who asked.
                    tokio::spawn(async move { state.serve(client).await.ok() });
                }
            }
        });
        Self {
            url: format!("http://{address}"),
            state,
            task,
        }
    }

    /// From now on requests meet this.
    pub fn set(&self, fault: Option<Fault>) {
        *self.state.fault.lock().unwrap() = fault;
    }

    /// How many requests met a fault.
    pub fn met(&self) -> usize {
        self.state.met.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    async fn serve(&self, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(client);
        let request = read(&mut client).await?;
        let client = client.get_mut();
        let fault = self.fault.lock().unwrap().clone();
        let Some(fault) = fault.filter(|fault| fault.concerns(&request)) else {
            return client.write_all(&self.pass(&request).await?).await;
        };
        self.met.fetch_add(1, Ordering::Relaxed);
        let passed = matches!(
            fault.what,
            What::Reset(Passed::Yes) | What::Hang(Passed::Yes) | What::Cut(_) | What::Short
        );
        let answer = if passed {
            self.pass(&request).await?
        } else {
            Vec::new()
        };
        match fault.what {
            What::Exception(shape, code, name) => {
                client.write_all(&exception(shape, code, name)).await
            }
            What::Gateway(status, body) => {
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                client.write_all((head + body).as_bytes()).await
            }
            What::Reset(_) => client.set_zero_linger(),
            What::Hang(_) => std::future::pending().await,
            What::Cut(percent) => {
                client
                    .write_all(&answer[..answer.len() * percent / 100])
                    .await
            }
            What::Short => client.write_all(&short(&answer)).await,
        }
    }

    async fn pass(&self, request: &Request) -> io::Result<Vec<u8>> {
        let mut upstream = TcpStream::connect(&self.upstream).await?;
        upstream.write_all(&request.wire).await?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}
