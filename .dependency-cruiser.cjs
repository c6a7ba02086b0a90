/** Direction of dependencies (DESIGN: "direction"). Every rule is an error. */
const forbid = (name, from, to) => ({ name, severity: "error", from, to });

module.exports = {
  forbidden: [
    forbid("no-circles", {}, { circular: true }),
    forbid(
      "incident-imports-nothing",
      { path: "^shared/incident/" },
      { pathNot: "^shared/(incident/|assert-never\\.ts$)" },
    ),
    forbid(
      "pipeline-knows-core-ports-connector",
      { path: "^shared/pipeline/" },
      {
        path: "^(shared|functions|local|cli|node_modules)/",
        pathNot:
          "^shared/(pipeline/|incident/|connectors/(event-)?connector\\.ts$|errors\\.ts$|assert-never\\.ts$|schema-check\\.ts$)|node_modules/typebox/",
      },
    ),
    forbid(
      "a-connector-knows-no-other",
      { path: "^shared/connectors/([^/]+)/" },
      {
        path: "^(shared|functions|local|cli)/",
        pathNot:
          "^shared/(connectors/$1/|connectors/(event-)?connector\\.ts$|connectors/(neutralise|notification|description-words|task-values)[^/]*\\.ts$|incident/|http/|errors\\.ts$|assert-never\\.ts$|schema-check\\.ts$|pipeline/ports/clock\\.ts$)",
      },
    ),
    forbid(
      "azure-sdks-only-in-azure",
      { path: "^(shared|cli)/", pathNot: "^shared/(azure/|compose-azure\\.ts$)" },
      { path: "node_modules/@azure/(service-bus|data-tables|identity|core)" },
    ),
    forbid(
      "functions-library-only-in-functions",
      { pathNot: "^(functions/|local/host/)" },
      { path: "node_modules/@azure/functions/" },
    ),
    forbid("product-knows-no-local", { path: "^(shared|functions)/" }, { path: "^(local|cli|test|bench|scripts)/" }),
    forbid(
      "functions-call-composition-only",
      { path: "^functions/" },
      { path: "^shared/(graph|azure|connectors/[^/]+/)" },
    ),
    forbid("simulators-never-use-the-product", { path: "^local/simulators/" }, { path: "^(shared|functions|cli)/" }),
    forbid(
      "schemas-only-where-schemas-are",
      { path: "^shared/", pathNot: "(/schema\\.ts|/schema/[^/]+\\.ts|schema-check\\.ts)$" },
      { path: "node_modules/typebox/" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".d.ts"],
    },
  },
};
