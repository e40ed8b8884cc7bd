//! The columns of a person, which both files have.

use jiff::civil::Date;

/// A person in the words of SORMAS; what is not known stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SormasPerson {
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// `MALE`, `FEMALE`, `OTHER`, `UNKNOWN`.
    pub sex: &'static str,
    /// Date of birth.
    pub born: Option<Date>,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Id of the person here.
    pub person_id: String,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
}

/// Entity, property.
pub(super) const COLUMNS: [(&str, &str); 13] = [
    ("Person", "person.firstName"),
    ("Person", "person.lastName"),
    ("Person", "person.sex"),
    ("Person", "person.birthdateDD"),
    ("Person", "person.birthdateMM"),
    ("Person", "person.birthdateYYYY"),
    ("Person", "person.phone"),
    ("Person", "person.emailAddress"),
    ("Person", "person.externalId"),
    ("Location", "person.address.street"),
    ("Location", "person.address.houseNumber"),
    ("Location", "person.address.postalCode"),
    ("Location", "person.address.city"),
];

impl SormasPerson {
    pub(super) fn cells(&self) -> [String; 13] {
        let born = |part: fn(Date) -> i16| self.born.map_or_else(String::new, |born| part(born).to_string());
        [
            self.first_name.clone(),
            self.last_name.clone(),
            self.sex.to_owned(),
            born(|born| i16::from(born.day())),
            born(|born| i16::from(born.month())),
            born(Date::year),
            self.phone.clone(),
            self.email.clone(),
            self.person_id.clone(),
            self.street.clone(),
            self.house_number.clone(),
            self.postcode.clone(),
            self.city.clone(),
        ]
    }
}
