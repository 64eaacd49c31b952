// Made from models/iot.json by `npm run generate`. Do not edit.
import type { Handler } from '../operation.ts';

/** What an operation without input or output takes or returns. */
export type Nothing = Record<string, never>;

/** The handlers of the service, named as its operations. */
export interface IotOperations {
  readonly acceptCertificateTransfer: Handler<AcceptCertificateTransferRequest, Nothing>;
  readonly addThingToBillingGroup: Handler<AddThingToBillingGroupRequest, AddThingToBillingGroupResponse>;
  readonly addThingToThingGroup: Handler<AddThingToThingGroupRequest, AddThingToThingGroupResponse>;
  readonly associateSbomWithPackageVersion: Handler<AssociateSbomWithPackageVersionRequest, AssociateSbomWithPackageVersionResponse>;
  readonly associateTargetsWithJob: Handler<AssociateTargetsWithJobRequest, AssociateTargetsWithJobResponse>;
  readonly attachPolicy: Handler<AttachPolicyRequest, Nothing>;
  readonly attachPrincipalPolicy: Handler<AttachPrincipalPolicyRequest, Nothing>;
  readonly attachSecurityProfile: Handler<AttachSecurityProfileRequest, AttachSecurityProfileResponse>;
  readonly attachThingPrincipal: Handler<AttachThingPrincipalRequest, AttachThingPrincipalResponse>;
  readonly cancelAuditMitigationActionsTask: Handler<CancelAuditMitigationActionsTaskRequest, CancelAuditMitigationActionsTaskResponse>;
  readonly cancelAuditTask: Handler<CancelAuditTaskRequest, CancelAuditTaskResponse>;
  readonly cancelCertificateTransfer: Handler<CancelCertificateTransferRequest, Nothing>;
  readonly cancelDetectMitigationActionsTask: Handler<CancelDetectMitigationActionsTaskRequest, CancelDetectMitigationActionsTaskResponse>;
  readonly cancelJob: Handler<CancelJobRequest, CancelJobResponse>;
  readonly cancelJobExecution: Handler<CancelJobExecutionRequest, Nothing>;
  readonly clearDefaultAuthorizer: Handler<ClearDefaultAuthorizerRequest, ClearDefaultAuthorizerResponse>;
  readonly confirmTopicRuleDestination: Handler<ConfirmTopicRuleDestinationRequest, ConfirmTopicRuleDestinationResponse>;
  readonly createAuditSuppression: Handler<CreateAuditSuppressionRequest, CreateAuditSuppressionResponse>;
  readonly createAuthorizer: Handler<CreateAuthorizerRequest, CreateAuthorizerResponse>;
  readonly createBillingGroup: Handler<CreateBillingGroupRequest, CreateBillingGroupResponse>;
  readonly createCertificateFromCsr: Handler<CreateCertificateFromCsrRequest, CreateCertificateFromCsrResponse>;
  readonly createCertificateProvider: Handler<CreateCertificateProviderRequest, CreateCertificateProviderResponse>;
  readonly createCommand: Handler<CreateCommandRequest, CreateCommandResponse>;
  readonly createCustomMetric: Handler<CreateCustomMetricRequest, CreateCustomMetricResponse>;
  readonly createDimension: Handler<CreateDimensionRequest, CreateDimensionResponse>;
  readonly createDomainConfiguration: Handler<CreateDomainConfigurationRequest, CreateDomainConfigurationResponse>;
  readonly createDynamicThingGroup: Handler<CreateDynamicThingGroupRequest, CreateDynamicThingGroupResponse>;
  readonly createFleetMetric: Handler<CreateFleetMetricRequest, CreateFleetMetricResponse>;
  readonly createJob: Handler<CreateJobRequest, CreateJobResponse>;
  readonly createJobTemplate: Handler<CreateJobTemplateRequest, CreateJobTemplateResponse>;
  readonly createKeysAndCertificate: Handler<CreateKeysAndCertificateRequest, CreateKeysAndCertificateResponse>;
  readonly createMitigationAction: Handler<CreateMitigationActionRequest, CreateMitigationActionResponse>;
  readonly createOTAUpdate: Handler<CreateOTAUpdateRequest, CreateOTAUpdateResponse>;
  readonly createPackage: Handler<CreatePackageRequest, CreatePackageResponse>;
  readonly createPackageVersion: Handler<CreatePackageVersionRequest, CreatePackageVersionResponse>;
  readonly createPolicy: Handler<CreatePolicyRequest, CreatePolicyResponse>;
  readonly createPolicyVersion: Handler<CreatePolicyVersionRequest, CreatePolicyVersionResponse>;
  readonly createProvisioningClaim: Handler<CreateProvisioningClaimRequest, CreateProvisioningClaimResponse>;
  readonly createProvisioningTemplate: Handler<CreateProvisioningTemplateRequest, CreateProvisioningTemplateResponse>;
  readonly createProvisioningTemplateVersion: Handler<CreateProvisioningTemplateVersionRequest, CreateProvisioningTemplateVersionResponse>;
  readonly createRoleAlias: Handler<CreateRoleAliasRequest, CreateRoleAliasResponse>;
  readonly createScheduledAudit: Handler<CreateScheduledAuditRequest, CreateScheduledAuditResponse>;
  readonly createSecurityProfile: Handler<CreateSecurityProfileRequest, CreateSecurityProfileResponse>;
  readonly createStream: Handler<CreateStreamRequest, CreateStreamResponse>;
  readonly createThing: Handler<CreateThingRequest, CreateThingResponse>;
  readonly createThingGroup: Handler<CreateThingGroupRequest, CreateThingGroupResponse>;
  readonly createThingType: Handler<CreateThingTypeRequest, CreateThingTypeResponse>;
  readonly createTopicRule: Handler<CreateTopicRuleRequest, Nothing>;
  readonly createTopicRuleDestination: Handler<CreateTopicRuleDestinationRequest, CreateTopicRuleDestinationResponse>;
  readonly deleteAccountAuditConfiguration: Handler<DeleteAccountAuditConfigurationRequest, DeleteAccountAuditConfigurationResponse>;
  readonly deleteAuditSuppression: Handler<DeleteAuditSuppressionRequest, DeleteAuditSuppressionResponse>;
  readonly deleteAuthorizer: Handler<DeleteAuthorizerRequest, DeleteAuthorizerResponse>;
  readonly deleteBillingGroup: Handler<DeleteBillingGroupRequest, DeleteBillingGroupResponse>;
  readonly deleteCACertificate: Handler<DeleteCACertificateRequest, DeleteCACertificateResponse>;
  readonly deleteCertificate: Handler<DeleteCertificateRequest, Nothing>;
  readonly deleteCertificateProvider: Handler<DeleteCertificateProviderRequest, DeleteCertificateProviderResponse>;
  readonly deleteCommand: Handler<DeleteCommandRequest, DeleteCommandResponse>;
  readonly deleteCommandExecution: Handler<DeleteCommandExecutionRequest, DeleteCommandExecutionResponse>;
  readonly deleteCustomMetric: Handler<DeleteCustomMetricRequest, DeleteCustomMetricResponse>;
  readonly deleteDimension: Handler<DeleteDimensionRequest, DeleteDimensionResponse>;
  readonly deleteDomainConfiguration: Handler<DeleteDomainConfigurationRequest, DeleteDomainConfigurationResponse>;
  readonly deleteDynamicThingGroup: Handler<DeleteDynamicThingGroupRequest, DeleteDynamicThingGroupResponse>;
  readonly deleteFleetMetric: Handler<DeleteFleetMetricRequest, Nothing>;
  readonly deleteJob: Handler<DeleteJobRequest, Nothing>;
  readonly deleteJobExecution: Handler<DeleteJobExecutionRequest, Nothing>;
  readonly deleteJobTemplate: Handler<DeleteJobTemplateRequest, Nothing>;
  readonly deleteMitigationAction: Handler<DeleteMitigationActionRequest, DeleteMitigationActionResponse>;
  readonly deleteOTAUpdate: Handler<DeleteOTAUpdateRequest, DeleteOTAUpdateResponse>;
  readonly deletePackage: Handler<DeletePackageRequest, DeletePackageResponse>;
  readonly deletePackageVersion: Handler<DeletePackageVersionRequest, DeletePackageVersionResponse>;
  readonly deletePolicy: Handler<DeletePolicyRequest, Nothing>;
  readonly deletePolicyVersion: Handler<DeletePolicyVersionRequest, Nothing>;
  readonly deleteProvisioningTemplate: Handler<DeleteProvisioningTemplateRequest, DeleteProvisioningTemplateResponse>;
  readonly deleteProvisioningTemplateVersion: Handler<DeleteProvisioningTemplateVersionRequest, DeleteProvisioningTemplateVersionResponse>;
  readonly deleteRegistrationCode: Handler<DeleteRegistrationCodeRequest, DeleteRegistrationCodeResponse>;
  readonly deleteRoleAlias: Handler<DeleteRoleAliasRequest, DeleteRoleAliasResponse>;
  readonly deleteScheduledAudit: Handler<DeleteScheduledAuditRequest, DeleteScheduledAuditResponse>;
  readonly deleteSecurityProfile: Handler<DeleteSecurityProfileRequest, DeleteSecurityProfileResponse>;
  readonly deleteStream: Handler<DeleteStreamRequest, DeleteStreamResponse>;
  readonly deleteThing: Handler<DeleteThingRequest, DeleteThingResponse>;
  readonly deleteThingGroup: Handler<DeleteThingGroupRequest, DeleteThingGroupResponse>;
  readonly deleteThingType: Handler<DeleteThingTypeRequest, DeleteThingTypeResponse>;
  readonly deleteTopicRule: Handler<DeleteTopicRuleRequest, Nothing>;
  readonly deleteTopicRuleDestination: Handler<DeleteTopicRuleDestinationRequest, DeleteTopicRuleDestinationResponse>;
  readonly deleteV2LoggingLevel: Handler<DeleteV2LoggingLevelRequest, Nothing>;
  readonly deprecateThingType: Handler<DeprecateThingTypeRequest, DeprecateThingTypeResponse>;
  readonly describeAccountAuditConfiguration: Handler<DescribeAccountAuditConfigurationRequest, DescribeAccountAuditConfigurationResponse>;
  readonly describeAuditFinding: Handler<DescribeAuditFindingRequest, DescribeAuditFindingResponse>;
  readonly describeAuditMitigationActionsTask: Handler<DescribeAuditMitigationActionsTaskRequest, DescribeAuditMitigationActionsTaskResponse>;
  readonly describeAuditSuppression: Handler<DescribeAuditSuppressionRequest, DescribeAuditSuppressionResponse>;
  readonly describeAuditTask: Handler<DescribeAuditTaskRequest, DescribeAuditTaskResponse>;
  readonly describeAuthorizer: Handler<DescribeAuthorizerRequest, DescribeAuthorizerResponse>;
  readonly describeBillingGroup: Handler<DescribeBillingGroupRequest, DescribeBillingGroupResponse>;
  readonly describeCACertificate: Handler<DescribeCACertificateRequest, DescribeCACertificateResponse>;
  readonly describeCertificate: Handler<DescribeCertificateRequest, DescribeCertificateResponse>;
  readonly describeCertificateProvider: Handler<DescribeCertificateProviderRequest, DescribeCertificateProviderResponse>;
  readonly describeCustomMetric: Handler<DescribeCustomMetricRequest, DescribeCustomMetricResponse>;
  readonly describeDefaultAuthorizer: Handler<DescribeDefaultAuthorizerRequest, DescribeDefaultAuthorizerResponse>;
  readonly describeDetectMitigationActionsTask: Handler<DescribeDetectMitigationActionsTaskRequest, DescribeDetectMitigationActionsTaskResponse>;
  readonly describeDimension: Handler<DescribeDimensionRequest, DescribeDimensionResponse>;
  readonly describeDomainConfiguration: Handler<DescribeDomainConfigurationRequest, DescribeDomainConfigurationResponse>;
  readonly describeEncryptionConfiguration: Handler<DescribeEncryptionConfigurationRequest, DescribeEncryptionConfigurationResponse>;
  readonly describeEndpoint: Handler<DescribeEndpointRequest, DescribeEndpointResponse>;
  readonly describeEventConfigurations: Handler<DescribeEventConfigurationsRequest, DescribeEventConfigurationsResponse>;
  readonly describeFleetMetric: Handler<DescribeFleetMetricRequest, DescribeFleetMetricResponse>;
  readonly describeIndex: Handler<DescribeIndexRequest, DescribeIndexResponse>;
  readonly describeJob: Handler<DescribeJobRequest, DescribeJobResponse>;
  readonly describeJobExecution: Handler<DescribeJobExecutionRequest, DescribeJobExecutionResponse>;
  readonly describeJobTemplate: Handler<DescribeJobTemplateRequest, DescribeJobTemplateResponse>;
  readonly describeManagedJobTemplate: Handler<DescribeManagedJobTemplateRequest, DescribeManagedJobTemplateResponse>;
  readonly describeMitigationAction: Handler<DescribeMitigationActionRequest, DescribeMitigationActionResponse>;
  readonly describeProvisioningTemplate: Handler<DescribeProvisioningTemplateRequest, DescribeProvisioningTemplateResponse>;
  readonly describeProvisioningTemplateVersion: Handler<DescribeProvisioningTemplateVersionRequest, DescribeProvisioningTemplateVersionResponse>;
  readonly describeRoleAlias: Handler<DescribeRoleAliasRequest, DescribeRoleAliasResponse>;
  readonly describeScheduledAudit: Handler<DescribeScheduledAuditRequest, DescribeScheduledAuditResponse>;
  readonly describeSecurityProfile: Handler<DescribeSecurityProfileRequest, DescribeSecurityProfileResponse>;
  readonly describeStream: Handler<DescribeStreamRequest, DescribeStreamResponse>;
  readonly describeThing: Handler<DescribeThingRequest, DescribeThingResponse>;
  readonly describeThingGroup: Handler<DescribeThingGroupRequest, DescribeThingGroupResponse>;
  readonly describeThingRegistrationTask: Handler<DescribeThingRegistrationTaskRequest, DescribeThingRegistrationTaskResponse>;
  readonly describeThingType: Handler<DescribeThingTypeRequest, DescribeThingTypeResponse>;
  readonly detachPolicy: Handler<DetachPolicyRequest, Nothing>;
  readonly detachPrincipalPolicy: Handler<DetachPrincipalPolicyRequest, Nothing>;
  readonly detachSecurityProfile: Handler<DetachSecurityProfileRequest, DetachSecurityProfileResponse>;
  readonly detachThingPrincipal: Handler<DetachThingPrincipalRequest, DetachThingPrincipalResponse>;
  readonly disableTopicRule: Handler<DisableTopicRuleRequest, Nothing>;
  readonly disassociateSbomFromPackageVersion: Handler<DisassociateSbomFromPackageVersionRequest, DisassociateSbomFromPackageVersionResponse>;
  readonly enableTopicRule: Handler<EnableTopicRuleRequest, Nothing>;
  readonly getBehaviorModelTrainingSummaries: Handler<GetBehaviorModelTrainingSummariesRequest, GetBehaviorModelTrainingSummariesResponse>;
  readonly getBucketsAggregation: Handler<GetBucketsAggregationRequest, GetBucketsAggregationResponse>;
  readonly getCardinality: Handler<GetCardinalityRequest, GetCardinalityResponse>;
  readonly getCommand: Handler<GetCommandRequest, GetCommandResponse>;
  readonly getCommandExecution: Handler<GetCommandExecutionRequest, GetCommandExecutionResponse>;
  readonly getEffectivePolicies: Handler<GetEffectivePoliciesRequest, GetEffectivePoliciesResponse>;
  readonly getIndexingConfiguration: Handler<GetIndexingConfigurationRequest, GetIndexingConfigurationResponse>;
  readonly getJobDocument: Handler<GetJobDocumentRequest, GetJobDocumentResponse>;
  readonly getLoggingOptions: Handler<GetLoggingOptionsRequest, GetLoggingOptionsResponse>;
  readonly getOTAUpdate: Handler<GetOTAUpdateRequest, GetOTAUpdateResponse>;
  readonly getPackage: Handler<GetPackageRequest, GetPackageResponse>;
  readonly getPackageConfiguration: Handler<GetPackageConfigurationRequest, GetPackageConfigurationResponse>;
  readonly getPackageVersion: Handler<GetPackageVersionRequest, GetPackageVersionResponse>;
  readonly getPercentiles: Handler<GetPercentilesRequest, GetPercentilesResponse>;
  readonly getPolicy: Handler<GetPolicyRequest, GetPolicyResponse>;
  readonly getPolicyVersion: Handler<GetPolicyVersionRequest, GetPolicyVersionResponse>;
  readonly getRegistrationCode: Handler<GetRegistrationCodeRequest, GetRegistrationCodeResponse>;
  readonly getStatistics: Handler<GetStatisticsRequest, GetStatisticsResponse>;
  readonly getThingConnectivityData: Handler<GetThingConnectivityDataRequest, GetThingConnectivityDataResponse>;
  readonly getTopicRule: Handler<GetTopicRuleRequest, GetTopicRuleResponse>;
  readonly getTopicRuleDestination: Handler<GetTopicRuleDestinationRequest, GetTopicRuleDestinationResponse>;
  readonly getV2LoggingOptions: Handler<GetV2LoggingOptionsRequest, GetV2LoggingOptionsResponse>;
  readonly listActiveViolations: Handler<ListActiveViolationsRequest, ListActiveViolationsResponse>;
  readonly listAttachedPolicies: Handler<ListAttachedPoliciesRequest, ListAttachedPoliciesResponse>;
  readonly listAuditFindings: Handler<ListAuditFindingsRequest, ListAuditFindingsResponse>;
  readonly listAuditMitigationActionsExecutions: Handler<ListAuditMitigationActionsExecutionsRequest, ListAuditMitigationActionsExecutionsResponse>;
  readonly listAuditMitigationActionsTasks: Handler<ListAuditMitigationActionsTasksRequest, ListAuditMitigationActionsTasksResponse>;
  readonly listAuditSuppressions: Handler<ListAuditSuppressionsRequest, ListAuditSuppressionsResponse>;
  readonly listAuditTasks: Handler<ListAuditTasksRequest, ListAuditTasksResponse>;
  readonly listAuthorizers: Handler<ListAuthorizersRequest, ListAuthorizersResponse>;
  readonly listBillingGroups: Handler<ListBillingGroupsRequest, ListBillingGroupsResponse>;
  readonly listCACertificates: Handler<ListCACertificatesRequest, ListCACertificatesResponse>;
  readonly listCertificateProviders: Handler<ListCertificateProvidersRequest, ListCertificateProvidersResponse>;
  readonly listCertificates: Handler<ListCertificatesRequest, ListCertificatesResponse>;
  readonly listCertificatesByCA: Handler<ListCertificatesByCARequest, ListCertificatesByCAResponse>;
  readonly listCommandExecutions: Handler<ListCommandExecutionsRequest, ListCommandExecutionsResponse>;
  readonly listCommands: Handler<ListCommandsRequest, ListCommandsResponse>;
  readonly listCustomMetrics: Handler<ListCustomMetricsRequest, ListCustomMetricsResponse>;
  readonly listDetectMitigationActionsExecutions: Handler<ListDetectMitigationActionsExecutionsRequest, ListDetectMitigationActionsExecutionsResponse>;
  readonly listDetectMitigationActionsTasks: Handler<ListDetectMitigationActionsTasksRequest, ListDetectMitigationActionsTasksResponse>;
  readonly listDimensions: Handler<ListDimensionsRequest, ListDimensionsResponse>;
  readonly listDomainConfigurations: Handler<ListDomainConfigurationsRequest, ListDomainConfigurationsResponse>;
  readonly listFleetMetrics: Handler<ListFleetMetricsRequest, ListFleetMetricsResponse>;
  readonly listIndices: Handler<ListIndicesRequest, ListIndicesResponse>;
  readonly listJobExecutionsForJob: Handler<ListJobExecutionsForJobRequest, ListJobExecutionsForJobResponse>;
  readonly listJobExecutionsForThing: Handler<ListJobExecutionsForThingRequest, ListJobExecutionsForThingResponse>;
  readonly listJobTemplates: Handler<ListJobTemplatesRequest, ListJobTemplatesResponse>;
  readonly listJobs: Handler<ListJobsRequest, ListJobsResponse>;
  readonly listManagedJobTemplates: Handler<ListManagedJobTemplatesRequest, ListManagedJobTemplatesResponse>;
  readonly listMetricValues: Handler<ListMetricValuesRequest, ListMetricValuesResponse>;
  readonly listMitigationActions: Handler<ListMitigationActionsRequest, ListMitigationActionsResponse>;
  readonly listOTAUpdates: Handler<ListOTAUpdatesRequest, ListOTAUpdatesResponse>;
  readonly listOutgoingCertificates: Handler<ListOutgoingCertificatesRequest, ListOutgoingCertificatesResponse>;
  readonly listPackageVersions: Handler<ListPackageVersionsRequest, ListPackageVersionsResponse>;
  readonly listPackages: Handler<ListPackagesRequest, ListPackagesResponse>;
  readonly listPolicies: Handler<ListPoliciesRequest, ListPoliciesResponse>;
  readonly listPolicyPrincipals: Handler<ListPolicyPrincipalsRequest, ListPolicyPrincipalsResponse>;
  readonly listPolicyVersions: Handler<ListPolicyVersionsRequest, ListPolicyVersionsResponse>;
  readonly listPrincipalPolicies: Handler<ListPrincipalPoliciesRequest, ListPrincipalPoliciesResponse>;
  readonly listPrincipalThings: Handler<ListPrincipalThingsRequest, ListPrincipalThingsResponse>;
  readonly listPrincipalThingsV2: Handler<ListPrincipalThingsV2Request, ListPrincipalThingsV2Response>;
  readonly listProvisioningTemplateVersions: Handler<ListProvisioningTemplateVersionsRequest, ListProvisioningTemplateVersionsResponse>;
  readonly listProvisioningTemplates: Handler<ListProvisioningTemplatesRequest, ListProvisioningTemplatesResponse>;
  readonly listRelatedResourcesForAuditFinding: Handler<ListRelatedResourcesForAuditFindingRequest, ListRelatedResourcesForAuditFindingResponse>;
  readonly listRoleAliases: Handler<ListRoleAliasesRequest, ListRoleAliasesResponse>;
  readonly listSbomValidationResults: Handler<ListSbomValidationResultsRequest, ListSbomValidationResultsResponse>;
  readonly listScheduledAudits: Handler<ListScheduledAuditsRequest, ListScheduledAuditsResponse>;
  readonly listSecurityProfiles: Handler<ListSecurityProfilesRequest, ListSecurityProfilesResponse>;
  readonly listSecurityProfilesForTarget: Handler<ListSecurityProfilesForTargetRequest, ListSecurityProfilesForTargetResponse>;
  readonly listStreams: Handler<ListStreamsRequest, ListStreamsResponse>;
  readonly listTagsForResource: Handler<ListTagsForResourceRequest, ListTagsForResourceResponse>;
  readonly listTargetsForPolicy: Handler<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>;
  readonly listTargetsForSecurityProfile: Handler<ListTargetsForSecurityProfileRequest, ListTargetsForSecurityProfileResponse>;
  readonly listThingGroups: Handler<ListThingGroupsRequest, ListThingGroupsResponse>;
  readonly listThingGroupsForThing: Handler<ListThingGroupsForThingRequest, ListThingGroupsForThingResponse>;
  readonly listThingPrincipals: Handler<ListThingPrincipalsRequest, ListThingPrincipalsResponse>;
  readonly listThingPrincipalsV2: Handler<ListThingPrincipalsV2Request, ListThingPrincipalsV2Response>;
  readonly listThingRegistrationTaskReports: Handler<ListThingRegistrationTaskReportsRequest, ListThingRegistrationTaskReportsResponse>;
  readonly listThingRegistrationTasks: Handler<ListThingRegistrationTasksRequest, ListThingRegistrationTasksResponse>;
  readonly listThingTypes: Handler<ListThingTypesRequest, ListThingTypesResponse>;
  readonly listThings: Handler<ListThingsRequest, ListThingsResponse>;
  readonly listThingsInBillingGroup: Handler<ListThingsInBillingGroupRequest, ListThingsInBillingGroupResponse>;
  readonly listThingsInThingGroup: Handler<ListThingsInThingGroupRequest, ListThingsInThingGroupResponse>;
  readonly listTopicRuleDestinations: Handler<ListTopicRuleDestinationsRequest, ListTopicRuleDestinationsResponse>;
  readonly listTopicRules: Handler<ListTopicRulesRequest, ListTopicRulesResponse>;
  readonly listV2LoggingLevels: Handler<ListV2LoggingLevelsRequest, ListV2LoggingLevelsResponse>;
  readonly listViolationEvents: Handler<ListViolationEventsRequest, ListViolationEventsResponse>;
  readonly putVerificationStateOnViolation: Handler<PutVerificationStateOnViolationRequest, PutVerificationStateOnViolationResponse>;
  readonly registerCACertificate: Handler<RegisterCACertificateRequest, RegisterCACertificateResponse>;
  readonly registerCertificate: Handler<RegisterCertificateRequest, RegisterCertificateResponse>;
  readonly registerCertificateWithoutCA: Handler<RegisterCertificateWithoutCARequest, RegisterCertificateWithoutCAResponse>;
  readonly registerThing: Handler<RegisterThingRequest, RegisterThingResponse>;
  readonly rejectCertificateTransfer: Handler<RejectCertificateTransferRequest, Nothing>;
  readonly removeThingFromBillingGroup: Handler<RemoveThingFromBillingGroupRequest, RemoveThingFromBillingGroupResponse>;
  readonly removeThingFromThingGroup: Handler<RemoveThingFromThingGroupRequest, RemoveThingFromThingGroupResponse>;
  readonly replaceTopicRule: Handler<ReplaceTopicRuleRequest, Nothing>;
  readonly searchIndex: Handler<SearchIndexRequest, SearchIndexResponse>;
  readonly setDefaultAuthorizer: Handler<SetDefaultAuthorizerRequest, SetDefaultAuthorizerResponse>;
  readonly setDefaultPolicyVersion: Handler<SetDefaultPolicyVersionRequest, Nothing>;
  readonly setLoggingOptions: Handler<SetLoggingOptionsRequest, Nothing>;
  readonly setV2LoggingLevel: Handler<SetV2LoggingLevelRequest, Nothing>;
  readonly setV2LoggingOptions: Handler<SetV2LoggingOptionsRequest, Nothing>;
  readonly startAuditMitigationActionsTask: Handler<StartAuditMitigationActionsTaskRequest, StartAuditMitigationActionsTaskResponse>;
  readonly startDetectMitigationActionsTask: Handler<StartDetectMitigationActionsTaskRequest, StartDetectMitigationActionsTaskResponse>;
  readonly startOnDemandAuditTask: Handler<StartOnDemandAuditTaskRequest, StartOnDemandAuditTaskResponse>;
  readonly startThingRegistrationTask: Handler<StartThingRegistrationTaskRequest, StartThingRegistrationTaskResponse>;
  readonly stopThingRegistrationTask: Handler<StopThingRegistrationTaskRequest, StopThingRegistrationTaskResponse>;
  readonly tagResource: Handler<TagResourceRequest, TagResourceResponse>;
  readonly testAuthorization: Handler<TestAuthorizationRequest, TestAuthorizationResponse>;
  readonly testInvokeAuthorizer: Handler<TestInvokeAuthorizerRequest, TestInvokeAuthorizerResponse>;
  readonly transferCertificate: Handler<TransferCertificateRequest, TransferCertificateResponse>;
  readonly untagResource: Handler<UntagResourceRequest, UntagResourceResponse>;
  readonly updateAccountAuditConfiguration: Handler<UpdateAccountAuditConfigurationRequest, UpdateAccountAuditConfigurationResponse>;
  readonly updateAuditSuppression: Handler<UpdateAuditSuppressionRequest, UpdateAuditSuppressionResponse>;
  readonly updateAuthorizer: Handler<UpdateAuthorizerRequest, UpdateAuthorizerResponse>;
  readonly updateBillingGroup: Handler<UpdateBillingGroupRequest, UpdateBillingGroupResponse>;
  readonly updateCACertificate: Handler<UpdateCACertificateRequest, Nothing>;
  readonly updateCertificate: Handler<UpdateCertificateRequest, Nothing>;
  readonly updateCertificateProvider: Handler<UpdateCertificateProviderRequest, UpdateCertificateProviderResponse>;
  readonly updateCommand: Handler<UpdateCommandRequest, UpdateCommandResponse>;
  readonly updateCustomMetric: Handler<UpdateCustomMetricRequest, UpdateCustomMetricResponse>;
  readonly updateDimension: Handler<UpdateDimensionRequest, UpdateDimensionResponse>;
  readonly updateDomainConfiguration: Handler<UpdateDomainConfigurationRequest, UpdateDomainConfigurationResponse>;
  readonly updateDynamicThingGroup: Handler<UpdateDynamicThingGroupRequest, UpdateDynamicThingGroupResponse>;
  readonly updateEncryptionConfiguration: Handler<UpdateEncryptionConfigurationRequest, UpdateEncryptionConfigurationResponse>;
  readonly updateEventConfigurations: Handler<UpdateEventConfigurationsRequest, UpdateEventConfigurationsResponse>;
  readonly updateFleetMetric: Handler<UpdateFleetMetricRequest, Nothing>;
  readonly updateIndexingConfiguration: Handler<UpdateIndexingConfigurationRequest, UpdateIndexingConfigurationResponse>;
  readonly updateJob: Handler<UpdateJobRequest, Nothing>;
  readonly updateMitigationAction: Handler<UpdateMitigationActionRequest, UpdateMitigationActionResponse>;
  readonly updatePackage: Handler<UpdatePackageRequest, UpdatePackageResponse>;
  readonly updatePackageConfiguration: Handler<UpdatePackageConfigurationRequest, UpdatePackageConfigurationResponse>;
  readonly updatePackageVersion: Handler<UpdatePackageVersionRequest, UpdatePackageVersionResponse>;
  readonly updateProvisioningTemplate: Handler<UpdateProvisioningTemplateRequest, UpdateProvisioningTemplateResponse>;
  readonly updateRoleAlias: Handler<UpdateRoleAliasRequest, UpdateRoleAliasResponse>;
  readonly updateScheduledAudit: Handler<UpdateScheduledAuditRequest, UpdateScheduledAuditResponse>;
  readonly updateSecurityProfile: Handler<UpdateSecurityProfileRequest, UpdateSecurityProfileResponse>;
  readonly updateStream: Handler<UpdateStreamRequest, UpdateStreamResponse>;
  readonly updateThing: Handler<UpdateThingRequest, UpdateThingResponse>;
  readonly updateThingGroup: Handler<UpdateThingGroupRequest, UpdateThingGroupResponse>;
  readonly updateThingGroupsForThing: Handler<UpdateThingGroupsForThingRequest, UpdateThingGroupsForThingResponse>;
  readonly updateThingType: Handler<UpdateThingTypeRequest, UpdateThingTypeResponse>;
  readonly updateTopicRuleDestination: Handler<UpdateTopicRuleDestinationRequest, UpdateTopicRuleDestinationResponse>;
  readonly validateSecurityProfileBehaviors: Handler<ValidateSecurityProfileBehaviorsRequest, ValidateSecurityProfileBehaviorsResponse>;
}

