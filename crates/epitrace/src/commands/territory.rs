//! `epitrace territory`: which authority is responsible for which postcode; and `epitrace admin set-territory`.

use crate::cli::{Common, ListFormatWord, Territory};
use crate::failure::Misuse;
use crate::screen::{self, counted};
use crate::session::{DatabaseRole, Places, Session};
use app::territory::{OfficesOfPostcode, Responsible};
use domain::territory::{Country, ListFormat, PhoneCountryCode, TerritoryCode};
use std::path::Path;
use std::process::ExitCode;
use storage::folder::{DataFolder, Use};

pub async fn run(common: &Common, territory: Territory) -> anyhow::Result<ExitCode> {
    match territory {
        Territory::Import { file, format, country } => import(common, &file, format, &country).await,
        Territory::Show { postcode: None } => show(common).await,
        Territory::Show { postcode: Some(postcode) } => show_postcode(common, &postcode).await,
    }
}

/// Opens the data folder as the role that owns the schema. The lists are the installation's, so where there are several
/// authorities none need be named; the first one's log has the record.
async fn open(common: &Common) -> anyhow::Result<Session> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    let mut common = common.clone();
    if common.authority.is_none() {
        let app = crate::session::open_app(&common, &places, &folder, DatabaseRole::Migrator, None).await?;
        common.authority = app.authorities().await?.first().map(|first| first.short_code.to_string());
        app.store.close().await;
    }
    Session::open_in(&common, &places, folder, DatabaseRole::Migrator).await
}

async fn import(
    common: &Common,
    file: &Path,
    format: Option<ListFormatWord>,
    country: &str,
) -> anyhow::Result<ExitCode> {
    let country = Country::new(country).map_err(|error| Misuse(format!("--country {country}: {error}")))?;
    let name = file.to_string_lossy().to_lowercase();
    let format = match format {
        Some(ListFormatWord::Rki) => ListFormat::Rki,
        Some(ListFormatWord::Csv) => ListFormat::Csv,
        None if name.ends_with(".xml") || name.ends_with(".xml.gz") => ListFormat::Rki,
        None => ListFormat::Csv,
    };
    let bytes = std::fs::read(file).map_err(|error| Misuse(format!("cannot read {}: {error}", file.display())))?;
    let session = open(common).await?;
    let list = session.app.import_territory(&session.worker, country, format, bytes).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({
            "country": list.country, "version": list.version, "is_new": list.is_new, "offices": list.n_offices,
            "postcodes": list.n_postcodes, "passed_over": list.n_other_words,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (country, version) = (&list.country, list.version);
    if list.is_new {
        screen::say(format!(
            "list {version} of {country} is in force: {}, {}",
            counted(list.n_offices as u64, "office", "offices"),
            counted(list.n_postcodes as u64, "postcode", "postcodes"),
        ));
    } else {
        screen::say(format!("list {version} of {country} is this file already"));
    }
    if list.n_other_words > 0 && !common.quiet {
        let words = counted(list.n_other_words as u64, "word", "words");
        screen::say(format!("{words} of the list that are no postcodes were passed over"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(common: &Common) -> anyhow::Result<ExitCode> {
    let session = open(common).await?;
    let lists = session.app.territory_lists(&session.worker).await?;
    let here = session.app.whereabouts(&session.worker).await?;
    let authority = session.worker.authority.short_code.clone();
    session.close().await?;
    let is_in_force = |i: usize| i == 0 || lists[i - 1].country != lists[i].country;
    if common.json {
        let lines = lists.iter().enumerate().map(|(i, list)| {
            serde_json::json!({
                "country": list.country, "version": list.version, "format": list.format.as_str(),
                "offices": list.n_offices, "postcodes": list.n_postcodes, "imported_at": list.imported_at,
                "in_force": is_in_force(i), "sha256": list.digest,
            })
        });
        screen::say_json(&serde_json::json!({
            "authority": {
                "short_code": authority, "territory_code": here.territory_code, "country": here.country,
                "phone_country_code": here.phone_country_code,
            },
            "lists": lines.collect::<Vec<_>>(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if lists.is_empty() {
        screen::say("no list was imported; no postcode is checked");
    } else {
        let rows = lists
            .iter()
            .enumerate()
            .map(|(i, list)| {
                [
                    list.country.to_string(),
                    list.version.to_string(),
                    if is_in_force(i) { "in force" } else { "before" }.to_owned(),
                    list.format.to_string(),
                    list.n_offices.to_string(),
                    list.n_postcodes.to_string(),
                    format!("{:.0}", list.imported_at),
                ]
            })
            .collect();
        let header = ["country", "list", "", "format", "offices", "postcodes", "imported at"];
        screen::say(screen::table(header, &[1, 4, 5], rows));
    }
    let code =
        here.territory_code.map_or_else(|| "no office of a list yet".to_owned(), |code| format!("office {code}"));
    screen::say(format!(
        "{authority} is {code}, in {}, telephones +{}",
        here.country,
        here.phone_country_code.as_str()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn show_postcode(common: &Common, postcode: &str) -> anyhow::Result<ExitCode> {
    let session = open(common).await?;
    let found = session.app.offices_of_postcode(session.worker.authority.authority_id, postcode).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&found.map(|found| {
            serde_json::json!({
                "list": found.version, "responsible": word(&found), "offices": found.offices,
            })
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    match found {
        None => screen::say("no list was imported; no postcode is checked"),
        Some(found) if found.offices.is_empty() => screen::say("the list knows no office for this postcode"),
        Some(found) => {
            for office in &found.offices {
                let parts = [&office.name, &office.address, &office.phone, &office.email];
                let said: Vec<&str> = parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
                screen::say(format!("{}  {}", office.code, said.join("; ")));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn word(found: &OfficesOfPostcode) -> &'static str {
    match found.responsible {
        Responsible::Us => "us",
        Responsible::Others => "others",
        Responsible::Nobody => "nobody",
        Responsible::Unknown => "unknown",
    }
}

/// Says where an authority is; what is left out stays.
pub async fn set_whereabouts(
    common: &Common,
    code: Option<&str>,
    country: Option<&str>,
    phone_code: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let code =
        code.map(|code| TerritoryCode::new(code).map_err(|error| Misuse(format!("{code}: {error}")))).transpose()?;
    let country = country
        .map(|country| Country::new(country).map_err(|error| Misuse(format!("--country {country}: {error}"))))
        .transpose()?;
    let phone_code = phone_code
        .map(|digits| PhoneCountryCode::new(digits).map_err(|error| Misuse(format!("--phone-code {digits}: {error}"))))
        .transpose()?;
    let session = Session::open_as_migrator(common).await?;
    let mut is = session.app.whereabouts(&session.worker).await?;
    let moves = country.as_ref().is_some_and(|country| *country != is.country);
    if code.is_some() || moves {
        // A code of another country's list means nothing here.
        is.territory_code = code;
    }
    is.country = country.unwrap_or(is.country);
    is.phone_country_code = phone_code.unwrap_or(is.phone_country_code);
    session.app.set_whereabouts(&session.worker, &is).await?;
    let authority = session.worker.authority.short_code.clone();
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({
            "short_code": authority, "territory_code": is.territory_code, "country": is.country,
            "phone_country_code": is.phone_country_code,
        }))?;
    } else {
        let code = is.territory_code.map_or_else(|| "no office yet".to_owned(), |code| format!("office {code}"));
        screen::say(format!(
            "{authority} is {code}, in {}, telephones +{}",
            is.country,
            is.phone_country_code.as_str()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
