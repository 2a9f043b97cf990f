//! What is said of settings, wrong ones above all: never the secrets among them.

use crate::{
    harness::Database,
    secrets::{Said, both, check},
};
use backend::serve::ServeArgs;
use clap::Parser;
use std::{fs, process::Command};

#[test]
fn what_a_start_complains_of_holds_no_secret() {
    let database = Database::open();
    // So that nothing starts where the settings are good.
    let taken = database.listening.listen.to_string();
    let folder = tempfile::tempdir().unwrap();
    let (key, password) = ("c4".repeat(32), "the password of nobody".to_owned());
    let secrets = vec![
        ("the edges' key".to_owned(), key.clone()),
        ("the password".to_owned(), password.clone()),
    ];
    let file = folder.path().join("settings.toml");
    let mut said = Said::new();
    for (keys, settings) in [
        (Some(format!("k1:{key},k2:short")), String::new()),
        (Some(format!("k1:{key},{key}")), String::new()),
        (Some(key.clone()), String::new()),
        (None, format!("edge_keys = \"k1:{key}")),
        (
            None,
            format!("edge_keys = \"k1:{key}\"\nedge_keys = \"k2:{key}\""),
        ),
        (None, format!("edge_keys = [\"k1:{key}\"]")),
        (None, format!("edge_keys = \"k1:{key},x\"")),
        (
            None,
            format!("edge_keys = \"k1:{key}\"\nclickhouse_pasword = \"{password}\""),
        ),
        (
            None,
            format!(
                "edge_keys = \"k1:{key}\"\nclickhouse_password = \"{password}\"\nspool_max_bytes = \"many\""
            ),
        ),
        // These are good, but for the password.
        (
            None,
            format!("edge_keys = \"k1:{key}\"\nclickhouse_password = \"{password}\""),
        ),
    ] {
        fs::write(&file, &settings).unwrap();
        for command in ["serve", "doctor", "config"] {
            let mut program = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
            program
                .args([command, "--listen", &taken, "--data"])
                .arg(folder.path().join("data"))
                .arg("--config")
                .arg(&file)
                .env("RUST_LOG", "trace")
                .env("CRUMBTRAIL_CLICKHOUSE_URL", database.url())
                .env("CRUMBTRAIL_CLICKHOUSE_PASSWORD", &password);
            if let Some(keys) = &keys {
                program.env("CRUMBTRAIL_EDGE_KEYS", keys);
            }
            let output = program.output().unwrap();
            assert!(
                !output.status.success() || command == "config",
                "{command} {settings}"
            );
            assert!(output.stdout.len() + output.stderr.len() > 20);
            said.extend(both(
                &format!("{command} {settings}").replace(&key, "…"),
                output,
            ));
        }
    }
    check(&secrets, &said);
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    serve: ServeArgs,
}

#[test]
fn settings_are_printed_without_secrets() {
    let (key, password) = ("c4".repeat(32), "the password of nobody");
    let keys = format!("k1:{key}");
    let flags = ["", "--edge-keys", &keys, "--clickhouse-password", password];
    let shown = format!("{:?}", Arguments::parse_from(flags).serve);
    assert!(
        shown.contains("k1") && shown.contains("clickhouse_password"),
        "{shown}"
    );
    let secrets = vec![
        ("the key".to_owned(), key),
        ("the password".to_owned(), password.to_owned()),
    ];
    check(&secrets, &vec![("Debug".to_owned(), shown.into_bytes())]);
}
