//! `UserSig`, version 2: makes, reads and judges the signed text by which a caller proves who it is. It knows no
//! application and no clock: keys and time come in as parameters, and `codes.rs` gives a denial its number.

mod chinese;
mod dissect;
mod explain;
mod signer;
#[cfg(test)]
mod tests;
mod times;

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::json::{BadJson, Integer, Json, Object};

pub use dissect::{Dissected, Member, dissect};
pub use explain::explain;
pub use signer::Signer;
pub use times::Times;

/// The longest text of a `UserSig`, in bytes. Ours: the documentation gives none.
pub const ENCODED_MAX: usize = 4096;
/// The longest JSON inside a `UserSig`, in bytes. Ours: the documentation gives none.
pub const INFLATED_MAX: usize = 8192;
/// How deep the JSON inside may be nested, itself counted. Ours: the documentation gives none.
pub const NESTING_MAX: usize = 32;
/// How far ahead of our clock a `UserSig` may have been made, in seconds. Ours: the documentation gives none.
pub const FUTURE_MAX_SECONDS: i64 = 600;

/// The largest integer that every JSON library passes on unchanged, and so the bound of the two times: the sum of two
/// such numbers fits 64 bits with room to spare.
const SECONDS_MAX: i64 = 1 << 53;

const VERSION: &str = "TLS.ver";
const IDENTIFIER: &str = "TLS.identifier";
const SDKAPPID: &str = "TLS.sdkappid";
const TIME: &str = "TLS.time";
const EXPIRE: &str = "TLS.expire";
const USERBUF: &str = "TLS.userbuf";
const SIG: &str = "TLS.sig";

/// A `UserSig` that could be read. Nothing in it is to be trusted before [`UserSig::verify`].
#[derive(Clone)]
pub struct UserSig {
    identifier: String,
    sdkappid: u64,
    time: i64,
    expire: i64,
    userbuf: Option<String>,
    sig: String,
}

/// Why a `UserSig` is refused, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserSigDenied {
    /// There is no text.
    #[error("UserSig is empty")]
    Empty,
    /// The text does not lead to one JSON object.
    #[error("UserSig cannot be decoded: {0}")]
    Undecodable(Undecodable),
    /// The object lacks a member, or one is not as it must be.
    #[error("UserSig is malformed: {member} {why}")]
    Malformed {
        /// The member at fault.
        member: &'static str,
        /// What is wrong with it.
        why: Flaw,
    },
    /// It was made for another application.
    #[error("UserSig was made for SDKAppID {signed}, not for {asked}")]
    OtherApplication {
        /// The application in the `UserSig`.
        signed: u64,
        /// The application of the request.
        asked: u64,
    },
    /// It was made for another user.
    #[error("UserSig was made for identifier {}, not for {}", shown(signed), shown(asked))]
    OtherIdentifier {
        /// The user in the `UserSig`.
        signed: String,
        /// The user of the request.
        asked: String,
    },
    /// No active key gives this signature.
    #[error("UserSig has a wrong signature: it was made with another key, or changed afterwards")]
    WrongSignature,
    /// It was valid once.
    #[error("UserSig expired {seconds_ago} seconds ago")]
    Expired {
        /// For how long it has been invalid.
        seconds_ago: i64,
    },
    /// It was made by a clock that is more than [`FUTURE_MAX_SECONDS`] ahead of ours.
    #[error("UserSig was made {seconds_ahead} seconds in the future")]
    FromTheFuture {
        /// How far the signer's clock is ahead of ours.
        seconds_ahead: i64,
    },
}

