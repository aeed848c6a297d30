/**
 * One text, 40 lines of JSON, compressed by the reference programs: `lz4` 1.9 (plain; and with block checksums and
 * content size, `-B4 -BX --content-size`), `zstd` 1.5 (from a file; from a pipe, without content size) and snappy-java
 * 1.1.10, the library of Kafka's own clients (raw; and framed in blocks of 1 KiB, as SnappyOutputStream writes).
 */
export const PLAIN = Buffer.from(
  Array.from(
    { length: 40 },
    (_, i) => `{"kind":"Pod","name":"shop-${String(i * 7).padStart(4, "0")}"}\n`,
  ).join(""),
);

/** 17 bytes that lz4 keeps as they are. */
export const TINY = Buffer.from("incompressible!\u0001\u0002");

const decode = (lines: readonly string[]): Buffer => Buffer.from(lines.join(""), "base64");

export const FRAMES = {
  lz4: decode([
    "BCJNGGRApwUBAAD/E3sia2luZCI6IlBvZCIsIm5hbWUiOiJzaG9wLTAwMDAifQoiAAsfNyIADS8xNCIADS8yMSIADh84IgANLzM1",
    "IgANLzQyIgAOHzkiAA0vNTYiAA0vNjMiAA0fN1QBDh83VAEOHzhUAQ4fOVQBDh85VAENLzEwVAENLzExVAENLzExVAENLzEyVAEN",
    "LzEzVAENLzE0VAENLzE0VAENLzE1VAENLzE2VAENLzE2VAEOHzdUAQ4fOFQBDh84VAEOHzlUAQ0vMjBUAQ0vMjFUAQ0vMjFUAQ0v",
    "MjJUAQ0vMjNUAQ0vMjNUAQ0vMjRUAQ0vMjVUAQ0vMjVUAQ0vMjZUAQ5QNzMifQoAAAAAA25k3w==",
  ]),
  lz4WithChecksums: decode([
    "BCJNGHxAUAUAAAAAAAAeBQEAAP8TeyJraW5kIjoiUG9kIiwibmFtZSI6InNob3AtMDAwMCJ9CiIACx83IgANLzE0IgANLzIxIgAO",
    "HzgiAA0vMzUiAA0vNDIiAA4fOSIADS81NiIADS82MyIADR83VAEOHzdUAQ4fOFQBDh85VAEOHzlUAQ0vMTBUAQ0vMTFUAQ0vMTFU",
    "AQ0vMTJUAQ0vMTNUAQ0vMTRUAQ0vMTRUAQ0vMTVUAQ0vMTZUAQ0vMTZUAQ4fN1QBDh84VAEOHzhUAQ4fOVQBDS8yMFQBDS8yMVQB",
    "DS8yMVQBDS8yMlQBDS8yM1QBDS8yM1QBDS8yNFQBDS8yNVQBDS8yNVQBDS8yNlQBDlA3MyJ9Ci5rQLMAAAAAA25k3w==",
  ]),
  lz4Stored: decode(["BCJNGGRApxEAAIBpbmNvbXByZXNzaWJsZSEBAgAAAADEcqdH"]),
  zstd: decode([
    "KLUv/WRQBJUEAJKGFBegqdjznEarfiba/kJIZHd395Jxf6jgAcbiSsSlO9Mpo/zUCXdJL3XQLm9VSEtzH501zWch3pJd6ZBNGov/",
    "P5BQCgofJiAGiQFGFIEPI4nh4EUnIOA3AzjibGx4w8WIccTZ2HDXNFyMGEecjQ1vuBgxHOOIs7HhrhEjxhFnY8Mb3nAxYhxxNja8",
    "aVyoiOkJjx8eaQ==",
  ]),
  zstdStream: decode([
    "KLUv/QRYlQQAkoYUF6Cp2POcRqt+Jtr+Qkhkd3f3knF/qOABxuJKxKU70ymj/NQJd0kvddAub1VIS3MfnTXNZyHekl3pkE0ai/8/",
    "kFAKCh8mIAaJAUYUgQ8jieHgRScg4DcDOOJsbHjDxYhxxNnYcNc0XIwYR5yNDW+4GDEc44izseGuESPGEWdjwxvecDFiHHE2Nrxp",
    "XKiI6QmPHx5p",
  ]),
  snappyRaw: decode([
    "0AqIeyJraW5kIjoiUG9kIiwibmFtZSI6InNob3AtMDAwMCJ9CntyIgAAN34iAAQxNH4iAAQyMYIiAAA4fiIABDM1fiIABDQygiIA",
    "ADl+IgAENTZ+IgAENjN+IgAAN4JUAQA3glQBADiCVAEAOYJUAQA5flQBBDEwflQBBDExflQBBDExflQBBDEyflQBBDEzflQBBDE0",
    "flQBBDE0flQBBDE1flQBBDE2flQBBDE2glQBADeCVAEAOIJUAQA4glQBADl+VAEEMjB+VAEEMjF+VAEEMjF+VAEEMjJ+VAEEMjN+",
    "VAEEMjN+VAEEMjR+VAEEMjV+VAEEMjV+VAEEMjaCVAEQNzMifQo=",
  ]),
  snappyXerial: decode([
    "glNOQVBQWQAAAAABAAAAAQAAANCACIh7ImtpbmQiOiJQb2QiLCJuYW1lIjoic2hvcC0wMDAwIn0Ke3IiAAA3fiIABDE0fiIABDIx",
    "giIAADh+IgAEMzV+IgAENDKCIgAAOX4iAAQ1Nn4iAAQ2M34iAAA3glQBADeCVAEAOIJUAQA5glQBADl+VAEEMTB+VAEEMTF+VAEE",
    "MTF+VAEEMTJ+VAEEMTN+VAEEMTR+VAEEMTR+VAEEMTV+VAEEMTZ+VAEEMTaCVAEAN4JUAQA4glQBADiCVAEAOX5UASQyMDMifQp7",
    "ImtpAAAAXNACiG5kIjoiUG9kIiwibmFtZSI6InNob3AtMDIxMCJ9Cnsia2luYiIAADd+IgAEMjR+IgAEMzGCIgAAOH4iAAQ0NX4i",
    "AAQ1MoIiAAA5fiIABDY2fiIAEDczIn0K",
  ]),
};
