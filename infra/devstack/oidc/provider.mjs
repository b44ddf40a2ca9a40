// An OpenID provider for tests: `node provider.mjs SETTINGS`, a JSON file that
// infra/devstack/servers/oidc.py writes. ES modules are found beside this file: it is copied to them.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const read = () => JSON.parse(readFileSync(process.argv[2], "utf8"));
const settings = read();

// The roles of people are read for each token: an administrator changes them while people work.
const rolesOfPerson = (id) => read().people[id] ?? [];

// A program is a client with its roles; a person signs in with a name that has roles.
function rolesOf(context, token) {
  return token.accountId ? rolesOfPerson(token.accountId) : context.oidc.client?.roles;
}

const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  jwks: settings.jwks,
  cookies: { keys: settings.cookieKeys },
  extraClientMetadata: { properties: ["roles"] },
  extraTokenClaims: (context, token) => ({ roles: rolesOf(context, token) ?? [] }),
  // The ID token has the roles, as RiskSentinel requires: it does not ask the userinfo endpoint.
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: rolesOfPerson(id) }),
  }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audience,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource) => ({
        scope: "openid",
        audience: resource,
        accessTokenTTL: settings.seconds,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

provider.listen(settings.port, "127.0.0.1");
