import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, resolveConfig } from './config.ts';
import { explainStartupFailure, StartupError } from './startup-failure.ts';

const config = resolveConfig({ data: '/srv/t', mqttPort: 1883 });

function system(fields: object): Error {
  return Object.assign(new Error('listen EADDRINUSE'), fields);
}

for (const [what, error, expected] of [
  [
    'a port in use names the port and its option',
    system({ code: 'EADDRINUSE', syscall: 'listen', port: 8443 }),
    'port 8443 is in use: stop what uses it, or choose another with --tls-port PORT',
  ],
  [
    'a port of the system names the option',
    system({ code: 'EACCES', syscall: 'listen', port: 1883 }),
    'port 1883 may not be opened by this user: choose one above 1023 with --mqtt-port PORT',
  ],
  [
    'a foreign address names --host',
    system({ code: 'EADDRNOTAVAIL', syscall: 'listen', port: 1, address: '10.0.0.9' }),
    '127.0.0.1 is not an address of this machine: choose another with --host',
  ],
  [
    'a data folder that cannot be written names --data',
    system({ code: 'EACCES', syscall: 'mkdir', path: '/srv/t/ca' }),
    'the data folder /srv/t cannot be used (EACCES at /srv/t/ca): choose another with --data, or run with --ephemeral',
  ],
  [
    'a reason inside another error is found',
    new Error('outer', { cause: system({ code: 'EADDRINUSE', syscall: 'listen', port: 8880 }) }),
    'port 8880 is in use: stop what uses it, or choose another with --http-port PORT',
  ],
  ['wrong options keep their message', new ConfigError(['a', 'b']), 'a\nb'],
  ['a refusal keeps its message', new StartupError('no'), 'no'],
  [
    "the store's refusals keep their message",
    Object.assign(new Error('made by a newer version'), { name: 'StoreError' }),
    'made by a newer version',
  ],
  ['a defect is not explained away', new TypeError('x is not a function'), undefined],
  ['something thrown that is no error is not explained away', 'text', undefined],
] as const) {
  test(what, () => assert.equal(explainStartupFailure(error, config), expected));
}
