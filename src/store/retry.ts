/**
 * Optimistic writes: read, decide, commit on the condition that nothing changed, and start anew when it did.
 * For every domain; beside the port, since it knows nothing of a back end.
 */
import { ServiceError } from '../base/errors.ts';
import { VersionMismatch } from './store.ts';

/** Conflicts come from other nodes (a domain orders its own work) and are rare: so many in a row are a fault. */
const ATTEMPTS = 8;

/**
 * Runs `work` again while it rejects with VersionMismatch. Gives up with ServiceUnavailableException, which clients
 * retry; any other rejection passes at once. `work` must read inside, or it would decide on the old state again.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  let conflict: VersionMismatch | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VersionMismatch)) throw error;
      conflict = error;
    }
  }
  throw new ServiceError('ServiceUnavailableException', 'The resource is being changed by others; try again.', {
    cause: conflict,
  });
}
