// The certified `oidc-provider` on a free loopback port, with Weir, a terminal and a build server as
// its clients.
//
//     node oidc_provider.mjs NODE_MODULES REDIRECT_URI PEOPLE
//
// Prints its issuer on a line. PEOPLE is JSON: sub to claims. Whoever signs in says who they are by
// `?as=SUB` on the sign-in page; everything else is the provider's own doing.
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

const provider = new Provider(issuer, {
  clients: [
    { client_id: "weir", client_secret: "weir-secret", redirect_uris: [redirectUri] },
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
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
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
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    if (client.clientId === "weir") grant.addOIDCScope(params.scope);
    else grant.addResourceScope(api, params.scope);
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
server.on("request", (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (!pathname.startsWith("/sign-in/")) return answer(request, response);
  const result = { login: { accountId: searchParams.get("as") } };
  provider.interactionFinished(request, response, result).catch((error) => {
    response.writeHead(500).end(String(error));
  });
});
console.log(issuer);
