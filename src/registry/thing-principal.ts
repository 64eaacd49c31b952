/** The attachments of principals to things (policies.md section 8; `attachment.ts` tells how they stay consistent). */
import type { IotOperations, ThingPrincipalType } from '../api/generated/iot.ts';
import { type PageInput, pageRange, pageToken } from '../api/pagination.ts';
import { invalidRequest, notFound } from '../base/errors.ts';
import type { Turns } from '../base/turns.ts';
import { retryConflicts } from '../store/retry.ts';
import type { Page, Store } from '../store/store.ts';
import { type Attachment, type Attachments, attachmentKey, type PrincipalMarks, thingPrefix } from './attachment.ts';
import type { Changes } from './change.ts';
import { requireThing, type Things } from './thing-record.ts';

/** What attachments need of principals. */
export interface Principals {
  /** Whether there is such a certificate (by ARN) or identity; false for what is neither. */
  exists(principal: string): Promise<boolean>;
}

export interface ThingPrincipalDeps {
  readonly store: Store;
  readonly things: Things;
  readonly attachments: Attachments;
  readonly marks: PrincipalMarks;
  /** Orders this process's writes: first the thing's turn, then the principal's. */
  readonly turns: Turns;
  readonly principals: Principals;
  readonly changes: Changes;
}

export type ThingPrincipalOperations = Pick<
  IotOperations,
  | 'attachThingPrincipal'
  | 'detachThingPrincipal'
  | 'listThingPrincipals'
  | 'listThingPrincipalsV2'
  | 'listPrincipalThings'
  | 'listPrincipalThingsV2'
>;

/** `arn:<partition>:iot:<region>:<account>:cert/<id>`: what may have an exclusive thing. */
const CERTIFICATE_ARN = /^arn:[^:]+:iot:[^:]*:[^:]*:cert\//;

