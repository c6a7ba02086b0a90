metadata description = 'A Flex Consumption plan and its function app, which runs as a user-assigned identity.'

param planName string
param name string
param location string
param tags object

param identityId string
param identityClientId string
param applicationInsightsName string

@description('The app\'s own account: the host\'s leases and keys, and the package.')
param storageAccountName string

@description('The account whose tables hold the state.')
param stateAccountName string

param serviceBusNamespace string
param packageContainer string

@description('The vault behind the secrets.')
param keyVaultName string

@description('Environment variables that are Key Vault references: DOORBELL_SECRET is the secret doorbell-secret.')
param secretNames string[]

@description('Subnet delegated to Microsoft.App/environments, or null.')
param subnetId string?

@description('Which functions the package registers: all, only the doorbells (intake), or all but those (worker).')
@allowed(['all', 'intake', 'worker'])
param role string

@description('App registration by which operators sign in. Empty: nobody does.')
param signInClientId string = ''

@description('Where Graph is to ring, where that is another app; empty: the app\'s own host name.')
param publicUrl string = ''

@description('Addresses (CIDR) that reach the app; null: all, for the internet rings here.')
param allowedAddresses string[]?

param alwaysReady { name: string, instanceCount: int }[] = []

@allowed(['22', '24'])
param nodeVersion string

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

param zoneRedundant bool

param logAnalyticsId string

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource state 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: stateAccountName
}

var vaultUri = 'https://${keyVaultName}${environment().suffixes.keyvaultDns}/'
// Without a version: a new one is picked up within a day, or at the next restart.
var secretSettings = toObject(
  secretNames,
  name => name,
  name => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(name, '_', '-'))})'
)
// Allowed are deployments (the scm site), and callers of the list.
var accessRules = [
  for (address, index) in (allowedAddresses ?? []): {
    name: 'operators-${index}'
    action: 'Allow'
    priority: 100 + index
    ipAddress: address
  }
]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    // Not in siteConfig: there it is ignored, and the app would read the text of the reference.
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
      ipSecurityRestrictions: accessRules
      ipSecurityRestrictionsDefaultAction: allowedAddresses == null ? 'Allow' : 'Deny'
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
        AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        AzureWebJobsDisableHomepage: 'true'
        APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        ServiceBusConnection__fullyQualifiedNamespace: serviceBusNamespace
        ServiceBusConnection__credential: 'managedidentity'
        ServiceBusConnection__clientId: identityClientId
        TABLES_ENDPOINT: state.properties.primaryEndpoints.table
        AZURE_CLIENT_ID: identityClientId
        // Where Flex Consumption puts the package.
        DEX_SYNC_CONFIG: '/home/site/wwwroot/dex-sync.config.json'
        DEX_SYNC_ROLE: role
        DEX_SYNC_SUBSCRIBE: 'on'
        DEX_SYNC_PUBLIC_URL: publicUrl
        DEX_SYNC_OPERATOR_ROLE: empty(signInClientId) ? '' : 'operator'
      },
      secretSettings
    )
  }

  // Anonymous calls go through, for doorbells have signatures of their own: the functions look at who is signed in.
  resource signIn 'config' = if (!empty(signInClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: true
      }
      globalValidation: {
        requireAuthentication: false
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: signInClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
        }
      }
      login: {
        tokenStore: {
          enabled: false
        }
      }
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: logAnalyticsId
    logs: [
      {
        category: 'FunctionAppLogs'
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

output id string = app.id
output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
