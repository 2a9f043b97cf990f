//! English.

mod act;
mod check;
mod noun;
mod time;

use super::super::ast::{Compare, Duration, Window};
use super::super::number::Number;
use super::super::words::{Channel, Device, Function, Key, OrderChannel, Per};
use super::figure::digits;
use super::quote::isolated;
use super::tongue::{
    About, Act, Amount, Check, Gender, Polarity, Standard, Subject, Then, Tongue, Value, Who,
    listed,
};
use check::{falls, predicate};
use jiff::civil::Date;

/// English, in the third person plural.
pub(super) struct English;

impl Tongue for English {
    fn sentence(&self, clause: &str) -> String {
        format!("People {clause}.")
    }

    fn all(&self, clauses: &[String]) -> String {
        listed(clauses, ", and ")
    }

    fn any(&self, clauses: &[String]) -> String {
        clauses.join(", or ")
    }

    fn except(&self, clauses: &str) -> String {
        format!("who are not among those ({clauses})")
    }

    fn or(&self, values: &[String]) -> String {
        listed(values, " or ")
    }

    fn who(&self, did: &str) -> String {
        format!("who {did}")
    }

    fn did(&self, acts: &[Act], about: &About, polarity: Polarity) -> String {
        act::did(acts, about, polarity)
    }

    fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Times(compare) => times(*compare),
            Amount::Visits(compare) => format!("in {}", counted(*compare, "visit", "visits")),
            Amount::Days(compare) => format!("on {}", counted(*compare, "day", "different days")),
            Amount::Distinct(subject, compare) => {
                let (one, many) = noun::different(subject);
                format!("with {}", counted(*compare, &one, &many))
            }
            Amount::Of(function, subject, compared) => {
                let function = match function {
                    Function::Sum => "a total",
                    Function::Avg => "an average",
                    Function::Min => "a minimum",
                    Function::Max => "a maximum",
                    Function::Distinct => "a number of different values of",
                };
                format!("with {function} {} of {compared}", noun::subject(subject))
            }
        }
    }

    fn or_never(&self) -> String {
        "(or not at all)".to_owned()
    }

    fn per(&self, per: Per) -> String {
        let same = match per {
            Per::Session => "(all in the same visit)",
            Per::Product => "(the same product each time)",
        };
        same.to_owned()
    }

    fn worth(&self, compared: &str) -> String {
        format!("for {compared} in total")
    }

    fn details(&self, details: &[String]) -> String {
        format!("({})", listed(details, ", and "))
    }

    fn idle(&self, idle: Duration) -> String {
        format!("(untouched for at least {})", time::duration(idle))
    }

    fn last(&self, did: &str, window: &str, negated: bool) -> String {
        if negated {
            return format!("for whom the last time they {did}, if any, was not {window}");
        }
        format!("who last {did} {window}")
    }

    fn sequence(&self, first: &str, then: &[Then], window: &str, negated: bool) -> String {
        let mut steps = first.to_owned();
        for step in then {
            steps.push_str(", then ");
            if let Some(within) = step.within {
                steps.push_str("within ");
                steps.push_str(&time::duration(within));
                steps.push(' ');
            }
            steps.push_str(&step.did);
            steps.push_str(&marks(step));
        }
        if !window.is_empty() {
            steps.push_str(if then.is_empty() { " " } else { ", all " });
            steps.push_str(window);
        }
        if negated {
            return format!("who did not go through this: ({steps})");
        }
        format!("who {steps}")
    }

    fn field(&self, subject: &Subject, check: &Check, negated: bool) -> String {
        let noun = noun::subject(subject);
        if matches!(check, Check::Exists) {
            return format!("the {noun} is given");
        }
        format!("the {noun} {}", predicate(check, negated))
    }

    fn no_item(&self, field: &str) -> String {
        format!("there is no product of which {field}")
    }

    fn contact(&self, who: &Who, check: &Check, negated: bool) -> String {
        let do_not = if negated { "do not " } else { "" };
        match (who, check) {
            (
                Who::Standard(Standard::City | Standard::Region | Standard::Country),
                Check::Is(values),
            ) => {
                let values = self.or(values);
                format!("who {do_not}live in the {} {values}", noun::contact(who))
            }
            (Who::Standard(Standard::Key), Check::Exists) => {
                let not = if negated { "not " } else { "" };
                format!("who are {not}known contacts")
            }
            (Who::Standard(consent), Check::Flag(flag)) => {
                let agreed = match (flag, negated) {
                    (true, false) => "agreed to",
                    (true, true) => "did not agree to",
                    (false, false) => "refused",
                    (false, true) => "did not refuse",
                };
                format!("who {agreed} {}", noun::consent(*consent))
            }
            _ => format!("whose {} {}", noun::contact(who), predicate(check, negated)),
        }
    }

    fn date_in(&self, who: &Who, window: &str, negated: bool) -> String {
        if matches!(who, Who::Standard(Standard::CreatedAt)) {
            let signed_up = if negated {
                "did not sign up"
            } else {
                "signed up"
            };
            return format!("who {signed_up} {window}");
        }
        format!("whose {} {} {window}", noun::contact(who), falls(negated))
    }

    fn anniversary_in(&self, who: &Who, window: &str, negated: bool) -> String {
        let day = match who {
            Who::Standard(Standard::Birthday) => "whose birthday".to_owned(),
            Who::Standard(Standard::Anniversary) => "whose wedding anniversary".to_owned(),
            Who::Standard(_) => format!("for whom the anniversary of the {}", noun::contact(who)),
            Who::Own(label) => format!("for whom the anniversary of {label}"),
        };
        format!("{day} {} {window}", falls(negated))
    }

    fn group(&self, name: &str, negated: bool) -> String {
        let not = if negated { "not " } else { "" };
        format!("who are {not}in the group {name}")
    }

    fn segment(&self, name: &str, negated: bool) -> String {
        let not = if negated { "not " } else { "" };
        format!("who are {not}in the segment {name}")
    }

    fn window(&self, window: &Window) -> String {
        time::window(window)
    }

    fn since(&self, did: &str) -> String {
        format!("since they last {did}")
    }

    fn compared(&self, compare: Compare, show: &dyn Fn(Number) -> String) -> String {
        match compare {
            Compare::Gte(n) => format!("at least {}", show(n)),
            Compare::Gt(n) => format!("more than {}", show(n)),
            Compare::Lte(n) => format!("at most {}", show(n)),
            Compare::Lt(n) => format!("less than {}", show(n)),
            Compare::Eq(n) => format!("exactly {}", show(n)),
            Compare::Between(first, second) => {
                format!("between {} and {}", show(first), show(second))
            }
        }
    }

    fn time_spent(&self, ms: Number) -> String {
        time::spent(ms)
    }

    fn date(&self, date: Date) -> String {
        date.to_string()
    }

    fn quoted(&self, text: &str) -> String {
        format!("“{}”", isolated(text))
    }

    fn value(&self, value: Value) -> &'static str {
        match value {
            Value::Channel(channel) => match channel {
                Channel::Direct => "a direct visit",
                Channel::Organic => "a search engine",
                Channel::Paid => "a paid ad",
                Channel::Social => "a social network",
                Channel::Mail => "a mail",
                Channel::Sms => "an SMS",
                Channel::Whatsapp => "a WhatsApp message",
                Channel::Push => "a push notification",
                Channel::Referral => "another site",
            },
            Value::Device(device) => match device {
                Device::Mobile => "a phone",
                Device::Tablet => "a tablet",
                Device::Desktop => "a computer",
                Device::Other => "of another kind",
            },
            Value::OrderChannel(channel) => match channel {
                OrderChannel::Online => "the site",
                OrderChannel::Store => "the store",
            },
            Value::Gender(gender) => match gender {
                Gender::Female => "female",
                Gender::Male => "male",
                Gender::Other => "other",
            },
        }
    }
}

