//! Fields by their nouns, without an article.

use super::super::super::fields::{Column, Field, ItemField, MessageField, OrderField};
use super::super::tongue::{Standard, Subject, Who};

/// A field of a fact.
pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Known(field) => of_fact(field).to_owned(),
        Subject::Prop(key) => format!("property {key}"),
        Subject::Unknown(name) => format!("field {name}"),
    }
}

/// One value of a field, and several, that differ.
pub(super) fn different(subject: &Subject) -> (String, String) {
    let things = match subject {
        Subject::Known(field) => match field {
            Field::Column(Column::Device) => Some(("kind of device", "kinds of device")),
            Field::Column(Column::Product) | Field::Item(ItemField::Id) => {
                Some(("product", "products"))
            }
            Field::Column(Column::Category) | Field::Item(ItemField::Category) => {
                Some(("category", "categories"))
            }
            Field::Item(ItemField::Brand) => Some(("brand", "brands")),
            Field::Order(OrderField::Store) => Some(("store", "stores")),
            Field::Order(OrderField::Channel) => Some(("channel", "channels")),
            _ => None,
        },
        Subject::Prop(_) | Subject::Unknown(_) => None,
    };
    if let Some((one, many)) = things {
        return (one.to_owned(), format!("different {many}"));
    }
    let noun = self::subject(subject);
    (
        format!("value of the {noun}"),
        format!("different values of the {noun}"),
    )
}

const fn of_fact(field: &Field) -> &'static str {
    match field {
        Field::Column(column) => of_event(*column),
        Field::Prop(_) => "property",
        Field::Item(item) => match item {
            ItemField::Id => "product id",
            ItemField::Name => "product name",
            ItemField::Category => "product category",
            ItemField::Brand => "brand",
            ItemField::Quantity => "quantity",
            ItemField::PriceCents => "product price",
            ItemField::ValueCents => "price of all its pieces",
        },
        Field::Order(order) => match order {
            OrderField::OrderId => "order number",
            OrderField::Store => "store",
            OrderField::Currency => "currency",
            OrderField::Channel => "place of the purchase",
            OrderField::Coupons => "coupon",
            OrderField::ValueCents => "order value",
            OrderField::NetCents => "order value less returns",
            OrderField::Returns => "number of returns",
        },
        Field::Message(message) => match message {
            MessageField::Campaign => "campaign",
            MessageField::Link => "link",
            MessageField::Topic => "topic",
        },
    }
}

const fn of_event(column: Column) -> &'static str {
    match column {
        Column::Host => "site's host",
        Column::Path => "path",
        Column::Title => "title",
        Column::Category => "page category",
        Column::Product => "page's product",
        Column::SearchTerm => "search term",
        Column::Cta => "call to action",
        Column::ClickKind => "kind of click",
        Column::ClickText => "clicked text",
        Column::ClickHost => "clicked host",
        Column::OrderId => "order number",
        Column::Coupon => "coupon",
        Column::Currency => "currency",
        Column::Form => "form",
        Column::ReferrerHost => "referring site",
        Column::Channel => "source of the visit",
        Column::UtmSource => "tag utm_source",
        Column::UtmMedium => "tag utm_medium",
        Column::UtmCampaign => "tag utm_campaign",
        Column::UtmTerm => "tag utm_term",
        Column::UtmContent => "tag utm_content",
        Column::ClickIdKind => "kind of ad click",
        Column::Device => "device",
        Column::Browser => "browser",
        Column::Os => "operating system",
        Column::Language => "browser's language",
        Column::Country => "visit's country",
        Column::Region => "visit's region",
        Column::City => "visit's city",
        Column::Name => "action",
        Column::DwellMs => "time spent",
        Column::ScrollPercent => "scroll depth",
        Column::ValueCents => "value",
    }
}

/// A field of contacts.
pub(super) fn contact(who: &Who) -> String {
    let standard = match who {
        Who::Own(label) => return label.clone(),
        Who::Standard(standard) => standard,
    };
    let noun = match standard {
        Standard::Key => "customer id",
        Standard::FirstName => "first name",
        Standard::LastName => "last name",
        Standard::Mail => "mail address",
        Standard::Phone => "phone",
        Standard::Gender => "gender",
        Standard::Birthday => "date of birth",
        Standard::Anniversary => "wedding date",
        Standard::FamilyStatus => "family status",
        Standard::Street => "street",
        Standard::City => "city",
        Standard::Region => "region",
        Standard::PostalCode => "postal code",
        Standard::Country => "country",
        Standard::Language => "language",
        Standard::Source => "sign-up source",
        Standard::CreatedAt => "sign-up date",
        Standard::ConsentMail | Standard::ConsentSms | Standard::ConsentWhatsapp => {
            return format!("consent to {}", consent(*standard));
        }
    };
    noun.to_owned()
}

/// What people agree to.
pub(super) const fn consent(standard: Standard) -> &'static str {
    match standard {
        Standard::ConsentMail => "mails",
        Standard::ConsentSms => "SMS",
        Standard::ConsentWhatsapp => "WhatsApp messages",
        _ => "this",
    }
}
