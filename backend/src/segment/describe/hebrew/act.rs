//! What people do, in the past, which has one form for all genders in the plural.

use super::super::super::words::{EventType, MessageChannel, MessageType, OrderChannel};
use super::super::tongue::{About, Act, Coupon, Polarity};
use super::prefixed;

/// What people did: one of the acts.
pub(super) fn did(acts: &[Act], about: &About, polarity: Polarity) -> String {
    let acts: Vec<String> = acts.iter().map(|act| past(act, about)).collect();
    let acts = match acts.as_slice() {
        [act] => act.clone(),
        acts => format!("({})", acts.join(" או ")),
    };
    match polarity {
        Polarity::Did => acts,
        Polarity::DidNot => format!("לא {acts}"),
        Polarity::Never => format!("מעולם לא {acts}"),
    }
}

fn past(act: &Act, about: &About) -> String {
    match act {
        Act::Visit => match &about.source {
            Some(source) => format!("הגיעו לאתר {}", prefixed("מ", source)),
            None => "ביקרו באתר".to_owned(),
        },
        Act::Return => "החזירו מוצרים".to_owned(),
        Act::Anything => "ביצעו פעולה באתר".to_owned(),
        Act::Event(event) => of_event(*event, about),
        Act::Spend(time) => match (&about.product, &about.category) {
            (None, None) => format!("שהו באתר {time}"),
            _ => format!("שהו {} {time}", in_page(about)),
        },
        Act::Buy => {
            let channel = match about.channel {
                Some(OrderChannel::Online) => " באתר",
                Some(OrderChannel::Store) => " בחנות",
                None => "",
            };
            format!("קנו{}{channel}{}", bought(about), coupon(about))
        }
        Act::Message {
            event,
            channel,
            latest,
        } => of_message(*event, *channel, *latest),
        Act::LeaveInCart => format!("השאירו {} בעגלה", product(about)),
    }
}

fn of_event(event: EventType, about: &About) -> String {
    match event {
        EventType::PageView => format!("צפו {}", in_page(about)),
        EventType::Dwell => format!("שהו {}", in_page(about)),
        EventType::Click => "לחצו על משהו באתר".to_owned(),
        EventType::Search => match &about.term {
            Some(term) => format!("חיפשו באתר את {term}"),
            None => "חיפשו באתר".to_owned(),
        },
        EventType::Filter => "שינו סינון באתר".to_owned(),
        EventType::Share => "שיתפו דף".to_owned(),
        EventType::FileDownload => "הורידו קובץ".to_owned(),
        EventType::FormStart => "התחילו למלא טופס".to_owned(),
        EventType::FormSubmit => "שלחו טופס".to_owned(),
        EventType::ViewItemList => "צפו ברשימת מוצרים".to_owned(),
        EventType::ViewItem => match &about.product {
            Some(product) => format!("צפו במוצר {product}{}", category(about)),
            None => format!("צפו במוצר{}", category(about)),
        },
        EventType::AddToCart => format!("הוסיפו {} לעגלה", product(about)),
        EventType::RemoveFromCart => format!("הוציאו {} מהעגלה", product(about)),
        EventType::ViewCart => "צפו בעגלה".to_owned(),
        EventType::BeginCheckout => "הגיעו לקופה".to_owned(),
        EventType::Purchase => {
            format!("ביצעו רכישה{} באתר{}", of_purchase(about), coupon(about))
        }
        EventType::Refund => "קיבלו החזר כספי באתר".to_owned(),
        EventType::Custom => match &about.name {
            Some(name) => format!("ביצעו את הפעולה {name}"),
            None => "ביצעו פעולה מותאמת של האתר".to_owned(),
        },
    }
}

fn in_page(about: &About) -> String {
    match &about.product {
        Some(product) => format!("בדף של המוצר {product}{}", category(about)),
        None => format!("בדף{}", category(about)),
    }
}

