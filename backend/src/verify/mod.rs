//! Looks at a page of a shop as a browser does, and says what the pixel lacks there, before any
//! of its events can come: `crumbtrail site verify`, and the web app's check of an installation.

mod check;
mod page;
mod policy;
mod visit;

pub use check::{Check, Code, Subject, Verdict};
pub use visit::Reach;

use page::{Line, Page};
use reqwest::Url;
use serde::Deserialize;
use visit::{Answer, Fault, Visitor};

/// Looks at a page of a site: whether it has the line, whether its policy lets the pixel run, how
/// long visitors are known, and whether the worker takes what the page sends. Looking ends where
/// the rest can't be seen.
pub async fn examine(site: &str, page: &Url, reach: Reach) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Err(last) = look(site, page, reach, &mut checks).await {
        checks.push(last);
    }
    checks
}

async fn look(site: &str, page: &Url, reach: Reach, checks: &mut Vec<Check>) -> Result<(), Check> {
    let visitor = Visitor::new(reach);
    let answer = visitor.get(page, None).await.map_err(no_page)?;
    checks.push(Check::new(
        Code::PageReached,
        &answer.url,
        format!("{} answers", answer.url),
    ));
    let page = Page::read(&answer.text, &answer.url);
    let line = own_line(site, &page, &answer.url)?;
    checks.push(paste(line, &page, site));
    let script = page.address(line).map_err(|error| {
        let says = format!("`{}` is no address: {error}", line.src);
        Check::new(Code::ScriptUnreachable, &line.src, says)
    })?;
    checks.push(policy::check(&answer, &page, line, &script));
    checks.push(carrier(&answer.url, &script));
    checks.push(loader(&visitor, &script).await?);
    let (worker, asks_consent) = worker(&visitor, site, &answer.url, &script).await;
    checks.push(worker);
    checks.push(consent(line, asks_consent));
    Ok(())
}

fn no_page(fault: Fault) -> Check {
    let says = fault.to_string();
    match fault {
        Fault::Status(url, status) => Check::new(
            Code::PageStatus,
            status.as_u16(),
            format!("{url} answers {status}; see that it is a page that anybody may open"),
        ),
        Fault::NotPublic(host) => Check::new(Code::PageNotPublic, host, says),
        Fault::Unreachable(..) => Check::new(Code::PageUnreachable, "", says),
    }
}

/// The site's line on the page.
fn own_line<'a>(site: &str, page: &'a Page, at: &Url) -> Result<&'a Line, Check> {
    let paste = format!("paste the line with data-site=\"{site}\" into its <head>");
    if let Some(line) = page.lines.iter().find(|line| line.site == site) {
        return Ok(line);
    }
    Err(match page.lines.first() {
        Some(other) => Check::new(
            Code::LineOfOtherSite,
            &other.site,
            format!(
                "{at} has the line of another site, `{}`; {paste}",
                other.site
            ),
        ),
        None if page.has_tag_manager => Check::new(
            Code::LineByTagManager,
            "",
            format!(
                "{at} has no line of Crumbtrail's itself, but it has Google Tag Manager, whose tags can't be seen \
                 from here; open the page, and see whether its events come"
            ),
        ),
        None => Check::new(
            Code::LineMissing,
            "",
            format!("{at} has no line of Crumbtrail's; {paste}, and empty the page's cache"),
        ),
    })
}

/// How the line stands on the page.
fn paste(line: &Line, page: &Page, site: &str) -> Check {
    if line.kind == "module" {
        let says =
            "the line says type=\"module\", in which it can't know its settings; take that out";
        return Check::new(Code::LineAsModule, "", says.into());
    }
    if !line.is_script() {
        let says = format!(
            "the line says type=\"{}\", so it waits until a consent tool lets it run; without it, the pixel \
             asks by itself with data-consent=\"required\"",
            line.kind
        );
        return Check::new(Code::LineHeldBack, &line.kind, says);
    }
    let times = page.lines.iter().filter(|line| line.site == site).count();
    if times > 1 {
        let says = format!("the line is there {times} times, and counts once; take the others out");
        return Check::new(Code::LineTwice, times, says);
    }
    Check::new(Code::LineFound, "", "the page has the line, once".into())
}

