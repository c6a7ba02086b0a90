metadata description = 'All that the intake may do outside of its own account: ring (one queue) and know a subscription again (one table).'

param serviceBusName string
param storageName string
param intakePrincipalId string

var serviceBusDataSenderRoleId = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var storageTableDataContributorRoleId = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: serviceBusName

  resource polls 'queues' existing = {
    name: 'poll-requests'
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName

  resource tables 'tableServices' existing = {
    name: 'default'

    resource control 'tables' existing = {
      name: 'control'
    }
  }
}

resource rings 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(namespace::polls.id, intakePrincipalId, serviceBusDataSenderRoleId)
  scope: namespace::polls
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSenderRoleId)
    principalId: intakePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// Writes too: Graph's lifecycle notifications are noted on the subscription's row.
resource knows 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::tables::control.id, intakePrincipalId, storageTableDataContributorRoleId)
  scope: account::tables::control
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      storageTableDataContributorRoleId
    )
    principalId: intakePrincipalId
    principalType: 'ServicePrincipal'
  }
}
