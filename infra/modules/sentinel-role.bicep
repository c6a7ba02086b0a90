metadata description = 'What the app may do in an existing Microsoft Sentinel workspace: read, or also tag, comment and add tasks.'

@export()
@description('A workspace of the configuration. `writes` is false in mode observe.')
type sentinelWorkspace = {
  subscriptionId: string
  resourceGroup: string
  workspace: string
  writes: bool
}

param workspaceName string
param writes bool
param appPrincipalId string

var sentinelReaderRoleId = '8d289c81-5878-46d4-8554-54e1e3d8b5cb'
var sentinelResponderRoleId = '3e150937-b8fe-4cfb-8069-0eaf05ecd056'
var roleId = writes ? sentinelResponderRoleId : sentinelReaderRoleId

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, appPrincipalId, roleId)
  scope: workspace
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}
