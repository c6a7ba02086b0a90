metadata description = 'Operations on one page: what waits, how late it is, each lane, handovers, quota and cost.'

param location string
param tags object
param displayName string
param applicationInsightsId string
param logAnalyticsId string
param serviceBusNamespaceId string

var template = loadTextContent('../workbooks/operations.workbook.json')
var content = reduce(
  [
    { name: '{{applicationInsightsId}}', value: applicationInsightsId }
    { name: '{{logAnalyticsId}}', value: logAnalyticsId }
    { name: '{{serviceBusNamespaceId}}', value: serviceBusNamespaceId }
  ],
  template,
  (text, placeholder) => replace(text, placeholder.name, placeholder.value)
)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'operations')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: applicationInsightsId
    serializedData: content
  }
}

output id string = workbook.id
