//! The letter that invites: set anew from the sealed code each time that it is printed, as long as the code works.

use super::words::beside_code;
use crate::case_work::letters::letterhead;
use crate::case_work::letters::sheet::{Contents, addressed, lay_out};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::activation::{ActivationCode, check_code};
use domain::authorities::Action;
use domain::ids::CaseId;
use domain::languages::Language;
use domain::letters::{LetterCode, LetterSheet, language_of};
use domain::messages::{Channel, MessageKind, MessageValue, Values, Variable};
use domain::time::local_day;
use jiff::Timestamp;
use storage::cases::CaseWork;
use storage::persons::Person;
use storage::{StorageError, Tx};

/// The page on which a code is redeemed.
pub(super) const PAGE: &str = "enrol";

impl App {
    /// Sets the letter that invites to a case: the bytes of a PDF. That it was printed is noted.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if no letter with a code that works is out, [`AppError::InvalidFields`] names what the
    /// address lacks.
    pub async fn activation_letter(&self, worker: &Worker, case_id: CaseId) -> Result<Vec<u8>> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let newest = storage::activation_codes::of_case(&mut tx, case_id).await?.into_iter().next();
        let newest = newest.filter(|code| code.channel == Channel::Letter).ok_or(AppError::NotFound("letter"))?;
        check_code(newest.state, newest.valid_until, self.now())?;
        let code = storage::activation_codes::open(&mut tx, &sealer, &newest).await?;
        let code = code.ok_or(AppError::NotFound("letter"))?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[work.person_id]).await?.remove(&work.person_id);
        let person = person.ok_or(StorageError::Unreadable("person of a case"))?;
        let until = newest.valid_until.unwrap_or(newest.created_at);
        let sheet = self.invitation_sheet(&mut tx, worker, (&work, &person), (&code, until)).await?;
        self.letter_printed(&mut tx, newest.message_id, Some(worker.account_id)).await?;
        self.record(&mut tx, worker, shown("activation.letter", [work.person_id])).await?;
        tx.commit().await?;
        self.set_letter(sheet).await
    }

    /// Puts the letter together that invites somebody.
    pub(super) async fn invitation_sheet(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        (work, person): (&CaseWork, &Person),
        (code, until): (&ActivationCode, Timestamp),
    ) -> Result<LetterSheet> {
        let head = letterhead(tx).await?;
        let to = addressed(person)?;
        let address = self.page_of(&worker.authority, PAGE)?;
        let link = format!("{address}#{}", code.grouped());
        let values = Values::default()
            .text(Variable::Name, &to.name)
            .text(Variable::Phone, head.phone(work.case_type.is_contact()))
            .text(Variable::Link, &link)
            .with(Variable::ValidUntil, MessageValue::At(until));
        let language = person.language.as_deref().and_then(language_of);
        let composed = self.compose_letter(tx, &worker.authority, (MessageKind::Invitation, language), &values).await?;
        let mut languages = vec![language.unwrap_or(Language::of_authority(&worker.authority.languages))];
        languages.push(Language::of_authority(&worker.authority.languages));
        languages.dedup();
        let lines = languages.into_iter().map(|language| beside_code(language).to_owned()).collect();
        let on_letter = LetterCode { code: code.grouped(), address, picture: picture_of(&link)?, lines };
        let contents = Contents { texts: &composed.parts, days: None, is_order: false, code: Some(on_letter) };
        let today = local_day(self.now(), &worker.authority.time_zone);
        Ok(lay_out(&worker.authority, &head, (work, to.lines), contents, today))
    }
}

/// Draws an address for cameras: SVG.
fn picture_of(link: &str) -> Result<String> {
    let code = fast_qr::QRBuilder::new(link).build();
    let code =
        code.map_err(|_| AppError::Conflict("the address of this installation is too long to draw".to_owned()))?;
    Ok(fast_qr::convert::svg::SvgBuilder::default().to_str(&code))
}
