metadata description = 'Virtual network: a delegated subnet per app, private endpoints for bus, state and vault.'

param name string
param networkSecurityGroupName string
param location string
param tags object

@description('Prefix of the private endpoint names.')
param privateEndpointPrefix string

param storageAccountId string

@description('The intake\'s own account, where it is an app of its own.')
param intakeStorageAccountId string?

param separateIntake bool
param serviceBusNamespaceId string
param keyVaultId string

var appSubnetName = 'app'
var intakeSubnetName = 'intake'
var endpointSubnetName = 'endpoints'

var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  servicebus: environment().name == 'AzureUSGovernment'
    ? 'privatelink.servicebus.usgovcloudapi.net'
    : 'privatelink.servicebus.windows.net'
  vault: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
}
var zoneKeys = ['blob', 'table', 'servicebus', 'vault']

var ownEndpoints = [
  { key: 'blob', groupId: 'blob', zone: 0 }
  { key: 'table', groupId: 'table', zone: 1 }
  { key: 'servicebus', groupId: 'namespace', zone: 2 }
  { key: 'vault', groupId: 'vault', zone: 3 }
]
var intakeEndpoints = [
  { key: 'intake-blob', groupId: 'blob', zone: 0 }
  { key: 'intake-table', groupId: 'table', zone: 1 }
]
var endpoints = separateIntake ? concat(ownEndpoints, intakeEndpoints) : ownEndpoints
var resourceIds = {
  blob: storageAccountId
  table: storageAccountId
  servicebus: serviceBusNamespaceId
  vault: keyVaultId
  'intake-blob': intakeStorageAccountId ?? ''
  'intake-table': intakeStorageAccountId ?? ''
}

// Flex Consumption wants a subnet delegated to it; each app has its own.
var appSubnets = [
  for (subnet, index) in (separateIntake ? [appSubnetName, intakeSubnetName] : [appSubnetName]): {
    name: subnet
    properties: {
      addressPrefix: '10.40.${index * 2}.0/24'
      networkSecurityGroup: {
        id: securityGroup.id
      }
      delegations: [
        {
          name: 'flex-consumption'
          properties: {
            serviceName: 'Microsoft.App/environments'
          }
        }
      ]
    }
  }
]

resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: networkSecurityGroupName
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'deny-inbound-from-internet'
        properties: {
          access: 'Deny'
          direction: 'Inbound'
          priority: 4000
          protocol: '*'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['10.40.0.0/22']
    }
    subnets: concat(appSubnets, [
      {
        name: endpointSubnetName
        properties: {
          addressPrefix: '10.40.1.0/24'
          privateEndpointNetworkPolicies: 'Enabled'
          networkSecurityGroup: {
            id: securityGroup.id
          }
        }
      }
    ])
  }

  resource appSubnet 'subnets' existing = {
    name: appSubnetName
  }

  resource intakeSubnet 'subnets' existing = {
    name: intakeSubnetName
  }

  resource endpointSubnet 'subnets' existing = {
    name: endpointSubnetName
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for key in zoneKeys: {
    name: zoneNames[key]
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (key, index) in zoneKeys: {
    parent: zones[index]
    name: 'link-${network.name}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for endpoint in endpoints: {
    name: '${privateEndpointPrefix}${endpoint.key}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: network::endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: endpoint.key
          properties: {
            privateLinkServiceId: resourceIds[endpoint.key]
            groupIds: [endpoint.groupId]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: endpoint.key
          properties: {
            privateDnsZoneId: zones[endpoint.zone].id
          }
        }
      ]
    }
  }
]

output appSubnetId string = network::appSubnet.id
output intakeSubnetId string = separateIntake ? network::intakeSubnet.id : ''
