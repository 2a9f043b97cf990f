//! Messages of the Segment HTTP API, as its SDKs and those of others (RudderStack's) send
//! them, and the events that they are here.
//!
//! Names of events: see [`names`]. What a message says of its page, campaign and device is
//! taken from its `context`; an IP address never is. Texts are masked as the pixel's are.

mod commerce;
mod names;
mod people;

use super::given::{Given, Moment};
use protocol::{
    limit,
    mask::{Kind, mask},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A message. What isn't named here is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Message {
    /// `track`, `page`, `screen`, `identify`, `group` or `alias`.
    pub r#type: String,
    /// The message's id: the same one twice is one event.
    pub message_id: String,
    anonymous_id: Option<String>,
    user_id: Option<Value>,
    previous_id: Option<Value>,
    group_id: Option<Value>,
    event: String,
    name: Option<String>,
    category: Option<String>,
    timestamp: Moment,
    original_timestamp: Moment,
    sent_at: Moment,
    properties: Map<String, Value>,
    traits: Map<String, Value>,
    context: Context,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    page: Page,
    campaign: Campaign,
    user_agent: Option<String>,
    user_agent_data: AgentData,
    locale: Option<String>,
    timezone: Option<String>,
    session_id: Option<Value>,
    session_start: bool,
    traits: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    url: Option<String>,
    path: Option<String>,
    title: Option<String>,
    referrer: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Campaign {
    name: Option<String>,
    source: Option<String>,
    medium: Option<String>,
    term: Option<String>,
    content: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AgentData {
    mobile: bool,
    platform: Option<String>,
}

/// Who sent a message: a server, with a key that nobody else has, or a browser, whose key
/// everybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// What it says of who somebody is, is proof.
    Server,
    /// It is a claim.
    Browser,
}

impl Message {
    /// The event that the message is, as of when it came.
    #[must_use]
    pub fn given(&self, sender: Sender, received_at_ms: i64) -> Given {
        let user_id = text_of(self.user_id.as_ref());
        let mut given = Given {
            id: self.message_id.clone(),
            id_ts: Some(self.said_at().unwrap_or_default()),
            ts: Moment(self.happened_at(received_at_ms)),
            ..Given::default()
        };
        self.add_visitor(&mut given, sender, &user_id);
        self.add_page(&mut given);
        self.add_device(&mut given);
        match self.r#type.as_str() {
            "page" => self.view(&mut given, self.context.page.title.as_deref()),
            "screen" => self.view(&mut given, self.name.as_deref()),
            "track" => self.track(&mut given),
            // What is known besides of who somebody is, is a contact's.
            "identify" => "identify".clone_into(&mut given.r#type),
            "alias" => {
                "identify".clone_into(&mut given.r#type);
                given.claimed_id = text_of(self.previous_id.as_ref());
            }
            "group" => {
                custom(&mut given, "group");
                let group = text_of(self.group_id.as_ref());
                given.props.insert("group_id".into(), group.into());
            }
            // It has no such type: the check says so.
            other => other.clone_into(&mut given.r#type),
        }
        given
    }

    /// When the browser says that it happened.
    fn said_at(&self) -> Option<i64> {
        let said = [self.original_timestamp, self.timestamp];
        said.into_iter().find(|at| at.0 > 0).map(|at| at.0)
    }

    /// That, by our clock: as long before it came as it was before it was sent.
    fn happened_at(&self, received_at_ms: i64) -> i64 {
        match self.said_at() {
            Some(said) if self.sent_at.0 > 0 => {
                let ago_ms = self.sent_at.0.saturating_sub(said).max(0);
                received_at_ms.saturating_sub(ago_ms)
            }
            Some(said) => said,
            None => received_at_ms,
        }
    }

    fn add_visitor(&self, given: &mut Given, sender: Sender, user_id: &str) {
        given.anonymous_id = self.anonymous_id.clone().unwrap_or_default();
        let trait_of = |name| {
            let found = self
                .traits
                .get(name)
                .or_else(|| self.context.traits.get(name));
            text_of(found)
        };
        match sender {
            Sender::Server => user_id.clone_into(&mut given.contact),
            Sender::Browser => {
                user_id.clone_into(&mut given.claimed_id);
                // Never as whom a server's word would make it.
                if given.anonymous_id.is_empty() {
                    given.anonymous_id = format!("claimed:{user_id}");
                }
            }
        }
        given.claimed_mail = trait_of("email");
        given.claimed_phone = trait_of("phone");
    }

    fn add_page(&self, given: &mut Given) {
        let Context { page, campaign, .. } = &self.context;
        let property = |name| text_of(self.properties.get(name));
        let first = |said: &Option<String>, name| {
            said.clone()
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| property(name))
        };
        let url = first(&page.url, "url");
        let (place, query) = url.split_once('?').unwrap_or((&url, ""));
        let (host, path) = place_of(place);
        given.host = host.to_owned();
        given.path = mask(limit::cut(path, limit::URL_BYTES).0, Kind::Path);
        if given.path.is_empty() {
            given.path = mask(&first(&page.path, "path"), Kind::Path);
        }
        given.title = prose(&first(&page.title, "title"));
        let referrer = first(&page.referrer, "referrer");
        let (referrer, _) = place_of(&referrer);
        if referrer != host {
            given.referrer_host = referrer.to_owned();
        }
        let mut tags = Tags::of(query);
        let mut tag = |said: &Option<String>, name| said.clone().unwrap_or_else(|| tags.take(name));
        given.utm_campaign = tag(&campaign.name, "utm_campaign");
        given.utm_source = tag(&campaign.source, "utm_source");
        given.utm_medium = tag(&campaign.medium, "utm_medium");
        given.utm_term = tag(&campaign.term, "utm_term");
        given.utm_content = tag(&campaign.content, "utm_content");
        given.click_id_kind = tags.click_id_kind();
    }

    fn add_device(&self, given: &mut Given) {
        let context = &self.context;
        let agent = context.user_agent.as_deref().unwrap_or_default();
        let data = &context.user_agent_data;
        let is_tablet = agent.contains("iPad") || agent.contains("Tablet");
        let is_phone = data.mobile || agent.contains("Mobi");
        given.device = match (is_tablet, is_phone, agent.is_empty()) {
            (true, ..) => "tablet",
            (_, true, _) => "mobile",
            (.., false) => "desktop",
            _ => "",
        }
        .to_owned();
        given.os = data.platform.clone().unwrap_or_default();
        given.language = context.locale.clone().unwrap_or_default();
        given.time_zone = context.timezone.clone().unwrap_or_default();
        given.session_id = text_of(context.session_id.as_ref());
        given.session_start = context.session_start;
    }

    fn view(&self, given: &mut Given, title: Option<&str>) {
        "page_view".clone_into(&mut given.r#type);
        if given.title.is_empty() {
            given.title = prose(title.or(self.name.as_deref()).unwrap_or_default());
        }
        given.category = self.category.clone().unwrap_or_default();
    }

    fn track(&self, given: &mut Given) {
        match names::of(&self.event) {
            Some("search") => {
                "search".clone_into(&mut given.r#type);
                let query = self
                    .properties
                    .get("query")
                    .or_else(|| self.properties.get("search_term"));
                given.search_term = prose(&text_of(query));
            }
            Some(name) => {
                name.clone_into(&mut given.r#type);
                commerce::add(&self.properties, given);
            }
            None => {
                custom(given, &self.event);
                given.props = props(&self.properties);
            }
        }
    }
}

fn custom(given: &mut Given, name: &str) {
    "custom".clone_into(&mut given.r#type);
    name.clone_into(&mut given.name);
}

/// A text, masked, and cut where it is too long.
fn prose(text: &str) -> String {
    mask(limit::cut(text, limit::TEXT_BYTES).0, Kind::Prose)
}

/// The properties that an event can hold: texts, numbers, yes and no.
fn props(properties: &Map<String, Value>) -> std::collections::BTreeMap<String, Value> {
    let mut props = std::collections::BTreeMap::new();
    for (name, value) in properties {
        let value = match value {
            Value::String(text) => prose(text).into(),
            Value::Number(_) | Value::Bool(_) => value.clone(),
            _ => continue,
        };
        if props.len() < limit::PROPS {
            props.insert(name.clone(), value);
        }
    }
    props
}

/// An id or a name, which some send as a number.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Host and path of an address.
fn place_of(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let at = rest.find('/').unwrap_or(rest.len());
    rest.split_at(at)
}

/// What the query of an address says of where a visit came from.
struct Tags(Vec<(String, String)>);

impl Tags {
    fn of(query: &str) -> Self {
        let query = query.split('#').next().unwrap_or_default();
        Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    fn take(&mut self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn click_id_kind(&self) -> String {
        const KINDS: [&str; 6] = ["gclid", "fbclid", "msclkid", "ttclid", "gbraid", "wbraid"];
        let found = KINDS
            .iter()
            .find(|kind| self.0.iter().any(|(name, _)| name == *kind));
        found.map(|kind| (*kind).to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
