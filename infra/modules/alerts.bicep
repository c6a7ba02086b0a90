metadata description = 'What wakes an operator up: each alert has a section of its name in the runbook.'

param location string
param tags object
param serviceBusNamespaceId string
param keyVaultId string
param applicationInsightsId string
param actionGroupName string

@description('Who is told. Nobody: alerts show in the portal alone.')
param alertEmails string[]

@description('Where docs/runbook.md is read: each alert links to its section.')
param runbookUrl string

@description('Messages that are due in one queue and count as a backlog.')
param backlogThreshold int

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'dex-sync'
    enabled: true
    emailReceivers: [
      for (address, index) in alertEmails: {
        name: 'mail-${index}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

type logAlertType = {
  key: string
  title: string
  means: string
  severity: int
  every: string
  window: string
  query: string
  by: string[]
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
}

var logAlerts logAlertType[] = loadJsonContent('../alerts.json')

resource logAlertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: alert.key
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: '${alert.means} Runbook: ${runbookUrl}#${alert.key}'
      enabled: true
      severity: alert.severity
      scopes: [applicationInsightsId]
      evaluationFrequency: alert.every
      windowSize: alert.window
      autoMitigate: true
      // A new workspace has no tables yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          union(
            {
              query: alert.query
              operator: alert.operator
              threshold: alert.threshold
              failingPeriods: {
                numberOfEvaluationPeriods: 1
                minFailingPeriodsToAlert: 1
              }
            },
            empty(alert.by)
              ? {
                  timeAggregation: 'Count'
                }
              : {
                  timeAggregation: 'Maximum'
                  metricMeasureColumn: 'value'
                  dimensions: map(alert.by, name => {
                    name: name
                    operator: 'Include'
                    values: ['*']
                  })
                }
          )
        ]
      }
      actions: {
        actionGroups: [actionGroup.id]
        customProperties: {
          runbook: '${runbookUrl}#${alert.key}'
        }
      }
    }
  }
]

type queueAlertType = {
  key: string
  means: string
  metric: string
  aggregation: 'Average' | 'Maximum'
  threshold: int
  severity: int
}

var queueAlerts queueAlertType[] = [
  {
    key: 'dead-letters'
    means: 'A queue has dead letters that were not drained.'
    metric: 'DeadletteredMessages'
    aggregation: 'Maximum'
    threshold: 0
    severity: 1
  }
  {
    key: 'backlog'
    means: 'A queue holds more messages that are due than it should.'
    metric: 'ActiveMessages'
    aggregation: 'Average'
    threshold: backlogThreshold
    severity: 2
  }
]

resource queueAlertRules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in queueAlerts: {
    name: alert.key
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.means} Runbook: ${runbookUrl}#${alert.key}'
      enabled: true
      severity: alert.severity
      scopes: [serviceBusNamespaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      targetResourceType: 'Microsoft.ServiceBus/namespaces'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.key
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            metricName: alert.metric
            operator: 'GreaterThan'
            threshold: alert.threshold
            timeAggregation: alert.aggregation
            dimensions: [
              {
                name: 'EntityName'
                operator: 'Include'
                values: ['*']
              }
            ]
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroup.id
        }
      ]
    }
  }
]

resource vaultAlertRule 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'vault-availability'
  location: 'global'
  tags: tags
  properties: {
    description: 'Key Vault answers less than 99 % of requests: secrets may not resolve. Runbook: ${runbookUrl}#vault-availability'
    enabled: true
    severity: 2
    scopes: [keyVaultId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    targetResourceType: 'Microsoft.KeyVault/vaults'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          metricName: 'Availability'
          operator: 'LessThan'
          threshold: 99
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}
