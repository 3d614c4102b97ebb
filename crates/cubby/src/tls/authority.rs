//! The local certificate authority of `--tls-self-signed`: made on first use, kept in the folder `tls` of a data directory or in memory,
//! and the certificates that it gives to this machine's server. Who trusts it, and how it is served, is not known here.
//!
//! To trust it is to let whoever has its key pass for any name, so its certificate bears name constraints: outside the API's documented
//! names, this machine's and loopback addresses it is good for nothing. OpenSSL, Go, rustls, Java and browsers keep to them.

use super::Pair;
use cubby_domain::Timestamp;
use cubby_protocol::hosts::hosts;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

const FOLDER: &str = "tls";
const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

const DAY: u64 = 86_400;
/// Clients whose clocks are behind take a new certificate too.
const BEFORE: u64 = DAY;
/// Ten years: whoever trusts it has had to do something by hand.
const AUTHORITY_FOR: u64 = 3650 * DAY;
/// How long a server's certificate is good for; a running server makes another long before.
const CERTIFICATE_FOR: u64 = 90 * DAY;

/// Why there is no authority, or no certificate of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorityError {
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}: it cannot be read as PEM: {why}", path.display())]
    Pem { path: PathBuf, why: String },
    #[error("no certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
    #[error(
        "the local authority{place} gives no valid certificate ({why}); delete its folder tls to have another made, which clients must \
         then trust anew"
    )]
    Refused { place: String, why: rustls::Error },
}

/// A local authority.
pub(crate) struct Authority {
    /// Its certificate, in PEM.
    pub(crate) certificate: String,
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    /// Where it is kept, as the end of a sentence's subject.
    place: String,
}

impl Authority {
    /// One that is gone with the process.
    pub(crate) fn in_memory(now: Timestamp) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let certificate = made(&key, host_name().as_deref(), now)?;
        Self::of(certificate, key, Path::new(CERTIFICATE), String::new())
    }

    /// That of a data directory, which a server may hold; it is made where there is none.
    pub(crate) fn of_directory(directory: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let folder = directory.join(FOLDER);
        if !folder.join(CERTIFICATE).exists() {
            make_folder(directory, &folder, now)?;
        }
        let (certificate, key) = (read(&folder.join(CERTIFICATE))?, read(&folder.join(KEY))?);
        let key = KeyPair::from_pem(&key)
            .map_err(|why| AuthorityError::Pem { path: folder.join(KEY), why: why.to_string() })?;
        Self::of(certificate, key, &folder.join(CERTIFICATE), format!(" in {}", folder.display()))
    }

    fn of(certificate: String, key: KeyPair, path: &Path, place: String) -> Result<Self, AuthorityError> {
        let root = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|why| AuthorityError::Pem { path: path.to_owned(), why: why.to_string() })?;
        let issuer = Issuer::new(subject(&key), key);
        Ok(Self { certificate, root, issuer, place })
    }

    /// A certificate for a server on this machine, with a key of its own.
    pub(crate) fn issue(&self, now: Timestamp) -> Result<Pair, AuthorityError> {
        let host_name = host_name();
        let (pair, refused) = self.issue_for(host_name.as_deref(), now)?;
        match (refused, host_name) {
            (None, _) => Ok(pair),
            (Some(why), None) => Err(self.refused(why)),
            // The authority may have been made under another name of the machine, which its constraints know.
            (Some(_), Some(name)) => {
                let (pair, refused) = self.issue_for(None, now)?;
                refused.map_or(Ok(()), |why| Err(self.refused(why)))?;
                let why = "the local authority was made under another host name, so its certificate lacks this one";
                tracing::warn!(name, "{why}");
                Ok(pair)
            }
        }
    }

    fn refused(&self, why: rustls::Error) -> AuthorityError {
        AuthorityError::Refused { place: self.place.clone(), why }
    }

    /// A certificate, and why clients would refuse it, where they would.
    fn issue_for(
        &self,
        host_name: Option<&str>,
        now: Timestamp,
    ) -> Result<(Pair, Option<rustls::Error>), AuthorityError> {
        let addresses = [Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()];
        let mut params = CertificateParams::new(names(host_name).chain(addresses).collect::<Vec<_>>())?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Cubby");
        (params.not_before, params.not_after) = (date(now.0.saturating_sub(BEFORE)), date(now.0 + CERTIFICATE_FOR));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        let refused = self.verify(&certificate, now).err();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        Ok((Pair { chain: vec![certificate], key }, refused))
    }

    /// Looks at a certificate as a client does that trusts the authority.
    fn verify(&self, certificate: &CertificateDer<'_>, now: Timestamp) -> Result<(), rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone())?;
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()));
        let verifier = builder.build().map_err(|why| rustls::Error::General(why.to_string()))?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.0));
        let localhost = ServerName::try_from("localhost").map_err(|why| rustls::Error::General(why.to_string()))?;
        verifier.verify_server_cert(certificate, &[], &localhost, &[], now).map(|_| ())
    }
}

/// Whether a certificate that was issued then is to be replaced by now.
pub(crate) fn is_old(issued: Timestamp, now: Timestamp) -> bool {
    now.0.saturating_sub(issued.0) > CERTIFICATE_FOR * 2 / 3
}