export type AbortAction = 'CANCEL';

export interface AbortConfig {
  readonly criteriaList: AbortCriteriaList;
}

export interface AbortCriteria {
  readonly action: AbortAction;
  readonly failureType: JobExecutionFailureType;
  readonly minNumberOfExecutedThings: MinimumNumberOfExecutedThings;
  readonly thresholdPercentage: AbortThresholdPercentage;
}

export type AbortCriteriaList = readonly AbortCriteria[];

export type AbortThresholdPercentage = number;

export interface AcceptCertificateTransferRequest {
  readonly certificateId: CertificateId;
  readonly setAsActive?: SetAsActive;
}

export type AcmCertificateArn = string;

export interface Action {
  readonly cloudwatchAlarm?: CloudwatchAlarmAction;
  readonly cloudwatchLogs?: CloudwatchLogsAction;
  readonly cloudwatchMetric?: CloudwatchMetricAction;
  readonly dynamoDB?: DynamoDBAction;
  readonly dynamoDBv2?: DynamoDBv2Action;
  readonly elasticsearch?: ElasticsearchAction;
  readonly firehose?: FirehoseAction;
  readonly http?: HttpAction;
  readonly iotAnalytics?: IotAnalyticsAction;
  readonly iotEvents?: IotEventsAction;
  readonly iotSiteWise?: IotSiteWiseAction;
  readonly kafka?: KafkaAction;
  readonly kinesis?: KinesisAction;
  readonly lambda?: LambdaAction;
  readonly location?: LocationAction;
  readonly openSearch?: OpenSearchAction;
  readonly republish?: RepublishAction;
  readonly s3?: S3Action;
  readonly salesforce?: SalesforceAction;
  readonly sns?: SnsAction;
  readonly sqs?: SqsAction;
  readonly stepFunctions?: StepFunctionsAction;
  readonly timestream?: TimestreamAction;
}

export type ActionList = readonly Action[];

export type ActionType = 'PUBLISH' | 'SUBSCRIBE' | 'RECEIVE' | 'CONNECT';

export interface ActiveViolation {
  readonly behavior?: Behavior;
  readonly lastViolationTime?: Timestamp;
  readonly lastViolationValue?: MetricValue;
  readonly securityProfileName?: SecurityProfileName;
  readonly thingName?: DeviceDefenderThingName;
  readonly verificationState?: VerificationState;
  readonly verificationStateDescription?: VerificationStateDescription;
  readonly violationEventAdditionalInfo?: ViolationEventAdditionalInfo;
  readonly violationId?: ViolationId;
  readonly violationStartTime?: Timestamp;
}

export type ActiveViolations = readonly ActiveViolation[];

export interface AddThingToBillingGroupRequest {
  readonly billingGroupArn?: BillingGroupArn;
  readonly billingGroupName?: BillingGroupName;
  readonly thingArn?: ThingArn;
  readonly thingName?: ThingName;
}

export type AddThingToBillingGroupResponse = Nothing;

export interface AddThingToThingGroupRequest {
  readonly overrideDynamicGroups?: OverrideDynamicGroups;
  readonly thingArn?: ThingArn;
  readonly thingGroupArn?: ThingGroupArn;
  readonly thingGroupName?: ThingGroupName;
  readonly thingName?: ThingName;
}

export type AddThingToThingGroupResponse = Nothing;

export interface AddThingsToThingGroupParams {
  readonly overrideDynamicGroups?: NullableBoolean;
  readonly thingGroupNames: ThingGroupNames;
}

export type AdditionalMetricsToRetainList = readonly BehaviorMetric[];

export type AdditionalMetricsToRetainV2List = readonly MetricToRetain[];

export type AdditionalParameterMap = { readonly [key: string]: Value };

export type AggregationField = string;

export interface AggregationType {
  readonly name: AggregationTypeName;
  readonly values?: AggregationTypeValues;
}

export type AggregationTypeName = 'Statistics' | 'Percentiles' | 'Cardinality';

export type AggregationTypeValue = string;

export type AggregationTypeValues = readonly AggregationTypeValue[];

export type AlarmName = string;

export interface AlertTarget {
  readonly alertTargetArn: AlertTargetArn;
  readonly roleArn: RoleArn;
}

export type AlertTargetArn = string;

export type AlertTargetType = 'SNS';

export type AlertTargets = { readonly [key in AlertTargetType]?: AlertTarget };

export type AllowAuthorizerOverride = boolean;

export type AllowAutoRegistration = boolean;

export interface Allowed {
  readonly policies?: Policies;
}

export type ApplicationProtocol = 'SECURE_MQTT' | 'MQTT_WSS' | 'HTTPS' | 'DEFAULT';

export type ApproximateSecondsBeforeTimedOut = number;

export type AscendingOrder = boolean;

export type AssetId = string;

export type AssetPropertyAlias = string;

export type AssetPropertyBooleanValue = string;

export type AssetPropertyDoubleValue = string;

export type AssetPropertyEntryId = string;

export type AssetPropertyId = string;

export type AssetPropertyIntegerValue = string;

export type AssetPropertyOffsetInNanos = string;

export type AssetPropertyQuality = string;

export type AssetPropertyStringValue = string;

export type AssetPropertyTimeInSeconds = string;

export interface AssetPropertyTimestamp {
  readonly offsetInNanos?: AssetPropertyOffsetInNanos;
  readonly timeInSeconds: AssetPropertyTimeInSeconds;
}

export interface AssetPropertyValue {
  readonly quality?: AssetPropertyQuality;
  readonly timestamp: AssetPropertyTimestamp;
  readonly value: AssetPropertyVariant;
}

export type AssetPropertyValueList = readonly AssetPropertyValue[];

export interface AssetPropertyVariant {
  readonly booleanValue?: AssetPropertyBooleanValue;
  readonly doubleValue?: AssetPropertyDoubleValue;
  readonly integerValue?: AssetPropertyIntegerValue;
  readonly stringValue?: AssetPropertyStringValue;
}

export interface AssociateSbomWithPackageVersionRequest {
  readonly clientToken?: ClientToken;
  readonly packageName: PackageName;
  readonly sbom: Sbom;
  readonly versionName: VersionName;
}

export interface AssociateSbomWithPackageVersionResponse {
  readonly packageName?: PackageName;
  readonly sbom?: Sbom;
  readonly sbomValidationStatus?: SbomValidationStatus;
  readonly versionName?: VersionName;
}

export interface AssociateTargetsWithJobRequest {
  readonly comment?: Comment;
  readonly jobId: JobId;
  readonly namespaceId?: NamespaceId;
  readonly targets: JobTargets;
}

export interface AssociateTargetsWithJobResponse {
  readonly description?: JobDescription;
  readonly jobArn?: JobArn;
  readonly jobId?: JobId;
}

export interface AttachPolicyRequest {
  readonly policyName: PolicyName;
  readonly target: PolicyTarget;
}

export interface AttachPrincipalPolicyRequest {
  readonly policyName: PolicyName;
  readonly principal: Principal;
}

export interface AttachSecurityProfileRequest {
  readonly securityProfileName: SecurityProfileName;
  readonly securityProfileTargetArn: SecurityProfileTargetArn;
}

export type AttachSecurityProfileResponse = Nothing;

export interface AttachThingPrincipalRequest {
  readonly principal: Principal;
  readonly thingName: ThingName;
  readonly thingPrincipalType?: ThingPrincipalType;
}

export type AttachThingPrincipalResponse = Nothing;

export type AttributeKey = string;

export type AttributeName = string;

export interface AttributePayload {
  readonly attributes?: Attributes;
  readonly merge?: Flag;
}

export type AttributeValue = string;

export type Attributes = { readonly [key: string]: AttributeValue };

export type AttributesMap = { readonly [key: string]: Value };

export interface AuditCheckConfiguration {
  readonly configuration?: CheckCustomConfiguration;
  readonly enabled?: Enabled;
}

export type AuditCheckConfigurations = { readonly [key: string]: AuditCheckConfiguration };

export interface AuditCheckDetails {
  readonly checkCompliant?: CheckCompliant;
  readonly checkRunStatus?: AuditCheckRunStatus;
  readonly errorCode?: ErrorCode;
  readonly message?: ErrorMessage;
  readonly nonCompliantResourcesCount?: NonCompliantResourcesCount;
  readonly suppressedNonCompliantResourcesCount?: SuppressedNonCompliantResourcesCount;
  readonly totalResourcesCount?: TotalResourcesCount;
}

export type AuditCheckName = string;

export type AuditCheckRunStatus = 'IN_PROGRESS' | 'WAITING_FOR_DATA_COLLECTION' | 'CANCELED' | 'COMPLETED_COMPLIANT' | 'COMPLETED_NON_COMPLIANT' | 'FAILED';

export type AuditCheckToActionsMapping = { readonly [key: string]: MitigationActionNameList };

export type AuditCheckToReasonCodeFilter = { readonly [key: string]: ReasonForNonComplianceCodes };

export type AuditDescription = string;

export type AuditDetails = { readonly [key: string]: AuditCheckDetails };

export interface AuditFinding {
  readonly checkName?: AuditCheckName;
  readonly findingId?: FindingId;
  readonly findingTime?: Timestamp;
  readonly isSuppressed?: IsSuppressed;
  readonly nonCompliantResource?: NonCompliantResource;
  readonly reasonForNonCompliance?: ReasonForNonCompliance;
  readonly reasonForNonComplianceCode?: ReasonForNonComplianceCode;
  readonly relatedResources?: RelatedResources;
  readonly severity?: AuditFindingSeverity;
  readonly taskId?: AuditTaskId;
  readonly taskStartTime?: Timestamp;
}

export type AuditFindingSeverity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';

export type AuditFindings = readonly AuditFinding[];

export type AuditFrequency = 'DAILY' | 'WEEKLY' | 'BIWEEKLY' | 'MONTHLY';

export interface AuditMitigationActionExecutionMetadata {
  readonly actionId?: MitigationActionId;
  readonly actionName?: MitigationActionName;
  readonly endTime?: Timestamp;
  readonly errorCode?: ErrorCode;
  readonly findingId?: FindingId;
  readonly message?: ErrorMessage;
  readonly startTime?: Timestamp;
  readonly status?: AuditMitigationActionsExecutionStatus;
  readonly taskId?: MitigationActionsTaskId;
}

export type AuditMitigationActionExecutionMetadataList = readonly AuditMitigationActionExecutionMetadata[];

export type AuditMitigationActionsExecutionStatus = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'SKIPPED' | 'PENDING';

export interface AuditMitigationActionsTaskMetadata {
  readonly startTime?: Timestamp;
  readonly taskId?: MitigationActionsTaskId;
  readonly taskStatus?: AuditMitigationActionsTaskStatus;
}

export type AuditMitigationActionsTaskMetadataList = readonly AuditMitigationActionsTaskMetadata[];

export type AuditMitigationActionsTaskStatistics = { readonly [key: string]: TaskStatisticsForAuditCheck };

export type AuditMitigationActionsTaskStatus = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELED';

export interface AuditMitigationActionsTaskTarget {
  readonly auditCheckToReasonCodeFilter?: AuditCheckToReasonCodeFilter;
  readonly auditTaskId?: AuditTaskId;
  readonly findingIds?: FindingIds;
}

export interface AuditNotificationTarget {
  readonly enabled?: Enabled;
  readonly roleArn?: RoleArn;
  readonly targetArn?: TargetArn;
}

export type AuditNotificationTargetConfigurations = { readonly [key in AuditNotificationType]?: AuditNotificationTarget };

export type AuditNotificationType = 'SNS';

export interface AuditSuppression {
  readonly checkName: AuditCheckName;
  readonly description?: AuditDescription;
  readonly expirationDate?: Timestamp;
  readonly resourceIdentifier: ResourceIdentifier;
  readonly suppressIndefinitely?: SuppressIndefinitely;
}

export type AuditSuppressionList = readonly AuditSuppression[];

export type AuditTaskId = string;

export interface AuditTaskMetadata {
  readonly taskId?: AuditTaskId;
  readonly taskStatus?: AuditTaskStatus;
  readonly taskType?: AuditTaskType;
}

export type AuditTaskMetadataList = readonly AuditTaskMetadata[];

export type AuditTaskStatus = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELED';

export type AuditTaskType = 'ON_DEMAND_AUDIT_TASK' | 'SCHEDULED_AUDIT_TASK';

export type AuthDecision = 'ALLOWED' | 'EXPLICIT_DENY' | 'IMPLICIT_DENY';

export interface AuthInfo {
  readonly actionType?: ActionType;
  readonly resources: Resources;
}

export type AuthInfos = readonly AuthInfo[];

export interface AuthResult {
  readonly allowed?: Allowed;
  readonly authDecision?: AuthDecision;
  readonly authInfo?: AuthInfo;
  readonly denied?: Denied;
  readonly missingContextValues?: MissingContextValues;
}

export type AuthResults = readonly AuthResult[];

export type AuthenticationType = 'CUSTOM_AUTH_X509' | 'CUSTOM_AUTH' | 'AWS_X509' | 'AWS_SIGV4' | 'DEFAULT';

export type AuthorizerArn = string;

export interface AuthorizerConfig {
  readonly allowAuthorizerOverride?: AllowAuthorizerOverride;
  readonly defaultAuthorizerName?: AuthorizerName;
}

export interface AuthorizerDescription {
  readonly authorizerArn?: AuthorizerArn;
  readonly authorizerFunctionArn?: AuthorizerFunctionArn;
  readonly authorizerName?: AuthorizerName;
  readonly creationDate?: DateType;
  readonly enableCachingForHttp?: EnableCachingForHttp;
  readonly lastModifiedDate?: DateType;
  readonly signingDisabled?: BooleanKey;
  readonly status?: AuthorizerStatus;
  readonly tokenKeyName?: TokenKeyName;
  readonly tokenSigningPublicKeys?: PublicKeyMap;
}

export type AuthorizerFunctionArn = string;

export type AuthorizerName = string;

export type AuthorizerStatus = 'ACTIVE' | 'INACTIVE';

export interface AuthorizerSummary {
  readonly authorizerArn?: AuthorizerArn;
  readonly authorizerName?: AuthorizerName;
}

export type Authorizers = readonly AuthorizerSummary[];

export type AutoRegistrationStatus = 'ENABLE' | 'DISABLE';

export type Average = number;

export type AwsAccountId = string;

export type AwsArn = string;

export type AwsIotJobArn = string;

export type AwsIotJobId = string;

export type AwsIotSqlVersion = string;

export interface AwsJobAbortConfig {
  readonly abortCriteriaList: AwsJobAbortCriteriaList;
}

export interface AwsJobAbortCriteria {
  readonly action: AwsJobAbortCriteriaAbortAction;
  readonly failureType: AwsJobAbortCriteriaFailureType;
  readonly minNumberOfExecutedThings: AwsJobAbortCriteriaMinimumNumberOfExecutedThings;
  readonly thresholdPercentage: AwsJobAbortCriteriaAbortThresholdPercentage;
}

export type AwsJobAbortCriteriaAbortAction = 'CANCEL';

export type AwsJobAbortCriteriaAbortThresholdPercentage = number;

export type AwsJobAbortCriteriaFailureType = 'FAILED' | 'REJECTED' | 'TIMED_OUT' | 'ALL';

export type AwsJobAbortCriteriaList = readonly AwsJobAbortCriteria[];

export type AwsJobAbortCriteriaMinimumNumberOfExecutedThings = number;

export interface AwsJobExecutionsRolloutConfig {
  readonly exponentialRate?: AwsJobExponentialRolloutRate;
  readonly maximumPerMinute?: MaximumPerMinute;
}

export interface AwsJobExponentialRolloutRate {
  readonly baseRatePerMinute: AwsJobRolloutRatePerMinute;
  readonly incrementFactor: AwsJobRolloutIncrementFactor;
  readonly rateIncreaseCriteria: AwsJobRateIncreaseCriteria;
}

export interface AwsJobPresignedUrlConfig {
  readonly expiresInSec?: ExpiresInSeconds;
}

export interface AwsJobRateIncreaseCriteria {
  readonly numberOfNotifiedThings?: AwsJobRateIncreaseCriteriaNumberOfThings;
  readonly numberOfSucceededThings?: AwsJobRateIncreaseCriteriaNumberOfThings;
}

export type AwsJobRateIncreaseCriteriaNumberOfThings = number;

export type AwsJobRolloutIncrementFactor = number;

export type AwsJobRolloutRatePerMinute = number;

export interface AwsJobTimeoutConfig {
  readonly inProgressTimeoutInMinutes?: AwsJobTimeoutInProgressTimeoutInMinutes;
}

export type AwsJobTimeoutInProgressTimeoutInMinutes = number;

export interface AwsJsonSubstitutionCommandPreprocessorConfig {
  readonly outputFormat: OutputFormat;
}

export type BatchAcrossTopics = boolean;

export interface BatchConfig {
  readonly batchAcrossTopics?: BatchAcrossTopics;
  readonly maxBatchOpenMs?: MaxBatchOpenMs;
  readonly maxBatchSize?: MaxBatchSize;
  readonly maxBatchSizeBytes?: MaxBatchSizeBytes;
}

export type BatchMode = boolean;

export type BeforeSubstitutionFlag = boolean;

export interface Behavior {
  readonly criteria?: BehaviorCriteria;
  readonly exportMetric?: ExportMetric;
  readonly metric?: BehaviorMetric;
  readonly metricDimension?: MetricDimension;
  readonly name: BehaviorName;
  readonly suppressAlerts?: SuppressAlerts;
}

export interface BehaviorCriteria {
  readonly comparisonOperator?: ComparisonOperator;
  readonly consecutiveDatapointsToAlarm?: ConsecutiveDatapointsToAlarm;
  readonly consecutiveDatapointsToClear?: ConsecutiveDatapointsToClear;
  readonly durationSeconds?: DurationSeconds;
  readonly mlDetectionConfig?: MachineLearningDetectionConfig;
  readonly statisticalThreshold?: StatisticalThreshold;
  readonly value?: MetricValue;
}

export type BehaviorCriteriaType = 'STATIC' | 'STATISTICAL' | 'MACHINE_LEARNING';

export type BehaviorMetric = string;

export type BehaviorModelTrainingSummaries = readonly BehaviorModelTrainingSummary[];

export interface BehaviorModelTrainingSummary {
  readonly behaviorName?: BehaviorName;
  readonly datapointsCollectionPercentage?: DataCollectionPercentage;
  readonly lastModelRefreshDate?: Timestamp;
  readonly modelStatus?: ModelStatus;
  readonly securityProfileName?: SecurityProfileName;
  readonly trainingDataCollectionStartDate?: Timestamp;
}

export type BehaviorName = string;

export type Behaviors = readonly Behavior[];

export type BillingGroupArn = string;

export type BillingGroupDescription = string;

export type BillingGroupId = string;

export interface BillingGroupMetadata {
  readonly creationDate?: CreationDate;
}

export type BillingGroupName = string;

export type BillingGroupNameAndArnList = readonly GroupNameAndArn[];

export interface BillingGroupProperties {
  readonly billingGroupDescription?: BillingGroupDescription;
}

export type BinaryCommandExecutionResult = Buffer;

export type BinaryParameterValue = Buffer;

export type BooleanCommandExecutionResult = boolean;

export type BooleanKey = boolean;

export type BooleanParameterValue = boolean;

export type BooleanWrapperObject = boolean;

export interface Bucket {
  readonly count?: Count;
  readonly keyValue?: BucketKeyValue;
}

export type BucketKeyValue = string;

export type BucketName = string;

export type Buckets = readonly Bucket[];

export interface BucketsAggregationType {
  readonly termsAggregation?: TermsAggregation;
}

export interface CACertificate {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly creationDate?: DateType;
  readonly status?: CACertificateStatus;
}

export interface CACertificateDescription {
  readonly autoRegistrationStatus?: AutoRegistrationStatus;
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly certificateMode?: CertificateMode;
  readonly certificatePem?: CertificatePem;
  readonly creationDate?: DateType;
  readonly customerVersion?: CustomerVersion;
  readonly generationId?: GenerationId;
  readonly lastModifiedDate?: DateType;
  readonly ownedBy?: AwsAccountId;
  readonly status?: CACertificateStatus;
  readonly validity?: CertificateValidity;
}

export type CACertificateStatus = 'ACTIVE' | 'INACTIVE';

export type CACertificateUpdateAction = 'DEACTIVATE';

export type CACertificates = readonly CACertificate[];

export interface CancelAuditMitigationActionsTaskRequest {
  readonly taskId: MitigationActionsTaskId;
}

export type CancelAuditMitigationActionsTaskResponse = Nothing;

export interface CancelAuditTaskRequest {
  readonly taskId: AuditTaskId;
}

