// The certified `oidc-provider` on a free loopback port, with Weir as its one client.
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

const provider = new Provider(issuer, {
  clients: [{ client_id: "weir", client_secret: "weir-secret", redirect_uris: [redirectUri] }],
  claims: { openid: ["sub"], profile: ["name", "locale", "business_units", "roles"] },
  // Claims in the ID token itself: Weir asks for no second document.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims[sub] }) }),
  // Nobody is asked for consent: the client is the organisation's own.
  async loadExistingGrant(context) {
    const { client, session, params } = context.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(params.scope);
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
