//! The segment language: as a schema with what the site has, as templates, and in words.

use super::{
    asking::{stated, turn},
    invalid,
};
use crate::{
    control::{Group, ListedSegment, SiteSettings},
    http::{
        App, Problem, Shared,
        auth::{self, from_control},
        body::{Body, Query},
        preview::{started, unanswered},
    },
    people::field::{Field, Fields, Labels},
    segment::{
        Definition, Question,
        ast::Node,
        describe::{Language, Names, describe},
        parse, resolve,
        schema::{Entry, Observed, Values, Vocabulary, schema},
        templates::{self, Template},
    },
    store::Seen,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// Of which site, and of which segment.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// The site's slug.
    #[param(example = "demo")]
    site: String,
    /// The segment that is being changed: it and those that ask for it are not to choose from.
    segment: Option<String>,
}

/// Describes the segment language as a JSON Schema, with the site's own fields, groups and
/// segments and the values that its facts have.
#[utoipa::path(
    get, path = "/v1/segment-language", tag = "segments", params(Which),
    responses((status = 200, description = "a JSON Schema, draft 2020-12", body = Object), Problem),
    security(("key" = ["view"]))
)]
pub async fn language(
    State(app): Shared,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Problem> {
    auth::check(&headers, &app, &which.site, crate::control::Scope::View).await?;
    started(&app)?;
    let site = app.control.site(&which.site).await.map_err(from_control)?;
    let site_has = SiteHas::of(&app, &site).await?;
    let mut unfit = BTreeSet::new();
    if let Some(segment) = which.segment {
        // Whoever asks for one that is unfit is unfit too.
        let mut next = vec![segment];
        while let Some(id) = next.pop() {
            if unfit.insert(id.clone())
                && let Ok(segment) = app.control.segment(&site.slug, &id).await
            {
                next.extend(segment.used_by);
            }
        }
    }
    let segments = site_has
        .segments
        .iter()
        .filter(|segment| !unfit.contains(&segment.id));
    let entry = |value: &str, title: &str| Entry {
        value: value.to_owned(),
        title: title.to_owned(),
    };
    let vocabulary = Vocabulary {
        groups: site_has
            .groups
            .iter()
            .map(|(id, group)| entry(id, &group.name))
            .collect(),
        segments: segments
            .map(|segment| entry(&segment.id, first(&segment.names).unwrap_or_default()))
            .collect(),
        fields: site_has.fields,
        observed: observed(&app, &site.slug).await?,
    };
    Ok(Json(schema(&vocabulary)))
}

/// Lists the templates: definitions that shops use, with places for what differs from shop to
/// shop.
#[utoipa::path(
    get, path = "/v1/segment-templates", tag = "segments",
    responses((status = 200, description = "the templates, by themes", body = Vec<Template>)),
)]
pub async fn gallery() -> Json<&'static [Template]> {
    Json(templates::gallery())
}

/// Values for a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    /// Values by the names of parameters; the others keep their defaults.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({ "times": 5 }))]
    values: Map<String, Value>,
}

/// A definition that a template gives.
#[derive(Serialize, ToSchema)]
pub struct Filled {
    /// In the segment language.
    #[schema(value_type = Object)]
    definition: Value,
}

/// Puts values into a template; gives the definition.
#[utoipa::path(
    post, path = "/v1/segment-templates/{template}", tag = "segments", request_body = Filling,
    params(("template" = String, Path, description = "the template's id", example = "frequent-visitors")),
    responses((status = 200, description = "the definition", body = Filled), Problem),
)]
pub async fn fill(
    Path(id): Path<String>,
    Body(filling): Body<Filling>,
) -> Result<Json<Filled>, Problem> {
    let Some(template) = templates::template(&id) else {
        let detail = format!("there is no template `{id}`; GET /v1/segment-templates lists them");
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_template",
            detail,
        ));
    };
    let filled = templates::fill(template, &filling.values);
    let definition = filled.map_err(|problem| {
        let pointer = format!(
            "/values/{}",
            problem.parameter().replace('~', "~0").replace('/', "~1")
        );
        let text = problem.to_string();
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", text).at(pointer)
    })?;
    Ok(Json(Filled { definition }))
}

/// A definition to be said in words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InWords {
    /// The site's slug.
    #[schema(example = "demo")]
    site: String,
    /// A definition in the segment language.
    #[schema(value_type = Object, example = json!({ "kind": "event", "event": "add_to_cart" }))]
    definition: Definition,
}

