use super::outbreak::query;
use super::*;
use testkit::contract;

fn counts(summary: &ImportSummary) -> (u64, u64, u64, u64) {
    (summary.stored, summary.updated, summary.already_there, summary.refused)
}

fn reasons(summary: &ImportSummary) -> Vec<String> {
    summary.first_refusals.iter().map(|(row, reason)| format!("{row}: {reason}")).collect()
}

contract! {
    async fn the_same_values_again_are_already_there_and_others_are_refused(kit) {
        let bench = Bench::on(kit).await;
        let columns = "id=id,onset=onset,sex=sex,last_name=name";
        let text = "id,onset,sex,name\nSK_1,2015-05-11,M,Zyx\n";
        assert_eq!(counts(&bench.import(Kind::Cases, columns, text).await), (1, 0, 0, 0));
        assert_eq!(counts(&bench.import(Kind::Cases, columns, text).await), (0, 0, 1, 0));
        let other = "id,onset,sex,name\nSK_1,2015-05-12,M,Zyx\n";
        let refused = bench.import(Kind::Cases, columns, other).await;
        assert_eq!(reasons(&refused), ["2: SK_1 exists with another onset"]);
        let renamed = "id,onset,sex,name\nSK_1,2015-05-11,M,Xyz\n";
        let refused = bench.import(Kind::Cases, columns, renamed).await;
        assert_eq!(reasons(&refused), ["2: SK_1 exists with another last_name"], "the name itself is not repeated");
    }

    async fn with_update_other_values_are_taken_and_stand_in_history(kit) {
        let bench = Bench::on(kit).await;
        let columns = "id=id,onset=onset,last_name=name";
        bench.import(Kind::Cases, columns, "id,onset,name\nA,2026-01-05,Zyx\n").await;
        let update = ImportOptions { update: true, ..options(Kind::Cases, columns) };
        let done = bench.try_import(&update, "id,onset,name\nA,2026-01-06,Xyz\n").await.unwrap();
        assert_eq!(counts(&done), (0, 1, 0, 0));
        let mut tx = bench.kit.read().await;
        let person = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
        let changes = storage::history::of_person(&mut tx, &bench.kit.sealer, person).await.unwrap();
        let said: Vec<_> = changes
            .iter()
            .map(|c| (c.field.as_str(), c.before.as_ref().map(|v| v.expose().as_str()), c.after.as_ref().map(|v| v.expose().as_str())))
            .collect();
        assert!(said.contains(&("created", None, None)));
        assert!(said.contains(&("onset", Some("2026-01-05"), Some("2026-01-06"))));
        assert!(said.contains(&("last_name", Some("Zyx"), Some("Xyz"))));
        assert!(storage::persons::changes_since(&mut tx, 0).await.unwrap().len() >= 2);
    }

    /// What a file leaves open says nothing.
    async fn a_file_with_fewer_columns_changes_nothing(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,age=age", "id,onset,age\nA,2026-01-05,40\n").await;
        let again = bench.import(Kind::Cases, "id=id,onset=onset,age=age", "id,onset,age\nA,2026-01-05,\n").await;
        assert_eq!(counts(&again), (0, 0, 1, 0));
    }

    async fn the_second_row_with_a_reference_is_refused_and_names_the_first(kit) {
        let bench = Bench::on(kit).await;
        let done = bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\n\nA,2026-01-05\n").await;
        assert_eq!(reasons(&done), ["4: A stands in row 2 already"]);
    }

    async fn strict_stores_nothing_if_one_row_is_bad_and_everything_otherwise(kit) {
        let bench = Bench::on(kit).await;
        let strict = ImportOptions { strict: true, ..options(Kind::Cases, CASES) };
        let bad = bench.try_import(&strict, "id,onset\nA,2026-01-05\nB,2026-02-30\n").await.unwrap();
        assert!(!bad.committed);
        assert_eq!(bench.app.outbreak_report(&bench.worker, &query()).await.unwrap().cases, 0);
        let good = bench.try_import(&strict, "id,onset\nA,2026-01-05\nB,2026-02-28\n").await.unwrap();
        assert!(good.committed);
        assert_eq!(bench.app.outbreak_report(&bench.worker, &query()).await.unwrap().cases, 2);
    }

    async fn days_that_cannot_be_are_refused_with_their_field(kit) {
        let bench = Bench::on(kit).await;
        let text = "id,onset,died,tested\n1,2026-01-05,2026-01-04,\n2,2027-01-05,,\n3,03/04/2020,,\n4,,,2026-01-03\n";
        let done = bench.import(Kind::Cases, "id=id,onset=onset,died=died,tested=tested", text).await;
        assert_eq!(done.stored, 1);
        assert_eq!(reasons(&done)[0], "2: died is before onset");
        assert_eq!(reasons(&done)[1], "3: onset lies in the future");
        assert!(reasons(&done)[2].contains("--date-format"), "{:?}", reasons(&done)[2]);
    }

    async fn a_name_is_no_reference(kit) {
        let bench = Bench::on(kit).await;
        let done = bench.import(Kind::Cases, CASES, "id,onset\nAnna Meier,2026-01-05\n").await;
        assert_eq!(done.refused, 1);
        assert!(!reasons(&done)[0].contains("Meier"), "{:?}", reasons(&done)[0]);
    }

    async fn a_person_known_from_encounters_becomes_a_case_without_a_second_person(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-02T09:00:00Z,2026-01-02T10:00:00Z,A,B\n").await;
        let mut tx = bench.kit.read().await;
        let before = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap();
        drop(tx);
        let done = bench.import(Kind::Cases, "id=id,onset=onset,sex=sex", "id,onset,sex\nA,2026-01-01,f\n").await;
        assert_eq!(counts(&done), (1, 0, 0, 0));
        let mut tx = bench.kit.read().await;
        assert_eq!(storage::persons::by_reference(&mut tx, &["A"]).await.unwrap(), before);
    }

    async fn slices_unite_and_importing_two_overlapping_halves_counts_each_minute_once(kit) {
        let bench = Bench::on(kit).await;
        let sensors = ImportOptions {
            interval: Some(jiff::SignedDuration::from_secs(20)),
            ..options(Kind::Encounters, "time=1,a=2,b=3")
        };
        let first = bench.try_import(&sensors, "1767348000\tA\tB\n1767348020\tB\tA\n1767348060\tA\tB\n").await.unwrap();
        assert_eq!(counts(&first), (3, 0, 0, 0));
        let second = bench.try_import(&sensors, "1767348020\tA\tB\n1767348040\tA\tB\n1767348060\tA\tB\n").await.unwrap();
        assert_eq!(counts(&second), (1, 0, 2, 0));
        let exposed = bench.exposed("A").await;
        assert_eq!(exposed[0].minutes, Some(80.0 / 60.0));
        assert_eq!(exposed[0].score.parts[0].n_pieces, 1, "one spell");
    }

    async fn nobody_meets_or_infects_themselves(kit) {
        let bench = Bench::on(kit).await;
        let met = bench.import(Kind::Encounters, MET, "from,until,a,b\n2026-01-02T09:00:00Z,2026-01-02T10:00:00Z,A,A\n").await;
        assert_eq!((met.refused, met.stored), (1, 0));
        let infected = bench.import(Kind::Infections, "from=f,to=t", "f,t\nA,A\n").await;
        assert_eq!(reasons(&infected), ["2: nobody infects themselves"]);
    }

    async fn a_link_refused_once_is_stored_later_and_then_no_longer_counted_as_refused(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, CASES, "id,onset\nA,2026-01-05\n").await;
        let link = "f,t,s\nA,B,school\n";
        let refused = bench.import(Kind::Infections, "from=f,to=t,setting=s", link).await;
        assert_eq!(reasons(&refused), ["2: nobody here is known as B"]);
        bench.import(Kind::Cases, CASES, "id,onset\nB,2026-01-09\n").await;
        bench.import(Kind::Infections, "from=f,to=t,setting=s", link).await;
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        assert_eq!((report.links, report.links_rejected), (1, 0));
        let other = bench.import(Kind::Infections, "from=f,to=t,setting=s", "f,t,s\nA,B,work\n").await;
        assert_eq!(reasons(&other), ["2: A → B exists with another setting"]);
    }

    async fn a_visit_with_another_end_is_refused_unless_it_may_update(kit) {
        let bench = Bench::on(kit).await;
        let stay = |until: &str| format!("person,venue,area,from,until\nA,Café,,2026-01-02 10:00,2026-01-02 {until}\n");
        bench.import(Kind::Visits, STAYED, &stay("11:00")).await;
        assert_eq!(counts(&bench.import(Kind::Visits, STAYED, &stay("11:00")).await), (0, 0, 1, 0));
        let refused = bench.import(Kind::Visits, STAYED, &stay("12:00")).await;
        assert_eq!(reasons(&refused), ["2: A has this visit with another until"]);
        let update = ImportOptions { update: true, ..options(Kind::Visits, STAYED) };
        assert_eq!(counts(&bench.try_import(&update, &stay("12:00")).await.unwrap()), (0, 1, 0, 0));
    }

    async fn a_workbook_with_real_dates_serial_numbers_and_text_in_one_column_is_read(kit) {
        let bench = Bench::on(kit).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_row(0, 0, ["nr", "onset"]).unwrap();
        sheet.write_number(1, 0, 1).unwrap();
        sheet.write_with_format(1, 1, rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 3, 1).unwrap(), &format).unwrap();
        sheet.write_number(2, 0, 2).unwrap();
        sheet.write_number(2, 1, 43_892).unwrap();
        sheet.write_number(3, 0, 3).unwrap();
        sheet.write_string(3, 1, "2020-03-03").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let options = options(Kind::Cases, "id=nr,onset=onset");
        let done = bench.app.import(&bench.worker, Cursor::new(bytes), &options, None, &mut |_| ()).await.unwrap();
        assert_eq!(done.stored, 3, "{:?}", done.first_refusals);
        let report = bench.app.outbreak_report(&bench.worker, &query()).await.unwrap();
        let days: Vec<&str> = report.epi_curve_by_onset.iter().map(|day| day.date.as_str()).collect();
        assert_eq!(days, ["2020-03-01", "2020-03-02", "2020-03-03"]);
    }
}
