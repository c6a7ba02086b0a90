import { type Static, Type } from "typebox";
import { HttpUrl, SecretName, strict } from "./common.ts";
import { ConnectorIdText, RouteSchema, TenantList, byClassification } from "./connector.ts";

/** PEM is long, but no secret: it is kept where secrets are all the same. */
const PemName = (description: string) => Type.Optional(Type.String({ ...SecretName, description }));

export const QRadarSchema = Type.Object(
  {
    id: ConnectorIdText,
    kind: Type.Literal("qradar"),
    url: HttpUrl,
    ca: PemName(
      "Name of the environment variable with the certificate (PEM) of the private authority that signed the console's and the receiver's; trusted for these two alone, and instead of the public ones",
    ),
    auth: Type.Object({ kind: Type.Literal("token"), secret: SecretName }, strict),
    syslog: Type.Object(
      {
        host: Type.String({
          pattern: "^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$",
          patternErrorMessage: "must be a host name or an address, without a scheme or a port",
        }),
        port: Type.Integer({ minimum: 1, maximum: 65_535 }),
        tls: Type.Optional(
          Type.Boolean({ description: "On by default; off only for hosts inside network.allowPrivate" }),
        ),
        certificate: PemName(
          "Name of the environment variable with our client certificate and its private key (PEM), where the receiver demands one",
        ),
        framing: Type.Optional(
          Type.Union([Type.Literal("newline"), Type.Literal("octetCounting")], {
            description: "How events are told apart: by a line end (default), or by their lengths (RFC 6587)",
          }),
        ),
        source: Type.Optional(
          Type.String({
            pattern: "^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$",
            patternErrorMessage: "must be a host name: letters, digits, . and -",
            description: "Log source identifier: the host in the header of each event; dex-sync by default",
          }),
        ),
      },
      strict,
    ),
    logSource: Type.Optional(
      Type.String({
        pattern: '^[^"\\\\]{1,200}$',
        patternErrorMessage: 'must be a name without " and \\',
        description: "Name of the log source in QRadar; Defender Experts (dex-sync) by default",
      }),
    ),
    referenceTable: Type.Optional(
      Type.String({
        pattern: "^(?:[A-Za-z0-9_-]{1,64})?$",
        patternErrorMessage: 'must be letters, digits, _ and -, or "" for none',
        description: 'Reference table with the present state of each incident; mdx_incidents by default, "" for none',
      }),
    ),
    mapping: Type.Optional(
      Type.Object(
        {
          close: Type.Optional(
            Type.Boolean({
              description:
                "Closes the offense of a resolved or merged incident; off by default, for none can be opened again",
            }),
          ),
          closingReasons: Type.Optional(
            byClassification("By classification: the text of one of QRadar's closing reasons"),
          ),
        },
        strict,
      ),
    ),
    tenants: TenantList,
    route: RouteSchema,
  },
  strict,
);

export type QRadarConfig = Static<typeof QRadarSchema>;
