//! Posters of a venue: what stands on them, in German, English and Turkish.

use super::seen::in_full;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::{AreaId, VenueId};
use domain::letters::CannotSet;
use domain::venues::{Instruction, Poster, PosterFormat, PosterSheet, VenueAction, guest_address};
use storage::Freshness;

/// Which posters somebody wants.
#[derive(Clone, Copy, Debug)]
pub struct WantedPosters {
    /// How large.
    pub format: PosterFormat,
    /// One area; `None`: each of them, and the whole venue where it has none.
    pub area: Option<AreaId>,
}

/// What guests are told, by language.
const INSTRUCTIONS: [(&str, &str, &str); 3] = [
    (
        "de",
        "Bitte einchecken",
        "Code mit der Kamera des Telefons öffnen und Kontaktdaten hinterlassen. Keine App nötig.",
    ),
    ("en", "Please check in", "Open the code with your phone’s camera and leave your contact details. No app needed."),
    (
        "tr",
        "Lütfen giriş yapın",
        "Kodu telefonunuzun kamerasıyla açın ve iletişim bilgilerinizi bırakın. Uygulama gerekmez.",
    ),
];

impl App {
    /// Sets posters of a venue: a PDF.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for an area that isn't there, [`AppError::Invalid`] if nobody said under which address the
    /// platform is reached, or the name can't be printed; [`AppError::NotAllowedInVenue`] for who may not.
    pub async fn posters(&self, worker: &Worker, venue_id: VenueId, wanted: WantedPosters) -> Result<Vec<u8>> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::PrintPosters).await?;
        let whole = in_full(&mut tx, venue_id).await?;
        drop(tx);
        if whole.venue.closed_at.is_some() {
            return Err(AppError::Conflict("this venue is closed".to_owned()));
        }
        let areas: Vec<Option<(AreaId, &str)>> = match wanted.area {
            Some(id) => {
                let area = whole.areas.iter().find(|area| area.area_id == id).ok_or(AppError::NotFound("area"))?;
                vec![Some((id, &area.name))]
            }
            None if whole.areas.is_empty() => vec![None],
            None => whole.areas.iter().map(|area| Some((area.area_id, area.name.as_str()))).collect(),
        };
        let name = whole.venue.details.name.clone();
        let posters: Result<Vec<Poster>> =
            areas.into_iter().map(|area| self.poster(worker, (venue_id, &name), area)).collect();
        let instructions = INSTRUCTIONS.map(|(language, head, text)| Instruction {
            language: language.to_owned(),
            head: head.to_owned(),
            text: text.to_owned(),
        });
        let sheet = PosterSheet {
            format: wanted.format,
            name,
            instructions: instructions.to_vec(),
            authority: worker.authority.name.clone(),
            posters: posters?,
        };
        self.set_posters(sheet).await
    }

    fn poster(&self, worker: &Worker, venue: (VenueId, &str), area: Option<(AreaId, &str)>) -> Result<Poster> {
        let address = guest_address(self.base_url()?, &worker.authority.short_code, venue, area);
        let code = fast_qr::QRBuilder::new(address.as_str()).ecl(fast_qr::ECL::M).build();
        let code = code.map_err(|_| AppError::Conflict("these names are too long for a code".to_owned()))?;
        let id = area.map_or_else(|| venue.0.to_string(), |(area_id, _)| area_id.to_string());
        let (first, last) = id.split_at(id.len() / 2);
        let typed = address.split_once('#').map_or(address.as_str(), |(typed, _)| typed).to_owned();
        Ok(Poster {
            area: area.map(|(_, name)| name.to_owned()),
            picture: fast_qr::convert::svg::SvgBuilder::default().to_str(&code),
            typed,
            short_id: format!("{first} {last}"),
            address,
        })
    }

    /// Sets posters, beside what else is going on.
    async fn set_posters(&self, sheet: PosterSheet) -> Result<Vec<u8>> {
        let press = self.poster_press();
        match tokio::task::spawn_blocking(move || press(&sheet)).await {
            Ok(Err(CannotSet::NoGlyph(characters))) => {
                let reason = format!("{}; write these another way", CannotSet::NoGlyph(characters));
                Err(AppError::Invalid { field: "venue_name", reason })
            }
            Ok(set) => Ok(set?),
            Err(_) => Err(CannotSet::Defect.into()),
        }
    }
}
