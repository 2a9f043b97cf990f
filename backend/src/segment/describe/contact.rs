//! Fields of contacts.

use super::super::ast::{ContactLeaf, Filter, Scalar, Window};
use super::super::words::{Op, Word as _};
use super::Walk;
use super::facts::date;
use super::figure::digits;
use super::tongue::{Gender, Standard, Value, Who};

impl Walk<'_> {
    /// The clause of a field of contacts, or of its opposite.
    pub(super) fn contact(&self, leaf: &ContactLeaf, negated: bool) -> String {
        let filter = &leaf.filter;
        let who = self.who(&filter.field);
        if let Some(window) = &leaf.window
            && *window != Window::Ever
        {
            let window = self.when(window);
            return match filter.op {
                Op::AnniversaryIn => self.tongue.anniversary_in(&who, &window, negated),
                _ => self.tongue.date_in(&who, &window, negated),
            };
        }
        let show = |scalar: &Scalar| self.contact_value(filter, scalar);
        let (check, is_not) = self.check(filter, &show, &digits);
        self.tongue.contact(&who, &check, negated != is_not)
    }

    fn who(&self, name: &str) -> Who {
        if let Some(standard) = Standard::from_word(name) {
            return Who::Standard(standard);
        }
        let label = self.names.fields.get(name).map_or(name, String::as_str);
        Who::Own(self.tongue.quoted(label))
    }

    fn contact_value(&self, filter: &Filter, scalar: &Scalar) -> String {
        let text = match scalar {
            Scalar::Number(number) => return digits(*number),
            Scalar::Bool(flag) => return self.tongue.quoted(&flag.to_string()),
            Scalar::Text(text) => text,
        };
        let is_whole = !matches!(filter.op, Op::Contains | Op::StartsWith);
        match Standard::from_word(&filter.field) {
            Some(Standard::Gender) if is_whole => {
                if let Some(gender) = Gender::from_word(&text.to_lowercase()) {
                    return self.tongue.value(Value::Gender(gender)).to_owned();
                }
            }
            Some(Standard::Birthday | Standard::Anniversary | Standard::CreatedAt) => {
                if let Some(date) = date(scalar) {
                    return self.tongue.date(date);
                }
            }
            _ => {}
        }
        let choices = self.names.choices.get(&filter.field);
        let choice = choices.and_then(|choices| choices.get(text));
        self.tongue
            .quoted(choice.filter(|_| is_whole).unwrap_or(text))
    }
}
