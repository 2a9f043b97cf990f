//! Which channel brought a visit, judged by its origin.
//!
//! The order of the rules is the answer to "what if several fit": a paid click wins
//! over everything, then what the campaign says of itself, then the referrer. The
//! media are those of Google Analytics' default channel groups.

use protocol::batch::Origin;

/// The channel, by its name in the segment language.
#[must_use]
pub fn of(origin: &Origin<'_>) -> &'static str {
    if !origin.click_id_kind.is_empty() && origin.click_id_kind != "fbclid" {
        // Facebook puts its click id on unpaid links too.
        return "paid";
    }
    let medium = origin.utm_medium.to_ascii_lowercase();
    let source = origin.utm_source.to_ascii_lowercase();
    match medium.as_str() {
        "cpc" | "ppc" | "cpm" | "cpv" | "cpa" | "retargeting" | "display" | "banner" => "paid",
        paid if paid.starts_with("paid") => "paid",
        "email" | "e-mail" | "mail" | "newsletter" => "mail",
        "sms" => "sms",
        "whatsapp" => "whatsapp",
        "push" | "web-push" => "push",
        "social" | "social-network" | "social-media" | "sm" => "social",
        "organic" => "organic",
        _ => match source.as_str() {
            "email" | "newsletter" => "mail",
            "sms" => "sms",
            "whatsapp" => "whatsapp",
            _ => by_referrer(origin, &source, &medium),
        },
    }
}

fn by_referrer(origin: &Origin<'_>, source: &str, medium: &str) -> &'static str {
    let host = origin.referrer_host.to_ascii_lowercase();
    // Before the search engines, some of whom have mail as well.
    if is_any(
        &host,
        &["mail.google.com", "outlook.live.com", "mail.yahoo.com"],
    ) {
        "mail"
    } else if is_any(&host, &["web.whatsapp.com", "wa.me", "whatsapp.com"]) {
        "whatsapp"
    } else if is_any(&host, &SEARCH) {
        "organic"
    } else if is_any(&host, &SOCIAL) || SOCIAL.contains(&source) {
        "social"
    } else if !host.is_empty() || !source.is_empty() || !medium.is_empty() {
        "referral"
    } else if origin.click_id_kind.is_empty() {
        "direct"
    } else {
        "social"
    }
}

/// Names of search engines, as they stand in their hosts.
const SEARCH: [&str; 8] = [
    "google",
    "bing",
    "duckduckgo",
    "yahoo",
    "ecosia",
    "yandex",
    "baidu",
    "qwant",
];

/// Names of social networks, as they stand in their hosts.
const SOCIAL: [&str; 9] = [
    "facebook",
    "instagram",
    "tiktok",
    "pinterest",
    "linkedin",
    "twitter",
    "reddit",
    "youtube",
    "threads",
];

/// Whether the host is one of `names` whole, or has one of them as a label that is
/// not its first-level domain (`www.google.co.il`, `l.facebook.com`).
fn is_any(host: &str, names: &[&str]) -> bool {
    names.contains(&host)
        || (host.contains('.') && {
            let mut labels: Vec<_> = host.split('.').collect();
            labels.pop();
            labels.iter().any(|label| names.contains(label))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule() {
        let origin = |referrer_host, utm_source, utm_medium, click_id_kind| Origin {
            referrer_host,
            utm_source,
            utm_medium,
            click_id_kind,
            ..Origin::default()
        };
        for (origin, expected) in [
            (origin("", "", "", ""), "direct"),
            (origin("www.google.co.il", "", "", ""), "organic"),
            (origin("www.google.co.il", "google", "cpc", ""), "paid"),
            (origin("www.google.com", "", "", "gclid"), "paid"),
            (origin("l.facebook.com", "", "", "fbclid"), "social"),
            (origin("", "", "", "fbclid"), "social"),
            (origin("", "instagram", "", ""), "social"),
            (origin("", "newsletter", "Email", ""), "mail"),
            (origin("mail.google.com", "", "", ""), "mail"),
            (origin("", "club", "sms", ""), "sms"),
            (origin("web.whatsapp.com", "", "", ""), "whatsapp"),
            (origin("", "app", "push", ""), "push"),
            (origin("blog.example", "", "", ""), "referral"),
            (origin("notgoogle.example", "", "", ""), "referral"),
            (origin("", "partner", "", ""), "referral"),
        ] {
            assert_eq!(of(&origin), expected, "{origin:?}");
        }
    }
}