export type CancelAuditTaskResponse = Nothing;

export interface CancelCertificateTransferRequest {
  readonly certificateId: CertificateId;
}

export interface CancelDetectMitigationActionsTaskRequest {
  readonly taskId: MitigationActionsTaskId;
}

export type CancelDetectMitigationActionsTaskResponse = Nothing;

export interface CancelJobExecutionRequest {
  readonly expectedVersion?: ExpectedVersion;
  readonly force?: ForceFlag;
  readonly jobId: JobId;
  readonly statusDetails?: DetailsMap;
  readonly thingName: ThingName;
}

export interface CancelJobRequest {
  readonly comment?: Comment;
  readonly force?: ForceFlag;
  readonly jobId: JobId;
  readonly reasonCode?: ReasonCode;
}

export interface CancelJobResponse {
  readonly description?: JobDescription;
  readonly jobArn?: JobArn;
  readonly jobId?: JobId;
}

export type CanceledChecksCount = number;

export type CanceledFindingsCount = number;

export type CanceledThings = number;

export type CannedAccessControlList = 'private' | 'public-read' | 'public-read-write' | 'aws-exec-read' | 'authenticated-read' | 'bucket-owner-read' | 'bucket-owner-full-control' | 'log-delivery-write';

export interface Certificate {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly certificateMode?: CertificateMode;
  readonly creationDate?: DateType;
  readonly status?: CertificateStatus;
}

export type CertificateArn = string;

export interface CertificateConflictException {
  readonly message?: errorMessage;
}

export interface CertificateDescription {
  readonly caCertificateId?: CertificateId;
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly certificateMode?: CertificateMode;
  readonly certificatePem?: CertificatePem;
  readonly creationDate?: DateType;
  readonly customerVersion?: CustomerVersion;
  readonly generationId?: GenerationId;
  readonly lastModifiedDate?: DateType;
  readonly ownedBy?: AwsAccountId;
  readonly previousOwnedBy?: AwsAccountId;
  readonly status?: CertificateStatus;
  readonly transferData?: TransferData;
  readonly validity?: CertificateValidity;
}

export type CertificateId = string;

export type CertificateMode = 'DEFAULT' | 'SNI_ONLY';

export type CertificateName = string;

export type CertificatePathOnDevice = string;

export type CertificatePem = string;

export type CertificateProviderAccountDefaultForOperations = readonly CertificateProviderOperation[];

export type CertificateProviderArn = string;

export type CertificateProviderFunctionArn = string;

export type CertificateProviderName = string;

export type CertificateProviderOperation = 'CreateCertificateFromCsr';

export interface CertificateProviderSummary {
  readonly certificateProviderArn?: CertificateProviderArn;
  readonly certificateProviderName?: CertificateProviderName;
}

export type CertificateProviders = readonly CertificateProviderSummary[];

export type CertificateSigningRequest = string;

export interface CertificateStateException {
  readonly message?: errorMessage;
}

export type CertificateStatus = 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_TRANSFER' | 'REGISTER_INACTIVE' | 'PENDING_ACTIVATION';

export interface CertificateValidationException {
  readonly message?: errorMessage;
}

export interface CertificateValidity {
  readonly notAfter?: DateType;
  readonly notBefore?: DateType;
}

export type Certificates = readonly Certificate[];

export type ChannelName = string;

export type CheckCompliant = boolean;

export type CheckCustomConfiguration = { readonly [key in ConfigName]?: ConfigValue };

export type Cidr = string;

export type Cidrs = readonly Cidr[];

export type ClearDefaultAuthorizerRequest = Nothing;

export type ClearDefaultAuthorizerResponse = Nothing;

export type ClientCertificateCallbackArn = string;

export interface ClientCertificateConfig {
  readonly clientCertificateCallbackArn?: ClientCertificateCallbackArn;
}

export type ClientId = string;

export type ClientProperties = { readonly [key: string]: string };

export type ClientRequestToken = string;

export type ClientToken = string;

export interface CloudwatchAlarmAction {
  readonly alarmName: AlarmName;
  readonly roleArn: AwsArn;
  readonly stateReason: StateReason;
  readonly stateValue: StateValue;
}

export interface CloudwatchLogsAction {
  readonly batchMode?: BatchMode;
  readonly logGroupName: LogGroupName;
  readonly roleArn: AwsArn;
}

export interface CloudwatchMetricAction {
  readonly metricName: string;
  readonly metricNamespace: string;
  readonly metricTimestamp?: string;
  readonly metricUnit: string;
  readonly metricValue: string;
  readonly roleArn: AwsArn;
}

export type Code = string;

export interface CodeSigning {
  readonly awsSignerJobId?: SigningJobId;
  readonly customCodeSigning?: CustomCodeSigning;
  readonly startSigningJobParameter?: StartSigningJobParameter;
}

export interface CodeSigningCertificateChain {
  readonly certificateName?: CertificateName;
  readonly inlineDocument?: InlineDocument;
}

export interface CodeSigningSignature {
  readonly inlineDocument?: Signature;
}

export type CognitoIdentityPoolId = string;

export type CommandArn = string;

export type CommandDescription = string;

export type CommandExecutionId = string;

export type CommandExecutionParameterMap = { readonly [key: string]: CommandParameterValue };

export interface CommandExecutionResult {
  readonly B?: BooleanCommandExecutionResult;
  readonly BIN?: BinaryCommandExecutionResult;
  readonly S?: StringCommandExecutionResult;
}

export type CommandExecutionResultMap = { readonly [key: string]: CommandExecutionResult };

export type CommandExecutionResultName = string;

export type CommandExecutionStatus = 'CREATED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'REJECTED' | 'TIMED_OUT';

export interface CommandExecutionSummary {
  readonly commandArn?: CommandArn;
  readonly completedAt?: DateType;
  readonly createdAt?: DateType;
  readonly executionId?: CommandExecutionId;
  readonly startedAt?: DateType;
  readonly status?: CommandExecutionStatus;
  readonly targetArn?: TargetArn;
}

export type CommandExecutionSummaryList = readonly CommandExecutionSummary[];

export type CommandExecutionTimeoutInSeconds = number;

export type CommandId = string;

export type CommandMaxResults = number;

export type CommandNamespace = 'AWS-IoT' | 'AWS-IoT-FleetWise';

export interface CommandParameter {
  readonly defaultValue?: CommandParameterValue;
  readonly description?: CommandParameterDescription;
  readonly name: CommandParameterName;
  readonly type?: CommandParameterType;
  readonly value?: CommandParameterValue;
  readonly valueConditions?: CommandParameterValueConditionList;
}

export type CommandParameterDescription = string;

export type CommandParameterList = readonly CommandParameter[];

export type CommandParameterName = string;

export type CommandParameterType = 'STRING' | 'INTEGER' | 'DOUBLE' | 'LONG' | 'UNSIGNEDLONG' | 'BOOLEAN' | 'BINARY';

export interface CommandParameterValue {
  readonly B?: BooleanParameterValue;
  readonly BIN?: BinaryParameterValue;
  readonly D?: DoubleParameterValue;
  readonly I?: IntegerParameterValue;
  readonly L?: LongParameterValue;
  readonly S?: StringParameterValue;
  readonly UL?: UnsignedLongParameterValue;
}

export interface CommandParameterValueComparisonOperand {
  readonly number?: StringParameterValue;
  readonly numberRange?: CommandParameterValueNumberRange;
  readonly numbers?: CommandParameterValueStringList;
  readonly string?: StringParameterValue;
  readonly strings?: CommandParameterValueStringList;
}

export type CommandParameterValueComparisonOperator = 'EQUALS' | 'NOT_EQUALS' | 'LESS_THAN' | 'LESS_THAN_EQUALS' | 'GREATER_THAN' | 'GREATER_THAN_EQUALS' | 'IN_SET' | 'NOT_IN_SET' | 'IN_RANGE' | 'NOT_IN_RANGE';

export interface CommandParameterValueCondition {
  readonly comparisonOperator: CommandParameterValueComparisonOperator;
  readonly operand: CommandParameterValueComparisonOperand;
}

export type CommandParameterValueConditionList = readonly CommandParameterValueCondition[];

export interface CommandParameterValueNumberRange {
  readonly max: StringParameterValue;
  readonly min: StringParameterValue;
}

export type CommandParameterValueStringList = readonly StringParameterValue[];

export interface CommandPayload {
  readonly content?: CommandPayloadBlob;
  readonly contentType?: MimeType;
}

export type CommandPayloadBlob = Buffer;

export type CommandPayloadTemplateString = string;

export interface CommandPreprocessor {
  readonly awsJsonSubstitution?: AwsJsonSubstitutionCommandPreprocessorConfig;
}

export interface CommandSummary {
  readonly commandArn?: CommandArn;
  readonly commandId?: CommandId;
  readonly createdAt?: DateType;
  readonly deprecated?: DeprecationFlag;
  readonly displayName?: DisplayName;
  readonly lastUpdatedAt?: DateType;
  readonly pendingDeletion?: BooleanWrapperObject;
}

export type CommandSummaryList = readonly CommandSummary[];

export type Comment = string;

export type ComparisonOperator = 'less-than' | 'less-than-equals' | 'greater-than' | 'greater-than-equals' | 'in-cidr-set' | 'not-in-cidr-set' | 'in-port-set' | 'not-in-port-set' | 'in-set' | 'not-in-set';

export type CompliantChecksCount = number;

export type ConfidenceLevel = 'LOW' | 'MEDIUM' | 'HIGH';

export type ConfigName = 'CERT_AGE_THRESHOLD_IN_DAYS' | 'CERT_EXPIRATION_THRESHOLD_IN_DAYS';

export type ConfigValue = string;

export interface Configuration {
  readonly Enabled?: Enabled;
}

export interface ConfigurationDetails {
  readonly configurationStatus?: ConfigurationStatus;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: ErrorMessage;
}

export type ConfigurationStatus = 'HEALTHY' | 'UNHEALTHY';

export interface ConfirmTopicRuleDestinationRequest {
  readonly confirmationToken: ConfirmationToken;
}

export type ConfirmTopicRuleDestinationResponse = Nothing;

export type ConfirmationToken = string;

export interface ConflictException {
  readonly message?: errorMessage;
  readonly resourceId?: resourceId;
}

export interface ConflictingResourceUpdateException {
  readonly message?: errorMessage;
}

export type ConnectionAttributeName = string;

export type ConnectivityApiThingName = string;

export type ConnectivityTimestamp = number;

export type ConsecutiveDatapointsToAlarm = number;

export type ConsecutiveDatapointsToClear = number;

export type ContentType = string;

export type CorrelationData = string;

export type Count = number;

export interface CreateAuditSuppressionRequest {
  readonly checkName: AuditCheckName;
  readonly clientRequestToken: ClientRequestToken;
  readonly description?: AuditDescription;
  readonly expirationDate?: Timestamp;
  readonly resourceIdentifier: ResourceIdentifier;
  readonly suppressIndefinitely?: SuppressIndefinitely;
}

export type CreateAuditSuppressionResponse = Nothing;

export interface CreateAuthorizerRequest {
  readonly authorizerFunctionArn: AuthorizerFunctionArn;
  readonly authorizerName: AuthorizerName;
  readonly enableCachingForHttp?: EnableCachingForHttp;
  readonly signingDisabled?: BooleanKey;
  readonly status?: AuthorizerStatus;
  readonly tags?: TagList;
  readonly tokenKeyName?: TokenKeyName;
  readonly tokenSigningPublicKeys?: PublicKeyMap;
}

export interface CreateAuthorizerResponse {
  readonly authorizerArn?: AuthorizerArn;
  readonly authorizerName?: AuthorizerName;
}

export interface CreateBillingGroupRequest {
  readonly billingGroupName: BillingGroupName;
  readonly billingGroupProperties?: BillingGroupProperties;
  readonly tags?: TagList;
}

export interface CreateBillingGroupResponse {
  readonly billingGroupArn?: BillingGroupArn;
  readonly billingGroupId?: BillingGroupId;
  readonly billingGroupName?: BillingGroupName;
}

export interface CreateCertificateFromCsrRequest {
  readonly certificateSigningRequest: CertificateSigningRequest;
  readonly setAsActive?: SetAsActive;
}

export interface CreateCertificateFromCsrResponse {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly certificatePem?: CertificatePem;
}

export interface CreateCertificateProviderRequest {
  readonly accountDefaultForOperations: CertificateProviderAccountDefaultForOperations;
  readonly certificateProviderName: CertificateProviderName;
  readonly clientToken?: ClientToken;
  readonly lambdaFunctionArn: CertificateProviderFunctionArn;
  readonly tags?: TagList;
}

export interface CreateCertificateProviderResponse {
  readonly certificateProviderArn?: CertificateProviderArn;
  readonly certificateProviderName?: CertificateProviderName;
}

export interface CreateCommandRequest {
  readonly commandId: CommandId;
  readonly description?: CommandDescription;
  readonly displayName?: DisplayName;
  readonly mandatoryParameters?: CommandParameterList;
  readonly namespace?: CommandNamespace;
  readonly payload?: CommandPayload;
  readonly payloadTemplate?: CommandPayloadTemplateString;
  readonly preprocessor?: CommandPreprocessor;
  readonly roleArn?: RoleArn;
  readonly tags?: TagList;
}

export interface CreateCommandResponse {
  readonly commandArn?: CommandArn;
  readonly commandId?: CommandId;
}

export interface CreateCustomMetricRequest {
  readonly clientRequestToken: ClientRequestToken;
  readonly displayName?: CustomMetricDisplayName;
  readonly metricName: MetricName;
  readonly metricType: CustomMetricType;
  readonly tags?: TagList;
}

export interface CreateCustomMetricResponse {
  readonly metricArn?: CustomMetricArn;
  readonly metricName?: MetricName;
}

export interface CreateDimensionRequest {
  readonly clientRequestToken: ClientRequestToken;
  readonly name: DimensionName;
  readonly stringValues: DimensionStringValues;
  readonly tags?: TagList;
  readonly type: DimensionType;
}

export interface CreateDimensionResponse {
  readonly arn?: DimensionArn;
  readonly name?: DimensionName;
}

export interface CreateDomainConfigurationRequest {
  readonly applicationProtocol?: ApplicationProtocol;
  readonly authenticationType?: AuthenticationType;
  readonly authorizerConfig?: AuthorizerConfig;
  readonly clientCertificateConfig?: ClientCertificateConfig;
  readonly domainConfigurationName: DomainConfigurationName;
  readonly domainName?: DomainName;
  readonly serverCertificateArns?: ServerCertificateArns;
  readonly serverCertificateConfig?: ServerCertificateConfig;
  readonly serviceType?: ServiceType;
  readonly tags?: TagList;
  readonly tlsConfig?: TlsConfig;
  readonly validationCertificateArn?: AcmCertificateArn;
}

export interface CreateDomainConfigurationResponse {
  readonly domainConfigurationArn?: DomainConfigurationArn;
  readonly domainConfigurationName?: DomainConfigurationName;
}

export interface CreateDynamicThingGroupRequest {
  readonly indexName?: IndexName;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly tags?: TagList;
  readonly thingGroupName: ThingGroupName;
  readonly thingGroupProperties?: ThingGroupProperties;
}

export interface CreateDynamicThingGroupResponse {
  readonly indexName?: IndexName;
  readonly queryString?: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly thingGroupArn?: ThingGroupArn;
  readonly thingGroupId?: ThingGroupId;
  readonly thingGroupName?: ThingGroupName;
}

export interface CreateFleetMetricRequest {
  readonly aggregationField: AggregationField;
  readonly aggregationType: AggregationType;
  readonly description?: FleetMetricDescription;
  readonly indexName?: IndexName;
  readonly metricName: FleetMetricName;
  readonly period: FleetMetricPeriod;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly tags?: TagList;
  readonly unit?: FleetMetricUnit;
}

export interface CreateFleetMetricResponse {
  readonly metricArn?: FleetMetricArn;
  readonly metricName?: FleetMetricName;
}

export interface CreateJobRequest {
  readonly abortConfig?: AbortConfig;
  readonly description?: JobDescription;
  readonly destinationPackageVersions?: DestinationPackageVersions;
  readonly document?: JobDocument;
  readonly documentParameters?: ParameterMap;
  readonly documentSource?: JobDocumentSource;
  readonly jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  readonly jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  readonly jobId: JobId;
  readonly jobTemplateArn?: JobTemplateArn;
  readonly namespaceId?: NamespaceId;
  readonly presignedUrlConfig?: PresignedUrlConfig;
  readonly schedulingConfig?: SchedulingConfig;
  readonly tags?: TagList;
  readonly targetSelection?: TargetSelection;
  readonly targets: JobTargets;
  readonly timeoutConfig?: TimeoutConfig;
}

export interface CreateJobResponse {
  readonly description?: JobDescription;
  readonly jobArn?: JobArn;
  readonly jobId?: JobId;
}

export interface CreateJobTemplateRequest {
  readonly abortConfig?: AbortConfig;
  readonly description: JobDescription;
  readonly destinationPackageVersions?: DestinationPackageVersions;
  readonly document?: JobDocument;
  readonly documentSource?: JobDocumentSource;
  readonly jobArn?: JobArn;
  readonly jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  readonly jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  readonly jobTemplateId: JobTemplateId;
  readonly maintenanceWindows?: MaintenanceWindows;
  readonly presignedUrlConfig?: PresignedUrlConfig;
  readonly tags?: TagList;
  readonly timeoutConfig?: TimeoutConfig;
}

export interface CreateJobTemplateResponse {
  readonly jobTemplateArn?: JobTemplateArn;
  readonly jobTemplateId?: JobTemplateId;
}

export interface CreateKeysAndCertificateRequest {
  readonly setAsActive?: SetAsActive;
}

export interface CreateKeysAndCertificateResponse {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly certificatePem?: CertificatePem;
  readonly keyPair?: KeyPair;
}

export interface CreateMitigationActionRequest {
  readonly actionName: MitigationActionName;
  readonly actionParams: MitigationActionParams;
  readonly roleArn: RoleArn;
  readonly tags?: TagList;
}

export interface CreateMitigationActionResponse {
  readonly actionArn?: MitigationActionArn;
  readonly actionId?: MitigationActionId;
}

export interface CreateOTAUpdateRequest {
  readonly additionalParameters?: AdditionalParameterMap;
  readonly awsJobAbortConfig?: AwsJobAbortConfig;
  readonly awsJobExecutionsRolloutConfig?: AwsJobExecutionsRolloutConfig;
  readonly awsJobPresignedUrlConfig?: AwsJobPresignedUrlConfig;
  readonly awsJobTimeoutConfig?: AwsJobTimeoutConfig;
  readonly description?: OTAUpdateDescription;
  readonly files: OTAUpdateFiles;
  readonly otaUpdateId: OTAUpdateId;
  readonly protocols?: Protocols;
  readonly roleArn: RoleArn;
  readonly tags?: TagList;
  readonly targetSelection?: TargetSelection;
  readonly targets: Targets;
}

export interface CreateOTAUpdateResponse {
  readonly awsIotJobArn?: AwsIotJobArn;
  readonly awsIotJobId?: AwsIotJobId;
  readonly otaUpdateArn?: OTAUpdateArn;
  readonly otaUpdateId?: OTAUpdateId;
  readonly otaUpdateStatus?: OTAUpdateStatus;
}

export interface CreatePackageRequest {
  readonly clientToken?: ClientToken;
  readonly description?: ResourceDescription;
  readonly packageName: PackageName;
  readonly tags?: TagMap;
}

export interface CreatePackageResponse {
  readonly description?: ResourceDescription;
  readonly packageArn?: PackageArn;
  readonly packageName?: PackageName;
}

export interface CreatePackageVersionRequest {
  readonly artifact?: PackageVersionArtifact;
  readonly attributes?: ResourceAttributes;
  readonly clientToken?: ClientToken;
  readonly description?: ResourceDescription;
  readonly packageName: PackageName;
  readonly recipe?: PackageVersionRecipe;
  readonly tags?: TagMap;
  readonly versionName: VersionName;
}

export interface CreatePackageVersionResponse {
  readonly attributes?: ResourceAttributes;
  readonly description?: ResourceDescription;
  readonly errorReason?: PackageVersionErrorReason;
  readonly packageName?: PackageName;
  readonly packageVersionArn?: PackageVersionArn;
  readonly status?: PackageVersionStatus;
  readonly versionName?: VersionName;
}

export interface CreatePolicyRequest {
  readonly policyDocument: PolicyDocument;
  readonly policyName: PolicyName;
  readonly tags?: TagList;
}

export interface CreatePolicyResponse {
  readonly policyArn?: PolicyArn;
  readonly policyDocument?: PolicyDocument;
  readonly policyName?: PolicyName;
  readonly policyVersionId?: PolicyVersionId;
}

export interface CreatePolicyVersionRequest {
  readonly policyDocument: PolicyDocument;
  readonly policyName: PolicyName;
  readonly setAsDefault?: SetAsDefault;
}

export interface CreatePolicyVersionResponse {
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly policyArn?: PolicyArn;
  readonly policyDocument?: PolicyDocument;
  readonly policyVersionId?: PolicyVersionId;
}

export interface CreateProvisioningClaimRequest {
  readonly templateName: TemplateName;
}

export interface CreateProvisioningClaimResponse {
  readonly certificateId?: CertificateId;
  readonly certificatePem?: CertificatePem;
  readonly expiration?: DateType;
  readonly keyPair?: KeyPair;
}

export interface CreateProvisioningTemplateRequest {
  readonly description?: TemplateDescription;
  readonly enabled?: Enabled;
  readonly preProvisioningHook?: ProvisioningHook;
  readonly provisioningRoleArn: RoleArn;
  readonly tags?: TagList;
  readonly templateBody: TemplateBody;
  readonly templateName: TemplateName;
  readonly type?: TemplateType;
}

export interface CreateProvisioningTemplateResponse {
  readonly defaultVersionId?: TemplateVersionId;
  readonly templateArn?: TemplateArn;
  readonly templateName?: TemplateName;
}

export interface CreateProvisioningTemplateVersionRequest {
  readonly setAsDefault?: SetAsDefault;
  readonly templateBody: TemplateBody;
  readonly templateName: TemplateName;
}

export interface CreateProvisioningTemplateVersionResponse {
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly templateArn?: TemplateArn;
  readonly templateName?: TemplateName;
  readonly versionId?: TemplateVersionId;
}

export interface CreateRoleAliasRequest {
  readonly credentialDurationSeconds?: CredentialDurationSeconds;
  readonly roleAlias: RoleAlias;
  readonly roleArn: RoleArn;
  readonly tags?: TagList;
}

export interface CreateRoleAliasResponse {
  readonly roleAlias?: RoleAlias;
  readonly roleAliasArn?: RoleAliasArn;
}

export interface CreateScheduledAuditRequest {
  readonly dayOfMonth?: DayOfMonth;
  readonly dayOfWeek?: DayOfWeek;
  readonly frequency: AuditFrequency;
  readonly scheduledAuditName: ScheduledAuditName;
  readonly tags?: TagList;
  readonly targetCheckNames: TargetAuditCheckNames;
}

export interface CreateScheduledAuditResponse {
  readonly scheduledAuditArn?: ScheduledAuditArn;
}

export interface CreateSecurityProfileRequest {
  readonly additionalMetricsToRetain?: AdditionalMetricsToRetainList;
  readonly additionalMetricsToRetainV2?: AdditionalMetricsToRetainV2List;
  readonly alertTargets?: AlertTargets;
  readonly behaviors?: Behaviors;
  readonly metricsExportConfig?: MetricsExportConfig;
  readonly securityProfileDescription?: SecurityProfileDescription;
  readonly securityProfileName: SecurityProfileName;
  readonly tags?: TagList;
}

export interface CreateSecurityProfileResponse {
  readonly securityProfileArn?: SecurityProfileArn;
  readonly securityProfileName?: SecurityProfileName;
}

export interface CreateStreamRequest {
  readonly description?: StreamDescription;
  readonly files: StreamFiles;
  readonly roleArn: RoleArn;
  readonly streamId: StreamId;
  readonly tags?: TagList;
}

export interface CreateStreamResponse {
  readonly description?: StreamDescription;
  readonly streamArn?: StreamArn;
  readonly streamId?: StreamId;
  readonly streamVersion?: StreamVersion;
}

export interface CreateThingGroupRequest {
  readonly parentGroupName?: ThingGroupName;
  readonly tags?: TagList;
  readonly thingGroupName: ThingGroupName;
  readonly thingGroupProperties?: ThingGroupProperties;
}

export interface CreateThingGroupResponse {
  readonly thingGroupArn?: ThingGroupArn;
  readonly thingGroupId?: ThingGroupId;
  readonly thingGroupName?: ThingGroupName;
}

export interface CreateThingRequest {
  readonly attributePayload?: AttributePayload;
  readonly billingGroupName?: BillingGroupName;
  readonly thingName: ThingName;
  readonly thingTypeName?: ThingTypeName;
}

export interface CreateThingResponse {
  readonly thingArn?: ThingArn;
  readonly thingId?: ThingId;
  readonly thingName?: ThingName;
}

export interface CreateThingTypeRequest {
  readonly tags?: TagList;
  readonly thingTypeName: ThingTypeName;
  readonly thingTypeProperties?: ThingTypeProperties;
}

export interface CreateThingTypeResponse {
  readonly thingTypeArn?: ThingTypeArn;
  readonly thingTypeId?: ThingTypeId;
  readonly thingTypeName?: ThingTypeName;
}

export interface CreateTopicRuleDestinationRequest {
  readonly destinationConfiguration: TopicRuleDestinationConfiguration;
}

export interface CreateTopicRuleDestinationResponse {
  readonly topicRuleDestination?: TopicRuleDestination;
}

export interface CreateTopicRuleRequest {
  readonly ruleName: RuleName;
  readonly tags?: string;
  readonly topicRulePayload: TopicRulePayload;
}

export type CreatedAtDate = Date;

export type CreationDate = Date;

export type CredentialDurationSeconds = number;

export type CronExpression = string;

