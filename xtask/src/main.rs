//! `cargo xtask …`: every command that a person needs to work on Crumbtrail.

mod pixel;
mod progress;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the pixel's files.
    Pixel,
}

fn main() -> Result<()> {
    let workspace = Workspace::find();
    match Arguments::parse().command {
        Task::Pixel => {
            let sizes = progress::step("building the pixel", || pixel::build(&workspace))?;
            println!("{}", serde_json::to_string(&sizes)?);
            Ok(())
        }
    }
}
