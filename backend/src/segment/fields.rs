//! The fields of events: name, type, column.

use super::words::{Channel, Device, Op, Word, words};

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// One with a column of its own.
    Column(Column),
    /// One of the site's own, by its name without `props.`.
    Prop(String),
    /// One of each item.
    Item(ItemField),
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
    /// A whole number.
    Number,
    /// Cents of the site's currency, absent in another.
    Money,
}

impl Field {
    /// The field of that name, if there is one.
    ///
    /// A property's name is any text but the empty one and those with a
    /// backtick, by which the engine would read part of it as a type.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix("props.") {
            let is_key = !key.is_empty() && !key.contains('`');
            return is_key.then(|| Self::Prop(key.to_owned()));
        }
        let column = Column::from_word(name).map(Self::Column);
        column.or_else(|| ItemField::from_word(name).map(Self::Item))
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Column(Column::Path) => Kind::Path,
            Self::Column(Column::DwellMs | Column::ScrollPercent)
            | Self::Item(ItemField::Quantity) => Kind::Number,
            Self::Column(Column::ValueCents)
            | Self::Item(ItemField::PriceCents | ItemField::ValueCents) => Kind::Money,
            Self::Column(_) | Self::Prop(_) | Self::Item(_) => Kind::Text,
        }
    }

    /// The only values that the field has, where the language lists them.
    #[must_use]
    pub fn choices(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Column(Column::Channel) => Some(all::<Channel>()),
            Self::Column(Column::Device) => Some(all::<Device>()),
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
            Self::Text => &[Eq, Ne, In, NotIn, Contains, StartsWith, Exists],
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
