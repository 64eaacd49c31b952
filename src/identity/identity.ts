/**
 * Who is it, may it: the door of this folder. Joins certificates (X.509), policies and their evaluation, signatures
 * (SigV4) and access keys, and has the API's operations on them. Everything it answers is about now: certificates and
 * policies that change take effect at once.
 */
import { X509Certificate } from 'node:crypto';
import type { IotOperations } from '../api/generated/iot.ts';
import { iotArn, type Place } from '../base/arn.ts';
import type { Clock } from '../base/clock.ts';
import { ServiceError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../store/store.ts';
import { type AccessKey, createAccessKeys } from './access-key.ts';
import type { Authority, Circumstances, ThingDirectory } from './authority.ts';
import { certificateAttributes } from './certificate-attributes.ts';
import type { CertificateRefusal } from './certificate-authentication.ts';
import { createCertificates } from './certificate.ts';
import { createEndpoints, ENDPOINT_TYPES, type EndpointType } from './endpoint.ts';
import type { KeyMaterial } from './key-material.ts';
import { createPolicies } from './policy.ts';
import { createPolicyAuthority } from './policy-authority.ts';
import { parsePolicyDocument } from './policy-document.ts';
import type { CertificatePrincipal, Principal, UserPrincipal } from './principal.ts';
import { type SignedRequest, verifySigV4 } from './sigv4.ts';

export { CA_FILE, type KeyMaterial, openKeyMaterial } from './key-material.ts';
export { folderKeyFiles, type KeyFiles, memoryKeyFiles, temporaryCaFile } from './key-files.ts';
export type { SignedRequest } from './sigv4.ts';
