//! `cargo xtask …`: every command that a person needs to work on Crumbtrail.

mod api;
mod bench;
mod build;
mod chain;
mod chaos;
mod check;
mod child;
mod demo;
mod keys;
mod link;
mod pixel;
mod progress;
mod records;
mod setup;
mod stamp;
mod test;
mod tools;
mod web;
mod worker_bundle;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about, version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs the whole chain on this machine: shop, worker, backend, ClickHouse.
    Demo(demo::DemoArgs),
    /// Runs all tests, native and end to end.
    Test,
    /// Measures, side by side with others.
    Bench {
        /// What.
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Kills, fills the disk, resets connections and sends copies under load; fails unless every
    /// acknowledged event is stored once.
    Chaos(chaos::ChaosArgs),
    /// For those who deploy the worker.
    Edge {
        /// What.
        #[command(subcommand)]
        what: Edge,
    },
    /// Builds a part.
    Build {
        /// Which.
        #[arg(value_enum)]
        part: Part,
    },
}

#[derive(Subcommand)]
enum Edge {
    /// Makes the worker's secrets, as JSON for `wrangler secret bulk`.
    Keys {
        /// A site that it serves; once for each.
        #[arg(long = "site", default_value = "demo")]
        sites: Vec<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// The pixel's files; prints their hashes for subresource integrity, and their sizes.
    Pixel,
    /// What wrangler deploys: the pixel's files and the worker.
    Edge,
    /// The web app's files, which become part of the backend that is built next.
    Web,
    /// The web app's types of the API, for an editor; checks that the app fits them.
    Types,
}

fn main() -> Result<()> {
    let workspace = Workspace::find();
    match Arguments::parse().task {
        Task::Demo(args) => demo::run(&workspace, &args),
        Task::Test => test::run(&workspace),
        Task::Bench { what } => bench::run(&workspace, &what),
        Task::Chaos(args) => chaos::run(&workspace, &args),
        Task::Edge {
            what: Edge::Keys { sites },
        } => keys::print(&sites),
        Task::Build { part } => {
            setup::all(&workspace)?;
            match part {
                Part::Pixel => {
                    let built = progress::step("building the pixel", || pixel::build(&workspace))?;
                    for (name, hash) in &built.integrity {
                        println!("{name}  {hash}");
                    }
                    println!("{}", serde_json::json!({ "pixel": built.sizes }));
                    Ok(())
                }
                Part::Edge => build::for_the_edge(&workspace),
                Part::Web => progress::step("building the web app", || web::build(&workspace)),
                Part::Types => {
                    setup::build_programs(&workspace, &["--bin=crumbtrail"])?;
                    progress::step("types of the API", || web::check_types(&workspace))
                }
            }
        }
    }
}
