import type { ErrorObject, ValidateFunction } from "ajv";
import type { Static, TSchema } from "typebox";

/** Says whether a value has a schema's shape; if not, every problem with its path. */
export type SchemaCheck<T> = (value: unknown) => { readonly value: T } | { readonly problems: readonly string[] };

/** A schema's own words for what its pattern wants. */
const PATTERN_MESSAGE = "patternErrorMessage";
/** The same for a choice between names, of which its branches would complain one by one. */
const ONE_OF_MESSAGE = "oneOfErrorMessage";

/** ajv is loaded on first use, so that a cold start that validates nothing does not pay for it. */
export async function loadSchemaCheck<S extends TSchema>(schema: S): Promise<SchemaCheck<Static<S>>> {
  const { Ajv } = await import("ajv");
  const validate: ValidateFunction = new Ajv({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    keywords: [PATTERN_MESSAGE, ONE_OF_MESSAGE],
  }).compile(schema);
  return function check(value) {
    if (validate(value)) return { value: value as Static<S> };
    return {
      problems: [
        ...new Set(relevantErrors(withChoicesJoined(withLiteralsJoined(validate.errors ?? []))).map(problemText)),
      ],
    };
  };
}

/**
 * In a union told apart by `kind`, only the branch that was meant is worth reporting: branches whose `kind` is another are left out.
 * Where no branch has that kind, what is left is the list of kinds.
 */
function relevantErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const otherKinds = errors.filter((error) => error.keyword === "const" && error.instancePath.endsWith("/kind"));
  const branches = [
    ...otherKinds.map((error) => error.schemaPath.replace(/\/properties\/kind\/const$/, "/")),
    ...errors.filter(lacksKind).map((error) => error.schemaPath.replace(/\/required$/, "/")),
  ];
  const isMeant = (error: ErrorObject): boolean => !branches.some((branch) => error.schemaPath.startsWith(branch));
  const inMeantBranch = errors.filter((error) => error.keyword !== "anyOf" && isMeant(error));
  const unions = errors.filter((error) => error.keyword === "anyOf" && isMeant(error));
  const kinds = unions.flatMap((union) => kindsExpected(union, errors));
  if (inMeantBranch.length === 0 && kinds.length === 0) return unions;
  return [...inMeantBranch, ...kinds];
}

function lacksKind({ keyword, params }: ErrorObject): boolean {
  return keyword === "required" && params["missingProperty"] === "kind";
}

/** A union of nothing but literals is one error that names them all, not one for each. */
function withLiteralsJoined(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const joined = errors.filter((error) => error.keyword === "anyOf" && literalsOf(error) !== undefined);
  return errors.flatMap((error) => {
    if (joined.includes(error)) return [{ ...error, keyword: "enum", params: { allowedValues: literalsOf(error) } }];
    const isBranch = joined.some(
      (union) => error.instancePath === union.instancePath && error.schemaPath.startsWith(`${union.schemaPath}/`),
    );
    return isBranch ? [] : [error];
  });
}

function withChoicesJoined(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter((error) => error.keyword === "oneOf" && ONE_OF_MESSAGE in (error.parentSchema ?? {}));
  return errors.filter(
    (error) =>
      !choices.some(
        (choice) => error.instancePath === choice.instancePath && error.schemaPath.startsWith(`${choice.schemaPath}/`),
      ),
  );
}

function literalsOf(error: ErrorObject): readonly unknown[] | undefined {
  const branches = error.schema as readonly { readonly const?: unknown }[];
  return branches.every((branch) => "const" in branch) ? branches.map((branch) => branch.const) : undefined;
}

/** One error for a `kind` that none of the union's branches has, or that is missing, naming those there are. */
function kindsExpected(union: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const branches = (union.schema ?? []) as readonly KindBranch[];
  const allowedValues = branches.map((branch) => branch.properties?.kind?.const);
  const refused = errors.filter(
    (error) =>
      error.schemaPath.startsWith(`${union.schemaPath}/`) &&
      (error.instancePath === `${union.instancePath}/kind` ||
        (error.instancePath === union.instancePath && lacksKind(error))),
  );
  const [first] = refused;
  if (first === undefined || refused.length < branches.length || allowedValues.includes(undefined)) return [];
  return [{ ...first, instancePath: `${union.instancePath}/kind`, keyword: "enum", params: { allowedValues } }];
}

interface KindBranch {
  readonly properties?: { readonly kind?: { readonly const?: unknown } };
}

function problemText(error: ErrorObject): string {
  const path = error.instancePath === "" ? "(top)" : error.instancePath.slice(1).replaceAll("/", ".");
  if (error.keyword === "additionalProperties") {
    return `${path}: unknown name ${JSON.stringify(error.params["additionalProperty"])}; ${renameText(error)}`;
  }
  if (error.keyword === "required") {
    return `${path}: ${JSON.stringify(error.params["missingProperty"])} is missing; add it`;
  }
  if (error.keyword === "enum") {
    return `${path}: must be one of ${(error.params["allowedValues"] as readonly unknown[]).map((v) => JSON.stringify(v)).join(", ")}`;
  }
  if (error.keyword === "minItems") return `${path}: must name at least ${String(error.params["limit"])}`;
  if (error.keyword === "const") return `${path}: must be ${JSON.stringify(error.params["allowedValue"])}`;
  const words: unknown = error.parentSchema?.[WORDS_OF[error.keyword] ?? ""];
  return `${path}: ${typeof words === "string" ? words : (error.message ?? error.keyword)}`;
}

const WORDS_OF: Readonly<Record<string, string>> = { pattern: PATTERN_MESSAGE, oneOf: ONE_OF_MESSAGE };

function renameText(error: ErrorObject): string {
  const names = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
  return names.length === 0 ? "rename it, or remove it" : `remove it, or use one of ${names.join(", ")}`;
}
