//! The lists of offices and postcodes as an operator handles them.

use super::*;

const OFFICES: &str =
    "postcode;code;name;phone\n99001;1;Kreis Ahausen;0123\n99002;1;Kreis Ahausen;0123\n99002;2;Bedorf;\n";

#[test]
fn an_operator_imports_a_list_and_says_which_office_the_authority_is() {
    let desk = Desk::new();
    let finding = |desk: &Desk| {
        let findings = desk.json(&["doctor"]);
        let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == "territory").unwrap();
        (found["verdict"].as_str().unwrap().to_owned(), found["found"].as_str().unwrap().to_owned())
    };
    assert!(finding(&desk).1.contains("no postcode is checked"));
    assert!(desk.ok(&["territory", "show"]).contains("no list was imported"));
    let file = desk.write("offices.csv", OFFICES);
    assert!(desk.ok(&["territory", "import", &file]).contains("list 1 of DE is in force: 2 offices, 2 postcodes"));
    assert!(finding(&desk).1.contains("isn't in it yet"));
    let wrong = desk.run(&["admin", "set-territory", "3"]);
    assert!(wrong.code == 2 && wrong.err.contains("has no office 3"), "{}", wrong.err);
    desk.ok(&["admin", "set-territory", "2"]);
    assert_eq!(finding(&desk), ("fine".to_owned(), "list 1 of DE; the authority is 2, Bedorf".to_owned()));
    let shown = desk.json(&["territory", "show", "--postcode", "99002"]);
    assert_eq!((&shown["responsible"], &shown["offices"][0]["name"]), (&"us".into(), &"Bedorf".into()));
    let broken = desk.write("broken.csv", "postcode;code\n99001;1\n");
    let refused = desk.run(&["territory", "import", &broken]);
    assert!(refused.code == 1 && refused.err.contains("no column name"), "{}", refused.err);
    let lists = desk.json(&["territory", "show"]);
    assert_eq!(lists["lists"].as_array().unwrap().len(), 1);
    assert_eq!(lists["authority"]["territory_code"], "2");
    desk.ok(&["admin", "set-territory", "--country", "AT", "--phone-code", "+43"]);
    let moved = desk.json(&["territory", "show"]);
    assert_eq!(moved["authority"]["territory_code"], Value::Null, "a code of another country's list means nothing");
    assert_eq!(moved["authority"]["phone_country_code"], "43");
    let nothing = desk.run(&["territory", "import", "no-such-file.csv"]);
    assert_eq!(nothing.code, 2);
}
