import { Type } from "typebox";

export const strict = { additionalProperties: false } as const;
export const SecretName = Type.String({
  pattern: "^[A-Z][A-Z0-9_]*$",
  patternErrorMessage: "must name an environment variable (capital letters, digits, _), not be the secret itself",
  description: "Name of the environment variable that holds the secret; on Azure a Key Vault reference",
});
export const Duration = Type.String({
  pattern: "^P(?=.)(?:\\d+D)?(?:T(?=\\d)(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?$",
  patternErrorMessage: "must be an ISO 8601 duration of days, hours, minutes and seconds, like PT15S or P1DT2H",
  description: "ISO 8601, like PT15S",
});
export const HttpUrl = Type.String({
  pattern: "^https?://[^\\s/?#]+(?:/[^\\s?#]*)?$",
  patternErrorMessage: "must be an address like https://host.example.com, without a query",
});

export const CredentialSchema = Type.Union([
  Type.Object({ kind: Type.Literal("managedIdentity"), clientId: Type.Optional(Type.String()) }, strict),
  Type.Object({ kind: Type.Literal("clientSecret"), clientId: Type.String(), secret: SecretName }, strict),
  Type.Object({ kind: Type.Literal("certificate"), clientId: Type.String(), secret: SecretName }, strict),
  Type.Object({ kind: Type.Literal("token"), secret: SecretName }, strict),
]);