export interface CustomCodeSigning {
  readonly certificateChain?: CodeSigningCertificateChain;
  readonly hashAlgorithm?: HashAlgorithm;
  readonly signature?: CodeSigningSignature;
  readonly signatureAlgorithm?: SignatureAlgorithm;
}

export type CustomMetricArn = string;

export type CustomMetricDisplayName = string;

export type CustomMetricType = 'string-list' | 'ip-address-list' | 'number-list' | 'number';

export type CustomerVersion = number;

export type DataCollectionPercentage = number;

export type DateType = Date;

export type DayOfMonth = string;

export type DayOfWeek = 'SUN' | 'MON' | 'TUE' | 'WED' | 'THU' | 'FRI' | 'SAT';

export interface DeleteAccountAuditConfigurationRequest {
  readonly deleteScheduledAudits?: DeleteScheduledAudits;
}

export type DeleteAccountAuditConfigurationResponse = Nothing;

export type DeleteAdditionalMetricsToRetain = boolean;

export type DeleteAlertTargets = boolean;

export interface DeleteAuditSuppressionRequest {
  readonly checkName: AuditCheckName;
  readonly resourceIdentifier: ResourceIdentifier;
}

export type DeleteAuditSuppressionResponse = Nothing;

export interface DeleteAuthorizerRequest {
  readonly authorizerName: AuthorizerName;
}

export type DeleteAuthorizerResponse = Nothing;

export type DeleteBehaviors = boolean;

export interface DeleteBillingGroupRequest {
  readonly billingGroupName: BillingGroupName;
  readonly expectedVersion?: OptionalVersion;
}

export type DeleteBillingGroupResponse = Nothing;

export interface DeleteCACertificateRequest {
  readonly certificateId: CertificateId;
}

export type DeleteCACertificateResponse = Nothing;

export interface DeleteCertificateProviderRequest {
  readonly certificateProviderName: CertificateProviderName;
}

export type DeleteCertificateProviderResponse = Nothing;

export interface DeleteCertificateRequest {
  readonly certificateId: CertificateId;
  readonly forceDelete?: ForceDelete;
}

export interface DeleteCommandExecutionRequest {
  readonly executionId: CommandExecutionId;
  readonly targetArn: TargetArn;
}

export type DeleteCommandExecutionResponse = Nothing;

export interface DeleteCommandRequest {
  readonly commandId: CommandId;
}

export interface DeleteCommandResponse {
  readonly statusCode?: StatusCode;
}

export interface DeleteConflictException {
  readonly message?: errorMessage;
}

export interface DeleteCustomMetricRequest {
  readonly metricName: MetricName;
}

export type DeleteCustomMetricResponse = Nothing;

export interface DeleteDimensionRequest {
  readonly name: DimensionName;
}

export type DeleteDimensionResponse = Nothing;

export interface DeleteDomainConfigurationRequest {
  readonly domainConfigurationName: DomainConfigurationName;
}

export type DeleteDomainConfigurationResponse = Nothing;

export interface DeleteDynamicThingGroupRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly thingGroupName: ThingGroupName;
}

export type DeleteDynamicThingGroupResponse = Nothing;

export interface DeleteFleetMetricRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly metricName: FleetMetricName;
}

export interface DeleteJobExecutionRequest {
  readonly executionNumber: ExecutionNumber;
  readonly force?: ForceFlag;
  readonly jobId: JobId;
  readonly namespaceId?: NamespaceId;
  readonly thingName: ThingName;
}

export interface DeleteJobRequest {
  readonly force?: ForceFlag;
  readonly jobId: JobId;
  readonly namespaceId?: NamespaceId;
}

export interface DeleteJobTemplateRequest {
  readonly jobTemplateId: JobTemplateId;
}

export type DeleteMetricsExportConfig = boolean;

export interface DeleteMitigationActionRequest {
  readonly actionName: MitigationActionName;
}

export type DeleteMitigationActionResponse = Nothing;

export interface DeleteOTAUpdateRequest {
  readonly deleteStream?: DeleteStream;
  readonly forceDeleteAWSJob?: ForceDeleteAWSJob;
  readonly otaUpdateId: OTAUpdateId;
}

export type DeleteOTAUpdateResponse = Nothing;

export interface DeletePackageRequest {
  readonly clientToken?: ClientToken;
  readonly packageName: PackageName;
}

export type DeletePackageResponse = Nothing;

export interface DeletePackageVersionRequest {
  readonly clientToken?: ClientToken;
  readonly packageName: PackageName;
  readonly versionName: VersionName;
}

export type DeletePackageVersionResponse = Nothing;

export interface DeletePolicyRequest {
  readonly policyName: PolicyName;
}

export interface DeletePolicyVersionRequest {
  readonly policyName: PolicyName;
  readonly policyVersionId: PolicyVersionId;
}

export interface DeleteProvisioningTemplateRequest {
  readonly templateName: TemplateName;
}

export type DeleteProvisioningTemplateResponse = Nothing;

export interface DeleteProvisioningTemplateVersionRequest {
  readonly templateName: TemplateName;
  readonly versionId: TemplateVersionId;
}

export type DeleteProvisioningTemplateVersionResponse = Nothing;

export type DeleteRegistrationCodeRequest = Nothing;

export type DeleteRegistrationCodeResponse = Nothing;

export interface DeleteRoleAliasRequest {
  readonly roleAlias: RoleAlias;
}

export type DeleteRoleAliasResponse = Nothing;

export interface DeleteScheduledAuditRequest {
  readonly scheduledAuditName: ScheduledAuditName;
}

export type DeleteScheduledAuditResponse = Nothing;

export type DeleteScheduledAudits = boolean;

export interface DeleteSecurityProfileRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly securityProfileName: SecurityProfileName;
}

export type DeleteSecurityProfileResponse = Nothing;

export type DeleteStream = boolean;

export interface DeleteStreamRequest {
  readonly streamId: StreamId;
}

export type DeleteStreamResponse = Nothing;

export interface DeleteThingGroupRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly thingGroupName: ThingGroupName;
}

export type DeleteThingGroupResponse = Nothing;

export interface DeleteThingRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly thingName: ThingName;
}

export type DeleteThingResponse = Nothing;

export interface DeleteThingTypeRequest {
  readonly thingTypeName: ThingTypeName;
}

export type DeleteThingTypeResponse = Nothing;

export interface DeleteTopicRuleDestinationRequest {
  readonly arn: AwsArn;
}

export type DeleteTopicRuleDestinationResponse = Nothing;

export interface DeleteTopicRuleRequest {
  readonly ruleName: RuleName;
}

export interface DeleteV2LoggingLevelRequest {
  readonly targetName: LogTargetName;
  readonly targetType: LogTargetType;
}

export type DeliveryStreamName = string;

export interface Denied {
  readonly explicitDeny?: ExplicitDeny;
  readonly implicitDeny?: ImplicitDeny;
}

export interface DeprecateThingTypeRequest {
  readonly thingTypeName: ThingTypeName;
  readonly undoDeprecate?: UndoDeprecate;
}

export type DeprecateThingTypeResponse = Nothing;

export type DeprecationDate = Date;

export type DeprecationFlag = boolean;

export type DescribeAccountAuditConfigurationRequest = Nothing;

export interface DescribeAccountAuditConfigurationResponse {
  readonly auditCheckConfigurations?: AuditCheckConfigurations;
  readonly auditNotificationTargetConfigurations?: AuditNotificationTargetConfigurations;
  readonly roleArn?: RoleArn;
}

export interface DescribeAuditFindingRequest {
  readonly findingId: FindingId;
}

export interface DescribeAuditFindingResponse {
  readonly finding?: AuditFinding;
}

export interface DescribeAuditMitigationActionsTaskRequest {
  readonly taskId: MitigationActionsTaskId;
}

export interface DescribeAuditMitigationActionsTaskResponse {
  readonly actionsDefinition?: MitigationActionList;
  readonly auditCheckToActionsMapping?: AuditCheckToActionsMapping;
  readonly endTime?: Timestamp;
  readonly startTime?: Timestamp;
  readonly target?: AuditMitigationActionsTaskTarget;
  readonly taskStatistics?: AuditMitigationActionsTaskStatistics;
  readonly taskStatus?: AuditMitigationActionsTaskStatus;
}

export interface DescribeAuditSuppressionRequest {
  readonly checkName: AuditCheckName;
  readonly resourceIdentifier: ResourceIdentifier;
}

export interface DescribeAuditSuppressionResponse {
  readonly checkName?: AuditCheckName;
  readonly description?: AuditDescription;
  readonly expirationDate?: Timestamp;
  readonly resourceIdentifier?: ResourceIdentifier;
  readonly suppressIndefinitely?: SuppressIndefinitely;
}

export interface DescribeAuditTaskRequest {
  readonly taskId: AuditTaskId;
}

export interface DescribeAuditTaskResponse {
  readonly auditDetails?: AuditDetails;
  readonly scheduledAuditName?: ScheduledAuditName;
  readonly taskStartTime?: Timestamp;
  readonly taskStatistics?: TaskStatistics;
  readonly taskStatus?: AuditTaskStatus;
  readonly taskType?: AuditTaskType;
}

export interface DescribeAuthorizerRequest {
  readonly authorizerName: AuthorizerName;
}

export interface DescribeAuthorizerResponse {
  readonly authorizerDescription?: AuthorizerDescription;
}

export interface DescribeBillingGroupRequest {
  readonly billingGroupName: BillingGroupName;
}

export interface DescribeBillingGroupResponse {
  readonly billingGroupArn?: BillingGroupArn;
  readonly billingGroupId?: BillingGroupId;
  readonly billingGroupMetadata?: BillingGroupMetadata;
  readonly billingGroupName?: BillingGroupName;
  readonly billingGroupProperties?: BillingGroupProperties;
  readonly version?: Version;
}

export interface DescribeCACertificateRequest {
  readonly certificateId: CertificateId;
}

export interface DescribeCACertificateResponse {
  readonly certificateDescription?: CACertificateDescription;
  readonly registrationConfig?: RegistrationConfig;
}

export interface DescribeCertificateProviderRequest {
  readonly certificateProviderName: CertificateProviderName;
}

export interface DescribeCertificateProviderResponse {
  readonly accountDefaultForOperations?: CertificateProviderAccountDefaultForOperations;
  readonly certificateProviderArn?: CertificateProviderArn;
  readonly certificateProviderName?: CertificateProviderName;
  readonly creationDate?: DateType;
  readonly lambdaFunctionArn?: CertificateProviderFunctionArn;
  readonly lastModifiedDate?: DateType;
}

export interface DescribeCertificateRequest {
  readonly certificateId: CertificateId;
}

export interface DescribeCertificateResponse {
  readonly certificateDescription?: CertificateDescription;
}

export interface DescribeCustomMetricRequest {
  readonly metricName: MetricName;
}

export interface DescribeCustomMetricResponse {
  readonly creationDate?: Timestamp;
  readonly displayName?: CustomMetricDisplayName;
  readonly lastModifiedDate?: Timestamp;
  readonly metricArn?: CustomMetricArn;
  readonly metricName?: MetricName;
  readonly metricType?: CustomMetricType;
}

export type DescribeDefaultAuthorizerRequest = Nothing;

export interface DescribeDefaultAuthorizerResponse {
  readonly authorizerDescription?: AuthorizerDescription;
}

export interface DescribeDetectMitigationActionsTaskRequest {
  readonly taskId: MitigationActionsTaskId;
}

export interface DescribeDetectMitigationActionsTaskResponse {
  readonly taskSummary?: DetectMitigationActionsTaskSummary;
}

export interface DescribeDimensionRequest {
  readonly name: DimensionName;
}

export interface DescribeDimensionResponse {
  readonly arn?: DimensionArn;
  readonly creationDate?: Timestamp;
  readonly lastModifiedDate?: Timestamp;
  readonly name?: DimensionName;
  readonly stringValues?: DimensionStringValues;
  readonly type?: DimensionType;
}

export interface DescribeDomainConfigurationRequest {
  readonly domainConfigurationName: ReservedDomainConfigurationName;
}

export interface DescribeDomainConfigurationResponse {
  readonly applicationProtocol?: ApplicationProtocol;
  readonly authenticationType?: AuthenticationType;
  readonly authorizerConfig?: AuthorizerConfig;
  readonly clientCertificateConfig?: ClientCertificateConfig;
  readonly domainConfigurationArn?: DomainConfigurationArn;
  readonly domainConfigurationName?: ReservedDomainConfigurationName;
  readonly domainConfigurationStatus?: DomainConfigurationStatus;
  readonly domainName?: DomainName;
  readonly domainType?: DomainType;
  readonly lastStatusChangeDate?: DateType;
  readonly serverCertificateConfig?: ServerCertificateConfig;
  readonly serverCertificates?: ServerCertificates;
  readonly serviceType?: ServiceType;
  readonly tlsConfig?: TlsConfig;
}

export type DescribeEncryptionConfigurationRequest = Nothing;

export interface DescribeEncryptionConfigurationResponse {
  readonly configurationDetails?: ConfigurationDetails;
  readonly encryptionType?: EncryptionType;
  readonly kmsAccessRoleArn?: KmsAccessRoleArn;
  readonly kmsKeyArn?: KmsKeyArn;
  readonly lastModifiedDate?: DateType;
}

export interface DescribeEndpointRequest {
  readonly endpointType?: EndpointType;
}

export interface DescribeEndpointResponse {
  readonly endpointAddress?: EndpointAddress;
}

export type DescribeEventConfigurationsRequest = Nothing;

export interface DescribeEventConfigurationsResponse {
  readonly creationDate?: CreationDate;
  readonly eventConfigurations?: EventConfigurations;
  readonly lastModifiedDate?: LastModifiedDate;
}

export interface DescribeFleetMetricRequest {
  readonly metricName: FleetMetricName;
}

export interface DescribeFleetMetricResponse {
  readonly aggregationField?: AggregationField;
  readonly aggregationType?: AggregationType;
  readonly creationDate?: CreationDate;
  readonly description?: FleetMetricDescription;
  readonly indexName?: IndexName;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly metricArn?: FleetMetricArn;
  readonly metricName?: FleetMetricName;
  readonly period?: FleetMetricPeriod;
  readonly queryString?: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly unit?: FleetMetricUnit;
  readonly version?: Version;
}

export interface DescribeIndexRequest {
  readonly indexName: IndexName;
}

export interface DescribeIndexResponse {
  readonly indexName?: IndexName;
  readonly indexStatus?: IndexStatus;
  readonly schema?: IndexSchema;
}

export interface DescribeJobExecutionRequest {
  readonly executionNumber?: ExecutionNumber;
  readonly jobId: JobId;
  readonly thingName: ThingName;
}

export interface DescribeJobExecutionResponse {
  readonly execution?: JobExecution;
}

export interface DescribeJobRequest {
  readonly beforeSubstitution?: BeforeSubstitutionFlag;
  readonly jobId: JobId;
}

export interface DescribeJobResponse {
  readonly documentSource?: JobDocumentSource;
  readonly job?: Job;
}

export interface DescribeJobTemplateRequest {
  readonly jobTemplateId: JobTemplateId;
}

export interface DescribeJobTemplateResponse {
  readonly abortConfig?: AbortConfig;
  readonly createdAt?: DateType;
  readonly description?: JobDescription;
  readonly destinationPackageVersions?: DestinationPackageVersions;
  readonly document?: JobDocument;
  readonly documentSource?: JobDocumentSource;
  readonly jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  readonly jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  readonly jobTemplateArn?: JobTemplateArn;
  readonly jobTemplateId?: JobTemplateId;
  readonly maintenanceWindows?: MaintenanceWindows;
  readonly presignedUrlConfig?: PresignedUrlConfig;
  readonly timeoutConfig?: TimeoutConfig;
}

export interface DescribeManagedJobTemplateRequest {
  readonly templateName: ManagedJobTemplateName;
  readonly templateVersion?: ManagedTemplateVersion;
}

export interface DescribeManagedJobTemplateResponse {
  readonly description?: JobDescription;
  readonly document?: JobDocument;
  readonly documentParameters?: DocumentParameters;
  readonly environments?: Environments;
  readonly templateArn?: JobTemplateArn;
  readonly templateName?: ManagedJobTemplateName;
  readonly templateVersion?: ManagedTemplateVersion;
}

export interface DescribeMitigationActionRequest {
  readonly actionName: MitigationActionName;
}

export interface DescribeMitigationActionResponse {
  readonly actionArn?: MitigationActionArn;
  readonly actionId?: MitigationActionId;
  readonly actionName?: MitigationActionName;
  readonly actionParams?: MitigationActionParams;
  readonly actionType?: MitigationActionType;
  readonly creationDate?: Timestamp;
  readonly lastModifiedDate?: Timestamp;
  readonly roleArn?: RoleArn;
}

export interface DescribeProvisioningTemplateRequest {
  readonly templateName: TemplateName;
}

export interface DescribeProvisioningTemplateResponse {
  readonly creationDate?: DateType;
  readonly defaultVersionId?: TemplateVersionId;
  readonly description?: TemplateDescription;
  readonly enabled?: Enabled;
  readonly lastModifiedDate?: DateType;
  readonly preProvisioningHook?: ProvisioningHook;
  readonly provisioningRoleArn?: RoleArn;
  readonly templateArn?: TemplateArn;
  readonly templateBody?: TemplateBody;
  readonly templateName?: TemplateName;
  readonly type?: TemplateType;
}

export interface DescribeProvisioningTemplateVersionRequest {
  readonly templateName: TemplateName;
  readonly versionId: TemplateVersionId;
}

export interface DescribeProvisioningTemplateVersionResponse {
  readonly creationDate?: DateType;
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly templateBody?: TemplateBody;
  readonly versionId?: TemplateVersionId;
}

export interface DescribeRoleAliasRequest {
  readonly roleAlias: RoleAlias;
}

export interface DescribeRoleAliasResponse {
  readonly roleAliasDescription?: RoleAliasDescription;
}

export interface DescribeScheduledAuditRequest {
  readonly scheduledAuditName: ScheduledAuditName;
}

export interface DescribeScheduledAuditResponse {
  readonly dayOfMonth?: DayOfMonth;
  readonly dayOfWeek?: DayOfWeek;
  readonly frequency?: AuditFrequency;
  readonly scheduledAuditArn?: ScheduledAuditArn;
  readonly scheduledAuditName?: ScheduledAuditName;
  readonly targetCheckNames?: TargetAuditCheckNames;
}

export interface DescribeSecurityProfileRequest {
  readonly securityProfileName: SecurityProfileName;
}

export interface DescribeSecurityProfileResponse {
  readonly additionalMetricsToRetain?: AdditionalMetricsToRetainList;
  readonly additionalMetricsToRetainV2?: AdditionalMetricsToRetainV2List;
  readonly alertTargets?: AlertTargets;
  readonly behaviors?: Behaviors;
  readonly creationDate?: Timestamp;
  readonly lastModifiedDate?: Timestamp;
  readonly metricsExportConfig?: MetricsExportConfig;
  readonly securityProfileArn?: SecurityProfileArn;
  readonly securityProfileDescription?: SecurityProfileDescription;
  readonly securityProfileName?: SecurityProfileName;
  readonly version?: Version;
}

export interface DescribeStreamRequest {
  readonly streamId: StreamId;
}

export interface DescribeStreamResponse {
  readonly streamInfo?: StreamInfo;
}

export interface DescribeThingGroupRequest {
  readonly thingGroupName: ThingGroupName;
}

export interface DescribeThingGroupResponse {
  readonly indexName?: IndexName;
  readonly queryString?: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly status?: DynamicGroupStatus;
  readonly thingGroupArn?: ThingGroupArn;
  readonly thingGroupId?: ThingGroupId;
  readonly thingGroupMetadata?: ThingGroupMetadata;
  readonly thingGroupName?: ThingGroupName;
  readonly thingGroupProperties?: ThingGroupProperties;
  readonly version?: Version;
}

export interface DescribeThingRegistrationTaskRequest {
  readonly taskId: TaskId;
}

export interface DescribeThingRegistrationTaskResponse {
  readonly creationDate?: CreationDate;
  readonly failureCount?: Count;
  readonly inputFileBucket?: RegistryS3BucketName;
  readonly inputFileKey?: RegistryS3KeyName;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly message?: ErrorMessage;
  readonly percentageProgress?: Percentage;
  readonly roleArn?: RoleArn;
  readonly status?: Status;
  readonly successCount?: Count;
  readonly taskId?: TaskId;
  readonly templateBody?: TemplateBody;
}

export interface DescribeThingRequest {
  readonly thingName: ThingName;
}

export interface DescribeThingResponse {
  readonly attributes?: Attributes;
  readonly billingGroupName?: BillingGroupName;
  readonly defaultClientId?: ClientId;
  readonly thingArn?: ThingArn;
  readonly thingId?: ThingId;
  readonly thingName?: ThingName;
  readonly thingTypeName?: ThingTypeName;
  readonly version?: Version;
}

export interface DescribeThingTypeRequest {
  readonly thingTypeName: ThingTypeName;
}

export interface DescribeThingTypeResponse {
  readonly thingTypeArn?: ThingTypeArn;
  readonly thingTypeId?: ThingTypeId;
  readonly thingTypeMetadata?: ThingTypeMetadata;
  readonly thingTypeName?: ThingTypeName;
  readonly thingTypeProperties?: ThingTypeProperties;
}

export type Description = string;

export interface Destination {
  readonly s3Destination?: S3Destination;
}

export type DestinationPackageVersions = readonly PackageVersionArn[];

export interface DetachPolicyRequest {
  readonly policyName: PolicyName;
  readonly target: PolicyTarget;
}

export interface DetachPrincipalPolicyRequest {
  readonly policyName: PolicyName;
  readonly principal: Principal;
}

export interface DetachSecurityProfileRequest {
  readonly securityProfileName: SecurityProfileName;
  readonly securityProfileTargetArn: SecurityProfileTargetArn;
}

export type DetachSecurityProfileResponse = Nothing;

export interface DetachThingPrincipalRequest {
  readonly principal: Principal;
  readonly thingName: ThingName;
}

export type DetachThingPrincipalResponse = Nothing;

export type DetailsKey = string;

export type DetailsMap = { readonly [key: string]: DetailsValue };

export type DetailsValue = string;

export interface DetectMitigationActionExecution {
  readonly actionName?: MitigationActionName;
  readonly errorCode?: DetectMitigationActionExecutionErrorCode;
  readonly executionEndDate?: Timestamp;
  readonly executionStartDate?: Timestamp;
  readonly message?: ErrorMessage;
  readonly status?: DetectMitigationActionExecutionStatus;
  readonly taskId?: MitigationActionsTaskId;
  readonly thingName?: DeviceDefenderThingName;
  readonly violationId?: ViolationId;
}

export type DetectMitigationActionExecutionErrorCode = string;

export type DetectMitigationActionExecutionList = readonly DetectMitigationActionExecution[];

export type DetectMitigationActionExecutionStatus = 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'SKIPPED';

export interface DetectMitigationActionsTaskStatistics {
  readonly actionsExecuted?: GenericLongValue;
  readonly actionsFailed?: GenericLongValue;
  readonly actionsSkipped?: GenericLongValue;
}

export type DetectMitigationActionsTaskStatus = 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'CANCELED';

export interface DetectMitigationActionsTaskSummary {
  readonly actionsDefinition?: MitigationActionList;
  readonly onlyActiveViolationsIncluded?: PrimitiveBoolean;
  readonly suppressedAlertsIncluded?: PrimitiveBoolean;
  readonly target?: DetectMitigationActionsTaskTarget;
  readonly taskEndTime?: Timestamp;
  readonly taskId?: MitigationActionsTaskId;
  readonly taskStartTime?: Timestamp;
  readonly taskStatistics?: DetectMitigationActionsTaskStatistics;
  readonly taskStatus?: DetectMitigationActionsTaskStatus;
  readonly violationEventOccurrenceRange?: ViolationEventOccurrenceRange;
}

export type DetectMitigationActionsTaskSummaryList = readonly DetectMitigationActionsTaskSummary[];

export interface DetectMitigationActionsTaskTarget {
  readonly behaviorName?: BehaviorName;
  readonly securityProfileName?: SecurityProfileName;
  readonly violationIds?: TargetViolationIdsForDetectMitigationActions;
}

export type DetectMitigationActionsToExecuteList = readonly MitigationActionName[];

export type DeviceCertificateUpdateAction = 'DEACTIVATE';

export type DeviceDefenderIndexingMode = 'OFF' | 'VIOLATIONS';

export type DeviceDefenderThingName = string;

export type DimensionArn = string;

export type DimensionName = string;

export type DimensionNames = readonly DimensionName[];

export type DimensionStringValue = string;

export type DimensionStringValues = readonly DimensionStringValue[];

export type DimensionType = 'TOPIC_FILTER';

export type DimensionValueOperator = 'IN' | 'NOT_IN';

export type DisableAllLogs = boolean;

export interface DisableTopicRuleRequest {
  readonly ruleName: RuleName;
}

export interface DisassociateSbomFromPackageVersionRequest {
  readonly clientToken?: ClientToken;
  readonly packageName: PackageName;
  readonly versionName: VersionName;
}

export type DisassociateSbomFromPackageVersionResponse = Nothing;

export type DisconnectReason = string;

export type DisconnectReasonValue = 'AUTH_ERROR' | 'CLIENT_INITIATED_DISCONNECT' | 'CLIENT_ERROR' | 'CONNECTION_LOST' | 'DUPLICATE_CLIENTID' | 'FORBIDDEN_ACCESS' | 'MQTT_KEEP_ALIVE_TIMEOUT' | 'SERVER_ERROR' | 'SERVER_INITIATED_DISCONNECT' | 'THROTTLED' | 'WEBSOCKET_TTL_EXPIRATION' | 'CUSTOMAUTH_TTL_EXPIRATION' | 'UNKNOWN' | 'NONE';

export type DisplayName = string;

export interface DocumentParameter {
  readonly description?: JobDescription;
  readonly example?: Example;
  readonly key?: ParameterKey;
  readonly optional?: Optional;
  readonly regex?: Regex;
}

