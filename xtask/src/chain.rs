//! The whole chain on loopback: the demo shop, the worker in workerd, the backend with
//! its embedded ClickHouse.

use crate::{
    child::Child,
    keys::EdgeKeys,
    progress::{self, step},
    workspace::Workspace,
};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// What stands in every page of the shop: the one line that a site owner pastes.
pub const SNIPPET: &str = r#"<script>window.crumb=window.crumb||function(){(crumb.q=crumb.q||[]).push(arguments)}</script><script async src="/c/crumb.js" data-site="demo"></script>"#;

/// The site that the shop is to the backend.
pub const SITE: &str = "demo";

/// A page of the shop's on another site, such as its blog, that may send as well.
const ELSEWHERE: &str = "http://blog.example";

/// How long the backend may take to prepare its tables.
const READY: Duration = Duration::from_secs(30);

/// The ports to listen on; 0 takes any free one.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The shop and the worker, on one origin.
    pub shop: u16,
    /// The backend.
    pub backend: u16,
}

impl Ports {
    /// An error where one of them is in use, before anything is built for nothing.
    pub fn check(self) -> Result<()> {
        free_port(self.shop, "--port")?;
        free_port(self.backend, "--backend-port")?;
        Ok(())
    }
}

/// The running chain.
pub struct Chain {
    /// The shop's address; the worker is at `/c/` of it.
    pub shop: String,
    /// The backend's address.
    pub backend: String,
    /// An API key that may ask.
    pub key: String,
    /// The worker's secrets.
    pub edge_keys: EdgeKeys,
    /// Where the chain keeps everything.
    pub home: PathBuf,
    // In this order they are dropped: first who sends, then who takes.
    zone: Child,
    server: Child,
}

/// What is made once and kept, so that cookies and keys outlast a restart.
#[derive(Deserialize, Serialize)]
struct Secrets {
    edge: EdgeKeys,
    api_key: String,
}

impl Chain {
    /// Starts the chain with its data under `home`.
    pub fn start(workspace: &Workspace, home: &Path, ports: Ports) -> Result<Self> {
        let shop_port = free_port(ports.shop, "--port")?;
        let backend_port = free_port(ports.backend, "--backend-port")?;
        let data = home.join("data");
        fs::create_dir_all(&data).with_context(|| format!("can't make {}", data.display()))?;
        let secrets = step("preparing the site and its keys", || {
            add_site(workspace, &data)?;
            secrets(workspace, home, &data)
        })?;
        let (server, backend) = step("starting the backend and its ClickHouse", || {
            start_backend(workspace, home, &data, backend_port, &secrets).with_context(|| {
                let home = home.display();
                format!(
                    "the backend did not start on the data in {home}; remove that to begin anew"
                )
            })
        })?;
        let shop = format!("http://localhost:{shop_port}");
        let shop_files = workspace.build().join("shop");
        step("building the shop's pages", || {
            build_shop(workspace, &shop_files, &shop)
        })?;
        let zone = step("starting the shop and the worker (workerd)", || {
            let sites = json!({ SITE: { "origins": [shop, ELSEWHERE], "backend": backend } });
            let config = json!({
                "port": shop_port,
                "shopDir": shop_files,
                "vars": { "SITES": sites },
                "secrets": secrets.edge,
            });
            start_zone(workspace, home, &config)
        })?;
        Ok(Self {
            shop,
            backend,
            key: secrets.api_key,
            edge_keys: secrets.edge,
            home: home.to_owned(),
            zone,
            server,
        })
    }

    /// Makes another key of the site.
    pub fn make_key(&self, workspace: &Workspace, scope: &str) -> Result<String> {
        make_key(workspace, &self.home.join("data"), scope)
    }

    /// A link by which an owner signs in to the web app, once.
    pub fn sign_in_link(&self, workspace: &Workspace) -> Result<String> {
        let mut add = Command::new(workspace.program("crumbtrail"));
        add.args(["user", "add", "Dana", "--role", "owner"])
            .args(["--url", &self.backend, "--data"])
            .arg(self.home.join("data"));
        Ok(progress::output(&mut add)?.trim().to_owned())
    }

    /// Where the worker takes batches.
    pub fn edge(&self) -> String {
        format!("{}/c/e", self.shop)
    }

