//! The embedded ClickHouse as its users meet it: the built binary as a child process, the real libchdb,
//! the real `clickhouse` crate. Needs libchdb where the binary looks for it, or CRUMBTRAIL_LIBCHDB.

#[cfg(test)]
mod harness;

#[cfg(test)]
mod answers;
#[cfg(test)]
mod inserts;
#[cfg(test)]
mod life;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod supervision;
