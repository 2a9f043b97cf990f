//! Fields by their nouns, with the article.

use super::super::super::fields::{Column, Field, ItemField, MessageField, OrderField};
use super::super::tongue::{Standard, Subject, Who};

/// A noun, with which verbs and adjectives agree.
pub(super) struct Noun {
    pub text: String,
    pub is_feminine: bool,
}

fn masculine(text: &str) -> Noun {
    Noun {
        text: text.to_owned(),
        is_feminine: false,
    }
}

fn feminine(text: &str) -> Noun {
    Noun {
        text: text.to_owned(),
        is_feminine: true,
    }
}

/// A field of a fact.
pub(super) fn subject(subject: &Subject) -> Noun {
    match subject {
        Subject::Known(field) => of_fact(field),
        Subject::Prop(key) => masculine(&format!("המאפיין {key}")),
        Subject::Unknown(name) => masculine(&format!("השדה {name}")),
    }
}

/// One value of a field, and several, that differ.
pub(super) fn different(subject: &Subject) -> (String, String) {
    let things = match subject {
        Subject::Known(field) => match field {
            Field::Column(Column::Device) => Some(("סוג מכשיר אחד", "סוגי מכשירים שונים")),
            Field::Column(Column::Product) | Field::Item(ItemField::Id) => {
                Some(("מוצר אחד", "מוצרים שונים"))
            }
            Field::Column(Column::Category) | Field::Item(ItemField::Category) => {
                Some(("קטגוריה אחת", "קטגוריות שונות"))
            }
            Field::Item(ItemField::Brand) => Some(("מותג אחד", "מותגים שונים")),
            Field::Order(OrderField::Store) => Some(("חנות אחת", "חנויות שונות")),
            Field::Order(OrderField::Channel) => Some(("ערוץ אחד", "ערוצים שונים")),
            _ => None,
        },
        Subject::Prop(_) | Subject::Unknown(_) => None,
    };
    if let Some((one, many)) = things {
        return (one.to_owned(), many.to_owned());
    }
    let Noun { text, .. } = self::subject(subject);
    (
        format!("ערך אחד של {text}"),
        format!("ערכים שונים של {text}"),
    )
}

fn of_fact(field: &Field) -> Noun {
    match field {
        Field::Column(column) => of_event(*column),
        Field::Prop(_) => masculine("המאפיין"),
        Field::Item(item) => match item {
            ItemField::Id => masculine("מזהה המוצר"),
            ItemField::Name => masculine("שם המוצר"),
            ItemField::Category => feminine("קטגוריית המוצר"),
            ItemField::Brand => masculine("המותג"),
            ItemField::Quantity => feminine("הכמות"),
            ItemField::PriceCents => masculine("מחיר המוצר"),
            ItemField::ValueCents => masculine("המחיר של כל היחידות"),
        },
        Field::Order(order) => match order {
            OrderField::OrderId => masculine("מספר ההזמנה"),
            OrderField::Store => feminine("החנות"),
            OrderField::Currency => masculine("המטבע"),
            OrderField::Channel => masculine("מקום הקנייה"),
            OrderField::Coupons => masculine("הקופון"),
            OrderField::ValueCents => masculine("סכום ההזמנה"),
            OrderField::NetCents => masculine("סכום ההזמנה בניכוי החזרות"),
            OrderField::Returns => masculine("מספר ההחזרות"),
        },
        Field::Message(message) => match message {
            MessageField::Campaign => masculine("הקמפיין"),
            MessageField::Link => masculine("הקישור"),
            MessageField::Topic => masculine("הנושא"),
        },
    }
}

fn of_event(column: Column) -> Noun {
    match column {
        Column::Host => masculine("שם המתחם"),
        Column::Path => masculine("נתיב הדף"),
        Column::Title => feminine("כותרת הדף"),
        Column::Category => feminine("קטגוריית הדף"),
        Column::Product => masculine("המוצר שבדף"),
        Column::SearchTerm => masculine("מונח החיפוש"),
        Column::Cta => feminine("הקריאה לפעולה"),
        Column::ClickKind => masculine("סוג הלחיצה"),
        Column::ClickText => masculine("הטקסט שנלחץ"),
        Column::ClickHost => masculine("אתר היעד של הלחיצה"),
        Column::OrderId => masculine("מספר ההזמנה"),
        Column::Coupon => masculine("הקופון"),
        Column::Currency => masculine("המטבע"),
        Column::Form => masculine("הטופס"),
        Column::ReferrerHost => masculine("האתר המפנה"),
        Column::Channel => masculine("מקור הביקור"),
        Column::UtmSource => masculine("התג utm_source"),
        Column::UtmMedium => masculine("התג utm_medium"),
        Column::UtmCampaign => masculine("התג utm_campaign"),
        Column::UtmTerm => masculine("התג utm_term"),
        Column::UtmContent => masculine("התג utm_content"),
        Column::ClickIdKind => masculine("סוג ההקלקה על המודעה"),
        Column::Device => masculine("המכשיר"),
        Column::Browser => masculine("הדפדפן"),
        Column::Os => feminine("מערכת ההפעלה"),
        Column::Language => feminine("שפת הדפדפן"),
        Column::Country => feminine("מדינת הביקור"),
        Column::Region => masculine("אזור הביקור"),
        Column::City => feminine("עיר הביקור"),
        Column::Name => masculine("שם הפעולה"),
        Column::DwellMs => masculine("זמן השהייה"),
        Column::ScrollPercent => masculine("עומק הגלילה"),
        Column::ValueCents => masculine("הסכום"),
    }
}

/// A field of contacts.
pub(super) fn contact(who: &Who) -> Noun {
    let standard = match who {
        Who::Own(label) => return masculine(&format!("השדה {label}")),
        Who::Standard(standard) => standard,
    };
    match standard {
        Standard::Key => masculine("מזהה הלקוח"),
        Standard::FirstName => masculine("השם הפרטי"),
        Standard::LastName => masculine("שם המשפחה"),
        Standard::Mail => feminine("כתובת המייל"),
        Standard::Phone => masculine("מספר הטלפון"),
        Standard::Gender => masculine("המגדר"),
        Standard::Birthday => masculine("תאריך הלידה"),
        Standard::Anniversary => masculine("תאריך הנישואין"),
        Standard::FamilyStatus => masculine("המצב המשפחתי"),
        Standard::Street => masculine("הרחוב"),
        Standard::City => feminine("עיר המגורים"),
        Standard::Region => masculine("אזור המגורים"),
        Standard::PostalCode => masculine("המיקוד"),
        Standard::Country => feminine("ארץ המגורים"),
        Standard::Language => feminine("השפה"),
        Standard::Source => masculine("מקור ההצטרפות"),
        Standard::CreatedAt => masculine("תאריך ההצטרפות"),
        Standard::ConsentMail | Standard::ConsentSms | Standard::ConsentWhatsapp => {
            feminine(&format!("ההסכמה ל{}", consent(*standard)))
        }
    }
}

/// What people agree to.
pub(super) const fn consent(standard: Standard) -> &'static str {
    match standard {
        Standard::ConsentMail => "דיוור במייל",
        Standard::ConsentSms => "דיוור ב־SMS",
        Standard::ConsentWhatsapp => "דיוור בוואטסאפ",
        _ => "כך",
    }
}
