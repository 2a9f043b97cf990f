//! What a site's settings mean to its segments.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// A site's time zone, first day of the week and currency.
#[derive(Clone, Debug)]
pub struct SiteSettings {
    time_zone: TimeZone,
    time_zone_name: String,
    week_start: Weekday,
    currency: String,
}

/// Settings that can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The time zone is none of IANA's.
    #[error("`{0}` is no time zone; a name of IANA's as `Asia/Jerusalem` would fit")]
    TimeZone(String),
    /// The currency is no code of ISO 4217's shape.
    #[error("`{0}` is no currency; three letters as `ILS` would fit")]
    Currency(String),
}

impl SiteSettings {
    /// Settings of a zone of IANA's database and a currency of ISO 4217.
    ///
    /// # Errors
    /// [`SettingsError`] for a zone that is not known, or a currency that is
    /// not three letters.
    pub fn new(
        time_zone: &str,
        week_start: Weekday,
        currency: &str,
    ) -> Result<Self, SettingsError> {
        let zone = TimeZone::get(time_zone).ok();
        // The engine is told the database's own spelling of the name.
        let name = zone
            .as_ref()
            .and_then(|zone| zone.iana_name().map(str::to_owned));
        let (Some(zone), Some(time_zone_name)) = (zone, name) else {
            return Err(SettingsError::TimeZone(time_zone.to_owned()));
        };
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(SettingsError::Currency(currency.to_owned()));
        }
        let currency = currency.to_owned();
        Ok(Self {
            time_zone: zone,
            time_zone_name,
            week_start,
            currency,
        })
    }

    /// The time zone, by which days and longer are reckoned.
    #[must_use]
    pub const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The time zone's name in IANA's database.
    #[must_use]
    pub fn time_zone_name(&self) -> &str {
        &self.time_zone_name
    }

    /// The day with which weeks begin.
    #[must_use]
    pub const fn week_start(&self) -> Weekday {
        self.week_start
    }

    /// The currency of all money that a fact doesn't say to be in another.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }
}