/// What carries the visitor's identity, by where the page and the script come from.
fn carrier(page: &Url, script: &Url) -> Check {
    let host = script.host_str().unwrap_or_default();
    if !is_trustworthy(page) {
        let says = format!(
            "{page} comes by http, where browsers take no secure cookie; let the shop answer by https alone"
        );
        return Check::new(Code::CookieInsecure, "", says);
    }
    let registrable = |url: &Url| psl::domain_str(url.domain()?).map(str::to_owned);
    if page.host() == script.host() {
        let says = "the worker is on the shop's own host, so a visitor is known for 400 days";
        Check::new(Code::CookieLasts, host, says.into())
    } else if registrable(page).is_some_and(|site| Some(site) == registrable(script)) {
        let says = format!(
            "the worker is on {host}, of the shop's own domain, so a visitor is known for 400 days; where Safari sees \
             that its address is another one's, for 7. A route on the shop's own host lasts everywhere"
        );
        Check::new(Code::CookieOfSubdomain, host, says)
    } else {
        let says = format!(
            "the worker is on {host}, another domain than the shop's, so browsers forget a visitor soon, Safari after 7 \
             days; give the worker a route on the shop's own host"
        );
        Check::new(Code::CookieOfOtherSite, host, says)
    }
}

/// Whether a browser takes secure cookies of it (W3C Secure Contexts, 3.1).
fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
}

/// The script comes, as a script.
async fn loader(visitor: &Visitor, script: &Url) -> Result<Check, Check> {
    let answer = visitor
        .get(script, None)
        .await
        .map_err(|fault| match fault {
            Fault::Status(url, status) => Check::new(
                Code::ScriptStatus,
                status.as_u16(),
                format!(
                    "{url} answers {status}; see that the worker's route is in front of the shop"
                ),
            ),
            other => Check::new(Code::ScriptUnreachable, script, other.to_string()),
        })?;
    let Answer { url, kind, .. } = answer;
    if kind.contains("javascript") {
        let says = format!("{url} comes as `{kind}`");
        return Ok(Check::new(Code::ScriptComes, url, says));
    }
    let says = format!(
        "{url} comes as `{kind}` and not as JavaScript; see that the worker's route is in front of the shop"
    );
    Err(Check::new(Code::ScriptIsNone, kind, says))
}

/// What the worker says of itself.
#[derive(Deserialize)]
struct Health {
    status: String,
    #[serde(default)]
    consent: String,
}

/// A problem of the worker's.
#[derive(Deserialize)]
struct Refused {
    code: String,
}

/// The worker takes what the page sends for the site; and whether it waits for consent.
async fn worker(visitor: &Visitor, site: &str, page: &Url, script: &Url) -> (Check, bool) {
    let origin = page.origin().ascii_serialization();
    let elsewhere = |says: String| (Check::new(Code::WorkerElsewhere, script, says), false);
    let Ok(mut health) = script.join("health") else {
        return elsewhere(format!("{script} has nothing beside it"));
    };
    health.query_pairs_mut().append_pair("site", site);
    let answer = match visitor.ask(&health, Some(&origin)).await {
        Ok(answer) => answer,
        Err(fault) => return elsewhere(fault.to_string()),
    };
    if let Ok(health) = serde_json::from_str::<Health>(&answer.text)
        && health.status == "ok"
    {
        let says = format!("the worker takes what pages of {origin} send for `{site}`");
        let check = Check::new(Code::WorkerWell, &origin, says);
        return (check, health.consent == "required");
    }
    let refused = serde_json::from_str::<Refused>(&answer.text);
    let check = match refused.as_ref().map(|refused| refused.code.as_str()) {
        Ok("unknown_site" | "bad_site") => Check::new(
            Code::WorkerUnknownSite,
            site,
            format!("the worker serves no site `{site}`; add it to SITES in its wrangler.toml"),
        ),
        Ok("origin_not_allowed") => Check::new(
            Code::WorkerRefusesOrigin,
            &origin,
            format!(
                "the worker takes nothing of pages of {origin}; add it to the site's `origins` in SITES in its wrangler.toml"
            ),
        ),
        Ok("not_configured") => Check::new(
            Code::WorkerNotConfigured,
            "",
            "the worker lacks a variable or a secret; its log says which".into(),
        ),
        _ => {
            return elsewhere(format!(
                "{health} answers something else than the worker does; see that its route is in front of the shop"
            ));
        }
    };
    (check, false)
}

/// Whether events wait for the visitor's consent.
fn consent(line: &Line, by_worker: bool) -> Check {
    let on_page = line.consent == "required";
    match (on_page, by_worker) {
        (false, false) => Check::new(
            Code::ConsentAssumed,
            "",
            "nothing waits for consent; who withdraws it, or whose browser says no, is not recorded".into(),
        ),
        (false, true) => Check::new(
            Code::ConsentByWorker,
            "",
            "the worker keeps nothing of those who made no choice, but the page asks nobody: add \
             data-consent=\"required\" to the line, and call crumb('consent', 'granted') once somebody says yes"
                .into(),
        ),
        (true, _) => Check::new(
            Code::ConsentAsked,
            "",
            "nothing is recorded before the page calls crumb('consent', 'granted') or Google's consent mode says so".into(),
        ),
    }
}

#[cfg(test)]
mod tests;
