targetScope = 'subscription'

metadata name = 'dex-sync'
metadata description = 'The work of Microsoft Defender Experts in ServiceNow, Jira and Microsoft Sentinel.'

@description('Name of the azd environment; part of the resource group\'s name, and every other name hangs on it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region. It must offer Flex Consumption: the preprovision hook asks.')
@minLength(1)
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Connector ids of dex-sync.config.json: a session queue each. The preprovision hook writes them.')
param lanes string[] = []

@description('Environment variables that dex-sync.config.json names as secrets: a Key Vault reference each. From the hook.')
param secretNames string[] = []

@description('Those of them that a doorbell is signed with: the only ones that a separate intake reads. From the hook.')
param doorbellSecretNames string[] = []

@description('Object id of whoever runs azd; may set secrets. Empty: nobody.')
param principalId string = ''

@description('Kind of that principal.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

@description('Lets that principal run the app on a machine against this bus and these tables.')
param developerAccess bool = false

@description('Sessions and duplicate detection need Standard. Premium has a reserved capacity and private endpoints.')
@allowed(['Standard', 'Premium'])
param serviceBusSku string = 'Standard'

@description('Private endpoints and VNet integration; makes Service Bus Premium.')
param networkIsolation bool = false

@description('Spreads plan and storage over availability zones. Flex Consumption then keeps two instances ready for each function that scales by itself, and bills them.')
param zoneRedundant bool = false

@description('A second app that only hears the doorbells, as an identity that reads no secret but theirs and reaches no target.')
param separateIntake bool = false

@description('With separateIntake: addresses (CIDR) from which the page and the operations of the first app are reached. Empty: from nowhere.')
param operatorAddresses string[] = []

@description('Instances kept warm: [{ name: "http" or "function:NAME", instanceCount: 1 }]. Billed as always ready.')
param alwaysReady { name: string, instanceCount: int }[] = []

@allowed(['22', '24'])
param nodeVersion string = '22'

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@minValue(30)
@maxValue(730)
param logRetentionInDays int = 30

@description('Daily cap of the logs in GB; -1 is none.')
param logDailyQuotaGb int = 5

@description('How long a deleted vault keeps its name: purge protection cannot be undone.')
@minValue(7)
@maxValue(90)
param softDeleteRetentionInDays int = 90

@description('Who is told of alerts; empty: they show in the portal alone.')
param alertEmails string[] = []

@description('Where docs/runbook.md is read; each alert links to its section there.')
param runbookUrl string = 'docs/runbook.md'

@description('Messages that are due in one queue, above which it counts as a backlog.')
@minValue(1)
param backlogThreshold int = 1000

@description('Application (client) id of an app registration with the app role "operator": people who have it sign in. Empty: operators use the master key.')
param operatorSignInClientId string = ''

@description('Put on every resource beside azd\'s own tag.')
param tags object = {}

var abbrs = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })
var names = {
  app: '${abbrs.webSitesFunctions}${token}'
  intake: '${abbrs.webSitesFunctions}in-${token}'
  storage: '${abbrs.storageStorageAccounts}${token}'
  intakeStorage: '${abbrs.storageStorageAccounts}in${token}'
  serviceBus: '${abbrs.serviceBusNamespaces}${token}'
  keyVault: '${abbrs.keyVaultVaults}${token}'
}
var packageContainer = 'app-package'
// shared/azure/azure-tables.ts; a test compares them.
var tableNames = ['incident', 'open', 'report', 'parked', 'control']

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: '${abbrs.resourcesResourceGroups}${environmentName}'
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: '${abbrs.managedIdentityUserAssignedIdentities}${token}'
    location: location
    tags: allTags
  }
}

