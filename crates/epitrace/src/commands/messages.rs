//! `epitrace messages`: letting go of mails after a restore, and a mail to see whether mail arrives.

use crate::cli::{Common, Messages};
use crate::failure::Misuse;
use crate::screen::{self, counted};
use crate::session::Session;
use app::doctor::MailSetting;
use domain::messages::MailAddress;
use std::process::ExitCode;

pub async fn run(common: &Common, messages: Messages) -> anyhow::Result<ExitCode> {
    match messages {
        Messages::Release => release(common).await,
        Messages::Test { address } => test(common, &address).await,
    }
}

async fn release(common: &Common) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    let n_released = session.app.release_messages(&session.worker).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({ "released": n_released }))?;
    } else {
        screen::say(format!("{} released; a running server sends them", counted(n_released, "mail", "mails")));
    }
    Ok(ExitCode::SUCCESS)
}

async fn test(common: &Common, address: &str) -> anyhow::Result<ExitCode> {
    let to = MailAddress::new(address).map_err(|error| Misuse(error.to_string()))?;
    let session = Session::open(common).await?;
    let message_id = session.app.send_test_mail(&session.worker, to).await?;
    let setting = session.mail;
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({ "message_id": message_id }))?;
    } else {
        screen::say(format!("mail {message_id} waits; a running server sends it within seconds"));
        if setting == MailSetting::Missing && !common.quiet {
            screen::say("this configuration has no [mail]: without it the mail stays where it is");
        }
    }
    Ok(ExitCode::SUCCESS)
}