/// Why a text does not lead to a JSON object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// Longer than [`ENCODED_MAX`].
    #[error("it has {bytes} bytes, more than {ENCODED_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A byte that is no letter of either alphabet, or padding before the end.
    #[error("its byte {offset} is not a base64 letter")]
    NotBase64 {
        /// Where that byte is, the first being 0.
        offset: usize,
    },
    /// A number of letters that no bytes encode to.
    #[error("its base64 is cut off")]
    Base64CutOff,
    /// Too few or too many of `_` or `=` at the end.
    #[error("its base64 padding is missing or wrong")]
    Padding,
    /// A last letter that no encoder writes; taking it would give several texts for one signature.
    #[error("the last letter of its base64 is wrong")]
    LastLetter,
    /// No zlib header: gzip, raw deflate, plain JSON, anything else.
    #[error("it is not zlib-compressed")]
    NotZlib,
    /// A zlib stream with a preset dictionary.
    #[error("its zlib stream needs a preset dictionary")]
    PresetDictionary,
    /// A zlib stream with wrong data or a wrong checksum.
    #[error("its zlib stream is damaged")]
    DamagedZlib,
    /// A zlib stream that does not end.
    #[error("its zlib stream is cut off")]
    ZlibCutOff,
    /// More bytes after the zlib stream.
    #[error("{bytes} bytes follow its zlib stream")]
    AfterZlib {
        /// How many.
        bytes: usize,
    },
    /// More than [`INFLATED_MAX`] bytes inside.
    #[error("it inflates to more than {INFLATED_MAX} bytes")]
    InflatesTooFar,
    /// Not one strict JSON value in UTF-8.
    #[error("its content is {0}")]
    NotJson(BadJson),
    /// A JSON value of another kind.
    #[error("its content is not a JSON object")]
    NotAnObject,
    /// Two values for one member: signer and verifier could choose differently.
    #[error("its member {} is given twice", shown(member))]
    Twice {
        /// The member.
        member: String,
    },
}

/// What is wrong with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It is of another JSON type.
    #[error("is not {0}")]
    NotA(&'static str),
    /// It is a number that means nothing here.
    #[error("is out of its range")]
    OutOfRange,
    /// `TLS.ver` names a version that we do not know.
    #[error("is not \"2.0\"")]
    OtherVersion,
    /// With a line feed in it, one signed text could be read in two ways.
    #[error("has a control character")]
    ControlCharacter,
    /// `TLS.userbuf` has a character that base64 never has.
    #[error("is not base64")]
    NotBase64,
}

impl UserSig {
    /// Reads the text of a `UserSig`.
    ///
    /// # Errors
    /// The text is empty, does not decode, or its members are not as they must be.
    pub fn decode(text: &str) -> Result<Self, UserSigDenied> {
        if text.is_empty() {
            return Err(UserSigDenied::Empty);
        }
        let compressed = from_base64(text).map_err(UserSigDenied::Undecodable)?;
        let content = inflate(&compressed).map_err(UserSigDenied::Undecodable)?;
        let object = read_object(&content).map_err(UserSigDenied::Undecodable)?;
        Self::from_object(&object)
    }

    fn from_object(object: &Object<'_>) -> Result<Self, UserSigDenied> {
        let flawed = |member| move |why| UserSigDenied::Malformed { member, why };
        version(object).map_err(flawed(VERSION))?;
        Ok(Self {
            identifier: identifier(object).map_err(flawed(IDENTIFIER))?,
            sdkappid: sdkappid(object).map_err(flawed(SDKAPPID))?,
            time: seconds(object, TIME, 0).map_err(flawed(TIME))?,
            expire: seconds(object, EXPIRE, -SECONDS_MAX).map_err(flawed(EXPIRE))?,
            userbuf: userbuf(object).map_err(flawed(USERBUF))?,
            sig: string(object, SIG).map_err(flawed(SIG))?.to_owned(),
        })
    }

    /// Judges it for a request at the time `now`, in Unix seconds, under the application's active keys: one of them
    /// must have signed it. An empty key is none: anyone could sign with it.
    ///
    /// # Errors
    /// The first of: another application, another user, a signature that no key gives, expired, made too far in the
    /// future.
    pub fn verify<K: AsRef<[u8]>>(
        &self,
        sdkappid: u64,
        identifier: &str,
        keys: impl IntoIterator<Item = K>,
        now: i64,
    ) -> Result<(), UserSigDenied> {
        if self.sdkappid != sdkappid {
            return Err(UserSigDenied::OtherApplication { signed: self.sdkappid, asked: sdkappid });
        }
        if self.identifier != identifier {
            let (signed, asked) = (self.identifier.clone(), identifier.to_owned());
            return Err(UserSigDenied::OtherIdentifier { signed, asked });
        }
        if !keys.into_iter().any(|key| self.is_signed_with(key.as_ref())) {
            return Err(UserSigDenied::WrongSignature);
        }
        let seconds_ago = now.saturating_sub(self.valid_until());
        if seconds_ago > 0 {
            return Err(UserSigDenied::Expired { seconds_ago });
        }
        let seconds_ahead = self.time.saturating_sub(now);
        if seconds_ahead > FUTURE_MAX_SECONDS {
            return Err(UserSigDenied::FromTheFuture { seconds_ahead });
        }
        Ok(())
    }

    /// The user that it was made for.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// The application that it was made for.
    pub fn sdkappid(&self) -> u64 {
        self.sdkappid
    }

