//! `crumbtrail site verify`: looks at a shop as a browser does, and says what lacks before its
//! events come.

use crate::doctor::Finding;
use reqwest::{Client, Url};
use std::time::Duration;

/// A page, or a file of it, comes within this.
const PATIENCE: Duration = Duration::from_secs(15);
/// What the line's script is called.
const SCRIPT: &str = "crumb.js";

/// Looks at a page of a site: whether it has the line, and what the line needs. Looking ends at
/// the first thing that lacks.
pub async fn examine(site: &str, page: &Url) -> Vec<Finding> {
    let client = Client::builder().timeout(PATIENCE).build();
    let mut findings = Vec::new();
    let mut found = |what, is: Result<(String, Option<Url>), String>| {
        let next = is.as_ref().ok().and_then(|(_, next)| next.clone());
        findings.push(Finding {
            what,
            is: is.map(|(says, _)| says),
        });
        next
    };
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            found("this program", Err(error.to_string()));
            return findings;
        }
    };
    if let Some(script) = found("the page", line(&client, site, page).await)
        && let Some(health) = found("the script", script_at(&client, script).await)
    {
        found("the worker", worker(&client, health).await);
    }
    findings
}

/// The page has the line; gives where its script is.
async fn line(client: &Client, site: &str, page: &Url) -> Result<(String, Option<Url>), String> {
    let answer = get(client, page).await?;
    // Where it led on to, as a relative address is meant.
    let at = answer.url().clone();
    let html = answer.text().await.map_err(|error| error.to_string())?;
    let tags = tags(&html).filter(|tag| tag.src.contains(SCRIPT));
    let tags: Vec<_> = tags.collect();
    let paste = format!(
        "paste the line with data-site=\"{site}\" at the end of its <head>, where no script and no consent tool holds it back"
    );
    let Some(first) = tags.first() else {
        return Err(format!("{at} has no line of Crumbtrail's; {paste}"));
    };
    let Some(tag) = tags.iter().find(|tag| tag.site == site) else {
        return Err(format!(
            "{at} has the line of another site, `{}`; {paste}",
            first.site
        ));
    };
    let script = at.join(tag.src).map_err(|error| {
        format!(
            "{at} has the line, with an address that is none, `{}`: {error}",
            tag.src
        )
    })?;
    let twice = tags.iter().filter(|tag| tag.site == site).count() > 1;
    let note = if twice {
        " (more than once, which does no harm)"
    } else {
        ""
    };
    Ok((format!("{at} has the line{note}"), Some(script)))
}

/// The script comes, as a script; gives where the worker's health is.
async fn script_at(client: &Client, script: Url) -> Result<(String, Option<Url>), String> {
    let answer = get(client, &script).await?;
    let kind = answer.headers().get(reqwest::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.contains("javascript") {
        return Err(format!(
            "{script} comes as `{kind}` and not as JavaScript; see that the worker's route is in front of the shop"
        ));
    }
    let health = script.join("health").map_err(|error| error.to_string())?;
    Ok((format!("{script} comes as `{kind}`"), Some(health)))
}

/// The worker says that it is configured.
async fn worker(client: &Client, health: Url) -> Result<(String, Option<Url>), String> {
    let text = get(client, &health).await?.text().await;
    let text = text.map_err(|error| error.to_string())?;
    if text.contains(r#""status":"ok""#) {
        Ok((format!("{health} says that it is well"), None))
    } else {
        Err(format!(
            "{health} answers something else than the worker does; see that its route is in front of the shop"
        ))
    }
}

async fn get(client: &Client, url: &Url) -> Result<reqwest::Response, String> {
    let answer = client.get(url.clone()).send().await;
    let answer = answer.map_err(|error| format!("{url} can't be reached: {error}"))?;
    let status = answer.status();
    if status.is_success() {
        Ok(answer)
    } else {
        Err(format!("{url} answers {status}"))
    }
}

/// A script's tag.
#[derive(Debug, PartialEq, Eq)]
struct Tag<'a> {
    src: &'a str,
    site: &'a str,
}

/// The tags of scripts that have an address.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split("<script").skip(1).filter_map(|rest| {
        let tag = rest.split_once('>')?.0;
        Some(Tag {
            src: attribute(tag, "src")?,
            site: attribute(tag, "data-site").unwrap_or_default(),
        })
    })
}

/// An attribute's value, quoted or not.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag
        .match_indices(name)
        .map(|(at, _)| tag.split_at(at))
        .find_map(|(before, rest)| {
            let is_whole = before.ends_with(|c: char| c.is_whitespace());
            let value = rest.strip_prefix(name)?.trim_start().strip_prefix('=')?;
            is_whole.then_some((before, value.trim_start()))
        })?;
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(|c: char| c.is_whitespace()).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_as_people_write_them() {
        let found = |html: &'static str| {
            tags(html)
                .map(|tag| (tag.src, tag.site))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found(
                r#"<script>var x</script><script async src="/c/crumb.js" data-site="demo"></script>"#
            ),
            [("/c/crumb.js", "demo")]
        );
        assert_eq!(
            found("<script data-site='demo'\n  src = '/c/crumb.js'></script>"),
            [("/c/crumb.js", "demo")]
        );
        assert_eq!(
            found("<script data-src=/other.js src=/c/crumb.js data-site=demo></script>"),
            [("/c/crumb.js", "demo")]
        );
        assert_eq!(found("<script src=/a.js></script>"), [("/a.js", "")]);
        assert_eq!(found("<p>none</p><script"), []);
    }
}
