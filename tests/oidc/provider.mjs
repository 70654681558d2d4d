// A certified OpenID Connect provider whose users log in by themselves: everything but the password is real.
// Arguments: the folder of its modules, its port, where it sends people back to, the algorithm of its signatures.
// `POST /be {"email", "verified"}` says who logs in next; `POST /keys` gives it new keys.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, port, back, algorithm] = process.argv.slice(2);
const at = createRequire(`${modules}/package.json`).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(at).href);
const issuer = `http://127.0.0.1:${port}`;
let user = { email: 'nobody@kommune.example', verified: true };

function begin() {
  const pair = algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'tovholder',
      client_secret: 'a secret that only the two know',
      redirect_uris: [back],
      id_token_signed_response_alg: algorithm,
    }],
    jwks: { keys: [{ ...pair.privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm }] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    cookies: { keys: ['of these tests only'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => {
      const [email, verified] = JSON.parse(id);
      return { accountId: id, claims: () => ({ sub: id, email, email_verified: verified }) };
    },
  });
  return provider;
}

let provider = begin();
let answer = provider.callback();

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return text;
}

createServer(async (request, response) => {
  if (request.url === '/be') {
    user = JSON.parse(await body(request));
    return response.end();
  }
  if (request.url === '/keys') {
    provider = begin();
    answer = provider.callback();
    return response.end();
  }
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  const asked = await provider.interactionDetails(request, response);
  if (asked.prompt.name === 'login') {
    const login = { accountId: JSON.stringify([user.email, user.verified]) };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: asked.session.accountId, clientId: asked.params.client_id });
  grant.addOIDCScope('openid email');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