    /// When it was made, in Unix seconds.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// For how many seconds from then it is valid; negative in one that never was.
    pub fn expire(&self) -> i64 {
        self.expire
    }

    /// The last second in which it is valid, in Unix seconds.
    pub fn valid_until(&self) -> i64 {
        self.time.saturating_add(self.expire)
    }

    /// The userbuf as it stands in the JSON, in base64; one that is there is signed, even an empty one.
    pub fn userbuf(&self) -> Option<&str> {
        self.userbuf.as_deref()
    }

    fn signed_text(&self) -> String {
        signed_text(&self.identifier, self.sdkappid, self.time, self.expire, self.userbuf.as_deref())
    }

    fn is_signed_with(&self, key: &[u8]) -> bool {
        !key.is_empty() && equal_in_constant_time(&self.sig, &signature(key, &self.signed_text()))
    }
}

impl fmt::Debug for UserSig {
    /// Leaves the signature out: whoever reads it in a log could call in its owner's name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UserSig")
            .field("identifier", &self.identifier)
            .field("sdkappid", &self.sdkappid)
            .field("time", &self.time)
            .field("expire", &self.expire)
            .field("userbuf", &self.userbuf)
            .finish_non_exhaustive()
    }
}

/// Makes a `UserSig` that is valid from `now`, in Unix seconds, for `expire` seconds. The caller sees to it that the
/// identifier has no control character and the key is not empty: no server takes the result otherwise.
pub fn make(sdkappid: u64, key: &[u8], identifier: &str, expire: i64, now: i64, userbuf: Option<&[u8]>) -> String {
    let userbuf = userbuf.map(|bytes| STANDARD.encode(bytes));
    let sig = signature(key, &signed_text(identifier, sdkappid, now, expire, userbuf.as_deref()));
    let mut content = Vec::new();
    content.extend_from_slice(format!("{{\"{VERSION}\":\"2.0\",\"{IDENTIFIER}\":").as_bytes());
    Json::String(Cow::Borrowed(identifier)).write(&mut content);
    let numbers = format!(",\"{SDKAPPID}\":{sdkappid},\"{EXPIRE}\":{expire},\"{TIME}\":{now}");
    content.extend_from_slice(numbers.as_bytes());
    if let Some(userbuf) = userbuf {
        content.extend_from_slice(format!(",\"{USERBUF}\":\"{userbuf}\"").as_bytes());
    }
    content.extend_from_slice(format!(",\"{SIG}\":\"{sig}\"}}").as_bytes());
    to_base64(&deflate(&content))
}

