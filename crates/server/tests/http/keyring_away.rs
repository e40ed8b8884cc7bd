//! A keyring that another process holds, while that is away: what needs it is refused for now, all else goes on.

use crate::check_ins::{body, guest};
use crate::site::Site;
use crate::venues::owner;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use storage::sealing::{Answer, Ask, Asks, Elsewhere, KeyFolder, Keyring, Keys, Later, Opener, SealingError, Standing};
use testkit::contract;

const NOON: &str = "2026-03-01T12:00:00Z";

/// The process, as far as a server sees it: it answers from a folder, or not at all.
struct Process {
    folder: KeyFolder,
    is_away: Arc<AtomicBool>,
}

impl Asks for Process {
    fn ask(&self, ask: Ask) -> Later<'_, Result<Answer, SealingError>> {
        Box::pin(async move {
            if self.is_away.load(Ordering::SeqCst) {
                return Err(SealingError::Away("it isn't reached".to_owned()));
            }
            self.folder.answer(&ask)
        })
    }

    fn standings(&self) -> Later<'_, Vec<(String, Result<Standing, SealingError>)>> {
        Box::pin(async { vec![("keys-1:7374".to_owned(), Err(SealingError::Away("it isn't reached".to_owned())))] })
    }
}

contract! {
    async fn check_ins_and_names_go_on_and_a_list_is_refused_for_now(kit) {
        let site = Site::on(kit).await;
        let is_away = Arc::new(AtomicBool::new(false));
        let folder = Keyring::open(&site.kit.keyring(), Opener::Auto).unwrap().into();
        let process = Process { folder, is_away: Arc::clone(&is_away) };
        site.app.take_keys(Keys::Elsewhere(Elsewhere::open(Box::new(process)).await.unwrap()));
        let site = site.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        phone.post("/check-ins", body(&venue_id, &[guest(1, NOON)])).await.ok(201);
        is_away.store(true, Ordering::SeqCst);
        phone.post("/check-ins", body(&venue_id, &[guest(2, NOON)])).await.ok(201);
        let own = rosa.get(&format!("/own-venues/{venue_id}")).await.ok(200);
        assert_eq!(own["venue"]["name"], "Café Rosa", "what the server holds in memory opens");
        site.wait_min(60);
        rosa.sign_in("rosa@example.org", crate::site::PASSWORD, Some(&site.code(&totp))).await.ok(200);
        let lists = format!("/own-venues/{venue_id}/guest-lists");
        let wanted = json!({ "from": NOON, "until": "2026-03-01T13:00:00Z", "area_id": null, "reason": "infection_reported", "note": null });
        let refused = rosa.post(&lists, wanted.clone()).await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
        assert!(refused.text.contains("the keyring is away"), "{}", refused.text);
        assert_eq!(rosa.get(&lists).await.ok(200)["openings_left"], 5, "it isn't counted");
        let coming = guest(3, "2026-03-01T13:00:00Z");
        phone.post("/check-ins", body(&venue_id, &[coming])).await.ok(201);
        assert!(site.app.keep_days().await.is_err(), "the next turn tries again");
        is_away.store(false, Ordering::SeqCst);
        site.app.keep_days().await.unwrap();
        let list = rosa.post(&lists, wanted).await.ok(201);
        assert_eq!(list["entries"].as_array().unwrap().len(), 2, "who came meanwhile is on it");
    }
}
