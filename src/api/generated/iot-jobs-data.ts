// Made from models/iot-jobs-data.json by `npm run generate`. Do not edit.
import type { Handler } from '../operation.ts';

/** What an operation without input or output takes or returns. */
export type Nothing = Record<string, never>;

/** The handlers of the service, named as its operations. */
export interface IotJobsDataOperations {
  readonly describeJobExecution: Handler<DescribeJobExecutionRequest, DescribeJobExecutionResponse>;
  readonly getPendingJobExecutions: Handler<GetPendingJobExecutionsRequest, GetPendingJobExecutionsResponse>;
  readonly startCommandExecution: Handler<StartCommandExecutionRequest, StartCommandExecutionResponse>;
  readonly startNextPendingJobExecution: Handler<StartNextPendingJobExecutionRequest, StartNextPendingJobExecutionResponse>;
  readonly updateJobExecution: Handler<UpdateJobExecutionRequest, UpdateJobExecutionResponse>;
}

export type ApproximateSecondsBeforeTimedOut = number;

export type BinaryBlob = Buffer;

export type BinaryParameterValue = Buffer;

export type BooleanParameterValue = boolean;

export interface CertificateValidationException {
  readonly message?: errorMessage;
}

export type ClientRequestTokenV2 = string;

export type CommandArn = string;

export type CommandExecutionId = string;

export type CommandExecutionParameterMap = { readonly [key: string]: CommandParameterValue };

export type CommandExecutionTimeoutInSeconds = number;

export type CommandParameterName = string;

export interface CommandParameterValue {
  readonly B?: BooleanParameterValue;
  readonly BIN?: BinaryParameterValue;
  readonly D?: DoubleParameterValue;
  readonly I?: IntegerParameterValue;
  readonly L?: LongParameterValue;
  readonly S?: StringParameterValue;
  readonly UL?: UnsignedLongParameterValue;
}

export interface ConflictException {
  readonly message?: errorMessage;
  readonly resourceId?: resourceId;
}

export type DescribeJobExecutionJobId = string;

export interface DescribeJobExecutionRequest {
  readonly executionNumber?: ExecutionNumber;
  readonly includeJobDocument?: IncludeJobDocument;
  readonly jobId: DescribeJobExecutionJobId;
  readonly thingName: ThingName;
}

export interface DescribeJobExecutionResponse {
  readonly execution?: JobExecution;
}

export type DetailsKey = string;

export type DetailsMap = { readonly [key: string]: DetailsValue };

export type DetailsValue = string;

export type DoubleParameterValue = number;

export type ExecutionNumber = number;

export type ExpectedVersion = number;

export interface GetPendingJobExecutionsRequest {
  readonly thingName: ThingName;
}

export interface GetPendingJobExecutionsResponse {
  readonly inProgressJobs?: JobExecutionSummaryList;
  readonly queuedJobs?: JobExecutionSummaryList;
}

export type IncludeExecutionState = boolean;

export type IncludeJobDocument = boolean;

export type IntegerParameterValue = number;

export interface InternalServerException {
  readonly message?: errorMessage;
}

export interface InvalidRequestException {
  readonly message?: errorMessage;
}

export interface InvalidStateTransitionException {
  readonly message?: errorMessage;
}

export type JobDocument = string;

export interface JobExecution {
  readonly approximateSecondsBeforeTimedOut?: ApproximateSecondsBeforeTimedOut;
  readonly executionNumber?: ExecutionNumber;
  readonly jobDocument?: JobDocument;
  readonly jobId?: JobId;
  readonly lastUpdatedAt?: LastUpdatedAt;
  readonly queuedAt?: QueuedAt;
  readonly startedAt?: StartedAt;
  readonly status?: JobExecutionStatus;
  readonly statusDetails?: DetailsMap;
  readonly thingName?: ThingName;
  readonly versionNumber?: VersionNumber;
}

export interface JobExecutionState {
  readonly status?: JobExecutionStatus;
  readonly statusDetails?: DetailsMap;
  readonly versionNumber?: VersionNumber;
}

export type JobExecutionStatus = 'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'REJECTED' | 'REMOVED' | 'CANCELED';

export interface JobExecutionSummary {
  readonly executionNumber?: ExecutionNumber;
  readonly jobId?: JobId;
  readonly lastUpdatedAt?: LastUpdatedAt;
  readonly queuedAt?: QueuedAt;
  readonly startedAt?: StartedAt;
  readonly versionNumber?: VersionNumber;
}

export type JobExecutionSummaryList = readonly JobExecutionSummary[];

export type JobId = string;

export type LastUpdatedAt = number;

export type LongParameterValue = number;

export type QueuedAt = number;

export interface ResourceNotFoundException {
  readonly message?: errorMessage;
}

export interface ServiceQuotaExceededException {
  readonly message?: errorMessage;
}

export interface ServiceUnavailableException {
  readonly message?: errorMessage;
}

export interface StartCommandExecutionRequest {
  readonly clientToken?: ClientRequestTokenV2;
  readonly commandArn: CommandArn;
  readonly executionTimeoutSeconds?: CommandExecutionTimeoutInSeconds;
  readonly parameters?: CommandExecutionParameterMap;
  readonly targetArn: TargetArn;
}

export interface StartCommandExecutionResponse {
  readonly executionId?: CommandExecutionId;
}

export interface StartNextPendingJobExecutionRequest {
  readonly statusDetails?: DetailsMap;
  readonly stepTimeoutInMinutes?: StepTimeoutInMinutes;
  readonly thingName: ThingName;
}

export interface StartNextPendingJobExecutionResponse {
  readonly execution?: JobExecution;
}

export type StartedAt = number;

export type StepTimeoutInMinutes = number;

export type StringParameterValue = string;

export type TargetArn = string;

export interface TerminalStateException {
  readonly message?: errorMessage;
}

export type ThingName = string;

export interface ThrottlingException {
  readonly message?: errorMessage;
  readonly payload?: BinaryBlob;
}

export type UnsignedLongParameterValue = string;

export interface UpdateJobExecutionRequest {
  readonly executionNumber?: ExecutionNumber;
  readonly expectedVersion?: ExpectedVersion;
  readonly includeJobDocument?: IncludeJobDocument;
  readonly includeJobExecutionState?: IncludeExecutionState;
  readonly jobId: JobId;
  readonly status: JobExecutionStatus;
  readonly statusDetails?: DetailsMap;
  readonly stepTimeoutInMinutes?: StepTimeoutInMinutes;
  readonly thingName: ThingName;
}

export interface UpdateJobExecutionResponse {
  readonly executionState?: JobExecutionState;
  readonly jobDocument?: JobDocument;
}

export interface ValidationException {
  readonly message?: errorMessage;
}

export type VersionNumber = number;

export type errorMessage = string;

export type resourceId = string;
