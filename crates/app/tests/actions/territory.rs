//! Who is responsible for a postcode, by lists that are made up.

use super::*;
use app::territory::{ImportedList, Responsible};
use domain::territory::{Country, ListFormat, TerritoryCode};
use testkit::contract;

/// Two departments of one office, one of which serves; a quarter's name; a postcode that two offices serve.
const GERMAN: &str = "<TransmittingSites>\
    <TransmittingSite Code=\"9.01.\" Name=\"Kreis Ahausen\" Department=\"Amt ohne Postleitzahl\"></TransmittingSite>\
    <TransmittingSite Code=\"9.01.\" Name=\"Kreis Ahausen\" Phone=\"0123\"><SearchText Value=\"99001\"/>\
        <SearchText Value=\"99002\"/><SearchText Value=\"Vorstadt OT 3\"/></TransmittingSite>\
    <TransmittingSite Code=\"9.02.\" Name=\"Stadt Bedorf\"><SearchText Value=\"99002\"/></TransmittingSite>\
    </TransmittingSites>";

const AUSTRIAN: &str = "postcode,code,name,address,phone,email\n\
    1010,1,Bezirk Eins,Am Ring 1,+43 1 1,eins@example.org\n1011,1,Bezirk Eins,,,\n1011,2,Bezirk Zwei,,,\n";

async fn import(bench: &Bench, country: &str, format: ListFormat, text: &str) -> Result<ImportedList, AppError> {
    let country = Country::new(country).unwrap();
    bench.as_owner().await.import_territory(&bench.worker, country, format, text.into()).await
}

async fn we_are(bench: &Bench, code: &str, country: &str) -> Result<(), AppError> {
    let mut here = bench.app.whereabouts(&bench.worker).await.unwrap();
    here.territory_code = Some(TerritoryCode::new(code).unwrap());
    here.country = Country::new(country).unwrap();
    bench.as_owner().await.set_whereabouts(&bench.worker, &here).await
}

/// Who serves a postcode: whether it is us, and the names.
async fn served(bench: &Bench, postcode: &str) -> Option<(Responsible, Vec<String>)> {
    let found = bench.app.offices_of_postcode(bench.kit.authority_id, postcode).await.unwrap();
    found.map(|found| (found.responsible, found.offices.into_iter().map(|office| office.name).collect()))
}

contract! {
    async fn ones_own_office_comes_first_and_without_a_list_nothing_is_checked(kit) {
        let bench = Bench::on(kit).await;
        assert_eq!(served(&bench, "99001").await, None);
        let list = import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        assert_eq!((list.version, list.n_offices, list.n_postcodes, list.n_other_words), (1, 2, 2, 1));
        assert_eq!(served(&bench, "99001").await, Some((Responsible::Unknown, vec!["Kreis Ahausen".to_owned()])));
        we_are(&bench, "9.02.", "DE").await.unwrap();
        let both = vec!["Stadt Bedorf".to_owned(), "Kreis Ahausen".to_owned()];
        assert_eq!(served(&bench, " 99002 ").await, Some((Responsible::Us, both)));
        assert_eq!(served(&bench, "99001").await, Some((Responsible::Others, vec!["Kreis Ahausen".to_owned()])));
        assert_eq!(served(&bench, "99003").await, Some((Responsible::Nobody, Vec::new())));
        let wrong = bench.app.offices_of_postcode(bench.kit.authority_id, "9900").await;
        assert!(matches!(wrong, Err(AppError::Invalid { field: "postcode", .. })));
    }

    async fn another_country_has_postcodes_and_a_list_of_its_own(kit) {
        let bench = Bench::on(kit).await;
        import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        let list = import(&bench, "AT", ListFormat::Csv, AUSTRIAN).await.unwrap();
        assert_eq!((list.version, list.n_offices, list.n_postcodes), (1, 2, 2));
        we_are(&bench, "2", "AT").await.unwrap();
        let both = vec!["Bezirk Zwei".to_owned(), "Bezirk Eins".to_owned()];
        assert_eq!(served(&bench, "1011").await, Some((Responsible::Us, both)));
        let found = bench.app.offices_of_postcode(bench.kit.authority_id, "1010").await.unwrap().unwrap();
        assert_eq!(found.offices[0].address, "Am Ring 1", "the row that says it counts for all rows of the office");
        assert_eq!(served(&bench, "99001").await, Some((Responsible::Nobody, Vec::new())), "Germany's is another list");
    }

    async fn a_malformed_list_leaves_the_one_before_in_force(kit) {
        let bench = Bench::on(kit).await;
        import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        let cut = &GERMAN[..GERMAN.len() - 30];
        assert!(matches!(import(&bench, "DE", ListFormat::Rki, cut).await, Err(AppError::List(_))));
        let nobody = "<TransmittingSites><TransmittingSite Code=\"1\" Name=\"X\"/></TransmittingSites>";
        assert!(matches!(import(&bench, "DE", ListFormat::Rki, nobody).await, Err(AppError::Invalid { field: "list", .. })));
        for table in [
            "postcode,code,name\n9900,1,A\n",
            "postcode,code,name\n99001,1;2,A\n",
            "postcode,code,name\n99001,1,A\n99002,1,B\n",
            "code,name\n1,A\n",
        ] {
            assert!(import(&bench, "DE", ListFormat::Csv, table).await.is_err(), "{table}");
        }
        assert!(import(&bench, "AT", ListFormat::Rki, GERMAN).await.is_err(), "it is Germany's");
        assert_eq!(served(&bench, "99001").await, Some((Responsible::Unknown, vec!["Kreis Ahausen".to_owned()])));
        assert_eq!(bench.app.territory_lists(&bench.worker).await.unwrap().len(), 1);
    }

    async fn the_same_file_again_changes_nothing_and_another_replaces_it(kit) {
        let bench = Bench::on(kit).await;
        import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        let again = import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        assert_eq!((again.version, again.is_new), (1, false));
        let other = import(&bench, "DE", ListFormat::Csv, "postcode,code,name\n99001,7,New\n").await.unwrap();
        assert_eq!((other.version, other.is_new), (2, true));
        assert_eq!(served(&bench, "99001").await, Some((Responsible::Unknown, vec!["New".to_owned()])));
    }

    async fn an_authority_is_an_office_of_the_list_and_nothing_else(kit) {
        let bench = Bench::on(kit).await;
        we_are(&bench, "7", "DE").await.unwrap();
        import(&bench, "DE", ListFormat::Rki, GERMAN).await.unwrap();
        assert!(matches!(we_are(&bench, "8", "DE").await, Err(AppError::Invalid { field: "code", .. })));
        we_are(&bench, "9.01.", "DE").await.unwrap();
    }
}
