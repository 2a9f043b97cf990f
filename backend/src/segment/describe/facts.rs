//! Facts: what people did, and what holds of it. What belongs into the same
//! breath, as the category of a page, is said with the act; the rest in brackets.

use super::super::ast::{Bare, Compare, Events, Filter, Of, Operand, Scalar};
use super::super::fields::{Column, Field, ItemField, Kind, OrderField, Source};
use super::super::invalid::At;
use super::super::number::Number;
use super::super::time;
use super::super::words::{Channel, Device, EventType, Op, OrderChannel, Word as _};
use super::Walk;
use super::figure::{digits, money};
use super::tongue::{About, Act, Check, Coupon, Days, Polarity, Subject, Value};
use jiff::civil::Date;

/// What people do that makes such facts.
pub(super) fn acts(of: &Of) -> Vec<Act> {
    match of {
        Of::Events(Events::Any) => vec![Act::Anything],
        Of::Events(Events::These(types)) => types.iter().copied().map(Act::Event).collect(),
        Of::Orders => vec![Act::Buy],
        Of::Messages { channel, events } => {
            let acts = events.iter().map(|&event| Act::Message {
                event,
                channel: *channel,
                latest: false,
            });
            acts.collect()
        }
    }
}

/// Where such facts are from.
pub(super) const fn source(of: &Of) -> Source {
    match of {
        Of::Events(_) => Source::Events,
        Of::Orders => Source::Orders,
        Of::Messages { .. } => Source::Messages,
    }
}

impl Walk<'_> {
    /// What people did, and what holds of it.
    pub(super) fn bare(&self, bare: &Bare, polarity: Polarity) -> String {
        self.done(&acts(&bare.of), source(&bare.of), &bare.filters, polarity)
    }

    /// The same of other acts.
    pub(super) fn done(
        &self,
        acts: &[Act],
        source: Source,
        filters: &[Filter],
        polarity: Polarity,
    ) -> String {
        let mut about = About::default();
        let mut details = Vec::new();
        for filter in filters {
            if !self.tell(filter, acts, source, &mut about) {
                details.push(self.detail(filter, source));
            }
        }
        let did = self.tongue.did(acts, &about, polarity);
        if details.is_empty() {
            return did;
        }
        format!("{did} {}", self.tongue.details(&details))
    }

    /// Whether the filter is said with the act itself.
    fn tell(&self, filter: &Filter, acts: &[Act], source: Source, about: &mut About) -> bool {
        let Some(field) = Field::named(&filter.field, source) else {
            return false;
        };
        let mut places = acts.iter().map(|act| place(act, &field));
        let Some(Some(place)) = places.next() else {
            return false;
        };
        if !places.all(|other| other == Some(place)) {
            return false;
        }
        let values = match filter.op {
            Op::Eq | Op::In => Some(self.tongue.or(&self.values(filter, Some(&field)))),
            _ => None,
        };
        match (place, values) {
            (Place::Category, values @ Some(_)) => put(&mut about.category, values),
            (Place::Product, values @ Some(_)) => put(&mut about.product, values),
            (Place::Term, values @ Some(_)) => put(&mut about.term, values),
            (Place::Source, values @ Some(_)) => put(&mut about.source, values),
            (Place::Name, values @ Some(_)) => put(&mut about.name, values),
            (Place::Coupon, Some(values)) => put(&mut about.coupon, Some(Coupon::Named(values))),
            (Place::Coupon, None) if filter.op == Op::Exists => {
                put(&mut about.coupon, Some(Coupon::Any))
            }
            (Place::Channel, Some(_)) => put(&mut about.channel, order_channel(filter)),
            _ => false,
        }
    }

    /// What a filter says, among others in brackets.
    fn detail(&self, filter: &Filter, source: Source) -> String {
        let field = Field::named(&filter.field, source);
        let show = |scalar: &Scalar| self.scalar(scalar, field.as_ref());
        let number = |number| self.figure(number, field.as_ref());
        let (check, negated) = self.check(filter, &show, &number);
        let is_item = matches!(field, Some(Field::Item(_)));
        let subject = self.subject(&filter.field, source);
        if negated && is_item {
            let so = self.tongue.field(&subject, &check, false);
            return self.tongue.no_item(&so);
        }
        self.tongue.field(&subject, &check, negated)
    }

    /// The field of that name.
    pub(super) fn subject(&self, name: &str, source: Source) -> Subject {
        match Field::named(name, source) {
            Some(Field::Prop(key)) => Subject::Prop(self.tongue.quoted(&key)),
            Some(field) => Subject::Known(field),
            None => Subject::Unknown(self.tongue.quoted(name)),
        }
    }

    /// What a test says, and whether it is negated; its values as they are shown.
    pub(super) fn check(
        &self,
        filter: &Filter,
        show: &dyn Fn(&Scalar) -> String,
        number: &dyn Fn(Number) -> String,
    ) -> (Check, bool) {
        let all = || scalars(filter).iter().map(show).collect::<Vec<_>>();
        let joined = || self.tongue.or(&all());
        let check = match filter.op {
            Op::Exists | Op::InWindow | Op::AnniversaryIn => Check::Exists,
            Op::Contains => Check::Contains(joined()),
            Op::StartsWith => Check::StartsWith(joined()),
            Op::MatchesPath => Check::MatchesPath(joined()),
            Op::Eq | Op::Ne => match scalars(filter) {
                [Scalar::Bool(flag)] => Check::Flag(*flag),
                _ => Check::Is(all()),
            },
            Op::In | Op::NotIn => Check::Is(all()),
            Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between => {
                match (compare(filter), days(filter)) {
                    (Some(compare), _) => Check::Number(self.tongue.compared(compare, number)),
                    (None, Some(days)) => Check::Days(days),
                    (None, None) => Check::Is(all()),
                }
            }
        };
        (check, matches!(filter.op, Op::Ne | Op::NotIn))
    }

    fn values(&self, filter: &Filter, field: Option<&Field>) -> Vec<String> {
        let values = scalars(filter).iter();
        values.map(|value| self.scalar(value, field)).collect()
    }

    fn scalar(&self, scalar: &Scalar, field: Option<&Field>) -> String {
        match scalar {
            Scalar::Text(text) => match word(text, field) {
                Some(word) => self.tongue.value(word).to_owned(),
                None => self.tongue.quoted(text),
            },
            Scalar::Number(number) => self.figure(*number, field),
            Scalar::Bool(flag) => self.tongue.quoted(&flag.to_string()),
        }
    }

    /// A number of a field, in its unit.
    pub(super) fn figure(&self, number: Number, field: Option<&Field>) -> String {
        match field {
            Some(Field::Column(Column::DwellMs)) => self.tongue.time_spent(number),
            Some(Field::Column(Column::ScrollPercent)) => format!("{}%", digits(number)),
            Some(field) if field.kind() == Kind::Money => money(number, &self.names.currency),
            _ => digits(number),
        }
    }
}

