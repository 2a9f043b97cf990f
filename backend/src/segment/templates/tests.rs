//! The gallery is whole: each template parses, uses its parameters, and reads well.

use super::{FillError, Parameter, ParameterType, Template, Texts, fill, gallery, template};
use crate::people::field::Fields;
use crate::segment::contact::{self, ContactField, Kind};
use crate::segment::describe::{Language, Names, describe};
use crate::segment::{Known, Question, SiteSettings, parse, resolve};
use expect_test::{expect, expect_file};
use jiff::civil::Weekday;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn defaults(template: &Template) -> Value {
    fill(template, &Map::new()).unwrap()
}

/// The definition with one value.
fn with(template: &Template, name: &str, value: Value) -> Result<Value, FillError> {
    fill(template, &Map::from_iter([(name.to_owned(), value)]))
}

#[test]
fn every_template_is_a_definition() {
    for template in gallery() {
        let definition = defaults(template);
        if let Err(invalid) = parse(&definition) {
            panic!("{}: {invalid}", template.id);
        }
        assert!(!definition.to_string().contains("$parameter"));
    }
}

/// A site with all that the defaults name.
fn known() -> Known {
    let mut known = Known {
        fields: contact::fields(&Fields::standard("IL")),
        groups: ["vip".to_owned()].into(),
        ..Known::default()
    };
    let own = [
        ("has_children", Kind::Bool),
        ("product_rating", Kind::Number),
    ];
    for (name, kind) in own {
        let field = ContactField {
            name: name.to_owned(),
            is_standard: false,
            kind,
        };
        known.fields.insert(field.name.clone(), field);
    }
    let everyone = parse(&json!({"kind": "event", "event": "any"})).unwrap();
    for id in ["S", "T"] {
        known.segments.insert(id.to_owned(), everyone.clone());
    }
    known
}

#[test]
fn every_template_fits_a_site() {
    let settings = SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS").unwrap();
    let known = known();
    let question = Question {
        site: "shop",
        settings: &settings,
        known: &known,
        as_of_ms: 1_795_255_200_000,
    };
    for template in gallery() {
        let definition = parse(&defaults(template)).unwrap();
        if let Err(invalid) = resolve(&definition, &question) {
            panic!("{}: {invalid}", template.id);
        }
    }
}

#[test]
fn ids_are_unique_slugs() {
    let ids: BTreeSet<&str> = gallery().iter().map(|template| &*template.id).collect();
    assert_eq!(ids.len(), gallery().len());
    for id in ids {
        let is_slug = id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'-'));
        assert!(is_slug, "{id}");
        assert_eq!(template(id).unwrap().id, id);
    }
    assert_eq!(template("no-such"), None);
}

#[test]
fn themes_stand_together() {
    assert!(gallery().is_sorted_by_key(|template| template.theme));
}

#[test]
fn texts_are_in_both_languages() {
    for template in gallery() {
        let labels = template.parameters.iter().map(|parameter| &parameter.label);
        let options = template.parameters.iter().flat_map(|p| &p.options);
        let texts = [&template.name, &template.description].into_iter();
        for text in texts.chain(labels).chain(options.map(|o| &o.label)) {
            check_languages(text);
        }
    }
}

fn check_languages(text: &Texts) {
    let is_hebrew = |c: char| ('א'..='ת').contains(&c);
    assert!(
        text.en.contains(|c: char| c.is_ascii_alphabetic()),
        "{text:?}"
    );
    assert!(!text.en.contains(is_hebrew), "{text:?}");
    assert!(text.he.contains(is_hebrew), "{text:?}");
}

#[test]
fn every_parameter_is_used() {
    for template in gallery() {
        let names: BTreeSet<&str> = template.parameters.iter().map(|p| &*p.name).collect();
        assert_eq!(names.len(), template.parameters.len(), "{}", template.id);
        for parameter in &template.parameters {
            let other = another(parameter);
            assert_ne!(other, parameter.default);
            let changed = with(template, &parameter.name, other).unwrap();
            assert_ne!(changed, defaults(template), "{}", template.id);
            parse(&changed).unwrap();
            with(template, &parameter.name, parameter.default.clone()).unwrap();
        }
    }
}

