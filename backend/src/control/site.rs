//! Sites and their settings.

use super::{Control, ControlError};
use protocol::id::Site;

/// What a site's questions are answered by.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SiteSettings {
    /// The site's slug.
    pub slug: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// First day of the week; 1 is Monday, 7 is Sunday, as in ISO 8601.
    pub week_start: i8,
}

impl SiteSettings {
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
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return wrong(
                "time zone",
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
        Ok(())
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
        sqlx::query("INSERT INTO sites VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(&site.slug)
            .bind(&site.time_zone)
            .bind(&site.currency)
            .bind(site.week_start)
            .execute(&self.pool)
            .await?;
        if self.site(&site.slug).await? == *site {
            Ok(())
        } else {
            Err(ControlError::SiteExists(site.slug.clone()))
        }
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
