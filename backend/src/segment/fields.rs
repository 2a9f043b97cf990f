//! The fields of facts: name, type, column.

use super::words::{Channel, Device, Op, OrderChannel, Word, words};

/// Where facts are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// What visitors did.
    Events,
    /// What people bought.
    Orders,
    /// What became of messages.
    Messages,
}

/// A field of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// One of events with a column of its own.
    Column(Column),
    /// One of events of the site's own, by its name without `props.`.
    Prop(String),
    /// One of each item, of events and of orders.
    Item(ItemField),
    /// One of orders.
    Order(OrderField),
    /// One of messages.
    Message(MessageField),
}

words! {
    /// The fields with a column, which has the field's name.
    Column {
        Host = "host",
        Path = "path",
        Title = "title",
        Category = "category",
        Product = "product",
        SearchTerm = "search_term",
        Cta = "cta",
        ClickKind = "click_kind",
        ClickText = "click_text",
        ClickHost = "click_host",
        OrderId = "order_id",
        Coupon = "coupon",
        Currency = "currency",
        /// The form that was begun, sent or left.
        Form = "form",
        ReferrerHost = "referrer_host",
        Channel = "channel",
        UtmSource = "utm_source",
        UtmMedium = "utm_medium",
        UtmCampaign = "utm_campaign",
        UtmTerm = "utm_term",
        UtmContent = "utm_content",
        ClickIdKind = "click_id_kind",
        Device = "device",
        Browser = "browser",
        Os = "os",
        Language = "language",
        Country = "country",
        Region = "region",
        City = "city",
        /// The name of a custom event.
        Name = "name",
        DwellMs = "dwell_ms",
        ScrollPercent = "scroll_percent",
        ValueCents = "value_cents",
    }
}

words! {
    /// The fields of orders.
    OrderField {
        OrderId = "order_id",
        Store = "store",
        Currency = "currency",
        Channel = "channel",
        Coupons = "coupons",
        ValueCents = "value_cents",
        /// What is left after returns.
        NetCents = "net_cents",
        /// How many returns it has.
        Returns = "returns",
    }
}

words! {
    /// The fields of messages.
    MessageField {
        Campaign = "campaign",
        Link = "link",
        Topic = "topic",
    }
}

words! {
    /// The fields of items. All but the last have an array column of that name.
    ItemField {
        Id = "items.id",
        Name = "items.name",
        Category = "items.category",
        Brand = "items.brand",
        Quantity = "items.quantity",
        PriceCents = "items.price_cents",
        /// Price times quantity.
        ValueCents = "items.value_cents",
    }
}

/// The type of a field, which decides its operators and measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Compared folded; empty is absent.
    Text,
    /// Text that is also matched by its segments.
    Path,
    /// Texts, of which any may pass.
    List,
    /// A whole number.
    Number,
    /// Cents of the site's currency, absent in another.
    Money,
}

impl Field {
    /// The field of that name, if facts from there have one.
    #[must_use]
    pub fn named(name: &str, source: Source) -> Option<Self> {
        let item = || ItemField::from_word(name).map(Self::Item);
        match source {
            Source::Events => Self::of_events(name).or_else(item),
            Source::Orders => OrderField::from_word(name).map(Self::Order).or_else(item),
            Source::Messages => MessageField::from_word(name).map(Self::Message),
        }
    }

    /// A property's name is any text but the empty one and those with a
    /// backtick, by which the engine would read part of it as a type.
    fn of_events(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix("props.") {
            let is_key = !key.is_empty() && !key.contains('`');
            return is_key.then(|| Self::Prop(key.to_owned()));
        }
        Column::from_word(name).map(Self::Column)
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Column(Column::Path) => Kind::Path,
            Self::Column(Column::DwellMs | Column::ScrollPercent)
            | Self::Item(ItemField::Quantity)
            | Self::Order(OrderField::Returns) => Kind::Number,
            Self::Column(Column::ValueCents)
            | Self::Item(ItemField::PriceCents | ItemField::ValueCents)
            | Self::Order(OrderField::ValueCents | OrderField::NetCents) => Kind::Money,
            Self::Order(OrderField::Coupons) => Kind::List,
            Self::Column(_) | Self::Prop(_) | Self::Item(_) | Self::Order(_) | Self::Message(_) => {
                Kind::Text
            }
        }
    }

    /// The only values that the field has, where the language lists them.
    #[must_use]
    pub fn choices(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Column(Column::Channel) => Some(all::<Channel>()),
            Self::Column(Column::Device) => Some(all::<Device>()),
            Self::Order(OrderField::Channel) => Some(all::<OrderChannel>()),
            _ => None,
        }
    }
}

fn all<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|word| word.as_str()).collect()
}

impl Kind {
    /// The operators that fit it.
    #[must_use]
    pub const fn operators(self) -> &'static [Op] {
        use Op::{
            Between, Contains, Eq, Exists, Gt, Gte, In, Lt, Lte, MatchesPath, Ne, NotIn, StartsWith,
        };
        match self {
            Self::Text | Self::List => &[Eq, Ne, In, NotIn, Contains, StartsWith, Exists],
            Self::Path => &[Eq, Ne, In, NotIn, Contains, StartsWith, Exists, MatchesPath],
            Self::Number | Self::Money => &[Eq, Ne, In, NotIn, Gt, Gte, Lt, Lte, Between, Exists],
        }
    }

    /// Whether it is a number, which sums and averages take.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Money)
    }
}
