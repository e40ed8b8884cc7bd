use super::exposures::declare;
use super::*;
use app::cases::CaseConditions;
use app::outbreak::{OutbreakQuery, OutbreakReport};
use domain::cases::CaseClassification;
use domain::contacts::ContactKind;
use domain::diseases::{Disease, SerialIntervalDays};
use testkit::contract;

pub fn query() -> OutbreakQuery {
    OutbreakQuery { disease: None, serial_interval: None, window_days: 7 }
}

const LINE_LIST: &str = include_str!("../../../../demo/mers_korea_2015_linelist.csv");
const LINKS: &str = include_str!("../../../../demo/mers_korea_2015_contacts.csv");
const HAGELLOCH: &str = include_str!("../../../contact-graph/tests/data/measles_hagelloch_1861.csv");

/// One line of the table of real outbreaks, with values computed by other programs.
fn compare(
    report: &OutbreakReport,
    (cases, links, generations, largest): (usize, usize, u32, usize),
    (n, mean, median, k): (usize, f64, f64, f64),
) {
    assert_eq!((report.cases, report.links), (cases, links));
    assert_eq!((report.generations, report.largest_chain), (generations, largest));
    let serial = &report.serial_interval;
    assert_eq!((serial.n, serial.median), (n, Some(median)));
    assert!((serial.mean.unwrap() - mean).abs() < 1e-3);
    assert!((report.dispersion_k.estimate.unwrap() - k).abs() < 5e-5);
}