    /// Asks for a preview of a segment.
    pub fn preview(&self, definition: &Value) -> Result<Value> {
        let body = json!({ "site": SITE, "definition": definition });
        let mut answer = ureq::post(format!("{}/v1/segments/preview", self.backend))
            .header("authorization", format!("Bearer {}", self.key))
            .send_json(&body)
            .context("the segment API did not answer")?;
        Ok(answer.body_mut().read_json()?)
    }

    /// A whole number among the backend's metrics, summed over its labels; 0 where there is
    /// none yet.
    pub fn metric(&self, name: &str) -> Result<u64> {
        let text = ureq::get(format!("{}/metrics", self.backend))
            .call()?
            .body_mut()
            .read_to_string()?;
        let values = text.lines().filter_map(|line| {
            let (found, value) = line.rsplit_once(' ')?;
            let is_it = found == name || found.strip_prefix(name)?.starts_with('{');
            is_it.then(|| value.parse::<u64>().ok())?
        });
        Ok(values.sum())
    }

    /// Waits until all that was acknowledged is in ClickHouse.
    pub fn wait_until_drained(&mut self) -> Result<()> {
        let began = progress::now();
        while self.metric("crumbtrail_spool_bytes")? > 0 {
            self.check()?;
            if progress::now().duration_since(began) > Duration::from_secs(120) {
                bail!(
                    "the backend did not store everything within two minutes; its log is {}",
                    self.home.join("backend.log").display()
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// An error if a part has ended.
    pub fn check(&mut self) -> Result<()> {
        self.zone.check()?;
        self.server.check()
    }

    /// Ends every part, in order, and says if one ended badly.
    pub fn stop(self) -> Result<()> {
        self.zone.stop()?;
        self.server.stop()
    }
}

/// The port itself if it is free, or a free one for 0.
fn free_port(port: u16, flag: &str) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
        format!("port {port} is in use by another process; choose another with {flag} PORT")
    })?;
    Ok(listener.local_addr()?.port())
}

fn add_site(workspace: &Workspace, data: &Path) -> Result<()> {
    progress::quiet(
        Command::new(workspace.program("crumbtrail"))
            .args([
                "site",
                "add",
                SITE,
                "--time-zone",
                "Asia/Jerusalem",
                "--currency",
                "ILS",
                "--country",
                "IL",
            ])
            .arg("--data")
            .arg(data),
    )
}

fn secrets(workspace: &Workspace, home: &Path, data: &Path) -> Result<Secrets> {
    let file = home.join("secrets.json");
    if let Ok(kept) = fs::read(&file) {
        return serde_json::from_slice(&kept).with_context(|| {
            format!(
                "{} is damaged; remove {} to begin anew",
                file.display(),
                home.display()
            )
        });
    }
    let secrets = Secrets {
        edge: EdgeKeys::make(&[SITE.to_owned()])?,
        api_key: make_key(workspace, data, "read")?,
    };
    write_private(&file, &serde_json::to_vec_pretty(&secrets)?)?;
    Ok(secrets)
}

/// Makes a key of the site.
fn make_key(workspace: &Workspace, data: &Path, scope: &str) -> Result<String> {
    let key = progress::output(
        Command::new(workspace.program("crumbtrail"))
            .args(["key", "create", "--scope", scope, "--site", SITE, "--data"])
            .arg(data),
    )?;
    Ok(key.trim().to_owned())
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(bytes)?)
}

#[derive(Deserialize)]
struct Listening {
    listening: String,
}

fn start_backend(
    workspace: &Workspace,
    home: &Path,
    data: &Path,
    port: u16,
    secrets: &Secrets,
) -> Result<(Child, String)> {
    let mut command = Command::new(workspace.program("crumbtrail"));
    command
        .args(["serve", "--die-with-stdin", "--data"])
        .arg(data)
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .env("CRUMBTRAIL_EDGE_KEYS", &secrets.edge.forward_keys)
        // The shop is on this machine.
        .env("CRUMBTRAIL_VERIFY_PRIVATE", "true");
    with_libchdb(workspace, &mut command);
    let (mut server, Listening { listening }) =
        Child::start("the backend", &mut command, &home.join("backend.log"))?;
    wait_until_ready(&mut server, &listening)?;
    Ok((server, listening))
}

