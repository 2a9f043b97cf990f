//! What a language must be able to say. The pieces come ready: what is quoted
//! is quoted, what is figured out is figured out.

use super::super::ast::{Compare, Duration, Window};
use super::super::fields::Field;
use super::super::number::Number;
use super::super::words::{
    Channel, Device, EventType, Function, Key, MessageChannel, MessageType, OrderChannel, Per,
    Unit, words,
};
use jiff::civil::Date;

/// What people do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// They come to the site.
    Visit,
    /// They do anything there.
    Anything,
    /// They return goods.
    Return,
    /// An event of this type.
    Event(EventType),
    /// They spend time, compared already: `at least 10 minutes`.
    Spend(String),
    /// An order.
    Buy,
    /// Something becomes of a message to them.
    Message {
        event: MessageType,
        channel: Option<MessageChannel>,
        /// Whether the message is their newest.
        latest: bool,
    },
    /// They leave something in the cart.
    LeaveInCart,
}

/// What an act is about, as far as it is said in the same breath. Texts are
/// quoted, and several are joined by `or`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub category: Option<String>,
    pub product: Option<String>,
    /// What is searched for.
    pub term: Option<String>,
    /// The name of an action of the site's own.
    pub name: Option<String>,
    /// Where a visit comes from.
    pub source: Option<String>,
    pub channel: Option<OrderChannel>,
    pub coupon: Option<Coupon>,
}

/// The coupon with which something is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coupon {
    Any,
    /// One of these, quoted.
    Named(String),
}

/// Whether people did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polarity {
    Did,
    DidNot,
    Never,
}

/// How much people did it.
pub(super) enum Amount {
    Times(Compare),
    Visits(Compare),
    Days(Compare),
    /// Different values of a field.
    Distinct(Subject, Compare),
    /// A function of a field, compared already.
    Of(Function, Subject, String),
}

/// A field of a fact.
pub(super) enum Subject {
    Known(Field),
    /// A property of events, by its quoted key.
    Prop(String),
    /// One that facts of that kind don't have, quoted.
    Unknown(String),
}

/// A field of contacts.
pub(super) enum Who {
    Standard(Standard),
    /// One of the site's own, by its quoted label.
    Own(String),
}

words! {
    /// The fields that contacts of every site have.
    Standard {
        Key = "key",
        FirstName = "first_name",
        LastName = "last_name",
        Mail = "mail",
        Phone = "phone",
        Gender = "gender",
        Birthday = "birthday",
        Anniversary = "anniversary",
        FamilyStatus = "family_status",
        Street = "street",
        City = "city",
        Region = "region",
        PostalCode = "postal_code",
        Country = "country",
        Language = "language",
        Source = "source",
        CreatedAt = "created_at",
        ConsentMail = "consent_mail",
        ConsentSms = "consent_sms",
        ConsentWhatsapp = "consent_whatsapp",
    }
}

words! {
    /// The values of the field `gender`.
    Gender {
        Female = "female",
        Male = "male",
        Other = "other",
    }
}

/// A word of a closed list, as the value of a field.
#[derive(Clone, Copy)]
pub(super) enum Value {
    Channel(Channel),
    Device(Device),
    OrderChannel(OrderChannel),
    Gender(Gender),
}

/// What holds of a field.
pub(super) enum Check {
    /// It is one of these, each ready to be read.
    Is(Vec<String>),
    Contains(String),
    StartsWith(String),
    MatchesPath(String),
    Exists,
    /// It is so compared: `at least 3`.
    Number(String),
    /// It is a day of these.
    Days(Days),
    Flag(bool),
}

/// Days before or after one.
#[derive(Clone, Copy)]
pub(super) enum Days {
    After(Date),
    From(Date),
    Before(Date),
    Until(Date),
    Between(Date, Date),
}

/// The parts with commas between, and `before_last` before the last.
pub(super) fn listed(parts: &[String], before_last: &str) -> String {
    match parts {
        [] => String::new(),
        [part] => part.clone(),
        [first @ .., last] => format!("{}{before_last}{last}", first.join(", ")),
    }
}

/// Whether a duration reaches as far back as durations may: about five years.
pub(super) fn is_farthest(duration: Duration) -> bool {
    let weeks = Duration {
        n: 260,
        unit: Unit::Week,
    };
    duration.nominal_ms() >= weeks.nominal_ms()
}

/// A step of a sequence but the first.
pub(super) struct Then {
    /// What was done, or was not.
    pub did: String,
    pub within: Option<Duration>,
    pub same: Vec<Key>,
    pub differs: Vec<Key>,
}

/// A language. Each method gives a piece of a sentence without blanks around it.
pub(super) trait Tongue {
    /// The whole, of what is said of people.
    fn sentence(&self, clause: &str) -> String;
    /// Clauses that are all true.
    fn all(&self, clauses: &[String]) -> String;
    /// Clauses of which some is true.
    fn any(&self, clauses: &[String]) -> String;
    /// The opposite of joined clauses.
    fn except(&self, clauses: &str) -> String;
    /// Values of which any will do.
    fn or(&self, values: &[String]) -> String;

    /// A clause of what people did.
    fn who(&self, did: &str) -> String;
    /// What people did: one of the acts.
    fn did(&self, acts: &[Act], about: &About, polarity: Polarity) -> String;
    /// How much.
    fn amount(&self, amount: &Amount) -> String;
    /// That it need not have been at all.
    fn or_never(&self) -> String;
    /// Of what the amount is reached.
    fn per(&self, per: Per) -> String;
    /// For how much in all something was bought.
    fn worth(&self, compared: &str) -> String;
    /// What holds of what was done, in brackets.
    fn details(&self, details: &[String]) -> String;
    /// How long a cart is untouched.
    fn idle(&self, idle: Duration) -> String;
    /// When people last did it, if ever.
    fn last(&self, did: &str, window: &str, negated: bool) -> String;
    /// What people did, and then did, and when, if that is said.
    fn sequence(&self, first: &str, then: &[Then], window: &str, negated: bool) -> String;

    /// A field of a fact, and what holds of it.
    fn field(&self, subject: &Subject, check: &Check, negated: bool) -> String;
    /// That no item is so.
    fn no_item(&self, field: &str) -> String;
    /// A clause of a field of contacts, and what holds of it.
    fn contact(&self, who: &Who, check: &Check, negated: bool) -> String;
    /// A clause of a contact's date that lies in a window.
    fn date_in(&self, who: &Who, window: &str, negated: bool) -> String;
    /// A clause of a contact's date whose day of the year does.
    fn anniversary_in(&self, who: &Who, window: &str, negated: bool) -> String;
    /// A clause of a group, by its quoted name.
    fn group(&self, name: &str, negated: bool) -> String;
    /// A clause of a segment, by its quoted name.
    fn segment(&self, name: &str, negated: bool) -> String;

    /// The window that isn't `ever` and names no facts.
    fn window(&self, window: &Window) -> String;
    /// The window after the latest time that people did it.
    fn since(&self, did: &str) -> String;
    /// Numbers compared, each as it is shown.
    fn compared(&self, compare: Compare, show: &dyn Fn(Number) -> String) -> String;
    /// Time spent, of milliseconds.
    fn time_spent(&self, ms: Number) -> String;
    /// A day.
    fn date(&self, date: Date) -> String;
    /// A text from outside, quoted.
    fn quoted(&self, text: &str) -> String;
    /// A word of the language.
    fn value(&self, value: Value) -> &'static str;
}