/// A product, as an object.
fn product(about: &About) -> String {
    match &about.product {
        Some(product) => format!("את המוצר {product}{}", category(about)),
        None => format!("מוצר{}", category(about)),
    }
}

fn bought(about: &About) -> String {
    match (&about.product, &about.category) {
        (None, None) => String::new(),
        _ => format!(" {}", product(about)),
    }
}

fn of_purchase(about: &About) -> String {
    match (&about.product, &about.category) {
        (None, None) => String::new(),
        (Some(product), _) => format!(" של המוצר {product}{}", category(about)),
        (None, Some(_)) => format!(" של מוצר{}", category(about)),
    }
}

fn category(about: &About) -> String {
    let category = about.category.as_ref();
    let category = category.map(|category| format!(" מהקטגוריה {category}"));
    category.unwrap_or_default()
}

fn coupon(about: &About) -> String {
    match &about.coupon {
        None => String::new(),
        Some(Coupon::Any) => " עם קופון".to_owned(),
        Some(Coupon::Named(coupon)) => format!(" עם הקופון {coupon}"),
    }
}

fn of_message(event: MessageType, channel: Option<MessageChannel>, latest: bool) -> String {
    let message = Message::of(channel, latest);
    let object = message.object();
    match event {
        MessageType::Sent => {
            let sent = if message.is_feminine {
                "נשלחה"
            } else {
                "נשלח"
            };
            format!("{sent} אליהם {}", message.subject())
        }
        MessageType::Delivered => format!("קיבלו {object}"),
        MessageType::Opened => format!("פתחו {object}"),
        MessageType::Clicked => format!("לחצו על קישור {}", message.after("ב")),
        MessageType::Read => format!("קראו {object}"),
        MessageType::Answered => format!("השיבו {}", message.after("ל")),
        MessageType::Bounced => {
            let came_back = if message.is_feminine {
                "חזרה"
            } else {
                "חזר"
            };
            format!("{came_back} {}{}", message.named(), message.sent())
        }
        MessageType::Unsubscribed => {
            format!("ביקשו הסרה מדיוור דרך {}", message.subject())
        }
    }
}

/// A message: any, or the newest.
struct Message {
    /// Without an article.
    noun: &'static str,
    /// Whether it has one; it stands before the noun, and `ב` or `ל` in its place.
    article: &'static str,
    is_latest: bool,
    is_feminine: bool,
}

impl Message {
    const fn of(channel: Option<MessageChannel>, is_latest: bool) -> Self {
        let (any, latest, article) = match channel {
            Some(MessageChannel::Mail) => ("מייל", "מייל האחרון", "ה"),
            // In a pair of nouns the second has the article.
            Some(MessageChannel::Sms) => ("הודעת SMS", "הודעת ה־SMS האחרונה", ""),
            Some(MessageChannel::Whatsapp) => ("הודעת וואטסאפ", "הודעת הוואטסאפ האחרונה", ""),
            Some(MessageChannel::Push) => ("התראה", "התראה האחרונה", "ה"),
            None => ("הודעה", "הודעה האחרונה", "ה"),
        };
        Self {
            noun: if is_latest { latest } else { any },
            article: if is_latest { article } else { "" },
            is_latest,
            is_feminine: !matches!(channel, Some(MessageChannel::Mail)),
        }
    }

    fn named(&self) -> String {
        format!("{}{}", self.article, self.noun)
    }

    const fn sent(&self) -> &'static str {
        if self.is_feminine {
            " שנשלחה אליהם"
        } else {
            " שנשלח אליהם"
        }
    }

    /// Which message it was, where it was not any.
    const fn which(&self) -> &'static str {
        if self.is_latest { self.sent() } else { "" }
    }

    fn subject(&self) -> String {
        format!("{}{}", self.named(), self.which())
    }

    fn object(&self) -> String {
        let marker = if self.is_latest { "את " } else { "" };
        format!("{marker}{}", self.subject())
    }

    fn after(&self, preposition: &str) -> String {
        format!("{preposition}{}{}", self.noun, self.which())
    }
}
