//! `epitrace admin`: authorities and accounts.

use super::territory;
use crate::cli::{Admin, Common, RoleWord};
use crate::failure::Misuse;
use crate::screen;
use crate::session::{DatabaseRole, Places, Session, open_app, user_of_system};
use app::sign_in::invitations::Link;
use domain::authorities::{Role, ShortCode};
use std::process::ExitCode;
use storage::StorageError;
use storage::authorities::NewAuthority;
use storage::folder::{DataFolder, Use};

pub async fn run(common: &Common, admin: Admin) -> anyhow::Result<ExitCode> {
    match admin {
        Admin::CreateAuthority { code, name, region, time_zone, languages, disease } => {
            let short_code = ShortCode::new(&code).map_err(|error| Misuse(format!("{code}: {error}")))?;
            let new = NewAuthority { short_code, name, region, time_zone, languages, default_disease: disease };
            create_authority(common, &new).await
        }
        Admin::CreateAccount { name, role } => create_account(common, &name, role).await,
        Admin::Invite { name } => invite(common, &name).await,
        Admin::Activate { codes, .. } => activate(common, &codes).await,
        Admin::SetTerritory { code, country, phone_code } => {
            territory::set_whereabouts(common, code.as_deref(), country.as_deref(), phone_code.as_deref()).await
        }
    }
}

async fn create_authority(common: &Common, new: &NewAuthority) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    let app = open_app(common, &places, &folder, DatabaseRole::Migrator, None).await?;
    let made = match app.authorities().await?.into_iter().next() {
        None => app.create_first_authority(new).await?,
        Some(any) => {
            // An installation with several needs no --authority to get another one.
            let code = common.authority.clone().unwrap_or_else(|| any.short_code.to_string());
            let common = Common { authority: Some(code), ..common.clone() };
            let session = Session::open_in(&common, &places, folder, DatabaseRole::Migrator).await?;
            let made = session.app.create_authority(&session.worker, new).await?;
            session.close().await?;
            made
        }
    };
    if common.json {
        screen::say_json(&serde_json::json!({
            "authority_id": made.authority_id.0, "short_code": made.short_code, "name": made.name,
        }))?;
    } else {
        screen::say(format!("authority {} made: {}", made.short_code, made.name));
    }
    Ok(ExitCode::SUCCESS)
}

async fn create_account(common: &Common, name: &str, role: RoleWord) -> anyhow::Result<ExitCode> {
    let session = Session::open_as_migrator(common).await?;
    let role = match role {
        RoleWord::Administrator => Role::Administrator,
        RoleWord::CaseWorker => Role::CaseWorker,
        RoleWord::Analyst => Role::Analyst,
        RoleWord::Operator => Role::Operator,
    };
    let (account_id, link) = session.app.create_invited_account(&session.worker, name, role).await?;
    let authority = session.worker.authority.short_code.clone();
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({
            "account_id": account_id, "name": name, "role": role,
            "link": link.as_ref().map(Link::path), "link_expires_at": link.as_ref().map(|link| link.expires_at),
        }))?;
    } else {
        screen::say(format!("account {name} made: {role} of {authority}"));
        if let Some(link) = &link {
            say_link(link);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn activate(common: &Common, codes: &[String]) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    if folder.is_restoring() {
        return Err(StorageError::RestoreUnfinished.into());
    }
    let app = open_app(common, &places, &folder, DatabaseRole::Migrator, None).await?;
    let parse = |code: &String| ShortCode::new(code).map_err(|error| Misuse(format!("{code}: {error}")));
    let codes = match codes {
        [] => app.authorities().await?.into_iter().map(|authority| authority.short_code).collect(),
        codes => codes.iter().map(parse).collect::<Result<Vec<_>, _>>()?,
    };
    let activated = app.activate(&user_of_system(), &codes).await?;
    app.store.close().await;
    if common.json {
        let codes: Vec<_> = activated.iter().map(|authority| authority.short_code.to_string()).collect();
        screen::say_json(&serde_json::json!({ "activated": codes }))?;
    } else if !common.quiet {
        activated.iter().for_each(|one| screen::say(format!("{} is at work again: {}", one.short_code, one.name)));
        if activated.is_empty() {
            screen::say("nothing to do: none of them is frozen");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn invite(common: &Common, name: &str) -> anyhow::Result<ExitCode> {
    let session = Session::open_as_migrator(common).await?;
    let link = session.app.invite_by_name(&session.worker, name).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&serde_json::json!({
            "name": name, "link": link.path(), "link_expires_at": link.expires_at,
        }))?;
    } else {
        say_link(&link);
    }
    Ok(ExitCode::SUCCESS)
}

fn say_link(link: &Link) {
    let (name, path, until) = (&link.account, link.path(), link.expires_at);
    screen::say(format!("{name} sets a password behind the server's address with {path}, once, until {until:.0}"));
}
