//! Values that a site's facts have, the most frequent first: what there is to choose from.

use super::{Bounds, Store, StoreError};
use crate::segment::{Param, Statement};

/// Most values of a field.
const MOST: usize = 50;

/// A table whose values are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Events of the last 30 days.
    Events,
    /// Orders.
    Orders,
    /// Messages of the last year.
    Messages,
    /// Contacts.
    Contacts,
}

impl Seen {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Orders, Self::Messages, Self::Contacts];

    /// Its columns of one text.
    const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Events => &[
                "host",
                "category",
                "product",
                "search_term",
                "cta",
                "coupon",
                "referrer_host",
                "utm_source",
                "utm_medium",
                "utm_campaign",
                "browser",
                "os",
                "language",
                "country",
                "region",
                "city",
                "name",
            ],
            Self::Orders => &["store", "currency"],
            Self::Messages => &["campaign", "link", "topic"],
            Self::Contacts => &[
                "city",
                "region",
                "country",
                "language",
                "source",
                "family_status",
            ],
        }
    }

    /// Its columns of several texts.
    const fn lists(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["items.id", "items.name", "items.category", "items.brand"],
            Self::Orders => &[
                "coupons",
                "items.id",
                "items.name",
                "items.category",
                "items.brand",
            ],
            Self::Messages | Self::Contacts => &[],
        }
    }

    const fn rows(self) -> &'static str {
        match self {
            Self::Events => {
                "events WHERE site = {site:String} AND ts >= now() - INTERVAL 30 DAY AND NOT bot AND NOT machine AND NOT staff"
            }
            Self::Orders => "orders WHERE site = {site:String} AND NOT cancelled",
            Self::Messages => {
                "messages WHERE site = {site:String} AND ts >= now() - INTERVAL 1 YEAR"
            }
            Self::Contacts => "contacts WHERE site = {site:String} AND NOT gone",
        }
    }
}

impl Store {
    /// The most frequent values of each field of a table, at most 50, and of events the names of
    /// properties as those of `props`.
    ///
    /// # Errors
    /// What ClickHouse says.
    pub async fn observed(
        &self,
        site: &str,
        seen: Seen,
        bounds: &Bounds,
    ) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        let texts = seen.texts().iter().map(|name| {
            (
                *name,
                format!("topKIf({MOST})(toString(`{name}`), `{name}` != '')"),
            )
        });
        let lists = seen.lists().iter().map(|name| {
            let texts = format!("arrayFilter(t -> t != '', arrayMap(t -> toString(t), `{name}`))");
            (*name, format!("topKArray({MOST})({texts})"))
        });
        let props = (seen == Seen::Events).then(|| {
            let names = "CAST(JSONAllPaths(props), 'Array(String)')";
            ("props", format!("topKArray({MOST})({names})"))
        });
        let (names, tops): (Vec<&'static str>, Vec<String>) =
            texts.chain(lists).chain(props).unzip();
        let statement = Statement {
            text: format!("SELECT [{}] AS tops FROM {}", tops.join(", "), seen.rows()),
            params: vec![("site".to_owned(), Param::Text(site.to_owned()))],
        };
        let tops: Vec<Vec<Vec<String>>> = self.question(&statement, bounds).await?;
        Ok(names.into_iter().zip(tops.into_iter().flatten()).collect())
    }
}
