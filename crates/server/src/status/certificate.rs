//! Until when a certificate holds.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why nobody can say until when a certificate holds.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file can't be read, or has no certificate.
    #[error("cannot read a certificate in this file")]
    Unreadable(#[source] rustls::pki_types::pem::Error),
    /// What stands there is no certificate.
    #[error("what stands there is no certificate")]
    NoCertificate,
}

/// Returns until when the first certificate of a PEM file holds: that of the host, not of who signed it.
///
/// # Errors
///
/// [`CertificateError`] if there is none.
pub fn ends_at(file: &Path) -> Result<Timestamp, CertificateError> {
    let der = CertificateDer::from_pem_file(file).map_err(CertificateError::Unreadable)?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| CertificateError::NoCertificate)?;
    let ends_at = certificate.validity().not_after.timestamp();
    Timestamp::from_second(ends_at).map_err(|_| CertificateError::NoCertificate)
}