export type DocumentParameters = readonly DocumentParameter[];

export type DomainConfigurationArn = string;

export type DomainConfigurationName = string;

export type DomainConfigurationStatus = 'ENABLED' | 'DISABLED';

export interface DomainConfigurationSummary {
  readonly domainConfigurationArn?: DomainConfigurationArn;
  readonly domainConfigurationName?: ReservedDomainConfigurationName;
  readonly serviceType?: ServiceType;
}

export type DomainConfigurations = readonly DomainConfigurationSummary[];

export type DomainName = string;

export type DomainType = 'ENDPOINT' | 'AWS_MANAGED' | 'CUSTOMER_MANAGED';

export type DoubleParameterValue = number;

export type DurationInMinutes = number;

export type DurationSeconds = number;

export type DynamicGroupStatus = 'ACTIVE' | 'BUILDING' | 'REBUILDING';

export interface DynamoDBAction {
  readonly hashKeyField: HashKeyField;
  readonly hashKeyType?: DynamoKeyType;
  readonly hashKeyValue: HashKeyValue;
  readonly operation?: DynamoOperation;
  readonly payloadField?: PayloadField;
  readonly rangeKeyField?: RangeKeyField;
  readonly rangeKeyType?: DynamoKeyType;
  readonly rangeKeyValue?: RangeKeyValue;
  readonly roleArn: AwsArn;
  readonly tableName: TableName;
}

export interface DynamoDBv2Action {
  readonly putItem: PutItemInput;
  readonly roleArn: AwsArn;
}

export type DynamoKeyType = 'STRING' | 'NUMBER';

export type DynamoOperation = string;

export type EffectivePolicies = readonly EffectivePolicy[];

export interface EffectivePolicy {
  readonly policyArn?: PolicyArn;
  readonly policyDocument?: PolicyDocument;
  readonly policyName?: PolicyName;
}

export interface ElasticsearchAction {
  readonly endpoint: ElasticsearchEndpoint;
  readonly id: ElasticsearchId;
  readonly index: ElasticsearchIndex;
  readonly roleArn: AwsArn;
  readonly type: ElasticsearchType;
}

export type ElasticsearchEndpoint = string;

export type ElasticsearchId = string;

export type ElasticsearchIndex = string;

export type ElasticsearchType = string;

export type EnableBatching = boolean;

export type EnableCachingForHttp = boolean;

export interface EnableIoTLoggingParams {
  readonly logLevel: LogLevel;
  readonly roleArnForLogging: RoleArn;
}

export type EnableOCSPCheck = boolean;

export interface EnableTopicRuleRequest {
  readonly ruleName: RuleName;
}

export type Enabled = boolean;

export type EnabledBoolean = boolean;

export type EncryptionType = 'CUSTOMER_MANAGED_KMS_KEY' | 'AWS_OWNED_KMS_KEY';

export type EndpointAddress = string;

export type EndpointType = string;

export type Environment = string;

export type Environments = readonly Environment[];

export type ErrorCode = string;

export interface ErrorInfo {
  readonly code?: Code;
  readonly message?: OTAUpdateErrorMessage;
}

export type ErrorMessage = string;

export type EvaluationStatistic = string;

export type EventConfigurations = { readonly [key in EventType]?: Configuration };

export type EventType = 'THING' | 'THING_GROUP' | 'THING_TYPE' | 'THING_GROUP_MEMBERSHIP' | 'THING_GROUP_HIERARCHY' | 'THING_TYPE_ASSOCIATION' | 'JOB' | 'JOB_EXECUTION' | 'POLICY' | 'CERTIFICATE' | 'CA_CERTIFICATE';

export type Example = string;

export type ExecutionNamePrefix = string;

export type ExecutionNumber = number;

export type ExpectedVersion = number;

export type ExpiresInSec = number;

export type ExpiresInSeconds = number;

export interface ExplicitDeny {
  readonly policies?: Policies;
}

export interface ExponentialRolloutRate {
  readonly baseRatePerMinute: RolloutRatePerMinute;
  readonly incrementFactor: IncrementFactor;
  readonly rateIncreaseCriteria: RateIncreaseCriteria;
}

export type ExportMetric = boolean;

export type FailedChecksCount = number;

export type FailedFindingsCount = number;

export type FailedThings = number;

export interface Field {
  readonly name?: FieldName;
  readonly type?: FieldType;
}

export type FieldName = string;

export type FieldType = 'Number' | 'String' | 'Boolean';

export type Fields = readonly Field[];

export type FileId = number;

export interface FileLocation {
  readonly s3Location?: S3Location;
  readonly stream?: Stream;
}

export type FileName = string;

export type FileType = number;

export type FindingId = string;

export type FindingIds = readonly FindingId[];

export interface FirehoseAction {
  readonly batchMode?: BatchMode;
  readonly deliveryStreamName: DeliveryStreamName;
  readonly roleArn: AwsArn;
  readonly separator?: FirehoseSeparator;
}

export type FirehoseSeparator = string;

export type Flag = boolean;

export type FleetMetricArn = string;

export type FleetMetricDescription = string;

export type FleetMetricName = string;

export interface FleetMetricNameAndArn {
  readonly metricArn?: FleetMetricArn;
  readonly metricName?: FleetMetricName;
}

export type FleetMetricNameAndArnList = readonly FleetMetricNameAndArn[];

export type FleetMetricPeriod = number;

export type FleetMetricUnit = 'Seconds' | 'Microseconds' | 'Milliseconds' | 'Bytes' | 'Kilobytes' | 'Megabytes' | 'Gigabytes' | 'Terabytes' | 'Bits' | 'Kilobits' | 'Megabits' | 'Gigabits' | 'Terabits' | 'Percent' | 'Count' | 'Bytes/Second' | 'Kilobytes/Second' | 'Megabytes/Second' | 'Gigabytes/Second' | 'Terabytes/Second' | 'Bits/Second' | 'Kilobits/Second' | 'Megabits/Second' | 'Gigabits/Second' | 'Terabits/Second' | 'Count/Second' | 'None';

export type ForceDelete = boolean;

export type ForceDeleteAWSJob = boolean;

export type ForceFlag = boolean;

export type Forced = boolean;

export type FunctionArn = string;

export type GenerationId = string;

export type GenericLongValue = number;

export interface GeoLocationTarget {
  readonly name?: TargetFieldName;
  readonly order?: TargetFieldOrder;
}

export type GeoLocationsFilter = readonly GeoLocationTarget[];

export interface GetBehaviorModelTrainingSummariesRequest {
  readonly maxResults?: TinyMaxResults;
  readonly nextToken?: NextToken;
  readonly securityProfileName?: SecurityProfileName;
}

export interface GetBehaviorModelTrainingSummariesResponse {
  readonly nextToken?: NextToken;
  readonly summaries?: BehaviorModelTrainingSummaries;
}

export interface GetBucketsAggregationRequest {
  readonly aggregationField: AggregationField;
  readonly bucketsAggregationType: BucketsAggregationType;
  readonly indexName?: IndexName;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
}

export interface GetBucketsAggregationResponse {
  readonly buckets?: Buckets;
  readonly totalCount?: Count;
}

export interface GetCardinalityRequest {
  readonly aggregationField?: AggregationField;
  readonly indexName?: IndexName;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
}

export interface GetCardinalityResponse {
  readonly cardinality?: Count;
}

export interface GetCommandExecutionRequest {
  readonly executionId: CommandExecutionId;
  readonly includeResult?: BooleanWrapperObject;
  readonly targetArn: TargetArn;
}

export interface GetCommandExecutionResponse {
  readonly commandArn?: CommandArn;
  readonly completedAt?: DateType;
  readonly createdAt?: DateType;
  readonly executionId?: CommandExecutionId;
  readonly executionTimeoutSeconds?: CommandExecutionTimeoutInSeconds;
  readonly lastUpdatedAt?: DateType;
  readonly parameters?: CommandExecutionParameterMap;
  readonly result?: CommandExecutionResultMap;
  readonly startedAt?: DateType;
  readonly status?: CommandExecutionStatus;
  readonly statusReason?: StatusReason;
  readonly targetArn?: TargetArn;
  readonly timeToLive?: DateType;
}

export interface GetCommandRequest {
  readonly commandId: CommandId;
}

export interface GetCommandResponse {
  readonly commandArn?: CommandArn;
  readonly commandId?: CommandId;
  readonly createdAt?: DateType;
  readonly deprecated?: DeprecationFlag;
  readonly description?: CommandDescription;
  readonly displayName?: DisplayName;
  readonly lastUpdatedAt?: DateType;
  readonly mandatoryParameters?: CommandParameterList;
  readonly namespace?: CommandNamespace;
  readonly payload?: CommandPayload;
  readonly payloadTemplate?: CommandPayloadTemplateString;
  readonly pendingDeletion?: BooleanWrapperObject;
  readonly preprocessor?: CommandPreprocessor;
  readonly roleArn?: RoleArn;
}

export interface GetEffectivePoliciesRequest {
  readonly cognitoIdentityPoolId?: CognitoIdentityPoolId;
  readonly principal?: Principal;
  readonly thingName?: ThingName;
}

export interface GetEffectivePoliciesResponse {
  readonly effectivePolicies?: EffectivePolicies;
}

export type GetIndexingConfigurationRequest = Nothing;

export interface GetIndexingConfigurationResponse {
  readonly thingGroupIndexingConfiguration?: ThingGroupIndexingConfiguration;
  readonly thingIndexingConfiguration?: ThingIndexingConfiguration;
}

export interface GetJobDocumentRequest {
  readonly beforeSubstitution?: BeforeSubstitutionFlag;
  readonly jobId: JobId;
}

export interface GetJobDocumentResponse {
  readonly document?: JobDocument;
}

export type GetLoggingOptionsRequest = Nothing;

export interface GetLoggingOptionsResponse {
  readonly logLevel?: LogLevel;
  readonly roleArn?: AwsArn;
}

export interface GetOTAUpdateRequest {
  readonly otaUpdateId: OTAUpdateId;
}

export interface GetOTAUpdateResponse {
  readonly otaUpdateInfo?: OTAUpdateInfo;
}

export type GetPackageConfigurationRequest = Nothing;

export interface GetPackageConfigurationResponse {
  readonly versionUpdateByJobsConfig?: VersionUpdateByJobsConfig;
}

export interface GetPackageRequest {
  readonly packageName: PackageName;
}

export interface GetPackageResponse {
  readonly creationDate?: CreationDate;
  readonly defaultVersionName?: VersionName;
  readonly description?: ResourceDescription;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly packageArn?: PackageArn;
  readonly packageName?: PackageName;
}

export interface GetPackageVersionRequest {
  readonly packageName: PackageName;
  readonly versionName: VersionName;
}

export interface GetPackageVersionResponse {
  readonly artifact?: PackageVersionArtifact;
  readonly attributes?: ResourceAttributes;
  readonly creationDate?: CreationDate;
  readonly description?: ResourceDescription;
  readonly errorReason?: PackageVersionErrorReason;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly packageName?: PackageName;
  readonly packageVersionArn?: PackageVersionArn;
  readonly recipe?: PackageVersionRecipe;
  readonly sbom?: Sbom;
  readonly sbomValidationStatus?: SbomValidationStatus;
  readonly status?: PackageVersionStatus;
  readonly versionName?: VersionName;
}

export interface GetPercentilesRequest {
  readonly aggregationField?: AggregationField;
  readonly indexName?: IndexName;
  readonly percents?: PercentList;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
}

export interface GetPercentilesResponse {
  readonly percentiles?: Percentiles;
}

export interface GetPolicyRequest {
  readonly policyName: PolicyName;
}

export interface GetPolicyResponse {
  readonly creationDate?: DateType;
  readonly defaultVersionId?: PolicyVersionId;
  readonly generationId?: GenerationId;
  readonly lastModifiedDate?: DateType;
  readonly policyArn?: PolicyArn;
  readonly policyDocument?: PolicyDocument;
  readonly policyName?: PolicyName;
}

export interface GetPolicyVersionRequest {
  readonly policyName: PolicyName;
  readonly policyVersionId: PolicyVersionId;
}

export interface GetPolicyVersionResponse {
  readonly creationDate?: DateType;
  readonly generationId?: GenerationId;
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly lastModifiedDate?: DateType;
  readonly policyArn?: PolicyArn;
  readonly policyDocument?: PolicyDocument;
  readonly policyName?: PolicyName;
  readonly policyVersionId?: PolicyVersionId;
}

export type GetRegistrationCodeRequest = Nothing;

export interface GetRegistrationCodeResponse {
  readonly registrationCode?: RegistrationCode;
}

export interface GetStatisticsRequest {
  readonly aggregationField?: AggregationField;
  readonly indexName?: IndexName;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
}

export interface GetStatisticsResponse {
  readonly statistics?: Statistics;
}

export interface GetThingConnectivityDataRequest {
  readonly thingName: ConnectivityApiThingName;
}

export interface GetThingConnectivityDataResponse {
  readonly connected?: boolean;
  readonly disconnectReason?: DisconnectReasonValue;
  readonly thingName?: ConnectivityApiThingName;
  readonly timestamp?: Timestamp;
}

export interface GetTopicRuleDestinationRequest {
  readonly arn: AwsArn;
}

export interface GetTopicRuleDestinationResponse {
  readonly topicRuleDestination?: TopicRuleDestination;
}

export interface GetTopicRuleRequest {
  readonly ruleName: RuleName;
}

export interface GetTopicRuleResponse {
  readonly rule?: TopicRule;
  readonly ruleArn?: RuleArn;
}

export interface GetV2LoggingOptionsRequest {
  readonly verbose?: VerboseFlag;
}

export interface GetV2LoggingOptionsResponse {
  readonly defaultLogLevel?: LogLevel;
  readonly disableAllLogs?: DisableAllLogs;
  readonly eventConfigurations?: LogEventConfigurations;
  readonly roleArn?: AwsArn;
}

export interface GroupNameAndArn {
  readonly groupArn?: ThingGroupArn;
  readonly groupName?: ThingGroupName;
}

export type HashAlgorithm = string;

export type HashKeyField = string;

export type HashKeyValue = string;

export type HeaderKey = string;

export type HeaderList = readonly HttpActionHeader[];

export type HeaderValue = string;

export interface HttpAction {
  readonly auth?: HttpAuthorization;
  readonly batchConfig?: BatchConfig;
  readonly confirmationUrl?: Url;
  readonly enableBatching?: EnableBatching;
  readonly headers?: HeaderList;
  readonly url: Url;
}

export interface HttpActionHeader {
  readonly key: HeaderKey;
  readonly value: HeaderValue;
}

export interface HttpAuthorization {
  readonly sigv4?: SigV4Authorization;
}

export interface HttpContext {
  readonly headers?: HttpHeaders;
  readonly queryString?: HttpQueryString;
}

export type HttpHeaderName = string;

export type HttpHeaderValue = string;

export type HttpHeaders = { readonly [key: string]: HttpHeaderValue };

export type HttpQueryString = string;

export interface HttpUrlDestinationConfiguration {
  readonly confirmationUrl: Url;
}

export interface HttpUrlDestinationProperties {
  readonly confirmationUrl?: Url;
}

export interface HttpUrlDestinationSummary {
  readonly confirmationUrl?: Url;
}

export interface ImplicitDeny {
  readonly policies?: Policies;
}

export type InProgressChecksCount = number;

export type InProgressThings = number;

export type InProgressTimeoutInMinutes = number;

export type IncrementFactor = number;

export type IndexName = string;

export type IndexNamesList = readonly IndexName[];

export interface IndexNotReadyException {
  readonly message?: errorMessage;
}

export type IndexSchema = string;

export type IndexStatus = 'ACTIVE' | 'BUILDING' | 'REBUILDING';

export interface IndexingFilter {
  readonly geoLocations?: GeoLocationsFilter;
  readonly namedShadowNames?: NamedShadowNamesFilter;
}

export type InlineDocument = string;

export type InputName = string;

export type IntegerParameterValue = number;

export interface InternalException {
  readonly message?: errorMessage;
}

export interface InternalFailureException {
  readonly message?: errorMessage;
}

export interface InternalServerException {
  readonly message?: errorMessage;
}

export interface InvalidAggregationException {
  readonly message?: errorMessage;
}

export interface InvalidQueryException {
  readonly message?: errorMessage;
}

export interface InvalidRequestException {
  readonly message?: errorMessage;
}

export interface InvalidResponseException {
  readonly message?: errorMessage;
}

export interface InvalidStateTransitionException {
  readonly message?: errorMessage;
}

export interface IotAnalyticsAction {
  readonly batchMode?: BatchMode;
  readonly channelArn?: AwsArn;
  readonly channelName?: ChannelName;
  readonly roleArn?: AwsArn;
}

export interface IotEventsAction {
  readonly batchMode?: BatchMode;
  readonly inputName: InputName;
  readonly messageId?: MessageId;
  readonly roleArn: AwsArn;
}

export interface IotSiteWiseAction {
  readonly putAssetPropertyValueEntries: PutAssetPropertyValueEntryList;
  readonly roleArn: AwsArn;
}

export type IsAuthenticated = boolean;

export type IsDefaultVersion = boolean;

export type IsDisabled = boolean;

export type IsSuppressed = boolean;

export interface IssuerCertificateIdentifier {
  readonly issuerCertificateSerialNumber?: IssuerCertificateSerialNumber;
  readonly issuerCertificateSubject?: IssuerCertificateSubject;
  readonly issuerId?: IssuerId;
}

export type IssuerCertificateSerialNumber = string;

export type IssuerCertificateSubject = string;

export type IssuerId = string;

export interface Job {
  readonly abortConfig?: AbortConfig;
  readonly comment?: Comment;
  readonly completedAt?: DateType;
  readonly createdAt?: DateType;
  readonly description?: JobDescription;
  readonly destinationPackageVersions?: DestinationPackageVersions;
  readonly documentParameters?: ParameterMap;
  readonly forceCanceled?: Forced;
  readonly isConcurrent?: BooleanWrapperObject;
  readonly jobArn?: JobArn;
  readonly jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  readonly jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  readonly jobId?: JobId;
  readonly jobProcessDetails?: JobProcessDetails;
  readonly jobTemplateArn?: JobTemplateArn;
  readonly lastUpdatedAt?: DateType;
  readonly namespaceId?: NamespaceId;
  readonly presignedUrlConfig?: PresignedUrlConfig;
  readonly reasonCode?: ReasonCode;
  readonly scheduledJobRollouts?: ScheduledJobRolloutList;
  readonly schedulingConfig?: SchedulingConfig;
  readonly status?: JobStatus;
  readonly targetSelection?: TargetSelection;
  readonly targets?: JobTargets;
  readonly timeoutConfig?: TimeoutConfig;
}

export type JobArn = string;

export type JobDescription = string;

export type JobDocument = string;

export type JobDocumentSource = string;

export type JobEndBehavior = 'STOP_ROLLOUT' | 'CANCEL' | 'FORCE_CANCEL';

export interface JobExecution {
  readonly approximateSecondsBeforeTimedOut?: ApproximateSecondsBeforeTimedOut;
  readonly executionNumber?: ExecutionNumber;
  readonly forceCanceled?: Forced;
  readonly jobId?: JobId;
  readonly lastUpdatedAt?: DateType;
  readonly queuedAt?: DateType;
  readonly startedAt?: DateType;
  readonly status?: JobExecutionStatus;
  readonly statusDetails?: JobExecutionStatusDetails;
  readonly thingArn?: ThingArn;
  readonly versionNumber?: VersionNumber;
}

export type JobExecutionFailureType = 'FAILED' | 'REJECTED' | 'TIMED_OUT' | 'ALL';

export type JobExecutionStatus = 'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'REJECTED' | 'REMOVED' | 'CANCELED';

export interface JobExecutionStatusDetails {
  readonly detailsMap?: DetailsMap;
}

export interface JobExecutionSummary {
  readonly executionNumber?: ExecutionNumber;
  readonly lastUpdatedAt?: DateType;
  readonly queuedAt?: DateType;
  readonly retryAttempt?: RetryAttempt;
  readonly startedAt?: DateType;
  readonly status?: JobExecutionStatus;
}

export interface JobExecutionSummaryForJob {
  readonly jobExecutionSummary?: JobExecutionSummary;
  readonly thingArn?: ThingArn;
}

export type JobExecutionSummaryForJobList = readonly JobExecutionSummaryForJob[];

export interface JobExecutionSummaryForThing {
  readonly jobExecutionSummary?: JobExecutionSummary;
  readonly jobId?: JobId;
}

export type JobExecutionSummaryForThingList = readonly JobExecutionSummaryForThing[];

export interface JobExecutionsRetryConfig {
  readonly criteriaList: RetryCriteriaList;
}

export interface JobExecutionsRolloutConfig {
  readonly exponentialRate?: ExponentialRolloutRate;
  readonly maximumPerMinute?: MaxJobExecutionsPerMin;
}

export type JobId = string;

export interface JobProcessDetails {
  readonly numberOfCanceledThings?: CanceledThings;
  readonly numberOfFailedThings?: FailedThings;
  readonly numberOfInProgressThings?: InProgressThings;
  readonly numberOfQueuedThings?: QueuedThings;
  readonly numberOfRejectedThings?: RejectedThings;
  readonly numberOfRemovedThings?: RemovedThings;
  readonly numberOfSucceededThings?: SucceededThings;
  readonly numberOfTimedOutThings?: TimedOutThings;
  readonly processingTargets?: ProcessingTargetNameList;
}

export type JobStatus = 'IN_PROGRESS' | 'CANCELED' | 'COMPLETED' | 'DELETION_IN_PROGRESS' | 'SCHEDULED';

export interface JobSummary {
  readonly completedAt?: DateType;
  readonly createdAt?: DateType;
  readonly isConcurrent?: BooleanWrapperObject;
  readonly jobArn?: JobArn;
  readonly jobId?: JobId;
  readonly lastUpdatedAt?: DateType;
  readonly status?: JobStatus;
  readonly targetSelection?: TargetSelection;
  readonly thingGroupId?: ThingGroupId;
}

export type JobSummaryList = readonly JobSummary[];

export type JobTargets = readonly TargetArn[];

export type JobTemplateArn = string;

export type JobTemplateId = string;

export interface JobTemplateSummary {
  readonly createdAt?: DateType;
  readonly description?: JobDescription;
  readonly jobTemplateArn?: JobTemplateArn;
  readonly jobTemplateId?: JobTemplateId;
}

export type JobTemplateSummaryList = readonly JobTemplateSummary[];

export type JsonDocument = string;

export interface KafkaAction {
  readonly clientProperties: ClientProperties;
  readonly destinationArn: AwsArn;
  readonly headers?: KafkaHeaders;
  readonly key?: string;
  readonly partition?: string;
  readonly topic: string;
}

export interface KafkaActionHeader {
  readonly key: KafkaHeaderKey;
  readonly value: KafkaHeaderValue;
}

export type KafkaHeaderKey = string;

export type KafkaHeaderValue = string;

export type KafkaHeaders = readonly KafkaActionHeader[];

export type Key = string;

export type KeyName = string;

export interface KeyPair {
  readonly PrivateKey?: PrivateKey;
  readonly PublicKey?: PublicKey;
}

export type KeyValue = string;

export interface KinesisAction {
  readonly partitionKey?: PartitionKey;
  readonly roleArn: AwsArn;
  readonly streamName: StreamName;
}

export type KmsAccessRoleArn = string;

export type KmsKeyArn = string;

export interface LambdaAction {
  readonly functionArn: FunctionArn;
}

export type LaserMaxResults = number;

export type LastModifiedDate = Date;

export type LastUpdatedAtDate = Date;

export interface LimitExceededException {
  readonly message?: errorMessage;
}

export interface ListActiveViolationsRequest {
  readonly behaviorCriteriaType?: BehaviorCriteriaType;
  readonly listSuppressedAlerts?: ListSuppressedAlerts;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly securityProfileName?: SecurityProfileName;
  readonly thingName?: DeviceDefenderThingName;
  readonly verificationState?: VerificationState;
}

export interface ListActiveViolationsResponse {
  readonly activeViolations?: ActiveViolations;
  readonly nextToken?: NextToken;
}

export interface ListAttachedPoliciesRequest {
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly recursive?: Recursive;
  readonly target: PolicyTarget;
}

export interface ListAttachedPoliciesResponse {
  readonly nextMarker?: Marker;
  readonly policies?: Policies;
}

export interface ListAuditFindingsRequest {
  readonly checkName?: AuditCheckName;
  readonly endTime?: Timestamp;
  readonly listSuppressedFindings?: ListSuppressedFindings;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly resourceIdentifier?: ResourceIdentifier;
  readonly startTime?: Timestamp;
  readonly taskId?: AuditTaskId;
}

export interface ListAuditFindingsResponse {
  readonly findings?: AuditFindings;
  readonly nextToken?: NextToken;
}

export interface ListAuditMitigationActionsExecutionsRequest {
  readonly actionStatus?: AuditMitigationActionsExecutionStatus;
  readonly findingId: FindingId;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly taskId: MitigationActionsTaskId;
}

export interface ListAuditMitigationActionsExecutionsResponse {
  readonly actionsExecutions?: AuditMitigationActionExecutionMetadataList;
  readonly nextToken?: NextToken;
}

export interface ListAuditMitigationActionsTasksRequest {
  readonly auditTaskId?: AuditTaskId;
  readonly endTime: Timestamp;
  readonly findingId?: FindingId;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly startTime: Timestamp;
  readonly taskStatus?: AuditMitigationActionsTaskStatus;
}

export interface ListAuditMitigationActionsTasksResponse {
  readonly nextToken?: NextToken;
  readonly tasks?: AuditMitigationActionsTaskMetadataList;
}

export interface ListAuditSuppressionsRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly checkName?: AuditCheckName;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly resourceIdentifier?: ResourceIdentifier;
}

export interface ListAuditSuppressionsResponse {
  readonly nextToken?: NextToken;
  readonly suppressions?: AuditSuppressionList;
}

