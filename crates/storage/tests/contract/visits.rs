use super::encounters::window;
use domain::ids::{FacilityId, PersonId, VisitId};
use domain::visits::Visit;
use jiff::civil::date;
use storage::visits;
use testkit::kit::now;
use testkit::{Kit, contract};

fn stay(kit: &Kit, person: PersonId, area: &str, from: &str, until: &str) -> Visit {
    Visit {
        visit_id: VisitId::mint(now(), kit.random()),
        person,
        facility: FacilityId::mint(now(), [1; 10]),
        area: area.to_owned(),
        stay: window(from, until),
    }
}

contract! {
    async fn a_visit_that_ends_as_the_window_opens_is_not_listed(kit) {
        let person = kit.person("A").await;
        let early = stay(&kit, person, "", "2T09:00:00", "2T10:00:00");
        let overstayed = stay(&kit, person, "", "2T09:30:00", "2T10:01:00");
        let later = stay(&kit, person, "", "2T11:00:00", "2T12:00:00");
        let elsewhere = stay(&kit, person, "ward", "2T09:00:00", "2T12:00:00");
        let mut tx = kit.write().await;
        visits::insert(&mut tx, &[early.clone(), overstayed.clone(), later, elsewhere], date(2026, 1, 3)).await.unwrap();
        let found = visits::in_area(&mut tx, early.facility, "", &window("2T10:00:00", "2T11:00:00")).await.unwrap();
        assert_eq!(found, [overstayed]);
    }

    async fn a_stay_of_days_is_found_on_each_of_them_once(kit) {
        let person = kit.person("A").await;
        let long = stay(&kit, person, "ward", "1T22:00:00", "5T02:00:00");
        let mut tx = kit.write().await;
        visits::insert(&mut tx, std::slice::from_ref(&long), date(2026, 1, 3)).await.unwrap();
        for asked in [window("3T10:00:00", "3T11:00:00"), window("1T23:00:00", "5T01:00:00"), window("5T00:00:00", "5T12:00:00")] {
            assert_eq!(visits::in_area(&mut tx, long.facility, "ward", &asked).await.unwrap(), [long.clone()]);
        }
        assert_eq!(visits::of_persons(&mut tx, &[person]).await.unwrap(), [long]);
    }

    async fn moving_the_end_moves_the_days_on_which_it_is_found(kit) {
        let person = kit.person("A").await;
        let long = stay(&kit, person, "", "1T22:00:00", "5T02:00:00");
        let mut tx = kit.write().await;
        visits::insert(&mut tx, std::slice::from_ref(&long), date(2026, 1, 3)).await.unwrap();
        let shorter = window("1T22:00:00", "2T02:00:00");
        visits::move_end(&mut tx, &long, shorter.until()).await.unwrap();
        let on = |from, until| window(from, until);
        assert_eq!(visits::in_area(&mut tx, long.facility, "", &on("4T00:00:00", "4T12:00:00")).await.unwrap(), []);
        let found = visits::in_area(&mut tx, long.facility, "", &on("2T00:00:00", "2T12:00:00")).await.unwrap();
        assert_eq!(found, [Visit { stay: shorter, ..long }]);
    }
}
