//! Hebrew.

mod act;
mod check;
mod count;
mod noun;
mod time;

use super::super::ast::{Compare, Duration, Window};
use super::super::number::Number;
use super::super::words::{Channel, Device, Function, Key, OrderChannel, Per};
use super::quote::isolated;
use super::tongue::{
    About, Act, Amount, Check, Gender, Polarity, Standard, Subject, Then, Tongue, Value, Who,
    listed,
};
use check::predicate;
use jiff::civil::Date;
use noun::Noun;

/// Hebrew, in the plural, which says of people of every gender what they did.
pub(super) struct Hebrew;

impl Tongue for Hebrew {
    fn sentence(&self, clause: &str) -> String {
        format!("אנשים {clause}.")
    }

    fn all(&self, clauses: &[String]) -> String {
        listed(clauses, ", וגם ")
    }

    fn any(&self, clauses: &[String]) -> String {
        clauses.join(", או ")
    }

    fn except(&self, clauses: &str) -> String {
        format!("שאינם בין אלה ({clauses})")
    }

    fn or(&self, values: &[String]) -> String {
        listed(values, " או ")
    }

    fn who(&self, did: &str) -> String {
        format!("ש{did}")
    }

    fn did(&self, acts: &[Act], about: &About, polarity: Polarity) -> String {
        act::did(acts, about, polarity)
    }

    fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Times(compare) => count::times(*compare),
            Amount::Visits(compare) => count::in_visits(*compare),
            Amount::Days(compare) => count::on_days(*compare),
            Amount::Distinct(subject, compare) => {
                let (one, many) = noun::different(subject);
                format!("עם {}", count::counted(*compare, &one, &many))
            }
            Amount::Of(function, subject, compared) => {
                let Noun { text, is_feminine } = noun::subject(subject);
                let function = match (function, is_feminine) {
                    (Function::Sum, _) => "בסך הכול",
                    (Function::Avg, _) => "בממוצע",
                    (Function::Min, false) => "הנמוך ביותר",
                    (Function::Min, true) => "הנמוכה ביותר",
                    (Function::Max, false) => "הגבוה ביותר",
                    (Function::Max, true) => "הגבוהה ביותר",
                    (Function::Distinct, _) => "במספר הערכים השונים",
                };
                format!("({text} {function}: {compared})")
            }
        }
    }

    fn or_never(&self) -> String {
        "(או בכלל לא)".to_owned()
    }

    fn per(&self, per: Per) -> String {
        let same = match per {
            Per::Session => "(הכול באותו ביקור)",
            Per::Product => "(אותו מוצר בכל פעם)",
        };
        same.to_owned()
    }

    fn worth(&self, compared: &str) -> String {
        format!("בסכום כולל של {compared}")
    }

    fn details(&self, details: &[String]) -> String {
        let and = |(index, detail): (usize, &String)| match index {
            0 => detail.clone(),
            _ => prefixed("ו", detail),
        };
        let details: Vec<_> = details.iter().enumerate().map(and).collect();
        format!("({})", details.join(", "))
    }

    fn idle(&self, idle: Duration) -> String {
        format!("(ללא שינוי במשך {} לפחות)", time::duration(idle))
    }

    fn last(&self, did: &str, window: &str, negated: bool) -> String {
        if negated {
            return format!("שהפעם האחרונה ש{did}, אם הייתה, לא הייתה {window}");
        }
        format!("שהפעם האחרונה ש{did} הייתה {window}")
    }

    fn sequence(&self, first: &str, then: &[Then], window: &str, negated: bool) -> String {
        let mut steps = first.to_owned();
        for step in then {
            steps.push_str(", ואז ");
            if let Some(within) = step.within {
                steps.push_str("בתוך ");
                steps.push_str(&time::duration(within));
                steps.push(' ');
            }
            steps.push_str(&step.did);
            steps.push_str(&marks(step));
        }
        if !window.is_empty() {
            steps.push_str(if then.is_empty() {
                " "
            } else {
                ", והכול "
            });
            steps.push_str(window);
        }
        if negated {
            return format!("שלא עברו את הרצף הזה: ({steps})");
        }
        format!("ש{steps}")
    }

    fn field(&self, subject: &Subject, check: &Check, negated: bool) -> String {
        let noun = noun::subject(subject);
        if matches!(check, Check::Exists) {
            let given = if noun.is_feminine {
                "צוינה"
            } else {
                "צוין"
            };
            return format!("{} {given}", noun.text);
        }
        format!("{} {}", noun.text, predicate(&noun, check, negated))
    }

    fn no_item(&self, field: &str) -> String {
        format!("אין מוצר שבו {field}")
    }

    fn contact(&self, who: &Who, check: &Check, negated: bool) -> String {
        let noun = noun::contact(who);
        match (who, check) {
            (Who::Standard(Standard::Gender), Check::Is(values)) if !negated => {
                format!("ש{} שלהם {}", noun.text, self.or(values))
            }
            (Who::Standard(Standard::Key), Check::Exists) => {
                let are = if negated { "שאינם" } else { "שהם" };
                format!("{are} אנשי קשר מוכרים")
            }
            (Who::Standard(consent), Check::Flag(flag)) => {
                let agreed = match (flag, negated) {
                    (true, false) => "אישרו",
                    (true, true) => "לא אישרו",
                    (false, false) => "סירבו",
                    (false, true) => "לא סירבו",
                };
                let preposition = if *flag { "" } else { "ל" };
                let what = noun::consent(*consent);
                format!("ש{agreed} {preposition}{what}")
            }
            (Who::Own(label), Check::Flag(flag)) => {
                let not = if negated { "לא " } else { "" };
                let answer = if *flag { "כן" } else { "לא" };
                format!("שבשדה {label} שלהם {not}מופיע ”{answer}”")
            }
            _ => format!("ש{} שלהם {}", noun.text, predicate(&noun, check, negated)),
        }
    }

    fn date_in(&self, who: &Who, window: &str, negated: bool) -> String {
        let not = if negated { "לא " } else { "" };
        match who {
            Who::Standard(Standard::CreatedAt) => format!("ש{not}הצטרפו {window}"),
            Who::Standard(_) => format!("ש{} שלהם {not}חל {window}", noun::contact(who).text),
            Who::Own(label) => format!("שהתאריך בשדה {label} שלהם {not}חל {window}"),
        }
    }

    fn anniversary_in(&self, who: &Who, window: &str, negated: bool) -> String {
        let not = if negated { "לא " } else { "" };
        match who {
            Who::Standard(Standard::Birthday) => {
                format!("שיום ההולדת שלהם {not}חל {window}")
            }
            Who::Standard(Standard::Anniversary) => {
                format!("שיום הנישואין שלהם {not}חל {window}")
            }
            Who::Standard(Standard::CreatedAt) => {
                format!("שיום השנה להצטרפות שלהם {not}חל {window}")
            }
            Who::Standard(_) => {
                let noun = noun::contact(who).text;
                format!("שיום השנה של {noun} שלהם {not}חל {window}")
            }
            Who::Own(label) => {
                format!("שיום השנה לתאריך בשדה {label} שלהם {not}חל {window}")
            }
        }
    }

    fn group(&self, name: &str, negated: bool) -> String {
        let are = if negated {
            "שאינם"
        } else {
            "שנמצאים"
        };
        format!("{are} בקבוצה {name}")
    }

    fn segment(&self, name: &str, negated: bool) -> String {
        let are = if negated {
            "שאינם"
        } else {
            "שנמצאים"
        };
        format!("{are} בסגמנט {name}")
    }

    fn window(&self, window: &Window) -> String {
        time::window(window)
    }

    fn since(&self, did: &str) -> String {
        format!("מאז הפעם האחרונה ש{did}")
    }

    fn compared(&self, compare: Compare, show: &dyn Fn(Number) -> String) -> String {
        match compare {
            Compare::Gte(n) => format!("לפחות {}", show(n)),
            Compare::Gt(n) => format!("יותר {}", prefixed("מ", &show(n))),
            Compare::Lte(n) => format!("לכל היותר {}", show(n)),
            Compare::Lt(n) => format!("פחות {}", prefixed("מ", &show(n))),
            Compare::Eq(n) => format!("בדיוק {}", show(n)),
            Compare::Between(first, second) => {
                format!("בין {} {}", show(first), prefixed("ל", &show(second)))
            }
        }
    }

    fn time_spent(&self, ms: Number) -> String {
        time::spent(ms)
    }

    fn date(&self, date: Date) -> String {
        time::date(date)
    }

    fn quoted(&self, text: &str) -> String {
        format!("”{}”", isolated(text))
    }

    fn value(&self, value: Value) -> &'static str {
        match value {
            Value::Channel(channel) => match channel {
                Channel::Direct => "כניסה ישירה",
                Channel::Organic => "מנוע חיפוש",
                Channel::Paid => "פרסום ממומן",
                Channel::Social => "רשת חברתית",
                Channel::Mail => "מייל",
                Channel::Sms => "SMS",
                Channel::Whatsapp => "וואטסאפ",
                Channel::Push => "התראה",
                Channel::Referral => "אתר אחר",
            },
            Value::Device(device) => match device {
                Device::Mobile => "טלפון נייד",
                Device::Tablet => "טאבלט",
                Device::Desktop => "מחשב",
                Device::Other => "מכשיר אחר",
            },
            Value::OrderChannel(channel) => match channel {
                OrderChannel::Online => "האתר",
                OrderChannel::Store => "החנות",
            },
            Value::Gender(gender) => match gender {
                Gender::Female => "אישה",
                Gender::Male => "גבר",
                Gender::Other => "אחר",
            },
        }
    }
}

/// A letter before a word. Before what is no Hebrew word a maqaf parts them.
fn prefixed(letter: &str, text: &str) -> String {
    match text.chars().next() {
        Some('א'..='ת') => format!("{letter}{text}"),
        _ => format!("{letter}־{text}"),
    }
}

/// What a step has in common with the one before, and what not.
fn marks(step: &Then) -> String {
    let same = step.same.iter().map(|key| match key {
        Key::Session => "באותו ביקור",
        Key::Product => "אותו מוצר",
    });
    let differs = step.differs.iter().map(|key| match key {
        Key::Session => "בביקור אחר",
        Key::Product => "מוצר אחר",
    });
    let marks: Vec<_> = same.chain(differs).collect();
    if marks.is_empty() {
        return String::new();
    }
    format!(" ({})", marks.join(", "))
}
