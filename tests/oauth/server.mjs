// An OAuth 2 server that nobody here wrote (oidc-provider), over TLS on 127.0.0.1.
// usage: node server.mjs DIRECTORY   with ca, keys and certificate as run.sh makes them
// Prints "port", its port, then "cause" and the cause of each refusal, and "ended" for each token
// that its client has revoked, one a line.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const directory = process.argv[2];
const require = createRequire(pathToFileURL(`${directory}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const file = (name) => readFileSync(`${directory}/${name}`);

const SECRET = 'not-a-real-secret/+%&=';
const RESOURCE = 'urn:alpaca-auth';
const jwk = (name, alg) => ({
  ...createPublicKey(file(`${name}.pem`)).export({ format: 'jwk' }), kid: 'one', use: 'sig', alg,
});
const client = (client_id, more) => ({
  client_id, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...more,
});
const secret = { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' };
const signing = (id, alg) => client(id, {
  token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: alg,
  jwks: { keys: [jwk(id, alg)] },
});
const app = (id) => client(id, {
  ...secret, application_type: 'native', grant_types: ['authorization_code'],
  redirect_uris: ['http://127.0.0.1/callback'], response_types: ['code'],
});

const server = createServer({ key: file('server.key'), cert: file('server.crt') });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [
      client('secret', secret), client('other', secret), signing('es256', 'ES256'), signing('rs256', 'RS256'),
      app('app'), app('denied'),
    ],
    clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
    // Alpaca's own paths, so that the URLs and requests under test go out as they are.
    routes: { authorization: '/oauth/authorize', token: '/v1/oauth2/token', revocation: '/v1/oauth2/revoke' },
    pkce: { required: () => true },
    interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'account:write trading data', accessTokenFormat: 'opaque', accessTokenTTL: 899,
        }),
      },
    },
  });

  // What a user does on the pages: logs in, and lets every app in but one.
  const decide = async (request, response) => {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const denied = { error: 'access_denied', error_description: 'the user denies' };
    const result = async () => {
      if (prompt.name === 'login') return { login: { accountId: 'user' } };
      if (params.client_id === 'denied') return denied;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addResourceScope(RESOURCE, params.scope);
      return { consent: { grantId: await grant.save() } };
    };
    await provider.interactionFinished(request, response, await result(), { mergeWithLastSubmission: false });
  };

  for (const event of ['grant.error', 'revocation.error', 'authorization.error']) {
    provider.on(event, (context, error) => {
      const detail = error.error_detail ?? error.cause?.message ?? error.error_description;
      console.log(`cause\t${error.error}: ${detail}`);
    });
  }
  provider.on('client_credentials.destroyed', () => console.log('ended'));
  provider.on('server_error', (context, error) => console.error(error));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url.startsWith('/interaction/')) {
      decide(request, response).catch((error) => { console.error(error); response.writeHead(500).end(); });
      return;
    }
    // Alpaca exchanges codes on another host than the one that issues broker tokens.
    if (request.url === '/oauth/token') request.url = '/v1/oauth2/token';
    answer(request, response);
  });
  console.log(`port\t${port}`);
});
