use super::*;
use alloc::string::String;
use expect_test::expect;
use proptest::prelude::*;

const KEY: [u8; 32] = [7; 32];
const NOW_S: u64 = 1_790_000_000;

fn token(purpose: Purpose<'_>) -> Token<'_> {
    Token {
        site: Site::new("demo").unwrap(),
        id: TokenId(0x0123_4567_89AB_CDEF),
        expires_s: NOW_S + 60,
        message: Message {
            contact: ContactId::new(42),
            channel: Channel::Sms,
            message_id: "m-1",
            campaign: "autumn",
        },
        purpose,
    }
}

fn click() -> Token<'static> {
    token(Purpose::Click(Link {
        url: "https://shop.example/sale/",
        topic: "sale",
    }))
}

fn open(bytes: &[u8], now_s: u64) -> Result<Token<'_>, BadToken> {
    Token::open(bytes, now_s, |site, key| {
        (site.as_str() == "demo" && key == "m1").then_some(KEY.as_slice())
    })
}

#[test]
fn the_bytes_of_a_token_never_change() {
    let hex: String = click()
        .seal("m1", &KEY)
        .iter()
        .map(|byte| alloc::format!("{byte:02x}"))
        .collect();
    expect!["435401026d310464656d6fef9bafcdf8acd19101bcf7c4d506aa80808080808080800101036d2d3106617574756d6e011a68747470733a2f2f73686f702e6578616d706c652f73616c652f0473616c652d56f17a64a3777fa7cd8e6b422dd76b"].assert_eq(&hex);
}

#[test]
fn a_token_holds_until_it_expires() {
    let bytes = click().seal("m1", &KEY);
    assert_eq!(open(&bytes, NOW_S + 59), Ok(click()));
    assert_eq!(open(&bytes, NOW_S + 60), Err(BadToken::Expired));
}

#[test]
fn only_the_sites_own_keys_sign() {
    let other = |name: &str, key: &[u8]| click().seal(name, key);
    for bytes in [other("m2", &KEY), other("m1", &[8; 32])] {
        assert_eq!(open(&bytes, NOW_S), Err(BadToken::Unsigned));
    }
    let news = Token {
        site: Site::new("news").unwrap(),
        ..click()
    };
    let bytes = news.seal("m1", &KEY);
    assert_eq!(open(&bytes, NOW_S), Err(BadToken::Unsigned));
}

#[test]
fn no_changed_bit_is_accepted() {
    let bytes = click().seal("m1", &KEY);
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        if let Some(byte) = changed.get_mut(at / 8) {
            *byte ^= 1 << (at % 8);
        }
        assert!(open(&changed, NOW_S).is_err(), "bit {at}");
    }
    for length in 0..bytes.len() {
        assert!(open(bytes.get(..length).unwrap(), NOW_S).is_err());
    }
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(
        id: u64, contact: u64, expires_s in NOW_S + 1.., message_id in "\\PC{0,20}",
        campaign in "\\PC{0,20}", url in "[a-z:/.]{0,60}", kind in 0..3,
    ) {
        let purpose = match kind {
            0 => Purpose::Open,
            1 => Purpose::Landing,
            _ => Purpose::Click(Link { url: &url, topic: "" }),
        };
        let token = Token {
            id: TokenId(id),
            expires_s,
            message: Message {
                contact: ContactId::new(contact),
                channel: Channel::Mail,
                message_id: &message_id,
                campaign: &campaign,
            },
            ..token(purpose)
        };
        let bytes = token.seal("m1", &KEY);
        prop_assert_eq!(open(&bytes, NOW_S), Ok(token));
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&bytes, NOW_S).is_err());
        let mut framed = alloc::vec![b'C', KIND, 1];
        framed.extend(bytes);
        prop_assert!(open(&framed, NOW_S).is_err());
    }
}
