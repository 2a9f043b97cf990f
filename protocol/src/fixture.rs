//! One of everything, for the golden files, and generators of any batch.

use crate::{
    batch::{Consent, Header, Origin, Page, PageSource, Previous, Session},
    event::{
        Action, Click, ClickKind, Commerce, CommerceKind, Event, Form, FormStage, Identify,
        IdentifyBy, Item, Prop, PropValue,
    },
    id::{SessionId, TabId},
};
use alloc::{string::String, vec, vec::Vec};
use proptest::prelude::*;

/// A header with every field set, Hebrew among them.
pub(crate) fn header() -> Header<'static> {
    Header {
        site: "demo",
        tab_id: TabId(0x0123_4567_89AB_CDEF),
        previous: Some(Previous {
            tab_id: TabId(0xFEDC_BA98_7654_3210),
            events: 9,
        }),
        lost: 2,
        dropped: 1,
        consent: Consent::Granted,
        staff: true,
        session: Session {
            id: SessionId(42),
            started_at_ms: 1_760_000_000_000,
            number: 3,
            origin: Origin {
                landing_path: "/מבצעים",
                referrer_host: "search.example",
                utm_source: "newsletter",
                utm_medium: "email",
                utm_campaign: "סתיו",
                utm_term: "ceramics",
                utm_content: "top",
                click_id_kind: "gclid",
            },
        },
        page: Page {
            source: PageSource::JsonLd,
            host: "shop.example",
            path: "/product/cer-01/",
            query: "colour=blue",
            title: "קערה",
            canonical: "/product/cer-01/",
            category: "ceramics",
            product: "CER-01",
            language: "he-IL",
        },
    }
}

/// One event of every kind.
pub(crate) fn events() -> Vec<Event<'static>> {
    let item = Item {
        id: "CER-01",
        name: "קערה",
        category: "ceramics",
        brand: "",
        price_cents: Some(8990),
        quantity: Some(2),
    };
    let actions = vec![
        Action::PageView,
        Action::Dwell {
            dwell_ms: 15_000,
            scroll_percent: 80,
        },
        Action::Click(Click {
            kind: ClickKind::Outbound,
            text: "עוד",
            host: "maps.example",
            path: "/place",
            cta: "find-us",
        }),
        Action::Search { term: "קערה" },
        Action::Commerce(Commerce {
            kind: CommerceKind::Purchase,
            value_cents: Some(17_980),
            currency: "ILS",
            order_id: "A-1",
            coupon: "CRUMB10",
            items: vec![item],
        }),
        Action::Custom { name: "size_guide" },
        Action::Filter,
        Action::SignOut,
        Action::Identify(Identify {
            by: IdentifyBy::Mail,
            value: "noa@example.com",
        }),
        Action::Form(Form {
            stage: FormStage::Abandon,
            name: "newsletter",
        }),
    ];
    let props = vec![
        Prop {
            name: "colour",
            value: PropValue::Text("כחול"),
        },
        Prop {
            name: "rating",
            value: PropValue::Number("4.5"),
        },
        Prop {
            name: "gift",
            value: PropValue::Bool(true),
        },
    ];
    (0..)
        .zip(actions)
        .map(|(seq, action)| Event {
            seq,
            at_ms: 1_760_000_000_000 + u64::from(seq) * 1000,
            session_start: seq == 0,
            props: if seq == 5 { props.clone() } else { Vec::new() },
            action,
        })
        .collect()
}

/// Texts of every script, leaked so that events can borrow them.
fn any_text() -> impl Strategy<Value = &'static str> {
    "\\PC{0,24}".prop_map(|text: String| &*text.leak())
}

fn any_item() -> impl Strategy<Value = Item<'static>> {
    let texts = (any_text(), any_text(), any_text(), any_text());
    (texts, any::<Option<i64>>(), any::<Option<u32>>()).prop_map(
        |((id, name, category, brand), price_cents, quantity)| Item {
            id,
            name,
            category,
            brand,
            price_cents,
            quantity,
        },
    )
}

