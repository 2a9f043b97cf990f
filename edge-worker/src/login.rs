//! The token by which a shop's own backend says who is logged in: a JSON Web Token (RFC 7519)
//! signed by HS256 (RFC 7518, 3.2), so that every language has a library to make one.
//!
//! ```text
//! header   {"alg": "HS256", "kid": "k1"}            kid: the key's name
//! claims   {"sub": "1042",                          the shop's own id of the contact
//!           "aud": "demo",                          the site
//!           "purpose": "login",
//!           "exp": 1790000600,                      seconds since the epoch
//!           "nbf": 1789999990,                      not before; a minute is granted
//!           "jti": "0f8b…"}                         the token's id; without one its signature is
//! ```
//!
//! All but `nbf` and `jti` are needed; others (`iat`, `iss` and the like) may stand beside them. No
//! other algorithm is known here, so none can be asked for.

use crate::identity::KeyRing;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use protocol::{
    id::Site,
    limit,
    token::{BadToken, TokenId},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Who is logged in, as the shop's backend says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The shop's own id of the contact.
    pub contact: String,
    /// The token's id.
    pub token_id: TokenId,
    /// Whether it held once and no longer does. Then it proves nothing, but whose browser it
    /// says it is, is not another contact's.
    pub is_expired: bool,
}

/// How far the clock of a shop may be ahead, in seconds.
const LEEWAY_S: u64 = 60;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    purpose: String,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    jti: Option<String>,
}

/// Reads a token for the site whose shop has these keys.
///
/// # Errors
/// [`BadToken`].
pub fn read(text: &str, site: Site<'_>, keys: &KeyRing, now_s: u64) -> Result<Login, BadToken> {
    let not = || BadToken::NotAToken;
    let (signed, signature) = text.rsplit_once('.').ok_or_else(not)?;
    let (header, claims) = signed.split_once('.').ok_or_else(not)?;
    let header: Header = json(header)?;
    if header.alg != "HS256" {
        return Err(BadToken::NotAToken);
    }
    let key = keys.get(&header.kid).ok_or(BadToken::Unsigned)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| not())?;
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).expect("any length");
    mac.chain_update(signed)
        .verify_slice(&signature)
        .map_err(|_| BadToken::Unsigned)?;

    let claims: Claims = json(claims)?;
    let fits = (1..=limit::TEXT_BYTES).contains(&claims.sub.len());
    let is_for_this = claims.aud == site.as_str() && claims.purpose == "login";
    if !is_for_this || !fits || claims.nbf > now_s.saturating_add(LEEWAY_S) {
        return Err(BadToken::NotAToken);
    }
    Ok(Login {
        is_expired: now_s >= claims.exp,
        token_id: id(claims.jti.as_deref().map_or(&signature, str::as_bytes)),
        contact: claims.sub,
    })
}

fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or(BadToken::NotAToken)
}

fn id(bytes: &[u8]) -> TokenId {
    let digest = Sha256::digest(bytes);
    TokenId(
        digest
            .first_chunk()
            .map_or(0, |first| u64::from_be_bytes(*first)),
    )
}