module intakeIdentity 'modules/identity.bicep' = if (separateIntake) {
  scope: group
  params: {
    name: '${abbrs.managedIdentityUserAssignedIdentities}in-${token}'
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    logAnalyticsName: '${abbrs.operationalInsightsWorkspaces}${token}'
    applicationInsightsName: '${abbrs.insightsComponents}${token}'
    location: location
    tags: allTags
    retentionInDays: logRetentionInDays
    dailyQuotaGb: logDailyQuotaGb
    appPrincipalId: identity.outputs.principalId
    intakePrincipalId: separateIntake ? intakeIdentity!.outputs.principalId : null
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.storage
    location: location
    tags: allTags
    packageContainer: packageContainer
    tableNames: tableNames
    zoneRedundant: zoneRedundant
    networkIsolation: networkIsolation
    appPrincipalId: identity.outputs.principalId
    developerPrincipalId: developerAccess ? principalId : ''
    developerPrincipalType: principalType
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

// Of its own: whoever may write the account that holds a package or the host's keys decides what runs.
module intakeStorage 'modules/storage.bicep' = if (separateIntake) {
  scope: group
  params: {
    name: names.intakeStorage
    location: location
    tags: allTags
    packageContainer: packageContainer
    tableNames: []
    zoneRedundant: zoneRedundant
    networkIsolation: networkIsolation
    appPrincipalId: intakeIdentity!.outputs.principalId
    developerPrincipalId: ''
    developerPrincipalType: principalType
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module serviceBus 'modules/servicebus.bicep' = {
  scope: group
  params: {
    name: names.serviceBus
    location: location
    tags: allTags
    sku: networkIsolation ? 'Premium' : serviceBusSku
    networkIsolation: networkIsolation
    lanes: lanes
    appPrincipalId: identity.outputs.principalId
    developerPrincipalId: developerAccess ? principalId : ''
    developerPrincipalType: principalType
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module intakeRights 'modules/intake-rights.bicep' = if (separateIntake) {
  scope: group
  params: {
    serviceBusName: serviceBus.outputs.name
    storageName: storage.outputs.name
    intakePrincipalId: intakeIdentity!.outputs.principalId
  }
}

module keyVault 'modules/keyvault.bicep' = {
  scope: group
  params: {
    name: names.keyVault
    location: location
    tags: allTags
    softDeleteRetentionInDays: softDeleteRetentionInDays
    networkIsolation: networkIsolation
    appPrincipalId: identity.outputs.principalId
    operatorPrincipalId: principalId
    operatorPrincipalType: principalType
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module network 'modules/network.bicep' = if (networkIsolation) {
  scope: group
  params: {
    name: '${abbrs.networkVirtualNetworks}${token}'
    networkSecurityGroupName: '${abbrs.networkNetworkSecurityGroups}${token}'
    privateEndpointPrefix: '${abbrs.networkPrivateEndpoints}${token}-'
    location: location
    tags: allTags
    storageAccountId: storage.outputs.id
    intakeStorageAccountId: separateIntake ? intakeStorage!.outputs.id : null
    separateIntake: separateIntake
    serviceBusNamespaceId: serviceBus.outputs.id
    keyVaultId: keyVault.outputs.id
  }
}

module intakeApp 'modules/functionapp.bicep' = if (separateIntake) {
  scope: group
  // Its rights are there before it starts.
  dependsOn: [intakeRights]
  params: {
    planName: '${abbrs.webServerFarms}in-${token}'
    name: names.intake
    location: location
    tags: union(allTags, { 'dex-sync-role': 'intake' })
    identityId: intakeIdentity!.outputs.id
    identityClientId: intakeIdentity!.outputs.clientId
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    storageAccountName: intakeStorage!.outputs.name
    stateAccountName: storage.outputs.name
    serviceBusNamespace: serviceBus.outputs.fullyQualifiedNamespace
    packageContainer: packageContainer
    keyVaultName: keyVault.outputs.name
    secretNames: doorbellSecretNames
    subnetId: networkIsolation ? network!.outputs.intakeSubnetId : null
    role: 'intake'
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    zoneRedundant: zoneRedundant
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module app 'modules/functionapp.bicep' = {
  scope: group
  params: {
    planName: '${abbrs.webServerFarms}${token}'
    name: names.app
    location: location
    // Finds the app for azd: the service's key in azure.yaml.
    tags: union(allTags, { 'azd-service-name': 'sync', 'dex-sync-role': separateIntake ? 'worker' : 'all' })
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    storageAccountName: storage.outputs.name
    stateAccountName: storage.outputs.name
    serviceBusNamespace: serviceBus.outputs.fullyQualifiedNamespace
    packageContainer: packageContainer
    keyVaultName: keyVault.outputs.name
    secretNames: secretNames
    subnetId: networkIsolation ? network!.outputs.appSubnetId : null
    role: separateIntake ? 'worker' : 'all'
    signInClientId: operatorSignInClientId
    publicUrl: separateIntake ? intakeApp!.outputs.url : ''
    allowedAddresses: separateIntake ? operatorAddresses : null
    alwaysReady: alwaysReady
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    zoneRedundant: zoneRedundant
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    serviceBusNamespaceId: serviceBus.outputs.id
    keyVaultId: keyVault.outputs.id
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    actionGroupName: '${abbrs.insightsActionGroups}${token}'
    alertEmails: alertEmails
    runbookUrl: runbookUrl
    backlogThreshold: backlogThreshold
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    displayName: 'dex-sync'
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    logAnalyticsId: monitoring.outputs.logAnalyticsId
    serviceBusNamespaceId: serviceBus.outputs.id
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_SERVICE_BUS_NAME string = serviceBus.outputs.name
output AZURE_FUNCTION_NAME string = app.outputs.name
output INTAKE_FUNCTION_NAME string = separateIntake ? intakeApp!.outputs.name : ''
output INTAKE_PRINCIPAL_ID string = separateIntake ? intakeIdentity!.outputs.principalId : ''
output DEX_SYNC_PRINCIPAL_ID string = identity.outputs.principalId
output DOORBELL_URL string = '${separateIntake ? intakeApp!.outputs.url : app.outputs.url}/api/doorbell'