contract! {
    async fn mers_in_korea_2015_and_measles_in_hagelloch_1861_have_the_published_figures(kit) {
        let bench = Bench::on(kit).await;
        let mers = |kind, columns| ImportOptions { disease: Some(Disease::Mers), ..options(kind, columns) };
        bench.try_import(&mers(Kind::Cases, "id=id,onset=dt_onset,reported=dt_report,age=age,sex=sex"), LINE_LIST).await.unwrap();
        bench.try_import(&mers(Kind::Infections, "from=from,to=to,setting=exposure"), LINKS).await.unwrap();
        let measles = |kind, columns| ImportOptions { disease: Some(Disease::Measles), ..options(kind, columns) };
        bench.try_import(&measles(Kind::Cases, "id=case_ID,onset=date_of_prodrome,age=age,sex=gender"), HAGELLOCH).await.unwrap();
        bench.try_import(&measles(Kind::Infections, "from=infector,to=case_ID"), HAGELLOCH).await.unwrap();

        let of = |disease| OutbreakQuery { disease: Some(disease), ..query() };
        let report = bench.app.outbreak_report(&bench.worker, &of(Disease::Mers)).await.unwrap();
        compare(&report, (162, 98, 3, 94), (98, 14.469, 14.0, 0.0204));
        let most: Vec<_> = report.offspring.most.iter().take(3).map(|s| (s.id.as_str(), s.n)).collect();
        assert_eq!(most, [("SK_14", 38), ("SK_1", 26), ("SK_16", 21)]);
        assert_eq!(report.reproduction_number_cori.serial_interval.as_ref().unwrap().source, "observed");
        let report = bench.app.outbreak_report(&bench.worker, &of(Disease::Measles)).await.unwrap();
        compare(&report, (188, 184, 5, 173), (184, 10.391, 10.0, 0.2547));
    }

    async fn what_the_data_cannot_carry_is_null_with_a_reason(kit) {
        let bench = Bench::on(kit).await;
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["cases"], 0);
        for key in ["serial_interval", "offspring", "dispersion_k", "secondary_attack_rate", "reproduction_number_cori"] {
            assert!(json[key]["reason"].is_string(), "{key}: {}", json[key]);
        }
        assert!(json["serial_interval"]["mean"].is_null());
    }

    async fn a_serial_interval_given_goes_before_the_profile(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\nB,2026-01-20\n").await;
        let source = |report: OutbreakReport| report.reproduction_number_cori.serial_interval.unwrap().source;
        assert_eq!(source(bench.app.outbreak_report(&bench.worker, &query()).await.unwrap()), "profile");
        let given = OutbreakQuery { serial_interval: Some(SerialIntervalDays { mean: 2.6, sd: 1.5 }), ..query() };
        assert_eq!(source(bench.app.outbreak_report(&bench.worker, &given).await.unwrap()), "given");
    }

    async fn where_only_one_disease_has_cases_it_is_the_one_that_is_meant(kit) {
        let bench = Bench::on(kit).await;
        let mers = ImportOptions { disease: Some(Disease::Mers), ..options(Kind::Cases, CASES) };
        bench.try_import(&mers, "id,onset\nA,2026-01-05\n").await.unwrap();
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        assert_eq!((report.disease.as_str(), report.cases), ("mers", 1));
        assert!(bench.trace(&forward("A")).await.windows_because.contains("mers"));
        bench.import(Kind::Cases, CASES, "id,onset\nB,2026-01-05\n").await;
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        assert_eq!(report.disease, "covid-19", "with two, the authority's");
    }

    async fn the_attack_rate_counts_the_exposed_at_risk_each_once(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nC,2026-01-05\nill,2026-01-10\nbefore,2026-01-01\n").await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,well,other\n").await;
        for met in ["ill", "well", "before"] {
            declare(&bench, "C", met, ContactKind::Household).await;
        }
        declare(&bench, "well", "C", ContactKind::Household).await;
        let rate = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap().secondary_attack_rate;
        // Who fell ill before the contact was not at risk of it; C, ill already when others were, neither.
        assert_eq!((rate.overall.new_cases, rate.overall.at_risk), (1, 2));
        assert_eq!((rate.by_kind[0].kind.as_str(), rate.overall.estimate), ("household", Some(0.5)));
    }

    async fn days_without_cases_are_zero_days(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\nB,2026-01-08\nC,\n").await;
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        let counts: Vec<u32> = report.epi_curve_by_onset.iter().map(|day| day.count).collect();
        assert_eq!((counts.as_slice(), report.cases_without_onset), (&[1, 0, 0, 1][..], 1));
    }

    async fn a_report_over_some_cases_counts_these_and_the_links_between_them(kit) {
        let bench = Bench::on(kit).await;
        let columns = "id=id,onset=onset,classification=class";
        let list = "id,onset,class\nA,2026-01-05,confirmed\nB,2026-01-09,confirmed\nC,2026-01-12,suspected\n";
        bench.import(Kind::Cases, columns, list).await;
        bench.import(Kind::Infections, "from=from,to=to", "from,to\nA,B\nB,C\n").await;
        declare(&bench, "A", "C", ContactKind::Household).await;
        let confirmed =
            CaseConditions { classification: Some(CaseClassification::Confirmed), ..CaseConditions::default() };
        let report = bench.app.outbreak_report_on(&bench.worker, &query(), &confirmed).await.unwrap();
        assert_eq!((report.cases, report.links, report.generations), (2, 1, 1));
        let attack = report.secondary_attack_rate.overall;
        assert_eq!((attack.new_cases, attack.at_risk), (1, 1), "who fell ill is known from all cases");
        let none = CaseConditions { setting: Some("nowhere".to_owned()), ..CaseConditions::default() };
        assert_eq!(bench.app.outbreak_report_on(&bench.worker, &query(), &none).await.unwrap().cases, 0);
    }

    async fn chains_draw_each_case_once_with_the_infector_nearest_to_the_beginning(kit) {
        let bench = Bench::on(kit).await;
        let columns = "id=id,onset=onset,sex=sex,place=place,died=died";
        let list = "id,onset,sex,place,died\nA,2026-01-05,f,Café,\nB,2026-01-09,m,,2026-01-30\nC,2026-01-12,,,\nD,2026-01-13,,,\n";
        bench.import(Kind::Cases, columns, list).await;
        let links = "from,to,setting\nA,B,school\nB,C,home\nA,C,bus\n";
        bench.import(Kind::Infections, "from=from,to=to,setting=setting", links).await;
        let any = CaseConditions::default();
        let chains = bench.app.outbreak_chains(&bench.worker, None, &any).await.unwrap();
        assert_eq!((chains.n_cases, chains.n_links, chains.n_without_link, chains.n_chains), (4, 3, 1, 1));
        assert!(!chains.too_many);
        let known: Vec<_> = chains
            .nodes
            .iter()
            .map(|node| (node.reference.as_deref().unwrap(), node.generation.unwrap(), node.n_infected, node.chain))
            .collect();
        assert_eq!(known, [("A", 0, 2, 1), ("B", 1, 1, 1), ("C", 1, 0, 1), ("D", 0, 0, 2)]);
        assert_eq!((chains.nodes[0].place.as_deref(), chains.nodes[1].died), (Some("Café"), true));
        assert_eq!(chains.nodes[2].setting.as_deref(), Some("bus"), "that of the link that is drawn");
        let drawn: Vec<&str> =
            chains.links.iter().filter(|link| link.first).filter_map(|link| link.setting.as_deref()).collect();
        assert_eq!(drawn.len(), 2);
        assert!(!drawn.contains(&"home"), "B is farther from the beginning than A");
    }
}