fn times(compare: Compare) -> String {
    let times = |n| match n {
        Number::Int(1) => "once".to_owned(),
        Number::Int(2) => "twice".to_owned(),
        n => format!("{} times", digits(n)),
    };
    match compare {
        Compare::Lt(n) if n > Number::Int(2) => format!("fewer than {}", times(n)),
        Compare::Between(first, second) => {
            format!("between {} and {} times", digits(first), digits(second))
        }
        compare => English.compared(compare, &times),
    }
}

/// A number of things, by the words for one and for many.
fn counted(compare: Compare, one: &str, many: &str) -> String {
    let count = |n| match n {
        Number::Int(1) => format!("1 {one}"),
        n => format!("{} {many}", digits(n)),
    };
    match compare {
        Compare::Lt(n) => format!("fewer than {}", count(n)),
        Compare::Between(first, second) => {
            format!("{} to {}", digits(first), count(second))
        }
        compare => English.compared(compare, &count),
    }
}

/// What a step has in common with the one before, and what not.
fn marks(step: &Then) -> String {
    let same = step.same.iter().map(|key| match key {
        Key::Session => "in the same visit",
        Key::Product => "the same product",
    });
    let differs = step.differs.iter().map(|key| match key {
        Key::Session => "in another visit",
        Key::Product => "another product",
    });
    let marks: Vec<_> = same.chain(differs).map(str::to_owned).collect();
    if marks.is_empty() {
        return String::new();
    }
    format!(" ({})", marks.join(", "))
}
