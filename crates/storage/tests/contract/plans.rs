//! "Who was with X" costs its answer, not the store: the plans follow keys. Nothing here is timed.

use super::cases::case;
use super::duplicates::with;
use domain::contacts::{Contact, ContactKind};
use domain::diseases::Disease;
use domain::duplicates::{Token, TokenKind};
use domain::encounters::Spell;
use domain::ids::{ContactId, FacilityId, LinkId, PersonId, VisitId};
use domain::infections::InfectionLink;
use domain::persons::Personal;
use domain::references::Reference;
use domain::time::{DayRange, Window};
use domain::visits::Visit;
use jiff::Timestamp;
use jiff::civil::date;
use storage::encounters::{self, Encounter};
use storage::plans::WATCHED;
use storage::{cases, contacts, duplicates, infections, persons, visits};
use testkit::kit::now;
use testkit::{Kind, Kit, contract};

const N_PERSONS: usize = 300;

/// Fills the tables, so that there are statistics to plan with.
async fn fill(kit: &Kit) {
    let ids: Vec<PersonId> = (0..N_PERSONS).map(|_| PersonId::mint(now(), kit.random())).collect();
    let references: Vec<_> =
        ids.iter().enumerate().map(|(i, id)| (Reference::new(&format!("P{i}")).unwrap(), *id)).collect();
    let pairs = || ids.iter().zip(&ids[1..]);
    let window = |i: usize| {
        let from = 1_767_225_600 + 3_600 * i64::try_from(i % 300).unwrap();
        Window::new(Timestamp::from_second(from).unwrap(), Timestamp::from_second(from + 600).unwrap()).unwrap()
    };
    let met: Vec<Encounter> = pairs()
        .enumerate()
        .map(|(i, (a, b))| Encounter { person: *a, other: *b, spell: Spell { window: window(i), distance_m: None } })
        .collect();
    let links: Vec<InfectionLink> = pairs()
        .map(|(a, b)| InfectionLink {
            link_id: LinkId::mint(now(), kit.random()),
            infector: *a,
            infected: *b,
            setting: None,
            infected_on: None,
        })
        .collect();
    let day = DayRange { first: date(2026, 1, 1), last: date(2026, 1, 1) };
    let declared: Vec<Contact> = pairs()
        .map(|(a, b)| Contact {
            contact_id: ContactId::mint(now(), kit.random()),
            declared_by: *a,
            met: *b,
            kind: ContactKind::Other,
            days: day,
        })
        .collect();
    let stays: Vec<Visit> = ids
        .iter()
        .enumerate()
        .map(|(i, id)| Visit {
            visit_id: VisitId::mint(now(), kit.random()),
            person: *id,
            facility: FacilityId::mint(now(), [u8::try_from(i % 100).unwrap(); 10]),
            area: String::new(),
            stay: window(i),
        })
        .collect();
    let own: Vec<_> = ids
        .iter()
        .map(|id| cases::Case {
            case_id: domain::ids::CaseId::mint(now(), kit.random()),
            ..case(1, *id, Disease::Mers)
        })
        .collect();
    let token = |i: usize| Token { kind: TokenKind::ALL[i % 4], text: Personal::new((i / 8).to_string()) };
    let tokens: Vec<_> = ids.iter().enumerate().map(|(i, id)| with(*id, &[token(i), token(i + 1)])).collect();
    let mut tx = kit.write().await;
    duplicates::insert(&mut tx, &kit.sealer, &tokens).await.unwrap();
    persons::insert_references(&mut tx, &references).await.unwrap();
    persons::insert_unknown(&mut tx, &ids, now()).await.unwrap();
    cases::insert(&mut tx, &kit.sealer, &own, now()).await.unwrap();
    infections::insert(&mut tx, &links, now()).await.unwrap();
    contacts::insert(&mut tx, &declared, now()).await.unwrap();
    encounters::insert(&mut tx, &met, date(2026, 1, 1)).await.unwrap();
    visits::insert(&mut tx, &stays, date(2026, 1, 1)).await.unwrap();
    tx.commit().await.unwrap();
}

contract! {
    async fn the_statements_of_a_search_follow_keys_and_scan_no_table(kit) {
        fill(&kit).await;
        for statement in WATCHED {
            let (text, scan) = match kit.database.kind {
                Kind::Sqlite => (statement.sqlite, "SCAN "),
                Kind::Postgres => (statement.postgres, "Seq Scan on "),
            };
            let plan = kit.database.plan(text, kit.authority_id).await;
            // Lists that were passed in are read from end to end, of course, and so is a part of the statement with a plan
            // of its own, which stands here too.
            let is_part = |line: &str| {
                let name = line.split(scan).nth(1).unwrap_or_default();
                line.contains("VIRTUAL TABLE") || plan.lines().any(|other| other.ends_with(&format!("CO-ROUTINE {name}")))
            };
            let scans = plan.lines().filter(|line| line.contains(scan) && !is_part(line));
            assert_eq!(scans.collect::<Vec<_>>(), [""; 0], "{text}\n{plan}");
        }
    }
}
