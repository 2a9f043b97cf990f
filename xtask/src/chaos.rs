//! `cargo xtask chaos`: breaks everything that may break, and looks whether every acknowledged
//! event is stored once.

use crate::{
    build,
    chain::with_libchdb,
    progress::{loud, step},
    setup,
    workspace::Workspace,
};
use anyhow::Result;
use std::process::{Command, Stdio};

/// How `unshare` gives a program mounts of its own: to root, and to others.
const NAMESPACES: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

/// How much is broken.
#[derive(clap::Args, Debug)]
pub struct ChaosArgs {
    /// How often the backend or its ClickHouse is killed. The disk is full once, and once more
    /// for each 25 kills.
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// How many events are sent.
    #[arg(long, default_value_t = 50_000)]
    events: u64,
    /// Another seed gives another run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Breaks the backend as it is shipped, which takes four minutes to build.
    #[arg(long)]
    shipped: bool,
}

impl ChaosArgs {
    /// As much as tests have time for.
    pub const SHORT: Self = Self {
        kills: 10,
        events: 50_000,
        seed: 1,
        shipped: false,
    };
}

/// Builds what is broken, and breaks it.
pub fn run(workspace: &Workspace, args: &ChaosArgs) -> Result<()> {
    setup::all(workspace)?;
    build::for_the_edge(workspace)?;
    if args.shipped {
        setup::build_shipped(workspace)?;
    } else {
        step("building the backend and what breaks it", || {
            setup::build_programs(workspace, &["--bin=crumbtrail", "--bin=chaos"])
        })?;
    }
    step("breaking it", || break_it(workspace, args))
}

/// Breaks what is built.
pub fn break_it(workspace: &Workspace, args: &ChaosArgs) -> Result<()> {
    let program = |name| match args.shipped {
        true => workspace.shipped_program(name),
        false => workspace.program(name),
    };
    let mut chaos = with_mounts_of_its_own(&program("chaos"));
    chaos
        .arg("--program")
        .arg(program("crumbtrail"))
        .arg("--worker")
        .arg(workspace.root().join("edge-worker/local.mjs"))
        .args(["--kills", &args.kills.to_string()])
        .args(["--events", &args.events.to_string()])
        .args(["--seed", &args.seed.to_string()]);
    with_libchdb(workspace, &mut chaos);
    loud(&mut chaos)
}

/// The program, where it may mount a small disk that nobody else sees; else one that is told why
/// it can't.
fn with_mounts_of_its_own(program: &std::path::Path) -> Command {
    let works = |namespace: &&&[&str]| {
        let tried = Command::new("unshare")
            .args(**namespace)
            .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
            .stdin(Stdio::null())
            .output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    if let Some(namespace) = NAMESPACES.iter().find(works) {
        let mut chaos = Command::new("unshare");
        chaos.args(*namespace).arg(program);
        return chaos;
    }
    let mut chaos = Command::new(program);
    chaos.args([
        "--no-small-disk",
        "this system lets neither root nor others mount a file system of their own (unshare --user --mount)",
    ]);
    chaos
}
