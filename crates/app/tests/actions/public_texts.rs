//! What an authority tells everybody: read by anybody, required before the first invitation, kept in every version.

use super::*;
use app::public_texts::{ShownText, TextQuery};
use domain::authorities::ShortCode;
use domain::languages::Language;
use domain::public_texts::PublicTextKind;
use testkit::contract;

const PRIVACY: PublicTextKind = PublicTextKind::DataProtection;

async fn put(bench: &Bench, kind: PublicTextKind, language: Language, version: i32, text: Option<&str>) {
    let text = text.map(str::to_owned);
    bench.app.change_public_text(&bench.worker, (kind, language), version, text).await.unwrap();
}

async fn read(bench: &Bench, language: Option<Language>, version: Option<i32>) -> Result<ShownText, AppError> {
    bench.app.public_text(&ShortCode::local(), TextQuery { kind: PRIVACY, language, version }).await
}

async fn missing(bench: &Bench) -> Vec<PublicTextKind> {
    let mut tx = bench.kit.read().await;
    bench.app.missing_public_texts(&mut tx, &bench.worker.authority).await.unwrap()
}

async fn agreed_to(bench: &Bench, wanted: Option<Language>) -> Option<(Language, i32)> {
    let mut tx = bench.kit.read().await;
    bench.app.data_protection_version(&mut tx, &bench.worker.authority, wanted).await.unwrap()
}

