/** The HTTP face of shadows: the handlers of the data plane API (shadow.md section 7). */
import type { IotDataOperations } from '../api/generated/iot-data.ts';
import { pageRange, pageToken } from '../api/pagination.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import type { ShadowLimits } from './request-limits.ts';
import { clientTokenOf } from './shadow-document.ts';
import { withErrorDocument } from './shadow-error.ts';
import type { ShadowName } from './shadow-record.ts';
import type { ShadowService } from './shadow-service.ts';

export interface ShadowOperationsDeps {
  readonly clock: Clock;
  readonly place: Place;
  readonly limits: ShadowLimits;
  readonly service: ShadowService;
}

export type ShadowOperations = Pick<
  IotDataOperations,
  'getThingShadow' | 'updateThingShadow' | 'deleteThingShadow' | 'listNamedShadowsForThing'
>;

const DEFAULT_PAGE_SIZE = 25;
const NO_BODY = Buffer.alloc(0);

export function shadowOperations({ clock, place, limits, service }: ShadowOperationsDeps): ShadowOperations {
  const nowSeconds = (): number => Math.floor(clock.now() / 1000);

  /** Answers with the document, or with an error that carries the document's members. */
  async function answer(work: Promise<Buffer>, body: Buffer): Promise<{ payload: Buffer }> {
    try {
      return { payload: await work };
    } catch (error) {
      throw withErrorDocument(error, nowSeconds(), clientTokenOf(body, limits));
    }
  }

  return {
    async getThingShadow({ thingName, shadowName }, context) {
      const name = nameOf(thingName, shadowName);
      await context.authorize('iot:GetThingShadow', shadowArn(place, name));
      return answer(service.get(name, NO_BODY), NO_BODY);
    },

    async updateThingShadow({ thingName, shadowName, payload }, context) {
      const name = nameOf(thingName, shadowName);
      await context.authorize('iot:UpdateThingShadow', shadowArn(place, name));
      return answer(service.update(name, payload), payload);
    },

    async deleteThingShadow({ thingName, shadowName }, context) {
      const name = nameOf(thingName, shadowName);
      await context.authorize('iot:DeleteThingShadow', shadowArn(place, name));
      return answer(service.delete(name, NO_BODY), NO_BODY);
    },

    async listNamedShadowsForThing({ thingName, ...page }, context) {
      await context.authorize('iot:ListNamedShadowsForThing', iotArn(place, `thing/${thingName}`));
      const list = `ListNamedShadowsForThing ${thingName}`;
      const { names, next } = await service.list(thingName, pageRange(list, page, DEFAULT_PAGE_SIZE));
      const nextToken = pageToken(list, { next });
      return { results: names, timestamp: nowSeconds(), ...(nextToken === undefined ? {} : { nextToken }) };
    },
  };
}

function nameOf(thingName: string, shadowName: string | undefined): ShadowName {
  return shadowName === undefined ? { thingName } : { thingName, shadowName };
}

/** policies.md section 3: a named shadow's name follows the thing's. */
function shadowArn(place: Place, { thingName, shadowName }: ShadowName): string {
  return iotArn(place, shadowName === undefined ? `thing/${thingName}` : `thing/${thingName}/${shadowName}`);
}
