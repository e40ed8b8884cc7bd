//! Who is who on the wire: certificates of one authority that signs for the keyring alone, shown and checked on both ends.

use crate::KeyringError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Certificate, key and authority, as PEM files.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The own certificate, with its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub private_key: PathBuf,
    /// The authority that signed it, and the others'.
    pub authority: PathBuf,
}

/// What was read of them.
#[derive(Clone)]
pub(crate) struct Read {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
    roots: Arc<RootCertStore>,
    said: Certificates,
}

impl Read {
    /// Reads the files.
    pub(crate) fn of(files: &Certificates) -> Result<Self, KeyringError> {
        let chain = certificates(&files.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.private_key)
            .map_err(|error| unusable(&files.private_key, &error.to_string()))?;
        let mut roots = RootCertStore::empty();
        for authority in certificates(&files.authority)? {
            roots.add(authority).map_err(|error| unusable(&files.authority, &error.to_string()))?;
        }
        Ok(Self { chain, key: Arc::new(key), roots: Arc::new(roots), said: files.clone() })
    }

    /// How it asks.
    pub(crate) fn connector(&self) -> Result<TlsConnector, KeyringError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| self.unfit(&error))?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| self.unfit(&error))?;
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// How it is asked: whoever shows no certificate of the authority isn't let in.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, KeyringError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let checks =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&self.roots), Arc::clone(&provider)).build();
        let checks = checks.map_err(|error| unusable(&self.said.authority, &error.to_string()))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| self.unfit(&error))?
            .with_client_cert_verifier(checks)
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| self.unfit(&error))?;
        // A certificate is shown each time anew.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The own certificate.
    pub(crate) fn own(&self) -> Option<&CertificateDer<'static>> {
        self.chain.first()
    }

    /// Says whether the own certificate is for a name.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        self.own().is_some_and(|own| is_for(own, name))
    }

    fn unfit(&self, error: &rustls::Error) -> KeyringError {
        unusable(&self.said.certificate, &error.to_string())
    }
}

/// Says whether a certificate, whose signature was checked, is for a name.
pub(crate) fn is_for(certificate: &CertificateDer<'_>, name: &str) -> bool {
    let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(certificate), ServerName::try_from(name)) else {
        return false;
    };
    rustls::client::verify_server_name(&parsed, &name).is_ok()
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, KeyringError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = read.map_err(|error| unusable(path, &error.to_string()))?;
    if all.is_empty() { Err(unusable(path, "there is no certificate in it")) } else { Ok(all) }
}

fn unusable(path: &Path, why: &str) -> KeyringError {
    KeyringError::Certificate { path: path.display().to_string(), why: why.to_owned() }
}
