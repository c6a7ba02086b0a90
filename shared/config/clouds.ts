/** Hosts of each cloud. Source: Microsoft Graph "national cloud deployments". China has no security incidents. */
export interface Cloud {
  readonly graphUrl: string;
  readonly loginUrl: string;
  readonly portalUrl: string;
  readonly armUrl: string;
}

export const CLOUDS = {
  global: {
    graphUrl: "https://graph.microsoft.com",
    loginUrl: "https://login.microsoftonline.com",
    portalUrl: "https://security.microsoft.com",
    armUrl: "https://management.azure.com",
  },
  usGovHigh: {
    graphUrl: "https://graph.microsoft.us",
    loginUrl: "https://login.microsoftonline.us",
    portalUrl: "https://security.microsoft.us",
    armUrl: "https://management.usgovcloudapi.net",
  },
  usGovDoD: {
    graphUrl: "https://dod-graph.microsoft.us",
    loginUrl: "https://login.microsoftonline.us",
    portalUrl: "https://security.apps.mil",
    armUrl: "https://management.usgovcloudapi.net",
  },
} as const satisfies Record<string, Cloud>;
