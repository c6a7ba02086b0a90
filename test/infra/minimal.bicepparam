using '../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param lanes = ['itsm']
param secretNames = ['SERVICENOW_PASSWORD']
