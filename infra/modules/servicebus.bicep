metadata description = 'Service Bus: a plain queue for polls, a session queue per connector. Entra only: no SAS.'

param name string
param location string
param tags object

@description('Sessions and duplicate detection need Standard; private endpoints need Premium.')
@allowed(['Standard', 'Premium'])
param sku string

@description('True: reachable by private endpoint only (Premium).')
param networkIsolation bool

@description('Connector ids: each has its own queue, so that one target\'s outage delays nobody else and metrics name it.')
param lanes string[]

param appPrincipalId string
param developerPrincipalId string

@allowed(['User', 'ServicePrincipal', 'Group'])
param developerPrincipalType string

param logAnalyticsId string

var serviceBusDataReceiverRoleId = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var serviceBusDataSenderRoleId = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
// local/queues.ts has the same for one machine; a test compares them.
var queueProperties = {
  requiresDuplicateDetection: true
  duplicateDetectionHistoryTimeWindow: 'PT10M'
  defaultMessageTimeToLive: 'P14D'
  lockDuration: 'PT1M'
  maxDeliveryCount: 10
  maxSizeInMegabytes: 1024
  enableBatchedOperations: true
}
var dataRoles = [serviceBusDataReceiverRoleId, serviceBusDataSenderRoleId]

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: sku
    tier: sku
    capacity: sku == 'Premium' ? 1 : null
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: networkIsolation ? 'Disabled' : 'Enabled'
  }

  // Sessions and duplicate detection cannot be changed later: that takes a queue of another name.
  resource polls 'queues' = {
    name: 'poll-requests'
    properties: union(queueProperties, { requiresSession: false, deadLetteringOnMessageExpiration: false })
  }

  resource deltas 'queues' = [
    for lane in lanes: {
      name: 'incident-deltas-${lane}'
      properties: union(queueProperties, { requiresSession: true, deadLetteringOnMessageExpiration: true })
    }
  ]
}

resource appRoleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for roleId in dataRoles: {
    name: guid(namespace.id, appPrincipalId, roleId)
    scope: namespace
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource developerRoleAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for roleId in dataRoles: if (!empty(developerPrincipalId)) {
    name: guid(namespace.id, developerPrincipalId, roleId)
    scope: namespace
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
      principalId: developerPrincipalId
      principalType: developerPrincipalType
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: namespace
  properties: {
    workspaceId: logAnalyticsId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = namespace.id
output name string = namespace.name
output fullyQualifiedNamespace string = replace(
  replace(namespace.properties.serviceBusEndpoint, 'https://', ''),
  ':443/',
  ''
)