contract! {
    async fn whoever_reads_sees_their_language_then_a_line_then_the_authoritys(kit) {
        let bench = Bench::on(kit).await;
        assert!(matches!(read(&bench, None, None).await, Err(AppError::NotFound("text"))));
        put(&bench, PRIVACY, Language::De, 0, Some("# Datenschutz")).await;
        put(&bench, PRIVACY, Language::Tr, 0, Some("# Gizlilik")).await;
        let turkish = read(&bench, Some(Language::Tr), None).await.unwrap();
        assert_eq!(turkish.html(), "<div lang=\"tr\">\n<h2>Gizlilik</h2>\n</div>\n<hr>\n<div lang=\"de\">\n<h2>Datenschutz</h2>\n</div>\n");
        let english = read(&bench, Some(Language::En), None).await.unwrap();
        assert_eq!(english.parts.iter().map(|part| part.language).collect::<Vec<_>>(), [Language::De]);
        let next = ShortCode::new("nowhere").unwrap();
        let unknown = bench.app.public_text(&next, TextQuery { kind: PRIVACY, language: None, version: None }).await;
        assert!(matches!(unknown, Err(AppError::NoAuthority(_))));
    }

    async fn what_somebody_agreed_to_is_shown_after_it_was_changed_and_after_it_was_taken_back(kit) {
        let bench = Bench::on(kit).await;
        put(&bench, PRIVACY, Language::De, 0, Some("Eins")).await;
        assert_eq!(agreed_to(&bench, Some(Language::En)).await, Some((Language::De, 1)), "in the authority's language");
        put(&bench, PRIVACY, Language::De, 1, Some("Zwei")).await;
        put(&bench, PRIVACY, Language::En, 0, Some("Two")).await;
        assert_eq!(agreed_to(&bench, Some(Language::En)).await, Some((Language::En, 1)));
        assert_eq!(agreed_to(&bench, None).await, Some((Language::De, 2)));
        put(&bench, PRIVACY, Language::De, 2, None).await;
        assert_eq!(agreed_to(&bench, Some(Language::Tr)).await, None);
        assert!(matches!(read(&bench, Some(Language::De), None).await, Err(AppError::NotFound("text"))));
        let first = read(&bench, Some(Language::De), Some(1)).await.unwrap();
        assert_eq!((first.parts[0].html.as_str(), first.parts[0].version), ("<p>Eins</p>\n", 1));
        let versions = bench.app.public_text_versions(&bench.worker, PRIVACY, Language::De).await.unwrap();
        assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(versions[0].changed.as_ref().unwrap().1, "test");
    }

    async fn the_four_texts_in_the_authoritys_language_are_required_and_what_it_offers_is_not(kit) {
        use PublicTextKind::{DataProtection, Imprint, Terms, Welcome};
        let required = [Welcome, Terms, Imprint, DataProtection];
        let bench = Bench::on(kit).await;
        assert_eq!(missing(&bench).await, required);
        for kind in PublicTextKind::ALL {
            put(&bench, *kind, Language::En, 0, Some("x")).await;
        }
        assert_eq!(missing(&bench).await, required, "the authority speaks German");
        for kind in &required {
            put(&bench, *kind, Language::De, 0, Some("x")).await;
        }
        assert_eq!(missing(&bench).await, []);
        put(&bench, Imprint, Language::De, 1, None).await;
        assert_eq!(missing(&bench).await, [Imprint]);
        let all = bench.app.public_texts(&bench.worker).await.unwrap();
        let needed = all.iter().filter(|text| text.is_required).map(|text| (text.kind, text.language));
        assert_eq!(needed.collect::<Vec<_>>(), required.map(|kind| (kind, Language::De)));
    }

    async fn a_mail_says_where_anybody_reads_who_writes_as_soon_as_that_is_written(kit) {
        let mut bench = Bench::on(kit).await;
        bench.app = bench.app.with_public_url("https://tracing.example.org");
        let mail = async || {
            let mut tx = bench.kit.write().await;
            let id = bench.app.queue_message(&mut tx, &bench.worker.authority, &messages::test_mail(None)).await.unwrap();
            tx.commit().await.unwrap();
            bench.app.message(&bench.worker, id).await.unwrap().content.unwrap()
        };
        assert!(!mail().await.text.expose().contains("/about/"));
        put(&bench, PublicTextKind::Imprint, Language::De, 0, Some("Wir")).await;
        let written = mail().await;
        assert!(written.text.expose().contains("https://tracing.example.org/LOCAL/about/imprint\n"));
        assert!(!written.text.expose().contains("/about/data_protection"));
        assert!(written.html.expose().contains(">Künye</a>"), "whoever gets it reads Turkish");
    }

    async fn two_who_write_at_once_do_not_overwrite_each_other(kit) {
        let bench = Bench::on(kit).await;
        put(&bench, PRIVACY, Language::De, 0, Some("Eins")).await;
        let late = bench.app.change_public_text(&bench.worker, (PRIVACY, Language::De), 0, Some("Zwei".to_owned())).await;
        assert!(matches!(late, Err(AppError::Conflict(_))));
        let empty = bench.app.change_public_text(&bench.worker, (PRIVACY, Language::De), 1, Some(" ".to_owned())).await;
        assert!(matches!(empty, Err(AppError::Invalid { field: "markup", .. })));
    }

    async fn the_demonstrations_authority_has_all_texts_in_german_and_in_english(kit) {
        let bench = Bench::on(kit).await;
        bench.app.make_public_texts(&bench.worker).await.unwrap();
        assert_eq!(missing(&bench).await, []);
        let there = bench.app.public_texts(&bench.worker).await.unwrap();
        let there = there.iter().filter(|text| text.markup.is_some()).map(|text| (text.kind, text.language));
        let wanted = PublicTextKind::ALL.iter().flat_map(|kind| [(*kind, Language::De), (*kind, Language::En)]);
        assert_eq!(there.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    }

    async fn answers_to_a_mail_go_to_the_address_on_the_letterhead_of_contacts_to_theirs(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\n").await;
        let (case_id, _) = cases::case_of(&bench, "A").await;
        let of = |text: &str| text.to_owned();
        let head = domain::letters::Letterhead {
            street: of("R1"),
            postcode: of("68161"),
            city: of("Mannheim"),
            phone_index: of("0621 1"),
            email: of("faelle@example.org"),
            email_contacts: of("kontakte@example.org"),
            ..Default::default()
        };
        bench.app.change_letterhead(&bench.worker, 0, head).await.unwrap();
        let answers_to = async || {
            let new = messages::test_mail(Some(case_id));
            let mut tx = bench.kit.write().await;
            let id = bench.app.queue_message(&mut tx, &bench.worker.authority, &new).await.unwrap();
            tx.commit().await.unwrap();
            bench.app.message(&bench.worker, id).await.unwrap().content.unwrap().reply_to
        };
        assert_eq!(answers_to().await.as_deref(), Some("faelle@example.org"));
        bench.kit.database.tamper("UPDATE outbreak_case SET case_type = 'contact'", bench.kit.authority_id).await;
        assert_eq!(answers_to().await.as_deref(), Some("kontakte@example.org"));
    }
}
