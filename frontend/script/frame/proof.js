// Proof of possession (RFC 9449). The private key can't leave the browser, and is forgotten with the
// document: a token that is copied from here opens nothing anywhere else.
const utf8 = new TextEncoder();
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const packed = (value) => base64url(utf8.encode(JSON.stringify(value)));

const CURVE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function makeKey() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { privateKey, header: packed({ typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } }) };
}

// One proof is for one request: its method, its address, its token, now, and never again.
async function prove({ privateKey, header }, method, { origin, pathname }, secret) {
  const hash = await crypto.subtle.digest("SHA-256", utf8.encode(secret));
  const claims = packed({
    jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu: origin + pathname,
    iat: serverNow(),
    ath: base64url(hash),
  });
  const text = `${header}.${claims}`;
  return `${text}.${base64url(await crypto.subtle.sign(CURVE, privateKey, utf8.encode(text)))}`;
}
