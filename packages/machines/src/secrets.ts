/**
 * Keys whose values are secret, wherever they stand and however they are spelt (`basicAuth`, `basic_auth`): everything
 * below such a key is masked. Sources: harvester.md sections 1.2 to 1.4 and 4, and common names of secrets.
 */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'token',
  'password',
  'passwd',
  'passphrase',
  'psk',
  'secret',
  'privatekey',
  'accesskey',
  'secretkey',
  'apikey',
  'credential',
  'credentials',
  'basicauth',
  'authorization',
  'auths',
  // what a webhook carries: its URL may hold a token, its headers and payload often do
  'headers',
  'header',
  'payload',
  // free text in which nobody can tell a secret from the rest
  'content',
  'valuescontent',
  'environment',
  'systemsettings',
  'additionalkernelarguments',
  'afterinstallchrootcommands',
]);

/** Secret only below another key. */
const SECRET_BELOW: readonly (readonly [owner: string, key: string])[] = [
  ['webhooks', 'url'],
  ['webhook', 'url'],
];

/** Whether the value at this path of keys is a secret; list positions do not count as keys. */
export function isSecret(path: readonly string[]): boolean {
  const names = path.map((key) => key.replaceAll(/[_-]/g, '').toLowerCase());
  if (names.some((name) => SECRET_KEYS.has(name) || /(?:token|password|secret)$/.test(name))) return true;
  return SECRET_BELOW.some(([owner, key]) => names.at(-1) === key && names.at(-2) === owner);
}

/** A text whose URL carries user information, with that masked; undefined when there is nothing to mask. */
export function maskedScalar(text: string): string | undefined {
  const masked = text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi, '$1***@');
  return masked === text ? undefined : masked;
}
