//! The words of the language, each list an enum, so that what is not a word
//! cannot get past the parser and a word cannot be misspelt after it.

/// Types of stored events that are no facts of the language: what they say is told by links.
pub const NO_FACTS: [&str; 2] = ["identify", "sign_out"];

/// A list of words.
pub trait Word: Copy + Sized + 'static {
    /// Every word, in the language's order.
    const ALL: &'static [Self];

    /// The word itself.
    fn as_str(self) -> &'static str;

    /// The variant that `word` spells exactly, if any.
    #[must_use]
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == word)
    }
}

/// Declares an enum whose variants are words of the language.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] $(#[$variant_doc])* $variant,)+
        }

        impl $crate::segment::words::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}
pub(super) use words;

words! {
    /// What a leaf asks about.
    LeafKind {
        Event = "event",
        Order = "order",
        Message = "message",
        Last = "last",
        Cart = "cart",
        Contact = "contact",
        Group = "group",
        Segment = "segment",
        Sequence = "sequence",
    }
}

words! {
    /// What a visitor did, as the stored `type` of an event.
    EventType {
        PageView = "page_view",
        Dwell = "dwell",
        Click = "click",
        Search = "search",
        Filter = "filter",
        Share = "share",
        FileDownload = "file_download",
        FormStart = "form_start",
        FormSubmit = "form_submit",
        ViewItemList = "view_item_list",
        ViewItem = "view_item",
        AddToCart = "add_to_cart",
        RemoveFromCart = "remove_from_cart",
        ViewCart = "view_cart",
        BeginCheckout = "begin_checkout",
        Purchase = "purchase",
        Refund = "refund",
        Custom = "custom",
    }
}

words! {
    /// What became of a message.
    MessageType {
        Sent = "sent",
        Delivered = "delivered",
        Opened = "opened",
        Clicked = "clicked",
        Read = "read",
        Answered = "answered",
        Bounced = "bounced",
        Unsubscribed = "unsubscribed",
    }
}

words! {
    /// On what a message was sent: the values of `channel` of a message leaf.
    MessageChannel {
        Mail = "mail",
        Sms = "sms",
        Whatsapp = "whatsapp",
        Push = "push",
    }
}

words! {
    /// How an order was placed: the values of the field `channel` of orders.
    OrderChannel {
        Online = "online",
        Store = "store",
    }
}

words! {
    /// What a cart is.
    CartState {
        /// Something is in it, and nobody cared for it for a while.
        Abandoned = "abandoned",
    }
}

words! {
    /// What rows of a sequence may have in common.
    Key {
        Session = "session",
        Product = "product",
    }
}

words! {
    /// What a measure must be.
    Comparison {
        Gte = "gte",
        Gt = "gt",
        Lte = "lte",
        Lt = "lt",
        Eq = "eq",
        Between = "between",
    }
}

words! {
    /// How a filter tests its field.
    Op {
        Eq = "eq",
        Ne = "ne",
        In = "in",
        NotIn = "not_in",
        Contains = "contains",
        StartsWith = "starts_with",
        Exists = "exists",
        MatchesPath = "matches_path",
        Gt = "gt",
        Gte = "gte",
        Lt = "lt",
        Lte = "lte",
        Between = "between",
        InWindow = "in_window",
        AnniversaryIn = "anniversary_in",
    }
}

words! {
    /// How nodes are joined.
    Join {
        All = "all",
        Any = "any",
        Not = "not",
    }
}

words! {
    /// A measure that needs no field.
    Plain {
        Count = "count",
        Visits = "visits",
        Days = "days",
    }
}

words! {
    /// A window of one key; `calendar` may have a second.
    WindowKey {
        Last = "last",
        Between = "between",
        BetweenAgo = "between_ago",
        Since = "since",
        Calendar = "calendar",
        /// For dates of contacts only.
        Next = "next",
    }
}

words! {
    /// What `last` looks for, where that is no leaf.
    LastWord {
        Visit = "visit",
    }
}

words! {
    /// What is computed from a field over the facts of a leaf.
    Function {
        Sum = "sum",
        Avg = "avg",
        Min = "min",
        Max = "max",
        Distinct = "distinct",
    }
}

words! {
    /// What the facts of a leaf are grouped by.
    Per {
        Session = "session",
        Product = "product",
    }
}

words! {
    /// The unit of a duration.
    Unit {
        Minute = "minute",
        Hour = "hour",
        Day = "day",
        Week = "week",
        Month = "month",
        Year = "year",
    }
}

words! {
    /// A period of the calendar, seen from the moment that is asked about.
    Period {
        Today = "today",
        Yesterday = "yesterday",
        ThisWeek = "this_week",
        LastWeek = "last_week",
        ThisMonth = "this_month",
        LastMonth = "last_month",
        ThisQuarter = "this_quarter",
        LastQuarter = "last_quarter",
        ThisYear = "this_year",
        LastYear = "last_year",
        /// For dates of contacts only, like the three that follow.
        Tomorrow = "tomorrow",
        NextWeek = "next_week",
        NextMonth = "next_month",
        NextYear = "next_year",
    }
}

words! {
    /// Where a visit came from: the values of the field `channel`.
    Channel {
        Direct = "direct",
        Organic = "organic",
        Paid = "paid",
        Social = "social",
        Mail = "mail",
        Sms = "sms",
        Whatsapp = "whatsapp",
        Push = "push",
        Referral = "referral",
    }
}

words! {
    /// What a visit was made with: the values of the field `device`.
    Device {
        Mobile = "mobile",
        Tablet = "tablet",
        Desktop = "desktop",
        Other = "other",
    }
}

/// The words that would fit, for a message: `` `a`, `b` or `c` ``.
#[must_use]
pub fn one_of<W: Word>(words: impl IntoIterator<Item = W>) -> String {
    list(words.into_iter().map(Word::as_str))
}

/// The same of words that are no list of their own.
#[must_use]
pub fn list(words: impl IntoIterator<Item = &'static str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        return last;
    }
    format!("{} or {last}", words.join(", "))
}
