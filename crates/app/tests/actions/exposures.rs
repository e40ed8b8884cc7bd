use super::*;
use app::exposures::{Around, FullQuery};
use domain::contacts::{Contact, ContactKind};
use domain::diseases::Disease;
use domain::ids::ContactId;
use domain::rules::RuleSet;
use domain::time::{DayRange, Window};
use jiff::civil::date;
use testkit::contract;

pub async fn declare(bench: &Bench, by: &str, met: &str, kind: ContactKind) {
    let mut tx = bench.kit.write().await;
    let known = storage::persons::by_reference(&mut tx, &[by, met]).await.unwrap();
    let contact = Contact {
        contact_id: ContactId::mint(now(), bench.kit.random()),
        declared_by: known[by],
        met: known[met],
        kind,
        days: DayRange { first: date(2026, 1, 5), last: date(2026, 1, 5) },
    };
    storage::contacts::insert(&mut tx, &[contact], now()).await.unwrap();
    tx.commit().await.unwrap();
}

contract! {
    /// One hour in three sources is one hour, one row, three pieces of evidence; each piece counts.
    async fn somebody_exposed_by_declaration_visit_and_device_is_one_row_with_three_pieces(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-05\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,C,X\n").await;
        let by_device = bench.exposed("C").await;
        bench.import(Kind::Visits, STAYED, "person,venue,area,from,until\n\
            C,Café,,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\nX,Café,,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\n").await;
        let with_visit = bench.exposed("C").await;
        declare(&bench, "C", "X", ContactKind::FaceToFace).await;
        let all = bench.exposed("C").await;
        assert_eq!(ids(&all), ["X"]);
        assert_eq!(all[0].minutes, Some(60.0));
        let mut kinds: Vec<&str> = all[0].score.parts.iter().map(|part| part.kind.word()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["contact", "encounter", "visit"]);
        assert!(by_device[0].score.total < with_visit[0].score.total);
        assert!(with_visit[0].score.total < all[0].score.total);
        assert_eq!(all[0].close_contact, Some(true));
    }

    async fn only_the_infectious_days_count_and_local_midnight_bounds_them(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-05\n").await;
        // Infectious from 3 January, which begins at 23:00 UTC on the 2nd in Berlin.
        bench.import(Kind::Encounters, MET, "from,until,a,b\n\
            2026-01-02T22:00:00Z,2026-01-02T22:59:00Z,C,before\n2026-01-02T22:30:00Z,2026-01-02T23:30:00Z,C,across\n\
            2026-01-15T22:00:00Z,2026-01-15T22:30:00Z,last,C\n2026-01-15T23:00:00Z,2026-01-15T23:30:00Z,after,C\n").await;
        let found = bench.exposed("C").await;
        assert_eq!(ids(&found), ["across", "last"]);
        assert_eq!(found[0].minutes, Some(30.0), "only what lies in the infectious days");
    }

    async fn a_rule_set_of_the_authority_moves_the_window(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-05\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-02T12:00:00Z,2026-01-02T12:30:00Z,C,X\n").await;
        assert_eq!(bench.exposed("C").await.len(), 0);
        let mut rules = RuleSet::built_in(Disease::Covid19);
        (rules.version, rules.first) = (1, Some(date(2026, 1, 1)));
        rules.settings.infectious.days_before_onset = 3;
        let mut tx = bench.kit.write().await;
        storage::rule_sets::insert(&mut tx, &rules, bench.worker.account_id, now()).await.unwrap();
        tx.commit().await.unwrap();
        let found = bench.trace(&forward("C")).await;
        assert_eq!((ids(&found.persons), found.rule_version), (vec!["X"], 1));
        (rules.version, rules.first) = (2, Some(date(2026, 2, 1)));
        rules.settings.infectious.days_before_onset = 0;
        let mut tx = bench.kit.write().await;
        storage::rule_sets::insert(&mut tx, &rules, bench.worker.account_id, now()).await.unwrap();
        tx.commit().await.unwrap();
        let found = bench.trace(&forward("C")).await;
        assert_eq!((ids(&found.persons), found.rule_version), (vec!["X"], 1), "a later version changes nothing of January");
    }

    async fn without_case_or_onset_all_evidence_counts_and_a_window_given_wins(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n\
            2020-01-02T12:00:00Z,2020-01-02T12:30:00Z,A,old\n2026-01-02T12:00:00Z,2026-01-02T12:30:00Z,A,new\n").await;
        let found = bench.trace(&forward("A")).await;
        assert_eq!(found.persons.len(), 2);
        assert!(found.windows_because.contains("all evidence"));
        let window = Window::new("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
        let asked = ExposureQuery { window: Some(window.unwrap()), ..forward("A") };
        assert_eq!(ids(&bench.trace(&asked).await.persons), ["new"]);
    }

    async fn who_enters_before_the_room_is_aired_is_exposed_and_who_was_there_before_is_not(kit) {
        let bench = Bench::on(kit).await;
        let measles = ImportOptions { disease: Some(Disease::Measles), ..options(Kind::Cases, CASES) };
        bench.try_import(&measles, "id,onset\nC,2026-01-05\n").await.unwrap();
        bench.import(Kind::Visits, STAYED, "person,venue,area,from,until\n\
            C,Praxis,hall,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\n\
            before,Praxis,hall,2026-01-05T08:00:00Z,2026-01-05T10:00:00Z\n\
            next,Praxis,hall,2026-01-05T12:00:00Z,2026-01-05T12:30:00Z\n\
            late,Praxis,hall,2026-01-05T13:00:00Z,2026-01-05T14:00:00Z\n\
            upstairs,Praxis,lab,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\n").await;
        let asked = ExposureQuery { disease: Some(Disease::Measles), ..forward("C") };
        let found = bench.trace(&asked).await.persons;
        assert_eq!(ids(&found), ["next"]);
        assert_eq!(found[0].score.parts[0].kind.word(), "airing");
        let back = ExposureQuery { direction: SearchDirection::Backward, person: "next".to_owned(), ..asked };
        assert_eq!(ids(&bench.trace(&back).await.persons), ["C"], "the same seen from the other side");
    }

    async fn backward_only_those_who_were_infectious_then_may_be_the_source(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-20\nlongago,2025-11-01\nrecent,2026-01-12\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n\
            2026-01-14T12:00:00Z,2026-01-14T12:30:00Z,C,longago\n2026-01-14T12:00:00Z,2026-01-14T12:30:00Z,C,recent\n\
            2026-01-14T12:00:00Z,2026-01-14T12:30:00Z,C,newcomer\n2025-12-24T12:00:00Z,2025-12-24T12:30:00Z,C,tooearly\n").await;
        let back = ExposureQuery { direction: SearchDirection::Backward, ..forward("C") };
        let found = bench.trace(&back).await.persons;
        let mut known = ids(&found);
        known.sort_unstable();
        assert_eq!(known, ["newcomer", "recent"]);
    }

    async fn a_person_is_also_found_by_id_and_a_stranger_is_named_as_typed(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-02T12:00:00Z,2026-01-02T12:30:00Z,A,B\n").await;
        let mut tx = bench.kit.read().await;
        let id = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
        drop(tx);
        assert_eq!(ids(&bench.exposed(&id.to_string()).await), ["B"]);
        let refused = bench.app.exposures(&bench.worker, &forward("nobody")).await;
        assert!(matches!(refused, Err(AppError::NoPerson(name)) if name == "nobody"));
        let refused = bench.app.exposures(&bench.worker, &forward("Anna Meier")).await.unwrap_err();
        assert!(!refused.to_string().contains("Meier"), "a name is not repeated");
    }

    async fn a_page_gets_names_and_cases_of_those_whom_a_case_exposed(kit) {
        let bench = Bench::on(kit).await;
        let named = "id=id,onset=onset,last_name=last";
        bench.import(Kind::Cases, named, "id,onset,last\nC,2026-01-05,Zyx\nX,2026-01-09,Qvist\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,C,X\n").await;
        let (case_id, root) = cases::case_of(&bench, "C").await;
        let (of_x, x) = cases::case_of(&bench, "X").await;
        let query = FullQuery {
            around: Around::Case(case_id),
            direction: SearchDirection::Forward,
            generations: 1,
            disease: None,
        };
        let found = bench.app.exposures_in_full(&bench.worker, &query).await.unwrap();
        assert_eq!((found.exposures.root, found.n_total, found.reference.as_deref()), (root, 1, Some("C")));
        assert_eq!(found.names[&x].last_name.as_ref().unwrap().expose(), "Qvist");
        assert_eq!(found.cases[&x].case_id, of_x);
        assert!(!found.exposures.persons[0].outside);
        let backward = FullQuery { around: Around::Person(x), direction: SearchDirection::Backward, ..query };
        let found = bench.app.exposures_in_full(&bench.worker, &backward).await.unwrap();
        assert_eq!(found.exposures.persons.iter().map(|one| one.person).collect::<Vec<_>>(), [root]);
        let nobody = FullQuery { around: Around::Case(domain::ids::CaseId(x.0)), ..query };
        assert!(matches!(bench.app.exposures_in_full(&bench.worker, &nobody).await, Err(AppError::NotFound("case"))));
        let too_far = FullQuery { generations: 11, ..query };
        assert!(matches!(bench.app.exposures_in_full(&bench.worker, &too_far).await, Err(AppError::Invalid { .. })));
    }

    /// A window that was asked for may go beyond the infectious days; then it is said.
    async fn evidence_outside_the_infectious_days_is_marked(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-20\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n\
            2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,C,early\n2026-01-20T10:00:00Z,2026-01-20T11:00:00Z,C,ill\n").await;
        let query = ExposureQuery { window: Some(Window::ALWAYS), ..forward("C") };
        let found = bench.trace(&query).await.persons;
        let mut outside: Vec<(&str, bool)> = found.iter().map(|one| (one.id.as_str(), one.outside)).collect();
        outside.sort_unstable();
        assert_eq!(outside, [("early", true), ("ill", false)]);
    }

    async fn what_was_shown_is_audited_with_ids_and_no_names(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-02T12:00:00Z,2026-01-02T12:30:00Z,A,B\n").await;
        bench.exposed("A").await;
        bench.app.chain_audit(&bench.worker).await.unwrap();
        let found = bench.app.verify_audit(&bench.worker).await.unwrap();
        assert_eq!((found.n_checked, found.first_break), (2, None), "the import and the look");
    }
}
