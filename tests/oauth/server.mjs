// An OAuth 2 server that nobody here wrote (oidc-provider), over TLS on 127.0.0.1.
// usage: node server.mjs DIRECTORY   with ca, keys and certificate as run.sh makes them
// Prints "port", its port, and then "cause" and the cause of each refused grant, one a line.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const directory = process.argv[2];
const require = createRequire(pathToFileURL(`${directory}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const file = (name) => readFileSync(`${directory}/${name}`);

const jwk = (name, alg) => ({
  ...createPublicKey(file(`${name}.pem`)).export({ format: 'jwk' }), kid: 'one', use: 'sig', alg,
});
const client = (client_id, more) => ({
  client_id, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], ...more,
});
const signing = (id, alg) => client(id, {
  token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: alg,
  jwks: { keys: [jwk(id, alg)] },
});

const server = createServer({ key: file('server.key'), cert: file('server.crt') });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [
      client('secret', {
        client_secret: 'not-a-real-secret/+%&=', token_endpoint_auth_method: 'client_secret_post',
      }),
      signing('es256', 'ES256'),
      signing('rs256', 'RS256'),
    ],
    clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:alpaca-auth',
        getResourceServerInfo: () => ({ scope: '', accessTokenFormat: 'opaque', accessTokenTTL: 899 }),
      },
    },
  });
  provider.on('grant.error', (context, error) => {
    console.log(`cause\t${error.error}: ${error.error_detail ?? error.error_description}`);
  });
  provider.on('server_error', (context, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(`port\t${port}`);
});