/// Puts a value where nothing is yet; whether it did.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let fits = place.is_none() && value.is_some();
    if fits {
        *place = value;
    }
    fits
}

/// Where the value of a filter stands that is said with the act.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Category,
    Product,
    Term,
    Name,
    Source,
    Channel,
    Coupon,
}

/// The place of a field in what such an act is about.
fn place(act: &Act, field: &Field) -> Option<Place> {
    use EventType as On;
    Some(match (act, field) {
        (Act::Spend(_) | Act::Event(On::PageView | On::Dwell), Field::Column(Column::Category)) => {
            Place::Category
        }
        (Act::Spend(_) | Act::Event(On::PageView | On::Dwell), Field::Column(Column::Product)) => {
            Place::Product
        }
        (
            Act::Buy
            | Act::LeaveInCart
            | Act::Event(On::ViewItem | On::AddToCart | On::RemoveFromCart | On::Purchase),
            Field::Item(item),
        ) => match item {
            ItemField::Category => Place::Category,
            ItemField::Id => Place::Product,
            _ => return None,
        },
        (Act::Buy, Field::Order(OrderField::Channel)) => Place::Channel,
        (Act::Buy, Field::Order(OrderField::Coupons))
        | (Act::Event(On::Purchase), Field::Column(Column::Coupon)) => Place::Coupon,
        (Act::Event(On::Search), Field::Column(Column::SearchTerm)) => Place::Term,
        (Act::Visit, Field::Column(Column::Channel)) => Place::Source,
        (Act::Event(On::Custom), Field::Column(Column::Name)) => Place::Name,
        _ => return None,
    })
}

/// The channel that a filter asks for, if it is one.
fn order_channel(filter: &Filter) -> Option<OrderChannel> {
    match scalars(filter) {
        [Scalar::Text(text)] => OrderChannel::from_word(&text.to_lowercase()),
        _ => None,
    }
}

/// The word of the language that a value of the field is.
fn word(text: &str, field: Option<&Field>) -> Option<Value> {
    let text = text.to_lowercase();
    match field? {
        Field::Column(Column::Channel) => Channel::from_word(&text).map(Value::Channel),
        Field::Column(Column::Device) => Device::from_word(&text).map(Value::Device),
        Field::Order(OrderField::Channel) => {
            OrderChannel::from_word(&text).map(Value::OrderChannel)
        }
        _ => None,
    }
}

fn scalars(filter: &Filter) -> &[Scalar] {
    match &filter.value {
        Some(Operand::One(scalar)) => std::slice::from_ref(scalar),
        Some(Operand::List(list)) => list,
        None => &[],
    }
}

/// The comparison that a test of a number is.
fn compare(filter: &Filter) -> Option<Compare> {
    Some(match (filter.op, scalars(filter)) {
        (Op::Gt, [Scalar::Number(n)]) => Compare::Gt(*n),
        (Op::Gte, [Scalar::Number(n)]) => Compare::Gte(*n),
        (Op::Lt, [Scalar::Number(n)]) => Compare::Lt(*n),
        (Op::Lte, [Scalar::Number(n)]) => Compare::Lte(*n),
        (Op::Between, [Scalar::Number(first), Scalar::Number(second)]) => {
            Compare::Between(*first, *second)
        }
        _ => return None,
    })
}

/// The days that a test of a date is about.
fn days(filter: &Filter) -> Option<Days> {
    Some(match (filter.op, scalars(filter)) {
        (Op::Gt, [day]) => Days::After(date(day)?),
        (Op::Gte, [day]) => Days::From(date(day)?),
        (Op::Lt, [day]) => Days::Before(date(day)?),
        (Op::Lte, [day]) => Days::Until(date(day)?),
        (Op::Between, [first, second]) => Days::Between(date(first)?, date(second)?),
        _ => return None,
    })
}

/// The day that a value writes.
pub(super) fn date(scalar: &Scalar) -> Option<Date> {
    match scalar {
        Scalar::Text(text) => time::date(text, &At::Root).ok(),
        _ => None,
    }
}