/// Says a definition in a plain sentence, by language: `en` and `he`.
#[utoipa::path(
    post, path = "/v1/segments/describe", tag = "segments", request_body = InWords,
    responses((status = 200, description = "the sentence, by language", body = Labels), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell_in_words(
    State(app): Shared,
    headers: HeaderMap,
    Body(told): Body<InWords>,
) -> Result<Json<Labels>, Problem> {
    auth::check(&headers, &app, &told.site, crate::control::Scope::View).await?;
    let site = app.control.site(&told.site).await.map_err(from_control)?;
    let definition = parse(told.definition.json().map_err(invalid)?).map_err(invalid)?;
    let known = app.control.known(&site, &definition).await;
    let question = Question {
        site: &site.slug,
        settings: &site.reckoning().map_err(from_control)?,
        known: &known.map_err(from_control)?,
        as_of_ms: crate::http::bulk::now(&app),
    };
    stated(resolve(&definition, &question))?;
    let site_has = SiteHas::of(&app, &site).await?;
    Ok(Json(site_has.sentences(&definition, &site)))
}

/// What a site has, by its names.
struct SiteHas {
    fields: Fields,
    groups: Vec<(String, Group)>,
    segments: Vec<ListedSegment>,
}

impl SiteHas {
    async fn of(app: &App, site: &SiteSettings) -> Result<Self, Problem> {
        let control = &app.control;
        Ok(Self {
            fields: control.fields(site).await.map_err(from_control)?,
            groups: control.groups(&site.slug).await.map_err(from_control)?,
            segments: control
                .segments(&site.slug, false)
                .await
                .map_err(from_control)?,
        })
    }

    /// The definition in each language.
    fn sentences(&self, definition: &Node, site: &SiteSettings) -> Labels {
        let sentences = Language::ALL.map(|language| {
            let names = self.names(language, site);
            (
                language.tag().to_owned(),
                describe(definition, &names, language),
            )
        });
        sentences.into()
    }

    fn names(&self, language: Language, site: &SiteSettings) -> Names {
        let tag = language.tag();
        let label = |labels: &Labels| labels.get(tag).or_else(|| labels.values().next()).cloned();
        let standard: BTreeSet<&str> = crate::people::field::standard_names().collect();
        let own = || {
            let fields = self.fields.by_name.iter();
            fields.filter(|(name, _)| !standard.contains(name.as_str()))
        };
        let choices = |field: &Field| -> BTreeMap<String, String> {
            let options = field.options.iter();
            options
                .filter_map(|option| Some((option.value.clone(), label(&option.labels)?)))
                .collect()
        };
        Names {
            fields: own()
                .filter_map(|(name, field)| Some((name.clone(), label(&field.labels)?)))
                .collect(),
            choices: own()
                .map(|(name, field)| (name.clone(), choices(field)))
                .collect(),
            groups: self
                .groups
                .iter()
                .map(|(id, group)| {
                    let name = group.labels.get(tag).unwrap_or(&group.name);
                    (id.clone(), name.clone())
                })
                .collect(),
            segments: self
                .segments
                .iter()
                .filter_map(|segment| Some((segment.id.clone(), label(&segment.names)?)))
                .collect(),
            currency: site.currency.clone(),
        }
    }
}

fn first(labels: &Labels) -> Option<&str> {
    labels.values().next().map(String::as_str)
}

/// What the site's facts have.
async fn observed(app: &App, site: &str) -> Result<Observed, Problem> {
    let _turn = turn(app).await?;
    let mut observed = Observed::default();
    for seen in Seen::ALL {
        let values = app.store.observed(site, seen, &app.bounds).await;
        let into = match seen {
            Seen::Events => &mut observed.events,
            Seen::Orders => &mut observed.orders,
            Seen::Messages => &mut observed.messages,
            Seen::Contacts => &mut observed.contacts,
        };
        for (field, values) in values.map_err(unanswered)? {
            add(into, field, values);
        }
    }
    Ok(observed)
}

fn add(into: &mut Values, field: &str, values: Vec<String>) {
    let entry = |value| Entry {
        value,
        title: String::new(),
    };
    if field == "props" {
        // These are names, and there is nothing to choose from yet.
        into.extend(
            values
                .into_iter()
                .map(|name| (format!("props.{name}"), Vec::new())),
        );
    } else if !values.is_empty() {
        into.insert(field.to_owned(), values.into_iter().map(entry).collect());
    }
}
