//! What is found of a shop.

use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// What was found of one thing that the pixel needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShopCheck)]
pub struct Check {
    /// What was looked at.
    #[serde(rename = "check")]
    pub subject: Subject,
    /// How it is.
    pub verdict: Verdict,
    /// What was found, for programs.
    pub code: Code,
    /// With what: an address, a slug, a status, what a policy lacks; empty where the code says all.
    pub value: String,
    /// What was found, for people; where it isn't as it should be, with what to do.
    pub says: String,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ShopPart)]
pub enum Subject {
    /// The shop's page.
    Page,
    /// The pasted line.
    Line,
    /// The page's Content-Security-Policy.
    Policy,
    /// What carries the visitor's identity.
    Cookie,
    /// The script that the line names.
    Script,
    /// The worker behind it.
    Worker,
    /// Whether events wait for consent.
    Consent,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ShopVerdict)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Events come, but not all, or not as well as they might.
    Warning,
    /// No events come.
    Bad,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ShopCode)]
pub enum Code {
    /// The page answers.
    PageReached,
    /// It can't be reached.
    PageUnreachable,
    /// It answers with another status.
    PageStatus,
    /// It is on an address that only its own network knows.
    PageNotPublic,
    /// The page has the line.
    LineFound,
    /// More than once.
    LineTwice,
    /// It has none.
    LineMissing,
    /// It has none, but a tag manager might bring it.
    LineByTagManager,
    /// It has another site's.
    LineOfOtherSite,
    /// A consent tool holds it back.
    LineHeldBack,
    /// It is pasted as a module.
    LineAsModule,
    /// The page has no policy.
    PolicyNone,
    /// The policy lets the pixel run.
    PolicyAllows,
    /// It refuses the script.
    PolicyRefusesScript,
    /// It runs what carries the page's nonce, which the line doesn't.
    PolicyNeedsNonce,
    /// It refuses what the pixel sends.
    PolicyRefusesConnect,
    /// It refuses the line's first tag, which keeps early calls.
    PolicyRefusesInline,
    /// It refuses WebAssembly, so the larger pixel loads.
    PolicyRefusesWasm,
    /// The identity lasts.
    CookieLasts,
    /// It lasts, but for some in Safari.
    CookieOfSubdomain,
    /// It doesn't last.
    CookieOfOtherSite,
    /// There is none without https.
    CookieInsecure,
    /// The script comes.
    ScriptComes,
    /// It can't be reached.
    ScriptUnreachable,
    /// It answers with another status.
    ScriptStatus,
    /// What comes is no script.
    ScriptIsNone,
    /// The worker takes what the page sends.
    WorkerWell,
    /// Something else than the worker answers.
    WorkerElsewhere,
    /// It doesn't serve the site.
    WorkerUnknownSite,
    /// It takes nothing of the page's origin.
    WorkerRefusesOrigin,
    /// It lacks a variable or a secret.
    WorkerNotConfigured,
    /// Nothing waits for consent.
    ConsentAssumed,
    /// The page asks for it.
    ConsentAsked,
    /// The worker asks for it, and the page doesn't.
    ConsentByWorker,
}

impl Code {
    const fn row(self) -> (Subject, Verdict) {
        use Subject::{Consent, Cookie, Line, Page, Policy, Script, Worker};
        use Verdict::{Bad, Good, Warning};
        match self {
            Self::PageReached => (Page, Good),
            Self::PageUnreachable | Self::PageStatus | Self::PageNotPublic => (Page, Bad),
            Self::LineFound => (Line, Good),
            Self::LineTwice | Self::LineByTagManager | Self::LineHeldBack => (Line, Warning),
            Self::LineMissing | Self::LineOfOtherSite | Self::LineAsModule => (Line, Bad),
            Self::PolicyNone | Self::PolicyAllows => (Policy, Good),
            Self::PolicyRefusesScript | Self::PolicyNeedsNonce | Self::PolicyRefusesConnect => {
                (Policy, Bad)
            }
            Self::PolicyRefusesInline | Self::PolicyRefusesWasm => (Policy, Warning),
            Self::CookieLasts | Self::CookieOfSubdomain => (Cookie, Good),
            Self::CookieOfOtherSite | Self::CookieInsecure => (Cookie, Warning),
            Self::ScriptComes => (Script, Good),
            Self::ScriptUnreachable | Self::ScriptStatus | Self::ScriptIsNone => (Script, Bad),
            Self::WorkerWell => (Worker, Good),
            Self::WorkerElsewhere
            | Self::WorkerUnknownSite
            | Self::WorkerRefusesOrigin
            | Self::WorkerNotConfigured => (Worker, Bad),
            Self::ConsentAssumed | Self::ConsentAsked => (Consent, Good),
            Self::ConsentByWorker => (Consent, Warning),
        }
    }
}

impl Check {
    pub(super) fn new(code: Code, value: impl ToString, says: String) -> Self {
        let (subject, verdict) = code.row();
        Self {
            subject,
            verdict,
            code,
            value: value.to_string(),
            says,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok  ",
            Verdict::Warning => "note",
            Verdict::Bad => "FIX ",
        };
        let subject = match self.subject {
            Subject::Page => "page",
            Subject::Line => "line",
            Subject::Policy => "policy",
            Subject::Cookie => "cookie",
            Subject::Script => "script",
            Subject::Worker => "worker",
            Subject::Consent => "consent",
        };
        write!(f, "{verdict} {subject:<12} {}", self.says)
    }
}
