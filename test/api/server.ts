/** An API on a real port whose handlers the test chooses, with everybody let in. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ApiDeps, type ConnectionFacts, createApi } from '../../src/api/api.ts';
import { handlerName } from '../../src/api/model.ts';
import type { RequestContext } from '../../src/api/operation.ts';
import type { ServiceName, Services } from '../../src/api/services.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { UserPrincipal } from '../../src/identity/principal.ts';
import { readModel } from './samples.ts';

export const models = fileURLToPath(new URL('../../models', import.meta.url));

export const admin: UserPrincipal = {
  kind: 'user',
  id: 'AIDAEXAMPLE',
  arn: 'arn:aws:iam::000000000000:user/admin',
  accessKeyId: 'AKIAEXAMPLE',
  isAdmin: true,
};

export interface TestServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

export async function startApi(
  deps: Partial<ApiDeps>,
  facts: ConnectionFacts = { sourceIp: '127.0.0.1', secure: false },
): Promise<TestServer> {
  const api = createApi({
    services: {},
    authenticate: async () => admin,
    authorize: async () => {},
    place: { region: 'us-east-1', account: '000000000000' },
    clock: systemClock(),
    random: systemRandom(),
    log: silentLog,
    models,
    ...deps,
  });
  const server = createServer((request, response) => void api.handle(request, response, facts));
  server.on(
    'checkContinue',
    (request, response) => void api.handle(request, response, { ...facts, awaitsContinue: true }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, url: `http://127.0.0.1:${port}`, stop };
}

type AnyHandler = (operation: string, input: object, context: RequestContext) => Promise<object>;

/** Every operation of every service, handled by one function. */
export function handledBy(handler: AnyHandler): Services {
  const names: ServiceName[] = ['iot', 'iot-data', 'iot-jobs-data', 'iotsecuretunneling'];
  const services = names.map((service) => {
    const handlers = Object.keys(readModel(service).operations).map((operation) => [
      handlerName(operation),
      (input: object, context: RequestContext) => handler(operation, input, context),
    ]);
    return [service, Object.fromEntries(handlers)];
  });
  return Object.fromEntries(services) as Services;
}
