//! Authorities, accounts, and signing in from the command line.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, AuthorityState, Role, ShortCode};
use domain::diseases::Disease;
use domain::ids::AccountId;
use jiff::tz::TimeZone;
use storage::Tx;
use storage::accounts::Account;
use storage::authorities::{Authority, NewAuthority};

/// Names that begin so belong to users of machines, and to the platform's own chores.
const RESERVED: [&str; 3] = ["cli:", "system:", crate::venues::ACCOUNT_PREFIX];

impl App {
    /// Lists the authorities of the installation.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    #[tracing::instrument(target = "epitrace::traces", name = "app::authorities", skip_all)]
    pub async fn authorities(&self) -> Result<Vec<Authority>> {
        let mut tx = self.store.read_installation().await?;
        Ok(storage::authorities::list(&mut tx).await?)
    }

    /// Lists those that may be written here: for what the platform does by itself.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn authorities_at_work(&self) -> Result<Vec<Authority>> {
        let mut all = self.authorities().await?;
        all.retain(|authority| authority.state == AuthorityState::Active);
        Ok(all)
    }

    /// Makes the authority `local` in a fresh installation, and nothing in any other.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if database or keyring can't be written.
    pub async fn prepare_fresh(&self, time_zone: &str, default_disease: Disease) -> Result<()> {
        if !self.authorities().await?.is_empty() {
            return Ok(());
        }
        let new = NewAuthority {
            short_code: ShortCode::local(),
            name: "Local health authority".to_owned(),
            region: "local".to_owned(),
            time_zone: time_zone.to_owned(),
            languages: "en".to_owned(),
            default_disease,
        };
        self.add_authority(&new).await.map(|_| ())
    }

    /// Makes an authority with a key of its own.
    ///
    /// # Errors
    ///
    /// [`AppError::Taken`] if the short code is, [`AppError::Invalid`] for a time zone that isn't one.
    pub async fn create_authority(&self, worker: &Worker, new: &NewAuthority) -> Result<Authority> {
        worker.require(Action::ManageAuthorities)?;
        let authority = self.add_authority(new).await?;
        let audited =
            Audited { operation: "authorities.create", subjects: authority.authority_id.0.to_string(), n_subjects: 1 };
        self.record_alone(worker, audited).await?;
        Ok(authority)
    }

    async fn add_authority(&self, new: &NewAuthority) -> Result<Authority> {
        TimeZone::get(&new.time_zone).map_err(|_| AppError::Invalid {
            field: "time zone",
            reason: format!("{} is no time zone; use a name such as Europe/Berlin", new.time_zone),
        })?;
        let now = self.now();
        let mut tx = self.store.installation().await?;
        let taken = || AppError::Taken(format!("the short code {}", new.short_code));
        let authority_id = storage::authorities::insert(&mut tx, new, now).await?.ok_or_else(taken)?;
        // The key comes first: an authority without one could seal nothing, a key without one harms nobody.
        let keys = self.keys()?;
        keys.add_authority(authority_id, now).await?;
        let sealer = keys.sealer(authority_id)?;
        storage::authorities::set_canary(&mut tx, authority_id, &sealer).await?;
        let halves = sealer.public_halves()?;
        storage::authority_keys::make_known(&mut tx, authority_id, &halves, now).await?;
        let all = storage::authorities::list(&mut tx).await?;
        tx.commit().await?;
        let made = all.into_iter().find(|authority| authority.authority_id == authority_id);
        made.ok_or_else(|| AppError::NoAuthority(new.short_code.to_string()))
    }

    /// Makes an account and, unless it is an operator's, a member of the worker's authority. An account that is
    /// there already becomes a member of this authority too.
    ///
    /// # Errors
    ///
    /// [`AppError::Taken`] if it is a member already, or an operator is to be made of it.
    pub async fn create_account(&self, worker: &Worker, name: &str, role: Role) -> Result<AccountId> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let (account, _) = self.create_account_in(&mut tx, worker, name, role).await?;
        tx.commit().await?;
        Ok(account.account_id)
    }

    /// The same in a transaction; says whether the account is new.
    pub(crate) async fn create_account_in(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        name: &str,
        role: Role,
    ) -> Result<(Account, bool)> {
        worker.require(Action::ManageAccounts)?;
        let fits = (1..=64).contains(&name.chars().count()) && !RESERVED.iter().any(|prefix| name.starts_with(prefix));
        if !fits || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let reason =
                "a user name has 1 to 64 characters, no spaces, and doesn't begin with cli:, system: or venue:"
                    .to_owned();
            return Err(AppError::Invalid { field: "name", reason });
        }
        if !role.is_of_staff() {
            let reason = "patients and venues open their accounts themselves".to_owned();
            return Err(AppError::Invalid { field: "role", reason });
        }
        if role == Role::Operator && !worker.operator {
            return Err(AppError::NotAllowed { role: worker.role, action: Action::ManageAuthorities });
        }
        let now = self.now();
        let known = storage::accounts::find(tx, name).await?;
        if known.as_ref().is_some_and(|known| known.account_id == worker.account_id) {
            return Err(AppError::Conflict("nobody gives themselves a role; ask another administrator".to_owned()));
        }
        let is_new = known.is_none();
        let account = known.unwrap_or_else(|| Account {
            account_id: AccountId::mint(now, self.random()),
            name: name.to_owned(),
            operator: role == Role::Operator,
        });
        if is_new {
            if !storage::accounts::insert(tx, &account, now).await? {
                return Err(AppError::Taken(format!("the user name {name}")));
            }
        } else {
            // A link that another authority's administrator made would from now on open this one too.
            storage::invitations::delete_of_account(tx, account.account_id).await?;
        }
        let joined = role != Role::Operator && storage::accounts::join(tx, account.account_id, role, now).await?;
        if !is_new && !joined {
            return Err(AppError::Taken(format!("the user name {name}")));
        }
        let audited = Audited { operation: "accounts.create", subjects: account.account_id.to_string(), n_subjects: 1 };
        self.record(tx, worker, audited).await?;
        Ok((account, is_new))
    }

    /// Signs the user of this machine in: the account `cli:<user>`, made at first use as administrator and
    /// operator. Who can read the data folder can do all of this anyway; the name is for the audit log.
    ///
    /// # Errors
    ///
    /// [`AppError::WhichAuthority`] if there are several and none was named.
    pub async fn sign_in_locally(&self, user: &str, authority: Option<&ShortCode>) -> Result<Worker> {
        let authority = self.choose_authority(authority).await?;
        let now = self.now();
        let name = format!("cli:{user}");
        let mut tx = self.store.write(authority.authority_id).await?;
        let account = match storage::accounts::find(&mut tx, &name).await? {
            Some(account) => account,
            None => {
                let account = Account { account_id: AccountId::mint(now, self.random()), name, operator: true };
                storage::accounts::insert(&mut tx, &account, now).await?;
                account
            }
        };
        let role = match storage::accounts::role(&mut tx, account.account_id).await? {
            Some(role) => role,
            None => {
                storage::accounts::join(&mut tx, account.account_id, Role::Administrator, now).await?;
                Role::Administrator
            }
        };
        tx.commit().await?;
        Ok(Worker::new(account.account_id, account.operator, authority, role, "command_line"))
    }

    /// Signs an existing account in from the command line.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAMember`] if there is no such account, or it isn't a member.
    pub async fn sign_in_as(&self, name: &str, authority: Option<&ShortCode>) -> Result<Worker> {
        let authority = self.choose_authority(authority).await?;
        let mut tx = self.store.write(authority.authority_id).await?;
        let account = storage::accounts::find(&mut tx, name).await?.ok_or(AppError::NotAMember)?;
        let role = storage::accounts::role(&mut tx, account.account_id).await?;
        let role = role.or(account.operator.then_some(Role::Operator)).ok_or(AppError::NotAMember)?;
        Ok(Worker::new(account.account_id, account.operator, authority, role, "command_line"))
    }

    pub(crate) async fn choose_authority(&self, wanted: Option<&ShortCode>) -> Result<Authority> {
        let mut all = self.authorities().await?;
        match wanted {
            Some(code) => all
                .into_iter()
                .find(|authority| authority.short_code == *code)
                .ok_or_else(|| AppError::NoAuthority(code.to_string())),
            None if all.len() == 1 => Ok(all.remove(0)),
            None if all.is_empty() => Err(AppError::NoAuthorityYet),
            None => {
                let codes: Vec<String> = all.iter().map(|authority| authority.short_code.to_string()).collect();
                Err(AppError::WhichAuthority(codes.join(", ")))
            }
        }
    }
}

impl App {
    /// Makes the first authority of an installation, for whoever owns the schema: nobody else is there yet.
    ///
    /// # Errors
    ///
    /// [`AppError::Taken`] if there is one already.
    pub async fn create_first_authority(&self, new: &NewAuthority) -> Result<Authority> {
        match self.authorities().await?.first() {
            None => self.add_authority(new).await,
            Some(first) => Err(AppError::Taken(format!("the place of the first authority, by {},", first.short_code))),
        }
    }
}

impl App {
    /// Checks that the keyring is the one with which this database was sealed.
    ///
    /// # Errors
    ///
    /// [`StorageError::ForeignKeyring`](storage::StorageError::ForeignKeyring) if it is another installation's.
    pub async fn check_keyring(&self) -> Result<()> {
        let mut tx = self.store.read_installation().await?;
        match self.keys_if_any() {
            Some(keys) => Ok(storage::authorities::check_keyring(&mut tx, &keys).await?),
            None => Ok(()),
        }
    }

    /// Says whether there is no authority yet. Only then may a keyring be made.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn is_fresh(&self) -> Result<bool> {
        Ok(self.authorities().await?.is_empty())
    }
}
