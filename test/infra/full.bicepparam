using '../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param lanes = ['itsm', 'jira', 'sentinel', 'sentinel-dev']
param secretNames = ['DOORBELL_SECRET', 'JIRA_TOKEN', 'SERVICENOW_PASSWORD']
param doorbellSecretNames = ['DOORBELL_SECRET']
param principalId = '11111111-1111-1111-1111-111111111111'
param developerAccess = true
param networkIsolation = true
param zoneRedundant = true
param separateIntake = true
param operatorAddresses = ['198.51.100.0/24']
param alwaysReady = [
  {
    name: 'function:detect-changes'
    instanceCount: 1
  }
]
param alertEmails = ['soc@contoso.example']
param operatorSignInClientId = '44444444-4444-4444-4444-444444444444'
param tags = { 'cost-center': 'soc' }
