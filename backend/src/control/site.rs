//! Sites and their settings.

use super::{Control, ControlError};
use crate::{people::identifier::is_country, segment};
use jiff::civil::Weekday;
use protocol::id::Site;
use serde::{Deserialize, Serialize};

/// What it means that a visitor made no choice about consent.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Consent {
    /// Events are kept.
    #[default]
    Optional,
    /// None are.
    Required,
}

/// A site: what its questions are answered by, and how long its events are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SiteSettings {
    /// The site's slug: 3 to 32 characters of a-z, 0-9 and -.
    #[serde(rename = "site")]
    #[schema(example = "demo-shop")]
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// IANA name of its time zone.
    #[schema(example = "Asia/Jerusalem")]
    pub time_zone: String,
    /// ISO 4217.
    #[schema(example = "ILS")]
    pub currency: String,
    /// First day of the week; 1 is Monday, 7 is Sunday, as in ISO 8601.
    pub week_start: i8,
    /// Where its local phone numbers are of, ISO 3166-1 alpha-2; empty: they are not understood.
    #[schema(example = "IL")]
    pub country: String,
    /// What it means that a visitor made no choice.
    pub consent: Consent,
    /// For how many days events and messages are kept, at most 1,826; without it for good. A
    /// change takes effect within a minute, and what is too old goes with the next merges.
    pub retention_days: Option<u16>,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            slug: String::new(),
            name: String::new(),
            time_zone: "UTC".into(),
            currency: String::new(),
            week_start: 7,
            country: String::new(),
            consent: Consent::Optional,
            retention_days: None,
        }
    }
}

/// What is to change of a site; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SiteChange {
    /// What people call it.
    pub name: Option<String>,
    /// IANA name of its time zone.
    pub time_zone: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// First day of the week; 1 is Monday, 7 is Sunday.
    pub week_start: Option<i8>,
    /// Where its local phone numbers are of, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What it means that a visitor made no choice.
    pub consent: Option<Consent>,
    /// For how many days events are kept; 0: for good.
    pub retention_days: Option<u16>,
}

/// Five years, the longest that a question reaches back.
const MOST_DAYS: u16 = 1_826;

impl SiteSettings {
    /// What they mean to segments.
    ///
    /// # Errors
    /// [`ControlError::Damaged`]; it was checked when it was written.
    pub fn reckoning(&self) -> Result<segment::SiteSettings, ControlError> {
        let damaged = |problem: String| ControlError::Damaged {
            site: self.slug.clone(),
            problem,
        };
        let week_start = Weekday::from_monday_one_offset(self.week_start);
        let week_start = week_start.map_err(|error| damaged(error.to_string()))?;
        segment::SiteSettings::new(&self.time_zone, week_start, &self.currency)
            .map_err(|error| damaged(error.to_string()))
    }

    fn check(&self) -> Result<(), ControlError> {
        let wrong = |what, value: &str, fits| {
            let value = value.to_owned();
            Err(ControlError::Setting { what, value, fits })
        };
        if Site::new(&self.slug).is_err() {
            return wrong(
                "site",
                &self.slug,
                "3 to 32 characters of a-z, 0-9 and - fit",
            );
        }
        if self.name.len() > 256 {
            return wrong("name", &self.name, "at most 256 bytes fit");
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return wrong(
                "time_zone",
                &self.time_zone,
                "an IANA name such as Asia/Jerusalem fits",
            );
        }
        let currency = self.currency.as_bytes();
        if currency.len() != 3 || !currency.iter().all(u8::is_ascii_uppercase) {
            return wrong(
                "currency",
                &self.currency,
                "an ISO 4217 code such as ILS fits",
            );
        }
        if !(1..=7).contains(&self.week_start) {
            let value = self.week_start.to_string();
            return wrong("week_start", &value, "1 (Monday) to 7 (Sunday) fit");
        }
        if !self.country.is_empty() && !is_country(&self.country) {
            return wrong(
                "country",
                &self.country,
                "an ISO 3166-1 code such as IL fits",
            );
        }
        match self.retention_days {
            Some(days) if !(1..=MOST_DAYS).contains(&days) => {
                wrong("retention_days", &days.to_string(), "1 to 1826 days fit")
            }
            _ => Ok(()),
        }
    }

    fn with(mut self, change: SiteChange) -> Self {
        let SiteChange {
            name,
            time_zone,
            currency,
            week_start,
            country,
            consent,
            retention_days,
        } = change;
        self.name = name.unwrap_or(self.name);
        self.time_zone = time_zone.unwrap_or(self.time_zone);
        self.currency = currency.unwrap_or(self.currency);
        self.week_start = week_start.unwrap_or(self.week_start);
        self.country = country.unwrap_or(self.country);
        self.consent = consent.unwrap_or(self.consent);
        self.retention_days = match retention_days {
            Some(0) => None,
            Some(days) => Some(days),
            None => self.retention_days,
        };
        self
    }
}

impl Control {
    /// Adds a site. Adding it again with the same settings does nothing.
    ///
    /// # Errors
    /// [`ControlError::Setting`] where a setting doesn't fit, [`ControlError::SiteExists`]
    /// where it is there with others.
    pub async fn add_site(&self, site: &SiteSettings) -> Result<(), ControlError> {
        site.check()?;
        sqlx::query(
            "INSERT INTO sites
                 (slug, name, time_zone, currency, week_start, country, consent, retention_days)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(&site.slug)
        .bind(&site.name)
        .bind(&site.time_zone)
        .bind(&site.currency)
        .bind(site.week_start)
        .bind(&site.country)
        .bind(site.consent)
        .bind(site.retention_days)
        .execute(&self.pool)
        .await?;
        if self.site(&site.slug).await? == *site {
            Ok(())
        } else {
            Err(ControlError::SiteExists(site.slug.clone()))
        }
    }

    /// Changes a site's settings; gives them as they are then.
    ///
    /// # Errors
    /// [`ControlError::NoSite`], and [`ControlError::Setting`] where one doesn't fit.
    pub async fn change_site(
        &self,
        slug: &str,
        change: SiteChange,
    ) -> Result<SiteSettings, ControlError> {
        let site = self.site(slug).await?.with(change);
        site.check()?;
        sqlx::query(
            "UPDATE sites SET name = ?, time_zone = ?, currency = ?, week_start = ?,
                 country = ?, consent = ?, retention_days = ?
             WHERE slug = ?",
        )
        .bind(&site.name)
        .bind(&site.time_zone)
        .bind(&site.currency)
        .bind(site.week_start)
        .bind(&site.country)
        .bind(site.consent)
        .bind(site.retention_days)
        .bind(slug)
        .execute(&self.pool)
        .await?;
        Ok(site)
    }

    /// A site's settings.
    ///
    /// # Errors
    /// [`ControlError::NoSite`] where it is not there.
    pub async fn site(&self, slug: &str) -> Result<SiteSettings, ControlError> {
        sqlx::query_as("SELECT * FROM sites WHERE slug = ?")
            .bind(slug)
            .fetch_optional(&self.pool)
            .await?
            .ok_or_else(|| ControlError::NoSite(slug.to_owned()))
    }

    /// Every site.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn sites(&self) -> Result<Vec<SiteSettings>, ControlError> {
        let sites = sqlx::query_as("SELECT * FROM sites ORDER BY slug");
        Ok(sites.fetch_all(&self.pool).await?)
    }
}
