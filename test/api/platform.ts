/** The whole server in this process and the SDK's client of the control plane, for tests of resources. */
import { IoTClient } from '@aws-sdk/client-iot';
import { type RunningServer, startServer } from '../../src/server.ts';

export interface TestPlatform {
  readonly server: RunningServer;
  readonly client: IoTClient;
  stop(): Promise<void>;
}

/** The clock is a virtual one: `server.clock.advance`. */
export async function startPlatform(): Promise<TestPlatform> {
  const free = { httpPort: 0, tlsPort: 0, mqttsPort: 0 };
  const server = await startServer({ ephemeral: true, clock: 'virtual', logLevel: 'silent', ...free });
  const client = new IoTClient({
    endpoint: server.endpoints.http,
    region: server.region,
    credentials: { ...server.credentials },
    maxAttempts: 1,
  });
  return {
    server,
    client,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

/** `arn:aws:iot:us-east-1:000000000000:<resource>`. */
export function arnOf(resource: string): string {
  return `arn:aws:iot:us-east-1:000000000000:${resource}`;
}