/// Waits until every part of the backend says that it works.
fn wait_until_ready(server: &mut Child, backend: &str) -> Result<()> {
    let began = progress::now();
    loop {
        server.check()?;
        let mut answer = ureq::get(format!("{backend}/readyz"))
            .config()
            .http_status_as_error(false)
            .build()
            .call()?;
        if answer.status() == 200 {
            return Ok(());
        }
        if progress::now().duration_since(began) > READY {
            let parts = answer.body_mut().read_to_string()?;
            bail!("the backend is not ready after {READY:?}: {parts}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A backend without shop and worker.
pub struct Backend {
    /// Its process.
    pub process: Child,
    /// Its address.
    pub url: String,
    /// A key of the site that allows everything there.
    pub site_key: String,
    /// A key of all sites that allows everything.
    pub all_sites_key: String,
}

/// A backend alone, on fresh data under `home` and any free port.
pub fn backend_alone(workspace: &Workspace, home: &Path) -> Result<Backend> {
    let data = home.join("data");
    add_site(workspace, &data)?;
    let secrets = secrets(workspace, home, &data)?;
    let site_key = make_key(workspace, &data, "admin")?;
    let mut make = Command::new(workspace.program("crumbtrail"));
    make.args(["key", "create", "--all-sites", "--scope", "admin", "--data"]);
    let all_sites_key = progress::output(make.arg(&data))?.trim().to_owned();
    let port = free_port(0, "--backend-port")?;
    let (process, url) = start_backend(workspace, home, &data, port, &secrets)?;
    Ok(Backend {
        process,
        url,
        site_key,
        all_sites_key,
    })
}

/// A ClickHouse alone, without a backend, on the database at `path`: its address, for
/// whoever knows `secret`.
pub fn start_clickhouse(
    workspace: &Workspace,
    path: &Path,
    secret: &str,
    log: &Path,
) -> Result<(Child, String)> {
    #[derive(Deserialize)]
    struct Listening {
        listen: String,
    }
    let mut command = Command::new(workspace.program("crumbtrail"));
    command
        .args([
            "clickhouse",
            "--listen",
            "127.0.0.1:0",
            "--die-with-stdin",
            "--path",
        ])
        .arg(path)
        .env("CRUMBTRAIL_CLICKHOUSE_SECRET", secret);
    with_libchdb(workspace, &mut command);
    let (database, Listening { listen }) = Child::start("ClickHouse", &mut command, log)?;
    Ok((database, format!("http://{listen}")))
}

/// Names the libchdb that npm installed, unless another is named already.
pub fn with_libchdb(workspace: &Workspace, command: &mut Command) {
    if std::env::var_os("CRUMBTRAIL_LIBCHDB").is_none() {
        command.env("CRUMBTRAIL_LIBCHDB", workspace.libchdb());
    }
}

fn build_shop(workspace: &Workspace, out: &Path, origin: &str) -> Result<()> {
    let snippet = workspace.build().join("snippet.html");
    fs::write(&snippet, SNIPPET)?;
    progress::quiet(
        Command::new("node")
            .arg(workspace.root().join("tests/shop/build.mjs"))
            .arg("--out")
            .arg(out)
            .arg("--snippet")
            .arg(snippet)
            .args(["--origin", origin]),
    )
}

#[derive(Deserialize)]
struct Ready {
    #[serde(rename = "url")]
    _url: String,
}

fn start_zone(workspace: &Workspace, home: &Path, config: &Value) -> Result<Child> {
    // It holds the worker's secrets.
    let file = home.join("zone.json");
    write_private(&file, &serde_json::to_vec_pretty(config)?)?;
    let mut command = Command::new("node");
    command
        .arg(workspace.root().join("edge-worker/local.mjs"))
        .arg("--config")
        .arg(&file);
    let (zone, Ready { .. }) = Child::start("the worker", &mut command, &home.join("worker.log"))?;
    Ok(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = free_port(port, "--port").unwrap_err().to_string();
        assert!(
            said.contains(&port.to_string()) && said.contains("--port"),
            "{said}"
        );
        assert_ne!(free_port(0, "--port").unwrap(), 0);
    }
}
