/** In whose name provisioning calls the operations of other domains: the platform's own, which no policy restricts. */
import type { RequestContext } from '../api/operation.ts';
import type { Random } from '../base/random.ts';

export function serviceContext(random: Random, account: string): RequestContext {
  return {
    requestId: random.uuid(),
    principal: {
      kind: 'user',
      id: 'provisioning',
      arn: `arn:aws:iam::${account}:role/aws-service-role/provisioning`,
      accessKeyId: '',
      isAdmin: true,
    },
    sourceIp: '127.0.0.1',
    authorize: async () => {},
  };
}