fn signed_text(identifier: &str, sdkappid: u64, time: i64, expire: i64, userbuf: Option<&str>) -> String {
    let mut text = format!("{IDENTIFIER}:{identifier}\n{SDKAPPID}:{sdkappid}\n{TIME}:{time}\n{EXPIRE}:{expire}\n");
    if let Some(userbuf) = userbuf {
        text.extend([USERBUF, ":", userbuf, "\n"]);
    }
    text
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn signature(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn equal_in_constant_time(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn from_base64(text: &str) -> Result<Vec<u8>, Undecodable> {
    if text.len() > ENCODED_MAX {
        return Err(Undecodable::TooLong { bytes: text.len() });
    }
    let standard: Vec<u8> = text.bytes().map(standard_letter).collect();
    STANDARD.decode(standard).map_err(|error| match error {
        base64::DecodeError::InvalidByte(offset, _) => Undecodable::NotBase64 { offset },
        base64::DecodeError::InvalidLength(_) => Undecodable::Base64CutOff,
        base64::DecodeError::InvalidLastSymbol { .. } => Undecodable::LastLetter,
        base64::DecodeError::InvalidPadding => Undecodable::Padding,
    })
}

/// A blank is what a query decoder makes of a `+` that was sent unescaped.
fn standard_letter(letter: u8) -> u8 {
    match letter {
        b'*' | b' ' => b'+',
        b'-' => b'/',
        b'_' => b'=',
        other => other,
    }
}

fn to_base64(bytes: &[u8]) -> String {
    let letter = |letter| match letter {
        '+' => '*',
        '/' => '-',
        '=' => '_',
        other => other,
    };
    STANDARD.encode(bytes).chars().map(letter).collect()
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, Undecodable> {
    check_zlib_header(compressed)?;
    // One byte more than is allowed, to tell a content that just fits from one that does not.
    let mut content = vec![0; INFLATED_MAX + 1];
    let mut stream = Decompress::new(true);
    let status = stream.decompress(compressed, &mut content, FlushDecompress::Finish);
    let length = usize::try_from(stream.total_out()).unwrap_or(usize::MAX);
    let taken = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
    if length > INFLATED_MAX {
        return Err(Undecodable::InflatesTooFar);
    }
    match status {
        Ok(Status::StreamEnd) => {}
        Ok(Status::Ok | Status::BufError) => return Err(Undecodable::ZlibCutOff),
        Err(_) => return Err(Undecodable::DamagedZlib),
    }
    match compressed.len().saturating_sub(taken) {
        0 => {}
        bytes => return Err(Undecodable::AfterZlib { bytes }),
    }
    content.truncate(length);
    Ok(content)
}

/// Checked here and not left to the library, so that the rulings hold for whichever library flate2 is built with.
fn check_zlib_header(compressed: &[u8]) -> Result<(), Undecodable> {
    let (method, flags) = match compressed {
        [] => return Err(Undecodable::ZlibCutOff),
        [method] => (*method, None),
        [method, flags, ..] => (*method, Some(*flags)),
    };
    if method & 0x0f != 8 || method >> 4 > 7 {
        return Err(Undecodable::NotZlib);
    }
    let Some(flags) = flags else { return Err(Undecodable::ZlibCutOff) };
    if u16::from_be_bytes([method, flags]) % 31 != 0 {
        return Err(Undecodable::NotZlib);
    }
    if flags & 0x20 != 0 {
        return Err(Undecodable::PresetDictionary);
    }
    Ok(())
}

#[expect(clippy::expect_used, reason = "a vector takes all that is written to it")]
fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("a vector takes all that is written to it");
    encoder.finish().expect("a vector takes all that is written to it")
}

fn read_object(content: &[u8]) -> Result<Object<'_>, Undecodable> {
    let Json::Object(object) = Json::parse(content, NESTING_MAX).map_err(Undecodable::NotJson)? else {
        return Err(Undecodable::NotAnObject);
    };
    match object.repeated().first() {
        Some(member) => Err(Undecodable::Twice { member: (*member).to_owned() }),
        None => Ok(object),
    }
}

fn string<'o>(object: &'o Object<'_>, member: &str) -> Result<&'o str, Flaw> {
    match object.get(member) {
        None => Err(Flaw::Missing),
        Some(Json::String(text)) => Ok(text),
        Some(_) => Err(Flaw::NotA("a string")),
    }
}

fn version(object: &Object<'_>) -> Result<(), Flaw> {
    if string(object, VERSION)? == "2.0" { Ok(()) } else { Err(Flaw::OtherVersion) }
}

fn identifier(object: &Object<'_>) -> Result<String, Flaw> {
    let text = string(object, IDENTIFIER)?;
    if text.chars().any(char::is_control) { Err(Flaw::ControlCharacter) } else { Ok(text.to_owned()) }
}

/// A published signer writes the number as a string. Only its exact decimal form is taken, because the signed text has
/// that form.
fn sdkappid(object: &Object<'_>) -> Result<u64, Flaw> {
    const WANTED: Flaw = Flaw::NotA("an integer");
    let text = match object.get(SDKAPPID).ok_or(Flaw::Missing)? {
        Json::String(text) => text.as_ref(),
        json @ Json::Number(text) => match json.integer().ok_or(WANTED)? {
            Integer::Fits(value @ 0..) => return u64::try_from(value).map_err(|_| Flaw::OutOfRange),
            Integer::TooLarge => text,
            Integer::Fits(_) | Integer::TooSmall => return Err(Flaw::OutOfRange),
        },
        _ => return Err(WANTED),
    };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) || (text.starts_with('0') && text != "0") {
        return Err(WANTED);
    }
    text.parse().map_err(|_| Flaw::OutOfRange)
}

fn seconds(object: &Object<'_>, member: &str, least: i64) -> Result<i64, Flaw> {
    match object.get(member).ok_or(Flaw::Missing)?.integer() {
        Some(Integer::Fits(value)) if (least..=SECONDS_MAX).contains(&value) => Ok(value),
        Some(_) => Err(Flaw::OutOfRange),
        None => Err(Flaw::NotA("an integer")),
    }
}

fn userbuf(object: &Object<'_>) -> Result<Option<String>, Flaw> {
    if object.get(USERBUF).is_none() {
        return Ok(None);
    }
    let text = string(object, USERBUF)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n');
    if text.bytes().all(allowed) { Ok(Some(text.to_owned())) } else { Err(Flaw::NotBase64) }
}

/// A foreign text for a message: quoted, without raw control characters, and short.
fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 64;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
