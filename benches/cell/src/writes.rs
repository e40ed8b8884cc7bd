//! What is sent: a guest who checks in, a case that is opened. Each has an id of its own, and is the same however often it is sent.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// A write, ready to be sent.
pub struct Write {
    /// Its id.
    pub id: Uuid,
    /// The request, head and body.
    pub request: Vec<u8>,
}

/// Who writes, and where.
#[derive(Clone)]
pub enum Kind {
    /// A telephone at the doors of venues.
    CheckIn {
        /// Short code of their authority.
        authority: String,
        /// Their ids.
        venues: Vec<String>,
    },
    /// A case worker.
    Case {
        /// The key with which they come.
        bearer: String,
    },
}

impl Kind {
    /// Makes a write, at a place that a number chooses.
    pub fn write(&self, host: &str, number: usize) -> Write {
        let id = new_id();
        match self {
            Self::CheckIn { authority, venues } => {
                let body = json!({
                    "authority": authority, "venue_id": venues[number % venues.len()], "area_id": null,
                    "visits": [{
                        "visit_id": id, "secret": BASE64_URL_SAFE_NO_PAD.encode(random::<16>()),
                        "arrived_at": Timestamp::now().to_string(), "leaves_at": null, "name": format!("Rosa Warrendell {number}"),
                        "phone": "+49 621 12345678", "email": null, "address": null, "household": 0,
                    }],
                });
                Write { id, request: request(host, "/api/v1/check-ins", "", &body.to_string()) }
            }
            Self::Case { bearer } => {
                let name: String = random::<8>().iter().map(|byte| char::from(b'a' + byte % 26)).collect();
                let tested = Timestamp::now().strftime("%Y-%m-%d").to_string();
                let body = json!({
                    "case_id": id, "person_id": new_id(), "person_is_known": false, "case_type": "index",
                    "details": {"first_name": "Bench", "last_name": name, "tested": tested},
                });
                let bearer = format!("authorization: Bearer {bearer}\r\n");
                Write { id, request: request(host, "/api/v1/cases", &bearer, &body.to_string()) }
            }
        }
    }
}

fn request(host: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

fn new_id() -> Uuid {
    let ms = u64::try_from(Timestamp::now().as_millisecond()).unwrap();
    uuid::Builder::from_unix_timestamp_millis(ms, &random()).into_uuid()
}