/// The names of a server on this machine.
fn names(host_name: Option<&str>) -> impl Iterator<Item = String> + use<> {
    let local = ["localhost".to_owned()].into_iter().chain(host_name.map(str::to_owned));
    local.chain(hosts().map(str::to_owned))
}

/// The machine's name, where it is one that a certificate can bear.
fn host_name() -> Option<String> {
    let name = gethostname::gethostname().into_string().ok()?.to_ascii_lowercase();
    let is_name = matches!(ServerName::try_from(name.as_str()), Ok(ServerName::DnsName(_)));
    (is_name && name != "localhost" && !hosts().any(|host| host == name)).then_some(name)
}

fn date(seconds: u64) -> OffsetDateTime {
    let seconds = i64::try_from(seconds).unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// What an authority is called: it follows from its key, so that several can be told apart, and found again from the key alone.
fn subject(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let id = params.key_identifier(key).first_chunk().map_or(0, |start| u32::from_be_bytes(*start));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Cubby");
    params.distinguished_name.push(DnType::CommonName, format!("Cubby local authority {id:08x}"));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A new authority's certificate, in PEM.
fn made(key: &KeyPair, host_name: Option<&str>, now: Timestamp) -> Result<String, AuthorityError> {
    let mut params = subject(key);
    (params.not_before, params.not_after) = (date(now.0.saturating_sub(BEFORE)), date(now.0 + AUTHORITY_FOR));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let addresses =
        [CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8), CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)];
    let named = names(host_name).map(GeneralSubtree::DnsName);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: named.chain(addresses.map(GeneralSubtree::IpAddress)).collect(),
        excluded_subtrees: Vec::new(),
    });
    Ok(params.self_signed(key)?.pem())
}

/// Makes the folder whole, under another name first: of two processes that make one at once, both then have the same.
fn make_folder(directory: &Path, folder: &Path, now: Timestamp) -> Result<(), AuthorityError> {
    let new = directory.join(format!(".{FOLDER}.{}", std::process::id()));
    let failed = |error| AuthorityError::File { path: folder.to_owned(), error };
    let key = KeyPair::generate()?;
    let certificate = made(&key, host_name().as_deref(), now)?;
    let written = fs::create_dir_all(&new).and_then(|()| {
        let mut secret = fs::File::options().write(true).create_new(true).mode(0o600).open(new.join(KEY))?;
        secret.write_all(key.serialize_pem().as_bytes())?;
        fs::write(new.join(CERTIFICATE), certificate)?;
        fs::rename(&new, folder)
    });
    if written.is_err() {
        drop(fs::remove_dir_all(&new));
    }
    if folder.join(CERTIFICATE).exists() { Ok(()) } else { written.map_err(failed) }
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(|error| AuthorityError::File { path: path.to_owned(), error })
}

/// The certificate of a data directory's authority, where there is one.
pub(crate) fn certificate_of(directory: &Path) -> Option<(PathBuf, CertificateDer<'static>)> {
    let path = directory.join(FOLDER).join(CERTIFICATE);
    let certificate = CertificateDer::from_pem_file(&path).ok()?;
    Some((path, certificate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    #[test]
    fn what_is_issued_is_good_for_the_apis_names_and_for_no_other() {
        let authority = Authority::in_memory(NOW).unwrap();
        let issued = |name: &str| authority.issue_for(Some(name), NOW).unwrap().1;
        assert_eq!(issued("localhost"), None);
        assert_eq!(issued("console.tim.qq.com"), None);
        assert!(issued("www.example.com").is_some(), "the constraints are kept to");
    }

    #[test]
    fn another_host_name_than_the_authoritys_is_left_out() {
        let key = KeyPair::generate().unwrap();
        let certificate = made(&key, Some("another-machine"), NOW).unwrap();
        let authority = Authority::of(certificate, key, Path::new(CERTIFICATE), String::new()).unwrap();
        assert!(authority.issue(NOW).is_ok());
    }

    #[test]
    fn a_directory_has_one_authority_whose_key_others_cannot_read() {
        let directory = tempfile::tempdir().unwrap();
        let of = || Authority::of_directory(directory.path(), NOW).unwrap().certificate;
        assert_eq!(of(), of());
        let mode = fs::metadata(directory.path().join("tls/ca-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_authority_that_has_anothers_key_or_none_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::of_directory(directory.path(), NOW).unwrap();
        assert!(authority.issue(NOW).is_ok());
        let key = directory.path().join("tls/ca-key.pem");
        fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
        let why = Authority::of_directory(directory.path(), NOW).unwrap().issue(NOW).unwrap_err().to_string();
        assert!(why.contains("delete its folder tls"), "{why}");
        fs::write(&key, "no key").unwrap();
        assert!(matches!(Authority::of_directory(directory.path(), NOW), Err(AuthorityError::Pem { .. })));
    }

    #[test]
    fn a_certificate_is_replaced_a_month_before_its_end() {
        assert!(!is_old(NOW, Timestamp(NOW.0 + 59 * DAY)));
        assert!(is_old(NOW, Timestamp(NOW.0 + 61 * DAY)));
    }
}
