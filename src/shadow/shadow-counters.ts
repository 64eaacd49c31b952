/** What was asked of shadows, over MQTT and HTTP together, and whether it was done; read by `/metrics`. */
import type { ShadowService } from './shadow-service.ts';

export type ShadowCounters = Readonly<Record<'get' | 'update' | 'delete', { accepted: number; rejected: number }>>;

export function newShadowCounters(): ShadowCounters {
  const none = (): { accepted: number; rejected: number } => ({ accepted: 0, rejected: 0 });
  return { get: none(), update: none(), delete: none() };
}

/** The service, counting. */
export function counted(service: ShadowService, counters: ShadowCounters): ShadowService {
  const count = (operation: keyof ShadowCounters): ShadowService[typeof operation] => {
    const counter = counters[operation];
    return async (name, body) => {
      try {
        const answer = await service[operation](name, body);
        counter.accepted++;
        return answer;
      } catch (error) {
        counter.rejected++;
        throw error;
      }
    };
  };
  return { ...service, get: count('get'), update: count('update'), delete: count('delete') };
}