export interface ListAuditTasksRequest {
  readonly endTime: Timestamp;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly startTime: Timestamp;
  readonly taskStatus?: AuditTaskStatus;
  readonly taskType?: AuditTaskType;
}

export interface ListAuditTasksResponse {
  readonly nextToken?: NextToken;
  readonly tasks?: AuditTaskMetadataList;
}

export interface ListAuthorizersRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly status?: AuthorizerStatus;
}

export interface ListAuthorizersResponse {
  readonly authorizers?: Authorizers;
  readonly nextMarker?: Marker;
}

export interface ListBillingGroupsRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly namePrefixFilter?: BillingGroupName;
  readonly nextToken?: NextToken;
}

export interface ListBillingGroupsResponse {
  readonly billingGroups?: BillingGroupNameAndArnList;
  readonly nextToken?: NextToken;
}

export interface ListCACertificatesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly templateName?: TemplateName;
}

export interface ListCACertificatesResponse {
  readonly certificates?: CACertificates;
  readonly nextMarker?: Marker;
}

export interface ListCertificateProvidersRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly nextToken?: Marker;
}

export interface ListCertificateProvidersResponse {
  readonly certificateProviders?: CertificateProviders;
  readonly nextToken?: Marker;
}

export interface ListCertificatesByCARequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly caCertificateId: CertificateId;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
}

export interface ListCertificatesByCAResponse {
  readonly certificates?: Certificates;
  readonly nextMarker?: Marker;
}

export interface ListCertificatesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
}

export interface ListCertificatesResponse {
  readonly certificates?: Certificates;
  readonly nextMarker?: Marker;
}

export interface ListCommandExecutionsRequest {
  readonly commandArn?: CommandArn;
  readonly completedTimeFilter?: TimeFilter;
  readonly maxResults?: CommandMaxResults;
  readonly namespace?: CommandNamespace;
  readonly nextToken?: NextToken;
  readonly sortOrder?: SortOrder;
  readonly startedTimeFilter?: TimeFilter;
  readonly status?: CommandExecutionStatus;
  readonly targetArn?: TargetArn;
}

export interface ListCommandExecutionsResponse {
  readonly commandExecutions?: CommandExecutionSummaryList;
  readonly nextToken?: NextToken;
}

export interface ListCommandsRequest {
  readonly commandParameterName?: CommandParameterName;
  readonly maxResults?: CommandMaxResults;
  readonly namespace?: CommandNamespace;
  readonly nextToken?: NextToken;
  readonly sortOrder?: SortOrder;
}

export interface ListCommandsResponse {
  readonly commands?: CommandSummaryList;
  readonly nextToken?: NextToken;
}

export interface ListCustomMetricsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListCustomMetricsResponse {
  readonly metricNames?: MetricNames;
  readonly nextToken?: NextToken;
}

export interface ListDetectMitigationActionsExecutionsRequest {
  readonly endTime?: Timestamp;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly startTime?: Timestamp;
  readonly taskId?: MitigationActionsTaskId;
  readonly thingName?: DeviceDefenderThingName;
  readonly violationId?: ViolationId;
}

export interface ListDetectMitigationActionsExecutionsResponse {
  readonly actionsExecutions?: DetectMitigationActionExecutionList;
  readonly nextToken?: NextToken;
}

export interface ListDetectMitigationActionsTasksRequest {
  readonly endTime: Timestamp;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly startTime: Timestamp;
}

export interface ListDetectMitigationActionsTasksResponse {
  readonly nextToken?: NextToken;
  readonly tasks?: DetectMitigationActionsTaskSummaryList;
}

export interface ListDimensionsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListDimensionsResponse {
  readonly dimensionNames?: DimensionNames;
  readonly nextToken?: NextToken;
}

export interface ListDomainConfigurationsRequest {
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly serviceType?: ServiceType;
}

export interface ListDomainConfigurationsResponse {
  readonly domainConfigurations?: DomainConfigurations;
  readonly nextMarker?: Marker;
}

export interface ListFleetMetricsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListFleetMetricsResponse {
  readonly fleetMetrics?: FleetMetricNameAndArnList;
  readonly nextToken?: NextToken;
}

export interface ListIndicesRequest {
  readonly maxResults?: QueryMaxResults;
  readonly nextToken?: NextToken;
}

export interface ListIndicesResponse {
  readonly indexNames?: IndexNamesList;
  readonly nextToken?: NextToken;
}

export interface ListJobExecutionsForJobRequest {
  readonly jobId: JobId;
  readonly maxResults?: LaserMaxResults;
  readonly nextToken?: NextToken;
  readonly status?: JobExecutionStatus;
}

export interface ListJobExecutionsForJobResponse {
  readonly executionSummaries?: JobExecutionSummaryForJobList;
  readonly nextToken?: NextToken;
}

export interface ListJobExecutionsForThingRequest {
  readonly jobId?: JobId;
  readonly maxResults?: LaserMaxResults;
  readonly namespaceId?: NamespaceId;
  readonly nextToken?: NextToken;
  readonly status?: JobExecutionStatus;
  readonly thingName: ThingName;
}

export interface ListJobExecutionsForThingResponse {
  readonly executionSummaries?: JobExecutionSummaryForThingList;
  readonly nextToken?: NextToken;
}

export interface ListJobTemplatesRequest {
  readonly maxResults?: LaserMaxResults;
  readonly nextToken?: NextToken;
}

export interface ListJobTemplatesResponse {
  readonly jobTemplates?: JobTemplateSummaryList;
  readonly nextToken?: NextToken;
}

export interface ListJobsRequest {
  readonly maxResults?: LaserMaxResults;
  readonly namespaceId?: NamespaceId;
  readonly nextToken?: NextToken;
  readonly status?: JobStatus;
  readonly targetSelection?: TargetSelection;
  readonly thingGroupId?: ThingGroupId;
  readonly thingGroupName?: ThingGroupName;
}

export interface ListJobsResponse {
  readonly jobs?: JobSummaryList;
  readonly nextToken?: NextToken;
}

export interface ListManagedJobTemplatesRequest {
  readonly maxResults?: LaserMaxResults;
  readonly nextToken?: NextToken;
  readonly templateName?: ManagedJobTemplateName;
}

export interface ListManagedJobTemplatesResponse {
  readonly managedJobTemplates?: ManagedJobTemplatesSummaryList;
  readonly nextToken?: NextToken;
}

export interface ListMetricValuesRequest {
  readonly dimensionName?: DimensionName;
  readonly dimensionValueOperator?: DimensionValueOperator;
  readonly endTime: Timestamp;
  readonly maxResults?: MaxResults;
  readonly metricName: BehaviorMetric;
  readonly nextToken?: NextToken;
  readonly startTime: Timestamp;
  readonly thingName: DeviceDefenderThingName;
}

export interface ListMetricValuesResponse {
  readonly metricDatumList?: MetricDatumList;
  readonly nextToken?: NextToken;
}

export interface ListMitigationActionsRequest {
  readonly actionType?: MitigationActionType;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListMitigationActionsResponse {
  readonly actionIdentifiers?: MitigationActionIdentifierList;
  readonly nextToken?: NextToken;
}

export interface ListOTAUpdatesRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly otaUpdateStatus?: OTAUpdateStatus;
}

export interface ListOTAUpdatesResponse {
  readonly nextToken?: NextToken;
  readonly otaUpdates?: OTAUpdatesSummary;
}

export interface ListOutgoingCertificatesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
}

export interface ListOutgoingCertificatesResponse {
  readonly nextMarker?: Marker;
  readonly outgoingCertificates?: OutgoingCertificates;
}

export interface ListPackageVersionsRequest {
  readonly maxResults?: PackageCatalogMaxResults;
  readonly nextToken?: NextToken;
  readonly packageName: PackageName;
  readonly status?: PackageVersionStatus;
}

export interface ListPackageVersionsResponse {
  readonly nextToken?: NextToken;
  readonly packageVersionSummaries?: PackageVersionSummaryList;
}

export interface ListPackagesRequest {
  readonly maxResults?: PackageCatalogMaxResults;
  readonly nextToken?: NextToken;
}

export interface ListPackagesResponse {
  readonly nextToken?: NextToken;
  readonly packageSummaries?: PackageSummaryList;
}

export interface ListPoliciesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
}

export interface ListPoliciesResponse {
  readonly nextMarker?: Marker;
  readonly policies?: Policies;
}

export interface ListPolicyPrincipalsRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly policyName: PolicyName;
}

export interface ListPolicyPrincipalsResponse {
  readonly nextMarker?: Marker;
  readonly principals?: Principals;
}

export interface ListPolicyVersionsRequest {
  readonly policyName: PolicyName;
}

export interface ListPolicyVersionsResponse {
  readonly policyVersions?: PolicyVersions;
}

export interface ListPrincipalPoliciesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly principal: Principal;
}

export interface ListPrincipalPoliciesResponse {
  readonly nextMarker?: Marker;
  readonly policies?: Policies;
}

export interface ListPrincipalThingsRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly principal: Principal;
}

export interface ListPrincipalThingsResponse {
  readonly nextToken?: NextToken;
  readonly things?: ThingNameList;
}

export interface ListPrincipalThingsV2Request {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly principal: Principal;
  readonly thingPrincipalType?: ThingPrincipalType;
}

export interface ListPrincipalThingsV2Response {
  readonly nextToken?: NextToken;
  readonly principalThingObjects?: PrincipalThingObjects;
}

export interface ListProvisioningTemplateVersionsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly templateName: TemplateName;
}

export interface ListProvisioningTemplateVersionsResponse {
  readonly nextToken?: NextToken;
  readonly versions?: ProvisioningTemplateVersionListing;
}

export interface ListProvisioningTemplatesRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListProvisioningTemplatesResponse {
  readonly nextToken?: NextToken;
  readonly templates?: ProvisioningTemplateListing;
}

export interface ListRelatedResourcesForAuditFindingRequest {
  readonly findingId: FindingId;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListRelatedResourcesForAuditFindingResponse {
  readonly nextToken?: NextToken;
  readonly relatedResources?: RelatedResources;
}

export interface ListRoleAliasesRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
}

export interface ListRoleAliasesResponse {
  readonly nextMarker?: Marker;
  readonly roleAliases?: RoleAliases;
}

export interface ListSbomValidationResultsRequest {
  readonly maxResults?: PackageCatalogMaxResults;
  readonly nextToken?: NextToken;
  readonly packageName: PackageName;
  readonly validationResult?: SbomValidationResult;
  readonly versionName: VersionName;
}

export interface ListSbomValidationResultsResponse {
  readonly nextToken?: NextToken;
  readonly validationResultSummaries?: SbomValidationResultSummaryList;
}

export interface ListScheduledAuditsRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListScheduledAuditsResponse {
  readonly nextToken?: NextToken;
  readonly scheduledAudits?: ScheduledAuditMetadataList;
}

export interface ListSecurityProfilesForTargetRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly recursive?: Recursive;
  readonly securityProfileTargetArn: SecurityProfileTargetArn;
}

export interface ListSecurityProfilesForTargetResponse {
  readonly nextToken?: NextToken;
  readonly securityProfileTargetMappings?: SecurityProfileTargetMappings;
}

export interface ListSecurityProfilesRequest {
  readonly dimensionName?: DimensionName;
  readonly maxResults?: MaxResults;
  readonly metricName?: MetricName;
  readonly nextToken?: NextToken;
}

export interface ListSecurityProfilesResponse {
  readonly nextToken?: NextToken;
  readonly securityProfileIdentifiers?: SecurityProfileIdentifiers;
}

export interface ListStreamsRequest {
  readonly ascendingOrder?: AscendingOrder;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
}

export interface ListStreamsResponse {
  readonly nextToken?: NextToken;
  readonly streams?: StreamsSummary;
}

export type ListSuppressedAlerts = boolean;

export type ListSuppressedFindings = boolean;

export interface ListTagsForResourceRequest {
  readonly nextToken?: NextToken;
  readonly resourceArn: ResourceArn;
}

export interface ListTagsForResourceResponse {
  readonly nextToken?: NextToken;
  readonly tags?: TagList;
}

export interface ListTargetsForPolicyRequest {
  readonly marker?: Marker;
  readonly pageSize?: PageSize;
  readonly policyName: PolicyName;
}

export interface ListTargetsForPolicyResponse {
  readonly nextMarker?: Marker;
  readonly targets?: PolicyTargets;
}

export interface ListTargetsForSecurityProfileRequest {
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly securityProfileName: SecurityProfileName;
}

export interface ListTargetsForSecurityProfileResponse {
  readonly nextToken?: NextToken;
  readonly securityProfileTargets?: SecurityProfileTargets;
}

export interface ListThingGroupsForThingRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly thingName: ThingName;
}

export interface ListThingGroupsForThingResponse {
  readonly nextToken?: NextToken;
  readonly thingGroups?: ThingGroupNameAndArnList;
}

export interface ListThingGroupsRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly namePrefixFilter?: ThingGroupName;
  readonly nextToken?: NextToken;
  readonly parentGroup?: ThingGroupName;
  readonly recursive?: RecursiveWithoutDefault;
}

export interface ListThingGroupsResponse {
  readonly nextToken?: NextToken;
  readonly thingGroups?: ThingGroupNameAndArnList;
}

export interface ListThingPrincipalsRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly thingName: ThingName;
}

export interface ListThingPrincipalsResponse {
  readonly nextToken?: NextToken;
  readonly principals?: Principals;
}

export interface ListThingPrincipalsV2Request {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly thingName: ThingName;
  readonly thingPrincipalType?: ThingPrincipalType;
}

export interface ListThingPrincipalsV2Response {
  readonly nextToken?: NextToken;
  readonly thingPrincipalObjects?: ThingPrincipalObjects;
}

export interface ListThingRegistrationTaskReportsRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly reportType: ReportType;
  readonly taskId: TaskId;
}

export interface ListThingRegistrationTaskReportsResponse {
  readonly nextToken?: NextToken;
  readonly reportType?: ReportType;
  readonly resourceLinks?: S3FileUrlList;
}

export interface ListThingRegistrationTasksRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly status?: Status;
}

export interface ListThingRegistrationTasksResponse {
  readonly nextToken?: NextToken;
  readonly taskIds?: TaskIdList;
}

export interface ListThingTypesRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly thingTypeName?: ThingTypeName;
}

export interface ListThingTypesResponse {
  readonly nextToken?: NextToken;
  readonly thingTypes?: ThingTypeList;
}

export interface ListThingsInBillingGroupRequest {
  readonly billingGroupName: BillingGroupName;
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
}

export interface ListThingsInBillingGroupResponse {
  readonly nextToken?: NextToken;
  readonly things?: ThingNameList;
}

export interface ListThingsInThingGroupRequest {
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly recursive?: Recursive;
  readonly thingGroupName: ThingGroupName;
}

export interface ListThingsInThingGroupResponse {
  readonly nextToken?: NextToken;
  readonly things?: ThingNameList;
}

export interface ListThingsRequest {
  readonly attributeName?: AttributeName;
  readonly attributeValue?: AttributeValue;
  readonly maxResults?: RegistryMaxResults;
  readonly nextToken?: NextToken;
  readonly thingTypeName?: ThingTypeName;
  readonly usePrefixAttributeValue?: usePrefixAttributeValue;
}

export interface ListThingsResponse {
  readonly nextToken?: NextToken;
  readonly things?: ThingAttributeList;
}

export interface ListTopicRuleDestinationsRequest {
  readonly maxResults?: TopicRuleDestinationMaxResults;
  readonly nextToken?: NextToken;
}

export interface ListTopicRuleDestinationsResponse {
  readonly destinationSummaries?: TopicRuleDestinationSummaries;
  readonly nextToken?: NextToken;
}

export interface ListTopicRulesRequest {
  readonly maxResults?: TopicRuleMaxResults;
  readonly nextToken?: NextToken;
  readonly ruleDisabled?: IsDisabled;
  readonly topic?: Topic;
}

export interface ListTopicRulesResponse {
  readonly nextToken?: NextToken;
  readonly rules?: TopicRuleList;
}

export interface ListV2LoggingLevelsRequest {
  readonly maxResults?: SkyfallMaxResults;
  readonly nextToken?: NextToken;
  readonly targetType?: LogTargetType;
}

export interface ListV2LoggingLevelsResponse {
  readonly logTargetConfigurations?: LogTargetConfigurations;
  readonly nextToken?: NextToken;
}

export interface ListViolationEventsRequest {
  readonly behaviorCriteriaType?: BehaviorCriteriaType;
  readonly endTime: Timestamp;
  readonly listSuppressedAlerts?: ListSuppressedAlerts;
  readonly maxResults?: MaxResults;
  readonly nextToken?: NextToken;
  readonly securityProfileName?: SecurityProfileName;
  readonly startTime: Timestamp;
  readonly thingName?: DeviceDefenderThingName;
  readonly verificationState?: VerificationState;
}

export interface ListViolationEventsResponse {
  readonly nextToken?: NextToken;
  readonly violationEvents?: ViolationEvents;
}

export interface LocationAction {
  readonly deviceId: string;
  readonly latitude: string;
  readonly longitude: string;
  readonly roleArn: AwsArn;
  readonly timestamp?: LocationTimestamp;
  readonly trackerName: string;
}

export interface LocationTimestamp {
  readonly unit?: string;
  readonly value: string;
}

export type LogDestination = string;

export interface LogEventConfiguration {
  readonly eventType: LogEventType;
  readonly logDestination?: LogDestination;
  readonly logLevel?: LogLevel;
}

export type LogEventConfigurations = readonly LogEventConfiguration[];

export type LogEventType = string;

export type LogGroupName = string;

export type LogLevel = 'DEBUG' | 'INFO' | 'ERROR' | 'WARN' | 'DISABLED';

export interface LogTarget {
  readonly targetName?: LogTargetName;
  readonly targetType: LogTargetType;
}

export interface LogTargetConfiguration {
  readonly logLevel?: LogLevel;
  readonly logTarget?: LogTarget;
}

export type LogTargetConfigurations = readonly LogTargetConfiguration[];

export type LogTargetName = string;

export type LogTargetType = 'DEFAULT' | 'THING_GROUP' | 'CLIENT_ID' | 'SOURCE_IP' | 'PRINCIPAL_ID';

export interface LoggingOptionsPayload {
  readonly logLevel?: LogLevel;
  readonly roleArn: AwsArn;
}

export type LongParameterValue = number;

export interface MachineLearningDetectionConfig {
  readonly confidenceLevel: ConfidenceLevel;
}

export interface MaintenanceWindow {
  readonly durationInMinutes: DurationInMinutes;
  readonly startTime: CronExpression;
}

export type MaintenanceWindows = readonly MaintenanceWindow[];

export interface MalformedPolicyException {
  readonly message?: errorMessage;
}

export type ManagedJobTemplateName = string;

export interface ManagedJobTemplateSummary {
  readonly description?: JobDescription;
  readonly environments?: Environments;
  readonly templateArn?: JobTemplateArn;
  readonly templateName?: ManagedJobTemplateName;
  readonly templateVersion?: ManagedTemplateVersion;
}

export type ManagedJobTemplatesSummaryList = readonly ManagedJobTemplateSummary[];

export type ManagedTemplateVersion = string;

export type Marker = string;

export type MaxBatchOpenMs = number;

export type MaxBatchSize = number;

export type MaxBatchSizeBytes = number;

export type MaxBuckets = number;

export type MaxJobExecutionsPerMin = number;

export type MaxResults = number;

export type Maximum = number;

export type MaximumPerMinute = number;

export type Message = string;

export type MessageExpiry = string;

export type MessageFormat = 'RAW' | 'JSON';

export type MessageId = string;

export interface MetricDatum {
  readonly timestamp?: Timestamp;
  readonly value?: MetricValue;
}

export type MetricDatumList = readonly MetricDatum[];

export interface MetricDimension {
  readonly dimensionName: DimensionName;
  readonly operator?: DimensionValueOperator;
}

export type MetricName = string;

export type MetricNames = readonly MetricName[];

export interface MetricToRetain {
  readonly exportMetric?: ExportMetric;
  readonly metric: BehaviorMetric;
  readonly metricDimension?: MetricDimension;
}

export interface MetricValue {
  readonly cidrs?: Cidrs;
  readonly count?: UnsignedLong;
  readonly number?: number;
  readonly numbers?: NumberList;
  readonly ports?: Ports;
  readonly strings?: StringList;
}

export interface MetricsExportConfig {
  readonly mqttTopic: MqttTopic;
  readonly roleArn: RoleArn;
}

export type MimeType = string;

export type Minimum = number;

export type MinimumNumberOfExecutedThings = number;

export type MissingContextValue = string;

export type MissingContextValues = readonly MissingContextValue[];

export interface MitigationAction {
  readonly actionParams?: MitigationActionParams;
  readonly id?: MitigationActionId;
  readonly name?: MitigationActionName;
  readonly roleArn?: RoleArn;
}

export type MitigationActionArn = string;

export type MitigationActionId = string;

export interface MitigationActionIdentifier {
  readonly actionArn?: MitigationActionArn;
  readonly actionName?: MitigationActionName;
  readonly creationDate?: Timestamp;
}

export type MitigationActionIdentifierList = readonly MitigationActionIdentifier[];

export type MitigationActionList = readonly MitigationAction[];

export type MitigationActionName = string;

export type MitigationActionNameList = readonly MitigationActionName[];

export interface MitigationActionParams {
  readonly addThingsToThingGroupParams?: AddThingsToThingGroupParams;
  readonly enableIoTLoggingParams?: EnableIoTLoggingParams;
  readonly publishFindingToSnsParams?: PublishFindingToSnsParams;
  readonly replaceDefaultPolicyVersionParams?: ReplaceDefaultPolicyVersionParams;
  readonly updateCACertificateParams?: UpdateCACertificateParams;
  readonly updateDeviceCertificateParams?: UpdateDeviceCertificateParams;
}

export type MitigationActionType = 'UPDATE_DEVICE_CERTIFICATE' | 'UPDATE_CA_CERTIFICATE' | 'ADD_THINGS_TO_THING_GROUP' | 'REPLACE_DEFAULT_POLICY_VERSION' | 'ENABLE_IOT_LOGGING' | 'PUBLISH_FINDING_TO_SNS';

export type MitigationActionsTaskId = string;

export type ModelStatus = 'PENDING_BUILD' | 'ACTIVE' | 'EXPIRED';

export interface Mqtt5Configuration {
  readonly propagatingAttributes?: PropagatingAttributeList;
}

export type MqttClientId = string;

export interface MqttContext {
  readonly clientId?: MqttClientId;
  readonly password?: MqttPassword;
  readonly username?: MqttUsername;
}

export interface MqttHeaders {
  readonly contentType?: ContentType;
  readonly correlationData?: CorrelationData;
  readonly messageExpiry?: MessageExpiry;
  readonly payloadFormatIndicator?: PayloadFormatIndicator;
  readonly responseTopic?: ResponseTopic;
  readonly userProperties?: UserProperties;
}

export type MqttPassword = Buffer;

export type MqttTopic = string;

export type MqttUsername = string;

export type NamedShadowIndexingMode = 'OFF' | 'ON';

export type NamedShadowNamesFilter = readonly ShadowName[];

export type NamespaceId = string;

export type NextToken = string;

export type NonCompliantChecksCount = number;

export interface NonCompliantResource {
  readonly additionalInfo?: StringMap;
  readonly resourceIdentifier?: ResourceIdentifier;
  readonly resourceType?: ResourceType;
}

export type NonCompliantResourcesCount = number;

export interface NotConfiguredException {
  readonly message?: errorMessage;
}

export type NullableBoolean = boolean;

export type NumberList = readonly number[];

export type NumberOfRetries = number;

export type NumberOfThings = number;

export type OCSPLambdaArn = string;

export type OTAUpdateArn = string;

export type OTAUpdateDescription = string;

export type OTAUpdateErrorMessage = string;

export interface OTAUpdateFile {
  readonly attributes?: AttributesMap;
  readonly codeSigning?: CodeSigning;
  readonly fileLocation?: FileLocation;
  readonly fileName?: FileName;
  readonly fileType?: FileType;
  readonly fileVersion?: OTAUpdateFileVersion;
}

export type OTAUpdateFileVersion = string;

export type OTAUpdateFiles = readonly OTAUpdateFile[];

export type OTAUpdateId = string;

export interface OTAUpdateInfo {
  readonly additionalParameters?: AdditionalParameterMap;
  readonly awsIotJobArn?: AwsIotJobArn;
  readonly awsIotJobId?: AwsIotJobId;
  readonly awsJobExecutionsRolloutConfig?: AwsJobExecutionsRolloutConfig;
  readonly awsJobPresignedUrlConfig?: AwsJobPresignedUrlConfig;
  readonly creationDate?: DateType;
  readonly description?: OTAUpdateDescription;
  readonly errorInfo?: ErrorInfo;
  readonly lastModifiedDate?: DateType;
  readonly otaUpdateArn?: OTAUpdateArn;
  readonly otaUpdateFiles?: OTAUpdateFiles;
  readonly otaUpdateId?: OTAUpdateId;
  readonly otaUpdateStatus?: OTAUpdateStatus;
  readonly protocols?: Protocols;
  readonly targetSelection?: TargetSelection;
  readonly targets?: Targets;
}

export type OTAUpdateStatus = 'CREATE_PENDING' | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED' | 'DELETE_IN_PROGRESS' | 'DELETE_FAILED';

export interface OTAUpdateSummary {
  readonly creationDate?: DateType;
  readonly otaUpdateArn?: OTAUpdateArn;
  readonly otaUpdateId?: OTAUpdateId;
}

export type OTAUpdatesSummary = readonly OTAUpdateSummary[];

export interface OpenSearchAction {
  readonly endpoint: ElasticsearchEndpoint;
  readonly id: ElasticsearchId;
  readonly index: ElasticsearchIndex;
  readonly roleArn: AwsArn;
  readonly type: ElasticsearchType;
}

export type Optional = boolean;

export type OptionalVersion = number;

