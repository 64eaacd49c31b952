/**
 * The thing of a registration: made when it is not there, else changed as far as its template's OverrideSettings say
 * (identity-registry-provisioning.md section 5). Called by `register.ts`, which undoes what was done here.
 */
import type { IotOperations } from '../api/generated/iot.ts';
import type { RequestContext } from '../api/operation.ts';
import { ServiceError } from '../base/errors.ts';
import type { ThingPlan } from './template.ts';
import type { Undo } from './undo.ts';

/** Without the operations on thing groups, a template that names groups fails. */
export type ThingOperations = Pick<IotOperations, 'createThing' | 'describeThing' | 'updateThing' | 'deleteThing'> &
  Partial<Pick<IotOperations, 'listThingGroupsForThing' | 'updateThingGroupsForThing'>>;

/** What one registration works with. */
export interface Work {
  readonly resources: ThingOperations;
  readonly context: RequestContext;
  readonly undo: Undo;
}

interface ExistingThing {
  readonly thingArn: string;
  readonly thingTypeName: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

export async function placeThing(plan: ThingPlan, work: Work): Promise<{ thingArn: string }> {
  const existing = await find(plan.thingName, work);
  if (!existing) return create(plan, work);
  refuseOverride(plan);
  await update(plan, existing, work);
  const { ThingGroups: override } = plan.override;
  if (plan.thingGroups && override !== 'DO_NOTHING') {
    await joinGroups(plan.thingName, plan.thingGroups, override === 'REPLACE', work);
  }
  return existing;
}

/** Something is there that the template does not want to change, or that others are changing. */
export function conflict(message: string): ServiceError {
  return new ServiceError('ConflictingResourceUpdateException', message);
}

export function isCode(error: unknown, code: string): error is ServiceError {
  return error instanceof ServiceError && error.code === code;
}

async function find(thingName: string, { resources, context }: Work): Promise<ExistingThing | undefined> {
  try {
    const thing = await resources.describeThing({ thingName }, context);
    const { thingTypeName, attributes = {} } = thing;
    return { thingArn: thing.thingArn as string, thingTypeName, attributes };
  } catch (error) {
    if (isCode(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

async function create(plan: ThingPlan, work: Work): Promise<{ thingArn: string }> {
  const { resources, context, undo } = work;
  const { thingName, thingTypeName, attributes, billingGroup, thingGroups = [] } = plan;
  const made = await resources.createThing(
    {
      thingName,
      ...(thingTypeName !== undefined && { thingTypeName }),
      ...(attributes && { attributePayload: { attributes } }),
      ...(billingGroup !== undefined && { billingGroupName: billingGroup }),
    },
    context,
  );
  undo.add(`the thing ${thingName} was not deleted`, () => resources.deleteThing({ thingName }, context));
  if (thingGroups.length > 0) await joinGroups(thingName, thingGroups, false, work);
  return { thingArn: made.thingArn as string };
}

function refuseOverride({ thingName, attributes, thingTypeName, thingGroups, override }: ThingPlan): void {
  const given = { AttributePayload: attributes, ThingTypeName: thingTypeName, ThingGroups: thingGroups };
  for (const name of ['AttributePayload', 'ThingTypeName', 'ThingGroups'] as const) {
    if (given[name] === undefined || override[name] !== 'FAIL') continue;
    throw conflict(`The thing ${thingName} exists, and the template's OverrideSettings.${name} is FAIL`);
  }
}

async function update(plan: ThingPlan, existing: ExistingThing, { resources, context, undo }: Work): Promise<void> {
  const { thingName, override } = plan;
  const attributes = wantedAttributes(plan, existing);
  const type =
    override.ThingTypeName === 'REPLACE' ? (plan.thingTypeName ?? existing.thingTypeName) : existing.thingTypeName;
  if (type === existing.thingTypeName && isSame(attributes, existing.attributes)) return;
  const typed = type === existing.thingTypeName ? {} : { thingTypeName: type };
  await resources.updateThing({ thingName, attributePayload: { attributes }, ...typed }, context);
  const { thingTypeName: oldType } = existing;
  undo.add(`the thing ${thingName} has kept its new attributes and type`, () =>
    resources.updateThing(
      {
        thingName,
        attributePayload: { attributes: existing.attributes },
        ...(oldType === undefined ? { removeThingType: true } : { thingTypeName: oldType }),
      },
      context,
    ),
  );
}

/** An empty value removes an attribute, as everywhere. */
function wantedAttributes(
  { attributes, override }: ThingPlan,
  existing: ExistingThing,
): Readonly<Record<string, string>> {
  if (!attributes || override.AttributePayload === 'DO_NOTHING') return existing.attributes;
  const merged = override.AttributePayload === 'MERGE' ? { ...existing.attributes, ...attributes } : attributes;
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

/** Adds the thing to `wanted`; with `isReplacing` it leaves all others. */
async function joinGroups(
  thingName: string,
  wanted: readonly string[],
  isReplacing: boolean,
  { resources, context, undo }: Work,
): Promise<void> {
  const { listThingGroupsForThing: list, updateThingGroupsForThing: change } = resources;
  if (!list || !change) {
    throw new ServiceError('ResourceRegistrationFailureException', 'There are no thing groups on this platform yet');
  }
  // A thing is in ten groups at most: one page.
  const { thingGroups = [] } = await list({ thingName }, context);
  const present = thingGroups.map(({ groupName }) => groupName as string);
  const joining = wanted.filter((name) => !present.includes(name));
  const leaving = isReplacing ? present.filter((name) => !wanted.includes(name)) : [];
  if (joining.length + leaving.length === 0) return;
  await change({ thingName, thingGroupsToAdd: joining, thingGroupsToRemove: leaving }, context);
  undo.add(`the thing ${thingName} is in other groups than before`, () =>
    change({ thingName, thingGroupsToAdd: leaving, thingGroupsToRemove: joining }, context),
  );
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
