//! Segments made, changed, archived and restored: each in one transaction, which waits for the
//! one before it.

use super::{Segment, SegmentError, check::check, find, people, read_definition, uses::Uses};
use crate::{
    control::{Control, ControlError, SiteSettings},
    people::field::Labels,
    segment::{self, Definition, ast::Node},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use sqlx::SqliteConnection;
use utoipa::ToSchema;

/// Most segments of a site, archived ones too.
const MOST_SEGMENTS: i64 = 10_000;
/// Longest definition, in bytes.
const MOST_DEFINITION: usize = 100 << 10;
/// Most languages of a name or a description.
const MOST_LANGUAGES: usize = 50;
/// Longest name, in characters.
const MOST_NAME: usize = 200;
/// Longest description, in characters.
const MOST_DESCRIPTION: usize = 2_000;

/// What a segment is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What people call it, by language (BCP 47): at least one name, of at most 200 characters.
    #[schema(example = json!({ "en": "Came back", "he": "חזרו לאתר" }))]
    pub names: Labels,
    /// What people read of it, by language, of at most 2,000 characters.
    #[serde(default)]
    pub descriptions: Labels,
    /// A definition in the segment language, of at most 100 KiB.
    #[schema(value_type = Object, example = json!({ "kind": "event", "event": "page_view", "measure": "visits", "compare": { "gte": 2 } }))]
    pub definition: Box<RawValue>,
    /// The version that this is a change of, so that nobody's change is lost; 0: it is to be new.
    /// Left out: whichever is the current one.
    pub version: Option<u32>,
}

/// What became of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Made,
    /// It is another than before.
    Changed,
    /// It was so before.
    Same,
}

impl Control {
    /// Makes a segment, or a new version of it where anything is another than before. One that
    /// is archived stays so.
    ///
    /// # Errors
    /// [`SegmentError`] where it doesn't fit, isn't the expected version, or wouldn't be
    /// answerable, or one that uses it wouldn't be; nothing is changed then.
    pub async fn put_segment(
        &self,
        site: &SiteSettings,
        id: &str,
        draft: &Draft,
        (who, now_ms): (&str, i64),
    ) -> Result<(Outcome, Segment), SegmentError> {
        if !people::is_id(id) {
            return Err(unfit("id", people::ID_FITS.into()));
        }
        let definition = draft.check()?;
        let mut change = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let before = find(&mut change, &site.slug, id).await?;
        let current = before.as_ref().map_or(0, |before| before.listed.version);
        if draft.version.is_some_and(|expected| expected != current) {
            return Err(SegmentError::ChangedMeanwhile { current });
        }
        let outcome = match before {
            Some(before) if draft.is(&before)? => return Ok((Outcome::Same, before)),
            Some(_) => Outcome::Changed,
            None => {
                has_room(&mut change, &site.slug).await?;
                Outcome::Made
            }
        };
        let place = (&*site.slug, id, current + 1);
        draft.write(&mut change, place, (who, now_ms)).await?;
        let uses = Uses::of(&definition);
        uses.write(&mut change, &site.slug, id).await?;
        check(&mut change, site, id, &definition, now_ms).await?;
        let segment = there(&mut change, &site.slug, id).await?;
        change.commit().await?;
        Ok((outcome, segment))
    }

    /// Archives a segment that no live one uses: what is archived is unknown to definitions.
    ///
    /// # Errors
    /// [`SegmentError::NoSegment`], [`SegmentError::InUse`].
    pub async fn archive_segment(
        &self,
        site: &str,
        id: &str,
        now_ms: i64,
    ) -> Result<(Outcome, Segment), SegmentError> {
        let mut change = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let before = there(&mut change, site, id).await?;
        if before.listed.archived_at.is_some() {
            return Ok((Outcome::Same, before));
        }
        if !before.used_by.is_empty() {
            let users = before.used_by;
            return Err(SegmentError::InUse { users });
        }
        archived_at(&mut change, site, id, Some(now_ms)).await?;
        let segment = there(&mut change, site, id).await?;
        change.commit().await?;
        Ok((Outcome::Changed, segment))
    }

    /// Makes an archived segment live again, where it is still answerable.
    ///
    /// # Errors
    /// [`SegmentError::NoSegment`], [`SegmentError::Invalid`].
    pub async fn restore_segment(
        &self,
        site: &SiteSettings,
        id: &str,
        now_ms: i64,
    ) -> Result<(Outcome, Segment), SegmentError> {
        let mut change = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let before = there(&mut change, &site.slug, id).await?;
        if before.listed.archived_at.is_none() {
            return Ok((Outcome::Same, before));
        }
        let definition = read_definition(before.definition.get())?;
        archived_at(&mut change, &site.slug, id, None).await?;
        check(&mut change, site, id, &definition, now_ms).await?;
        let segment = there(&mut change, &site.slug, id).await?;
        change.commit().await?;
        Ok((Outcome::Changed, segment))
    }
}