export interface OutgoingCertificate {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
  readonly creationDate?: DateType;
  readonly transferDate?: DateType;
  readonly transferMessage?: Message;
  readonly transferredTo?: AwsAccountId;
}

export type OutgoingCertificates = readonly OutgoingCertificate[];

export type OutputFormat = 'JSON' | 'CBOR';

export type OverrideDynamicGroups = boolean;

export type PackageArn = string;

export type PackageCatalogMaxResults = number;

export type PackageName = string;

export interface PackageSummary {
  readonly creationDate?: CreationDate;
  readonly defaultVersionName?: VersionName;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly packageName?: PackageName;
}

export type PackageSummaryList = readonly PackageSummary[];

export type PackageVersionAction = 'PUBLISH' | 'DEPRECATE';

export type PackageVersionArn = string;

export interface PackageVersionArtifact {
  readonly s3Location?: S3Location;
}

export type PackageVersionErrorReason = string;

export type PackageVersionRecipe = string;

export type PackageVersionStatus = 'DRAFT' | 'PUBLISHED' | 'DEPRECATED';

export interface PackageVersionSummary {
  readonly creationDate?: CreationDate;
  readonly lastModifiedDate?: LastModifiedDate;
  readonly packageName?: PackageName;
  readonly status?: PackageVersionStatus;
  readonly versionName?: VersionName;
}

export type PackageVersionSummaryList = readonly PackageVersionSummary[];

export type PageSize = number;

export type Parameter = string;

export type ParameterKey = string;

export type ParameterMap = { readonly [key: string]: ParameterValue };

export type ParameterValue = string;

export type Parameters = { readonly [key: string]: Value };

export type PartitionKey = string;

export type PayloadField = string;

export type PayloadFormatIndicator = string;

export type PayloadVersion = string;

export type Percent = number;

export type PercentList = readonly Percent[];

export interface PercentPair {
  readonly percent?: Percent;
  readonly value?: PercentValue;
}

export type PercentValue = number;

export type Percentage = number;

export type Percentiles = readonly PercentPair[];

export type Platform = string;

export type Policies = readonly Policy[];

export interface Policy {
  readonly policyArn?: PolicyArn;
  readonly policyName?: PolicyName;
}

export type PolicyArn = string;

export type PolicyDocument = string;

export type PolicyDocuments = readonly PolicyDocument[];

export type PolicyName = string;

export type PolicyNames = readonly PolicyName[];

export type PolicyTarget = string;

export type PolicyTargets = readonly PolicyTarget[];

export type PolicyTemplateName = 'BLANK_POLICY';

export interface PolicyVersion {
  readonly createDate?: DateType;
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly versionId?: PolicyVersionId;
}

export type PolicyVersionId = string;

export interface PolicyVersionIdentifier {
  readonly policyName?: PolicyName;
  readonly policyVersionId?: PolicyVersionId;
}

export type PolicyVersions = readonly PolicyVersion[];

export type Port = number;

export type Ports = readonly Port[];

export type Prefix = string;

export interface PresignedUrlConfig {
  readonly expiresInSec?: ExpiresInSec;
  readonly roleArn?: RoleArn;
}

export type PrimitiveBoolean = boolean;

export type Principal = string;

export type PrincipalArn = string;

export type PrincipalId = string;

export interface PrincipalThingObject {
  readonly thingName: ThingName;
  readonly thingPrincipalType?: ThingPrincipalType;
}

export type PrincipalThingObjects = readonly PrincipalThingObject[];

export type Principals = readonly PrincipalArn[];

export type PrivateKey = string;

export type ProcessingTargetName = string;

export type ProcessingTargetNameList = readonly ProcessingTargetName[];

export interface PropagatingAttribute {
  readonly connectionAttribute?: ConnectionAttributeName;
  readonly thingAttribute?: AttributeName;
  readonly userPropertyKey?: UserPropertyKeyName;
}

export type PropagatingAttributeList = readonly PropagatingAttribute[];

export type Protocol = 'MQTT' | 'HTTP';

export type Protocols = readonly Protocol[];

export interface ProvisioningHook {
  readonly payloadVersion?: PayloadVersion;
  readonly targetArn: TargetArn;
}

export type ProvisioningTemplateListing = readonly ProvisioningTemplateSummary[];

export interface ProvisioningTemplateSummary {
  readonly creationDate?: DateType;
  readonly description?: TemplateDescription;
  readonly enabled?: Enabled;
  readonly lastModifiedDate?: DateType;
  readonly templateArn?: TemplateArn;
  readonly templateName?: TemplateName;
  readonly type?: TemplateType;
}

export type ProvisioningTemplateVersionListing = readonly ProvisioningTemplateVersionSummary[];

export interface ProvisioningTemplateVersionSummary {
  readonly creationDate?: DateType;
  readonly isDefaultVersion?: IsDefaultVersion;
  readonly versionId?: TemplateVersionId;
}

export type PublicKey = string;

export type PublicKeyMap = { readonly [key: string]: KeyValue };

export interface PublishFindingToSnsParams {
  readonly topicArn: SnsTopicArn;
}

export interface PutAssetPropertyValueEntry {
  readonly assetId?: AssetId;
  readonly entryId?: AssetPropertyEntryId;
  readonly propertyAlias?: AssetPropertyAlias;
  readonly propertyId?: AssetPropertyId;
  readonly propertyValues: AssetPropertyValueList;
}

export type PutAssetPropertyValueEntryList = readonly PutAssetPropertyValueEntry[];

export interface PutItemInput {
  readonly tableName: TableName;
}

export interface PutVerificationStateOnViolationRequest {
  readonly verificationState: VerificationState;
  readonly verificationStateDescription?: VerificationStateDescription;
  readonly violationId: ViolationId;
}

export type PutVerificationStateOnViolationResponse = Nothing;

export type Qos = number;

export type QueryMaxResults = number;

export type QueryString = string;

export type QueryVersion = string;

export type QueueUrl = string;

export type QueuedThings = number;

export type RangeKeyField = string;

export type RangeKeyValue = string;

export interface RateIncreaseCriteria {
  readonly numberOfNotifiedThings?: NumberOfThings;
  readonly numberOfSucceededThings?: NumberOfThings;
}

export type ReasonCode = string;

export type ReasonForNonCompliance = string;

export type ReasonForNonComplianceCode = string;

export type ReasonForNonComplianceCodes = readonly ReasonForNonComplianceCode[];

export type Recursive = boolean;

export type RecursiveWithoutDefault = boolean;

export type Regex = string;

export interface RegisterCACertificateRequest {
  readonly allowAutoRegistration?: AllowAutoRegistration;
  readonly caCertificate: CertificatePem;
  readonly certificateMode?: CertificateMode;
  readonly registrationConfig?: RegistrationConfig;
  readonly setAsActive?: SetAsActive;
  readonly tags?: TagList;
  readonly verificationCertificate?: CertificatePem;
}

export interface RegisterCACertificateResponse {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
}

export interface RegisterCertificateRequest {
  readonly caCertificatePem?: CertificatePem;
  readonly certificatePem: CertificatePem;
  readonly setAsActive?: SetAsActiveFlag;
  readonly status?: CertificateStatus;
}

export interface RegisterCertificateResponse {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
}

export interface RegisterCertificateWithoutCARequest {
  readonly certificatePem: CertificatePem;
  readonly status?: CertificateStatus;
}

export interface RegisterCertificateWithoutCAResponse {
  readonly certificateArn?: CertificateArn;
  readonly certificateId?: CertificateId;
}

export interface RegisterThingRequest {
  readonly parameters?: Parameters;
  readonly templateBody: TemplateBody;
}

export interface RegisterThingResponse {
  readonly certificatePem?: CertificatePem;
  readonly resourceArns?: ResourceArns;
}

export type RegistrationCode = string;

export interface RegistrationCodeValidationException {
  readonly message?: errorMessage;
}

export interface RegistrationConfig {
  readonly roleArn?: RoleArn;
  readonly templateBody?: TemplateBody;
  readonly templateName?: TemplateName;
}

export type RegistryMaxResults = number;

export type RegistryS3BucketName = string;

export type RegistryS3KeyName = string;

export interface RejectCertificateTransferRequest {
  readonly certificateId: CertificateId;
  readonly rejectReason?: Message;
}

export type RejectedThings = number;

export interface RelatedResource {
  readonly additionalInfo?: StringMap;
  readonly resourceIdentifier?: ResourceIdentifier;
  readonly resourceType?: ResourceType;
}

export type RelatedResources = readonly RelatedResource[];

export type RemoveAuthorizerConfig = boolean;

export type RemoveAutoRegistration = boolean;

export type RemoveHook = boolean;

export interface RemoveThingFromBillingGroupRequest {
  readonly billingGroupArn?: BillingGroupArn;
  readonly billingGroupName?: BillingGroupName;
  readonly thingArn?: ThingArn;
  readonly thingName?: ThingName;
}

export type RemoveThingFromBillingGroupResponse = Nothing;

export interface RemoveThingFromThingGroupRequest {
  readonly thingArn?: ThingArn;
  readonly thingGroupArn?: ThingGroupArn;
  readonly thingGroupName?: ThingGroupName;
  readonly thingName?: ThingName;
}

export type RemoveThingFromThingGroupResponse = Nothing;

export type RemoveThingType = boolean;

export type RemovedThings = number;

export interface ReplaceDefaultPolicyVersionParams {
  readonly templateName: PolicyTemplateName;
}

export interface ReplaceTopicRuleRequest {
  readonly ruleName: RuleName;
  readonly topicRulePayload: TopicRulePayload;
}

export type ReportType = 'ERRORS' | 'RESULTS';

export interface RepublishAction {
  readonly headers?: MqttHeaders;
  readonly qos?: Qos;
  readonly roleArn: AwsArn;
  readonly topic: TopicPattern;
}

export type ReservedDomainConfigurationName = string;

export type Resource = string;

export interface ResourceAlreadyExistsException {
  readonly message?: errorMessage;
  readonly resourceArn?: resourceArn;
  readonly resourceId?: resourceId;
}

export type ResourceArn = string;

export type ResourceArns = { readonly [key: string]: ResourceArn };

export type ResourceAttributeKey = string;

export type ResourceAttributeValue = string;

export type ResourceAttributes = { readonly [key: string]: ResourceAttributeValue };

export type ResourceDescription = string;

export interface ResourceIdentifier {
  readonly account?: AwsAccountId;
  readonly caCertificateId?: CertificateId;
  readonly clientId?: ClientId;
  readonly cognitoIdentityPoolId?: CognitoIdentityPoolId;
  readonly deviceCertificateArn?: CertificateArn;
  readonly deviceCertificateId?: CertificateId;
  readonly iamRoleArn?: RoleArn;
  readonly issuerCertificateIdentifier?: IssuerCertificateIdentifier;
  readonly policyVersionIdentifier?: PolicyVersionIdentifier;
  readonly roleAliasArn?: RoleAliasArn;
}

export type ResourceLogicalId = string;

export interface ResourceNotFoundException {
  readonly message?: errorMessage;
}

export interface ResourceRegistrationFailureException {
  readonly message?: errorMessage;
}

export type ResourceType = 'DEVICE_CERTIFICATE' | 'CA_CERTIFICATE' | 'IOT_POLICY' | 'COGNITO_IDENTITY_POOL' | 'CLIENT_ID' | 'ACCOUNT_SETTINGS' | 'ROLE_ALIAS' | 'IAM_ROLE' | 'ISSUER_CERTIFICATE';

export type Resources = readonly Resource[];

export type ResponseTopic = string;

export type RetryAttempt = number;

export interface RetryCriteria {
  readonly failureType: RetryableFailureType;
  readonly numberOfRetries: NumberOfRetries;
}

export type RetryCriteriaList = readonly RetryCriteria[];

export type RetryableFailureType = 'FAILED' | 'TIMED_OUT' | 'ALL';

export type RoleAlias = string;

export type RoleAliasArn = string;

export interface RoleAliasDescription {
  readonly creationDate?: DateType;
  readonly credentialDurationSeconds?: CredentialDurationSeconds;
  readonly lastModifiedDate?: DateType;
  readonly owner?: AwsAccountId;
  readonly roleAlias?: RoleAlias;
  readonly roleAliasArn?: RoleAliasArn;
  readonly roleArn?: RoleArn;
}

export type RoleAliases = readonly RoleAlias[];

export type RoleArn = string;

export type RolloutRatePerMinute = number;

export type RuleArn = string;

export type RuleName = string;

export interface S3Action {
  readonly bucketName: BucketName;
  readonly cannedAcl?: CannedAccessControlList;
  readonly key: Key;
  readonly roleArn: AwsArn;
}

export type S3Bucket = string;

export interface S3Destination {
  readonly bucket?: S3Bucket;
  readonly prefix?: Prefix;
}

export type S3FileUrl = string;

export type S3FileUrlList = readonly S3FileUrl[];

export type S3Key = string;

export interface S3Location {
  readonly bucket?: S3Bucket;
  readonly key?: S3Key;
  readonly version?: S3Version;
}

export type S3Version = string;

export type SQL = string;

export interface SalesforceAction {
  readonly token: SalesforceToken;
  readonly url: SalesforceEndpoint;
}

export type SalesforceEndpoint = string;

export type SalesforceToken = string;

export interface Sbom {
  readonly s3Location?: S3Location;
}

export type SbomValidationErrorCode = 'INCOMPATIBLE_FORMAT' | 'FILE_SIZE_LIMIT_EXCEEDED';

export type SbomValidationErrorMessage = string;

export type SbomValidationResult = 'FAILED' | 'SUCCEEDED';

export interface SbomValidationResultSummary {
  readonly errorCode?: SbomValidationErrorCode;
  readonly errorMessage?: SbomValidationErrorMessage;
  readonly fileName?: FileName;
  readonly validationResult?: SbomValidationResult;
}

export type SbomValidationResultSummaryList = readonly SbomValidationResultSummary[];

export type SbomValidationStatus = 'IN_PROGRESS' | 'FAILED' | 'SUCCEEDED';

export type ScheduledAuditArn = string;

export interface ScheduledAuditMetadata {
  readonly dayOfMonth?: DayOfMonth;
  readonly dayOfWeek?: DayOfWeek;
  readonly frequency?: AuditFrequency;
  readonly scheduledAuditArn?: ScheduledAuditArn;
  readonly scheduledAuditName?: ScheduledAuditName;
}

export type ScheduledAuditMetadataList = readonly ScheduledAuditMetadata[];

export type ScheduledAuditName = string;

export interface ScheduledJobRollout {
  readonly startTime?: StringDateTime;
}

export type ScheduledJobRolloutList = readonly ScheduledJobRollout[];

export interface SchedulingConfig {
  readonly endBehavior?: JobEndBehavior;
  readonly endTime?: StringDateTime;
  readonly maintenanceWindows?: MaintenanceWindows;
  readonly startTime?: StringDateTime;
}

export interface SearchIndexRequest {
  readonly indexName?: IndexName;
  readonly maxResults?: SearchQueryMaxResults;
  readonly nextToken?: NextToken;
  readonly queryString: QueryString;
  readonly queryVersion?: QueryVersion;
}

export interface SearchIndexResponse {
  readonly nextToken?: NextToken;
  readonly thingGroups?: ThingGroupDocumentList;
  readonly things?: ThingDocumentList;
}

export type SearchQueryMaxResults = number;

export type SearchableAttributes = readonly AttributeName[];

export type Seconds = number;

export type SecurityGroupId = string;

export type SecurityGroupList = readonly SecurityGroupId[];

export type SecurityPolicy = string;

export type SecurityProfileArn = string;

export type SecurityProfileDescription = string;

export interface SecurityProfileIdentifier {
  readonly arn: SecurityProfileArn;
  readonly name: SecurityProfileName;
}

export type SecurityProfileIdentifiers = readonly SecurityProfileIdentifier[];

export type SecurityProfileName = string;

export interface SecurityProfileTarget {
  readonly arn: SecurityProfileTargetArn;
}

export type SecurityProfileTargetArn = string;

export interface SecurityProfileTargetMapping {
  readonly securityProfileIdentifier?: SecurityProfileIdentifier;
  readonly target?: SecurityProfileTarget;
}

export type SecurityProfileTargetMappings = readonly SecurityProfileTargetMapping[];

export type SecurityProfileTargets = readonly SecurityProfileTarget[];

export type ServerCertificateArns = readonly AcmCertificateArn[];

export interface ServerCertificateConfig {
  readonly enableOCSPCheck?: EnableOCSPCheck;
  readonly ocspAuthorizedResponderArn?: AcmCertificateArn;
  readonly ocspLambdaArn?: OCSPLambdaArn;
}

export type ServerCertificateStatus = 'INVALID' | 'VALID';

export type ServerCertificateStatusDetail = string;

export interface ServerCertificateSummary {
  readonly serverCertificateArn?: AcmCertificateArn;
  readonly serverCertificateStatus?: ServerCertificateStatus;
  readonly serverCertificateStatusDetail?: ServerCertificateStatusDetail;
}

export type ServerCertificates = readonly ServerCertificateSummary[];

export type ServerName = string;

export type ServiceName = string;

export interface ServiceQuotaExceededException {
  readonly message?: errorMessage;
}

export type ServiceType = 'DATA' | 'CREDENTIAL_PROVIDER' | 'JOBS';

export interface ServiceUnavailableException {
  readonly message?: errorMessage;
}

export type SetAsActive = boolean;

export type SetAsActiveFlag = boolean;

export type SetAsDefault = boolean;

export interface SetDefaultAuthorizerRequest {
  readonly authorizerName: AuthorizerName;
}

export interface SetDefaultAuthorizerResponse {
  readonly authorizerArn?: AuthorizerArn;
  readonly authorizerName?: AuthorizerName;
}

export interface SetDefaultPolicyVersionRequest {
  readonly policyName: PolicyName;
  readonly policyVersionId: PolicyVersionId;
}

export interface SetLoggingOptionsRequest {
  readonly loggingOptionsPayload: LoggingOptionsPayload;
}

export interface SetV2LoggingLevelRequest {
  readonly logLevel: LogLevel;
  readonly logTarget: LogTarget;
}

export interface SetV2LoggingOptionsRequest {
  readonly defaultLogLevel?: LogLevel;
  readonly disableAllLogs?: DisableAllLogs;
  readonly eventConfigurations?: LogEventConfigurations;
  readonly roleArn?: AwsArn;
}

export type ShadowName = string;

export interface SigV4Authorization {
  readonly roleArn: AwsArn;
  readonly serviceName: ServiceName;
  readonly signingRegion: SigningRegion;
}

export type Signature = Buffer;

export type SignatureAlgorithm = string;

export type SigningJobId = string;

export type SigningProfileName = string;

export interface SigningProfileParameter {
  readonly certificateArn?: CertificateArn;
  readonly certificatePathOnDevice?: CertificatePathOnDevice;
  readonly platform?: Platform;
}

export type SigningRegion = string;

export type SkippedFindingsCount = number;

export type SkyfallMaxResults = number;

export interface SnsAction {
  readonly messageFormat?: MessageFormat;
  readonly roleArn: AwsArn;
  readonly targetArn: AwsArn;
}

export type SnsTopicArn = string;

export type SortOrder = 'ASCENDING' | 'DESCENDING';

export interface SqlParseException {
  readonly message?: errorMessage;
}

export interface SqsAction {
  readonly queueUrl: QueueUrl;
  readonly roleArn: AwsArn;
  readonly useBase64?: UseBase64;
}

export interface StartAuditMitigationActionsTaskRequest {
  readonly auditCheckToActionsMapping: AuditCheckToActionsMapping;
  readonly clientRequestToken: ClientRequestToken;
  readonly target: AuditMitigationActionsTaskTarget;
  readonly taskId: MitigationActionsTaskId;
}

export interface StartAuditMitigationActionsTaskResponse {
  readonly taskId?: MitigationActionsTaskId;
}

export interface StartDetectMitigationActionsTaskRequest {
  readonly actions: DetectMitigationActionsToExecuteList;
  readonly clientRequestToken: ClientRequestToken;
  readonly includeOnlyActiveViolations?: NullableBoolean;
  readonly includeSuppressedAlerts?: NullableBoolean;
  readonly target: DetectMitigationActionsTaskTarget;
  readonly taskId: MitigationActionsTaskId;
  readonly violationEventOccurrenceRange?: ViolationEventOccurrenceRange;
}

export interface StartDetectMitigationActionsTaskResponse {
  readonly taskId?: MitigationActionsTaskId;
}

export interface StartOnDemandAuditTaskRequest {
  readonly targetCheckNames: TargetAuditCheckNames;
}

export interface StartOnDemandAuditTaskResponse {
  readonly taskId?: AuditTaskId;
}

export interface StartSigningJobParameter {
  readonly destination?: Destination;
  readonly signingProfileName?: SigningProfileName;
  readonly signingProfileParameter?: SigningProfileParameter;
}

export interface StartThingRegistrationTaskRequest {
  readonly inputFileBucket: RegistryS3BucketName;
  readonly inputFileKey: RegistryS3KeyName;
  readonly roleArn: RoleArn;
  readonly templateBody: TemplateBody;
}

export interface StartThingRegistrationTaskResponse {
  readonly taskId?: TaskId;
}

export type StateMachineName = string;

export type StateReason = string;

export type StateValue = string;

export interface StatisticalThreshold {
  readonly statistic?: EvaluationStatistic;
}

export interface Statistics {
  readonly average?: Average;
  readonly count?: Count;
  readonly maximum?: Maximum;
  readonly minimum?: Minimum;
  readonly stdDeviation?: StdDeviation;
  readonly sum?: Sum;
  readonly sumOfSquares?: SumOfSquares;
  readonly variance?: Variance;
}

export type Status = 'InProgress' | 'Completed' | 'Failed' | 'Cancelled' | 'Cancelling';

export type StatusCode = number;

export interface StatusReason {
  readonly reasonCode: StatusReasonCode;
  readonly reasonDescription?: StatusReasonDescription;
}

export type StatusReasonCode = string;

export type StatusReasonDescription = string;

export type StdDeviation = number;

export interface StepFunctionsAction {
  readonly executionNamePrefix?: ExecutionNamePrefix;
  readonly roleArn: AwsArn;
  readonly stateMachineName: StateMachineName;
}

export interface StopThingRegistrationTaskRequest {
  readonly taskId: TaskId;
}

export type StopThingRegistrationTaskResponse = Nothing;

export interface Stream {
  readonly fileId?: FileId;
  readonly streamId?: StreamId;
}

export type StreamArn = string;

export type StreamDescription = string;

export interface StreamFile {
  readonly fileId?: FileId;
  readonly s3Location?: S3Location;
}

export type StreamFiles = readonly StreamFile[];

export type StreamId = string;

export interface StreamInfo {
  readonly createdAt?: DateType;
  readonly description?: StreamDescription;
  readonly files?: StreamFiles;
  readonly lastUpdatedAt?: DateType;
  readonly roleArn?: RoleArn;
  readonly streamArn?: StreamArn;
  readonly streamId?: StreamId;
  readonly streamVersion?: StreamVersion;
}

export type StreamName = string;

export interface StreamSummary {
  readonly description?: StreamDescription;
  readonly streamArn?: StreamArn;
  readonly streamId?: StreamId;
  readonly streamVersion?: StreamVersion;
}

export type StreamVersion = number;

export type StreamsSummary = readonly StreamSummary[];

export type StringCommandExecutionResult = string;

export type StringDateTime = string;

export type StringList = readonly stringValue[];

export type StringMap = { readonly [key: string]: string };

export type StringParameterValue = string;

export type SubnetId = string;

export type SubnetIdList = readonly SubnetId[];

export type SucceededFindingsCount = number;

export type SucceededThings = number;

export type Sum = number;

export type SumOfSquares = number;

export type SuppressAlerts = boolean;

export type SuppressIndefinitely = boolean;

export type SuppressedNonCompliantResourcesCount = number;

export type TableName = string;

export interface Tag {
  readonly Key: TagKey;
  readonly Value?: TagValue;
}

export type TagKey = string;

export type TagKeyList = readonly TagKey[];

export type TagList = readonly Tag[];

export type TagMap = { readonly [key: string]: TagValue };

export interface TagResourceRequest {
  readonly resourceArn: ResourceArn;
  readonly tags: TagList;
}

export type TagResourceResponse = Nothing;

export type TagValue = string;

export type Target = string;

export type TargetArn = string;

export type TargetAuditCheckNames = readonly AuditCheckName[];

export type TargetFieldName = string;

export type TargetFieldOrder = 'LatLon' | 'LonLat';

export type TargetSelection = 'CONTINUOUS' | 'SNAPSHOT';

export type TargetViolationIdsForDetectMitigationActions = readonly ViolationId[];

export type Targets = readonly Target[];

export interface TaskAlreadyExistsException {
  readonly message?: errorMessage;
}

export type TaskId = string;

export type TaskIdList = readonly TaskId[];

export interface TaskStatistics {
  readonly canceledChecks?: CanceledChecksCount;
  readonly compliantChecks?: CompliantChecksCount;
  readonly failedChecks?: FailedChecksCount;
  readonly inProgressChecks?: InProgressChecksCount;
  readonly nonCompliantChecks?: NonCompliantChecksCount;
  readonly totalChecks?: TotalChecksCount;
  readonly waitingForDataCollectionChecks?: WaitingForDataCollectionChecksCount;
}

export interface TaskStatisticsForAuditCheck {
  readonly canceledFindingsCount?: CanceledFindingsCount;
  readonly failedFindingsCount?: FailedFindingsCount;
  readonly skippedFindingsCount?: SkippedFindingsCount;
  readonly succeededFindingsCount?: SucceededFindingsCount;
  readonly totalFindingsCount?: TotalFindingsCount;
}

export type TemplateArn = string;

export type TemplateBody = string;

export type TemplateDescription = string;

export type TemplateName = string;

export type TemplateType = 'FLEET_PROVISIONING' | 'JITP';

export type TemplateVersionId = number;

export interface TermsAggregation {
  readonly maxBuckets?: MaxBuckets;
}

