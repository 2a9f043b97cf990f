//! Settings in layers: a flag over the environment over a file over what is usual.
//!
//! The file is TOML whose keys are the flags' names with `_` for `-`:
//!
//! ```toml
//! listen = "0.0.0.0:8080"
//! data = "/var/lib/crumbtrail"
//! spool_max_bytes = 8589934592
//! ```

use clap::{
    Arg, ArgMatches, Command,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// What a file says, by the settings' names. Some are secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct ConfigFile {
    path: PathBuf,
    values: BTreeMap<String, String>,
}

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("the settings in {0} (--config) can't be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// It is no TOML. The line itself may hold a secret.
    #[error("the settings in {0} (--config) are no TOML: line {1}: {2}")]
    Toml(PathBuf, usize, String),
    /// It has a list or a table where a value is to be.
    #[error("{0}: `{1}` has no single value; a text, a number, true or false fits")]
    Shape(PathBuf, String),
    /// It has a setting that there isn't.
    #[error("{path}: there is no setting `{name}`; these there are: {known}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
}

/// The error without the value, where that is a secret's.
#[must_use]
pub fn without_secret(mut error: clap::Error, command: &Command) -> clap::Error {
    let of = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(of)) => of.clone(),
        _ => return error,
    };
    let args = command.get_subcommands().flat_map(Command::get_arguments);
    let mut secrets = args.filter(|arg| arg.is_hide_env_values_set());
    if secrets.any(|arg| arg.to_string() == of) {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".into()));
    }
    error
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] with what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            ConfigError::Toml(path.to_owned(), line, error.message().to_owned())
        })?;
        let mut values = BTreeMap::new();
        for (name, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Array(_) | toml::Value::Table(_) => {
                    return Err(ConfigError::Shape(path.to_owned(), name));
                }
                other => other.to_string(),
            };
            values.insert(name, text);
        }
        Ok(Self {
            path: path.to_owned(),
            values,
        })
    }

    /// The command with what the file says in place of what is usual.
    ///
    /// # Errors
    /// [`ConfigError::Unknown`] for a setting that the command doesn't have.
    pub fn apply(&self, mut command: Command) -> Result<Command, ConfigError> {
        let settings: Vec<String> = settings(&command).map(name_of).collect();
        for (name, value) in &self.values {
            if !settings.contains(name) {
                return Err(ConfigError::Unknown {
                    path: self.path.clone(),
                    name: name.clone(),
                    known: settings.join(", "),
                });
            }
            let value = value.clone();
            command = command.mut_arg(name.clone(), |arg| arg.required(false).default_value(value));
        }
        Ok(command)
    }

    /// The settings as they hold, as such a file, each with where it is from. Secrets are
    /// hidden.
    #[must_use]
    pub fn tell(&self, command: &Command, matches: &ArgMatches) -> String {
        let mut text = String::new();
        for arg in settings(command) {
            let name = name_of(arg);
            let source = match matches.value_source(&name) {
                Some(ValueSource::CommandLine) => "flag".to_owned(),
                Some(ValueSource::EnvVariable) => {
                    let variable = arg.get_env().unwrap_or_default();
                    format!("environment, {}", variable.to_string_lossy())
                }
                Some(_) if self.values.contains_key(&name) => {
                    format!("file, {}", self.path.display())
                }
                Some(_) => "default".to_owned(),
                None => "not set".to_owned(),
            };
            let mut values = matches.get_raw(&name).into_iter().flatten();
            let value = values.next().map(|value| value.to_string_lossy());
            // Writing to a String doesn't fail.
            let _ = match value {
                None => writeln!(text, "# {name}: {source}"),
                Some(value) if arg.is_hide_env_values_set() && !value.is_empty() => {
                    writeln!(text, "# {name}: hidden, from {source}")
                }
                Some(value) => {
                    let value = toml::Value::String(value.into_owned());
                    writeln!(text, "{name} = {value}  # {source}")
                }
            };
        }
        text
    }
}

/// The arguments that are settings.
fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    let ours = |arg: &&Arg| {
        !arg.is_positional() && !matches!(arg.get_id().as_str(), "help" | "version" | "config")
    };
    command.get_arguments().filter(ours)
}

fn name_of(arg: &Arg) -> String {
    arg.get_id().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, Command};
    use expect_test::expect;

    #[derive(clap::Args)]
    struct Some {
        #[arg(long, default_value = "data")]
        data: String,
        #[arg(long, default_value_t = 5)]
        pause_ms: u64,
        #[arg(long, hide_env_values = true)]
        key: String,
        #[arg(long)]
        url: Option<String>,
    }

    fn tell(file: &str, arguments: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(&path, file).unwrap();
        let told = ConfigFile::read(&path).and_then(|file| {
            let command = file.apply(Some::augment_args(Command::new("some")))?;
            let arguments = [&["some"], arguments].concat();
            let matches = command.clone().get_matches_from(arguments);
            Ok(file.tell(&command, &matches))
        });
        let text = told.unwrap_or_else(|error| error.to_string());
        text.replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn a_flag_is_over_the_file_and_the_file_over_what_is_usual() {
        expect![[r##"
            # url: not set
            data = "here"  # flag
            # key: hidden, from file, FILE
            pause_ms = "7"  # file, FILE
        "##]]
        .assert_eq(&tell(
            "pause_ms = 7\nkey = \"secret\"\ndata = \"there\"",
            &["--data", "here"],
        ));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        expect!["FILE: there is no setting `puase_ms`; these there are: data, pause_ms, key, url"]
            .assert_eq(&tell("puase_ms = 7", &[]));
        expect!["FILE: `data` has no single value; a text, a number, true or false fits"]
            .assert_eq(&tell("data = [1]", &[]));
        assert!(tell("data", &[]).starts_with("the settings in FILE (--config) are no TOML"));
    }
}
