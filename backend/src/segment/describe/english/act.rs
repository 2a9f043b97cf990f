//! What people do.

use super::super::super::words::{EventType, MessageChannel, MessageType, OrderChannel};
use super::super::tongue::{About, Act, Coupon, Polarity};

/// What people did: one of the acts.
pub(super) fn did(acts: &[Act], about: &About, polarity: Polarity) -> String {
    let acts: Vec<String> = acts
        .iter()
        .map(|act| {
            let Forms { past, base } = forms(act, about);
            match polarity {
                Polarity::DidNot => base,
                Polarity::Did | Polarity::Never => past,
            }
        })
        .collect();
    let acts = match acts.as_slice() {
        [act] => act.clone(),
        acts => format!("({})", acts.join(" or ")),
    };
    match polarity {
        Polarity::Did => acts,
        Polarity::DidNot => format!("did not {acts}"),
        Polarity::Never => format!("never {acts}"),
    }
}

/// An act as it was done, and as it was not: they `bought`, did not `buy`.
struct Forms {
    past: String,
    base: String,
}

fn forms(act: &Act, about: &About) -> Forms {
    match act {
        Act::Visit => {
            let source = about
                .source
                .as_ref()
                .map(|source| format!(" from {source}"));
            let visited = format!("the site{}", source.unwrap_or_default());
            both("visited", "visit", &visited)
        }
        Act::Return => both("returned", "return", "goods"),
        Act::Anything => Forms {
            past: "did something on the site".to_owned(),
            base: "do anything on the site".to_owned(),
        },
        Act::Event(event) => of_event(*event, about),
        Act::Spend(time) => {
            let place = match page(about) {
                page if page == PAGE => "the site".to_owned(),
                page => page,
            };
            both("spent", "spend", &format!("{time} on {place}"))
        }
        Act::Buy => {
            let channel = match about.channel {
                Some(OrderChannel::Online) => " online",
                Some(OrderChannel::Store) => " in the store",
                None => "",
            };
            let bought = format!("{}{channel}{}", product(about, ""), coupon(about));
            both("bought", "buy", &bought)
        }
        Act::Message {
            event,
            channel,
            latest,
        } => of_message(*event, &message(*channel, *latest)),
        Act::LeaveInCart => Forms {
            past: format!("left {} in the cart", product(about, "something")),
            base: format!("leave {} in the cart", product(about, "anything")),
        },
    }
}

fn both(past: &str, base: &str, rest: &str) -> Forms {
    let with = |verb: &str| {
        format!("{verb} {}", rest.trim_start())
            .trim_end()
            .to_owned()
    };
    Forms {
        past: with(past),
        base: with(base),
    }
}

fn of_event(event: EventType, about: &About) -> Forms {
    match event {
        EventType::PageView => both("viewed", "view", &page(about)),
        EventType::Dwell => both("spent", "spend", &format!("time on {}", page(about))),
        EventType::Click => both("clicked", "click", "on the site"),
        EventType::Search => {
            let term = about.term.as_ref().map(|term| format!("for {term}"));
            let searched = format!("the site {}", term.unwrap_or_default());
            both("searched", "search", &searched)
        }
        EventType::Filter => both("changed", "change", "a filter on the site"),
        EventType::Share => both("shared", "share", "a page"),
        EventType::FileDownload => both("downloaded", "download", "a file"),
        EventType::FormStart => both("began", "begin", "a form"),
        EventType::FormSubmit => both("sent", "send", "a form"),
        EventType::ViewItemList => both("viewed", "view", "a list of products"),
        EventType::ViewItem => both("viewed", "view", &product(about, PRODUCT)),
        EventType::AddToCart => {
            let put = format!("{} in the cart", product(about, PRODUCT));
            both("put", "put", &put)
        }
        EventType::RemoveFromCart => {
            let took = format!("{} out of the cart", product(about, PRODUCT));
            both("took", "take", &took)
        }
        EventType::ViewCart => both("looked", "look", "into the cart"),
        EventType::BeginCheckout => both("went", "go", "to the checkout"),
        EventType::Purchase => {
            let bought = format!("{} on the site{}", product(about, ""), coupon(about));
            both("bought", "buy", &bought)
        }
        EventType::Refund => both("got", "get", "a refund on the site"),
        EventType::Custom => {
            let name = about.name.as_ref();
            let action = name.map_or_else(
                || "an action of the site's own".to_owned(),
                |name| format!("the action {name}"),
            );
            both("did", "do", &action)
        }
    }
}

fn of_message(event: MessageType, message: &str) -> Forms {
    match event {
        MessageType::Sent => both("had", "have", &format!("{message} sent to them")),
        MessageType::Delivered => both("got", "get", message),
        MessageType::Opened => both("opened", "open", message),
        MessageType::Clicked => both("clicked", "click", &format!("in {message}")),
        MessageType::Read => both("read", "read", message),
        MessageType::Answered => both("answered", "answer", message),
        MessageType::Bounced => both("had", "have", &format!("{message} bounce")),
        MessageType::Unsubscribed => {
            both("unsubscribed", "unsubscribe", &format!("through {message}"))
        }
    }
}

fn message(channel: Option<MessageChannel>, latest: bool) -> String {
    let (article, noun) = match channel {
        Some(MessageChannel::Mail) => ("a", "mail"),
        Some(MessageChannel::Sms) => ("an", "SMS"),
        Some(MessageChannel::Whatsapp) => ("a", "WhatsApp message"),
        Some(MessageChannel::Push) => ("a", "push notification"),
        None => ("a", "message"),
    };
    if latest {
        return format!("the last {noun} they were sent");
    }
    format!("{article} {noun}")
}

const PAGE: &str = "a page";
const PRODUCT: &str = "a product";

fn page(about: &About) -> String {
    let product = about.product.as_ref();
    let product = product.map(|product| format!(" of the product {product}"));
    format!("{PAGE}{}{}", product.unwrap_or_default(), category(about))
}

fn product(about: &About, otherwise: &str) -> String {
    let product = match (&about.product, &about.category) {
        (Some(product), _) => format!("the product {product}"),
        (None, Some(_)) => PRODUCT.to_owned(),
        (None, None) => otherwise.to_owned(),
    };
    format!("{product}{}", category(about))
}

fn category(about: &About) -> String {
    let category = about.category.as_ref();
    let category = category.map(|category| format!(" of category {category}"));
    category.unwrap_or_default()
}

fn coupon(about: &About) -> String {
    match &about.coupon {
        None => String::new(),
        Some(Coupon::Any) => " with a coupon".to_owned(),
        Some(Coupon::Named(coupon)) => format!(" with the coupon {coupon}"),
    }
}
