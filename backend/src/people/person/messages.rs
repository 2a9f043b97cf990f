//! What became of the messages that somebody got, and what moved them.

use crate::store::StoredMessage;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Most of what moved somebody.
const MOST: usize = 20;

/// What became of the messages on a channel. What programs did is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChannelOfMessages)]
pub struct Channel {
    /// `mail`, `sms`, `whatsapp` or `push`.
    pub channel: String,
    /// How many messages were sent, delivered, opened and so on, each once.
    pub messages: BTreeMap<String, u64>,
    /// When the last one was sent, in milliseconds since the epoch.
    pub last_sent_at: Option<i64>,
    /// When anything was last done with one: opened, clicked, read or answered.
    pub last_moved_at: Option<i64>,
    /// The 20 things that were clicked most.
    pub moved_by: Vec<Moved>,
}

/// What somebody clicked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moved {
    /// What it is about.
    pub topic: String,
    /// Where it leads.
    pub link: String,
    /// How often it was clicked.
    pub clicks: u64,
}

/// What became of messages, by channel.
#[must_use]
pub fn channels(rows: &[StoredMessage]) -> Vec<Channel> {
    let mut channels: BTreeMap<&str, Channel> = BTreeMap::new();
    let mut counted: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    let mut clicks: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.machine) {
        let channel = channels.entry(&row.channel).or_default();
        if counted.insert((&row.channel, &row.message_id, &row.event)) {
            *channel.messages.entry(row.event.clone()).or_default() += 1;
        }
        match row.event.as_str() {
            "sent" => channel.last_sent_at = channel.last_sent_at.max(Some(row.ts)),
            "opened" | "clicked" | "read" | "answered" => {
                channel.last_moved_at = channel.last_moved_at.max(Some(row.ts));
            }
            _ => {}
        }
        if row.event == "clicked" {
            *clicks
                .entry((&row.channel, &row.topic, &row.link))
                .or_default() += 1;
        }
    }
    for ((channel, topic, link), clicks) in clicks {
        if let Some(channel) = channels.get_mut(channel) {
            channel.moved_by.push(Moved {
                topic: topic.to_owned(),
                link: link.to_owned(),
                clicks,
            });
        }
    }
    let named = channels.into_iter().map(|(name, mut channel)| {
        channel
            .moved_by
            .sort_by_key(|moved| std::cmp::Reverse(moved.clicks));
        channel.moved_by.truncate(MOST);
        name.clone_into(&mut channel.channel);
        channel
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_count_once_and_programs_not_at_all() {
        let row = |message: &str, event: &str, topic: &str, ts| StoredMessage {
            message_id: message.into(),
            channel: "mail".into(),
            event: event.into(),
            topic: topic.into(),
            ts,
            ..StoredMessage::default()
        };
        let rows = [
            row("1", "sent", "", 1),
            row("1", "opened", "", 2),
            row("1", "opened", "", 3),
            row("1", "clicked", "shoes", 4),
            row("2", "clicked", "shoes", 6),
            row("2", "clicked", "bags", 5),
            StoredMessage {
                machine: true,
                ..row("2", "opened", "", 9)
            },
        ];
        let [mail] = channels(&rows).try_into().unwrap();
        let counts: Vec<_> = mail
            .messages
            .iter()
            .map(|(event, n)| (event.as_str(), *n))
            .collect();
        assert_eq!(counts, [("clicked", 2), ("opened", 1), ("sent", 1)]);
        assert_eq!((mail.last_sent_at, mail.last_moved_at), (Some(1), Some(6)));
        let moved: Vec<_> = mail
            .moved_by
            .iter()
            .map(|moved| (moved.topic.as_str(), moved.clicks))
            .collect();
        assert_eq!(moved, [("shoes", 2), ("bags", 1)]);
    }
}