impl Draft {
    /// Its definition, where all of it fits.
    fn check(&self) -> Result<Node, SegmentError> {
        if self.names.is_empty() {
            return Err(unfit("names", "a name in some language has to be".into()));
        }
        check_texts("names", &self.names, MOST_NAME)?;
        check_texts("descriptions", &self.descriptions, MOST_DESCRIPTION)?;
        let text = self.definition.get();
        if text.len() > MOST_DEFINITION {
            let fits = format!("at most {MOST_DEFINITION} bytes fit");
            return Err(unfit("definition", fits));
        }
        let definition: Definition = serde_json::from_str(text).map_err(SegmentError::Json)?;
        Ok(segment::parse(definition.json()?)?)
    }

    /// Whether a segment is so already; how the JSON is spaced and ordered means nothing.
    fn is(&self, segment: &Segment) -> Result<bool, ControlError> {
        let given: Value = people::read(self.definition.get())?;
        let before: Value = people::read(segment.definition.get())?;
        let listed = &segment.listed;
        Ok(given == before
            && self.names == listed.names
            && self.descriptions == listed.descriptions)
    }

    /// Makes it the current version, of that number.
    async fn write(
        &self,
        control: &mut SqliteConnection,
        (site, id, version): (&str, &str, u32),
        (who, now_ms): (&str, i64),
    ) -> Result<(), ControlError> {
        sqlx::query(
            "INSERT INTO segments (site, id, version, created_at) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET version = excluded.version",
        )
        .bind(site)
        .bind(id)
        .bind(version)
        .bind(now_ms)
        .execute(&mut *control)
        .await?;
        sqlx::query("INSERT INTO segment_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(site)
            .bind(id)
            .bind(version)
            .bind(people::write(&self.names)?)
            .bind(people::write(&self.descriptions)?)
            .bind(self.definition.get())
            .bind(now_ms)
            .bind(who)
            .execute(control)
            .await?;
        Ok(())
    }
}

fn check_texts(key: &'static str, texts: &Labels, most: usize) -> Result<(), SegmentError> {
    if texts.len() > MOST_LANGUAGES {
        return Err(unfit(
            key,
            format!("at most {MOST_LANGUAGES} languages fit"),
        ));
    }
    for (language, text) in texts {
        if !is_language(language) {
            let fits = format!("`{language}` is no language; one as `he` or `en-GB` fits");
            return Err(unfit(key, fits));
        }
        let length = text.chars().count();
        if text.trim().is_empty() || length > most {
            let fits =
                format!("1 to {most} characters fit, not blanks alone; `{language}` has {length}");
            return Err(unfit(key, fits));
        }
    }
    Ok(())
}

/// Whether it has the form of a language tag (BCP 47).
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default().as_bytes();
    let is_first = (2..=8).contains(&first.len()) && first.iter().all(u8::is_ascii_alphabetic);
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    tag.len() <= 35 && is_first && parts.all(is_part)
}

fn unfit(key: &'static str, fits: String) -> SegmentError {
    ControlError::Field { key, fits }.into()
}

async fn has_room(control: &mut SqliteConnection, site: &str) -> Result<(), SegmentError> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM segments WHERE site = ?")
        .bind(site)
        .fetch_one(control)
        .await?;
    if count >= MOST_SEGMENTS {
        let fits = format!("a site has at most {MOST_SEGMENTS} segments, archived ones too");
        return Err(unfit("id", fits));
    }
    Ok(())
}

async fn there(
    control: &mut SqliteConnection,
    site: &str,
    id: &str,
) -> Result<Segment, SegmentError> {
    let found = find(control, site, id).await?;
    found.ok_or_else(|| SegmentError::NoSegment(id.to_owned()))
}

async fn archived_at(
    control: &mut SqliteConnection,
    site: &str,
    id: &str,
    at_ms: Option<i64>,
) -> Result<(), ControlError> {
    sqlx::query("UPDATE segments SET archived_at = ? WHERE site = ? AND id = ?")
        .bind(at_ms)
        .bind(site)
        .bind(id)
        .execute(control)
        .await?;
    Ok(())
}
