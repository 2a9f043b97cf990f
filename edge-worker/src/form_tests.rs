use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// What was read, a line each; or what was wrong.
fn check(kind: Kind, body: &str, expected: Expect) {
    let text = match Sent::read(kind, body.as_bytes()) {
        Ok(sent) => {
            let Sent {
                site,
                form,
                next,
                submission_id,
                consent,
                token,
                answers,
                had_secrets,
            } = sent;
            let mut text = format!(
                "{site} {form} [{next}] [{submission_id}] {consent:?} [{token}] {had_secrets}"
            );
            for (name, value) in answers {
                text += &format!("\n{name} = {value}");
            }
            text
        }
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

#[test]
fn a_form_is_read_as_browsers_write_it() {
    check(
        Kind::Pairs,
        "site=demo&form=club&next=%2Fthanks%2F&submission_id=7&crumb_consent=granted&crumb_token=t\
         &name=%D7%93%D7%9F+%D7%9C%D7%95%D7%99&topics=a&topics=b%26c&empty=&bare&&x=a=b",
        expect![[r#"
            demo club [/thanks/] [7] Some(true) [t] false
            name = דן לוי
            topics = a
            topics = b&c
            empty = 
            bare = 
            x = a=b"#]],
    );
    check(
        Kind::Pairs,
        "form=f&a=%D7",
        expect!["the form is not in UTF-8"],
    );
    check(
        Kind::Pairs,
        "form=f&%FF=a",
        expect!["the form is not in UTF-8"],
    );
    check(
        Kind::Pairs,
        "",
        expect!["a form needs its name, in a field `form`"],
    );
}

#[test]
fn a_form_is_read_as_scripts_write_it() {
    check(
        Kind::Json,
        r#" {"site": "demo", "form": "club", "submission_id": 7, "z": "דן\n\u05d0", "a": 12.50,
            "big": 123456789012345678901234567890, "yes": true, "topics": ["a", "b"], "none": []} "#,
        expect![[r#"
            demo club [] [7] None [] false
            z = דן
            א
            a = 12.50
            big = 123456789012345678901234567890
            yes = true
            topics = a
            topics = b"#]],
    );
    let wrong = "the body is not a JSON object of texts, numbers, booleans and lists of texts";
    for body in [
        "",
        "[]",
        "\"form\"",
        "form=club",
        r#"{"form": "f""#,
        r#"{"form": "f"} x"#,
        r#"{"form": "f", "a": null}"#,
        r#"{"form": "f", "a": {"b": "c"}}"#,
        r#"{"form": "f", "a": [1]}"#,
        r#"{"form": "f", "a": ["b", ["c"]]}"#,
        r#"{"form": "f", "a": "\ud800"}"#,
        r#"{"form": "f", "a": 01}"#,
    ] {
        let read = Sent::read(Kind::Json, body.as_bytes()).unwrap_err();
        assert_eq!(read.to_string(), wrong, "{body}");
    }
}

#[test]
fn what_may_stand_once_stands_once() {
    for name in [
        "site",
        "form",
        "next",
        "submission_id",
        "crumb_consent",
        "crumb_token",
    ] {
        let json = format!(r#"{{"form": "f", "{name}": ["granted", "granted"]}}"#);
        let twice = Sent::read(Kind::Json, json.as_bytes());
        assert_eq!(twice, Err(NotAForm::Twice(name)), "{json}");
        let pairs = format!("{name}=granted&form=f&{name}=granted");
        let twice = Sent::read(Kind::Pairs, pairs.as_bytes());
        assert_eq!(twice, Err(NotAForm::Twice(name)), "{pairs}");
    }
}

#[test]
fn a_choice_is_a_yes_or_a_no() {
    for (value, expected) in [
        ("", Ok(None)),
        ("granted", Ok(Some(true))),
        ("denied", Ok(Some(false))),
        ("true", Err(NotAForm::NotAConsent)),
        ("Granted", Err(NotAForm::NotAConsent)),
    ] {
        let body = format!("form=f&crumb_consent={value}");
        let sent = Sent::read(Kind::Pairs, body.as_bytes());
        assert_eq!(sent.map(|sent| sent.consent), expected, "{value}");
    }
}

#[test]
fn the_kind_is_the_content_types() {
    for (content_type, expected) in [
        ("application/x-www-form-urlencoded", Ok(Kind::Pairs)),
        (
            "Application/X-WWW-Form-Urlencoded ; charset=UTF-8",
            Ok(Kind::Pairs),
        ),
        ("application/json", Ok(Kind::Json)),
        ("text/plain;charset=UTF-8", Ok(Kind::Json)),
        ("multipart/form-data; boundary=x", Err(NotAForm::Kind)),
        ("application/jsonp", Err(NotAForm::Kind)),
        ("", Err(NotAForm::Kind)),
    ] {
        assert_eq!(Kind::of(content_type), expected, "{content_type}");
    }
}

#[test]
fn passwords_and_cards_are_left_out() {
    let secret = [
        "password",
        "Password",
        "new-password",
        "current_password2",
        "userPassword",
        "passwd",
        "pwd",
        "user_pwd",
        "pass",
        "user_pass",
        "passphrase",
        "passcode",
        "pin",
        "otp",
        "one-time-code",
        "client_secret",
        "card",
        "card_no",
        "card_number",
        "cardNumber",
        "card[number]",
        "credit_card",
        "creditcardno",
        "debit_card_2",
        "card_expiry",
        "card_code",
        "cc",
        "cc_number",
        "cc-exp",
        "cc_csc",
        "ccnumber",
        "cvv",
        "cvv2",
        "cvc",
        "card_cvc",
        "csc",
        "security_code",
    ];
    for name in secret {
        for (kind, body) in [
            (Kind::Pairs, format!("form=f&{name}=4580&city=jaffa")),
            (
                Kind::Json,
                format!(r#"{{"form":"f","{name}":["4580"],"city":"jaffa"}}"#),
            ),
        ] {
            let sent = Sent::read(kind, body.as_bytes()).unwrap();
            assert_eq!(sent.answers, [("city".into(), "jaffa".into())], "{name}");
            assert!(sent.had_secrets, "{name}");
            assert!(!format!("{sent:?}").contains("4580"), "{name}");
        }
    }
    for name in [
        "email",
        "phone",
        "passport_country",
        "compass",
        "gift_card",
        "card_note",
        "club_card",
        "shipping",
        "accessories",
        "account",
        "score",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

proptest! {
    #[test]
    fn both_ways_of_writing_say_the_same(
        fields in prop::collection::vec(("[a-z]{1,9}x", "\\PC{0,20}"), 0..9),
    ) {
        let pairs = form_urlencoded::Serializer::new("form=f&".to_owned())
            .extend_pairs(&fields)
            .finish();
        let members: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}:{}", serde_json::json!(name), serde_json::json!(value)))
            .collect();
        let json = format!(r#"{{"form":"f",{}}}"#, members.join(",")).replace(",}", "}");
        let sent = Sent::read(Kind::Pairs, pairs.as_bytes());
        prop_assume!(!fields.iter().any(|(_, value)| value.contains('\u{fffd}') || value.contains(",}")));
        prop_assert_eq!(&sent, &Sent::read(Kind::Json, json.as_bytes()));
        let sent = sent.unwrap();
        prop_assert!(sent.had_secrets || sent.answers == fields);
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[{\":,}\\]a-z0-9%=&+\\\\]{0,60}") {
        for kind in [Kind::Pairs, Kind::Json] {
            let _ = Sent::read(kind, &body);
            let _ = Sent::read(kind, text.as_bytes());
        }
    }
}
