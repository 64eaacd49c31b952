/** Amazon resource names of this installation. */

/** Where this installation is: the region and account that its ARNs carry. */
export interface Place {
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
}

/** `arn:aws:iot:<region>:<account>:<resource>`, e.g. `iotArn(place, 'thing/lamp')`. */
export function iotArn(place: Place, resource: string): string {
  return `arn:aws:iot:${place.region}:${place.account}:${resource}`;
}