export interface TestAuthorizationRequest {
  readonly authInfos: AuthInfos;
  readonly clientId?: ClientId;
  readonly cognitoIdentityPoolId?: CognitoIdentityPoolId;
  readonly policyNamesToAdd?: PolicyNames;
  readonly policyNamesToSkip?: PolicyNames;
  readonly principal?: Principal;
}

export interface TestAuthorizationResponse {
  readonly authResults?: AuthResults;
}

export interface TestInvokeAuthorizerRequest {
  readonly authorizerName: AuthorizerName;
  readonly httpContext?: HttpContext;
  readonly mqttContext?: MqttContext;
  readonly tlsContext?: TlsContext;
  readonly token?: Token;
  readonly tokenSignature?: TokenSignature;
}

export interface TestInvokeAuthorizerResponse {
  readonly disconnectAfterInSeconds?: Seconds;
  readonly isAuthenticated?: IsAuthenticated;
  readonly policyDocuments?: PolicyDocuments;
  readonly principalId?: PrincipalId;
  readonly refreshAfterInSeconds?: Seconds;
}

export type ThingArn = string;

export interface ThingAttribute {
  readonly attributes?: Attributes;
  readonly thingArn?: ThingArn;
  readonly thingName?: ThingName;
  readonly thingTypeName?: ThingTypeName;
  readonly version?: Version;
}

export type ThingAttributeList = readonly ThingAttribute[];

export interface ThingConnectivity {
  readonly connected?: boolean;
  readonly disconnectReason?: DisconnectReason;
  readonly timestamp?: ConnectivityTimestamp;
}

export type ThingConnectivityIndexingMode = 'OFF' | 'STATUS';

export interface ThingDocument {
  readonly attributes?: Attributes;
  readonly connectivity?: ThingConnectivity;
  readonly deviceDefender?: JsonDocument;
  readonly shadow?: JsonDocument;
  readonly thingGroupNames?: ThingGroupNameList;
  readonly thingId?: ThingId;
  readonly thingName?: ThingName;
  readonly thingTypeName?: ThingTypeName;
}

export type ThingDocumentList = readonly ThingDocument[];

export type ThingGroupArn = string;

export type ThingGroupDescription = string;

export interface ThingGroupDocument {
  readonly attributes?: Attributes;
  readonly parentGroupNames?: ThingGroupNameList;
  readonly thingGroupDescription?: ThingGroupDescription;
  readonly thingGroupId?: ThingGroupId;
  readonly thingGroupName?: ThingGroupName;
}

export type ThingGroupDocumentList = readonly ThingGroupDocument[];

export type ThingGroupId = string;

export interface ThingGroupIndexingConfiguration {
  readonly customFields?: Fields;
  readonly managedFields?: Fields;
  readonly thingGroupIndexingMode: ThingGroupIndexingMode;
}

export type ThingGroupIndexingMode = 'OFF' | 'ON';

export type ThingGroupList = readonly ThingGroupName[];

export interface ThingGroupMetadata {
  readonly creationDate?: CreationDate;
  readonly parentGroupName?: ThingGroupName;
  readonly rootToParentThingGroups?: ThingGroupNameAndArnList;
}

export type ThingGroupName = string;

export type ThingGroupNameAndArnList = readonly GroupNameAndArn[];

export type ThingGroupNameList = readonly ThingGroupName[];

export type ThingGroupNames = readonly ThingGroupName[];

export interface ThingGroupProperties {
  readonly attributePayload?: AttributePayload;
  readonly thingGroupDescription?: ThingGroupDescription;
}

export type ThingId = string;

export interface ThingIndexingConfiguration {
  readonly customFields?: Fields;
  readonly deviceDefenderIndexingMode?: DeviceDefenderIndexingMode;
  readonly filter?: IndexingFilter;
  readonly managedFields?: Fields;
  readonly namedShadowIndexingMode?: NamedShadowIndexingMode;
  readonly thingConnectivityIndexingMode?: ThingConnectivityIndexingMode;
  readonly thingIndexingMode: ThingIndexingMode;
}

export type ThingIndexingMode = 'OFF' | 'REGISTRY' | 'REGISTRY_AND_SHADOW';

export type ThingName = string;

export type ThingNameList = readonly ThingName[];

export interface ThingPrincipalObject {
  readonly principal: Principal;
  readonly thingPrincipalType?: ThingPrincipalType;
}

export type ThingPrincipalObjects = readonly ThingPrincipalObject[];

export type ThingPrincipalType = 'EXCLUSIVE_THING' | 'NON_EXCLUSIVE_THING';

export type ThingTypeArn = string;

export interface ThingTypeDefinition {
  readonly thingTypeArn?: ThingTypeArn;
  readonly thingTypeMetadata?: ThingTypeMetadata;
  readonly thingTypeName?: ThingTypeName;
  readonly thingTypeProperties?: ThingTypeProperties;
}

export type ThingTypeDescription = string;

export type ThingTypeId = string;

export type ThingTypeList = readonly ThingTypeDefinition[];

export interface ThingTypeMetadata {
  readonly creationDate?: CreationDate;
  readonly deprecated?: boolean;
  readonly deprecationDate?: DeprecationDate;
}

export type ThingTypeName = string;

export interface ThingTypeProperties {
  readonly mqtt5Configuration?: Mqtt5Configuration;
  readonly searchableAttributes?: SearchableAttributes;
  readonly thingTypeDescription?: ThingTypeDescription;
}

export interface ThrottlingException {
  readonly message?: errorMessage;
}

export interface TimeFilter {
  readonly after?: StringDateTime;
  readonly before?: StringDateTime;
}

export type TimedOutThings = number;

export interface TimeoutConfig {
  readonly inProgressTimeoutInMinutes?: InProgressTimeoutInMinutes;
}

export type Timestamp = Date;

export interface TimestreamAction {
  readonly databaseName: TimestreamDatabaseName;
  readonly dimensions: TimestreamDimensionList;
  readonly roleArn: AwsArn;
  readonly tableName: TimestreamTableName;
  readonly timestamp?: TimestreamTimestamp;
}

export type TimestreamDatabaseName = string;

export interface TimestreamDimension {
  readonly name: TimestreamDimensionName;
  readonly value: TimestreamDimensionValue;
}

export type TimestreamDimensionList = readonly TimestreamDimension[];

export type TimestreamDimensionName = string;

export type TimestreamDimensionValue = string;

export type TimestreamTableName = string;

export interface TimestreamTimestamp {
  readonly unit: TimestreamTimestampUnit;
  readonly value: TimestreamTimestampValue;
}

export type TimestreamTimestampUnit = string;

export type TimestreamTimestampValue = string;

export type TinyMaxResults = number;

export interface TlsConfig {
  readonly securityPolicy?: SecurityPolicy;
}

export interface TlsContext {
  readonly serverName?: ServerName;
}

export type Token = string;

export type TokenKeyName = string;

export type TokenSignature = string;

export type Topic = string;

export type TopicPattern = string;

export interface TopicRule {
  readonly actions?: ActionList;
  readonly awsIotSqlVersion?: AwsIotSqlVersion;
  readonly createdAt?: CreatedAtDate;
  readonly description?: Description;
  readonly errorAction?: Action;
  readonly ruleDisabled?: IsDisabled;
  readonly ruleName?: RuleName;
  readonly sql?: SQL;
}

export interface TopicRuleDestination {
  readonly arn?: AwsArn;
  readonly createdAt?: CreatedAtDate;
  readonly httpUrlProperties?: HttpUrlDestinationProperties;
  readonly lastUpdatedAt?: LastUpdatedAtDate;
  readonly status?: TopicRuleDestinationStatus;
  readonly statusReason?: string;
  readonly vpcProperties?: VpcDestinationProperties;
}

export interface TopicRuleDestinationConfiguration {
  readonly httpUrlConfiguration?: HttpUrlDestinationConfiguration;
  readonly vpcConfiguration?: VpcDestinationConfiguration;
}

export type TopicRuleDestinationMaxResults = number;

export type TopicRuleDestinationStatus = 'ENABLED' | 'IN_PROGRESS' | 'DISABLED' | 'ERROR' | 'DELETING';

export type TopicRuleDestinationSummaries = readonly TopicRuleDestinationSummary[];

export interface TopicRuleDestinationSummary {
  readonly arn?: AwsArn;
  readonly createdAt?: CreatedAtDate;
  readonly httpUrlSummary?: HttpUrlDestinationSummary;
  readonly lastUpdatedAt?: LastUpdatedAtDate;
  readonly status?: TopicRuleDestinationStatus;
  readonly statusReason?: string;
  readonly vpcDestinationSummary?: VpcDestinationSummary;
}

export type TopicRuleList = readonly TopicRuleListItem[];

export interface TopicRuleListItem {
  readonly createdAt?: CreatedAtDate;
  readonly ruleArn?: RuleArn;
  readonly ruleDisabled?: IsDisabled;
  readonly ruleName?: RuleName;
  readonly topicPattern?: TopicPattern;
}

export type TopicRuleMaxResults = number;

export interface TopicRulePayload {
  readonly actions: ActionList;
  readonly awsIotSqlVersion?: AwsIotSqlVersion;
  readonly description?: Description;
  readonly errorAction?: Action;
  readonly ruleDisabled?: IsDisabled;
  readonly sql: SQL;
}

export type TotalChecksCount = number;

export type TotalFindingsCount = number;

export type TotalResourcesCount = number;

export interface TransferAlreadyCompletedException {
  readonly message?: errorMessage;
}

export interface TransferCertificateRequest {
  readonly certificateId: CertificateId;
  readonly targetAwsAccount: AwsAccountId;
  readonly transferMessage?: Message;
}

export interface TransferCertificateResponse {
  readonly transferredCertificateArn?: CertificateArn;
}

export interface TransferConflictException {
  readonly message?: errorMessage;
}

export interface TransferData {
  readonly acceptDate?: DateType;
  readonly rejectDate?: DateType;
  readonly rejectReason?: Message;
  readonly transferDate?: DateType;
  readonly transferMessage?: Message;
}

export interface UnauthorizedException {
  readonly message?: errorMessage;
}

export type UndoDeprecate = boolean;

export type UnsetDefaultVersion = boolean;

export type UnsignedLong = number;

export type UnsignedLongParameterValue = string;

export interface UntagResourceRequest {
  readonly resourceArn: ResourceArn;
  readonly tagKeys: TagKeyList;
}

export type UntagResourceResponse = Nothing;

export interface UpdateAccountAuditConfigurationRequest {
  readonly auditCheckConfigurations?: AuditCheckConfigurations;
  readonly auditNotificationTargetConfigurations?: AuditNotificationTargetConfigurations;
  readonly roleArn?: RoleArn;
}

export type UpdateAccountAuditConfigurationResponse = Nothing;

export interface UpdateAuditSuppressionRequest {
  readonly checkName: AuditCheckName;
  readonly description?: AuditDescription;
  readonly expirationDate?: Timestamp;
  readonly resourceIdentifier: ResourceIdentifier;
  readonly suppressIndefinitely?: SuppressIndefinitely;
}

export type UpdateAuditSuppressionResponse = Nothing;

export interface UpdateAuthorizerRequest {
  readonly authorizerFunctionArn?: AuthorizerFunctionArn;
  readonly authorizerName: AuthorizerName;
  readonly enableCachingForHttp?: EnableCachingForHttp;
  readonly status?: AuthorizerStatus;
  readonly tokenKeyName?: TokenKeyName;
  readonly tokenSigningPublicKeys?: PublicKeyMap;
}

export interface UpdateAuthorizerResponse {
  readonly authorizerArn?: AuthorizerArn;
  readonly authorizerName?: AuthorizerName;
}

export interface UpdateBillingGroupRequest {
  readonly billingGroupName: BillingGroupName;
  readonly billingGroupProperties: BillingGroupProperties;
  readonly expectedVersion?: OptionalVersion;
}

export interface UpdateBillingGroupResponse {
  readonly version?: Version;
}

export interface UpdateCACertificateParams {
  readonly action: CACertificateUpdateAction;
}

export interface UpdateCACertificateRequest {
  readonly certificateId: CertificateId;
  readonly newAutoRegistrationStatus?: AutoRegistrationStatus;
  readonly newStatus?: CACertificateStatus;
  readonly registrationConfig?: RegistrationConfig;
  readonly removeAutoRegistration?: RemoveAutoRegistration;
}

export interface UpdateCertificateProviderRequest {
  readonly accountDefaultForOperations?: CertificateProviderAccountDefaultForOperations;
  readonly certificateProviderName: CertificateProviderName;
  readonly lambdaFunctionArn?: CertificateProviderFunctionArn;
}

export interface UpdateCertificateProviderResponse {
  readonly certificateProviderArn?: CertificateProviderArn;
  readonly certificateProviderName?: CertificateProviderName;
}

export interface UpdateCertificateRequest {
  readonly certificateId: CertificateId;
  readonly newStatus: CertificateStatus;
}

export interface UpdateCommandRequest {
  readonly commandId: CommandId;
  readonly deprecated?: DeprecationFlag;
  readonly description?: CommandDescription;
  readonly displayName?: DisplayName;
}

export interface UpdateCommandResponse {
  readonly commandId?: CommandId;
  readonly deprecated?: DeprecationFlag;
  readonly description?: CommandDescription;
  readonly displayName?: DisplayName;
  readonly lastUpdatedAt?: DateType;
}

export interface UpdateCustomMetricRequest {
  readonly displayName: CustomMetricDisplayName;
  readonly metricName: MetricName;
}

export interface UpdateCustomMetricResponse {
  readonly creationDate?: Timestamp;
  readonly displayName?: CustomMetricDisplayName;
  readonly lastModifiedDate?: Timestamp;
  readonly metricArn?: CustomMetricArn;
  readonly metricName?: MetricName;
  readonly metricType?: CustomMetricType;
}

export interface UpdateDeviceCertificateParams {
  readonly action: DeviceCertificateUpdateAction;
}

export interface UpdateDimensionRequest {
  readonly name: DimensionName;
  readonly stringValues: DimensionStringValues;
}

export interface UpdateDimensionResponse {
  readonly arn?: DimensionArn;
  readonly creationDate?: Timestamp;
  readonly lastModifiedDate?: Timestamp;
  readonly name?: DimensionName;
  readonly stringValues?: DimensionStringValues;
  readonly type?: DimensionType;
}

export interface UpdateDomainConfigurationRequest {
  readonly applicationProtocol?: ApplicationProtocol;
  readonly authenticationType?: AuthenticationType;
  readonly authorizerConfig?: AuthorizerConfig;
  readonly clientCertificateConfig?: ClientCertificateConfig;
  readonly domainConfigurationName: ReservedDomainConfigurationName;
  readonly domainConfigurationStatus?: DomainConfigurationStatus;
  readonly removeAuthorizerConfig?: RemoveAuthorizerConfig;
  readonly serverCertificateConfig?: ServerCertificateConfig;
  readonly tlsConfig?: TlsConfig;
}

export interface UpdateDomainConfigurationResponse {
  readonly domainConfigurationArn?: DomainConfigurationArn;
  readonly domainConfigurationName?: ReservedDomainConfigurationName;
}

export interface UpdateDynamicThingGroupRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly indexName?: IndexName;
  readonly queryString?: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly thingGroupName: ThingGroupName;
  readonly thingGroupProperties: ThingGroupProperties;
}

export interface UpdateDynamicThingGroupResponse {
  readonly version?: Version;
}

export interface UpdateEncryptionConfigurationRequest {
  readonly encryptionType: EncryptionType;
  readonly kmsAccessRoleArn?: KmsAccessRoleArn;
  readonly kmsKeyArn?: KmsKeyArn;
}

export type UpdateEncryptionConfigurationResponse = Nothing;

export interface UpdateEventConfigurationsRequest {
  readonly eventConfigurations?: EventConfigurations;
}

export type UpdateEventConfigurationsResponse = Nothing;

export interface UpdateFleetMetricRequest {
  readonly aggregationField?: AggregationField;
  readonly aggregationType?: AggregationType;
  readonly description?: FleetMetricDescription;
  readonly expectedVersion?: OptionalVersion;
  readonly indexName: IndexName;
  readonly metricName: FleetMetricName;
  readonly period?: FleetMetricPeriod;
  readonly queryString?: QueryString;
  readonly queryVersion?: QueryVersion;
  readonly unit?: FleetMetricUnit;
}

export interface UpdateIndexingConfigurationRequest {
  readonly thingGroupIndexingConfiguration?: ThingGroupIndexingConfiguration;
  readonly thingIndexingConfiguration?: ThingIndexingConfiguration;
}

export type UpdateIndexingConfigurationResponse = Nothing;

export interface UpdateJobRequest {
  readonly abortConfig?: AbortConfig;
  readonly description?: JobDescription;
  readonly jobExecutionsRetryConfig?: JobExecutionsRetryConfig;
  readonly jobExecutionsRolloutConfig?: JobExecutionsRolloutConfig;
  readonly jobId: JobId;
  readonly namespaceId?: NamespaceId;
  readonly presignedUrlConfig?: PresignedUrlConfig;
  readonly timeoutConfig?: TimeoutConfig;
}

export interface UpdateMitigationActionRequest {
  readonly actionName: MitigationActionName;
  readonly actionParams?: MitigationActionParams;
  readonly roleArn?: RoleArn;
}

export interface UpdateMitigationActionResponse {
  readonly actionArn?: MitigationActionArn;
  readonly actionId?: MitigationActionId;
}

export interface UpdatePackageConfigurationRequest {
  readonly clientToken?: ClientToken;
  readonly versionUpdateByJobsConfig?: VersionUpdateByJobsConfig;
}

export type UpdatePackageConfigurationResponse = Nothing;

export interface UpdatePackageRequest {
  readonly clientToken?: ClientToken;
  readonly defaultVersionName?: VersionName;
  readonly description?: ResourceDescription;
  readonly packageName: PackageName;
  readonly unsetDefaultVersion?: UnsetDefaultVersion;
}

export type UpdatePackageResponse = Nothing;

export interface UpdatePackageVersionRequest {
  readonly action?: PackageVersionAction;
  readonly artifact?: PackageVersionArtifact;
  readonly attributes?: ResourceAttributes;
  readonly clientToken?: ClientToken;
  readonly description?: ResourceDescription;
  readonly packageName: PackageName;
  readonly recipe?: PackageVersionRecipe;
  readonly versionName: VersionName;
}

export type UpdatePackageVersionResponse = Nothing;

export interface UpdateProvisioningTemplateRequest {
  readonly defaultVersionId?: TemplateVersionId;
  readonly description?: TemplateDescription;
  readonly enabled?: Enabled;
  readonly preProvisioningHook?: ProvisioningHook;
  readonly provisioningRoleArn?: RoleArn;
  readonly removePreProvisioningHook?: RemoveHook;
  readonly templateName: TemplateName;
}

export type UpdateProvisioningTemplateResponse = Nothing;

export interface UpdateRoleAliasRequest {
  readonly credentialDurationSeconds?: CredentialDurationSeconds;
  readonly roleAlias: RoleAlias;
  readonly roleArn?: RoleArn;
}

export interface UpdateRoleAliasResponse {
  readonly roleAlias?: RoleAlias;
  readonly roleAliasArn?: RoleAliasArn;
}

export interface UpdateScheduledAuditRequest {
  readonly dayOfMonth?: DayOfMonth;
  readonly dayOfWeek?: DayOfWeek;
  readonly frequency?: AuditFrequency;
  readonly scheduledAuditName: ScheduledAuditName;
  readonly targetCheckNames?: TargetAuditCheckNames;
}

export interface UpdateScheduledAuditResponse {
  readonly scheduledAuditArn?: ScheduledAuditArn;
}

export interface UpdateSecurityProfileRequest {
  readonly additionalMetricsToRetain?: AdditionalMetricsToRetainList;
  readonly additionalMetricsToRetainV2?: AdditionalMetricsToRetainV2List;
  readonly alertTargets?: AlertTargets;
  readonly behaviors?: Behaviors;
  readonly deleteAdditionalMetricsToRetain?: DeleteAdditionalMetricsToRetain;
  readonly deleteAlertTargets?: DeleteAlertTargets;
  readonly deleteBehaviors?: DeleteBehaviors;
  readonly deleteMetricsExportConfig?: DeleteMetricsExportConfig;
  readonly expectedVersion?: OptionalVersion;
  readonly metricsExportConfig?: MetricsExportConfig;
  readonly securityProfileDescription?: SecurityProfileDescription;
  readonly securityProfileName: SecurityProfileName;
}

export interface UpdateSecurityProfileResponse {
  readonly additionalMetricsToRetain?: AdditionalMetricsToRetainList;
  readonly additionalMetricsToRetainV2?: AdditionalMetricsToRetainV2List;
  readonly alertTargets?: AlertTargets;
  readonly behaviors?: Behaviors;
  readonly creationDate?: Timestamp;
  readonly lastModifiedDate?: Timestamp;
  readonly metricsExportConfig?: MetricsExportConfig;
  readonly securityProfileArn?: SecurityProfileArn;
  readonly securityProfileDescription?: SecurityProfileDescription;
  readonly securityProfileName?: SecurityProfileName;
  readonly version?: Version;
}

export interface UpdateStreamRequest {
  readonly description?: StreamDescription;
  readonly files?: StreamFiles;
  readonly roleArn?: RoleArn;
  readonly streamId: StreamId;
}

export interface UpdateStreamResponse {
  readonly description?: StreamDescription;
  readonly streamArn?: StreamArn;
  readonly streamId?: StreamId;
  readonly streamVersion?: StreamVersion;
}

export interface UpdateThingGroupRequest {
  readonly expectedVersion?: OptionalVersion;
  readonly thingGroupName: ThingGroupName;
  readonly thingGroupProperties: ThingGroupProperties;
}

export interface UpdateThingGroupResponse {
  readonly version?: Version;
}

export interface UpdateThingGroupsForThingRequest {
  readonly overrideDynamicGroups?: OverrideDynamicGroups;
  readonly thingGroupsToAdd?: ThingGroupList;
  readonly thingGroupsToRemove?: ThingGroupList;
  readonly thingName?: ThingName;
}

export type UpdateThingGroupsForThingResponse = Nothing;

export interface UpdateThingRequest {
  readonly attributePayload?: AttributePayload;
  readonly expectedVersion?: OptionalVersion;
  readonly removeThingType?: RemoveThingType;
  readonly thingName: ThingName;
  readonly thingTypeName?: ThingTypeName;
}

export type UpdateThingResponse = Nothing;

export interface UpdateThingTypeRequest {
  readonly thingTypeName: ThingTypeName;
  readonly thingTypeProperties?: ThingTypeProperties;
}

export type UpdateThingTypeResponse = Nothing;

export interface UpdateTopicRuleDestinationRequest {
  readonly arn: AwsArn;
  readonly status: TopicRuleDestinationStatus;
}

export type UpdateTopicRuleDestinationResponse = Nothing;

export type Url = string;

export type UseBase64 = boolean;

export type UserProperties = readonly UserProperty[];

export interface UserProperty {
  readonly key: UserPropertyKey;
  readonly value: UserPropertyValue;
}

export type UserPropertyKey = string;

export type UserPropertyKeyName = string;

export type UserPropertyValue = string;

export type Valid = boolean;

export interface ValidateSecurityProfileBehaviorsRequest {
  readonly behaviors: Behaviors;
}

export interface ValidateSecurityProfileBehaviorsResponse {
  readonly valid?: Valid;
  readonly validationErrors?: ValidationErrors;
}

export interface ValidationError {
  readonly errorMessage?: ErrorMessage;
}

export type ValidationErrors = readonly ValidationError[];

export interface ValidationException {
  readonly message?: errorMessage;
}

export type Value = string;

export type Variance = number;

export type VerboseFlag = boolean;

export type VerificationState = 'FALSE_POSITIVE' | 'BENIGN_POSITIVE' | 'TRUE_POSITIVE' | 'UNKNOWN';

export type VerificationStateDescription = string;

export type Version = number;

export interface VersionConflictException {
  readonly message?: errorMessage;
}

export type VersionName = string;

export type VersionNumber = number;

export interface VersionUpdateByJobsConfig {
  readonly enabled?: EnabledBoolean;
  readonly roleArn?: RoleArn;
}

export interface VersionsLimitExceededException {
  readonly message?: errorMessage;
}

export interface ViolationEvent {
  readonly behavior?: Behavior;
  readonly metricValue?: MetricValue;
  readonly securityProfileName?: SecurityProfileName;
  readonly thingName?: DeviceDefenderThingName;
  readonly verificationState?: VerificationState;
  readonly verificationStateDescription?: VerificationStateDescription;
  readonly violationEventAdditionalInfo?: ViolationEventAdditionalInfo;
  readonly violationEventTime?: Timestamp;
  readonly violationEventType?: ViolationEventType;
  readonly violationId?: ViolationId;
}

export interface ViolationEventAdditionalInfo {
  readonly confidenceLevel?: ConfidenceLevel;
}

export interface ViolationEventOccurrenceRange {
  readonly endTime: Timestamp;
  readonly startTime: Timestamp;
}

export type ViolationEventType = 'in-alarm' | 'alarm-cleared' | 'alarm-invalidated';

export type ViolationEvents = readonly ViolationEvent[];

export type ViolationId = string;

export interface VpcDestinationConfiguration {
  readonly roleArn: AwsArn;
  readonly securityGroups?: SecurityGroupList;
  readonly subnetIds: SubnetIdList;
  readonly vpcId: VpcId;
}

export interface VpcDestinationProperties {
  readonly roleArn?: AwsArn;
  readonly securityGroups?: SecurityGroupList;
  readonly subnetIds?: SubnetIdList;
  readonly vpcId?: VpcId;
}

export interface VpcDestinationSummary {
  readonly roleArn?: AwsArn;
  readonly securityGroups?: SecurityGroupList;
  readonly subnetIds?: SubnetIdList;
  readonly vpcId?: VpcId;
}

export type VpcId = string;

export type WaitingForDataCollectionChecksCount = number;

export type errorMessage = string;

export type resourceArn = string;

export type resourceId = string;

export type stringValue = string;

export type usePrefixAttributeValue = boolean;