/// A value that fits and isn't the default.
fn another(parameter: &Parameter) -> Value {
    match parameter.r#type {
        ParameterType::Count | ParameterType::Money | ParameterType::DwellMs => {
            json!(parameter.default.as_u64().unwrap() + 1)
        }
        // The least or the greatest, so that two bounds stay in order.
        ParameterType::Duration if parameter.name == "far" => {
            json!({"n": 5, "unit": "year"})
        }
        ParameterType::Duration => json!({"n": 1, "unit": "minute"}),
        ParameterType::Date => json!("2026-11-15"),
        ParameterType::Choice => json!(parameter.options.last().unwrap().value),
        ParameterType::Text
        | ParameterType::Category
        | ParameterType::Product
        | ParameterType::Group
        | ParameterType::Segment
        | ParameterType::Field => json!("another"),
    }
}

#[test]
fn wrong_values_are_refused_by_name() {
    for template in gallery() {
        for parameter in &template.parameters {
            let wrong = [
                json!(null),
                json!(true),
                json!(""),
                json!(" "),
                json!(0),
                json!(-1),
                json!(1.5),
                json!([]),
                json!({}),
                json!({"n": 0, "unit": "day"}),
                json!({"n": 6, "unit": "year"}),
                json!({"$parameter": parameter.name}),
            ];
            for value in wrong {
                let error = with(template, &parameter.name, value).unwrap_err();
                assert_eq!(error.parameter(), parameter.name, "{error}");
            }
        }
        let error = with(template, "no_such", json!(1)).unwrap_err();
        assert_eq!(error.parameter(), "no_such");
    }
}

#[test]
fn refusals_say_what_fits() {
    let refusal = |id: &str, name: &str, value: Value| {
        let error = with(template(id).unwrap(), name, value).unwrap_err();
        format!("{error}\n")
    };
    let refusals = [
        refusal("frequent-visitors", "times", json!("3")),
        refusal(
            "frequent-visitors",
            "period",
            json!({"n": 1, "unit": "moon"}),
        ),
        refusal("frequent-visitors", "time", json!(3)),
        refusal("visited-often-and-bought", "value", json!(0.5)),
        refusal("long-stay-without-purchase", "time", json!("10 minutes")),
        refusal("viewed-category", "category", json!(["a"])),
        refusal("due-to-buy-again", "product", json!(7)),
        refusal("birthday-soon", "day", json!("gender")),
        refusal("bought-at-a-sale", "first", json!("1.11.2026")),
        refusal("rated-highly", "rating", json!("")),
        refusal("in-one-segment-not-another", "inside", json!(null)),
        refusal("city-regulars-not-in-group", "group", json!(false)),
        refusal("city-regulars-not-in-group", "city", json!(" ")),
        refusal("clicked-in-a-mail", "times", json!(3)),
    ];
    expect![[r#"
        `times` is a whole number of at least 1, not "3"
        `period` is a duration of at most five years as {"n":30,"unit":"day"}, not {"n":1,"unit":"moon"}
        the template has no parameter `time`; it has `times`, `period`
        `value` is a whole number of hundredths of at least 1, not 0.5
        `time` is a whole number of milliseconds of at least 1, not "10 minutes"
        `category` is the name of a category, not ["a"]
        `product` is the id of a product, not 7
        `day` is one of `birthday`, `anniversary`, not "gender"
        `first` is a date as "2026-11-21", not "1.11.2026"
        `rating` is the name of a field of contacts, not ""
        `inside` is the id of a segment, not null
        `group` is the id of a group, not false
        `city` is text that is not empty, not " "
        the template has no parameter `times`; it has none
    "#]].assert_eq(&refusals.concat());
}

#[test]
fn values_stand_where_they_belong() {
    let template = template("visited-often-and-bought").unwrap();
    let values = json!({"times": 5, "value": 100_000, "period": {"n": 2, "unit": "week"}});
    let definition = fill(template, values.as_object().unwrap()).unwrap();
    let window = json!({"last": {"n": 2, "unit": "week"}});
    let expected = json!({"all": [
        {"kind": "event", "event": "any", "measure": "visits", "compare": {"gte": 5}, "window": window},
        {"kind": "order", "measure": {"sum": "value_cents"}, "compare": {"gt": 100_000}, "window": window},
    ]});
    assert_eq!(definition, expected);
}

/// The gallery as people read it, in one place.
#[test]
fn the_gallery_reads_well() {
    let names = Names {
        currency: "ILS".to_owned(),
        ..Names::default()
    };
    let mut read = String::new();
    for template in gallery() {
        let definition = parse(&defaults(template)).unwrap();
        read.push_str(&template.id);
        read.push('\n');
        for language in Language::ALL {
            read.push_str(&describe(&definition, &names, language));
            read.push('\n');
        }
        read.push('\n');
    }
    // The isolates would not be seen.
    let seen = read.replace(['\u{2068}', '\u{2069}'], "");
    expect_file!["sentences.txt"].assert_eq(&seen);
}
