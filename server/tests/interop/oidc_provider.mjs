// The certified `oidc-provider` on a free loopback port, with Weir, a terminal and a build server as
// its clients.
//
//     node oidc_provider.mjs NODE_MODULES REDIRECT_URI PEOPLE
//
// Prints its issuer on a line. PEOPLE is JSON: sub to claims. Whoever signs in says who they are by
// `?as=SUB` on the sign-in page; everything else is the provider's own doing, but for two things that a
// certified provider does not do by itself: `POST /test/rotate` gives it other keys, and
// `POST /test/tamper` (JSON) changes claims of the ID tokens that follow and signs them again.
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [modules, redirectUri, people] = process.argv.slice(2);
const claims = JSON.parse(people);
const { default: Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

// Weir's governance API: access tokens for it are JWTs (RFC 9068).
const api = "https://weir.example/api";
const builds = { name: "The build server", roles: ["governance_admin"] };
const device = "urn:ietf:params:oauth:grant-type:device_code";

let key;
let tamper;

function fresh() {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = randomUUID();
  return { kid, pair, jwk: { ...pair.privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" } };
}

/// The same provider with one new key; what it remembers stays.
function start() {
  key = fresh();
  const provider = new Provider(issuer, configuration({ keys: [key.jwk] }));
  return { provider, answer: provider.callback() };
}

const configuration = (jwks) => ({
  jwks,
  cookies: { keys: ["the cookies of one run"] },
  clients: [
    {
      client_id: "weir",
      client_secret: "weir-secret",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [new URL("/signed-out", redirectUri).href],
      backchannel_logout_uri: new URL("/auth/backchannel-logout", redirectUri).href,
      backchannel_logout_session_required: true,
      grant_types: ["authorization_code", "refresh_token"],
    },
    {
      client_id: "policy-builds",
      client_secret: "the secret of the builds: 100% & more",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: "weir-cli",
      token_endpoint_auth_method: "none",
      grant_types: [device],
      redirect_uris: [],
      response_types: [],
    },
  ],
  extraTokenClaims: (_, token) => (token.accountId ? claims[token.accountId] : builds),
  claims: { openid: ["sub"], profile: ["name", "locale", "business_units", "roles"] },
  // Claims in the ID token itself: Weir asks for no second document.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => (client.clientId === "weir" ? undefined : api),
      getResourceServerInfo: () => ({ scope: "govern", audience: api, accessTokenFormat: "jwt" }),
    },
  },
  interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims[sub] }) }),
  // Nobody is asked for consent: the client is the organisation's own.
  async loadExistingGrant(context) {
    const { client, session, params } = context.oidc;
    const grant = new current.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    if (client.clientId === "weir") grant.addOIDCScope(params.scope);
    else grant.addResourceScope(api, params.scope);
    await grant.save();
    return grant;
  },
});

/// Signs changed claims with the provider's own key, as no honest provider would.
function resigned(token) {
  const [, payload] = token.split(".");
  const changed = { ...JSON.parse(Buffer.from(payload, "base64url")), ...tamper };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const message = `${part({ alg: "RS256", kid: key.kid })}.${part(changed)}`;
  return `${message}.${sign("sha256", Buffer.from(message), key.pair.privateKey).toString("base64url")}`;
}

/// Lets the provider answer, and changes the ID token on its way out.
function tampered(response) {
  const end = response.end.bind(response);
  response.end = (body) => {
    const said = JSON.parse(body);
    if (said.id_token) said.id_token = resigned(said.id_token);
    const text = JSON.stringify(said);
    response.setHeader("content-length", Buffer.byteLength(text));
    return end(text);
  };
}

async function control(pathname, request, response) {
  let text = "";
  for await (const chunk of request) text += chunk;
  if (pathname === "/test/rotate") current = start();
  else tamper = JSON.parse(text);
  response.writeHead(204).end();
}

let current = start();
server.on("request", (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (pathname.startsWith("/test/")) return control(pathname, request, response);
  if (pathname === "/token" && tamper) tampered(response);
  if (!pathname.startsWith("/sign-in/")) return current.answer(request, response);
  const result = { login: { accountId: searchParams.get("as") } };
  current.provider.interactionFinished(request, response, result).catch((error) => {
    response.writeHead(500).end(String(error));
  });
});
console.log(issuer);
