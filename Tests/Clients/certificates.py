"""An authority for tests, and certificates of it that are good or have expired."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Its certificate is `ca.pem` in `directory`; what it issues, `cert.pem` and `key.pem`."""

    def __init__(self, directory):
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority for tests")])
        made = self._certificate(self.name, self.key.public_key(), 30)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.ca = directory / "ca.pem"
        self.ca.write_bytes(self._signed(made))

    def issue(self, days=30, host="localhost"):
        """One for this machine, also called `host`, that is good for so many days; its files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = [x509.DNSName(name) for name in sorted({host, "localhost"})]
        names += [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = self._certificate(subject, key.public_key(), days)
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        files = self.directory / "cert.pem", self.directory / "key.pem"
        files[0].write_bytes(self._signed(made))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _certificate(self, subject, key, days):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
        )

    def _signed(self, made):
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