fn any_commerce() -> impl Strategy<Value = Action<'static>> {
    (
        prop::sample::select(&CommerceKind::ALL[..]),
        any::<Option<i64>>(),
        (any_text(), any_text(), any_text()),
        prop::collection::vec(any_item(), 0..4),
    )
        .prop_map(|(kind, value_cents, (currency, order_id, coupon), items)| {
            Action::Commerce(Commerce {
                kind,
                value_cents,
                currency,
                order_id,
                coupon,
                items,
            })
        })
}

fn any_action() -> impl Strategy<Value = Action<'static>> {
    let kinds = [ClickKind::Link, ClickKind::Outbound, ClickKind::Share];
    let stages = [FormStage::Start, FormStage::Submit, FormStage::Abandon];
    let form = (prop::sample::select(stages.to_vec()), any_text())
        .prop_map(|(stage, name)| Action::Form(Form { stage, name }));
    let click = (prop::sample::select(kinds.to_vec()), any_text(), any_text()).prop_map(
        |(kind, text, cta)| {
            Action::Click(Click {
                kind,
                text,
                host: "",
                path: text,
                cta,
            })
        },
    );
    prop_oneof![
        Just(Action::PageView),
        (any::<u32>(), 0..=100_u8).prop_map(|(dwell_ms, scroll_percent)| Action::Dwell {
            dwell_ms,
            scroll_percent
        }),
        click,
        any_text().prop_map(|term| Action::Search { term }),
        any_commerce(),
        any_text().prop_map(|name| Action::Custom { name }),
        any_text().prop_map(|value| Action::Identify(Identify {
            by: IdentifyBy::Login,
            value
        })),
        Just(Action::SignOut),
        Just(Action::Filter),
        form,
    ]
}

fn any_prop() -> impl Strategy<Value = Prop<'static>> {
    let value = prop_oneof![
        any_text().prop_map(PropValue::Text),
        (-1e9..1e9).prop_map(|n: f64| PropValue::Number(alloc::format!("{n}").leak())),
        any::<bool>().prop_map(PropValue::Bool),
    ];
    (any_text(), value).prop_map(|(name, value)| Prop { name, value })
}

/// Events by rising seq, with gaps.
pub(crate) fn any_events() -> impl Strategy<Value = Vec<Event<'static>>> {
    let event = (
        1..5_u32,
        any::<u64>(),
        any::<bool>(),
        any_action(),
        prop::collection::vec(any_prop(), 0..4),
    );
    prop::collection::vec(event, 1..20).prop_map(|events| {
        let mut seq = 0;
        events
            .into_iter()
            .map(|(step, at_ms, session_start, action, props)| {
                seq += step;
                Event {
                    seq,
                    at_ms,
                    session_start,
                    action,
                    props,
                }
            })
            .collect()
    })
}

/// Any header of the site `demo`.
pub(crate) fn any_header() -> impl Strategy<Value = Header<'static>> {
    (
        (any::<u64>(), any::<u64>(), any::<u64>(), any::<u32>()),
        any::<Option<(u64, u32)>>(),
        any::<bool>(),
        (any_text(), any_text(), any_text()),
    )
        .prop_map(
            |((tab, session, started_at_ms, lost), previous, granted, (host, path, utm))| {
                let mut header = header();
                header.tab_id = TabId(tab);
                header.previous = previous.map(|(tab, events)| Previous {
                    tab_id: TabId(tab),
                    events,
                });
                header.lost = lost;
                header.consent = if granted {
                    Consent::Granted
                } else {
                    Consent::Unset
                };
                header.session.id = SessionId(session);
                header.session.started_at_ms = started_at_ms;
                header.session.origin.utm_campaign = utm;
                header.page.host = host;
                header.page.path = path;
                header
            },
        )
}
