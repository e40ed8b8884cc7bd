//! What one side of a keyring tells the other: keys in clear, for the one connection that proved to be the other side.
//!
//! It is in memory and on that wire, never in a file or a log.

use super::at_rest::{hex, unhex};
use super::keyring::{DataKey, KeyInfo};
use domain::ids::AuthorityId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// Thirty-two secret bytes, which travel in hexadecimal and print as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Zeroizing<[u8; 32]>);

impl From<Zeroizing<[u8; 32]>> for Secret {
    fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(hex(&self.0[..])))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = unhex(&text).map(Zeroizing::new).and_then(|bytes| <[u8; 32]>::try_from(&bytes[..]).ok());
        bytes.map(|bytes| Self(Zeroizing::new(bytes))).ok_or_else(|| D::Error::custom("not 32 bytes"))
    }
}

/// A data key of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldKey {
    /// Whose, which and since when.
    pub info: KeyInfo,
    /// The key.
    pub bytes: Secret,
}

/// A key of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldDay {
    /// Whose.
    pub authority_id: AuthorityId,
    /// Which day.
    pub day: Date,
    /// From when on it must be gone.
    pub ends_at: Timestamp,
    /// The public half, hexadecimal.
    pub public: String,
    /// The other.
    pub private: Secret,
    /// How often this day's keys were destroyed before it was made.
    pub generation: u32,
    /// Whether its period was longer once.
    pub shortened: bool,
}

/// A day whose keys are destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldEnd {
    /// Whose.
    pub authority_id: AuthorityId,
    /// Which day.
    pub day: Date,
    /// Keys of lower generations are gone.
    pub below: u32,
}

/// Days of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldDays {
    /// Their keys.
    pub keys: Vec<HeldDay>,
    /// Which are destroyed.
    pub destroyed: Vec<HeldEnd>,
}

/// What a side holds, or what of it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Data keys of authorities.
    pub data_keys: Vec<HeldKey>,
    /// Days on which guests arrived.
    pub arrivals: HeldDays,
    /// Days on which visitors were handed in.
    pub uploads: HeldDays,
}

impl From<&DataKey> for HeldKey {
    fn from(key: &DataKey) -> Self {
        Self { info: key.info.clone(), bytes: key.bytes.clone().into() }
    }
}

impl From<&HeldKey> for DataKey {
    fn from(key: &HeldKey) -> Self {
        let KeyInfo { authority_id, key: number, created_at } = key.info;
        Self { info: KeyInfo { authority_id, key: number, created_at }, bytes: key.bytes.0.clone(), only_here: false }
    }
}
