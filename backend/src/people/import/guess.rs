//! What columns are by their headers, and where these say nothing, by their values.

use super::{
    dates::{Order, Written},
    mapping::{Sorter, Target},
    names::{MOBILE, NAME, NAMES, OTHERS, folded},
    report::Found,
};
use crate::people::{field::Fields, identifier::Identifier};
use jiff::{ToSpan as _, civil::Date};

/// Values by which a column is guessed.
const SAMPLE_VALUES: usize = 200;
/// Whoever is in a shop's file was born at least so many years ago, most of them.
const GROWN_UP_YEARS: i32 = 14;

impl Sorter<'_> {
    /// Gives each target the column whose header says it best.
    pub(super) fn guess_by_headers(&mut self) {
        let mut guesses = Vec::new();
        for (index, header) in self.table.header.iter().enumerate() {
            let said = said_by(header, self.place.fields);
            guesses.extend(said.into_iter().map(|(rank, target)| (rank, index, target)));
        }
        guesses.sort_by_key(|(rank, index, _)| (*rank, *index));
        for (_, index, target) in guesses {
            if self.is_settled.get(index) == Some(&true) || !self.is_free(&target) {
                continue;
            }
            // A whole name beside its parts is said already.
            if target != Target::FullName || !self.has_parts_of_names() {
                self.settle(index, Some((target, Found::Header)));
            }
        }
    }

    /// Whether a column that is to be guessed is called a first or a last name.
    fn has_parts_of_names(&self) -> bool {
        let headers = self.table.header.iter().zip(&self.is_settled);
        let mut open = headers.filter(|(_, settled)| !**settled);
        open.any(|(header, _)| {
            let header = folded(header);
            let mut parts = NAMES.iter();
            parts.any(|(name, names)| {
                matches!(*name, "first_name" | "last_name") && names.contains(&header.as_str())
            })
        })
    }

    /// What is only called a name is a first name beside a last one, and else whole.
    pub(super) fn guess_by_names(&mut self) {
        let headers = self.table.header.iter();
        let called = headers.map(|header| NAME.contains(&folded(header).as_str()));
        let Some(index) = called
            .zip(&self.is_settled)
            .position(|(is_name, settled)| is_name && !settled)
        else {
            return;
        };
        let first = Target::Field("first_name".into());
        let values = self.sample(index);
        let whole = values.iter().filter(|value| value.contains(' ')).count();
        let target = if whole * 2 > values.len() && self.is_free(&Target::FullName) {
            Target::FullName
        } else {
            first
        };
        if self.is_free(&target) {
            self.settle(index, Some((target, Found::Header)));
        }
    }

    /// Looks at the values of columns whose headers say nothing.
    pub(super) fn guess_by_values(&mut self) {
        for index in 0..self.table.header.len() {
            let header = self.table.header.get(index).map(|header| folded(header));
            let is_other = header.is_some_and(|header| OTHERS.contains(&header.as_str()));
            if is_other || self.is_settled.get(index) == Some(&true) {
                continue;
            }
            let values = self.sample(index);
            let header = self.table.header.get(index).map_or("", String::as_str);
            let target = self.said_by_values(header, &values);
            let target = target.filter(|target| self.is_free(target));
            if let Some(target) = target {
                self.settle(index, Some((target, Found::Values)));
            }
        }
    }

    fn sample(&self, index: usize) -> Vec<String> {
        let cells = self.table.rows.iter().map(|row| row.cell(index));
        let cells = cells.filter(|cell| !cell.is_empty());
        cells.take(SAMPLE_VALUES).collect()
    }

    fn said_by_values(&self, header: &str, values: &[String]) -> Option<Target> {
        let country = &self.place.fields.country;
        let count = |fits: &dyn Fn(&String) -> bool| values.iter().filter(|v| fits(v)).count();
        let most = |fits: &dyn Fn(&String) -> bool| {
            let fitting = count(fits);
            fitting > 0 && fitting * 5 >= values.len() * 4
        };
        let field = |name: &str| Some(Target::Field(name.to_owned()));
        if most(&|value| Identifier::mail(value).is_ok()) {
            return field("mail");
        }
        // Many other numbers could be phones' that lost their first zero.
        let is_dialled = count(&|value| value.starts_with(['0', '+', '('])) * 2 > values.len();
        if (is_dialled || is_about_phones(header))
            && most(&|value| Identifier::phone(value, country).is_ok())
        {
            return field("phone");
        }
        let today = self.place.today();
        let grown_up = today.checked_sub(GROWN_UP_YEARS.years()).unwrap_or(today);
        let is_birthday = |value: &String| {
            let orders = [Order::Dmy, Order::Mdy];
            let read = orders.map(|order| match Written::read(value, order, today) {
                Some(Written::Local(date, _)) if value.parse::<f64>().is_err() => Some(date),
                _ => None,
            });
            let since = Date::constant(1900, 1, 1);
            let days = read.into_iter().flatten();
            days.into_iter()
                .any(|day| (since..=grown_up).contains(&day))
        };
        most(&is_birthday).then(|| field("birthday")).flatten()
    }
}

/// Whether one of a header's words is one for phones.
fn is_about_phones(header: &str) -> bool {
    let mut names = NAMES.iter().filter(|(name, _)| *name == "phone");
    let phones = names.next().map_or(&[][..], |(_, names)| names);
    let mut words = header.split_whitespace().map(folded);
    words.any(|word| phones.contains(&word.as_str()) || MOBILE.contains(&word.as_str()))
}

/// What a header may stand for, the lower the number the surer.
fn said_by(header: &str, fields: &Fields) -> Vec<(u8, Target)> {
    let mut said = Vec::new();
    let short = folded(header);
    for (name, field) in &fields.by_name {
        let labels = || field.labels.values();
        let rank = if name == header {
            0
        } else if name == "phone" && MOBILE.contains(&short.as_str()) {
            1
        } else if labels().any(|label| label == header) {
            2
        } else if folded(name) == short || labels().any(|label| folded(label) == short) {
            3
        } else {
            continue;
        };
        said.push((rank, Target::Field(name.clone())));
    }
    let names = NAMES.iter();
    let names = names.filter(|(_, names)| names.contains(&short.as_str()));
    let targets = names.filter_map(|(name, _)| Target::read(name, fields));
    said.extend(targets.map(|target| (4, target)));
    said.retain(|_| !short.is_empty());
    said
}
