/** The registry as policies and the broker ask it (policies.md section 5, "Thing association"). */
import type { AssociatedThing, ThingDirectory } from '../identity/authority.ts';
import { type Attachment, type Attachments, attachmentKey } from './attachment.ts';
import type { Changes } from './change.ts';
import type { Things } from './thing-record.ts';

/** A client id that is none cannot be a thing's, and may be longer than a key of the store. */
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

export function thingDirectory(things: Things, attachments: Attachments, changes: Changes): ThingDirectory {
  async function associated(
    thingName: string,
    attachment: Attachment | undefined,
  ): Promise<AssociatedThing | undefined> {
    const stored = await things.get(thingName);
    if (!stored) return undefined;
    const { thingTypeName, attributes } = stored.value;
    return {
      thingName,
      ...(thingTypeName === undefined ? {} : { thingTypeName }),
      attributes,
      isAttached: attachment !== undefined,
      isExclusive: attachment?.type === 'EXCLUSIVE_THING',
    };
  }

  return {
    async associatedThing(principalArn, clientId) {
      const exclusive = await attachments.find('principal_type', `EXCLUSIVE_THING ${principalArn}`, { limit: 1 });
      if (exclusive.items.length > 0) {
        const { value } = exclusive.items[0];
        return associated(value.thingName, value);
      }
      if (!THING_NAME.test(clientId)) return undefined;
      const attachment = await attachments.get(attachmentKey(clientId, principalArn));
      return associated(clientId, attachment?.value);
    },

    async hasThings(principalArn) {
      return (await attachments.find('principal', principalArn, { limit: 1 })).items.length > 0;
    },

    onChange: (listener) => changes.listen(listener),
  };
}