export function thingPrincipalOperations(deps: ThingPrincipalDeps): ThingPrincipalOperations {
  const { store, things, attachments, marks, turns, principals, changes } = deps;

  /** No thing name has a space, so a thing's turn is never a principal's. */
  function inTurn<T>(thingName: string, principal: string, work: () => Promise<T>): Promise<T> {
    return turns.run(thingName, () => turns.run(`principal ${principal}`, () => retryConflicts(work)));
  }

  async function requirePrincipal(principal: string): Promise<void> {
    checkPrincipal(principal);
    if (!(await principals.exists(principal))) throw notFound(`Principal ${principal} cannot be found.`);
  }

  return {
    /** Attaching again as the same type is fine; another type needs a detachment first. */
    async attachThingPrincipal({ thingName, principal, thingPrincipalType }) {
      await requirePrincipal(principal);
      const type = thingPrincipalType ?? 'NON_EXCLUSIVE_THING';
      if (type === 'EXCLUSIVE_THING' && !CERTIFICATE_ARN.test(principal)) {
        throw invalidRequest('Only a certificate can be attached to an EXCLUSIVE_THING');
      }
      return inTurn(thingName, principal, async () => {
        const thing = await requireThing(things, thingName);
        const mark = await marks.get(principal);
        const key = attachmentKey(thingName, principal);
        const existing = await attachments.get(key);
        if (existing) {
          if (thingPrincipalType === undefined || existing.value.type === type) return {};
          throw invalidRequest(
            `The principal is attached to thing ${thingName} as ${existing.value.type}; detach it first`,
          );
        }
        await checkExclusive(attachments, principal, type);
        await store.commit([
          things.put(thingName, thing.value, { ifVersion: thing.version }),
          marks.put(principal, { principal }, { ifVersion: mark?.version ?? 0 }),
          attachments.put(key, { thingName, principal, type }, { ifVersion: 0 }),
        ]);
        changes.announce({ kind: 'attached', thingName, principal });
        return {};
      });
    },

    /** Detaching what is not attached succeeds. */
    async detachThingPrincipal({ thingName, principal }) {
      checkPrincipal(principal);
      return inTurn(thingName, principal, async () => {
        await requireThing(things, thingName);
        const mark = await marks.get(principal);
        const attachment = await attachments.get(attachmentKey(thingName, principal));
        if (!attachment || !mark) return {};
        const { items } = await attachments.find('principal', principal, { limit: 2 });
        const condition = { ifVersion: mark.version };
        await store.commit([
          attachments.delete(attachment.key, { ifVersion: attachment.version }),
          items.length > 1 ? marks.put(principal, { principal }, condition) : marks.delete(principal, condition),
        ]);
        changes.announce({ kind: 'detached', thingName, principal });
        return {};
      });
    },

    async listThingPrincipals(input) {
      const { page, nextToken } = await principalsOf('ListThingPrincipals', input.thingName, undefined, input);
      return { principals: page.items.map(({ value }) => value.principal), nextToken };
    },

    async listThingPrincipalsV2(input) {
      const { thingName, thingPrincipalType } = input;
      const { page, nextToken } = await principalsOf('ListThingPrincipalsV2', thingName, thingPrincipalType, input);
      const objects = page.items.map(({ value }) => ({ principal: value.principal, thingPrincipalType: value.type }));
      return { thingPrincipalObjects: objects, nextToken };
    },

    async listPrincipalThings(input) {
      const { page, nextToken } = await thingsOf('ListPrincipalThings', input.principal, undefined, input);
      return { things: page.items.map(({ value }) => value.thingName), nextToken };
    },

    async listPrincipalThingsV2(input) {
      const { principal, thingPrincipalType } = input;
      const { page, nextToken } = await thingsOf('ListPrincipalThingsV2', principal, thingPrincipalType, input);
      const objects = page.items.map(({ value }) => ({ thingName: value.thingName, thingPrincipalType: value.type }));
      return { principalThingObjects: objects, nextToken };
    },
  };

  async function principalsOf(
    operation: string,
    thingName: string,
    type: ThingPrincipalType | undefined,
    input: PageInput,
  ): Promise<AttachmentPage> {
    if (!(await things.get(thingName))) {
      throw notFound(
        `Failed to list principals for thing ${thingName} because the thing does not exist in your account`,
      );
    }
    const list = `${operation} ${thingName} ${type ?? ''}`;
    const range = pageRange(list, input);
    const page = await (type === undefined
      ? attachments.scan({ prefix: thingPrefix(thingName), ...range })
      : attachments.find('thing_type', `${thingName}/${type}`, range));
    return { page, nextToken: pageToken(list, page) };
  }

  async function thingsOf(
    operation: string,
    principal: string,
    type: ThingPrincipalType | undefined,
    input: PageInput,
  ): Promise<AttachmentPage> {
    await requirePrincipal(principal);
    const list = `${operation} ${principal} ${type ?? ''}`;
    const range = pageRange(list, input);
    const page = await (type === undefined
      ? attachments.find('principal', principal, range)
      : attachments.find('principal_type', `${type} ${principal}`, range));
    return { page, nextToken: pageToken(list, page) };
  }
}

interface AttachmentPage {
  readonly page: Page<Attachment>;
  readonly nextToken: string | undefined;
}

/** The model says nothing of principals; what is longer cannot be one, nor a key of the store. */
function checkPrincipal(principal: string): void {
  if (!/^[\x21-\x7e]{1,512}$/.test(principal)) throw invalidRequest('The principal is not an ARN or an identity id');
}

/** An exclusive thing is its principal's only one. */
async function checkExclusive(attachments: Attachments, principal: string, type: ThingPrincipalType): Promise<void> {
  const [other] = (await attachments.find('principal', principal, { limit: 1 })).items;
  if (!other) return;
  const { thingName } = other.value;
  if (other.value.type === 'EXCLUSIVE_THING') {
    throw invalidRequest(`The principal is attached exclusively to thing ${thingName}`);
  }
  if (type === 'EXCLUSIVE_THING') throw invalidRequest(`The principal is already attached to thing ${thingName}`);
}
