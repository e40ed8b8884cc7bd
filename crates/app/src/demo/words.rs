//! Invented words for the demo. No name here is meant to be anybody's.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Adela", "Bernd", "Cem", "Dilara", "Emil", "Frieda", "Goran", "Hanna", "Ivo", "Jasmin", "Karl", "Leyla", "Mats",
    "Nele", "Oskar", "Paula", "Quirin", "Rosa", "Sami", "Tilda", "Ulla", "Veit", "Wanda", "Yusuf", "Zoe", "Jonte",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Ahornbach",
    "Birkental",
    "Cedernholm",
    "Dachsfeld",
    "Erlenkamp",
    "Farnheide",
    "Ginsterau",
    "Haselhorst",
    "Iltisberg",
    "Jasminek",
    "Kirschgarten",
    "Lindenquell",
    "Moosbrugg",
    "Nelkenfurt",
    "Otternsee",
    "Pappelwald",
    "Quittenhof",
    "Reiherstieg",
    "Schlehdorn",
    "Tannenblick",
    "Ulmenried",
    "Veilchental",
    "Weidenbusch",
    "Zirbelwies",
];

pub(super) const STREETS: &[&str] =
    &["Amselgasse", "Buchenweg", "Dohlenstieg", "Eibenallee", "Finkenplatz", "Grasweg", "Hummelpfad", "Igelrain"];

pub(super) const CITIES: &[&str] = &["Altquell", "Bergmoos", "Cronstadt", "Dornau", "Eschfelden"];

pub(super) const PLACES: &[&str] = &[
    "Hospital North",
    "Hospital South",
    "School at the Mill",
    "Care home Linden",
    "Bakery Corner",
    "Gym Harbour",
    "Choir Hall",
    "Office Tower",
    "Restaurant Anchor",
    "Shelter West",
];

pub(super) const AREAS: &[&str] = &["", "ground floor", "first floor", "ward 2", "hall"];

pub(super) const SETTINGS: &[&str] = &["household", "work", "care", "school", "leisure", "transport"];

pub(super) const NOTES: &[&str] =
    &["", "", "", "lives with grandmother", "works nights", "prefers calls after six", "has a dog to walk"];
