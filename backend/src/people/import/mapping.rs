//! Which field each column is: as the caller says, else as it is guessed.

use super::{
    Options, Place, Refused,
    names::folded,
    report::{Dates, Found},
    table::Table,
};
use crate::people::{
    field::{FieldType, Fields},
    identifier::quoted,
};

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The shop's own id.
    Id,
    /// Of when the row is.
    UpdatedAt,
    /// A first name and a last one.
    FullName,
    /// A field, by its name.
    Field(String),
}

impl Target {
    /// What a name stands for; a site's own field of that name comes first.
    pub(super) fn read(name: &str, fields: &Fields) -> Option<Self> {
        match name {
            name if fields.by_name.contains_key(name) => Some(Self::Field(name.to_owned())),
            "id" => Some(Self::Id),
            "updated_at" => Some(Self::UpdatedAt),
            "full_name" => Some(Self::FullName),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id => "id",
            Self::UpdatedAt => "updated_at",
            Self::FullName => "full_name",
            Self::Field(name) => name,
        }
    }

    /// The keys of a contact's row that it fills.
    fn keys(&self) -> Vec<&str> {
        match self {
            Self::FullName => vec!["first_name", "last_name"],
            other => vec![other.as_str()],
        }
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its place, from 0.
    pub index: usize,
    /// Its name.
    pub header: String,
    /// What it is.
    pub target: Option<Target>,
    /// How that is known.
    pub found: Option<Found>,
    /// Whether its field has days or moments.
    pub is_date: bool,
    /// In which order its days are written.
    pub dates: Option<Dates>,
}

/// Decides what each column is. No two are the same.
///
/// # Errors
/// [`Refused::Mapping`] where the caller names what is not there, or something twice.
pub fn columns(
    table: &Table,
    options: &Options,
    place: &Place<'_>,
) -> Result<Vec<Column>, Refused> {
    let mut sorter = Sorter {
        table,
        place,
        found: vec![None; table.header.len()],
        is_settled: vec![false; table.header.len()],
    };
    for (name, target) in &options.columns {
        sorter.correct(name, target.as_deref())?;
    }
    if table.has_header {
        sorter.guess_by_headers();
        sorter.guess_by_names();
    }
    sorter.guess_by_values();
    Ok(sorter.columns())
}

/// Columns while it is found out what they are.
pub(super) struct Sorter<'t> {
    pub(super) table: &'t Table,
    pub(super) place: &'t Place<'t>,
    found: Vec<Option<(Target, Found)>>,
    /// Columns that nothing more is guessed of.
    pub(super) is_settled: Vec<bool>,
}

impl Sorter<'_> {
    fn columns(self) -> Vec<Column> {
        let fields = self.place.fields;
        let headers = self.table.header.iter().cloned().enumerate();
        let columns = headers.zip(self.found).map(|((index, header), found)| {
            let (target, found) = found.unzip();
            let field = match &target {
                Some(Target::Field(name)) => fields.by_name.get(name),
                _ => None,
            };
            let is_date = |r#type| matches!(r#type, FieldType::Date | FieldType::Instant);
            Column {
                index,
                header,
                is_date: field.is_some_and(|field| is_date(field.r#type)),
                target,
                found,
                dates: None,
            }
        });
        columns.collect()
    }

    /// Whether nothing fills what this would.
    pub(super) fn is_free(&self, target: &Target) -> bool {
        let mut taken = self.found.iter().flatten();
        !taken.any(|(other, _)| {
            let keys = other.keys();
            target.keys().iter().any(|key| keys.contains(key))
        })
    }

    /// Says what a column is, once and for all.
    pub(super) fn settle(&mut self, index: usize, target: Option<(Target, Found)>) {
        if let (Some(found), Some(settled)) =
            (self.found.get_mut(index), self.is_settled.get_mut(index))
        {
            *found = target;
            *settled = true;
        }
    }

    /// Takes what the caller says of a column.
    fn correct(&mut self, name: &str, target: Option<&str>) -> Result<(), Refused> {
        let index = self.index_of(name)?;
        if self.is_settled.get(index) == Some(&true) {
            let detail = format!(
                "the mapping names column {index} twice, once by {}",
                quoted(name)
            );
            return Err(Refused::Mapping(detail));
        }
        let Some(target) = target else {
            self.settle(index, None);
            return Ok(());
        };
        let read = Target::read(target, self.place.fields).ok_or_else(|| {
            let detail = format!(
                "there is no field {}; add it with PUT …/fields/{{name}}",
                quoted(target)
            );
            Refused::Mapping(detail)
        })?;
        if !self.is_free(&read) {
            let detail = format!("the mapping has two columns for {}", quoted(target));
            return Err(Refused::Mapping(detail));
        }
        self.settle(index, Some((read, Found::Mapping)));
        Ok(())
    }

    /// The column of a header, or else of a place.
    fn index_of(&self, name: &str) -> Result<usize, Refused> {
        let headers = || self.table.header.iter().enumerate();
        let exact: Vec<_> = headers().filter(|(_, header)| *header == name).collect();
        let same: Vec<_> = headers()
            .filter(|(_, header)| folded(header) == folded(name))
            .collect();
        let place = name.parse().ok();
        let place = place.filter(|place: &usize| *place < self.table.header.len());
        match (exact.as_slice(), same.as_slice(), place) {
            ([(index, _)], _, _) | ([], [(index, _)], None) => Ok(*index),
            ([], _, Some(place)) => Ok(place),
            ([], [], None) => {
                let detail = format!("the file has no column {}", quoted(name));
                Err(Refused::Mapping(detail))
            }
            _ => {
                let detail = format!(
                    "the file has several columns {}; name the one by its place, from 0",
                    quoted(name)
                );
                Err(Refused::Mapping(detail))
            }
        }
    }
}
