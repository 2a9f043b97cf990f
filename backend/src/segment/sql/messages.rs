//! Messages: what became of those that were sent.

use super::{Sql, and};

impl Sql<'_> {
    /// `FROM` and `WHERE` of the rows of messages that count.
    pub(super) fn message_rows(&mut self, asked: &str) -> String {
        let (site, before) = (self.site(), self.before_as_of());
        let only = self.is_asked("contact_id");
        format!(
            "FROM messages WHERE site = {site}{only} AND NOT machine AND {before}{}",
            and(asked)
        )
    }
}
