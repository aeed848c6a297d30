const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;

/** Whether bytes hold a certificate in PEM. OpenSSL takes a file of authorities without any for one that trusts nobody. */
export function holdsCertificate(bytes: Buffer): boolean {
  return CERTIFICATE.test(bytes.toString("latin1"));
}
